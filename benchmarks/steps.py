"""Where the time of one cold build of ours goes: its imports by `-X importtime`, its work by `cProfile`."""

from __future__ import annotations

import os
import pstats
import subprocess
import tempfile
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.rounds import cache_of
from benchmarks.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Function = tuple[str, int, str]
"""File, line, name: the keys of `pstats`."""

PACKAGE = "feeds"
IMPORTS, ELSE = "imports", "else"
PARTS = {
    "reader": "finding posts, reading front matter and bodies",
    "markup": "Markdown, formulas, sanitising",
    "syndication": "feeds: making them, checking them",
    "digest": "the digest: making it, checking it",
    "site": "templates, pages, words and dates",
    "build": "planning, writing, the cache, sharing the work with a second process",
    "settings": "settings",
    "cli": "the command line",
    "lockfile": "ids",
    "paths": "opening files",
    IMPORTS: "imports",
    ELSE: "everything else",
}
TRIES = 3
"""Imports are measured as often, and the quickest is shown."""

SMALL = 0.005
"""Shares below this are not worth a line."""

_PROFILED = """
import cProfile, os, sys
os._exit = sys.exit  # the program leaves without a word, and a profile is written behind it
profile = cProfile.Profile()
try:
    profile.runcall(lambda: __import__("feeds.__main__", fromlist=["main"]).main())
except SystemExit:
    pass
profile.dump_stats({kept!r})
"""

PASSES = 50
"""How often a share is handed on to the callers; functions that call each other in a circle end so."""


def report(program: Path, site: Path, clean: Callable[[], None]) -> str:
    """Two tables of a cold build in that site; `clean` removes what an earlier build left. A build that fails is a
    sentence instead.
    """
    try:
        with _one_core():
            imports = min((_imports(program, site, clean) for _ in range(TRIES)), key=lambda times: sum(times.values()))
            clean()
            profile = _profile(program, site)
    except subprocess.CalledProcessError as error:
        return f"Not measured: {(error.stderr.strip() or 'no word said').splitlines()[-1]}"
    package = Path(_run(site, program, "-c", f"import {PACKAGE}; print({PACKAGE}.__path__[0])").stdout.strip())
    return f"{_imported(imports)}\n\n{_worked(profile, package)}"


@contextmanager
def _one_core() -> Iterator[None]:
    """On one core ours is one process, and what it does can be seen as a whole."""
    if not hasattr(os, "sched_setaffinity"):  # macOS: it is one process there in any case
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _run(site: Path, program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The Python beside our program, with these words."""
    return subprocess.run(  # noqa: S603  # the program the user named
        [str(program.with_name("python")), *words],
        cwd=site,
        env=os.environ | {"FEEDS_CACHE_DIR": str(cache_of(site))},
        capture_output=True,
        text=True,
        check=True,
    )


def _imports(program: Path, site: Path, clean: Callable[[], None]) -> dict[str, float]:
    """Milliseconds by package, each without what it imports itself."""
    clean()
    done = _run(site, program, "-X", "importtime", str(program), "build", ".", "--quiet")
    times: dict[str, float] = defaultdict(float)
    for line in done.stderr.splitlines():
        own, *_, name = line.removeprefix("import time:").split("|")
        if line.startswith("import time:") and own.strip().isdigit():
            times[name.strip().partition(".")[0]] += int(own) / 1000
    return times


def _imported(times: dict[str, float]) -> str:
    whole = sum(times.values())
    ordered = sorted(times.items(), key=lambda item: -item[1])
    rows = [[f"`{name}`", f"{took:.1f}"] for name, took in ordered if took >= whole / 50]
    rest = whole - sum(float(row[1]) for row in rows)
    return table(
        ["import of a package, without what it imports", "ms"],
        [*rows, ["all others", f"{rest:.1f}"], ["together", f"{whole:.1f}"]],
    )


def _profile(program: Path, site: Path) -> pstats.Stats:
    with tempfile.TemporaryDirectory() as folder:
        kept = str(Path(folder) / "profile")
        _run(site, program, "-c", _PROFILED.format(kept=kept), "build", ".", "--quiet")
        return pstats.Stats(kept)


def _worked(profile: pstats.Stats, package: Path) -> str:
    shares: dict[str, float] = defaultdict(float)
    modules: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for module, took in _by_module(profile, package).items():
        part = module.split("/")[0].removesuffix(".py")
        shares[part] += took
        modules[part][module] += took
    whole = sum(shares.values())
    rows = []
    for part, took in sorted(shares.items(), key=lambda item: -item[1]):
        largest = sorted(modules[part].items(), key=lambda item: -item[1])[:4]
        named = ", ".join(f"{name} {own / whole:.0%}" for name, own in largest if own / whole >= SMALL)
        if took / whole >= SMALL:
            rows.append([PARTS.get(part, part), f"{took / whole:.0%}", named if part not in (IMPORTS, ELSE) else ""])
    return table(["step", "share of a cold build", "of which"], rows, (0, 2))


def _by_module(profile: pstats.Stats, package: Path) -> dict[str, float]:
    """Seconds by module of the package. What a library took is handed to whoever called it, in proportion to the time
    it spent for each of them, until it arrives at a module of ours.
    """
    functions = profile.stats  # type: ignore[attr-defined]  # undocumented, and unchanged since Python 2
    waiting = {function: own for function, (_, _, own, _, _) in functions.items()}
    done: dict[str, float] = defaultdict(float)
    for _ in range(PASSES):
        handed: dict[Function, float] = defaultdict(float)
        for function, took in waiting.items():
            callers = {caller: spent[3] for caller, spent in functions[function][4].items() if caller != function}
            whole = sum(callers.values())
            if module := _module(function, package):
                done[module] += took
            elif not whole:
                done[ELSE] += took
            else:
                for caller, spent in callers.items():
                    handed[caller] += took * spent / whole
        waiting = handed
    done[ELSE] += sum(waiting.values())
    return done


def _module(function: Function, package: Path) -> str:
    """The module of ours that a function stands in, "" when it is not ours to say."""
    file, _, name = function
    if "importlib" in file or "__import__" in name:
        return IMPORTS
    path = Path(file)
    if not path.is_relative_to(package):
        return ""
    return IMPORTS if name == "<module>" else path.relative_to(package).as_posix()
