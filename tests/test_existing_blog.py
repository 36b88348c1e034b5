"""What `docs/existing-blog.md` tells people to write works in a blog of each generator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from feeds import settings as feeds_settings
from feeds.cli import main
from tests.generators import blog
from tests.support import ROOT

PAGE = (ROOT / "docs" / "existing-blog.md").read_text(encoding="utf-8")
BLOGS = ["hexo.both", "hugo.plain", "jekyll.terms"]


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    return [text.replace(f"\n{indent}", "\n").removeprefix(indent) for indent, text in found]


@pytest.mark.parametrize("case", BLOGS)
def test_the_commands_of_the_page_run(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(blog(case, tmp_path))
    commands = [line for block in blocks("sh") for line in block.splitlines()]

    assert len(commands) > 3
    for line in commands:
        result = CliRunner().invoke(main, line.removeprefix("feeds ").split())
        assert result.exit_code == 0, (line, result.output)
    assert Path("feeds.lock").read_text().count("https://") > 3


@pytest.mark.parametrize("text", blocks("toml"))
def test_the_settings_of_the_page_are_good_settings(text: str) -> None:
    languages = "[languages.en]\n[languages.zh]\n" if " en = " in text else ""
    head = 'title = "T"\nurl = "https://example.org/"\n'
    detected = feeds_settings.DetectedSettings(own_addresses=True)

    assert feeds_settings.parse(head + text + languages, detected)


def test_the_lines_for_jekyll_keep_our_records_out(tmp_path: Path) -> None:
    root = blog("jekyll.terms", tmp_path)
    (lines,) = blocks("yaml")
    with (root / "_config.yml").open("a") as file:
        file.write(lines)
    said = CliRunner().invoke(main, ["posts", str(root)]).output

    assert yaml.safe_load((root / "_config.yml").read_text())["exclude"][0] == "feeds.lock"
    assert "records-published" not in said
