"""The only place that opens files for reading, and the rules about which files and folders may be read.

A site may come from someone else's pull request, and a link in it may lead anywhere: to `.git/config`, where a build
server keeps its token, or to `/dev/zero`, which never ends. So a file is read only if it is a regular file of limited
size, if its real path is inside the real path of its root, and if no part of it below the root is hidden. Where the
root itself is, and through which links it is reached, does not matter. `contains` has the rule for writing.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from feeds.errors import Unreadable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    Kind = Literal["file", "folder"]

MOST = 16 << 20
"""Maximum bytes of a file; the longest of four thousand real posts has 190,000."""

RECORD = 256 << 20
"""Maximum bytes of our own records, which have a line per post or output: a lock of 100,000 posts has 16 MB."""

OURS = frozenset((".feeds-outputs",))
"""Hidden files that are read anyway: we wrote them."""

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)  # Windows has only the last of these
_FLAGS = os.O_RDONLY | _NOFOLLOW | sum(getattr(os, f"O_{name}", 0) for name in ("NONBLOCK", "NOCTTY", "BINARY"))
"""Do not wait, for example for the other end of a pipe, and do not follow a link in the last part of a path."""

_NO_FILE = (errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP)
"""Errors from opening a socket, or a device that does not exist."""
_STEP = 1 << 16


class File(io.FileIO):
    """A regular file, open for reading up to its limit, even if it grows meanwhile. Errors are `Unreadable`."""

    def __init__(self, descriptor: int, size: int, most: int) -> None:
        super().__init__(descriptor, "rb")
        self._size, self._most = size, most

    def readall(self) -> bytes:
        """The rest of it."""
        rest = self.read(self._size + 1)
        while len(rest) <= self._most and (part := self.read(_STEP)):  # it has grown, or comes in pieces
            rest += part
        if len(rest) > self._most:
            raise _too_large(self._most)
        return rest

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(error, OSError):
            raise _failed(error) from error


def opened(root: Path | str, path: str, most: int = MOST, *, walked: bool = False, home: str = "the site") -> File:
    """A file by its path relative to `root`, with `/`, open for reading. Raises `Unreadable`.

    `walked`: the folders above it were just found by `entries`, so they are not checked again. `home` is what messages
    call the root.
    """
    descriptor = _descriptor(root, path, walked=walked, home=home)
    status = os.fstat(descriptor)
    if wrong := _wrong(status, most):
        os.close(descriptor)
        raise wrong
    return File(descriptor, status.st_size, most)


def read(root: Path | str, path: str, most: int = MOST, *, home: str = "the site") -> bytes:
    """All of a file, opened by `opened`. Raises `Unreadable`."""
    with opened(root, path, most, home=home) as file:
        return file.readall()


def text(root: Path | str, path: str, most: int = MOST, *, home: str = "the site") -> str:
    r"""The text of a UTF-8 file, without a byte order mark, lines ended by `\n`. Raises `Unreadable`."""
    try:
        found = read(root, path, most, home=home).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("is not UTF-8 text", "save it as UTF-8") from error
    return found.replace("\r\n", "\n").replace("\r", "\n") if "\r" in found else found


def entries(root: Path | str, folder: str) -> list[os.DirEntry[str]]:
    """The entries of a folder, by its path relative to `root`, with `/`. Raises `Unreadable`."""
    place = f"{root}/{folder}"
    try:
        with os.scandir(place if _plain(root, f"{folder}/") else _real(root, folder, "folder")) as found:
            return [*found]
    except OSError as error:
        raise _failed(error, place) from error
    except ValueError as error:
        raise _no_name("folder") from error


def check(root: Path | str, path: str, kind: Kind = "file") -> None:
    """Raises `Unreadable` for a path that leads out of the root or to something hidden; it need not exist."""
    try:
        _real(root, path, kind)
    except ValueError as error:
        raise _no_name(kind) from error


def readable(root: Path | str, path: str) -> bool:
    """Whether there is a file that may be read, of any size."""
    try:
        opened(root, path, 1 << 62).close()
    except Unreadable:
        return False
    return True


def is_folder(place: Path | str | os.DirEntry[str]) -> bool:
    """Whether something is a folder or a link to one; impossible paths, too long or circular, are not."""
    try:
        return place.is_dir() if isinstance(place, os.DirEntry) else os.path.isdir(place)
    except OSError:
        return False


def parts(root: Path | str, path: Path | str) -> tuple[str, ...] | None:
    """The parts of a whole path below the root, once all links are followed; None when it lies elsewhere."""
    if not contains(root, path):
        return None
    return tuple(part for part in os.path.realpath(path)[len(os.path.realpath(root)) :].split(os.sep) if part)


def contains(root: Path | str, path: Path | str) -> bool:
    """Whether a path is the root or inside it once all links are followed: the rule for writing.

    Unlike elsewhere here, `path` is complete, may be hidden, and need not exist yet.
    """
    return _below(os.path.realpath(root), os.path.realpath(path))


def _descriptor(root: Path | str, path: str, *, walked: bool, home: str) -> int:
    try:
        if _plain(root, path, walked=walked):
            with suppress(OSError):  # it may be a link
                return os.open(f"{root}/{path}", _FLAGS)
        return os.open(_real(root, path, "file", home), _FLAGS)
    except OSError as error:
        raise _failed(error, f"{root}/{path}") from error
    except ValueError as error:
        raise _no_name("file") from error


def _plain(root: Path | str, path: str, *, walked: bool = False) -> bool:
    """Whether no part of a path is a link, hidden or `..`, except that the last part may be a link.

    Four times as fast as following links that do not exist.
    """
    if "/." in f"/{path}":
        return False
    if walked and _NOFOLLOW:
        return True
    end = path.find("/")
    while end >= 0:
        if os.path.islink(f"{root}/{path[:end]}"):
            return False
        end = path.find("/", end + 1)
    return bool(_NOFOLLOW) or not os.path.islink(f"{root}/{path}")


def _real(root: Path | str, path: str, kind: Kind, home: str = "the site") -> str:
    """The path with all links followed. Raises `Unreadable` if it leads out of the root or to something hidden."""
    place = f"{root}/{path}"
    base, real = os.path.realpath(root), os.path.realpath(place)
    link = real != os.path.normpath(f"{base}/{path}")
    if not _below(base, real):
        reason = f"is a link that leads out of {home}" if link else f"leads out of {home}"
        remedy = f"copy the {kind} instead" if link else f"name a {kind} inside it"
    elif any(part[:1] == "." and part not in OURS for part in real[len(base) :].split(os.sep)):
        reason = f"is a link to a hidden {kind}" if link else "is hidden"
        remedy = "remove the link" if link else "rename it, so that no part of its path begins with a dot"
    else:
        return real
    raise Unreadable(reason, remedy, missing=not os.path.lexists(place))


def _below(base: str, real: str) -> bool:
    base, real = os.path.normcase(base), os.path.normcase(real)
    return real == base or real.startswith(os.path.join(base, ""))


def _failed(error: OSError, place: str = "") -> Unreadable:
    if error.errno in _NO_FILE:
        return _not_regular()
    missing = isinstance(error, (FileNotFoundError, NotADirectoryError)) and not os.path.lexists(place)
    return Unreadable(f"cannot be read: {error.strerror or error}", missing=missing)


def _wrong(status: os.stat_result, most: int) -> Unreadable | None:
    """Why an open file must not be read."""
    if stat.S_ISDIR(status.st_mode):
        return Unreadable("is a folder, not a file", "rename it")
    if not stat.S_ISREG(status.st_mode):
        return _not_regular()
    return _too_large(most) if status.st_size > most else None


def _not_regular() -> Unreadable:
    return Unreadable("is not a regular file", "remove it")


def _too_large(most: int) -> Unreadable:
    return Unreadable(f"is larger than {most >> 20} MB", "make it smaller")


def _no_name(kind: Kind) -> Unreadable:
    """For a NUL byte, or what the file system cannot encode."""
    return Unreadable(f"cannot be read: no {kind} can have this name")
