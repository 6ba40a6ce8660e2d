"""What an article leaves open: which place, which index, which time its words mean. Each is told as an issue."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from extractors.context import only_province
from extractors.decisions import Doubt
from extractors.lookups import places_named
from extractors.sentence import Document, Sentence
from pipeline.records import Fact, Issue

# Those that lie in a province, which the row of an entity names.
_LOCAL = frozenset({"department", "district", "commune"})
CODES = frozenset({"entity.ambiguous", "index.ambiguous", "period.unsettled"})
_LISTED = 8  # so many candidates are named in a message; a name such as "Tân Phú" is borne by communes of thirty


def settled(document: Document, facts: Sequence[Fact]) -> list[Fact]:
    """The facts, those of departments with the province that the article names alone; a source's own stands."""
    if document.home is not None or not any(_lacks_province(fact, {"department"}) for fact in facts):
        return list(facts)
    alone = only_province(document)
    return [
        replace(fact, province=alone) if alone and _lacks_province(fact, {"department"}) else fact for fact in facts
    ]


def _lacks_province(fact: Fact, types: Collection[str] = _LOCAL) -> bool:
    return fact.province is None and fact.entity_type in types


def once(met: Iterable[Issue]) -> tuple[Issue, ...]:
    """The issues, of one name only the first, though several parts of an article tell it."""
    kept: dict[tuple[str, ...], Issue] = {}
    for number, issue in enumerate(met):
        words = issue.message.partition("”")[0].casefold() if issue.code in CODES else str(number)
        kept.setdefault((issue.code, words), issue)
    return tuple(kept.values())


def issues(document: Document, facts: Sequence[Fact], doubts: Iterable[Doubt]) -> tuple[Issue, ...]:
    """The issues of facts that lack what their words leave open, and of rows left out for it, each once for a name."""
    where = document.article.doc_id
    found = {(code, words): message for code, words, message in _all(document, facts, doubts)}
    return tuple(Issue(code, "warning", message, where=where) for (code, _), message in sorted(found.items()))


def _all(document: Document, facts: Sequence[Fact], doubts: Iterable[Doubt]) -> Iterator[tuple[str, str, str]]:
    """Code, words and message of each; of one code and words the last is kept."""
    for fact in reversed(facts):
        sentence = _sentence(document, fact)
        if _lacks_province(fact):
            yield "entity.ambiguous", fact.entity, _no_province(document, fact, sentence)
        if fact.period is None and (words := _open_time(fact, sentence)):
            message = (
                f"“{words}” is counted from a day that the page does not tell: the row of {fact.entity} has no period. "
                f"Give the page's date (the source's selector for it), or correct the row in corrections.csv. In “{sentence.text}”."
            )
            yield "period.unsettled", words.casefold(), message
    for one in doubts:
        may_be = f"may be {_either(one.candidates)}" if one.candidates else "is one that the page does not name"
        message = (
            f"“{one.words}” {may_be}: a row was left out. Add it to corrections.csv if the page settles it. "
            f"In “{one.sentence}”."
        )
        yield one.code, one.words.casefold(), message


def _sentence(document: Document, fact: Fact) -> Sentence:
    at = bisect_right(document.all_sentences, fact.start, key=lambda sentence: sentence.start) - 1
    return document.all_sentences[max(0, at)]


def _no_province(document: Document, fact: Fact, sentence: Sentence) -> str:
    """The message on a department or place whose province nothing tells, with the provinces that it may lie in."""
    several = places_named(fact.entity, document.published) if fact.entity_type != "department" else ()
    several = several or _provinces(document)
    lies = f"lies in {_either(several)}" if several else "lies in a province that the page does not name"
    return (
        f"“{fact.entity}” {lies}: its row has no province. Give the source its province, if it has one, or "
        f"correct the row in corrections.csv. In “{sentence.text}”."
    )


def _provinces(document: Document) -> tuple[str, ...]:
    """The provinces that an article names, in its order."""
    named = (m for s in document.all_sentences for m in s.mentions if m.kind == "name" and m.type == "province")
    return tuple(dict.fromkeys(mention.name for mention in named))


def _open_time(fact: Fact, sentence: Sentence) -> str | None:
    """Words of a relative time in a fact's evidence or before it in its sentence that no day resolves."""
    end = fact.end - sentence.start
    open_ = [p for p in sentence.periods if p.kind == "relative" and p.period is None and p.start < end]
    return sentence.text[open_[-1].start : open_[-1].end] if open_ else None


def _either(names: Sequence[str]) -> str:
    """ "A or B", "A, B or one of 7 others"."""
    if len(names) > _LISTED:
        return f"{', '.join(names[:_LISTED])} or one of {len(names) - _LISTED} others"
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
