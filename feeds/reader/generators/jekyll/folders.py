"""Folders of a Jekyll blog: where its posts lie, and which a pattern of its configuration means."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from feeds import paths
from feeds.errors import Problem, SettingsError, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

_SKIPPED = ("node_modules", "vendor")


def globbed(pattern: str, path: str) -> bool:
    """Whether a file, or a folder it lies in, matches a pattern of Ruby's `Dir.glob`."""
    rows: list[list[str]] = [[]]  # of names that follow each other; between two rows there may be any folders
    for name in pattern.split("/"):
        rows[-1].append(name)
        if name == "**":
            rows[-1:] = [rows[-1][:-1], []]
    names, place = path.split("/"), 0
    for number, row in enumerate(rows):
        places = range(place, len(names) - len(row) + 1)[: None if number else 1]
        fits = (begin for begin in places if all(map(fnmatchcase, names[begin : begin + len(row)], row)))
        if (found := next(fits, None)) is None:
            return False
        place = found + len(row)
    return True


def posts_folders(root: Path, source: str, excluded: set[str], problems: list[Problem]) -> list[str]:
    """`_posts` and `_drafts` folders, relative to the site. Raises `SettingsError` when the source cannot be read."""
    found, waiting = [], [source]
    while waiting:
        base = waiting.pop()
        try:
            entries = paths.entries(root, base)
        except Unreadable as error:
            if base == source and not error.missing:
                raise SettingsError([Problem(source, 0, error.message, code="file-unreadable")]) from error
            if not error.missing:
                problems.append(
                    Problem(base, 0, f"{error.message}; it may hold posts", "warning", code="file-unreadable")
                )
            continue
        for entry in filter(paths.is_folder, entries):
            place = posixpath.normpath(posixpath.join(base, entry.name))
            if entry.name in ("_posts", "_drafts"):
                found.append(place)
            elif not (
                entry.is_symlink()
                or entry.name.startswith((".", "_", "#", "~"))
                or entry.name in _SKIPPED
                or place in excluded
            ):
                waiting.append(place)
    return found if any(name.endswith("_posts") for name in found) else []
