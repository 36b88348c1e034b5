"""What was issued, as it lies in the site: `feeds.issued`, a folder for each issue, and the editors' files beside them.

Builds read the facts of every issue, and all files of one only to publish them: then the folder must be what its line
says.
"""

from __future__ import annotations

import hashlib
from dataclasses import field
from typing import TYPE_CHECKING

from feeds import issued, paths, periods
from feeds.errors import Problem, Unreadable
from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from feeds.digest.due import Record
    from feeds.digest.editor import File
    from feeds.digest.frozen import Frozen
    from feeds.issued import Line
    from feeds.model import Editorial, Settings

_EDITORS = (".md", ".markdown")
_MOST = 64 << 20
"""Bytes of a file of an issue."""


@record(kw_only=True)
class Issued:
    """`issues` are by language and name, those of skipped periods too. `files` are the editors', by language and name.
    `lines` and `damaged` are those of `feeds.issued`.

    `is_known`: everything that was issued could be read, so it is clear what was not.
    """

    root: Path
    folder: str
    issues: Mapping[tuple[str, str], Frozen] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, File]] = field(default_factory=dict)
    lines: Mapping[tuple[str, str], Line] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_known: bool = True

    @property
    def record(self) -> Record:
        """What was issued, as far as it matters for what comes next."""
        from feeds.digest.due import Record

        held: dict[str, frozenset[str]] = {}
        for (language, _), issue in self.issues.items():
            held[language] = held.get(language, frozenset()) | issue.held
        return Record(lines=self.lines, held=held)

    def held(self, language: str, *, besides: str = "") -> dict[str, str]:
        """In which issue each review of a language was, by id, or was left out for good; `besides` does not count."""
        own = [issue for (code, name), issue in self.issues.items() if code == language and name != besides]
        return {known: issue.name for issue in own for known in issue.held}

    def from_archive(self, language: str, *, besides: str = "") -> set[str]:
        """The ids of the reviews that were shown from the archive."""
        own = [issue for (code, name), issue in self.issues.items() if code == language and name != besides]
        return {known for issue in own for known in issue.archive}

    def shown(self, language: str) -> list[Frozen]:
        """The issues of a language that readers find."""
        return [issue for (code, _), issue in self.issues.items() if code == language and issue.line.state != "skipped"]

    def files_of(self, issue: Frozen) -> dict[str, bytes]:
        """All files of an issue's folder, by name. Raises `frozen.Damaged` unless they are what its line says."""
        from feeds.digest import frozen

        try:
            found = _contents(self.root, issue.place)
        except Unreadable as error:
            raise frozen.Damaged(error.message) from error
        if issued.sum_of(_digests(found)) != issue.line.digest:
            raise frozen.Damaged("is not what was issued")
        return found

    def names_of(self, issue: Frozen) -> tuple[str, ...]:
        """What its outputs depend on: the paths of its files, and its folder, which tells of others."""
        try:
            names = [entry.name for entry in paths.entries(self.root, issue.place)]
        except Unreadable:
            names = []
        return (f"{issue.place}/", *(f"{issue.place}/{name}" for name in sorted(names)))

    def is_whole(self, issue: Frozen) -> Problem | None:
        """What is wrong with an issue's folder, None if it is as it was issued."""
        from feeds.digest import frozen

        try:
            self.files_of(issue)
        except frozen.Damaged as error:
            return damaged(issue, str(error))
        return None


def damaged(issue: Frozen, why: str) -> Problem:
    """An issue whose folder is not what was issued."""
    where = f"see {issued.FILE}:{issue.line.number}"
    anew = (
        "" if issue.line.state == "skipped" else f", or change it on purpose by `feeds digest --reissue {issue.name}`"
    )
    message = f"{why}: restore it from the repository{anew}; {where}"
    return Problem(issue.place, 0, message, code="issued-damaged")


def read(root: Path, settings: Settings, folder: str) -> Issued:
    """What was issued in a site, and what editors prepared: in `folder` of the site."""
    problems: list[Problem] = []
    is_known = True
    try:
        text = paths.read(root, issued.FILE, paths.RECORD).decode("utf-8", "replace")
    except Unreadable as error:
        text = ""
        if not error.missing:
            problems.append(Problem(issued.FILE, 0, error.message, code="file-unreadable"))
            is_known = False
    ledger = issued.ledger(text)
    problems += ledger.problems
    issues: dict[tuple[str, str], Frozen] = {}
    if ledger.lines:
        from feeds.digest import frozen  # not in a site that has no digest
    for key, line in ledger.lines.items():
        place = f"{folder}/{line.language}/{line.name}"
        try:
            issues[key] = frozen.load(paths.text(root, f"{place}/{frozen.FACTS}"), line, place)
        except (Unreadable, frozen.Damaged) as error:
            is_known = False
            said = error.reason if isinstance(error, Unreadable) else str(error)
            where = f"see {issued.FILE}:{line.number}"
            message = (
                f"{said}; restore the folder from the repository, or delete the line if it was never issued; {where}"
            )
            problems.append(Problem(f"{place}/{frozen.FACTS}", 0, message, code="issued-damaged"))
    files: dict[str, dict[str, File]] = {}
    for code in settings.languages:
        files[code] = _beside(root, f"{folder}/{code}", settings, issues, problems)
    if not is_known or ledger.damaged:  # a folder whose line is damaged, or that cannot be read, is told already
        problems = [one for one in problems if one.code != "issued-unlisted"]
    return Issued(
        root=root,
        folder=folder,
        issues=issues,
        files=files,
        lines=ledger.lines,
        damaged=tuple(ledger.damaged),
        problems=tuple(problems),
        is_known=is_known and not ledger.damaged,
    )


def _beside(
    root: Path, folder: str, settings: Settings, issues: Mapping[tuple[str, str], Frozen], problems: list[Problem]
) -> dict[str, File]:
    """The editors' files of a language, by the period they are about; and what else lies there that should not."""
    try:
        entries = sorted(paths.entries(root, folder), key=lambda entry: entry.name)
    except Unreadable as error:
        if not error.missing:
            problems.append(Problem(folder, 0, error.message, code="file-unreadable"))
        return {}
    found: dict[str, File] = {}
    closed = {name for _, name in issues}
    language = folder.rpartition("/")[2]
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if paths.is_folder(entry):
            is_listed = (language, entry.name) in issues
            problems += _of_folder(root, path, is_link=entry.is_symlink(), is_listed=is_listed)
        elif entry.name.lower().endswith(_EDITORS) and entry.name[0] != ".":
            file = _editors(root, path, settings, closed, problems)
            if file and file.name in found:
                message = f"is about {file.name}, as {found[file.name].path} is; keep one of them"
                problems.append(Problem(path, 1, message, code="issue-unknown"))
            elif file:
                found[file.name] = file
    return found


def _of_folder(root: Path, path: str, *, is_link: bool, is_listed: bool) -> list[Problem]:
    """What is wrong with the folder of an issue, without looking at its files."""
    from feeds.digest import frozen

    if is_link:
        return [Problem(path, 0, "is a link; put the folder itself there", code="file-unreadable")]
    if is_listed or not paths.readable(root, f"{path}/{frozen.FACTS}"):
        return []
    message = f"has no line in {issued.FILE}: restore the line if this was issued, else delete the folder"
    return [Problem(path, 0, message, "warning", code="issued-unlisted")]


def _editors(root: Path, path: str, settings: Settings, closed: Container[str], problems: list[Problem]) -> File | None:
    """An editor's file; None when it cannot be read, or its name says no period."""
    from feeds.digest import editor

    try:
        return editor.File(path, editor.name_of(path, settings, closed), paths.text(root, path))
    except ValueError as error:
        problems.append(Problem(path, 1, f"is named after no period: {error}", code="issue-unknown"))
    except Unreadable as error:
        problems.append(Problem(path, 0, error.message, code="file-unreadable"))
    return None


def closed(found: Issued, settings: Settings) -> list[Problem]:
    """Editors' files that show nowhere any more: they were changed after their issue, or written after its time."""
    from feeds.digest import editor

    if not found.is_known:  # whether a file is about what was issued is seen once that is mended
        return []
    bounds = found.record.bounds(settings.digest.rule)
    problems = []
    for language, files in found.files.items():
        for file in files.values():
            issue = found.issues.get((language, file.name))
            if (issue and issue.editor == file.digest) or editor.says_nothing(file):
                continue
            if issue:
                where = f"{issued.FILE}:{issue.line.number}"
                message = f"{file.name} was {issue.line.state}, see {where}; what was changed here since shows nowhere"
                message += f", unless you run `feeds digest --reissue {file.name}`"
            elif (
                bounds
                and (period := periods.of_either_kind(file.name, settings.digest.rule))
                and (period.last < bounds[1])
            ):
                message = f"{file.name} is over, and its reviews come in a later issue; rename this file for that one"
            else:
                continue
            problems.append(Problem(file.path, 1, message, "warning", code="issue-closed"))
    return problems


def cover_problem(root: Path, editorial: Editorial) -> Problem | None:
    """What is wrong with the file of a cover."""
    from feeds.digest import editor

    cover, line = editorial.cover, editorial.lines.get("cover", 1)
    if not cover:
        return None
    try:
        data = paths.read(root, cover.file)
    except Unreadable as error:
        reason = "is missing; put it beside this file" if error.missing else error.message
        return Problem(editorial.path, line, f"`cover`: {cover.file} {reason}", code="image-missing")
    if len(data) > editor.LARGEST:
        wrong = f"`cover`: {cover.file} has {len(data):,} bytes and travels in every email; make it smaller than"
        return Problem(editorial.path, line, f"{wrong} {editor.LARGEST:,}", code="image-invalid")
    if not data.startswith(editor.BEGINNINGS[cover.type]):
        kind = cover.type.rpartition("/")[2].upper()
        message = f"`cover`: {cover.file} is no {kind} inside; save the picture as what its name says"
        return Problem(editorial.path, line, message, code="image-invalid")
    return None


def _contents(root: Path, place: str) -> dict[str, bytes]:
    """The files of a folder by name; a folder in it makes it another one than was issued. Raises `Unreadable`."""
    found = {}
    for entry in paths.entries(root, place):
        if entry.name[0] != ".":  # what a system leaves in every folder
            found[entry.name] = paths.read(root, f"{place}/{entry.name}", _MOST)
    return found


def _digests(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}


def sum_of(contents: Mapping[str, bytes]) -> str:
    """What a line keeps of these files."""
    return issued.sum_of(_digests(contents))
