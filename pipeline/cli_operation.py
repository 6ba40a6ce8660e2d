"""The verb of whoever watches: `cchc status`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline import logs
from pipeline.cli_options import places

if TYPE_CHECKING:
    from pipeline.operation import Standing

_COLUMNS = ("name", "last_success", "last_new", "new", "waiting", "errors", "next_due")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@places("corpus", "output")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """How each source stands: last success, new articles, errors, next due time, and how many of its latest articles
    are read and have title, date, lead and author. Writes metrics.prom to the output.

    Ends with 1 where a source is stale, silent beyond its assertion, or was never crawled."""
    from pipeline import operation, stages

    # What a page makes a library complain of is for the crawl and the extraction to tell.
    with logs.as_issues(lambda _issue: None):
        found = operation.standings(stages.sources().values(), ctx.obj.corpus, ctx.obj.output, datetime.now(UTC))
    if ctx.obj.output.is_dir():
        operation.write_metrics(found, ctx.obj.output)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        table = list(_table(found))
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for cells in table:
            click.echo("  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip())
    ctx.exit(1 if any(one.bad for one in found) else 0)


def _table(found: Iterable[Standing]) -> Iterator[list[str]]:
    """The cells, with a column for each share; what a source is comes last, as it is what to look for."""
    from pipeline.operation import FILLED

    yield [*map(_words, _COLUMNS), *("date" if name == "published_on" else name for name in FILLED), "state"]
    for one in found:
        told = (getattr(one, name) for name in _COLUMNS)
        shares = (one.filled.get(name) for name in FILLED)
        cells = [*(_cell(value) for value in told), *("-" if share is None else f"{share:.0%}" for share in shares)]
        yield [*cells, one.state]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: object) -> str:
    return "-" if value is None else str(value)
