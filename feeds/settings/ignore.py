"""`[warnings] ignore`: the warnings and notes that the author does not want to see, by code and path."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, get_args

from feeds.errors import ErrorCode, Problem, WarningCode
from feeds.model import Ignore
from feeds.settings.toml import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.settings.keys import Table


def read(table: Table, text: str) -> tuple[Ignore, ...]:
    """The entries of `ignore`, like `formula-unknown` or `image-missing content/en/2019-*`, each with its line in the
    text of `feeds.toml`.
    """
    found = []
    for entry in table.texts("ignore"):
        code, _, pattern = entry.strip().partition(" ")
        line = _line(entry, text, table.lines.get(f"{table.prefix}ignore", 1))
        if wrong := _wrong(code):
            message = f"`{table.prefix}ignore` {wrong}"
            table.problems.append(Problem(table.path, line, message, code="setting-invalid"))
        found.append(Ignore(code=code, pattern=pattern.strip(), line=line))
    table.done()
    return tuple(found)


def _wrong(code: str) -> str:
    if code in get_args(ErrorCode):
        return f"names `{code}`, which is always an error, and errors cannot be ignored; remove it"
    known = get_args(WarningCode)
    hint = did_you_mean(code, known) or "; a code is the word in brackets at the end of a message"
    return "" if code in known else f'names an unknown code, "{code}"{hint}'


def _line(entry: str, text: str, first: int) -> int:
    """The line of an entry in the list that begins on line `first`."""
    rows = enumerate(text.split("\n")[first - 1 :], first)
    return next((number for number, row in rows if f'"{entry}"' in row or f"'{entry}'" in row), first)


def without_ignored(
    problems: Iterable[Problem], ignored: tuple[Ignore, ...], path: str = "", *, whole: bool = False
) -> list[Problem]:
    """The problems to be told, sorted, each once. Errors are never ignored.

    If these are all problems of a `whole` build, an entry that none matches becomes a warning in the file `path`.
    """
    every = sorted(set(problems))
    if whole and not any(problem.severity == "error" for problem in every):  # an error may hide what was ignored
        unused = [one for one in ignored if not any(_matches(one, problem) for problem in every)]
        every += [Problem(path, one.line, _unused(one), "warning", code="ignore-unused") for one in unused]
    return sorted(problem for problem in every if not any(_matches(one, problem) for one in ignored))


def _matches(ignored: Ignore, problem: Problem) -> bool:
    return (
        problem.code == ignored.code
        and problem.severity != "error"
        and (not ignored.pattern or fnmatchcase(problem.path, ignored.pattern))
    )


def _unused(ignored: Ignore) -> str:
    shown = f"{ignored.code} {ignored.pattern}".strip()
    return f"`warnings.ignore` lists `{shown}`, which ignored nothing in this build; remove it"
