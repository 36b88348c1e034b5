"""Formulas of whole blogs: what a configuration says of them, and titles that hold some."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from feeds.build.builder import Builder, Result
from tests.support import open_build, tree

NOW = datetime(2026, 5, 4, tzinfo=UTC)
HUGO = 'title = "T"\nbaseURL = "https://example.org/"\n'
PASSTHROUGH = (
    "[markup.goldmark.extensions.passthrough]\nenable = {enable}\n"
    "[markup.goldmark.extensions.passthrough.delimiters]\n{delimiters}\n"
)
BRACKETS = r"""inline = [["\\(", "\\)"]]
block = [["\\[", "\\]"], ["$$", "$$"]]"""
TEXT = r"Let \(x_1\) be \[y_1\] there."


def hugo(root: Path, passthrough: str, text: str = TEXT) -> None:
    (root / "hugo.toml").write_text(HUGO + passthrough)
    (root / "content").mkdir(exist_ok=True)
    (root / "content" / "a.md").write_text(f"---\ntitle: A\ndate: 2026-04-20\n---\n\n{text}\n")


def build(root: Path) -> Result:
    return Builder(root=root).build(lambda _: NOW, root / "out")


def content(root: Path) -> str:
    feed = next(data for path, data in tree(root / "out").items() if path.endswith(".json"))
    [item] = json.loads(feed)["items"]
    return str(item["content_html"])


def test_hugos_configuration_says_what_markdown_leaves_alone_and_a_change_of_it_changes_the_posts(
    tmp_path: Path,
) -> None:
    hugo(tmp_path, PASSTHROUGH.format(enable="true", delimiters=BRACKETS))
    build(tmp_path)
    assert content(tmp_path).count("<math") == 2

    hugo(tmp_path, PASSTHROUGH.format(enable="false", delimiters=BRACKETS))
    build(tmp_path)
    assert content(tmp_path) == "<p>Let (x_1) be [y_1] there.</p>"


@pytest.mark.parametrize(
    "delimiters",
    [
        "inline = 3",
        'inline = "x"',
        'inline = [[""]]\nblock = [["", ""]]',
        'inline = [["a"], ["a", "b", "c"], [1, 2], [["x"], "y"]]',
        f'inline = [["{"(" * 30}", ")"]]',
        'inline = [["(?P<x>", "[*"]]\nblock = [["\\n", "\\u0000"]]',
        "inline = [" + ", ".join(f'["<{number}", ">"]' for number in range(500)) + "]",
    ],
)
def test_odd_delimiters_cost_nothing(tmp_path: Path, delimiters: str) -> None:
    hugo(tmp_path, PASSTHROUGH.format(enable="true", delimiters=delimiters), "Let $x_1$ be (b) there.")
    built = open_build(tmp_path, NOW)

    [post] = built.site.posts

    assert built.render(post).html.startswith("<p>Let <math")


def test_titles_highlights_and_titles_of_papers_are_text_everywhere(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text('title = "T"\nurl = "https://example.org/"\n')
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "a.md").write_text(
        "---\ntitle: Sorting in $O(n \\log n)$ for $5\ndate: 2026-04-28\n"
        "highlights: ['$\\alpha = 0.5$ is best']\npaper: {title: 'On CO$_2$', arxiv: '2401.00001'}\n---\n\nText.\n"
    )

    build(tmp_path)

    outputs = tree(tmp_path / "out")
    [item] = json.loads(outputs["feed.json"])["items"]
    assert item["title"] == "Sorting in O(n log n) for $5"
    mail = message_from_bytes(
        next(data for path, data in outputs.items() if path.endswith(".eml")), policy=policy.default
    )
    assert mail["subject"] == "Sorting in O(n log n) for $5"
    for path, data in outputs.items():
        assert b"\\log" not in data, path
        assert b"\\alpha" not in data, path
        assert b"$_2$" not in data, path
    everything = b"".join(outputs.values())
    assert "α = 0.5 is best".encode() in everything
    assert "On CO₂".encode() in everything


def test_a_built_site_stays_as_it_is_when_a_title_has_a_formula(tmp_path: Path) -> None:
    hugo(tmp_path, "", "Text.")
    post = tmp_path / "content" / "a.md"
    post.write_text(post.read_text().replace("title: A", "title: On $x_1$"))

    build(tmp_path)
    first = tree(tmp_path / "out")
    second = build(tmp_path)

    assert tree(tmp_path / "out") == first
    assert not second.report.written
