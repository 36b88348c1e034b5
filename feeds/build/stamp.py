"""Whether anything changed since the last build, asked before anything else is imported.

A file is known again by device, inode, size and both its times. The time of its last change of state (ctime) cannot be
set by anybody, so neither an edit that keeps the size nor a restored mtime goes unseen, and nobody can prepare a cache
for another machine. One thing remains: two changes within one tick of the clock. So nothing is believed of a file
whose ctime is not older than the build that read it, by the clock of the file system it lies on (`clocks`).
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from contextlib import suppress
from stat import S_ISDIR
from time import sleep
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

LAST = "last-build"
DATABASE = "cache.sqlite"
BESIDE = tuple(f"{DATABASE}{ending}" for ending in ("-journal", "-wal", "-shm"))
"""What SQLite believes when it lies beside a database: a journal may name any file, which is then deleted
(sqlite.org/atomiccommit.html, section 5.7). No journal of ours is ever on disk.
"""
FILES = (LAST, f"{LAST}.part", DATABASE, *BESIDE)
"""All that a cache holds."""

OLD_FOLDER = ".feeds-cache"
"""Where earlier versions kept their cache, in the site: a pull request could bring one."""

_TICKS = 100
"""How many thousandths of a second to wait for the clock of the file system: most tick every 4."""

KEPT = 90 * 86_400
"""Seconds after which the cache of a site that nobody built goes."""


class NotPrivate(Exception):
    """The cache would lie where others can write, or where a commit could bring it; the text says so."""


def mark(status: os.stat_result) -> str:
    """What a file is known again by."""
    return f"{status.st_dev} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


_WORDS = 5
"""How many numbers a mark has; that of a link has its own before those of the file it leads to."""


def marked(path: str) -> str:
    """A file's mark, "" of what is not there."""
    try:
        return mark(os.stat(path))
    except OSError:
        return ""


def sure(mark: str, clocks: Mapping[str, int]) -> bool:
    """Whether a later change of a file must show in its mark: its file system's clock has moved on since the last."""
    words = mark.split()
    return all(
        int(changed) < clocks.get(device, 0)
        for device, changed in zip(words[::_WORDS], words[_WORDS - 1 :: _WORDS], strict=False)
    )


def root() -> str:
    """The user's folder for the caches of all sites, "" when there is none.

    `FEEDS_CACHE_DIR`, else where the system has such folders (on Linux: XDG Base Directory Specification).
    """
    if said := os.environ.get("FEEDS_CACHE_DIR"):
        return os.path.abspath(said)
    if sys.platform == "win32":
        base, below = os.environ.get("LOCALAPPDATA", ""), ("feeds", "Cache")
    elif sys.platform == "darwin":
        base, below = os.path.expanduser("~/Library/Caches"), ("feeds",)
    else:
        base, below = os.environ.get("XDG_CACHE_HOME", ""), ("feeds",)
        base = base if os.path.isabs(base) else os.path.expanduser("~/.cache")
    return os.path.join(base, *below) if os.path.isabs(base) else ""


def place(site: str) -> str:
    """The folder of a site's cache, named by the site's real path, "" when there can be none: a commit to the site must
    not bring it. Two sites of one name are told apart by what is in it.
    """
    real, base = os.path.realpath(site), root()
    if not base or os.path.join(os.path.realpath(base), "").startswith(os.path.join(real, "")):
        return ""
    data = os.fsencode(real)
    return os.path.join(base, f"site-{zlib.crc32(data):08x}{zlib.adler32(data):08x}{len(data):04x}")


def folder(site: str) -> str:
    """The folder of a site's cache, made when it is not there.

    Raises OSError when there can be none, and `NotPrivate` when it would not be ours alone.
    """
    path, base = place(site), root()
    if not base:
        raise OSError(0, "there is no folder for caches")
    if not path:
        raise NotPrivate(f"{base}: lies in the site, so no cache is kept; set FEEDS_CACHE_DIR to a folder outside it")
    if os.environ.get("FEEDS_CACHE_DIR"):
        os.makedirs(base, 0o700, exist_ok=True)
    if not os.path.lexists(base):
        with suppress(FileExistsError):
            os.mkdir(os.path.dirname(base), 0o700)
        os.mkdir(base, 0o700)
    if not private(os.stat(base), others=0o022):
        raise NotPrivate(f"{base}: {_REMEDY.format(base)}")
    if not os.path.lexists(path):
        os.mkdir(path, 0o700)
    if not private(os.lstat(path)):
        raise NotPrivate(f"{path}: {_REMEDY.format(path)}")
    return path


_REMEDY = "is not yours alone, so no cache is kept; run `chmod 700 {}`, or set FEEDS_CACHE_DIR to a folder of yours"


def private(status: os.stat_result, others: int = 0o077) -> bool:
    """Whether this is a folder of the user who runs us, without these permissions for others."""
    if not hasattr(os, "geteuid"):
        return S_ISDIR(status.st_mode)
    return S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & others


def forget_unused(cache: str) -> None:
    """Remove the caches of sites that nobody built for `KEPT`, by the time of our own. Raises OSError."""
    base, own = os.path.split(cache)
    oldest = os.stat(os.path.join(cache, LAST)).st_mtime - KEPT
    for name in os.listdir(base):
        other = os.path.join(base, name)
        with suppress(OSError):  # another build removes it too; there is something else in it
            if name != own and name.startswith("site-") and private(os.lstat(other)):
                paths = [other, *(os.path.join(other, file) for file in os.listdir(other) if file in FILES)]
                if max(os.lstat(path).st_mtime for path in paths) < oldest:
                    for path in paths[1:]:
                        os.unlink(path)
                    os.rmdir(other)


def replace(path: str, data: bytes) -> None:
    """Write a file of the cache in one step, following no link. Raises OSError."""
    part = f"{path}.part"
    if os.path.lexists(part):
        os.unlink(part)
    with open(part, "xb") as file:
        file.write(data)
    os.replace(part, path)


def clock(folder: str) -> int:
    """The time in nanoseconds of the file system a folder lies on, which may be another than the machine's.

    It is that of a file made there for a moment, without a name where that can be (open(2), O_TMPFILE): then even the
    folder stays as it is. Raises OSError.
    """
    with suppress(AttributeError, OSError):  # not Linux; a file system that cannot do it
        return _changed(os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    path = os.path.join(folder, f".feeds-clock-{os.getpid()}")
    try:
        return _changed(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    finally:
        os.unlink(path)


def _changed(file: int) -> int:
    try:
        return os.fstat(file).st_ctime_ns
    finally:
        os.close(file)


def clocks(folders: Iterable[str]) -> dict[str, int]:
    """The time of the file systems these folders lie on, by device; of one where nothing can be written, none."""
    found: dict[str, int] = {}
    for folder in folders:
        with suppress(OSError):
            device = str(os.stat(folder).st_dev)
            if device not in found:
                found[device] = clock(folder)
    return found


def settled(folders: Iterable[str], marks: Iterable[str]) -> bool:
    """Whether a later change of these files below these folders must show; waits for the clocks to move on."""
    places, known = [*folders], [*marks]
    for _ in range(_TICKS):
        now = clocks(places)
        if all(sure(mark, now) for mark in known):
            return True
        sleep(0.001)
    return False


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
                    elif entry.is_symlink():  # it may lead nowhere
                        yield below, f"{mark(os.lstat(entry.path))} {marked(entry.path)}"
                    else:
                        yield below, mark(entry.stat())
        except OSError as error:
            yield base, f"{error.errno}"


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
        cache = place(site)
        path = os.path.join(cache, LAST)
        if not cache or not private(os.lstat(cache)):
            return None
        with open(path, "rb") as file:
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
        if alike:
            with suppress(OSError):
                os.utime(path)  # somebody still needs it
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # there is none, or it is damaged
    return head if alike else None


def inputs(site: str, head: Mapping[str, Any]) -> dict[str, str]:
    """All that a build of a site reads, as it is now: what lies below `folders` without `skip`, and `files`."""
    files = {name: marked(os.path.join(site, name)) for name in head["files"]}
    return listing(site, head["folders"], head["skip"]) | files


def outputs(head: Mapping[str, Any]) -> dict[str, str]:
    """The files of `outputs` in the folder `out`, as they are now, and `written` of the site."""
    files = [os.path.join(head["site"], name) for name in head["written"]]
    files += [os.path.join(head["out"], name) for name in head["outputs"]]
    return {file: marked(file) for file in files}


def _lines(marks: Mapping[str, str]) -> Iterator[str]:
    return (f"{path} {mark}" for path, mark in marks.items())
