"""Text in the encodings before Unicode, TCVN3 (ABC) and VNI: recognised by its words, converted to Unicode.

Such text arrives as the Latin-1 letters that its bytes stand for ("Së Néi vô", "Sôû Noäi vuï"), since only a font made
it readable. A passage is converted where its words are no Vietnamese as they stand and are Vietnamese once converted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scrapers.syllables import is_syllable

Encoding = Literal["tcvn3", "vni"]

# TCVN3 has one code a letter, in the order of the standard; of capitals it has only those without a tone.
_TCVN3_CODES = (
    "\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae"
    "\xb5\xb6\xb7\xb8\xb9\xbb\xbc\xbd\xbe\xc6\xc7\xc8\xc9\xca\xcb"
    "\xcc\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xdc\xdd\xde"
    "\xdf\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee"
    "\xef\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe"
)
_TCVN3_LETTERS = (
    "ĂÂÊÔƠƯĐăâêôơưđ"
    "àảãáạằẳẵắặầẩẫấậ"
    "èẻẽéẹềểễếệìỉĩíị"
    "òỏõóọồổỗốộờởỡớợ"
    "ùủũúụừửữứựỳỷỹýỵ"
)  # fmt: skip
TCVN3: dict[str, str] = dict(zip(_TCVN3_CODES, _TCVN3_LETTERS, strict=True))
_TCVN3_TABLE = str.maketrans(TCVN3)
# What is left of the code for "ư", a soft hyphen, where a text went through PDF: "n−íc" for "nước".
_MINUS = "\u2212"

# VNI writes a vowel and then a sign for its tone and shape; some letters are one code.
_VNI_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_CIRCUMFLEX = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_VNI_BREVE = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_VNI_SINGLE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni() -> Iterator[tuple[str, str]]:
    """Each lower-case sequence of codes with its letter: "aù" and á, "öï" and ự."""
    yield from _VNI_SINGLE.items()
    for base, shapes in {
        "a": (("", _VNI_TONES), ("\u0302", _VNI_CIRCUMFLEX), ("\u0306", _VNI_BREVE)),
        "e": (("", _VNI_TONES), ("\u0302", _VNI_CIRCUMFLEX)),
        "o": (("", _VNI_TONES), ("\u0302", _VNI_CIRCUMFLEX)),
        "u": (("", _VNI_TONES),),
        "y": (("", {sign: tone for sign, tone in _VNI_TONES.items() if sign != "ï"}),),
        "ô": (("", _VNI_TONES),),
        "ö": (("", _VNI_TONES),),
    }.items():
        for shape, signs in shapes:
            for sign, tone in signs.items():
                yield base + sign, unicodedata.normalize("NFC", _VNI_SINGLE.get(base, base) + shape + tone)


VNI: dict[str, str] = {
    key: value
    for codes, letter in _vni()
    # The letter's case is that of the vowel; the sign's may differ in hurried typing ("Aù" for Á).
    for key, value in (
        (codes, letter),
        (codes.upper(), letter.upper()),
        *([(codes[0].upper() + codes[1:], letter.upper())] if len(codes) > 1 else []),
        *([(codes[0] + codes[1:].upper(), letter)] if len(codes) > 1 else []),
    )
}
# The longer sequence first: "öï" before "ö".
_VNI_SEQUENCE = re.compile("|".join(sorted(VNI, key=len, reverse=True)))
# "coâng", "aù", "töï": a vowel with a sign that no clean syllable and hardly a foreign word has after it
_VNI_PAIR = re.compile("[aeyAEY][ùøûõïâáàãäêéèúüëÙØÛÕÏÂÁÀÃÄÊÉÈÚÜË]|[oOuU][øûõïâåãäØÛÕÏÂÅÃÄ]|[ôöÔÖ][ùøûõïÙØÛÕÏ]")
# Signs inside a word, which no language's spelling has: "B¾c", "n¨m", "Hµ"
_TCVN3_SIGN = re.compile("[¡-®µ¶¸¹¼-¾](?=[A-Za-z])|(?<=[A-Za-z])[¡-®µ¶¸¹¼-¾]")

# Two scans for single letters, which is fast, tell nearly all clean text from legacy text: codes that clean Vietnamese
# has not, and signs of VNI that it has not after these vowels ("coâng", "baùo").
_SUSPECT = re.compile("[¡-®µ¶¸¹»-¾ÄÅÆÇËÎÏÑÖØÛÜÞßäåæçëîïñöøûüþ]")
VNI_SIGNS = "âùõÂÙÕ"
AFTER_VNI_VOWEL = "(?<=[aeoAEO].)"
_VNI_SIGN = re.compile(f"[{VNI_SIGNS}]{AFTER_VNI_VOWEL}")
# A word in any of the three ways to write: letters, and the signs that are letters in TCVN3.
_WORD = re.compile("[A-Za-z¡-®µ-¹»-¾À-ɏ\u1ea0-\u1ef9\u2212]+")
# ". " before a sentence: TCVN3 has no capital for its first letter where that has a tone ("ñy ban").
_SENTENCE_END = re.compile('[.!?…][”")]?\\s+[“"(]?$')
# Letters that only Unicode text has: where there is one, the word is not legacy.
_MODERN = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")
# Signs that stand alone with a meaning of their own: bullets, "2 × 3", "½", a footnote's number, "© 2005". Others are
# letters there too: "« nhiÔm" is "ô nhiễm".
_ALONE = frozenset("·×¹¼½¾»©£\u00ad\u2212")
_QUOTES = "«»©®\u00ad"

# Words that speak for an encoding, all different, from which on the rest of the passage need not be perfect.
_MANY = 3
# Without any sign that is a letter in no other language, so many are needed.
_WITHOUT_SIGNS = 8
# Codes and names break the spelling here and there: one odd word in four, two words in five.
_HITS_PER_MISS = 3
_SOUND_SHARE = 0.6
# So many different words no other language has; what else is there is a script in the page, or a list of names.
_BEYOND_DOUBT = 20
# Legacy words for each Unicode word above which a whole text counts as legacy: titles are often set by the system.
_LEGACY_PER_MODERN = 5
# Abbreviations: "UBND", "CCHC", "HĐND"
_ABBREVIATION = re.compile("[A-ZĐ]{2,7}")


def is_tcvn3(text: str) -> bool:
    """Whether the text is, on its own evidence, Vietnamese in TCVN3 (ABC)."""
    return expected_in(text) == "tcvn3"


def is_vni(text: str) -> bool:
    """Whether the text is, on its own evidence, Vietnamese in VNI."""
    return expected_in(text) == "vni"


def expected_in(text: str) -> Encoding | None:
    """The encoding of a whole page or table of which passages are to be read; None for modern and mixed ones."""
    if text.isascii() or not _is_suspect(text):
        return None
    if len(_SUSPECT.findall(text)) < len(_MODERN.findall(text)):  # a quotation mark or two in a clean page
        return None
    words = _WORD.findall(text)
    old = [word for word in words if not _MODERN.search(word)]
    reading = _best(old)
    if reading is None or len(reading.hits) < _LEGACY_PER_MODERN * (len(words) - len(old)):
        return None
    return reading.encoding


def modern(text: str, *, sure: Encoding | None = None, likely: Encoding | None = None) -> str:
    """The text with its passages in TCVN3 and VNI in Unicode; every other text comes back as it is.

    `sure` is what the text around it is written in (`expected_in`): then what may be so is read so. `likely` is what
    something near speaks for (its font, which modern text often keeps; the page whose title it is): then one word
    that is Vietnamese only so is enough. Takes NFC text; soft hyphens, a letter in TCVN3, must still be in it.
    """
    if text.isascii() or not (sure or likely or _is_suspect(text)):
        return text
    converted = _converted(text, sure, likely)
    # A conversion that would be converted again was none.
    return converted if converted == text or _converted(converted, None, None) == converted else text


def _is_suspect(text: str) -> bool:
    return bool(_SUSPECT.search(text) or _VNI_SIGN.search(text))


# "Sè: 318/Q§-UBND" under the capitals of a document's head is "Số", though capitals are around.
_NUMBER_LABEL = re.compile(r"Sè(?= ?: ?\d)")


def _converted(text: str, sure: Encoding | None, likely: Encoding | None) -> str:
    parts: list[str] = []
    done = 0
    whole = sure if not _MODERN.search(text) else None
    for passage in _passages(text):
        if not (whole or likely or _is_suspect(text[passage[0][0] : passage[-1][1]])):
            continue
        words = [text[start:end] for start, end in passage]
        encoding = _encoding(words, whole, likely)
        if encoding is None:
            continue
        for (start, end), new in zip(passage, _rewritten(words, encoding), strict=True):
            labels = encoding == "tcvn3" and _NUMBER_LABEL.match(text, start)
            word = new.capitalize() if labels else new
            opens = (
                encoding == "tcvn3" and word[:1].islower() and _SENTENCE_END.search(text, max(done, start - 8), start)
            )
            parts += [text[done:start], word[0].upper() + word[1:] if opens else word]
            done = end
    return "".join((*parts, text[done:])) if parts else text


def _passages(text: str) -> Iterator[list[tuple[int, int]]]:
    """The places of the words between those that are in Unicode beyond doubt."""
    passage: list[tuple[int, int]] = []
    for found in _WORD.finditer(text):
        if not _MODERN.search(found[0]):
            passage.append(found.span())
        elif passage:
            yield passage
            passage = []
    if passage:
        yield passage


# ------------------------------------------------------------------------------------------------------- recognition


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a passage is in an encoding: `hits` are words that are Vietnamese in it only, `misses` words with codes
    that are not; `sound` of `total` words are Vietnamese; `signs` whether a hit has a sign of this encoding alone."""

    encoding: Encoding
    hits: tuple[str, ...]
    misses: int
    sound: int
    total: int
    changed: bool

    @property
    def signs(self) -> bool:
        sign = _TCVN3_SIGN if self.encoding == "tcvn3" else _VNI_PAIR
        return any(sign.search(hit) for hit in self.hits)

    @property
    def convinces(self) -> bool:
        different = len(set(self.hits))
        if different == _MANY - 1:  # "Hµ Néi", but not "5µm x¹"
            whole = self.misses == 0 and self.sound == self.total
            return whole and self.signs and max(map(len, self.hits)) > 2
        if different < (_MANY if self.signs else _WITHOUT_SIGNS) or len(self.hits) < _HITS_PER_MISS * self.misses:
            return False
        return different >= _BEYOND_DOUBT or self.sound >= _SOUND_SHARE * self.total


def _encoding(words: Sequence[str], sure: Encoding | None, likely: Encoding | None) -> Encoding | None:
    if sure:
        reading = _reading(words, sure)
        # "cã" is a word as it stands too
        if len(reading.hits) > reading.misses or (reading.changed and not reading.misses):
            return sure
    if best := _best(words):
        return best.encoding
    if likely:
        reading = _reading(words, likely)
        return likely if len(reading.hits) > reading.misses else None
    return None


def _best(words: Sequence[str]) -> _Reading | None:
    """The reading that convinces, unless the other explains as much ("LÖ Thuû" is Lệ Thuỷ or Lư Thủ)."""
    tcvn3, vni = _reading(words, "tcvn3"), _reading(words, "vni")
    best, other = (tcvn3, vni) if len(tcvn3.hits) >= len(vni.hits) else (vni, tcvn3)
    return best if best.convinces and len(best.hits) > len(other.hits) else None


def _reading(words: Iterable[str], encoding: Encoding) -> _Reading:
    hits: list[str] = []
    misses = sound = total = 0
    changed = False
    for word in words:
        if len(word) < 2:
            changed = changed or _single(word, encoding) != word
            continue
        if word.isascii():
            if not _ABBREVIATION.fullmatch(word):
                total += 1
                sound += is_syllable(word)
            continue
        new = _letters(word, encoding)
        if new is not None and _ABBREVIATION.fullmatch(new):  # "N§" is "NĐ"
            continue
        total += 1
        if new is None or not is_syllable(new):
            misses += 1
            continue
        sound += 1
        if new != word:
            changed = True
            if not is_syllable(word.strip(_QUOTES)):
                hits.append(word.lower())
    return _Reading(encoding, tuple(hits), misses, sound, total, changed)


# -------------------------------------------------------------------------------------------------------- conversion


def _letters(word: str, encoding: Encoding) -> str | None:
    """The word with its codes as letters; None where it has what the encoding has not."""
    if encoding == "vni":
        new = _VNI_SEQUENCE.sub(lambda found: VNI[found[0]], word)
        return new if not _VNI_SEQUENCE.sub("", word).strip(_ASCII) else None
    new = word.translate(_TCVN3_TABLE)
    if _MINUS in new:
        new = new.replace(_MINUS, "ư")
        return new if is_syllable(new) else None
    return new if all(char.isascii() or char in TCVN3 for char in word) else None


_ASCII = "".join(map(chr, range(128)))


def _single(word: str, encoding: Encoding) -> str:
    return word if word in _ALONE else _letters(word, encoding) or word


def _rewritten(words: Sequence[str], encoding: Encoding) -> list[str]:
    """The words of a passage in Unicode, and those left as they are that are words only so."""
    new = [_word(word, encoding) for word in words]
    return _capitals(words, new) if encoding == "tcvn3" else new


def _word(word: str, encoding: Encoding) -> str:
    if word.isascii():
        return word
    if len(word) == 1:
        return _single(word, encoding)
    new = _letters(word, encoding)
    if new is None or (is_syllable(word) and not is_syllable(new)):
        return word
    return new


def _capitals(words: Sequence[str], new: Sequence[str]) -> list[str]:
    """The words with capitals restored.

    Letters with a tone have no capitals in TCVN3: headings in capitals are typed with the codes of small letters
    and set in a font of capitals (.VnTimeH): "Së NéI Vô" is shown, and here becomes, "SỞ NỘI VỤ". A word with two
    capitals and no small letter is such a one, a word with fewer where its neighbours are.
    """
    marks = [_is_capital(word) for word in words]
    around = zip(_nearest(marks), _nearest(marks[::-1])[::-1], strict=True)
    restored = [
        mark if mark is not None else not word.isascii() and True in near and False not in near
        for word, mark, near in zip(words, marks, around, strict=True)
    ]
    return [letters.upper() if capital else letters for letters, capital in zip(new, restored, strict=True)]


def _is_capital(word: str) -> bool | None:
    """Whether a word is in capitals by its plain letters; None where too few of them tell."""
    plain = [char for char in word if char.isascii() or char in "¡¢£¤¥¦§"]
    if any(char.islower() for char in plain):
        return False
    return True if len(plain) >= 2 and not word.isascii() else None


def _nearest(marks: Iterable[bool | None]) -> list[bool | None]:
    """For each word the mark of the nearest word before it that has one."""
    found: list[bool | None] = []
    last: bool | None = None
    for mark in marks:
        found.append(last)
        last = mark if mark is not None else last
    return found
