"""Outputs -> disk: the only place where files of a site are written.

Equal files are left untouched, others replaced in one step, never half; links lead nobody out of the folder.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from feeds import lockfile, paths
from feeds.errors import OutputError, Problem, Unreadable
from feeds.site import i18n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from feeds.model import Output, Settings

MANIFEST = ".feeds-outputs"
"""Lists what a build wrote, in the format of sha256sum, so that a later one removes its own files and no others."""


@dataclass(frozen=True, slots=True)
class Report:
    """What `write` did, by path relative to the output folder; `digests` are those of all files that are there,
    `problems` what was wrong with the list of an earlier build.
    """

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()


class Unchanged(NamedTuple):
    """An output that lies in the output folder as it would be made again; `digest` is its SHA-256 in hexadecimal."""

    path: str
    digest: str


def output_folder(root: Path, settings: Settings) -> Path:
    """Where the settings send the outputs: a folder of its own inside the site, links followed. Raises `OutputError`.

    A build removes what an earlier one wrote, by a list that lies there: a pull request must not turn it on the site.
    """
    folder = root / settings.output
    parts = paths.parts(root, folder)
    sources = [paths.parts(root, root / name) for name in (settings.content_dir, i18n.FOLDER)]
    if parts is None:
        reason = "is a link that leads out of the site"
    elif not parts:
        reason = "is the site itself"
    elif any(part.startswith(".") for part in parts):
        reason = "is hidden"
    elif any(one and parts[: len(one)] == one[: len(parts)] for one in sources):
        reason = "holds the site's sources"
    else:
        return folder
    raise OutputError(str(folder), f"{reason}; name another folder in `output`, or with --out")


def write(outputs: Iterable[Output | Unchanged], out: Path, complete: Callable[[], bool] = lambda: True) -> Report:
    """Put outputs on disk, each as soon as it is made.

    `complete` is asked at the end whether the outputs were all there is: then files that an earlier build wrote and
    nobody changed since are removed. If not (something could not be made), what was good before stays. Raises
    `OutputError`.
    """
    old, problems = _manifest(out)
    new: dict[str, str] = {}
    written: list[str] = []
    unchanged: list[str] = []
    removed: list[str] = []
    path = out
    try:
        for output in outputs:
            path = out / output.path
            if output.path in new:
                raise OutputError(str(path), "two outputs would have this path; rename a theme or a language")
            if isinstance(output, Unchanged):
                changed, new[output.path] = False, output.digest
            else:
                changed = _replace(_inside(path, out), output.data)
                new[output.path] = hashlib.sha256(output.data).hexdigest()
            (written if changed else unchanged).append(output.path)
        for name in sorted(set(old) - set(new)) if complete() else ():
            path = out / name
            if _digest(_inside(path, out)) == old[name]:
                path.unlink()
                removed.append(name)
                _prune(out, name)
            del old[name]
    except OSError as error:
        raise OutputError(str(path), f"cannot be written: {error.strerror}; existing files are unchanged") from error
    finally:  # what was written is ours, whatever happened after
        with suppress(OSError):
            lines = (f"{mark}  {name}\n" for name, mark in sorted((old | new).items()))
            _replace(out / MANIFEST, "".join(lines).encode())
    return Report(tuple(sorted(written)), tuple(sorted(unchanged)), tuple(removed), new, problems)


def lock(text: str, root: Path) -> bool:
    """Keep the ids of a site's posts. Returns whether the file had to be written. Raises `OutputError`."""
    path = root / lockfile.FILE
    if not text or (text == lockfile.HEADER and not path.exists()):
        return False  # it could not be read, or nothing was published yet
    try:
        return _replace(_inside(path, root), text.encode())
    except OSError as error:
        message = f"cannot be written: {error.strerror}; without it, readers see a renamed post as new"
        raise OutputError(str(path), message) from error


def create(outputs: Iterable[Output], folder: Path) -> list[Path]:
    """Write those files that are not there yet, and say which. Raises `OutputError`."""
    written = []
    for output in outputs:
        path = folder / output.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _inside(path, folder).open("xb") as file:
                file.write(output.data)
            written.append(path)
        except FileExistsError:
            continue
        except OSError as error:
            raise OutputError(str(path), f"cannot be written: {error.strerror}") from error
    return written


def _prune(out: Path, name: str) -> None:
    """Remove the folders that a removed file leaves empty."""
    for folder in list(PurePosixPath(name).parents)[:-1]:
        with suppress(OSError):  # not empty
            (out / folder).rmdir()


def _replace(path: Path, data: bytes) -> bool:
    """Whether the file had to be written. The new one takes the old one's place in one step."""
    with suppress(OSError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_size == len(data) and path.read_bytes() == data:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # it may be a link laid out to lead elsewhere; "x" follows none
    try:
        with part.open("xb") as file:
            file.write(data)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    return True


def _inside(path: Path, out: Path) -> Path:
    """The path, when no link on the way leads out of the output folder."""
    if not paths.contains(out, path.parent):
        raise OutputError(str(path), f"leads out of {out} through a link; remove the link")
    return path


def _manifest(out: Path) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Path -> hash of the last build; lines that lead out of the folder are not ours. And why it cannot be told."""
    try:
        lines = paths.text(out, MANIFEST, paths.RECORD, home="the output folder").splitlines()
    except Unreadable as error:
        if error.missing:
            return {}, ()
        message = f"{error.reason}; remove it; until then, files from earlier builds are not removed"
        return {}, (Problem(str(out / MANIFEST), 0, message, "warning", code="file-unreadable"),)
    entries = (line.split("  ", 1) for line in lines if "  " in line)
    ours = {name: mark for mark, name in entries if name and not any(part[:1] in ("", ".") for part in name.split("/"))}
    return ours, ()


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(path.lstat().st_mode) else None
    except OSError:
        return None
