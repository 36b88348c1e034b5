"""What changes in a site while somebody writes: the author's files, not what a build writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import watch

from feeds import lockfile
from feeds.build.write import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator

_WAKE = 300
"""Milliseconds until the watcher reports that it is running."""


def changes(site: Path) -> Iterator[list[str]]:
    """The paths that changed, relative to the site, one list per change until the program is interrupted.

    The first list is empty: from then on, no change is missed.
    """
    root, begun = site.resolve(), False
    for found in watch(
        root,
        watch_filter=lambda _, path: _is_source(Path(path), root),
        raise_interrupt=False,
        rust_timeout=_WAKE,
        yield_on_timeout=True,
    ):
        if found or not begun:
            begun = True
            yield sorted({Path(path).relative_to(root).as_posix() for _, path in found})


def _is_source(path: Path, root: Path) -> bool:
    inside = path.relative_to(root)
    hidden = any(part.startswith(".") or part == "node_modules" for part in inside.parts)
    outputs = any((root / folder / MANIFEST).exists() for folder in inside.parents)
    return not hidden and not outputs and inside.name != lockfile.FILE
