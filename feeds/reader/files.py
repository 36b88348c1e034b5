"""Finding and reading the files of a site. Nothing outside it is read: a link that leads out of it is a problem."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.errors import Problem
from feeds.reader import frontmatter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feeds.model import Image


def walk(
    root: Path, folder: str, problems: list[Problem], enter: Callable[[str], bool] = lambda name: name[0] != "."
) -> Iterator[str]:
    """Every file below a folder of the site, as paths relative to it. Links are followed inside the site only.

    `enter` says whether a folder of this name is looked into; hidden ones are not.
    """

    def complain(path: str, message: str) -> None:
        place = Path(os.path.relpath(path, root)).as_posix()
        problems.append(Problem(os.fsencode(place).decode("utf-8", "replace"), 0, message))

    def unreadable(error: OSError) -> None:
        where = error.filename or str(root / folder)
        complain(where, f"cannot be read: {error.strerror}; create it or name another in [content] dir")

    if not Path(os.path.realpath(root / folder)).is_relative_to(os.path.realpath(root)):
        complain(str(root / folder), "is a link that leads out of the site; copy the folder instead")
        return
    waiting = [str(root / folder)]
    while waiting:
        base = waiting.pop()
        below = "" if base == str(root) else f"{os.path.relpath(base, root)}/"
        for entry in _entries(base, unreadable):
            folder_inside = _is_folder(entry)
            if folder_inside and not enter(entry.name):
                continue
            if wrong := _unusable(entry, root):
                complain(entry.path, wrong)
            elif not folder_inside:
                yield below + entry.name
            elif not entry.is_symlink():
                waiting.append(entry.path)


def _entries(folder: str, unreadable: Callable[[OSError], None]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError as error:
        unreadable(error)
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _unusable(entry: os.DirEntry[str], root: Path) -> str:
    """Why a file or folder cannot be used, "" when it can be."""
    if frontmatter.not_utf8(entry.name):
        return "has a name that is not UTF-8; rename it"
    if entry.is_symlink() and leads_out(Path(entry.path), root):
        kind = "folder" if _is_folder(entry) else "file"
        return f"is a link that leads out of the site; copy the {kind} instead"
    return ""


def leads_out(path: Path, root: Path) -> bool:
    """Whether a path is a link to something outside the site."""
    return path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; one that cannot be, by its length, is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def readable(path: Path, root: Path) -> bool:
    """Whether a path is a regular file of the site."""
    return path.is_file() and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def text(root: Path, name: str) -> str:
    """The text of one of our own files in the site, "" when there is none."""
    path = root / name
    return path.read_bytes().decode("utf-8", "replace") if readable(path, root) else ""


def measured(image: Image, root: Path) -> Image:
    """A picture of the site with its size in pixels and its media type, as far as its file tells."""
    import mimetypes

    import imagesize  # brings half of urllib

    path = root / image.file
    kind = mimetypes.guess_type(image.file)[0] or ""
    if not readable(path, root) or not kind.startswith("image/"):
        return image
    width, height = imagesize.get(path)  # -1 of what is damaged or no picture
    return replace(image, width=max(width, 0), height=max(height, 0), type=kind)


def read_head(
    file: str,
    parse: Callable[[str], frontmatter.FrontMatter],
    *,
    whole: bool = False,
    first: int = frontmatter.FIRST_READ,
) -> tuple[frontmatter.FrontMatter, bytes]:
    """The front matter of a file and what was read of it: the `first` octets, if it ends there and no more is asked.

    `parse` must find the same in the first lines of a file as in all of it, or raise. Raises `FrontMatterError`
    or `OSError`.
    """
    if not stat.S_ISREG(os.stat(file).st_mode):
        raise frontmatter.FrontMatterError(0, "is not a file but a pipe or a device; remove it")
    with open(file, "rb", buffering=0) as stream:
        raw = stream.readall() if whole else stream.read(first)
        if len(raw) >= first:
            try:
                return parse(frontmatter.decode(raw[: raw.rfind(b"\n", 0, first) + 1])), raw
            except frontmatter.FrontMatterError:
                raw += stream.readall()
        return parse(frontmatter.decode(raw)), raw
