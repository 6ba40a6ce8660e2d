"""Facts against gold facts: precision, recall and F1 for each table, and what was missed or wrong."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from extractors.facts import FACT_TYPES
from pipeline.errors import UsageError

Record = Mapping[str, Any]
Key = tuple[object, ...]

# Marks that stand at the edge of a passage by accident of where it was cut.
_EDGE = " .,;:“”\"'"
# Evidence overlaps where half of the shorter passage's words are shared.
_SHARED_WORDS = 0.5


class GoldError(UsageError):
    """A gold file that cannot be compared with; the message names the document and the remedy."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many facts of a table the gold has, how many were said, and how many of those are right: in the
    whole key (`strict`), in who and how much (`core`), and, of the strict ones, in the evidence as well."""

    gold: int = 0
    said: int = 0
    strict: int = 0
    core: int = 0
    evidence: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.gold + other.gold,
            self.said + other.said,
            self.strict + other.strict,
            self.core + other.core,
            self.evidence + other.evidence,
        )

    @property
    def precision(self) -> float:
        return self.strict / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        return self.strict / self.gold if self.gold else 0.0

    @property
    def strict_f1(self) -> float:
        return _f1(self.strict, self.said, self.gold)

    @property
    def core_f1(self) -> float:
        return _f1(self.core, self.said, self.gold)


@dataclass(frozen=True, slots=True)
class Difference:
    """A gold fact that was not said, or a said fact not in the gold: its key as compared, its evidence."""

    doc_id: str
    table: str
    kind: Literal["missed", "wrong"]
    key: Mapping[str, object]
    evidence: str | None

    def __str__(self) -> str:
        return f"{self.doc_id} {self.table} {self.kind:6} {dict(self.key)} | {self.evidence}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A gold file against predictions. `clean` of `factless` documents without a gold fact stayed empty."""

    tables: Mapping[str, Tally]
    clean: int
    factless: int
    documents: int
    differences: tuple[Difference, ...]

    @property
    def total(self) -> Tally:
        return sum(self.tables.values(), Tally())

    def __str__(self) -> str:
        lines = [f"{'table':18}{'gold':>6}{'said':>6}{'P':>8}{'R':>8}{'strict':>8}{'core':>8}"]
        lines += [_row(name, tally) for name, tally in [*self.tables.items(), ("all", self.total)]]
        lines.append(
            f"clean {self.clean}/{self.factless}   evidence {self.total.evidence}/{self.total.strict}"
            f"   documents {self.documents}"
        )
        return "\n".join(lines)


def compare(gold: Iterable[Record], predicted: Iterable[Record]) -> Comparison:
    """The predictions against the gold, both as documents with `doc_id` and `facts`.

    A predicted fact is right where every field of its table's key equals the gold fact's; each fact is used
    once. A document that was not predicted counts as predicted empty; one that the gold has not is left out.
    Raises GoldError for a gold document without facts, and for two of one name.
    """
    wanted = _gold(gold)
    said = {document["doc_id"]: document.get("facts") or {} for document in predicted}
    tables = {name: Tally() for name in FACT_TYPES}
    differences: list[Difference] = []
    for name in FACT_TYPES:
        for doc_id, facts in wanted.items():
            tally, missed_and_wrong = _compare_table(
                doc_id, name, facts.get(name) or (), said.get(doc_id, {}).get(name) or ()
            )
            tables[name] += tally
            differences += missed_and_wrong
    factless = [doc_id for doc_id, facts in wanted.items() if not any(facts.values())]
    clean = sum(not any(said.get(doc_id, {}).values()) for doc_id in factless)
    return Comparison(tables, clean, len(factless), len(wanted), tuple(differences))


def comparable(value: object) -> object:
    """The value as compared: numbers to four places, text NFC, case-folded, single spaces, no edge marks."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        return round(float(value), 4)
    text = unicodedata.normalize("NFC", str(value)).casefold()
    return re.sub(r"\s+", " ", text).strip(_EDGE)


def _gold(documents: Iterable[Record]) -> dict[str, Mapping[str, Sequence[Record]]]:
    wanted: dict[str, Mapping[str, Sequence[Record]]] = {}
    for document in documents:
        doc_id = document["doc_id"]
        if not isinstance(document.get("facts"), Mapping):
            raise GoldError(
                f"gold document {doc_id!r} has no `facts`: annotate it, or leave it out of the gold file."
            )
        if doc_id in wanted:
            raise GoldError(f"the gold holds two documents {doc_id!r}: each needs a `doc_id` of its own.")
        wanted[doc_id] = document["facts"]
    return wanted


def _compare_table(
    doc_id: str, table: str, gold: Sequence[Record], said: Sequence[Record]
) -> tuple[Tally, list[Difference]]:
    fields = FACT_TYPES[table].KEY
    pairs = _pairs(gold, said, fields)
    tally = Tally(
        gold=len(gold),
        said=len(said),
        strict=len(pairs),
        core=len(_pairs(gold, said, FACT_TYPES[table].CORE)),
        evidence=sum(_overlap(want.get("evidence"), got.get("evidence")) for want, got in pairs),
    )
    right = {id(fact) for pair in pairs for fact in pair}
    sides: tuple[tuple[Literal["missed", "wrong"], Sequence[Record]], ...] = (
        ("missed", gold),
        ("wrong", said),
    )
    differences = [
        Difference(
            doc_id, table, kind, dict(zip(fields, _key(fact, fields), strict=True)), fact.get("evidence")
        )
        for kind, facts in sides
        for fact in facts
        if id(fact) not in right
    ]
    return tally, differences


def _pairs(
    gold: Sequence[Record], said: Sequence[Record], fields: Sequence[str]
) -> list[tuple[Record, Record]]:
    """Gold and said facts of equal key, each used once; of several said ones the last is taken first."""
    waiting: dict[Key, list[Record]] = defaultdict(list)
    for fact in said:
        waiting[_key(fact, fields)].append(fact)
    pairs = []
    for fact in gold:
        if candidates := waiting.get(_key(fact, fields)):
            pairs.append((fact, candidates.pop()))
    return pairs


def _key(fact: Record, fields: Sequence[str]) -> Key:
    return tuple(comparable(fact.get(field)) for field in fields)


def _overlap(one: object, other: object) -> bool:
    left, right = str(comparable(one) or ""), str(comparable(other) or "")
    if not left or not right:
        return False
    if left in right or right in left:
        return True
    shared = set(left.split()) & set(right.split())
    return len(shared) >= _SHARED_WORDS * min(len(left.split()), len(right.split()))


def _f1(right: int, said: int, gold: int) -> float:
    return 2 * right / (said + gold) if said + gold else 1.0


def _row(name: str, tally: Tally) -> str:
    return (
        f"{name:18}{tally.gold:6}{tally.said:6}{tally.precision:8.3f}{tally.recall:8.3f}"
        f"{tally.strict_f1:8.3f}{tally.core_f1:8.3f}"
    )
