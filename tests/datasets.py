"""Whole sets of tables made without a crawl: facts given, put through as articles of the archive."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from extractors.facts import FACT_TYPES
from extractors.lookups import province_code
from pipeline import history, tables
from pipeline.archive import Entry
from pipeline.collection import TAKEN, Collection, Reading
from pipeline.corrections import Corrections
from pipeline.records import Article, Block, CaptureRef, Extraction, Fact
from pipeline.rows import SourceRow

MOMENT = "2026-01-02T03:04:05.000006Z"
# The fields of the contract that a fact's dataclass fills in itself.
_FETCHED = "20200715010203"


def article(
    doc_id: str, text: str, source: str = "bao", published_on: str | None = "2020-07-14", province: str | None = None
) -> Article:
    """An article of one title and one paragraph."""
    blocks = (Block("title", "Tin tức"), Block("paragraph", text))
    url = f"http://{source}.example/{doc_id}"
    return Article(doc_id, source, province, url, "Tin tức", published_on, "layout", None, blocks)


def fact(of: Article, table: str, evidence: str, **values: Any) -> Fact:
    """A fact of the article; a province is its own where none is given."""
    start = of.text.index(evidence)
    if values.get("entity_type", "province") == "province":
        values = {"entity_type": "province", "province": values["entity"]} | values
    day = date.fromisoformat(of.published_on or "")
    code = province_code(values["province"], day) if values.get("province") else None
    place: dict[str, Any] = {"start": start, "end": start + len(evidence), "evidence": evidence, "rule": "test.rule"}
    return FACT_TYPES[table](doc_id=of.doc_id, province_code=code, **place, **values)


def reading(of: Article, facts: Iterable[Fact], digest: str | None = None, layout: str | None = None) -> Reading:
    """What extraction makes of an archived page that holds the article."""
    name = digest or hashlib.sha1(of.text.encode()).hexdigest().upper()
    offset = int(hashlib.sha256(of.doc_id.encode()).hexdigest()[:12], 16)
    entry = Entry(of.url, _FETCHED, "text/html", 200, f"sha1:{name}", 100, offset, f"{of.source}/run.warc.gz")
    ref = CaptureRef(entry.filename, entry.offset, entry.length, entry.digest)
    given = {field: getattr(of, field) for field in of.__dataclass_fields__} | {"ref": ref}
    parsed = Article(**given | ({"layout": layout} if layout else {}))
    return Reading(of.doc_id, parsed, Extraction(facts=tuple(facts)), ((entry, TAKEN),), ())


def collected(readings: Iterable[Reading], corrections: Corrections | None = None) -> Collection:
    found = Collection()
    for one in readings:
        found.add(one)
    return found


def built(
    readings: Iterable[Reading],
    former: history.Snapshot | None = None,
    run: str = "r1",
    corrections: Corrections | None = None,
) -> dict[str, pd.DataFrame]:
    """All tables of the readings."""
    made, _ = collected(readings).tables((), corrections or Corrections(), former, run, MOMENT)
    return made


def gold_reading(document: Mapping[str, Any], of: Article) -> Reading:
    """An annotated document as an article with its annotated facts."""
    found: dict[str, Fact] = {}
    for table, listed in document["facts"].items():
        for values in listed:
            evidence = values["evidence"] if values["evidence"] in of.text else of.title
            rest = {name: value for name, value in values.items() if name != "evidence"}
            one = fact(of, table, evidence, **rest)
            found[one.fact_id] = one
    return reading(of, found.values())


def synthetic(count: int) -> Iterator[Reading]:
    """Articles with ten facts each, `count` facts in all, over many provinces, years, indices and bodies."""
    from extractors.lookups import provinces

    names = [record.name for record in provinces() if record.valid(pd.Timestamp("2020-07-14").date())]
    codes = ("PAR_INDEX", "SIPAS", "PAPI", "PCI", "DTI")
    for number in range(count // 10):
        home, year = names[number % 63], 2010 + number % 11
        words = " ".join(f"từ{number * 7 + place}" for place in range(40))
        text = f"{home} xếp thứ {number % 63 + 1}/63 năm {year}, =đạt 81,25 điểm, tinh giản 12 người. {words}"
        of = article(f"nguon{number % 40}-{number:012x}", text, f"nguon{number % 40}", f"2021-{number % 12 + 1:02}-07")
        yield reading(of, _ten(of, number, home, str(year), codes[number % 5]))


def _ten(of: Article, number: int, home: str, year: str, index: str) -> Iterator[Fact]:
    said = of.text[of.text.index(home) : of.text.index(".")]
    for place in range(4):
        body = {"entity_type": "district", "entity": f"Huyện Số {number % 997}-{place}", "province": home}
        yield fact(of, "rankings", said, **body, period=year, index=index, rank=number % 20 + 1, rank_total=20)
    for place in range(3):
        body = {"entity_type": "department", "entity": f"Sở Số {number % 501}-{place}", "province": home}
        yield fact(of, "scores", said, **body, period=year, index=index, score=number % 997 / 10, unit="points")
    group = {"entity_type": "group", "entity": "sở, ban, ngành", "province": home}
    yield fact(of, "ratings", said, **group, period=year, index=index, rating="tốt", count=number % 9, total=20)
    cut = {"count": float(number % 900), "unit": "people", "action": "streamlining"}
    yield fact(of, "staff_reductions", said, entity=home, period=year, **cut)
    person = {"entity_type": "person", "entity": f"Nguyễn Văn {number}", "province": home}
    yield fact(of, "awards", said, **person, period=year, award="Bằng khen", awarded_by="Bộ Nội vụ")


def published(tables_made: Mapping[str, pd.DataFrame], output: Path, run: str = "r1") -> Path:
    """The tables as `cchc extract` leaves them."""
    tables.write(tables_made, output, run)
    return output


def declared(*names: str) -> list[SourceRow]:
    """Sources of these names."""
    return [SourceRow(name, name.title(), None, None, None, None, declared=True) for name in names]
