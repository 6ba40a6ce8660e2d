"""`cchc explain`: what is read in a sentence, and why."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.errors import UsageError


@click.command()
@click.argument("text")
@click.option("--province", help="The home province of the source, as “tỉnh” would mean it.")
@click.option("--published-on", metavar="DATE", help="The day of publication, as 2020-07-14.")
@click.option("--index", metavar="CODE", help="The index that the text is about without naming it, as PCI.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page that shows it as well.")
def explain(text: str, province: str | None, published_on: str | None, index: str | None, html: Path | None) -> None:
    """Show tokens, names, values, modality and rules of a sentence, and which rules nearly fired."""
    from pipeline.explain import explain as explained

    explanation = explained(text, province, published_on, index)
    click.echo(explanation.as_text())
    if html is None:
        return
    try:
        html.write_text(explanation.as_html(), "utf-8")
    except OSError as error:
        raise UsageError(f"{html} cannot be written: {error.strerror}. Name a file in a folder that you own.") from error
