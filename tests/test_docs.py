"""What README, --help and the pages for those who work on the code say is so."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
import pytest
from click.testing import CliRunner

from feeds import settings as feeds_settings
from feeds.cli import main
from feeds.errors import ErrorCode, WarningCode
from feeds.settings.keys import Table
from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/problems.md", "docs/security.md")
}
README = PAGES["README.md"]
FOR_THE_CODE = ["CONTRIBUTING.md", "docs/architecture.md", "docs/security.md"]
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


def test_every_settings_key_is_in_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under "All settings", where it can be copied from. What is known is what is asked for when these are read."""
    known: set[str] = set()

    def done(table: Table) -> None:
        known.update(table.prefix + key for key in table.asked)

    monkeypatch.setattr(Table, "done", done)
    block = max(blocks("toml"), key=len)
    feeds_settings.parse(block)

    assert {"url", "digest.day", "themes.systems.color", "look.logo.width"} <= known
    assert {_kind_of(key) for key in known} - {_kind_of(key) for key in _dotted(tomllib.loads(block))} == set()


def _dotted(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from _dotted(value, f"{prefix}{key}.")


def _kind_of(key: str) -> str:
    """The key with any name for that of a language or theme."""
    return re.sub(r"^(languages|themes)\.[^.]+", r"\1.*", key)


def test_the_first_post_of_the_readme_builds(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text(blocks("toml")[0])
    (tmp_path / "content").mkdir()
    (tmp_path / "content/hello.md").write_text(blocks("markdown")[0])

    result = CliRunner().invoke(main, ["build", str(tmp_path), "--strict"])

    assert result.exit_code == 0, result.output


def test_every_key_of_front_matter_is_in_the_readme() -> None:
    from feeds.reader.generators.native import KEYS
    from feeds.reader.paper import PAPER_KEYS

    assert [key for key in KEYS + PAPER_KEYS if f"`{key}`" not in README] == []


def test_every_code_of_a_problem_is_on_its_page_once_and_is_used() -> None:
    """That no other is used, mypy sees."""
    codes = sorted({*get_args(ErrorCode), *get_args(WarningCode)})
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGES["docs/problems.md"], re.MULTILINE)
    words = Counter(
        node.value
        for path in (ROOT / "feeds").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    )

    assert sorted(rows) == codes
    assert [code for code in codes if words[code] == 1] == []
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", code) for code in codes)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))

    assert (result.failed, result.attempted > 0) == (0, True)


@pytest.mark.parametrize("page", FOR_THE_CODE)
def test_every_path_of_a_page_is_there(page: str) -> None:
    """Of a path with NAME in it, which the reader makes, the folder is."""
    found = re.findall(r"\b(?:feeds|tests|templates|docs|benchmarks)/[\w./-]*", PAGES[page])
    missing = {path for path in found if not (ROOT / re.sub(r"[^/]*NAME.*", "", path).rstrip(".")).exists()}

    assert found
    assert missing == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_to_a_file_and_a_heading(page: str) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", PAGES[page], flags=re.DOTALL)
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", prose):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), path
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if anchor else []
        slugs = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
        assert not anchor or anchor in slugs, anchor


@pytest.mark.parametrize("page", FOR_THE_CODE)
def test_every_name_of_a_page_is_in_the_code(page: str) -> None:
    """Classes, functions, keys: what stands alone in backticks, and what begins with a capital in a picture."""
    sources = [path for place in ("feeds", "tests") for path in (ROOT / place).rglob("*.py")]
    sources += [ROOT / "README.md", ROOT / "pyproject.toml", *(ROOT / "templates").glob("*.*")]
    known = {word for path in sources for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    pictures, prose = re.findall(r"^```\n(.*?)^```", PAGES[page], re.DOTALL | re.MULTILINE), PAGES[page]
    names = [name for name in re.findall(r"`([A-Za-z_][\w.]*)`", prose) if "NAME" not in name]
    names += [name for picture in pictures for name in re.findall(r"\b[A-Z][\w.]+", picture)]

    assert names
    assert [name for name in names if not known.issuperset(re.findall(r"\w+", name))] == []


def test_what_sets_up_the_project_is_said_once() -> None:
    """`.ci/run` takes these commands from the README."""
    first = re.search(r"^```console\n(.*?)^```", PAGES["CONTRIBUTING.md"], re.DOTALL | re.MULTILINE)

    assert first
    assert [line for line in first[1].splitlines() if line not in README.splitlines()] == []
