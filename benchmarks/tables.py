"""What was measured as Markdown tables: medians over the rounds; a ratio is the median of the ratios of each round."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.tools import (
    BLOGS,
    COLD,
    FLOOR,
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
TARGETS: tuple[tuple[str, str, str, str, str, dict[int, float]], ...] = (
    ("cold build, time", OURS, FORMULAS, COLD, "wall", {116: 0.25, 1_000: 0.33, 10_000: 0.4}),
    ("newest post changed, time", OURS, FORMULAS, NEWEST, "wall", {}),
    ("cold build, time", OURS, HUGO, COLD, "wall", {116: 1.2, 1_000: 1.0, 10_000: 0.6}),
    ("nothing changed, time", OURS, HUGO, UNCHANGED, "wall", {116: 0.3, 1_000: 0.12, 10_000: 0.04}),
    ("newest post changed, time", OURS, HUGO, NEWEST, "wall", {}),
    ("cold build, peak memory", OURS, HUGO, COLD, "peak", {116: 0.6, 1_000: 0.5, 10_000: 0.2}),
    ("full job, cold build, time", FULL, HUGO, COLD, "wall", {10_000: 7.0}),
    ("the libraries alone, cold build, time", LIBRARIES, HUGO, COLD, "wall", {}),
    ("the libraries alone, full job, cold build, time", FULL_LIBRARIES, HUGO, COLD, "wall", {}),
)
"""What, of which job, divided by which peer, in which scenario, of what, at most so much at each size."""

GROWN = 100_000
COLD_FLOORS, STAT_FLOORS, PEAK = 15.0, 4.0, 250 * MEGABYTE
"""At most so many floors, and so much memory, at 100,000 posts."""

CHANGED = 0.25
"""One changed post in a generator's blog takes at most so much of a cold build."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], words: Sequence[int] = (0,)) -> str:
    """A Markdown table; the columns of these numbers hold words, the others figures."""
    lines = [head, ["---" if number in words else "---:" for number in range(len(head))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def felt(sizes: Sizes) -> str:
    """How long one waits for ours, before anything is divided by anything."""
    rows = []
    for files, results in sizes.items():
        for name, job in ((OURS, "feeds"), (FULL, "everything")):
            own = _of(results, name)
            if own:
                rows.append([f"{files:,} posts, {job}", *(_seconds(own.runs[scenario]) for scenario in SCENARIOS)])
    return table(["seconds", *(NAMES[scenario] for scenario in SCENARIOS)], rows)


def compared(sizes: Sizes) -> str:
    """Ours and the peers at the same work: for each size, the costs of each."""
    parts = []
    for files, results in sizes.items():
        shown = [result for result in results if result.tool.name not in (FULL, FULL_LIBRARIES, f"{FLOOR}, full job")]
        head = [f"{files:,} posts", *(f"{NAMES[scenario]} s" for scenario in SCENARIOS), "cold: CPU s", "peak MB"]
        parts.append(table([*head, "rounds"], [_row(result) for result in shown if result.runs[COLD]]))
        stops = [f"{result.tool.name}: {result.stopped}." for result in shown if result.stopped]
        parts += [" ".join(stops)] if stops else []
    return "\n\n".join(parts)


def full(sizes: Sizes) -> str:
    """The full job of ours: its costs, and next to its floor, the libraries alone and Hugo's feeds."""
    rows = []
    for files, results in sizes.items():
        own = _of(results, FULL)
        if own and (cold := own.runs[COLD]):
            others = (_of(results, name) for name in (HUGO, FULL_LIBRARIES, f"{FLOOR}, full job"))
            rows.append([f"{files:,} posts", *_costs(cold), *(_ratio(cold, other, COLD, "wall") for other in others)])
    head = ["full job, cold build", "wall s", "CPU s", "peak MB", "/ Hugo's feeds", "/ the libraries alone", "/ floor"]
    return table(head, rows)


def targets(sizes: Sizes) -> str:
    """Whether each target is met, at the sizes that were measured."""
    rows = []
    for what, name, peer, scenario, part, limits in TARGETS:
        row = [what, peer]
        for files, results in sizes.items():
            own, other = _of(results, name), _of(results, peer)
            ratios = _ratios(own.runs[scenario], other, scenario, part) if own else []
            row.append(_judged(median(ratios), limits.get(files)) if ratios else "–")
        rows.append(row)
    return table(["ours", "divided by", *(f"{files:,} posts" for files in sizes)], rows, (0, 1))


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


def _row(result: Result) -> list[str]:
    _, cpu, peak = _costs(result.runs[COLD])
    seconds = (_seconds(result.runs[scenario]) for scenario in SCENARIOS)
    # What the floor needs is less than can be seen (once.py).
    return [result.tool.name, *seconds, cpu, "–" if result.tool.name == FLOOR else peak, str(len(result.runs[COLD]))]


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
