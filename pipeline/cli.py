"""The command `cchc`: one verb a stage, each a thin call.

Heavy modules are imported by the verb that needs them, so that `cchc --help` answers at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from pipeline import settings as settings_module
from pipeline.errors import CchcError
from pipeline.records import Issue


class Command(click.Group):
    """The group of verbs; an error of ours ends with its message and its exit code, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CchcError as error:
            click.echo(f"cchc: {error}", err=True)
            ctx.exit(error.exit_code)


JSON_LINES = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cchc")
@click.pass_context
def main(ctx: click.Context) -> None:
    """News of Vietnamese authorities in, tables of rankings, scores, ratings, staff cuts and awards out.

    Exit codes: 0 good, 1 something failed or an assertion broke, 2 usage, 3 another run holds the lock.
    """
    ctx.obj = settings_module.from_environment()


@main.command()
@click.argument("source", type=JSON_LINES)
@click.option("-o", "--out", type=JSON_LINES, help="Where to write; standard output where not given.")
@click.pass_context
def annotate(ctx: click.Context, source: Path, out: Path | None) -> None:
    """Extract the facts of documents in the gold's form (JSON Lines)."""
    from pipeline import documents, stages

    predictions, issues = stages.annotate_all(documents.read(source))
    text = "".join(map(documents.as_line, predictions))
    if out is None:
        click.echo(text, nl=False)
    else:
        documents.write(out, text)
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


def _report(issues: Iterable[Issue]) -> int:
    """The exit code that the issues call for, once the errors among them are on standard error."""
    errors = [issue for issue in issues if issue.level == "error"]
    for issue in errors:
        click.echo(f"cchc: {issue.where}: {issue.message} [{issue.code}]", err=True)
    return 1 if errors else 0
