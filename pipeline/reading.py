"""One article's captures to a result: reading and extracting, each page for itself.

A page that breaks what reads it becomes an issue, and the others go on: only here is every exception caught.
"""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import logs
from pipeline.records import Article, Block, Extraction, Issue

if TYPE_CHECKING:
    from extractors.gate import Topic
    from pipeline.archive import Archive, Entry
    from pipeline.places import Place
    from pipeline.results import Result
    from pipeline.work import Group
    from scrapers.source import Source

# The outcome of a capture that cannot be read as it was written.
DAMAGED = "archive.damaged"
# What a page may do to the program: break it, or the worker that runs it, or never let go of it.
CRASHES = ("page.crashed", "extract.crashed", "extract.timeout", "extract.memory")


def result(corpus: Place, group: Group, source: Source) -> Result:
    """What is wanted of a group, packed: its captures read, unless the group brings their article, and its rows made.

    What a module warns of meanwhile is an issue of the group, however often it was told for others before. Raises
    MemoryError; whatever else the page does to the program is an issue.
    """
    from extractors import lookups
    from extractors.extract import PARTS
    from pipeline import assertions, collection, results
    from pipeline.archive import Archive
    from pipeline.work import PIECES, ROW

    warned: list[Issue] = []
    lookups.forget_misses()
    with logs.as_issues(warned.append):
        brought = _brought(group)
        if brought is None:
            article, outcomes, met = parsed(Archive(corpus, group.originals), group.captures, source)
            met = (*met, *warned)
            warned.clear()
        else:
            article, outcomes, met = brought
        if article is None:
            return results.Result(group.doc_id, results.pack_told(results.Told(outcomes, met)), sound=_sound(met))
        taken, revisions = collection.revisions(group.doc_id, zip(group.captures, outcomes, strict=True))
        row = collection.article_row(article, taken, len(revisions)) if ROW in group.wanted else None
        extractions = extract_parts(article, [part for part in PARTS if part in group.wanted])
        found = {part: collection.found(article, extraction, taken) for part, extraction in extractions.items()}
    sound = _sound([*met, *(issue for one in found.values() for issue in one.issues)])
    if group.wanted != PIECES and (warned or not sound):
        # Which part a warning is of nobody knows, and what breaks one leaves none: all are made together.
        return result(corpus, dataclasses.replace(group, wanted=PIECES), source)
    told = results.Told(outcomes, met, tuple(warned), row, assertions.filled(article))
    return results.Result(
        doc_id=group.doc_id,
        reading=results.pack_told(told) if row else None,
        signature=collection.signature(article) if row else None,
        article=None if brought else results.pack_article(article),
        found={part: results.pack_found(one) for part, one in found.items()},
        sound=sound,
        whole=bool(warned) or any(block.kind == "row" for block in article.blocks),
        layouts=bool(met) or all(article.layout != dated.layout for dated in source.layouts),
    )


def _brought(group: Group) -> tuple[Article, tuple[str, ...], tuple[Issue, ...]] | None:
    """The article that the group brings, with the outcomes and issues of its captures; None where they are to be read."""
    from pipeline import results

    if group.article is None or group.reading is None:
        return None
    try:
        told = results.told(group.reading)
        return results.article(group.article), told.outcomes, told.issues
    except results.UnreadableError:
        return None  # the archive still has it


def load() -> None:
    """Loads what reading and extracting need (layouts, rules, gazetteers) by an article with some of everything."""
    import scrapers.page  # noqa: F401 - loaded ahead, as it takes its time
    from pipeline import collection
    from pipeline.rows import Moment, RevisionRow
    from scrapers.layouts import layouts

    layouts()
    texts = (
        "Năm 2020, tỉnh Long An xếp thứ 5/63 về Chỉ số cải cách hành chính, đạt 85,2 điểm; 7 sở, ngành xếp loại tốt.",
        "Từ năm 2015 đến năm 2020, tỉnh đã tinh giản biên chế 120 người.",
        "Chủ tịch UBND tỉnh tặng Bằng khen cho ông Nguyễn Văn An, Giám đốc Sở Nội vụ.",
    )
    row = Block("row", "1 | Sở Nội vụ | 85,2", ("1", "Sở Nội vụ", "85,2"), 0)
    blocks = (*(Block("paragraph", text) for text in texts), row)
    article = Article("load", "load", "Long An", "https://load.example/1", "Tin", "2021-01-05", "load", None, blocks)
    taken = RevisionRow("load", 1, collection.TAKEN, Moment("2021-01-05T00:00:00Z"), "", "", 0, 0)
    collection.article_row(article, taken, 1)
    collection.signature(article)
    for extraction in extract_parts(article).values():
        collection.found(article, extraction, taken)


def _sound(issues: Iterable[Issue]) -> bool:
    return all(issue.code not in {*CRASHES, DAMAGED} for issue in issues)


def extract_article(article: Article) -> Extraction:
    """The article's facts, or none and an error where it breaks the extractors."""
    from extractors.extract import merged

    try:
        return merged(extract_parts(article).values())
    except MemoryError as error:
        return Extraction(issues=(broken("extract.crashed", error, article.source, article.doc_id),))


def extract_parts(article: Article, parts: Iterable[Topic] | None = None) -> Mapping[Topic, Extraction]:
    """The article's facts by part (all where none is named), or none and an error where it breaks the extractors."""
    from extractors.extract import PARTS, by_part

    wanted = tuple(PARTS if parts is None else parts)
    try:
        return by_part(article, wanted)
    except MemoryError:
        raise  # of the worker, whose other pages may suffer from it too
    except Exception as error:
        issue = broken("extract.crashed", error, article.source, article.doc_id)
        return {part: Extraction(issues=(issue,) if part == wanted[0] else ()) for part in wanted}


def broken(code: str, error: Exception, source: str | None, where: str) -> Issue:
    """The error as an issue that names the line of code where it was raised."""
    message = f"{cause(error)} It is left out of this run; report it with this line."
    return Issue(code=code, level="error", message=message, source=source, where=where)


def cause(error: Exception) -> str:
    """The error and the line of code where it was raised, as a sentence."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown line"
    return f"{type(error).__name__}: {error} ({place})."


def parsed(
    archive: Archive, captures: Sequence[Entry], source: Source
) -> tuple[Article | None, tuple[str, ...], tuple[Issue, ...]]:
    """The newest revision that is an article, in the capture where it was first seen; the outcome of each capture."""
    from pipeline.collection import TAKEN

    in_time = sorted(captures, key=lambda entry: (entry.fetched_at, entry.url))
    outcomes: dict[Entry, str] = {}
    issues: list[Issue] = []
    taken: Article | None = None
    # A payload that came back after another one counts by its last capture.
    for digest in dict.fromkeys(entry.digest for entry in reversed(in_time)):
        first, *again = (entry for entry in in_time if entry.digest == digest)
        taken, met = _parse(archive, first, source)
        issues += met
        if taken is not None:
            outcomes |= {first: TAKEN} | dict.fromkeys(again, "unchanged")
            break
        outcomes |= dict.fromkeys((first, *again), met[-1].code)
    return taken, tuple(outcomes.get(entry, "superseded") for entry in captures), tuple(issues)


def _parse(archive: Archive, entry: Entry, source: Source) -> tuple[Article | None, Sequence[Issue]]:
    """The article of a capture, or None with at least one issue that says why there is none."""
    from pipeline.archive import ArchiveError
    from scrapers.page import PageError, parse

    try:
        return parse(archive.read(entry.ref), source)
    except PageError as error:
        return None, (error.issue,)
    except ArchiveError as error:
        return None, (Issue(DAMAGED, "error", str(error), entry.source, entry.url),)
    except MemoryError:
        raise  # of the worker, whose other pages may suffer from it too
    except Exception as error:
        return None, (broken("page.crashed", error, entry.source, entry.url),)
