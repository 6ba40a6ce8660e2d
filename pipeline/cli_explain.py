"""`cchc explain`: what is read in a sentence, and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.errors import UsageError


@click.command()
@click.argument("text")
@click.option("--province", help="The home province of the source, as “tỉnh” would mean it.")
@click.option("--published-on", metavar="DATE", help="The day of publication, as 2020-07-14.")
@click.option("--index", metavar="CODE", help="The index that the text is about without naming it, as PCI.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page that shows it as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of text.")
def explain(
    text: str, province: str | None, published_on: str | None, index: str | None, html: Path | None, as_json: bool
) -> None:
    """Show tokens, names, values, modality and rules of a sentence, and which rules nearly fired."""
    from pipeline.explain import explain as explained

    explanation = explained(text, province, published_on, index)
    told = json.dumps(explanation.as_record(), ensure_ascii=False, indent=1) if as_json else explanation.as_text()
    click.echo(told)
    if html is None:
        return
    try:
        html.write_text(explanation.as_html(), "utf-8")
    except OSError as error:
        raise UsageError(
            f"{html} cannot be written: {error.strerror}. Name a file in a folder that you own."
        ) from error
