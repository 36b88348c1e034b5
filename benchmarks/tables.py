"""What was measured as Markdown tables: medians over the rounds; a ratio is the median of the ratios of each round."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.tools import (
    BLOGS,
    COLD,
    FLOOR,
    FULL,
    FULL_LIBRARIES,
    HUGO,
    LIBRARIES,
    NEWEST,
    OLD,
    OURS,
    SCENARIOS,
    TEMPLATE,
    UNCHANGED,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.rounds import Result, Run

Sizes = dict[int, list["Result"]]
"""The results of each size."""

NAMES = {
    COLD: "cold build",
    UNCHANGED: "nothing changed",
    NEWEST: "newest post changed",
    OLD: "old post changed",
    TEMPLATE: "one template changed",
}
MEGABYTE = 1_000_000
TARGETS: tuple[tuple[str, str, str, str, dict[int, float]], ...] = (
    ("cold build, time", OURS, COLD, "wall", {116: 0.6, 1_000: 0.45, 10_000: 0.45}),
    ("nothing changed, time", OURS, UNCHANGED, "wall", {116: 0.3, 1_000: 0.12, 10_000: 0.04}),
    ("newest post changed, time", OURS, NEWEST, "wall", {116: 0.6, 1_000: 0.3, 10_000: 0.12}),
    ("cold build, peak memory", OURS, COLD, "peak", {116: 0.6, 1_000: 0.5, 10_000: 0.2}),
    ("full job, cold build, time", FULL, COLD, "wall", {116: 3.0, 1_000: 1.2, 10_000: 0.6}),
    ("the libraries alone, cold build, time", LIBRARIES, COLD, "wall", {}),
    ("the libraries alone, newest post changed, time", LIBRARIES, NEWEST, "wall", {}),
    ("the libraries alone, full job, cold build, time", FULL_LIBRARIES, COLD, "wall", {}),
)
"""Divided by Hugo's feeds: what, of which job, in which scenario, of what, at most so much at each size."""

GROWN = 100_000
COLD_FLOORS, STAT_FLOORS, PEAK = 15.0, 4.0, 250 * MEGABYTE
"""At most so many floors, and so much memory, at 100,000 posts."""

CHANGED = 0.25
"""One changed post in a generator's blog takes at most so much of a cold build."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: Sequence[int] = (0,)) -> str:
    """A Markdown table; the columns of these numbers hold words, the others figures."""
    lines = [head, ["---" if number in words else "---:" for number in range(len(head))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def compared(sizes: Sizes) -> str:
    """Ours and the peers at the same work: for each size and scenario, costs and ratios."""
    parts = []
    for files, results in sizes.items():
        parts.append(f"### {files:,} files")
        ours = _of(results, OURS)
        shown = [result for result in results if result.tool.name not in (FULL, FULL_LIBRARIES, f"{FLOOR}, full job")]
        for scenario in SCENARIOS:
            rows = [_row(result, ours, scenario) for result in shown if result.runs[scenario]]
            head = [NAMES[scenario], "wall s", "CPU s", "peak MB", "ours / it: wall", "CPU", "memory", "rounds"]
            parts.append(table(head, rows))
        stops = [f"{result.tool.name}: {result.stopped}." for result in shown if result.stopped]
        parts += [" ".join(stops)] if stops else []
    return "\n\n".join(parts)


def full(sizes: Sizes) -> str:
    """The full job of ours, next to its floor and to Hugo's feeds alone."""
    rows = []
    for files, results in sizes.items():
        own, hugo, floor = _of(results, FULL), _of(results, HUGO), _of(results, f"{FLOOR}, full job")
        short = _of(results, FULL_LIBRARIES)
        for scenario in SCENARIOS:
            runs = own.runs[scenario] if own else []
            if runs:
                rows.append(
                    [
                        f"{files:,} files, {NAMES[scenario]}",
                        *_costs(runs),
                        _ratio(runs, hugo, scenario, "wall"),
                        _ratio(runs, short, scenario, "wall"),
                        _ratio(runs, floor, scenario, "wall"),
                    ]
                )
    return table(["full job", "wall s", "CPU s", "peak MB", "/ Hugo's feeds", "/ the libraries alone", "/ floor"], rows)


def targets(sizes: Sizes) -> str:
    """Whether each target is met, at the sizes that were measured."""
    rows = []
    for what, name, scenario, part, limits in TARGETS:
        row = [what]
        for files, results in sizes.items():
            own, hugo = _of(results, name), _of(results, HUGO)
            ratios = _ratios(own.runs[scenario], hugo, scenario, part) if own else []
            row.append(_judged(median(ratios), limits.get(files)) if ratios else "–")
        rows.append(row)
    return table(["divided by Hugo's feeds", *(f"{files:,} files" for files in sizes)], rows)


def growth(sizes: Sizes) -> str:
    """Ours next to the floor from the smallest to the largest blog, and the targets of the largest."""
    rows, last = [], ""
    for files, results in sizes.items():
        own, floor, short = _of(results, OURS), _of(results, FLOOR), _of(results, LIBRARIES)
        if not own or not own.runs[COLD]:
            continue
        row = [f"{files:,}"]
        for scenario in (COLD, UNCHANGED):
            runs, below = own.runs[scenario], floor.runs[scenario] if floor else []
            row += [_seconds(runs), _seconds(below), _ratio(runs, floor, scenario, "wall")]
        row += [_seconds(own.runs[NEWEST]), _megabytes(own.runs[COLD]), _megabytes(own.runs[UNCHANGED])]
        rows.append(row)
        if files == GROWN and floor:
            last = _grown(own, floor, short)
    head = ["files", "cold s", "floor s", "ratio", "nothing changed s", "stat s", "ratio"]
    made = table([*head, "newest post changed s", "peak MB cold", "peak MB unchanged"], rows)
    return f"{made}\n\n{last}".rstrip()


def blogs(sizes: Sizes) -> str:
    """Ours in the generators' blogs: what a changed post takes of a cold build."""
    rows, stops = [], []
    for files, results in sizes.items():
        for blog, name in BLOGS.items():
            own = _of(results, name)
            if not own or not own.runs[COLD]:
                continue
            ratios = _ratios(own.runs[NEWEST], own, COLD, "wall")
            costs = [_seconds(own.runs[scenario]) for scenario in (COLD, UNCHANGED, NEWEST)]
            rows.append([f"{blog}, {files:,} files", *costs, _judged(median(ratios), CHANGED) if ratios else "–"])
        stops += [f"{result.tool.name}, {files:,} files: {result.stopped}." for result in results if result.stopped]
    head = ["blog", *(f"{NAMES[scenario]} s" for scenario in (COLD, UNCHANGED, NEWEST)), "changed / cold"]
    return "\n\n".join([table(head, rows), *([" ".join(stops)] if stops else [])])


def peers(results: Iterable[Result], missing: Mapping[str, str]) -> str:
    """Which version of what was measured, and what could not be."""
    rows = [[r.tool.name, r.tool.version, r.tool.still or "–"] for r in results if r.tool.name != FULL]
    rows = [row for row in rows if not row[0].startswith((FLOOR, LIBRARIES))]
    rows += [[name, "not measured", why] for name, why in missing.items()]
    return table(["tool", "version", "what it does besides"], rows, (0, 1, 2))


def _grown(own: Result, floor: Result, short: Result | None) -> str:
    cold, stat = (_ratios(own.runs[s], floor, s, "wall") for s in (COLD, UNCHANGED))
    if not cold or not stat:
        return ""
    peak = median(run.peak for run in own.runs[COLD])
    alone = short.runs[COLD] if short else []
    least = f" The libraries alone: cold {_ratio(alone, floor, COLD, 'wall')} of the floor, {_megabytes(alone)} MB."
    return (
        f"At {GROWN:,} files: cold build {_judged(median(cold), COLD_FLOORS)} of the floor, nothing changed "
        f"{_judged(median(stat), STAT_FLOORS)} of looking at every file, peak memory "
        f"{peak / MEGABYTE:.0f} MB ({'' if peak < PEAK else '**missed:** '}under {PEAK / MEGABYTE:.0f})."
    ) + (least if alone else "")


def _of(results: Iterable[Result], name: str) -> Result | None:
    return next((result for result in results if result.tool.name == name), None)


def _row(result: Result, ours: Result | None, scenario: str) -> list[str]:
    runs = result.runs[scenario]
    own = ours.runs[scenario] if ours else []
    ratios = ["1"] * 3 if result is ours else [_ratio(own, result, scenario, part) for part in ("wall", "cpu", "peak")]
    row = [result.tool.name, *_costs(runs), *ratios, str(len(runs))]
    if result.tool.name == FLOOR:  # what it needs is less than can be seen (once.py)
        row[3] = row[6] = "–"
    return row


def _costs(runs: Sequence[Run]) -> list[str]:
    return [_seconds(runs), f"{median(run.cpu for run in runs):.3f}", _megabytes(runs)]


def _seconds(runs: Sequence[Run]) -> str:
    return f"{median(run.wall for run in runs):.3f}" if runs else "–"


def _megabytes(runs: Sequence[Run]) -> str:
    return f"{median(run.peak for run in runs) / MEGABYTE:.0f}" if runs else "–"


def _ratios(runs: Sequence[Run], other: Result | None, scenario: str, part: str) -> list[float]:
    pairs = zip(runs, other.runs[scenario] if other else [], strict=False)  # a slow tool did fewer rounds
    return [getattr(own, part) / max(getattr(its, part), 1e-9) for own, its in pairs]


def _ratio(runs: Sequence[Run], other: Result | None, scenario: str, part: str) -> str:
    ratios = _ratios(runs, other, scenario, part)
    return _figure(median(ratios)) if ratios else "–"


def _figure(ratio: float) -> str:
    return f"{ratio:.3f}" if ratio < 0.1 else f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"  # noqa: PLR2004


def _judged(ratio: float, limit: float | None) -> str:
    if limit is None:
        return _figure(ratio)
    return f"{_figure(ratio)} ({'' if ratio <= limit else '**missed:** '}at most {limit:g})"
