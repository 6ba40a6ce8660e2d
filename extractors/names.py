"""Names of people that neither a title nor a known surname tells: Giàng A Páo, Y Moan Niê, Pờ Lóong Tơ.

Surnames of 54 peoples cannot all be listed. Where a distinction is given, underthesea's parts of speech say which
capitals are a proper noun, and what follows the name says that it is a person's: an office, an age, a hamlet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from extractors.gazetteer import UPPER
from extractors.passage import Mention
from extractors.words import words

_RUN = re.compile(rf"(?<!\w)[{UPPER}][\w’']*(?: [{UPPER}][\w’']*){{1,4}}")
_BEFORE = re.compile(r"(?:(?<!\w)(?:cho|tới|đến|tặng|trao|và|cùng|gồm|là)|[,;:])\s$")
_OF_A_PERSON = re.compile(
    r"(?: ?[,(]| -) ?(?:nguyên |là )?(?:sinh năm|\d{2} tuổi|dân tộc|người dân tộc|bản|thôn|buôn|làng|xóm|ấp|già làng|trưởng|phó"
    r"|bí thư|chủ tịch|giám đốc|cán bộ|công chức|viên chức|chiến sĩ|giáo viên|bác sĩ|y sĩ|nông dân|ngư dân|học sinh"
    r"|nghệ nhân|chuyên viên|công an viên|đội trưởng|hội viên|đoàn viên)(?!\w)"
)


def unlisted_people(text: str, folded: str, taken: Iterable[tuple[int, int]]) -> list[Mention]:
    """The names of people outside what is `taken`, in order. Costs nothing where no such capitals stand."""
    covered = list(taken)
    runs = [run for run in _runs(text, folded) if not any(start < run[1] and run[0] < end for start, end in covered)]
    tagged = words(text) if runs else []
    return [
        Mention(start, end, "person", text[start:end], None, "name", False)
        for start, end in runs
        if _is_proper(tagged, start, end)
    ]


def _runs(text: str, folded: str) -> Iterator[tuple[int, int]]:
    for match in _RUN.finditer(text):
        if _BEFORE.search(folded, max(0, match.start() - 8), match.start()) and _OF_A_PERSON.match(folded, match.end()):
            yield match.span()


def _is_proper(tagged: Sequence[tuple[int, int, str, str]], start: int, end: int) -> bool:
    inside = [tag for low, high, _, tag in tagged if start < high and low < end]
    return bool(inside) and all(tag == "Np" for tag in inside)
