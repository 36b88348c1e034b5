"""The program: answers at once when there is nothing to do, and otherwise leaves the work to the command line.

Only what `uptodate` needs is imported before that: importing click alone takes longer than checking a thousand files.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
import time
from contextlib import suppress

from feeds.build.cache import uptodate

TYPE_CHECKING = False  # what typing has, without its 3 ms
if TYPE_CHECKING:
    from typing import TextIO

_BRIEF = {"build", "digest", "posts"}
"""Commands that end soon, so they leave freeing memory to the system. Servers will run for weeks."""

_FLAGS = {
    "--strict": "strict",
    "--quiet": "quiet",
    "-q": "quiet",
    "--verbose": "verbose",
    "-v": "verbose",
    "--json": "json",
}


class _Unheard(BaseException):
    """What there is to say cannot be said: nobody reads it any more, or the disk it goes to is full."""


class _Standard(io.FileIO):
    """Standard output or standard error; what fails while writing to it is `_Unheard`, not the fault of who wrote."""

    def write(self, data: object, /) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError as error:
            raise _Unheard from error


def main() -> None:
    """The command `feeds`."""
    sys.stdout, sys.stderr = _stream(sys.stdout), _stream(sys.stderr)
    try:
        code = _run()
        sys.stdout.flush()
        sys.stderr.flush()
    except _Unheard as error:
        code = 1
        _unheard(error.__cause__)
    os._exit(code)  # freeing every object of ten thousand posts would take longer than reading them again


def _run() -> int:
    """Do what is asked. Returns the exit code."""
    code = _nothing_to_do(sys.argv[1:])
    if code is not None:
        return code
    if _BRIEF & set(sys.argv[1:2]):
        gc.disable()  # a build makes many objects and few cycles: looking for them takes a fifth of its time
    from feeds.cli import main as command

    try:
        command(prog_name="feeds")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _stream(stream: TextIO | None) -> TextIO:
    """A standard stream that says when it fails, and has a way to write what its encoding lacks. A closed one is where
    nobody reads, so that no file of a build is opened in its place.
    """
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    raw = getattr(stream, "buffer", None)
    raw = getattr(raw, "raw", raw)  # unbuffered, it is the file itself
    if not isinstance(stream, io.TextIOWrapper) or type(raw) is not io.FileIO:  # a console of Windows, or a test's
        return stream
    file = io.BufferedWriter(_Standard(raw.fileno(), "wb", closefd=False))
    return io.TextIOWrapper(file, stream.encoding, "backslashreplace", line_buffering=stream.line_buffering)


def _unheard(error: BaseException | None) -> None:
    """Say why, unless whoever read us just stopped to."""
    if isinstance(error, OSError) and error.errno != errno.EPIPE:
        with suppress(OSError):
            os.write(2, f"feeds: cannot write to standard output: {error.strerror}\n".encode())


def _nothing_to_do(words: list[str]) -> int | None:
    """Print the result of a build that changes nothing and return its exit code; None if there is work to do."""
    asked = _build(words)
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or str(time.time())
    if not asked or not epoch.replace(".", "", 1).isdecimal():
        return None
    site, out, flags = asked
    last = uptodate.unchanged(site, out, float(epoch))
    if not last:
        return None
    _tell(last["problems"] if "verbose" in flags else [*last["errors"], *_warnings(last["warnings"])])
    if "json" in flags:
        sys.stdout.write(f"{last['json']}\n")
    elif "quiet" not in flags:
        sys.stdout.writelines(f"{line}\n" for line in last["text"])
    code: int = last["codes"]["strict" in flags]
    return code


def _warnings(number: int) -> list[str]:
    """What is said of warnings that were told before."""
    if not number:
        return []
    return [
        f"{number} warnings as before; --verbose lists them"
        if number > 1
        else "1 warning as before; --verbose shows it"
    ]


def _tell(lines: list[str]) -> None:
    """Print lines about problems."""
    if lines and sys.stderr.isatty():
        from feeds.cli.terminal import show  # only the command line uses colours

        show(lines)
    else:
        sys.stderr.writelines(f"{line}\n" for line in lines)


def _build(words: list[str]) -> tuple[str, str | None, set[str]] | None:
    """Site, output folder and flags of a plain `feeds build`; None for anything else."""
    command, *rest = words or [""]
    out = None
    if "--out" in rest[:-1]:
        place = rest.index("--out")
        out = rest[place + 1]
        del rest[place : place + 2]
    flags = {_FLAGS[word] for word in rest if word in _FLAGS}
    others = [word for word in rest if word not in _FLAGS]
    if command != "build" or len(others) > 1 or any(word.startswith("-") for word in others):
        return None
    return (others or ["."])[0], out, flags


if __name__ == "__main__":
    main()
