"""The verbs of the command for those who use the tables: `export`, `diff`, `check`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli_options import places
from pipeline.errors import UsageError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.export import Form
    from pipeline.quality import Report
    from pipeline.rows import ChangeRow

# Lines of changes shown before `…`; --all shows the rest.
SHOWN = 20


@click.command()
@click.option("--to", "form", type=click.Choice(["xlsx", "parquet", "sqlite", "duckdb"]), required=True)
@click.argument("target", type=click.Path(path_type=Path))
@places("output")
@click.pass_obj
def export(settings: Settings, form: Form, target: Path) -> None:
    """Write the tables in another form to TARGET, a file or a folder."""
    from pipeline import export as forms
    from pipeline import remote

    with remote.reading(settings.output_at) as output:
        click.echo(f"written: {forms.export(form, output, target)}")


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN RUN]")
@click.option("--all", "whole", is_flag=True, help="List every change.")
@places("output")
@click.pass_obj
def diff(settings: Settings, runs: tuple[str, ...], whole: bool) -> None:
    """Facts added, removed and changed from one run to another, by cause; the last change where none is named."""
    from pipeline import history, remote

    if len(runs) not in {0, 2}:
        raise UsageError("name two runs, or none for the last change: `ls output/runs` lists them.")
    with remote.reading(settings.output_at, history=True) as output:
        names = runs or tuple(history.kept(output)[-2:])
        if len(names) < 2:
            click.echo("There is one set of tables only: nothing has changed since.")
            return
        before, after = (history.of_run(output, name) for name in names)
    changes = history.compare(before, after)
    click.echo(f"{before.run} to {after.run}: {len(changes):,} facts differ")
    _lines(_summary(history.summary(changes)))
    _lines(_listed(changes if whole else changes[:SHOWN]))
    if len(changes) > SHOWN and not whole:
        click.echo(f"… and {len(changes) - SHOWN:,} more: --all lists them.")


@click.command()
@click.option("--minimum", multiple=True, metavar="TABLE=ROWS|TABLE.COLUMN=SHARE", help="Ask for more than usual.")
@places("output")
@click.pass_context
def check(ctx: click.Context, minimum: tuple[str, ...]) -> None:
    """Quality at a glance; exit code 1 where a minimum is broken."""
    from pipeline import quality, remote, stages

    declared = {name: source.assertions for name, source in stages.sources().items()}
    with remote.reading(ctx.obj.output_at) as output:
        report = quality.check(output, quality.minimums(minimum), declared)
    _show(report)
    ctx.exit(0 if report.good else 1)


def _show(report: Report) -> None:
    _section("rows", _lines_of(report.rows))
    told = {name: ", ".join(f"{field} {share:.0%}" for field, share in shares.items()) for name, shares in report.filled.items()}
    _section("filled cells", [(name, line) for name, line in told.items() if line])
    _section("observations", _lines_of(report.statuses))
    _section("doubts and links", _lines_of(report.doubts))
    _section("corrections", _lines_of(report.corrections))
    names = [(row.entity_type, row.name, f"{row.facts} facts", _like(row.closest)) for row in report.unmatched]
    _section("names that no lookup has", names)
    _section("assertions", [(issue.level, issue.source or "", issue.message) for issue in report.assertions])
    _section("broken minimums", [(problem,) for problem in report.broken])
    click.echo("\ngood" if report.good else f"\n{len(report.broken)} minimums are broken")


def _like(name: str | None) -> str:
    return f"like {name!r}?" if name else ""


def _lines_of(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(name, f"{count:,}") for name, count in counts.items()]


def _section(title: str, lines: Sequence[Sequence[str]]) -> None:
    click.secho(f"\n{title}{'' if lines else ': none'}", bold=True)
    _lines(lines)


def _lines(lines: Iterable[Sequence[str]]) -> None:
    """The lines in columns."""
    listed = [tuple(line) for line in lines]
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    for line in listed:
        click.echo("  " + "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _summary(found: Mapping[str, Mapping[str, int]]) -> list[tuple[str, ...]]:
    return [
        (cause, *(f"{count:,} {change}" for change, count in counts.items() if count)) + ("",) * (3 - _kinds(counts))
        for cause, counts in found.items()
    ]


def _kinds(counts: Mapping[str, int]) -> int:
    return sum(1 for count in counts.values() if count)


def _listed(changes: Iterable[ChangeRow]) -> list[tuple[str, ...]]:
    marks = {"added": "+", "removed": "-", "changed": "~"}
    return [
        (marks[row.change], row.cause, row.table, row.fact_id, row.entity, " → ".join(filter(None, [row.former, row.present])))
        for row in changes
    ]
