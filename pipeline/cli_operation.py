"""The verb of whoever watches: `cchc status`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from pipeline.cli_options import places


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@places("corpus", "output")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """How each source stands: last success, new articles, errors, next due time. Writes metrics.prom to the output.

    Ends with 1 where a source is stale, silent beyond its assertion, or was never crawled."""
    from pipeline import operation, stages

    found = operation.standings(stages.sources().values(), ctx.obj.corpus, ctx.obj.output, datetime.now(UTC))
    if ctx.obj.output.is_dir():
        operation.write_metrics(found, ctx.obj.output)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        rows = [[str(value if value is not None else "-") for value in asdict(one).values()] for one in found]
        table = [[name.replace("_", " ") for name in operation.Standing.__dataclass_fields__], *rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for cells in table:
            click.echo("  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip())
    ctx.exit(1 if any(one.bad for one in found) else 0)
