"""What a build does not load, read or hold: costs follow the size of what changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from feeds.build.render import TEXTS
from feeds.reader.mapping import serial_map
from tests.support import open_build

if TYPE_CHECKING:
    from pathlib import Path

FEEDS_ALONE = """
title = "T"
url = "https://example.org/"
[feeds]
pages = false
archive = 0
[digest]
enabled = false
"""
POST = """---
title: Number {number}
date: 2026-04-{day:02}
tags: [a, b]
---

Words, $x^2$ and **more**.
"""
HEAVY = (
    "babel",
    "click",
    "feedgen",
    "frontmatter",
    "jinja2",
    "latex2mathml",
    "lxml",
    "math_core",
    "nh3",
    "premailer",
    "yaml",
)


@pytest.fixture
def plain_site(tmp_path: Path) -> Path:
    (tmp_path / "feeds.toml").write_text(FEEDS_ALONE)
    (tmp_path / "content").mkdir()
    for number in range(30):
        (tmp_path / f"content/{number}.md").write_text(POST.format(number=number, day=number % 28 + 1))
    return tmp_path


def loaded(site: Path) -> set[str]:
    """The heavy libraries that `feeds build` loads."""
    code = (
        "import json, os, sys; from feeds.__main__ import main; os._exit = sys.exit\n"
        "if hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"  # one process
        "try: main()\nexcept SystemExit: pass\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]), file=sys.stderr)"
    )
    words = [sys.executable, "-c", code, "build", str(site), "--quiet"]
    done = subprocess.run(
        words, check=True, capture_output=True, text=True, env=os.environ | {"SOURCE_DATE_EPOCH": "1780000000"}
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_feeds_alone_are_made_without_templates_and_mails(plain_site: Path) -> None:
    assert loaded(plain_site) == {"click", "feedgen", "frontmatter", "lxml", "math_core", "nh3", "yaml"}


def test_texts_without_formulas_are_made_without_the_reader_of_formulas(plain_site: Path) -> None:
    for path in plain_site.glob("content/*.md"):
        path.write_text(path.read_text().replace("$x^2$", "$5"))
    assert "math_core" not in loaded(plain_site)


def test_a_build_that_changes_nothing_loads_nothing(plain_site: Path) -> None:
    loaded(plain_site)

    assert loaded(plain_site) == set()


def test_a_change_that_no_feed_shows_loads_neither_markup_nor_feedgen(plain_site: Path) -> None:
    loaded(plain_site)
    (plain_site / "content/0.md").write_text(POST.format(number=0, day=1) + "More.\n")  # not among the newest 20

    assert loaded(plain_site) <= {"click", "feedgen", "frontmatter", "lxml", "yaml"}


def test_an_issue_that_is_known_needs_no_premailer(site_folder: Path) -> None:
    assert "premailer" in loaded(site_folder)
    post = site_folder / "content/en/theory.md"  # of an issue whose mail was made long ago
    post.write_text(post.read_text() + "More.\n")

    assert "premailer" not in loaded(site_folder)


def test_memory_holds_few_texts_however_many_are_shown(plain_site: Path) -> None:
    (plain_site / "feeds.toml").write_text(FEEDS_ALONE.replace("archive = 0", "archive = 20"))
    for number in range(3 * TEXTS):
        (plain_site / f"content/more-{number}.md").write_text(POST.format(number=number, day=number % 28 + 1))
    build = open_build(plain_site)
    most = 0
    for _ in build.project.outputs(serial_map, ""):
        most = max(most, len(build.project.renderer._held))

    assert most == TEXTS
