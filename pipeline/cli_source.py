"""The verbs of `cchc source`: a file for a new source, and how a source's pages are read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline import logs
from pipeline.cli_options import places
from pipeline.errors import CchcError, UsageError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.records import Capture

# The exit code where what is printed needs a person's work.
_FAILED = 1


@click.group("source")
def source_verbs() -> None:
    """Sources: propose the file of a new one, test how the pages of one are read."""


class PageUnusableError(CchcError):
    """The page is none from which a source could be told."""


@source_verbs.command()
@click.argument("page", metavar="URL|FILE")
@click.option("--url", help="The address of a saved page, where neither it nor <file>.yml says it.")
@click.option("--name", help="The source's name, where the host's is not wanted.")
@click.option("--resolve", multiple=True, metavar="HOST=ADDRESS:PORT", help="Reach the host at another address.")
@places("corpus")
@click.pass_context
def new(ctx: click.Context, page: str, url: str | None, name: str | None, resolve: tuple[str, ...]) -> None:
    """Propose a source's file from one article's page: YAML that loads as it is, what was found in its comments.

    A host that crawls into the corpus leave alone is not asked.

    Ends with 1 where no known publishing system fits; then a layout to begin with stands in the comments.
    """
    from pydantic import ValidationError

    from pipeline import stages
    from pipeline.home_province import named_by
    from scrapers.html import decode
    from scrapers.page import PageError
    from scrapers.recognise import propose, site_title_of

    settings: Settings = ctx.obj
    fetched = page.startswith(("http://", "https://"))
    capture = _fetched(page, settings, resolve) if fetched else _saved(Path(page), url)
    if not _path(capture.url).strip("/"):
        raise UsageError(f"{capture.url} is a site's home page: give the address of an article.")
    html = decode(capture.payload, capture.content_type)
    province = named_by(_host(capture.url), site_title_of(html) or "")
    try:
        proposal = propose(capture, stages.sources().values(), name=name, province=province)
    except PageError as error:
        raise PageUnusableError(f"{error} Give the address of an article.") from error
    except ValidationError as error:
        raise UsageError("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())) from error
    click.echo(proposal.text, nl=False)
    if proposal.trial is None:
        click.echo("cchc: no known publishing system fits this page; write the layout in the comments first.", err=True)
        ctx.exit(_FAILED)


@source_verbs.command()
@click.argument("name")
@click.option(
    "--last", type=click.IntRange(min=1), default=50, show_default=True, help="How many captures are the latest."
)
@places("corpus")
@click.pass_context
def test(ctx: click.Context, name: str, last: int) -> None:
    """Parse a source's latest captures anew, and show how many have each field, against those before them.

    Ends with 1 where a field is found less often than before, beyond chance, or than the source's file asserts.
    """
    from pipeline import drift, stages

    [declared] = stages.sources([name]).values()
    # A page that is not read is told below, by its issue; what a library says of it besides is of no use.
    with logs.as_issues(lambda _issue: None):
        found = drift.compare(declared, ctx.obj.corpus, last)
    for line in found.lines():
        click.echo(line)
    ctx.exit(_FAILED if found.problems else 0)


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).hostname or ""


def _path(url: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _fetched(url: str, settings: Settings, resolve: tuple[str, ...]) -> Capture:
    """The page as it is now, asked for as a crawl asks: by robots.txt, with an address at which we are found."""
    from contextlib import ExitStack
    from ipaddress import ip_address

    from pipeline.frontier import FILE, Frontier
    from pipeline.records import Capture, CaptureRef
    from scrapers.fetch import Fetcher, FetchError, parse_resolve, user_agent

    host = _host(url)
    try:
        addresses = dict(parse_resolve(text) for text in resolve)
        local = host in addresses and ip_address(addresses[host].host).is_loopback
        contact = settings.contact or ("cchc@localhost" if local else "")
        if not contact:
            raise UsageError(
                "nobody is named as the one who asks: set CCHC_CONTACT to a mail address or URL at which a site's "
                "owner can reach you."
            )
        agent = user_agent(contact)
    except ValueError as error:
        raise UsageError(str(error)) from error
    with ExitStack() as stack:
        # What crawls know of the host: its pace, its robots.txt, and whether it asked for a rest or blocked us.
        there = isinstance(settings.corpus_at, Path) and (settings.corpus_at / FILE).exists()
        memory = stack.enter_context(Frontier(settings.corpus)) if there else None
        fetcher = Fetcher(agent, resolve=addresses, memory=memory)
        stack.callback(fetcher.close)
        other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
        try:
            response = fetcher.fetch(url, hosts={host, other})
        except FetchError as error:
            raise PageUnusableError(f"{error} Save the page with a browser and name the file instead.") from error
    return Capture(
        CaptureRef("", 0, 0, ""), "", response.url, response.fetched_at, response.status, response.content_type,
        response.body,
    )  # fmt: skip


def _saved(file: Path, url: str | None) -> Capture:
    """A saved page; its address and day stand in <file>.yml, as for `cchc archive import`, or are given or its own."""
    import yaml

    from pipeline.records import Capture, CaptureRef
    from scrapers.html import decode
    from scrapers.recognise import own_address

    try:
        payload = file.read_bytes()
        sidecar = file.with_name(f"{file.name}.yml")
        about = yaml.safe_load(sidecar.read_text(encoding="utf-8")) if sidecar.exists() else {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(
            f"{file} cannot be read: {error}. Give the URL of an article or the file of a saved one."
        ) from error
    about = about if isinstance(about, dict) else {}
    address = url or about.get("url") or own_address(decode(payload))
    if not isinstance(address, str) or not address.startswith(("http://", "https://")) or not _host(address):
        raise UsageError(f"{file} does not say where it was: give its address with --url.")
    moment = about.get("fetched_at")
    day = moment if isinstance(moment, datetime) else datetime.now(UTC)
    stamp = day.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Capture(CaptureRef(file.name, 0, 0, ""), "", address, stamp, 200, "", payload)
