"""The syllables that Vietnamese can write: initials, rimes and tones, as the language's spelling joins them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

# Initials before back vowels, before front vowels, and before either: "ca" but "kê", "ga" but "ghê".
_BEFORE_BACK = ("c", "g", "ng")
_BEFORE_FRONT = ("k", "gh", "ngh")
_BEFORE_ANY = (
    "", "b", "ch", "d", "đ", "h", "kh", "l", "m", "n", "nh", "p", "ph", "r", "s", "t", "th", "tr", "v", "x",
)  # fmt: skip
_RIMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu "
    "i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu "
    "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc "
    "oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt "
    "u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy uya uych uyên uyêt uynh "
    "uyt uyu uyn uyp ư ưa ưc ưi ưm ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu"
)
# "y" for "i": alone and after a few initials ("ý", "kỹ", "lý"), "yê" only where nothing stands before it.
_Y_ALONE = ("", "h", "k", "l", "m", "s", "t", "v")
_YE = "yêm yên yêng yêt yêu"
# After "qu" the u is part of the initial: "quyết", "quốc", "quý"; after "gi" its i: "giếng", "giữ", "gì".
_AFTER_QU = (
    "a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt âc ân âng ât âu ây e en eo et ê êch ên ênh êt i ich in it "
    "inh ôc ơ y ych yên yêt ynh yt yn yp"
)
_AFTER_GI = (
    "a ac ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây eo êc êm êng êt êp o oi on ong "
    "oc ô ôi ông ôc ôn ơ ơi u ua ui um un ung ut ư ưa ưng ương ươc ưt uôc uôi uông up"
)
# Names of places in other languages of the country, which everyone writes.
_NAMES = ("kạn", "đắk", "lắk", "đăk", "lăk", "pắc", "pác")

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_STOP_TONES = ("\u0301", "\u0323")
_STOPS = ("c", "ch", "p", "t")
_VOWELS = "aăâeêioôơuưy"
_MARKED = "ăâêôơư"


def is_syllable(word: str) -> bool:
    """Whether an NFC word, in whatever case, is one well-formed Vietnamese syllable."""
    return word.lower() in syllables()


@cache
def syllables() -> frozenset[str]:
    """Every well-formed syllable in lower case and NFC, with both ways to place the tone (`hoà`, `hòa`)."""
    return frozenset((*_generated(), *_NAMES))


def _generated() -> Iterator[str]:
    for initial, rime in _pairs():
        vowels = len(rime) - len(rime.lstrip(_VOWELS))
        stopped = rime[vowels:] in _STOPS
        for tone in _STOP_TONES if stopped else _TONES:
            for place in _tone_places(rime, vowels):
                yield unicodedata.normalize("NFC", initial + rime[: place + 1] + tone + rime[place + 1 :])


def _pairs() -> Iterator[tuple[str, str]]:
    """Each initial with each rime that may follow it."""
    for rime in _RIMES.split():
        for initial in (*_BEFORE_ANY, *(_BEFORE_FRONT if rime[0] in "eêi" else _BEFORE_BACK)):
            yield initial, rime
    for initial in _Y_ALONE:
        yield initial, "y"
    for rime in _YE.split():
        yield "", rime
    for rime in _AFTER_QU.split():
        yield "qu", rime
    for rime in _AFTER_GI.split():
        yield "gi", rime
    for rime in ("i", "in"):
        yield "g", rime


def _tone_places(rime: str, vowels: int) -> tuple[int, ...]:
    """Where in the rime the tone may stand: "hòa" and "hoà", but only "toàn" and "quyết"."""
    marked = [place for place in range(vowels) if rime[place] in _MARKED]
    if marked:
        return (marked[-1],)
    if vowels == 3:
        return (1,)
    if vowels == 2 and len(rime) > 2:
        return (1,)
    if vowels == 2 and rime in {"oa", "oe", "uy"}:
        return (0, 1)
    return (0,)
