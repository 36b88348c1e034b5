"""Whether anything changed since the last build of a site, asked before anything else is imported.

The last build leaves a `BuildState` in the site's folder of the user's cache: what it read and wrote, as fingerprints,
and what it said. When all of it is still so, the next build has nothing to do but say it again.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from contextlib import suppress
from stat import S_ISDIR, S_ISREG

from feeds.build.cache import fingerprint

TYPE_CHECKING = False  # what typing has, without its 3 ms: this is loaded when nothing has changed
if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.build.cache.state import BuildState, Inputs

STATE = "last-build"
DATABASE = "cache.sqlite"
BESIDE = tuple(f"{DATABASE}{ending}" for ending in ("-journal", "-wal", "-shm"))
"""What SQLite believes when it lies beside a database: a journal may name any file, which is then deleted
(sqlite.org/atomiccommit.html, section 5.7). No journal of ours is ever on disk.
"""
FILES = (STATE, f"{STATE}.part", DATABASE, *BESIDE)
"""All that a cache holds."""

OLD_FOLDER = ".feeds-cache"
"""Where earlier versions kept their cache, in the site: a pull request could bring one."""

KEPT = 90 * 86_400
"""Seconds after which the cache of a site that nobody built goes."""


class NotPrivate(Exception):
    """The cache would lie where others can write, or where a commit could bring it; the text says so."""


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
        raise NotPrivate(
            f"{base}: is inside the site, so nothing is cached; set FEEDS_CACHE_DIR to a folder outside it"
        )
    if os.environ.get("FEEDS_CACHE_DIR"):
        os.makedirs(base, 0o700, exist_ok=True)
    if not os.path.lexists(base):
        with suppress(FileExistsError):
            os.mkdir(os.path.dirname(base), 0o700)
        os.mkdir(base, 0o700)
    if not private(os.stat(base), others=0o022):
        raise NotPrivate(
            f"{base}: others can write there, so nothing is cached; set FEEDS_CACHE_DIR to a folder of your own"
        )
    if not os.path.lexists(path):
        os.mkdir(path, 0o700)
    if not private(os.lstat(path)):
        raise NotPrivate(f"{path}: {_REMEDY.format(path)}")
    return path


_REMEDY = (
    "is not private to you, so nothing is cached; run `chmod 700 {}`, or set FEEDS_CACHE_DIR to a folder of your own"
)


def private(status: os.stat_result, others: int = 0o077) -> bool:
    """Whether this is a folder of the user who runs us, without these permissions for others."""
    if not hasattr(os, "geteuid"):
        return S_ISDIR(status.st_mode)
    return S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & others


def forget_unused(cache: str) -> None:
    """Remove the caches of sites that nobody built for `KEPT`, by the time of our own. Raises OSError."""
    base, own = os.path.split(cache)
    oldest = os.stat(os.path.join(cache, STATE)).st_mtime - KEPT
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


def keep(cache: str, state: BuildState, inputs: Mapping[str, str]) -> None:
    """Leave what the next build compares with, when a later change of the outputs must show. Raises OSError."""
    outputs = output_fingerprints(state)
    if fingerprint.settled((state["site"], state["out"]), outputs.values()):
        lines = [json.dumps(state, ensure_ascii=True), *fingerprint.lines(inputs), *fingerprint.lines(outputs)]
        data = "\n".join(lines).encode("utf-8", "surrogateescape")
        replace(os.path.join(cache, STATE), b"%08x\n" % zlib.crc32(data) + data)


def forget(cache: str) -> None:
    """Have nothing to compare with. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(cache, STATE))


def unchanged(site: str, out: str | None, moment: float) -> BuildState | None:
    """The state of the last build of this site into this folder, when another one would do and say the same."""
    try:
        cache = place(site)
        path = os.path.join(cache, STATE)
        if not cache or not private(os.lstat(cache)) or not S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            check, _, data = file.read().partition(b"\n")
        if int(check, 16) != zlib.crc32(data):
            return None
        first, _, rest = data.decode("utf-8", "surrogateescape").partition("\n")
        state: BuildState = json.loads(first)
        since, until = state["now"]
        same = (
            state["site"] == os.path.realpath(site)
            and state["asked"] == (os.path.realpath(out) if out else None)
            and since <= moment
            and (until is None or moment < until)
            and state["names"] == sorted(os.listdir(site))
            and state["program"] == fingerprint.program()
            and rest
            == "\n".join(
                [*fingerprint.lines(input_fingerprints(state)), *fingerprint.lines(output_fingerprints(state))]
            )
        )
        if same:
            with suppress(OSError):
                os.utime(path)  # somebody still needs it
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # there is none, or it is damaged
    return state if same else None


def input_fingerprints(inputs: Inputs) -> dict[str, str]:
    """All that a build of a site reads, as it is now."""
    files = {name: fingerprint.of(os.path.join(inputs["site"], name)) for name in inputs["files"]}
    return fingerprint.listing(inputs["site"], inputs["folders"], inputs["skip"]) | files


def output_fingerprints(state: BuildState) -> dict[str, str]:
    """What a build wrote, as it is now."""
    files = [os.path.join(state["site"], name) for name in state["written"]]
    files += [os.path.join(state["out"], name) for name in state["outputs"]]
    return {file: fingerprint.of(file) for file in files}
