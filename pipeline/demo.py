"""The whole line once on this machine: the bundled sample sites, crawled over HTTP, extracted, shown."""

from __future__ import annotations

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from pipeline import stages, tables
from pipeline.runs import Run
from pipeline.sample_server import SampleServer
from pipeline.settings import Settings

ROWS = 3
# Wide enough for all columns shown, where the output is no terminal and has no width of its own.
PLAIN_WIDTH = 140
SHOWN = {
    "rankings": ("entity", "index", "component", "period", "rank", "rank_total", "rank_change", "modality", "source"),
    "scores": ("entity", "index", "component", "period", "score", "unit", "score_change", "rating", "source"),
    "ratings": ("entity", "province", "index", "period", "rating", "count", "total", "source"),
    "staff_reductions": ("entity", "period", "count", "unit", "action", "legal_basis", "modality", "source"),
    "awards": ("entity", "award", "award_class", "awarded_by", "recipient_count", "period", "source"),
}


def show(settings: Settings) -> Run:
    """Crawls the sample sites into the corpus, extracts, writes the tables and shows what came of it.

    Raises what crawling and extracting raise.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    with SampleServer() as server:
        console.print(
            f"Serving small copies of {len(server.sites)} sites of Vietnamese authorities on {server.address} and "
            "crawling them as if they were the real ones …"
        )
        resolve = [f"{host}={address}" for host, address in server.resolve.items()]
        stages.crawl(settings, tuple(server.sites), resolve, delay=0, kind=stages.SAMPLE)
    console.print("Parsing the archived pages and extracting their facts …\n")
    run = stages.extract(settings.corpus, settings.output)
    _summary(console, settings, run)
    return run


def _summary(console: Console, settings: Settings, run: Run) -> None:
    for name in tables.FACT_TABLES:
        table = tables.load_table(settings.output, name)
        console.print(f"[bold]{name}.csv[/bold]: {len(table)} rows, of which the first {min(ROWS, len(table))}")
        console.print(_shown(table[list(SHOWN[name])].head(ROWS)))
    counts, warnings = run.counts, run.levels["warning"]
    console.print(
        f"{counts['captures']} captures of {len(run.sources)} sources, {counts['articles']} articles, "
        f"{sum(counts[name] for name in tables.FACT_TABLES)} facts, {warnings} warnings."
    )
    console.print(f"The pages as served are in [bold]{settings.corpus}/[/bold] (WARC files and their index),")
    console.print(f"the tables in [bold]{settings.output}/[/bold], what was odd in {run.folder / 'issues.jsonl'}.")
    if fact := _first_fact(settings):
        console.print(f"\nWhere a figure comes from, down to the bytes:  [bold]cchc trace {fact}[/bold]")
    console.print("The sources and how they stand:                [bold]cchc sources[/bold]")
    console.print("(`cchc` is in .venv/bin; README.md tells how to crawl the real sites.)")


def _shown(rows: pd.DataFrame) -> Table:
    shown = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in rows.columns:
        shown.add_column(column, justify="left" if rows.dtypes[column] == "string" else "right")
    for row in rows.itertuples(index=False):
        shown.add_row(*("" if pd.isna(value) else tables.plain(value) for value in row))
    return shown


def _first_fact(settings: Settings) -> str | None:
    for name in tables.FACT_TABLES:
        table = tables.load_table(settings.output, name)
        if len(table):
            return str(table["fact_id"][0])
    return None
