"""Outputs -> disk: the only place where files of a site are written.

Equal files are left untouched, others replaced in one step, never half; links lead nobody out of the folder.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from feeds import issued, lockfile, paths
from feeds.build.replaced import compared, is_page
from feeds.errors import OutputError, Problem, Unreadable
from feeds.records import record
from feeds.site import i18n
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import BinaryIO

    from feeds.build.replaced import Replaced
    from feeds.model import Output, Settings

MANIFEST = ".feeds-outputs"
"""Lists what builds wrote, in the format of sha256sum, so that a later one removes its own files and no others. A file
is listed before it is written: a build that is killed leaves none that nobody knows. Then it may be listed twice, with
what it was and what it was to be.
"""

ATTRIBUTES = b"** -text"

_UNDER_WAY = "# a build is writing, or was killed: see the lines at the end\n"
_PART = expression(r"\..+\.[0-9a-f]{16}\.part")


@record()
class Report:
    """What `write` did, by path relative to the output folder; `digests` are those of all files that are there,
    `problems` what was wrong with the list of an earlier build. `replaced` are files of other programs that ours took
    the place of, `pages` those that stayed.
    """

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()
    replaced: Mapping[str, Replaced] = field(default_factory=dict)
    pages: tuple[str, ...] = ()


class Unchanged(NamedTuple):
    """An output that lies in the output folder as it would be made again; `digest` is its SHA-256 in hexadecimal."""

    path: str
    digest: str


def output_folder(root: Path, settings: Settings, folders: Iterable[str] = ()) -> Path:
    """Where the settings send the outputs: a folder of its own inside the site, links followed, and none of these
    `folders` of posts. Raises `OutputError`.

    A build removes what an earlier one wrote, by a list that lies there: a pull request must not turn it on the site.
    """
    folder = root / settings.output
    parts = paths.parts(root, folder)
    sources = [paths.parts(root, root / name) for name in (settings.content_dir, i18n.FOLDER, *folders)]
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
    manifest = _Manifest(out)
    new: dict[str, str] = {}
    written: list[str] = []
    unchanged: list[str] = []
    removed: list[str] = []
    replaced: dict[str, Replaced] = {}
    pages: list[str] = []
    path = out
    try:
        for output in outputs:
            path = out / output.path
            if output.path in new:
                raise OutputError(str(path), "two outputs would have this path; rename a theme or a language")
            if isinstance(output, Unchanged):
                changed, new[output.path] = False, output.digest
            else:
                changed = _differs(path, output.data)
                if changed and (old := _others(path, output.path, manifest)):
                    if is_page(old) and not is_page(output.data):
                        pages.append(output.path)
                        continue
                    replaced[output.path] = compared(old, output.data)
                digest = new[output.path] = hashlib.sha256(output.data).hexdigest()
                if changed:
                    manifest.add(output.path, digest)
                    _replace(_inside(path, out), output.data)
            (written if changed else unchanged).append(output.path)
        for name in sorted(manifest.listed.keys() - new.keys()) if complete() else ():
            path = out / name
            if _digest(_inside(path, out)) in manifest.listed[name]:
                path.unlink()
                removed.append(name)
                _prune(out, name)
            del manifest.listed[name]
    except OSError as error:
        raise OutputError(str(path), f"cannot be written: {error.strerror}; existing files are unchanged") from error
    finally:  # what was written is ours, whatever happened after
        manifest.close(new)
    lists = (tuple(sorted(written)), tuple(sorted(unchanged)), tuple(removed))
    return Report(*lists, new, manifest.problems, replaced, tuple(pages))


def lock(before: str, after: str, root: Path, *, is_published: bool = False) -> bool:
    """Keep the ids of a site's posts: `feeds.lock` becomes `after`, with what somebody else wrote since it was read, as
    `before`. Without lines it is written once the site `is_published`: then its feeds have addresses. Returns whether
    the file had to be written. Raises `OutputError`.
    """
    path = root / lockfile.FILE
    _remove_parts(root, of=lockfile.FILE)
    with suppress(Unreadable):
        now = paths.read(root, lockfile.FILE, paths.RECORD).decode("utf-8", "replace")
        after = after if now == before else lockfile.merge(before, now, after)
    if after == lockfile.HEADER and not path.exists() and not is_published:
        return False
    data = after.encode()
    if not _differs(path, data):
        return False
    try:
        _replace(_inside(path, root), data)
    except OSError as error:
        message = f"cannot be written: {error.strerror}; without it, readers see a renamed post as new"
        raise OutputError(str(path), message) from error
    return True


def freeze(contents: Mapping[str, bytes], root: Path, place: str, is_ours: Callable[[str], bool]) -> None:
    """Put the files of an issue into its folder, in one step, and nothing else. Raises `OutputError`.

    What a build that was killed left there is replaced; what somebody else put there, by its name, is an error.
    """
    folder = root / place
    _inside(folder, root)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _keep_bytes(root / PurePosixPath(place).parts[0])
        _remove_unfinished(folder.parent)
        strangers = [name for name in _names(folder) if name[0] != "." and not is_ours(name)]
        if strangers:
            raise OutputError(f"{place}/{min(strangers)}", "is no file of an issue; move it elsewhere")
        new = folder.with_name(f".{folder.name}.{os.urandom(8).hex()}.part")
        new.mkdir()
        for name, data in contents.items():
            (new / name).write_bytes(data)
        old = folder.with_name(f".{folder.name}.{os.urandom(8).hex()}.part")
        if folder.exists():
            os.replace(folder, old)
        os.replace(new, folder)
        _remove_unfinished(folder.parent)
    except OSError as error:
        raise OutputError(place, f"cannot be written: {error.strerror}; nothing was issued") from error


def ledger(text: str, root: Path) -> None:
    """Let `feeds.issued` say this. Raises `OutputError`."""
    path = _inside(root / issued.FILE, root)
    _remove_parts(root, of=issued.FILE)
    try:
        if _differs(path, text.encode()):
            _replace(path, text.encode())
    except OSError as error:
        raise OutputError(issued.FILE, f"cannot be written: {error.strerror}") from error


def _keep_bytes(folder: Path) -> None:
    """Have git keep the bytes of issues as they are: an email has line ends of its own."""
    path = folder / ".gitattributes"
    before = path.read_bytes() if path.is_file() else b""
    if ATTRIBUTES not in before.splitlines():
        end = b"" if not before or before.endswith(b"\n") else b"\n"
        _replace(path, before + end + ATTRIBUTES + b"\n")


def _names(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []


def _remove_unfinished(folder: Path) -> None:
    """Remove the folders of issues that were not put in their place yet, or were taken from it."""
    for name in os.listdir(folder):
        if _PART.fullmatch(name) and (folder / name).is_dir() and not (folder / name).is_symlink():
            for one in os.listdir(folder / name):
                (folder / name / one).unlink()
            (folder / name).rmdir()


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


def _others(path: Path, name: str, manifest: _Manifest) -> bytes:
    """What another program wrote to a place of ours, b"" when it is ours or no file."""
    if path.is_symlink() or not path.is_file():
        return b""
    data = path.read_bytes()
    return b"" if hashlib.sha256(data).hexdigest() in manifest.listed.get(name, ()) else data


def _prune(out: Path, name: str) -> None:
    """Remove the folders that a removed file leaves empty."""
    for folder in list(PurePosixPath(name).parents)[:-1]:
        with suppress(OSError):  # not empty
            (out / folder).rmdir()


def _remove_parts(folder: Path, of: str = "") -> None:
    """Remove what builds that were killed had not yet put in its place, of all files or of the one with this name."""
    with suppress(OSError):
        for name in os.listdir(folder):
            if _PART.fullmatch(name) and name.startswith(f".{of}"):
                (folder / name).unlink()


def _differs(path: Path, data: bytes) -> bool:
    """Whether a file with these bytes is not there."""
    try:
        status = path.lstat()
        return not stat.S_ISREG(status.st_mode) or status.st_size != len(data) or path.read_bytes() != data
    except OSError:
        return True


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole: it takes the place of an old one in one step. Its name until then is nobody else's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


def _inside(path: Path, out: Path) -> Path:
    """The path, when no link on the way leads out of the output folder."""
    if not paths.contains(out, path.parent):
        raise OutputError(str(path), f"leads out of {out} through a link; remove the link")
    return path


class _Manifest:
    """The manifest of an output folder while a build writes there. `listed` are the digests each file of ours may have,
    by path; lines that lead out of the folder are not ours.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._file: BinaryIO | None = None
        self.listed: dict[str, set[str]] = {}
        self.problems: tuple[Problem, ...] = ()
        self._text = ""
        try:
            self._text = paths.text(out, MANIFEST, paths.RECORD, home="the output folder")
        except Unreadable as error:
            if not error.missing:
                message = f"{error.reason}; remove it; until then, files from earlier builds are not removed"
                self.problems = (Problem(str(out / MANIFEST), 0, message, "warning", code="file-unreadable"),)
        entries = (line.split("  ", 1) for line in self._text.splitlines() if "  " in line)
        for digest, name in entries:
            if name and "\0" not in name and not any(part[:1] in ("", ".") for part in name.split("/")):
                self.listed.setdefault(name, set()).add(digest)
        if _UNDER_WAY in self._text:
            self._sweep()

    def add(self, name: str, digest: str) -> None:
        """List a file that is about to be written. Raises OSError."""
        if self.problems or digest in self.listed.get(name, ()):
            return
        if not self._file:
            self._out.mkdir(parents=True, exist_ok=True)
            self._file = (self._out / MANIFEST).open("ab")
            self._file.write((_UNDER_WAY if self._text[-1:] in ("", "\n") else f"\n{_UNDER_WAY}").encode())
        self._file.write(f"{digest}  {name}\n".encode())
        self._file.flush()
        self.listed.setdefault(name, set()).add(digest)

    def close(self, new: Mapping[str, str]) -> None:
        """Leave the list of what is there: these files, and those that earlier builds wrote."""
        if self._file:
            self._file.close()
        lines = self._lines(self.listed | {name: {digest} for name, digest in new.items()})
        if not self.problems and (lines != self._text or not (self._out / MANIFEST).exists()):
            with suppress(OSError):
                _replace(self._out / MANIFEST, lines.encode())

    def _lines(self, listed: Mapping[str, set[str]]) -> str:
        return "".join(f"{digest}  {name}\n" for name in sorted(listed) for digest in sorted(listed[name]))

    def _sweep(self) -> None:
        """Remove what a build that was killed had not yet put in its place."""
        for folder in {self._out, *((self._out / name).parent for name in self.listed)}:
            if paths.contains(self._out, folder):
                _remove_parts(folder)


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(path.lstat().st_mode) else None
    except OSError:
        return None
