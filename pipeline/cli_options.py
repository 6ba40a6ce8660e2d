"""Options that several verbs of the command have."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast

import click

from pipeline import logs
from pipeline import settings as environment
from pipeline.places import of
from pipeline.settings import Settings

Verb = TypeVar("Verb", bound=Callable[..., Any])


def places(*names: str) -> Callable[[Verb], Verb]:
    """The options `--corpus` and `--output`, which override the environment; a verb that asks its settings for a folder
    refuses an address."""

    def keep(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
        given: Settings = ctx.obj or environment.from_environment()
        if value:
            place = of(value)
            given = replace(given, corpus_at=place) if option.name == "corpus" else replace(given, output_at=place)
        ctx.obj = given

    def add(verb: Verb) -> Verb:
        for name in reversed(names):
            about = {"corpus": "Folder or address of the archive.", "output": "Folder or address of the tables."}[name]
            shown = f"{about}  [default: ${'CCHC_' + name.upper()} or {name}/]"
            verb = click.option(f"--{name}", metavar="PLACE", callback=keep, expose_value=False, help=shown)(verb)
        return verb

    return add


def telling(verb: Verb) -> Verb:
    """The options `--log-format` and `--no-progress`, which override the environment and hold at once."""

    def keep(ctx: click.Context, option: click.Parameter, value: Any) -> None:
        given: Settings = ctx.obj or environment.from_environment()
        if value:
            given = replace(given, progress=False) if value is True else replace(given, log_format=value)
        ctx.obj = given
        logs.use(given.log_format, bars=given.progress)

    about = "No progress bars on a terminal.  [default: $CCHC_NO_PROGRESS]"
    verb = click.option("--no-progress", is_flag=True, callback=keep, expose_value=False, help=about)(verb)
    about = "How to tell on standard error what was odd.  [default: $CCHC_LOG_FORMAT or text]"
    form = click.Choice(logs.FORMS)
    return click.option("--log-format", type=form, callback=keep, expose_value=False, help=about)(verb)


def work(verb: Verb) -> Verb:
    """The options `--workers`, `--engine` and `--scheduler`, which override the environment, and `--full`, given to the
    verb."""

    def keep(ctx: click.Context, option: click.Parameter, value: Any) -> None:
        if value and option.name:
            ctx.obj = replace(ctx.obj or environment.from_environment(), **{option.name: value})

    about = "Make everything anew, also what is kept of earlier runs."
    verb = click.option("--full", is_flag=True, help=about)(verb)
    about = "Address of the Dask scheduler, such as tcp://10.0.0.1:8786.  [default: $CCHC_SCHEDULER]"
    verb = click.option("--scheduler", metavar="ADDRESS", callback=keep, expose_value=False, help=about)(verb)
    about = "Who extracts: this machine's processes, or a Dask cluster's.  [default: $CCHC_ENGINE or local]"
    choice = click.Choice(environment.ENGINES)
    verb = click.option("--engine", type=choice, callback=keep, expose_value=False, help=about)(verb)
    about = "Processes that extract.  [default: $CCHC_WORKERS or one a processor]"
    count = click.IntRange(min=1)
    return click.option("--workers", type=count, metavar="N", callback=keep, expose_value=False, help=about)(verb)


def days(verb: Verb) -> Verb:
    """The options `--since`, `--backfill`, `--again` and `--due`, given to the verb as `plan`."""

    @functools.wraps(verb)
    def planned(
        *given: Any, since: datetime | None, backfill: str | None, again: bool, due: bool, **options: Any
    ) -> Any:
        from pipeline.crawl import Plan

        return verb(*given, plan=Plan.of(since.date() if since else None, backfill, again=again, due=due), **options)

    about = "Only the sources whose time has come (`every` in their files)."
    planned_due = click.option("--due", is_flag=True, help=about)(planned)
    about = "Fetch articles whether they are due for another look or not."
    planned = click.option("--again", is_flag=True, help=about)(planned_due)
    about = "Walk back over pages and day sitemaps to these days; gaps are told."
    planned = click.option("--backfill", metavar="FROM..TO", help=about)(planned)
    about = "Walk back to what was published since this day."
    return cast(Verb, click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=about)(planned))
