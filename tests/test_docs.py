"""What README and --help say is so."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from feeds import settings as feeds_settings
from feeds.cli import main
from tests.support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
WITH_EXAMPLES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "feeds").rglob("*.py"))
    if re.search("^ *>>> ", path.read_text(encoding="utf-8"), re.MULTILINE)
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_every_command_and_option_is_in_the_readme_and_has_help() -> None:
    for name, command in main.commands.items():
        assert f"feeds {name}" in README
        assert command.help
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, (name, option.name)
                assert max(option.opts, key=len) in README, (name, option.name)


def test_every_feeds_command_of_the_readme_runs(site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site_folder)
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("feeds ")]

    assert commands
    for line in commands:
        if "--watch" in line:  # stays until it is interrupted; test_cli.py has it
            continue
        words = line.partition("#")[0].split()[1:]
        result = CliRunner().invoke(main, words, env={"SOURCE_DATE_EPOCH": "1777593600"})
        assert result.exit_code == 0, (line, result.output)


def test_the_help_of_every_command_has_an_example_that_runs(site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site_folder)
    for name in main.commands:
        shown = CliRunner().invoke(main, [name, "--help"]).output
        example = re.search(rf"Example: feeds ({name}\b.*)", shown)
        assert example, name
        result = CliRunner().invoke(main, example[1].split(), env={"SOURCE_DATE_EPOCH": "1777593600"})
        assert result.exit_code == 0, (name, result.output)


def test_the_settings_of_the_readme_are_good_settings() -> None:
    around = 'title = "T"\nurl = "https://example.org/"\n[languages.en]\n[languages.zh]\n'
    for block in blocks("toml"):
        assert feeds_settings.parse(block if block.startswith("title") else around + block).title


def test_the_first_post_of_the_readme_builds(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text(blocks("toml")[0])
    (tmp_path / "content").mkdir()
    (tmp_path / "content/hello.md").write_text(blocks("markdown")[0])

    result = CliRunner().invoke(main, ["build", str(tmp_path), "--strict"])

    assert result.exit_code == 0, result.output


def test_every_key_of_a_head_is_in_the_readme() -> None:
    from feeds.reader.generators.native import KEYS
    from feeds.reader.paper import PAPER_KEYS

    assert [key for key in KEYS + PAPER_KEYS if f"`{key}`" not in README] == []


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))

    assert (result.failed, result.attempted > 0) == (0, True)
