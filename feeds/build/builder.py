"""One site, built as often as asked: read, plan, make, write, and what the next build may skip."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from feeds import issued, lockfile, paths, reader, settings
from feeds.build import replaced, write
from feeds.build.cache import fingerprint, uptodate
from feeds.build.cache.incremental import BuildCache
from feeds.build.cache.store import MEMORY, Store
from feeds.build.exclusive import alone
from feeds.build.plan import Planner
from feeds.build.project import Project
from feeds.build.render import TEXTS
from feeds.build.titles import with_formulas_as_text
from feeds.errors import OutputError, Problem
from feeds.reader.mapping import serial_map
from feeds.settings.ignore import without_ignored
from feeds.site import i18n

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo
    from pathlib import Path

    from feeds.build.cache.state import BuildState, Inputs, Said
    from feeds.build.render import Result as Made
    from feeds.build.write import Report
    from feeds.model import Output, Site
    from feeds.reader import Blog
    from feeds.reader.mapping import Map

    Clock = Callable[[tzinfo], datetime]

TRIES = 3
"""How often a site is read when its posts change meanwhile."""


@dataclass(kw_only=True, eq=False, repr=False)
class Result:
    """What a build did: `out` is the output folder, `problems` are sorted, each once, `notes` are about the cache.
    `is_written` is false when a file could not be written, and then there is no report.

    `remember(said)` lets the next build say the same again at once when nothing changed.
    """

    site: Site
    out: Path
    report: Report
    problems: list[Problem]
    notes: list[str]
    is_written: bool
    remember: Callable[[Said], None] = field(repr=False)


def build_site(root: Path, now: datetime, *, out: Path | None = None, cache: bool = True) -> Result:
    """Build the site in the folder `root` as of a time: write its outputs into `out`, else where its settings say.

    `now` has a time zone; posts dated later are kept out. With `cache=False` everything is made anew and nothing kept.
    Problems of posts, settings and templates are in the result; raises `NotASite` for a folder that is no site,
    `SettingsError` for settings that cannot be used and `OutputError` when the output folder lies outside the site.
    """
    return Builder(root=root, cache=cache).build(lambda _: now, out)


@dataclass(kw_only=True, eq=False, repr=False)
class Builder:
    """Builds the site in the folder `root`.

    A build is told its time by a function of the site's zone: `--now 2026-05-01` is midnight there. `mapping(label)` is
    how a list of work is gone through. With `cache=False` nothing is kept for another program; a `resident` builder
    keeps in memory what it made, for its own next build. `texts` is how many rendered texts are held at a time.
    `waiting` is called when another build must end first.

    Every build reads the settings anew. All raise `NotASite` and `SettingsError` for a folder that cannot be built.
    """

    root: Path
    cache: bool = True
    resident: bool = False
    mapping: Callable[[str], Map] = lambda _: serial_map
    texts: int = TEXTS
    waiting: Callable[[], None] = lambda: None
    _memory: Store | None = None
    _values: dict[str, tuple[str, list[Any], Made]] = field(default_factory=dict)

    def project(self, clock: Clock) -> Project:
        """The site as of a time, read and planned; nothing is made yet."""
        return self._read(clock, Store(""), whole_history=True)[0]

    def outputs(self, clock: Clock) -> tuple[list[Output], Project]:
        """Every output of the site, as values: nothing is written."""
        for _ in range(TRIES):
            project, _inputs = self._read(clock, self._in_memory())
            made = project.values(self.mapping("building"), self._values if self.resident else {})
            project.close()
            if not project.changed:
                break
        return made, project

    def build(self, clock: Clock, out: Path | None = None) -> Result:
        """Write every output into `out`, else where the settings say, and the lockfile into the site.

        One build of a site runs at a time, and one into an output folder; `waiting` is called before waiting for
        another. Posts that change meanwhile are read again, with the whole site, so that all outputs agree.
        """
        written: set[str] = set()
        with alone(self.root, self.waiting):
            for _ in range(TRIES):
                result, changed = self._build(clock, out)
                report = result.report
                written |= {*report.written}
                if not changed:
                    break
        now = written & report.digests.keys()
        result.report = replace(
            report, written=tuple(sorted(now)), unchanged=tuple(sorted(report.digests.keys() - now))
        )
        return result

    def _build(self, clock: Clock, out: Path | None) -> tuple[Result, bool]:
        """What came of one build, and whether posts changed meanwhile."""
        project, inputs = self._read(clock, None)
        target = out or write.output_folder(self.root, project.blog.settings, project.blog.dialect.folders())
        report, unwritten, mended = write.Report(), [], False
        try:
            if lock := project.planner.lock:  # before ids are public: they stay even if this build is killed
                mended = write.lock(*lock, self.root, is_published=bool(project.site.posts))
        except OutputError as error:
            unwritten.append(replace(error.problem, severity="warning"))
        try:
            with suppress(OSError):
                target.mkdir(parents=True, exist_ok=True)
            with alone(target, self.waiting):
                outputs = project.outputs(self.mapping("building"), str(target))
                report = write.write(outputs, target, lambda: not project.has_errors)
        except OutputError as error:
            unwritten.append(error.problem)
        whole = not unwritten and not report.problems and not project.changed
        if whole:
            project.close(report.digests, str(target))
        else:
            project.cache.store.abandon()

        def remember(said: Said) -> None:
            stale = mended and any(problem.path == lockfile.FILE for problem in project.site.problems)
            if (
                inputs.folder and whole and not stale and not report.pages
            ):  # what was wrong with the lock may be right now
                inputs.keep(said, project, report, target, asked=out)

        result = Result(
            site=project.site,
            out=target,
            report=report,
            problems=without_ignored(
                [*project.problems, *unwritten, *report.problems, *self._replaced(project, report, target)],
                project.blog.settings.ignore,
                settings.FILE,
                whole=True,
            ),
            notes=inputs.notes,
            is_written=not any(problem.severity == "error" for problem in unwritten),
            remember=remember,
        )
        return result, bool(project.changed)

    def _replaced(self, project: Project, report: Report, target: Path) -> list[Problem]:
        """What is to be said of files that other programs wrote into the output folder."""
        options, lock = project.site.settings.feeds, project.site.lock
        asked = [*options.paths.values(), *(place for places in options.also.values() for place in places)]
        places = {place.path: place for place in (*(one.place for one in project.site.channels), *asked)}
        folder = os.path.relpath(target, self.root) if paths.contains(self.root, target) else str(target)
        return replaced.problems(
            report.replaced, report.pages, places, folder, first=bool(lock and not lock[0].strip())
        )

    def _in_memory(self) -> Store:
        """Where a resident builder keeps what it made."""
        if self.resident and not self._memory:
            self._memory = Store(MEMORY)
        return self._memory or Store("")

    def _read(self, clock: Clock, store: Store | None, *, whole_history: bool = False) -> tuple[Project, _Inputs]:
        """The site, with what earlier builds left in the store: without one, in the user's cache where that can be."""
        clocks = fingerprint.clocks([str(self.root)])  # before anything is read
        blog = reader.open_blog(self.root)
        now = clock(blog.settings.timezone)
        folder, notes = _cache_folder(self.root) if self.cache and store is None else ("", [])
        store = store or (Store(folder) if folder else self._in_memory())
        inputs = _Inputs(blog, clocks, folder if store.works else "", notes)
        cache = BuildCache.begin(store, inputs.basis, inputs.fingerprints, inputs.clocks, now.timestamp())
        site = blog.read(now, self.mapping("reading"), cache if store.works else None)
        site = with_formulas_as_text(site)
        words = i18n.Catalog(self.root, monthly=blog.settings.digest.period == "month")
        planner = Planner(blog, site, now, words, whole_history)
        return Project(planner, cache, self.texts), inputs


class _Inputs:
    """The files of a site as they are before a build reads them: what changes later is another input for the next one.

    `clocks` are those of the site before anything was read: what changes afterwards has a later time than they say.
    """

    def __init__(self, blog: Blog, clocks: dict[str, int], folder: str, notes: list[str]) -> None:
        """`folder` is that of the site's cache, `notes` are about it."""
        self.folder, self.notes = folder, notes
        self._blog, site = blog, os.path.realpath(blog.root)
        native = blog.dialect.native
        self._inputs: Inputs = {
            "site": site,
            "program": fingerprint.program(),
            "folders": (blog.settings.content_dir, i18n.FOLDER, blog.dialect.issues) if native else (".",),
            "skip": [blog.settings.output, lockfile.FILE, *([] if native else ["node_modules"])],
            "files": [settings.FILE, issued.FILE],
        }
        self.clocks = fingerprint.clocks(os.path.join(site, folder) for folder in self._inputs["folders"]) | clocks
        self.fingerprints = uptodate.input_fingerprints(self._inputs)
        self._names = set(os.listdir(site))

    @property
    def basis(self) -> str:
        """What everything that is made depends on: this program, the settings, the site's own templates, and the files
        that any post of a generator's blog may depend on. Another one each time while one of these files may change
        unseen.
        """
        own = {
            path: known
            for path, known in self.fingerprints.items()
            if path.startswith(f"{i18n.FOLDER}/") or self._blog.dialect.is_shared(path)
        }
        sure = all(fingerprint.sure(known, self.clocks) for known in own.values())
        parts = [self._inputs["site"], self._inputs["program"], repr(self._blog.settings)]
        parts += [repr(self._blog.dialect.folders()), repr(own)]
        return "\n".join([*parts, "" if sure else os.urandom(8).hex()])

    def keep(self, said: Said, project: Project, report: Report, out: Path, *, asked: Path | None) -> None:
        """Have the next build compare before it begins; not when a change of the inputs would not be seen."""
        now, moments = project.planner.now.timestamp(), project.planner.moments()
        site = self._inputs["site"]
        names = sorted(os.listdir(site))
        ours = {lockfile.FILE, self._blog.settings.output.split("/", 1)[0]}
        if not self._names ^ set(names) <= ours:
            return
        if not all(fingerprint.sure(known, self.clocks) for known in self.fingerprints.values()):
            return
        state: BuildState = {
            **self._inputs,
            **said,
            "asked": os.path.realpath(asked) if asked else None,
            "out": os.path.realpath(out),
            "outputs": [write.MANIFEST, *sorted(report.digests)],
            "written": [lockfile.FILE],
            "names": names,
            "now": (
                max((one for one in moments if one <= now), default=0),
                min((one for one in moments if one > now), default=None),
            ),
        }
        with suppress(OSError):
            uptodate.keep(self.folder, state, self.fingerprints)
            uptodate.forget_unused(self.folder)


def _cache_folder(root: Path) -> tuple[str, list[str]]:
    """The folder of the site's cache, "" for none, and what its owner should know of it."""
    notes = []
    if os.path.lexists(root / uptodate.OLD_FOLDER):
        notes.append(f"{uptodate.OLD_FOLDER}: note: is the cache of an earlier version; you can delete it")
    try:
        folder = uptodate.folder(str(root))
        uptodate.forget(folder)
    except uptodate.NotPrivate as error:
        return "", [*notes, f"note: {error}"]
    except OSError:
        return "", notes
    return folder, notes
