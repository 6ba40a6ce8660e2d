"""The command `cchc`: one verb a stage, each a thin call.

Heavy modules are imported by the verb that needs them, so that `cchc --help` answers at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline import logs
from pipeline.cli_archive import archive
from pipeline.cli_data import check, diff, export
from pipeline.cli_explain import explain
from pipeline.cli_operation import status
from pipeline.cli_options import days, places, telling, work
from pipeline.cli_source import source_verbs
from pipeline.errors import CchcError, UsageError
from pipeline.records import Issue
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.crawl import Plan
    from pipeline.places import Place
    from pipeline.runs import Run
    from pipeline.work import Engine

JSON_LINES = click.Path(path_type=Path, dir_okay=False)


class Verbs(click.Group):
    """The verbs; an error of ours ends with its message and its exit code, without a traceback."""

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        try:
            return super().make_context(*given, **more)
        except CchcError as error:  # of the environment, which is read with the options
            logs.current().failure(str(error))
            raise click.exceptions.Exit(error.exit_code) from error

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CchcError as error:
            logs.current().failure(str(error))
            ctx.exit(error.exit_code)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order of the work, not of the alphabet


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cchc")
@telling
@places("corpus", "output")
def main() -> None:
    """News of Vietnamese authorities in, tables of rankings, scores, ratings, staff cuts and awards out.

    Exit codes: 0 good, 1 something failed or an assertion broke, 2 usage, 3 another run holds the lock.
    """


@main.command()
@telling
@places("corpus", "output")
@click.pass_context
def demo(ctx: click.Context) -> None:
    """Crawl the bundled sample sites on this machine, extract, and show the tables."""
    from pipeline import demo as sample

    ctx.exit(_crashed(sample.show(ctx.obj), ctx.obj.output))


@main.command()
@click.argument("source", nargs=-1)
@click.option("--resolve", multiple=True, metavar="HOST=ADDRESS:PORT", help="Reach a host at another address.")
@click.option("--delay", type=click.FloatRange(min=0), help="Seconds between requests to a host.")
@days
@telling
@places("corpus", "output")
@click.pass_obj
def crawl(
    settings: Settings, source: tuple[str, ...], resolve: tuple[str, ...], delay: float | None, plan: Plan
) -> None:
    """Fetch what is new on the sources named (all where none is) into the archive."""
    from pipeline import remote, stages

    with remote.noting(settings.output_at) as output:
        _tell(stages.crawl(replace(settings, output_at=output), source, resolve, delay, plan=plan))


@main.command()
@work
@telling
@places("corpus", "output")
@click.pass_context
def extract(ctx: click.Context, full: bool) -> None:
    """Make the tables anew from the whole archive, pages only where something has changed."""
    from pipeline import remote, stages

    with remote.mirrored(ctx.obj.output_at) as output:
        done = stages.extract(ctx.obj.corpus_at, output, _engine(ctx.obj), full=full)
    _tell(done)
    ctx.exit(_crashed(done, ctx.obj.output_at))


@main.command()
@click.argument("source", nargs=-1)
@click.option("--resolve", multiple=True, metavar="HOST=ADDRESS:PORT", help="Reach a host at another address.")
@click.option("--delay", type=click.FloatRange(min=0), help="Seconds between requests to a host.")
@days
@work
@telling
@places("corpus", "output")
@click.pass_context
def run(
    ctx: click.Context, source: tuple[str, ...], resolve: tuple[str, ...], delay: float | None, plan: Plan, full: bool
) -> None:
    """Crawl, then extract; a source that fails to be crawled does not keep the others from the tables."""
    from pipeline import remote, stages

    try:
        with remote.noting(ctx.obj.output_at) as output:
            _tell(stages.crawl(replace(ctx.obj, output_at=output), source, resolve, delay, plan=plan))
        crawled = 0
    except stages.CrawlError as error:
        logs.current().failure(str(error))
        crawled = error.exit_code
    with remote.mirrored(ctx.obj.output_at) as output:
        done = stages.extract(ctx.obj.corpus, output, _engine(ctx.obj), full=full)
    _tell(done)
    ctx.exit(_crashed(done, ctx.obj.output_at) or crawled)


main.add_command(archive)
main.add_command(status)
main.add_command(source_verbs)


@main.command()
@click.argument("fact_id")
@places("corpus", "output")
@click.pass_obj
def trace(settings: Settings, fact_id: str) -> None:
    """Replay a fact from its row to the archived bytes."""
    from pipeline import remote, stages
    from pipeline import trace as replay

    with remote.reading(settings.output_at) as output:
        found = replay.trace(fact_id, settings.corpus_at, output, stages.sources())
    for label, value in replay.describe(found):
        click.echo(f"{click.style(f'{label:9}', dim=True)} {value}")
    click.echo(f"\n{found.before}{click.style(f'⟦{found.evidence}⟧', bold=True)}{found.after}")


@main.command()
@places("corpus", "output")
@click.pass_obj
def sources(settings: Settings) -> None:
    """List the sources: host, province, layouts, and how they stand."""
    from dataclasses import asdict

    from pipeline import stages
    from pipeline.state import states

    rows = [asdict(found) for found in states(stages.sources(), settings.corpus, settings.output)]
    table = [[*rows[0]], *([str(value if value is not None else "-") for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        click.echo("  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip())


@main.command()
@click.argument("documents", type=JSON_LINES)
@click.option("-o", "--out", type=JSON_LINES, help="Where to write; standard output where not given.")
@click.pass_context
def annotate(ctx: click.Context, documents: Path, out: Path | None) -> None:
    """Extract the facts of documents in the gold's form (JSON Lines)."""
    from pipeline import documents as forms
    from pipeline import stages

    predictions, issues = stages.annotate_all(forms.read(documents))
    text = "".join(map(forms.as_line, predictions))
    if out is None:
        click.echo(text, nl=False)
    else:
        forms.write(out, text)
    ctx.exit(_report(issues))


@main.command()
@click.argument("gold", type=JSON_LINES)
@click.option("--errors", is_flag=True, help="List every fact that was missed or is wrong.")
@click.pass_context
def evaluate(ctx: click.Context, gold: Path, errors: bool) -> None:
    """Precision, recall, strict and core F1 for each table on annotated documents (JSON Lines)."""
    from pipeline import documents, stages
    from pipeline.evaluate import compare

    wanted = list(documents.read(gold))
    predictions, issues = stages.annotate_all(wanted)
    comparison = compare(wanted, predictions)
    for difference in comparison.differences if errors else ():
        click.echo(str(difference))
    click.echo(str(comparison))
    ctx.exit(_report(issues))


main.add_command(explain)
for verb in (export, diff, check):
    main.add_command(verb)


def _engine(settings: Settings) -> Engine:
    """Who does the work that the settings speak of. Raises UsageError."""
    from pipeline.processes import LocalEngine

    if settings.engine == "dask":
        from pipeline.cluster import DaskEngine

        if settings.scheduler is None:
            raise UsageError("--engine dask needs --scheduler: name the address that `dask scheduler` tells.")
        return DaskEngine(settings.scheduler, settings.page_seconds)

    return LocalEngine(settings.workers or os.cpu_count() or 1, settings.page_seconds, settings.worker_megabytes)


def _tell(done: Run) -> None:
    """The counts of a run in a line."""
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in done.counts.items())
    click.echo(f"{done.verb} {done.id}: {counts}")


def _crashed(done: Run, output: Place) -> int:
    """The exit code of an extraction that wrote its tables: 1 where pages are missing as they broke the program."""
    from pipeline.stages import crashes

    if crashed := crashes(done):
        logs.current().failure(f"{crashed} pages broke the program and are missing; see {output}/runs/{done.id}.")
    return 1 if crashed else 0


def _report(issues: Iterable[Issue]) -> int:
    """The exit code that the issues call for, once the errors among them are on standard error."""
    errors = [issue for issue in issues if issue.level == "error"]
    for issue in errors:
        logs.current().issue(issue)
    return 1 if errors else 0


if __name__ == "__main__":
    main()
