"""Whether anything changed since the last build, asked before anything else is imported.

A file is known again by inode, size and both its times. The time of its last change of state (ctime) cannot be set by
anybody, so neither an edit that keeps the size nor a restored mtime goes unseen, and nobody can prepare a cache for
another machine. One thing remains: two changes within one tick of the clock. So nothing is believed of a file whose
ctime is not older than the build that read it (`clock`).
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from time import sleep
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

FOLDER = ".feeds-cache"
LAST = "last-build"
_TICKS = 100
"""How many thousandths of a second to wait for the clock of the file system: most tick every 4."""


def mark(status: os.stat_result) -> str:
    """What a file is known again by."""
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def marked(path: str) -> tuple[str, int]:
    """A file's mark and the time of its last change in nanoseconds; "" and 0 of what is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return "", 0
    return mark(status), status.st_ctime_ns


def folder(site: str) -> str:
    """The cache's folder in a site, made when it is not there; git is told to ignore it. Raises OSError."""
    path = os.path.join(site, FOLDER)
    if os.path.islink(path):
        raise OSError(0, "is a link", path)
    if not os.path.isdir(path):
        os.mkdir(path)
    replace(os.path.join(path, ".gitignore"), b"*\n")
    return path


def replace(path: str, data: bytes) -> None:
    """Write a file of the cache in one step, following no link. Raises OSError."""
    part = f"{path}.part"
    if os.path.lexists(part):
        os.unlink(part)
    with open(part, "xb") as file:
        file.write(data)
    os.replace(part, path)


def clock(cache: str) -> int:
    """The file system's own time in nanoseconds, by writing to it: the machine's may be another. Raises OSError."""
    path = os.path.join(cache, "clock")
    replace(path, b"")
    return os.stat(path).st_ctime_ns


def clock_after(cache: str, moment: int) -> int:
    """The file system's time once it is past a moment; not past it when that is in the future. Raises OSError."""
    now = clock(cache)
    for _ in range(_TICKS):
        if now > moment:
            break
        sleep(0.001)
        now = clock(cache)
    return now


def program() -> str:
    """What this program is: its own files, and whether a library was installed or removed since."""
    own = os.path.dirname(__file__)
    libraries = [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    changed = [str(os.stat(path).st_mtime_ns) for path in libraries if os.path.isdir(path)]
    beside = os.path.join(os.path.dirname(own), "templates")
    files = listing(own, (".",)) | (listing(beside, (".",)) if os.path.isdir(beside) else {})
    return "\n".join([sys.version, *changed, *_lines(files)])


def listing(root: str, folders: Iterable[str], skip: Container[str] = ()) -> dict[str, str]:
    """The mark of every file and folder below these folders of the root, by its path from there. A folder's tells of
    files that come and go. Hidden ones and byte code are left out, and what has its path in `skip`.
    """
    found = dict(pair for name in folders for pair in _below(root, name, skip))
    return {path: found[path] for path in sorted(found)}


def _below(root: str, name: str, skip: Container[str]) -> Iterator[tuple[str, str]]:
    waiting = [name]
    while waiting:
        base = waiting.pop()
        path = os.path.join(root, base)
        try:
            if base != ".":
                yield f"{base}/", mark(os.stat(path))
            with os.scandir(path) as entries:
                for entry in entries:
                    below = f"{base}/{entry.name}" if base != "." else entry.name
                    if entry.name[0] == "." or entry.name in ("__pycache__", "node_modules") or below in skip:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(below)
                    else:
                        link = f"{mark(os.lstat(entry.path))} " if entry.is_symlink() else ""
                        yield below, link + mark(entry.stat())
        except OSError as error:
            yield base, f"{error.errno}"


def newest(marks: Iterable[str]) -> int:
    """The latest change that marks tell of, in nanoseconds."""
    return max((int(mark.rpartition(" ")[2] or 0) for mark in marks), default=0)


def keep(cache: str, head: Mapping[str, Any], inputs: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Write what the next build compares with. Raises OSError."""
    text = "\n".join([json.dumps(head, ensure_ascii=True), *_lines(inputs), *_lines(outputs)])
    data = text.encode("utf-8", "surrogateescape")
    replace(os.path.join(cache, LAST), b"%08x\n" % zlib.crc32(data) + data)


def forget(cache: str) -> None:
    """Have nothing to compare with."""
    path = os.path.join(cache, LAST)
    if os.path.lexists(path):
        os.unlink(path)


def unchanged(site: str, out: str | None, moment: float) -> dict[str, Any] | None:
    """What the last build of this site into this folder said, when another one would do and say the same; else None."""
    try:
        with open(os.path.join(site, FOLDER, LAST), "rb") as file:
            check, _, data = file.read().partition(b"\n")
        if int(check, 16) != zlib.crc32(data):
            return None
        first, _, rest = data.decode("utf-8", "surrogateescape").partition("\n")
        head: dict[str, Any] = json.loads(first)
        since, until = head["now"]
        alike = (
            head["site"] == os.path.realpath(site)
            and head["asked"] == (os.path.realpath(out) if out else None)
            and since <= moment
            and (until is None or moment < until)
            and head["names"] == sorted(os.listdir(site))
            and head["program"] == program()
            and rest == "\n".join([*_lines(inputs(site, head)), *_lines(outputs(head))])
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # there is none, or it is damaged
    return head if alike else None


def inputs(site: str, head: Mapping[str, Any]) -> dict[str, str]:
    """All that a build of a site reads, as it is now: what lies below `folders` without `skip`, and `files`."""
    files = {name: marked(os.path.join(site, name))[0] for name in head["files"]}
    return listing(site, head["folders"], head["skip"]) | files


def outputs(head: Mapping[str, Any]) -> dict[str, str]:
    """The files of `outputs` in the folder `out`, as they are now, and `written` of the site."""
    files = [os.path.join(head["site"], name) for name in head["written"]]
    files += [os.path.join(head["out"], name) for name in head["outputs"]]
    return {file: marked(file)[0] for file in files}


def _lines(marks: Mapping[str, str]) -> Iterator[str]:
    return (f"{path} {mark}" for path, mark in marks.items())
