"""The program: answers at once when there is nothing to do, and otherwise leaves the work to the command line.

Only what `uptodate` needs is imported before that: importing click alone takes longer than checking a thousand files.
"""

from __future__ import annotations

import gc
import os
import sys
import time

from feeds.build.cache import uptodate

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


def main() -> None:
    """The command `feeds`."""
    code = _nothing_to_do(sys.argv[1:])
    if code is None:
        from feeds.cli import main as command

        if not _BRIEF & set(sys.argv[1:2]):
            command(prog_name="feeds")
            return
        gc.disable()  # a build makes many objects and few cycles: looking for them takes a fifth of its time
        try:
            command(prog_name="feeds")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)  # freeing every object of ten thousand posts would take longer than reading them again


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
