"""Finding and reading the files of a site, within the rules of `paths`."""

from __future__ import annotations

import io
import os
import posixpath
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from feeds import paths
from feeds.errors import Problem, Unreadable
from feeds.reader import frontmatter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from feeds.model import Image

_NOT_UTF8 = "has a name that is not UTF-8; rename it"

_LARGEST = 1_000_000
"""Pixels; a file may claim any number."""


def walk(
    root: Path, folder: str, problems: list[Problem], enter: Callable[[str], bool] = lambda name: name[0] != "."
) -> Iterator[str]:
    """Every file inside a folder of the site, as paths relative to it. Links to files are followed, those to folders
    are not.

    `enter` says whether a folder of this name is searched; hidden ones never are.
    """

    def complain(path: str, message: str) -> None:
        problems.append(Problem(os.fsencode(path).decode("utf-8", "replace"), 0, message, code="file-unreadable"))

    waiting = [posixpath.normpath(folder)]
    if frontmatter.not_utf8(folder):
        complain(folder, _NOT_UTF8)
        return
    while waiting:
        base = waiting.pop()
        try:
            entries = paths.entries(root, base)
        except Unreadable as error:
            another = "create it or name another in [content] dir" if base == posixpath.normpath(folder) else ""
            remedy = error.remedy or another
            complain(base, f"{error.reason}; {remedy}" if remedy else error.reason)
            continue
        below = "" if base == "." else f"{base}/"
        for entry in entries:
            path, is_folder = below + entry.name, paths.is_folder(entry)
            if is_folder and not enter(entry.name):
                continue
            if wrong := _unusable(entry, path, root):
                complain(path, wrong)
            elif not is_folder:
                yield path
            elif not entry.is_symlink():
                waiting.append(path)


def _unusable(entry: os.DirEntry[str], path: str, root: Path) -> str:
    """Why a file or folder cannot be used, "" if it can be."""
    if frontmatter.not_utf8(entry.name):
        return _NOT_UTF8
    if entry.is_symlink():
        try:
            paths.check(root, path, "folder" if paths.is_folder(entry) else "file")
        except Unreadable as error:
            return error.message
    return ""


def measured(image: Image, root: Path) -> Image:
    """An image of the site with its size in pixels and its media type, as far as its file tells.

    Raises `Unreadable`.
    """
    import mimetypes

    import imagesize  # brings half of urllib

    kind = mimetypes.guess_type(image.file)[0] or ""
    if not kind.startswith("image/"):
        return image
    with io.BufferedReader(paths.opened(root, image.file)) as file:
        width, height = (int(size) if 0 < size < _LARGEST else 0 for size in imagesize.get(file))  # -1 if it is damaged
    return replace(image, width=width, height=height, type=kind)


def read_front_matter(
    root: Path,
    path: str,
    parse: Callable[[str], frontmatter.FrontMatter],
    *,
    first: int = frontmatter.FIRST_READ,
) -> tuple[frontmatter.FrontMatter, bytes]:
    """The front matter of a file found by walking, and all bytes of the file; only the `first` are parsed if the front
    matter ends there.

    `parse` must give the same result for the first lines of a file as for all of it, or raise. Raises
    `FrontMatterError` or `Unreadable`.
    """
    with paths.opened(root, path, walked=True) as stream:
        raw = stream.readall()
    if len(raw) >= first:
        with suppress(frontmatter.FrontMatterError):
            return parse(frontmatter.decode(raw[: raw.rfind(b"\n", 0, first) + 1])), raw
    return parse(frontmatter.decode(raw)), raw
