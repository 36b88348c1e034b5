"""What one build leaves for the next to compare with, as types: a module that only type checkers load."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence


class Inputs(TypedDict):
    """Where the files lie that a build reads, relative to the site: below `folders` without `skip`, and `files`; and
    the names in the site's root, which tell what kind of blog it is.
    """

    site: str
    program: str
    folders: Sequence[str]
    skip: Sequence[str]
    files: Sequence[str]


class Said(TypedDict):
    """What the command line says of a build that changes nothing: for people, as JSON, the errors, the number of
    warnings, all problems for `--verbose`, and the exit codes without and with `--strict`.
    """

    text: list[str]
    json: str
    errors: list[str]
    warnings: int
    problems: list[str]
    codes: list[int]


class BuildState(Inputs, Said):
    """What the next build compares with, beside the fingerprints. `asked` is the value of `--out`, `out` the real path
    of the output folder, `outputs` the files in it and `written` those in the site that are ours. The state holds for
    builds whose time is in `now`: from the first, before the second, in seconds since 1970.
    """

    asked: str | None
    out: str
    outputs: list[str]
    written: list[str]
    names: list[str]
    now: tuple[float, float | None]
