"""Renewing a case changes that case alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import cases, renew

if TYPE_CHECKING:
    from pathlib import Path

FILE = "one\n.\n*x*\n.\n<em>x</em>\n.\n\n\ntwo\n.\ny\n.\n.\n\nthree\n.\n\n.\nold\nlines\n.\n"


def test_cases_grow_and_shrink_in_their_places(tmp_path: Path) -> None:
    path = tmp_path / "cases.txt"
    path.write_text(FILE, encoding="utf-8")

    for case, text in zip(cases(path), ("a\n\nb", "c", ""), strict=True):
        renew(case, text)

    assert [(case.title, case.given, case.expected) for case in cases(path)] == [
        ("one", "*x*", "a\n\nb"),
        ("two", "y", "c"),
        ("three", "", ""),
    ]


def test_cases_that_are_right_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "cases.txt"
    path.write_text(FILE, encoding="utf-8")

    for case in cases(path):
        renew(case, case.expected)

    assert path.read_text(encoding="utf-8") == FILE


def test_what_would_end_a_case_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.txt"
    path.write_text(FILE, encoding="utf-8")

    with pytest.raises(ValueError, match="a single dot"):
        renew(next(cases(path)), "a\n.\nb")
