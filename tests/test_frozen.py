"""The folder of an issue: what can be made of it later, and what a stranger might write into it."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from feeds.build import write
from feeds.digest import frozen
from feeds.digest.inline import inline
from feeds.errors import OutputError
from feeds.issued import Line
from tests.support import ROOT, open_build

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "issues/en/2026-W18"
LINE = Line("en", "2026-W18", "issued", "2026-05-04T08:00:00+00:00", "0" * 64)
FACTS: dict[str, Any] = json.loads((FOLDER / "issue.json").read_text("utf-8"))


def test_what_is_kept_of_each_review_is_enough_to_make_the_email_once_more() -> None:
    """Of all reviews, and so of some: an email for readers of one theme needs no post."""
    build = open_build(ROOT)
    kept = json.loads((FOLDER / "reviews.json").read_text("utf-8"))
    for section in kept["issue"]["sections"]:
        for review in section["reviews"]:
            review["date"] = datetime.fromisoformat(review["date"])
    templates = build.project.planner.templates
    html = templates.render("mail.html", build.site.settings.languages["en"], issue=kept["issue"], urls=kept["urls"])

    assert inline(html).encode() == (FOLDER / "mail.html").read_bytes()
    assert kept["ids"] == [review["id"] for section in kept["issue"]["sections"] for review in section["reviews"]]
    assert all(review["page"] and review["excerpt"] for one in kept["issue"]["sections"] for review in one["reviews"])


def test_the_facts_are_read_back() -> None:
    found = frozen.load(json.dumps(FACTS), LINE, "issues/en/2026-W18")

    assert [review._asdict() for review in found.reviews] == FACTS["reviews"]
    assert (found.folder, found.week, found.until.isoformat()) == ("en/digest/2026-W18/", "2026-W18", FACTS["until"])


@pytest.mark.parametrize(
    "changes",
    [
        *(
            {"folder": path}
            for path in ("../../x/", "/etc/", "en/digest/../x/", "", "en/digest/2026-W18", "a\n/digest/x/", 3)
        ),
        *({"since": moment} for moment in ("2026-05-04", "soon", None, 7)),
        *({"reviews": rows} for rows in (None, 3, ["a"], [{"id": 1, "title": "", "url": ""}], {"a": 1})),
        {"name": "2026-W19"},
        {"language": "zh"},
        {"format": 2},
        {"format": None},
        {"subject": ["a"]},
        {"skipped": "x"},
        {"last_day": "2026-99-99"},
    ],
    ids=repr,
)
def test_facts_that_cannot_be_right_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(frozen.Damaged):
        frozen.load(json.dumps(FACTS | changes), LINE, "issues/en/2026-W18")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", "[" * 100_000, '{"format": 1}'])
def test_facts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(frozen.Damaged):
        frozen.load(text, LINE, "issues/en/2026-W18")


def freeze(root: Path, **contents: bytes) -> None:
    files = {name.replace("_", "."): data for name, data in contents.items()}
    write.freeze(files, root, "issues/en/2026-W18", frozen.is_ours)


def test_a_folder_is_replaced_in_one_step_and_what_a_kill_left_goes(tmp_path: Path) -> None:
    freeze(tmp_path, mail_eml=b"old", page_html=b"old")
    left = tmp_path / "issues/en/.2026-W18.0123456789abcdef.part"
    left.mkdir()
    (left / "mail.eml").write_bytes(b"half")
    freeze(tmp_path, mail_eml=b"new")

    assert sorted(os.listdir(tmp_path / "issues/en")) == ["2026-W18"]
    assert sorted(os.listdir(tmp_path / "issues/en/2026-W18")) == ["mail.eml"]


def test_a_disk_that_is_full_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(tmp_path, mail_eml=b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        freeze(tmp_path, mail_eml=b"new")
    monkeypatch.undo()

    assert (tmp_path / "issues/en/2026-W18/mail.eml").read_bytes() == b"old"


def test_a_link_leads_no_issue_out_of_the_site(tmp_path: Path) -> None:
    site, outside = tmp_path / "site", tmp_path / "outside"
    site.mkdir()
    outside.mkdir()
    (site / "issues").symlink_to(outside)

    with pytest.raises(OutputError, match="leads out"):
        freeze(site, mail_eml=b"new")
    assert os.listdir(outside) == []


def test_what_git_is_told_stands_beside_what_somebody_else_told_it(tmp_path: Path) -> None:
    (tmp_path / "issues").mkdir()
    (tmp_path / "issues/.gitattributes").write_text("*.png diff=exif")
    freeze(tmp_path, mail_eml=b"new")
    freeze(tmp_path, mail_eml=b"new")

    assert (tmp_path / "issues/.gitattributes").read_text() == "*.png diff=exif\n** -text\n"
    shutil.rmtree(tmp_path / "issues")
