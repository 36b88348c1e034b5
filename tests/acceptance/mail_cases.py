"""Cases of `tests/mails`: what an author writes, what the mail shows of it, what the author is told.

A case is a file. Its first line says what is wrong; then sections follow, each under a line `== NAME`:

  == content/en/case.md         a file put into a copy of `tests/site`, as it is
  == feeds.toml [digest]        settings for a table, in place of those with the same key
  == shown in en/digest/W       lines that the mail of this issue shows as text, in both its parts
  == not shown in en/digest/W   lines that neither part may hold
  == not made                   files that may not be there
  == problems                   all that the author is told beyond what the untouched site says; the last section,
                                which `pytest --update-golden` writes

To add one, write the file without its last section and run that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.mail_site import copied
from tests.support import HERE, listed, open_build

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = HERE / "mails"
CASES = sorted(FOLDER.glob("*.txt"))
SETTINGS = "feeds.toml"


@dataclass(frozen=True)
class Case:
    """A file of `tests/mails`; `shown` and `hidden` are lines by the folder of their issue."""

    title: str
    files: Mapping[str, str]
    shown: Mapping[str, list[str]]
    hidden: Mapping[str, list[str]]
    absent: list[str]
    problems: list[str]


@dataclass(frozen=True)
class Built:
    """The outputs of a case's site by path, and what its author is told."""

    case: Case
    files: Mapping[str, bytes]
    problems: list[str]


def read(path: Path) -> Case:
    """A case as it is written; ValueError for a section nobody knows."""
    title, *sections = re.split(r"^== (.+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    files: dict[str, str] = {}
    lines: dict[str, list[str]] = {"not made": [], "problems": []}
    for name, text in zip(sections[::2], sections[1::2], strict=True):
        if name.startswith((f"{SETTINGS} [", "content/")):
            files[name] = text
        elif name in lines or re.fullmatch(r"(not )?shown in \S+", name):
            lines[name] = [line for line in text.splitlines() if line]
        else:
            raise ValueError(f'{path.name} has a section "{name}"')
    return Case(
        title=title.strip(),
        files=files,
        shown={name.split()[-1]: found for name, found in lines.items() if name.startswith("shown")},
        hidden={name.split()[-1]: found for name, found in lines.items() if name.startswith("not shown")},
        absent=lines["not made"],
        problems=sorted(lines["problems"]),
    )


def built(case: Case, folder: Path) -> Built:
    """The tests' site with what the case changes, built in a new folder."""
    copied(folder)
    for name, text in case.files.items():
        place, _, table = name.partition(" ")
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        new = _settings(path.read_text(encoding="utf-8"), table, text) if table else text
        path.write_text(new, encoding="utf-8", newline="")
    files, problems = _outputs(folder)
    return Built(case, files, sorted(set(problems) - set(untouched().problems)))


def renew(path: Path, problems: list[str]) -> None:
    """Write what the author is told into the case."""
    kept, found, _ = path.read_text(encoding="utf-8").partition("== problems\n")
    if problems and not found:
        kept, found = f"{kept.rstrip()}\n\n", "== problems\n"
    path.write_text(kept + found + listed(problems), encoding="utf-8", newline="")


@cache
def untouched() -> Built:
    """The tests' site as it is."""
    files, problems = _outputs(HERE / "site")
    return Built(Case("", {}, {}, {}, [], []), files, problems)


def _outputs(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    build = open_build(folder)
    files = {output.path: output.data for output in build.outputs()}
    return files, list(map(str, build.problems))


def _settings(old: str, table: str, lines: str) -> str:
    """The settings with these lines under a table."""
    keys = "|".join(re.escape(line.partition("=")[0].strip()) for line in lines.splitlines() if line)
    kept = re.sub(rf"^(?:{keys})\s*=.*\n", "", old, flags=re.MULTILINE)
    kept += "" if table in kept else f"\n{table}\n"
    return kept.replace(table, f"{table}\n{lines}")
