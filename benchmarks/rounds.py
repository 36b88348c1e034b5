"""Whole processes, measured in turn: in every round each tool does each scenario once, so that a slow minute of the
machine hits all of them. Results are believed only when the feeds hold what they should.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from benchmarks import corpus
from benchmarks.tools import (
    BLOGS,
    COLD,
    FORMULAS,
    FULL,
    FULL_LIBRARIES,
    HUGO,
    LIBRARIES,
    NEWEST,
    OLD,
    OURS,
    SCENARIOS,
    TEMPLATE,
    Tool,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 20
"""Posts in a feed."""

LEAST = 2_500
"""Characters of a post that is given in full: the smallest body holds 6,000 bytes, up to three a character."""

WANTED = (OURS, FULL, LIBRARIES, FULL_LIBRARIES, HUGO, FORMULAS, *BLOGS.values())
"""Whose ratios the tables of targets want, however long it takes."""

CONVERT = (OURS, FULL, FORMULAS)
"""Whose formulas must be MathML."""

ONCE = Path(__file__).with_name("once.py")
TIMEOUT = 900.0


class WrongError(Exception):
    """Why a tool's times are not to be believed."""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds from start to exit, seconds of CPU, bytes of the largest process."""

    wall: float
    cpu: float
    peak: int


@dataclass(slots=True)
class Result:
    """What one tool did with a corpus of one size: runs by scenario, in the order of the rounds."""

    tool: Tool
    runs: dict[str, list[Run]] = field(default_factory=lambda: {scenario: [] for scenario in SCENARIOS})
    spent: float = 0
    stopped: str = ""


def cache_of(site: Path) -> Path:
    """Where we keep what one build has for the next: outside the site."""
    return site.with_name(f"{site.name}-cache")


@dataclass(frozen=True, slots=True)
class Bench:
    """How to measure: in which folder, how often, and for how many seconds one peer may work on one size."""

    work: Path
    rounds: int
    patience: float
    mark: int = field(default_factory=time.time_ns)

    def measure(self, tools: Iterable[Tool], files: int, scenarios: tuple[str, ...] = SCENARIOS) -> list[Result]:
        """Every tool on a corpus of that many files."""
        results = [Result(tool) for tool in tools]
        for result in results:
            self.prepare(result.tool, files)
        for number in range(self.rounds):
            for scenario in scenarios:
                # There and back: neighbours stay neighbours, so that the ratio of two of them is of one moment.
                for result in results if number % 2 == 0 else reversed(results):
                    self._one(result, scenario, files, number)
            for result in results:
                self._restore(result.tool, files)
        return results

    def site(self, tool: Tool, files: int) -> Path:
        """Where a tool has its copy of the corpus."""
        return self.work / "sites" / str(files) / tool.folder

    def prepare(self, tool: Tool, files: int) -> None:
        """Make a tool's site: posts and configuration."""
        site = self.site(tool, files)
        site.mkdir(parents=True, exist_ok=True)
        if tool.layout:
            _note(f"{files} files for {tool.name}")
            corpus.write(site, tool.layout, files)
            self._restore(tool, files)
        for name, source in tool.configuration.items():
            target = site / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                target.unlink(missing_ok=True)
                target.symlink_to(source)
            else:
                shutil.copy(source, target)

    def clean(self, tool: Tool, files: int) -> None:
        """Remove what a cold build must not find."""
        for name in tool.leftovers:
            path = self.site(tool, files) / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        shutil.rmtree(cache_of(self.site(tool, files)), ignore_errors=True)

    def _one(self, result: Result, scenario: str, files: int, number: int) -> None:
        tool, command = result.tool, result.tool.run(scenario)
        if result.stopped or not command:
            return
        if result.spent > self.patience and tool.name not in WANTED:
            result.stopped = f"stopped after {result.spent:.0f} s"
            return
        site = self.site(tool, files)
        self._change(tool, scenario, files, number)
        try:
            run = self._run(tool, command, site, files)
            self._check(tool, scenario, files, number)
        except WrongError as error:
            result.stopped = f"not believed: {scenario}: {error}"
            _note(f"{tool.name}, {files} files: {result.stopped}")
            return
        result.runs[scenario].append(run)
        result.spent += run.wall
        _note(f"{files} files, round {number + 1}, {scenario}, {tool.name}: {run.wall:.3f} s, {run.peak / 1e6:.0f} MB")

    def _run(self, tool: Tool, command: tuple[str, ...], site: Path, files: int) -> Run:
        log = self.work / "logs" / f"{tool.folder}-{files}.txt"
        log.parent.mkdir(exist_ok=True)
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "NO_COLOR": "1",
            "CI": "1",
            "LC_ALL": "C.UTF-8",
            "HUGO_CACHEDIR": str(site / "cache"),
            "FEEDS_CACHE_DIR": str(cache_of(site)),
        }
        with log.open("w", encoding="utf-8") as words:
            process = subprocess.Popen(  # noqa: S603  # the commands stand in tools.py
                [sys.executable, "-I", "-S", str(ONCE), *command],
                cwd=site,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
                text=True,
                start_new_session=True,
            )
            try:
                report, _ = process.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired as error:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise WrongError(f"not done after {TIMEOUT:.0f} s") from error
        if not report:
            raise WrongError(f"did not start: {_last_line(log)}")
        wall, cpu, peak, code = report.split()
        if code != "0":
            raise WrongError(f"exit code {code}: {_last_line(log)}")
        return Run(float(wall), float(cpu), int(peak))

    def _change(self, tool: Tool, scenario: str, files: int, number: int) -> None:
        """Make the site what the scenario wants to find."""
        site = self.site(tool, files)
        if scenario == COLD:
            self.clean(tool, files)
        elif scenario in (NEWEST, OLD):
            with self._post(tool, files, scenario).open("a", encoding="utf-8") as post:
                post.write(f"\n{self._sentence(number)}\n")
        elif scenario == TEMPLATE and tool.template:
            path = site / tool.template
            text = (tool.original or path).read_text(encoding="utf-8")
            path.parent.mkdir(exist_ok=True)
            comment = ("# {}" if path.suffix == ".toml" else "<!-- {} -->").format(self._sentence(number))
            path.write_text(f"{text.rstrip()}\n{comment}\n", encoding="utf-8")

    def _restore(self, tool: Tool, files: int) -> None:
        """Take back what the scenarios changed."""
        if not tool.layout:
            return
        for scenario, one in zip((NEWEST, OLD), corpus.newest_and_oldest(files), strict=True):
            text = corpus.text(tool.layout, one, corpus.LANGUAGES[0])
            path = self._post(tool, files, scenario)
            if path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8", newline="\n")
        if tool.template:
            path = self.site(tool, files) / tool.template
            if tool.original:
                path.unlink(missing_ok=True)
            elif path.is_file():
                shutil.copy(tool.configuration[tool.template], path)

    def _sentence(self, number: int) -> str:
        """What a change writes. No two runs of the benchmark write the same, so that no cache knows it."""
        return f"Changed in round {number + 1} of {self.mark}."

    def _post(self, tool: Tool, files: int, scenario: str) -> Path:
        newest, oldest = corpus.newest_and_oldest(files)
        one = newest if scenario == NEWEST else oldest
        return self.site(tool, files) / corpus.place(tool.layout, one, corpus.LANGUAGES[0])

    def _check(self, tool: Tool, scenario: str, files: int, number: int) -> None:
        """Raises `WrongError` unless every feed holds the newest posts in full, and the change just made."""
        for language in corpus.LANGUAGES if tool.feeds else ():
            for pattern in tool.feeds:
                name = pattern.format(lang=language)
                entries = _entries(self.site(tool, files) / name)
                if len(entries) != min(LIMIT, files // 2):
                    raise WrongError(f"{name} has {len(entries)} posts")
                if min(map(len, entries)) < LEAST:
                    raise WrongError(f"{name} has a post that is not in full")
                if tool.name in CONVERT and not all("<math" in entry for entry in entries):
                    raise WrongError(f"{name} has a post whose formulas are not MathML")
                changed = scenario == NEWEST and language == corpus.LANGUAGES[0]
                if changed and not any(self._sentence(number) in entry for entry in entries):
                    raise WrongError(f"{name} has not the changed post")


def _entries(path: Path) -> list[str]:
    """The longest text of each entry of a feed."""
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314  # written a moment ago by a tool we installed
    except (OSError, ElementTree.ParseError) as error:
        raise WrongError(f"{path.name}: {error}") from error
    entries = [element for element in root.iter() if element.tag.rpartition("}")[2] in ("entry", "item")]
    return [max(("".join(part.itertext()) for part in entry), key=len) for entry in entries]


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "no word said"


def _note(line: str) -> None:
    sys.stderr.write(f"{line}\n")
