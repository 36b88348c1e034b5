"""What was issued, kept in `feeds.issued`, which is committed with the posts and with the folders of the issues.

A line says that a period is closed in a language: its issue lies in its folder, or its reviews were left out for good.
What is once here is issued no second time. All functions here are pure; `feeds.build.write` writes the file.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from feeds.errors import Problem
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feeds.errors import Code, Severity

FILE = "feeds.issued"
HEADER = (
    "# What was issued; commit this file. Language, name, state, time, SHA-256 of the list of the folder's files.\n"
)

State = Literal["issued", "mailed", "skipped"]
"""`issued`: it lies in its folder, and no mailer has taken it yet. `skipped`: its reviews come in no issue."""
STATES: tuple[str, ...] = get_args(State)

_COLUMNS = 5
_CONFLICT = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
_CODE = expression(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_NAME = expression(r"\d{4}-(?:W\d\d|\d\d)", re.ASCII)
_SUM = expression(r"[0-9a-f]{64}", re.ASCII)
_RANK = ("skipped", "issued", "mailed")


class Line(NamedTuple):
    """One period of one language. `when` is RFC 3339 with its offset; `number` is the line in the file."""

    language: str
    name: str
    state: str
    when: str
    digest: str
    number: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What it is about."""
        return self.language, self.name

    @property
    def time(self) -> datetime:
        """When it was issued, mailed or skipped."""
        return datetime.fromisoformat(self.when)


class Ledger(NamedTuple):
    """The lines by language and name, what is wrong with them, and lines that say nothing any more, as they are."""

    lines: dict[tuple[str, str], Line]
    problems: list[Problem]
    damaged: list[str]


def ledger(text: str) -> Ledger:  # scanner
    """Read the lines. Both sides of a merge conflict are kept, and what a damaged line still says."""
    found = Ledger({}, [], [])
    in_conflict = False
    for number, source in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if source.startswith(_CONFLICT):
            in_conflict = not source.startswith(">>>>>>>")
            if source.startswith("<<<<<<<"):
                message = "a merge conflict was left here; both sides count, so delete the lines of signs"
                found.problems.append(_problem(number, message, "warning", code="issued-conflict"))
            continue
        if not source.strip() or source.startswith("#"):
            continue
        fields = source.split("\t")
        if not _is_good(fields) and _is_good(source.split()):
            fields = source.split()
            message = "has blanks for tabs; the next issue writes it as it should be"
            found.problems.append(_problem(number, message, "warning", code="issued-invalid"))
        if not _is_good(fields):
            found.damaged.append(source)
            message = "is not a valid line, so nothing is issued; restore it from the repository, or delete it"
            found.problems.append(_problem(number, message, code="issued-invalid"))
            continue
        language, name, state, when, digest = fields
        line = Line(language, name, state, when, digest, number)
        known = found.lines.setdefault(line.key, line)
        if known is not line:
            _twice(found, known, line, told=not in_conflict)
    return found


def _twice(found: Ledger, known: Line, line: Line, *, told: bool) -> None:
    """Of two lines for one issue the one that says more counts: what was mailed was issued."""
    if _RANK.index(line.state) > _RANK.index(known.state):
        found.lines[line.key] = line
    if told or known.digest != line.digest:
        message = f"is a second line for {line.name} ({line.language}); delete the one that is wrong"
        found.problems.append(_problem(line.number, message, "warning", code="issued-repeated"))


def _is_good(fields: list[str]) -> bool:
    if len(fields) != _COLUMNS:
        return False
    language, name, state, when, digest = fields
    try:
        zone = datetime.fromisoformat(when).tzinfo
    except ValueError:
        return False
    return bool(zone and _CODE.fullmatch(language) and _NAME.fullmatch(name) and _SUM.fullmatch(digest)) and (
        state in STATES
    )


def show(lines: Iterable[Line], damaged: Iterable[str] = ()) -> str:
    """The text of the file, sorted, so that two branches that issue in two languages rarely touch the same lines. Lines
    that are damaged follow as they are: somebody may be able to restore them.
    """
    rows = sorted(lines, key=lambda line: line.key)
    good = [f"{row.language}\t{row.name}\t{row.state}\t{row.when}\t{row.digest}" for row in rows]
    return HEADER + "".join(f"{line}\n" for line in (*good, *damaged))


def sum_of(digests: Mapping[str, str]) -> str:
    """What a line keeps of a folder: the SHA-256 of the sorted list of its files as sha256sum writes it. `digests` are
    those of the files, by name.

    >>> sum_of({})[:16]
    'e3b0c44298fc1c14'
    """
    listed = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()


def _problem(number: int, message: str, severity: Severity = "error", *, code: Code) -> Problem:
    return Problem(FILE, number, message, severity, code=code)
