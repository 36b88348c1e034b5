"""Measures ours, the floor and the peers, prints tables, and writes them into docs/performance.md when asked.

Everything it needs is installed below `--work`, Jekyll excepted, which Debian puts into the system.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import steps, tables
from benchmarks.corpus import LANGUAGES
from benchmarks.rounds import Bench
from benchmarks.tools import (
    COLD,
    FLOOR,
    FORMULAS,
    FULL,
    HUGO,
    LIBRARIES,
    NEWEST,
    OURS,
    PEERS,
    UNCHANGED,
    NotInstalledError,
    Tool,
    blogs,
    floors,
    install,
    libraries,
)

RIVALS = (OURS, FULL, HUGO, FORMULAS)
"""Whose ratios have targets; the other tools take minutes at 10,000 files."""


def sizes(said: str) -> list[int]:
    """Sizes from `116,1000`; "" is none. Raises `ValueError`, which argparse reports."""
    made = [int(part) for part in said.split(",") if part]
    if any(files < len(LANGUAGES) for files in made):
        raise ValueError(said)
    return made


def options() -> argparse.Namespace:
    """What the user wants."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--sizes", type=sizes, default=[116, 1_000, 10_000], help="files of the comparison (default 116,1000,10000)")
    add("--growth", type=sizes, default=[100, 1_000, 10_000, 100_000], help="files of the growth table")
    add("--steps", type=int, default=1_000, metavar="FILES", help="files of the table of steps; 0 = none")
    add("--blogs", type=sizes, default=[1_000, 1_800], help="files of the blogs of other generators; empty = none")
    add("--rounds", type=int, default=5)
    add("--tools", default=",".join(PEERS), help=f"peers, of {', '.join(PEERS)}; empty = none")
    add("--ours", type=Path, default=Path(sys.executable).with_name("feeds"), help="the program `feeds` to measure")
    add(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "feeds-benchmarks",
        help="where all is installed and made: 3 GB",
    )
    add(
        "--patience",
        type=float,
        default=120,
        metavar="SECONDS",
        help="after so long a peer, Hugo excepted, does no more rounds of one size",
    )
    add("--most", type=int, default=1_000, metavar="FILES", help="peers, Hugo excepted, get no more (default 1,000)")
    add("--write", type=Path, metavar="FILE", help="put the tables into this file, between their marks")
    return parser.parse_args()


def machine() -> str:
    """What the figures were measured on."""
    cpu = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", information.read_text(encoding="utf-8"), re.MULTILINE)
        cpu = found[1] if found else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        system = platform.platform()
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB; {system}, Linux {platform.release()}; Python "
        f"{platform.python_version()}. Measured on {datetime.now(UTC):%Y-%m-%d}."
    )


class Document:
    """Where the tables go: to the screen, and into a file between `<!-- NAME -->` and `<!-- end -->`."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def put(self, name: str, text: str) -> None:
        """Replace one part. Raises `SystemExit` when the file has no such marks."""
        sys.stdout.write(f"\n{text}\n")
        sys.stdout.flush()
        if not self.path:
            return
        whole = self.path.read_text(encoding="utf-8")
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not marks.search(whole):
            raise SystemExit(f"{self.path}: has no <!-- {name} --> … <!-- end -->")
        self.path.write_text(marks.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", whole), encoding="utf-8")


def in_order(tools: list[Tool], lowest: list[Tool]) -> list[Tool]:
    """Ours beside Hugo, since their ratio has targets; the floor behind ours, whose outputs it copies."""
    same, whole, *peers = tools
    beside = [tool for tool in peers if tool.name in (HUGO, FORMULAS)]
    return [same, *beside, whole, *lowest, *(tool for tool in peers if tool not in beside)]


def step_tables(bench: Bench, own: list[Tool], files: int) -> str:
    """Where the time goes in either job of ours."""
    parts = []
    for tool, job in zip(own, ("The same work as the peers", "The full job"), strict=True):
        bench.prepare(tool, files)
        made = steps.report(Path(tool.command[0]), bench.site(tool, files), partial(bench.clean, tool, files))
        parts.append(f"{job}, {files:,} files:\n\n{made}")
    return "\n\n".join(parts)


def main() -> None:
    """The whole measurement."""
    said = options()
    said.work.mkdir(parents=True, exist_ok=True)
    work = said.work.resolve()
    document = Document(said.write)
    # Not resolved: beside it, and not beside what it may link to, lies the Python that has its packages.
    try:
        tools, missing = install(said.tools.lower().split(","), work, said.ours.absolute())
    except NotInstalledError as error:
        raise SystemExit(f"--ours: {error}") from error
    try:
        lowest = floors(work)
    except NotInstalledError as error:
        lowest, missing["the floor"] = [], str(error)
    for name, why in missing.items():
        sys.stderr.write(f"NOT MEASURED: {name}: {why}\n")
    lowest += libraries(said.ours.absolute())
    bench = Bench(work, said.rounds, said.patience)
    if said.sizes or said.growth or said.steps:  # the blogs, measured by themselves, say theirs
        document.put("machine", machine())
    compared = {
        files: bench.measure(in_order([t for t in tools if t.name in RIVALS or files <= said.most], lowest), files)
        for files in said.sizes
    }
    if compared:
        document.put("felt", tables.felt(compared))
        document.put("targets", tables.targets(compared))
        document.put("tools", tables.peers(next(iter(compared.values())), missing))
        document.put("same work", tables.compared(compared))
        document.put("full job", tables.full(compared))
    if said.growth:
        three = [tools[0], *(tool for tool in lowest if tool.name in (FLOOR, LIBRARIES))]
        grown = {files: bench.measure(three, files, (COLD, UNCHANGED, NEWEST)) for files in said.growth}
        document.put("growth", tables.growth(grown))
    if said.blogs:
        own = blogs(said.ours.absolute())
        changed = {files: bench.measure(own, files, (COLD, UNCHANGED, NEWEST)) for files in said.blogs}
        document.put("blogs", f"{tables.blogs(changed)}\n\n{machine()}")
    if said.steps:
        document.put("steps", step_tables(bench, tools[:2], said.steps))


if __name__ == "__main__":
    main()
