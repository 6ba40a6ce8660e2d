"""The verbs of `cchc archive`: is it sound, what is in it, what comes in and goes out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline import logs
from pipeline.cli_options import places, telling
from pipeline.errors import CchcError, UsageError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.archive import Entry
    from pipeline.places import Place


@click.group()
@places("corpus")
def archive() -> None:
    """The archive of pages as served: check it, look into it, import, export."""


@archive.command()
@places("corpus")
@click.pass_context
def check(ctx: click.Context) -> None:
    """Read all of it: lengths, digests, ends of records, the index. Ends with 1 where something is wrong."""
    from pipeline import archive as files

    corpus = ctx.obj.corpus_at
    problems = files.check(corpus)
    for problem in problems:
        click.echo(str(problem))
    for name in files.unfinished(corpus):
        click.echo(f"{name}: open; a run is at work on it, or the next crawl takes over what a killed one left")
    entries = files.Archive.load(corpus, lambda _error: None).entries
    names = {entry.filename for entry in entries}
    click.echo(
        f"{len(entries):,} captures in {len(names):,} files: " + (f"{len(problems)} problems" if problems else "good")
    )
    ctx.exit(1 if problems else 0)


@archive.command()
@telling
@places("corpus")
@click.pass_context
def reindex(ctx: click.Context) -> None:
    """Write the index anew from the files."""
    from pipeline import archive as files
    from pipeline import runs
    from pipeline.records import Issue

    problems: list[files.ArchiveError] = []
    with runs.locked(ctx.obj.corpus):
        count = files.reindex(ctx.obj.corpus, problems.append)
    for problem in problems:
        logs.current().issue(Issue("archive.damaged", "error", str(problem), where=problem.file))
    click.echo(f"{count:,} captures")
    ctx.exit(1 if problems else 0)


@archive.command("list")
@click.argument("url")
@places("corpus")
@click.pass_obj
def list_captures(settings: Settings, url: str) -> None:
    """The captures of a URL, oldest first; with a final * of all URLs that begin so."""
    for entry in _found(settings.corpus_at, url):
        same = "revisit" if entry.revisit else entry.mime
        click.echo(
            f"{entry.fetched_at}  {entry.status}  {same}  {entry.digest}  {entry.filename}:{entry.offset}  {entry.url}"
        )


@archive.command()
@click.argument("url")
@click.option("--at", "moment", metavar="DATE", help="The capture that was valid then, not the last one.")
@places("corpus")
@click.pass_obj
def show(settings: Settings, url: str, moment: str | None) -> None:
    """Write a page's bytes as captured, its content encoding undone, to standard output."""
    from pipeline import archive as files

    entry = files.at(_found(settings.corpus_at, url), moment)
    if entry is not None:
        capture = files.read(settings.corpus_at, entry.ref)
        click.echo(f"{capture.fetched_at} {capture.status} {capture.content_type} {capture.url}", err=True)
        sys.stdout.buffer.write(capture.payload)


@archive.command("import")
@click.argument("path", nargs=-1, required=True)
@click.option("--source", "names", multiple=True, metavar="NAME", help="Only articles of this source.")
@click.option("--host", "hosts", multiple=True, metavar="SUFFIX", help="Only of hosts that end so.")
@telling
@places("corpus")
@click.pass_context
def import_captures(ctx: click.Context, path: tuple[str, ...], names: tuple[str, ...], hosts: tuple[str, ...]) -> None:
    """Take the sources' articles from WARC and WACZ files (local or at any fsspec address, such as s3://…) and from
    folders of saved pages, each with a sidecar `<file>.yml` that says its url and fetched_at."""
    from pipeline import runs, stages
    from pipeline.archive_import import import_all
    from pipeline.records import Issue

    told: list[Issue] = []
    declared = stages.sources(names).values()
    run = runs.new_id(kind="import")
    with runs.locked(ctx.obj.corpus), logs.of_run(run, "import") as log:

        def report(issue: Issue) -> None:
            told.append(issue)
            log.issue(issue)

        done = import_all(path, ctx.obj.corpus, run, declared, report, hosts)
    for source, count in sorted(done.sources.items()):
        click.echo(f"{source}: {count:,} captures")
    for reason, count in done.skipped.most_common():
        click.echo(f"left out: {count:,} ({reason})")
    click.echo(f"{done.new:,} captures imported, {done.known:,} were there")
    ctx.exit(1 if told else 0)


@archive.command()
@click.option("--wacz", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@click.option("--source", "names", multiple=True, metavar="NAME", help="Only captures of this source.")
@places("corpus")
@click.pass_obj
def export(settings: Settings, wacz: Path, names: tuple[str, ...]) -> None:
    """Write the archive as one WACZ file."""
    from pipeline.archive_wacz import export as write

    click.echo(f"{write(settings.corpus, wacz, names):,} captures in {wacz}")


class NotArchivedError(CchcError):
    """The archive has no capture of what was asked for."""


def _found(corpus: Place, url: str) -> list[Entry]:
    from pipeline import archive as files

    try:
        found = files.find(corpus, url)
    except ValueError as error:
        raise UsageError(f"{url} is no URL ({error})") from error
    if not found:
        raise NotArchivedError(f"the archive has no capture of {url}; with a final * all that begin so are listed")
    return found
