"""The stages from a URL to a row; with `reading` the only module that imports both scrapers and extractors.

Both are imported where they are used, so that a command loads only what it needs. One page or document that
breaks its stage becomes an issue, and the rest goes on: only in `reading` is every exception caught.
"""

from __future__ import annotations

import dataclasses
import difflib
import gc
import ipaddress
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline import documents, fingerprints, logs, progress, runs
from pipeline.errors import CchcError, UsageError
from pipeline.reading import CRASHES, DAMAGED, extract_article, parsed
from pipeline.records import Extraction, Issue
from pipeline.runs import PastRun, Run, RunError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.archive import Archive, Entry
    from pipeline.collection import Collection, Reading
    from pipeline.corrections import Corrections
    from pipeline.crawl import CrawlReport, Plan
    from pipeline.fingerprints import Code
    from pipeline.gathered import Basis
    from pipeline.kept import Kept
    from pipeline.places import Place
    from pipeline.repeat import Former
    from pipeline.rows import SourceRow
    from pipeline.work import Engine, Group
    from scrapers.fetch import Address
    from scrapers.source import Source

T = TypeVar("T")

# One page in so many may break the program without the run failing; more are the program's fault, not theirs.
_TOLERATED = 100
# The kinds of a run that crawled the bundled sample sites, or nothing but copies on this machine: they stand in
# the names of its files.
SAMPLE, LOCAL = "sample", "local"
_VANISHED = "source.vanished"
# What a run met that met it for once, or that the next one tries to do better.
_ONCE = {DAMAGED, *CRASHES, "kept.damaged", "history.lost"}
# Who is crawling where nobody but this machine is asked.
_LOCAL_CONTACT = "cchc@localhost"


class CrawlError(CchcError):
    """Sources that could not be crawled as they should; the others were, and what was fetched is archived."""


def sources(names: Sequence[str] = ()) -> dict[str, Source]:
    """The declared sources of these names, all where none is named. Raises UsageError for an unknown name and
    for a file of a source or of the layouts that cannot be used."""
    from scrapers.layouts import LayoutError, layout
    from scrapers.source import SourceError, load_sources

    try:
        declared = load_sources()
        for dated in (dated for source in declared.values() for dated in source.layouts):
            layout(dated.layout)
    except (SourceError, LayoutError) as error:
        raise UsageError(str(error)) from error
    for name in names:
        if name not in declared:
            raise UsageError(_unknown_source(name, list(declared)))
    return {name: source for name, source in declared.items() if not names or name in names}


def crawl(
    settings: Settings,
    names: Sequence[str],
    resolve: Sequence[str],
    delay: float | None = None,
    kind: str = "",
    plan: Plan | None = None,
) -> Run:
    """What the sources of these names (all where none is named) announce and is due, archived in the corpus.

    `resolve` holds `HOST=ADDRESS:PORT`, `delay` the seconds between two requests to a host in place of the
    sources' own, `plan` the days wanted. Raises UsageError, LockHeldError, and CrawlError where a source's crawl met
    an error.
    """
    from pipeline import operation
    from pipeline.crawl import crawl_all, damaged
    from pipeline.frontier import Frontier
    from scrapers.fetch import Fetcher, Limits

    chosen = list(sources(names).values())
    addresses = _addresses(resolve, chosen)
    live = sorted({host for source in chosen for host in source.hosts} - addresses.keys())
    limits = Limits()
    if delay is not None:
        chosen = [dataclasses.replace(source, delay=delay) for source in chosen]
        limits = dataclasses.replace(limits, delay=delay)
    kind = kind or ("" if live else LOCAL)
    agent = _agent(settings, live, addresses)
    with _at_work("crawl", settings.corpus, settings.output, kind) as run:
        _refuse_mixture(settings.corpus, live, kind)
        with Frontier(settings.corpus) as frontier:
            if frontier.damaged:
                run.report(damaged(frontier))
            fetcher = Fetcher(agent, limits=limits, resolve=addresses, memory=frontier)
            report = _one_at_a_time(run.report)
            if plan and plan.due:
                chosen = operation.due(chosen, frontier, fetcher.clock.now())
            with progress.of_crawl(len(chosen)) as watcher:
                reports = crawl_all(
                    chosen,
                    corpus=settings.corpus,
                    run=run.id,
                    fetcher=fetcher,
                    frontier=frontier,
                    plan=plan,
                    report=report,
                    watcher=watcher,
                )
            fetcher.close()
        _account(reports, run)
    return run


def annotate(found: Iterable[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], tuple[Issue, ...]]]:
    """Each document's prediction in the contract's form, and the issues met; a document that breaks the
    extractors is predicted empty, with an error among its issues. Raises DocumentError."""
    from extractors.facts import FACT_TYPES

    for document in found:
        extraction = extract_article(documents.article(document))
        yield documents.prediction(document["doc_id"], extraction.facts, FACT_TYPES), extraction.issues


def annotate_all(found: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Issue]]:
    """All predictions in the order of the documents, and all issues. Raises DocumentError."""
    predictions: list[dict[str, Any]] = []
    issues: list[Issue] = []
    for predicted, met in annotate(found):
        predictions.append(predicted)
        issues += met
    return predictions, issues


def extract(corpus: Place, output: Path, engine: Engine | None = None, *, full: bool = False) -> Run:
    """The tables of the whole corpus in the output, in place of the former ones, with the corrections that lie in the
    corpus. The same archive, rules and corrections give the same tables, whatever the order of the archive's files and
    whoever did the work; only what changed by no page since the former tables bears this run's time.

    What an earlier run made of a page is kept and taken, unless something that it rests on has changed, or `full`.
    Where nothing at all has changed the run repeats the last one without doing its work. Without an `engine` one worker
    does the work. Raises LockHeldError, CorrectionError, KeptError, and RunError where the run failed: then the former
    tables are untouched.
    """
    from pipeline import repeat

    with _uncollected(), _at_work("extract", output, output) as run:
        declared, code = sources(), fingerprints.code()
        basis = repeat.basis(corpus, declared, code)
        former = None if full else repeat.last(output, basis)
        if former is not None:
            _repeat(former, run)
        else:
            _extract(corpus, output, declared, code, engine, run, full=full)
        if not _ONCE & run.codes.keys():
            # Where there is no room for it the next run does its work.
            with suppress(OSError):
                repeat.note(output, run.id, basis)
    return run


def read_all(archive: Archive, declared: Mapping[str, Source], decided: Corrections | None = None) -> Iterator[Reading]:
    """The article and facts of every group of captures that are one article, in the order of doc_id, as corrected.

    Captures of sources that are not declared, and of URLs that are no articles, come as readings without one.
    """
    from pipeline import work

    found, left_out = work.groups(archive, declared)
    for entry, outcome in left_out:
        yield _left_out(entry, outcome)
    for group in found:
        reading = _read(archive, group, declared[group.source])
        yield _corrected(reading, decided) if decided else reading


def crashes(run: Run) -> int:
    """How many pages broke the program."""
    return sum(run.codes[code] for code in CRASHES)


def _repeat(former: Former, run: Run) -> None:
    """Leaves everything as the former run left it, and tells what it told."""
    for issue in former.issues:
        run.report(issue)
    counts = dict(former.counts)
    run.counts |= counts | {"kept": counts["kept"] + counts["computed"], "computed": 0}
    run.sources |= {name: dict(found) for name, found in former.sources.items()}
    run.tables = former.tables


@dataclass(frozen=True, slots=True)
class _Work:
    """What an extraction works on and with."""

    archive: Archive
    declared: Mapping[str, Source]
    decided: Corrections
    output: Path
    code: Code
    basis: Basis
    engine: Engine
    run: Run
    full: bool

    def kept(self) -> Kept:
        from pipeline import kept

        return kept.Kept(self.output / kept.FILE, self.code)


def _extract(
    corpus: Place,
    output: Path,
    declared: Mapping[str, Source],
    code: Code,
    engine: Engine | None,
    run: Run,
    *,
    full: bool,
) -> None:
    """The tables of the whole corpus in the output. Raises what `extract` raises."""
    from pipeline import corrections, gathered, tables
    from pipeline.processes import LocalEngine

    tables.recover(output)
    decided = corrections.read(corpus / corrections.FILE)
    archive = _archive(corpus, run)
    _report_undeclared(archive, declared, run)
    declarations = {name: fingerprints.declaration(source) for name, source in declared.items()}
    basis = gathered.basis(code.everything, decided, declarations)
    work = _Work(archive, declared, decided, output, code, basis, engine or LocalEngine(1), run, full)
    collection = _gathered(work)
    run.counts |= collection.counts()
    run.sources |= collection.by_source()
    for issue in corrections.issues(decided.rows(collection.outcomes)):
        run.report(issue)
    _refuse_loss(collection, declared, run, runs.past(output))
    _publish(collection, work)


@contextmanager
def _at_work(verb: runs.Verb, locked: Path, output: Path, kind: str = "") -> Iterator[Run]:
    """A run that alone works on the locked folder, and tells its issues to the terminal as they come."""
    with (
        runs.locked(locked),
        runs.start(verb, output, runs.new_id(kind=kind)) as run,
        logs.of_run(run.id, verb) as log,
        logs.briefly(log, run.folder / "issues.jsonl") as tell,
        logs.as_issues(run.report),
    ):
        run.listeners.append(tell)
        log.milestone("run.begun", f"{verb} begins")
        try:
            yield run
        finally:
            log.milestone("run.ended", f"{verb} has ended", counts=run.counts)


def _addresses(resolve: Sequence[str], chosen: Iterable[Source]) -> dict[str, Address]:
    """The address of each host; where a source's one host is redirected its other names follow it, so that a
    redirect between them does not leave the copy for the real site."""
    from scrapers.fetch import parse_resolve

    try:
        given = dict(parse_resolve(text) for text in resolve)
    except ValueError as error:
        raise UsageError(str(error)) from error
    for source in chosen:
        known = [given[host] for host in source.hosts if host in given]
        given |= {host: known[0] for host in source.hosts if known and host not in given}
    return given


def _agent(settings: Settings, live: Sequence[str], addresses: Mapping[str, Address]) -> str:
    """The User-Agent, with an address at which a site's owner finds us; only this machine may be asked without."""
    from scrapers.fetch import user_agent

    local = not live and all(ipaddress.ip_address(address.host).is_loopback for address in addresses.values())
    contact = settings.contact or (_LOCAL_CONTACT if local else None)
    if contact is None:
        raise UsageError(
            "nobody is named as the one who crawls: set CCHC_CONTACT to a mail address or URL at which a site's "
            "owner can reach you."
        )
    try:
        return user_agent(contact)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _refuse_mixture(corpus: Path, live: Sequence[str], kind: str) -> None:
    """Invented pages of the sample never share an archive with real ones. Raises UsageError."""
    from pipeline.archive import read_index

    files = {entry.filename for entry in read_index(corpus)}
    if live and any(f"-{SAMPLE}-" in file for file in files):
        raise UsageError(
            f"{corpus} holds the pages of the bundled sample (`make run`), which are invented: empty it, or name "
            "another folder with --corpus."
        )
    if kind == SAMPLE and not all(f"-{SAMPLE}-" in file or f"-{LOCAL}-" in file for file in files):
        raise UsageError(f"{corpus} holds captures of real pages: name another folder for the sample with --corpus.")


def _one_at_a_time(report: Callable[[Issue], None]) -> Callable[[Issue], None]:
    """The same for several threads."""
    lock = threading.Lock()

    def told(issue: Issue) -> None:
        with lock:
            report(issue)

    return told


def _account(reports: Mapping[str, CrawlReport], run: Run) -> None:
    """The reports in the run's manifest. Raises CrawlError where one of them holds an error."""
    for name, report in reports.items():
        run.sources[name] = report.counts()
    for count in ("discovered", "fetched", "new", "changed", "unchanged"):
        run.counts[count] = sum(found[count] for found in run.sources.values())
    failed = [name for name, report in reports.items() if not report.ok]
    if failed:
        raise CrawlError(
            f"{len(failed)} of {len(reports)} sources met errors ({', '.join(failed)}): see "
            f"{run.folder / 'issues.jsonl'}; what was fetched is archived."
        )


def _unknown_source(name: str, declared: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, declared, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else "`cchc sources` lists them."
    return f"no source is called {name!r}: {remedy}"


def _archive(corpus: Place, run: Run) -> Archive:
    """The archive; what is damaged in its files is reported. Raises RunError where it is empty."""
    from pipeline.archive import Archive, ArchiveError

    def damaged(error: ArchiveError) -> None:
        run.report(Issue(DAMAGED, "error", str(error), where=error.file))

    archive = Archive.load(corpus, damaged)
    for problem in archive.file_problems():
        damaged(problem)
    if not archive.entries:
        raise RunError(
            f"the corpus {corpus} holds no captures: run `cchc crawl` first, or name another folder with --corpus."
        )
    return archive


def _report_undeclared(archive: Archive, declared: Mapping[str, Source], run: Run) -> None:
    for name in sorted({entry.source for entry in archive.entries} - declared.keys()):
        message = "its captures are left out, as it is not declared: restore its file among the sources."
        run.report(Issue("source.unknown", "warning", message, name, name))


def _gathered(work: _Work) -> Collection:
    """What became of all captures: what is kept, and what had to be made. Raises KeptError, RunError."""
    from pipeline import kept

    try:
        return _through(work)
    except kept.DamagedError as error:
        path = work.output / kept.FILE
        message = f"the kept results are damaged ({error}): all are made anew; {kept.set_aside(path)} can be removed."
        work.run.report(Issue("kept.damaged", "warning", message, where=str(path)))
    return _through(work)


def _through(given: _Work) -> Collection:
    """Makes what is needed, and gathers it with what is kept, in the order of doc_id. Raises DamagedError too."""
    from pipeline import gathered, kept, patterns, results, work
    from pipeline.collection import Collection

    with given.kept() as store:
        told = store.gathered()
        archive = given.archive
        former = None if given.full else gathered.read(given.output, told, given.basis)
        known = former.addresses(given.basis.declarations) if former else {}
        groups, left_out = work.groups(archive, given.declared, known)
        need = store.need(groups, archive.marks(), given.basis.declarations, full=given.full)
        job = work.Job(archive.corpus, given.declared, str(store.code))
        ranges = store.bring(work.ranges(need.groups), need)
        with (
            patterns.remembered(store, full=given.full) if need.groups else nullcontext(),
            progress.shown("extract", len(need.groups)) as step,
            _ended(given.engine.run(job, ranges)) as made,
        ):
            for result in (result for _, found in made for result in found):
                store.put(result, need)
                step()
        collection = Collection()
        by_id = {group.doc_id: group for group in groups}
        try:
            for entry, outcome in left_out:
                collection.leave_out(entry, outcome)
            if former:
                taken = gathered.Taken(former, need.kept & former.pages.keys())
                collection.take_over(taken)
                by_id = {doc_id: group for doc_id, group in by_id.items() if doc_id not in taken.ids}
            for stored in store.stored(by_id):
                collection.gather(by_id.pop(stored.doc_id), stored, given.decided, store.article)
        except results.UnreadableError as error:
            raise kept.DamagedError(str(error)) from error
    if by_id:
        raise RunError(f"nothing came back of {len(by_id)} articles, such as {min(by_id)}: report it as a bug.")
    collection.issues.sort(key=lambda told: told[0])
    for _, issue in collection.issues:
        given.run.report(issue)
    given.run.counts |= {"kept": len(need.kept), "computed": len(need.groups)}
    return collection


@contextmanager
def _uncollected() -> Iterator[None]:
    """Meanwhile nobody in this process looks for circles among the objects: modules, captures and rows hold none that
    would go, and looking through all of them again and again takes a third of the time. The workers look for theirs."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _ended(made: Iterator[T]) -> Iterator[Iterator[T]]:
    """An engine's work, whose workers are sent home even where an error keeps it from being done."""
    try:
        yield made
    finally:
        if isinstance(made, Generator):
            made.close()


def _corrected(reading: Reading, decided: Corrections) -> Reading:
    if reading.article is None:
        return reading
    corrected = decided.apply(reading.article, reading.extraction.facts)
    extraction = dataclasses.replace(reading.extraction, facts=corrected.facts)
    return dataclasses.replace(reading, extraction=extraction, corrected=corrected)


def _publish(collection: Collection, work: _Work) -> None:
    """The tables in place of the former ones; where they only repeat them the former ones stay."""
    from pipeline import gathered, history, kept, tables

    run, output = work.run, work.output
    try:
        former = collection.taken.former() if collection.taken else history.current(output)
    except tables.TableError as error:
        message = f"{error} Until then nothing is known of what changed since the last run."
        run.report(Issue("history.lost", "warning", message, where=str(output)))
        former = None
    rows = [_source_row(source) for source in work.declared.values()]
    found, changes = collection.tables(rows, work.decided, former, run.id, run.started_at)
    lines = collection.lines(found)
    run.tables = tables.write(found, output, run.id, lines)
    counted = {"observations": "observations", "conflicts": "conflicts", "doubts": "quality"}
    run.counts |= {word: len(found[name]) for word, name in counted.items()}
    run.changes |= history.summary(changes)
    history.prune(output, run.tables)
    pages = {doc_id: page for doc_id, page in collection.pages.items() if doc_id not in collection.concerned}
    # The tables are there: where this cannot be written the next run gathers all.
    with suppress(OSError, kept.KeptError, kept.DamagedError), work.kept() as store:
        told = gathered.write(output, run.tables, work.basis, found, lines, pages, collection.issues)
        store.note_gathered(told)


def _source_row(source: Source) -> SourceRow:
    from extractors import lookups
    from pipeline.rows import SourceRow

    home = source.province
    return SourceRow(
        source=source.name,
        title=source.title,
        province=home,
        province_code=lookups.province_code(home, lookups.LAST_DAY_OF_DISTRICTS) if home else None,
        url=source.origin,
        layouts="; ".join(dict.fromkeys(dated.layout for dated in source.layouts)),
        declared=True,
    )


def _left_out(entry: Entry, outcome: str) -> Reading:
    from pipeline.collection import Reading

    return Reading(None, None, Extraction(), ((entry, outcome),), ())


def _read(archive: Archive, group: Group, source: Source) -> Reading:
    from pipeline.collection import Reading

    article, outcomes, issues = parsed(archive, group.captures, source)
    extraction = extract_article(article) if article else Extraction()
    pairs = tuple(zip(group.captures, outcomes, strict=True))
    return Reading(group.doc_id, article, extraction, pairs, (*issues, *extraction.issues))


def _refuse_loss(collection: Collection, declared: Mapping[str, Source], run: Run, past: Sequence[PastRun]) -> None:
    """What a broken minimum, a damaged archive or a broken program lost must not vanish from the tables too.

    Raises RunError.
    """
    for name in _vanished(run, past) & declared.keys():
        message = "the tables hold its articles, the archive has no capture of it any more: restore its files there, "
        message += "or, if it is meant to go, remove its declaration or start with an empty output."
        run.report(Issue(_VANISHED, "error", message, name, name))
    for issue in collection.broken({name: source.assertions for name, source in declared.items()}):
        run.report(issue)
    fatal = {
        "assertion.minimum": "a source yielded too little",
        DAMAGED: "the archive is damaged",
        _VANISHED: "a source is gone from the archive",
    }
    causes = [cause for code, cause in fatal.items() if run.codes[code]]
    if crashes(run) > max(1, run.counts["articles"] // _TOLERATED):
        causes.append("the program broke on too many pages")
    if causes:
        raise RunError(f"{' and '.join(causes)}: the tables are left as they were; see {run.folder / 'issues.jsonl'}.")


def _vanished(run: Run, past: Sequence[PastRun]) -> set[str]:
    """The sources that the last extraction had and this one has not."""
    good = [former for former in past if former.verb == "extract" and former.state == "succeeded"]
    return good[-1].sources.keys() - run.sources.keys() if good else set()
