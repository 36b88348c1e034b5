"""The public interface: what other programs may build on."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import feeds
from feeds.build.render import run
from tests.support import tree

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.build.render import Result
    from feeds.build.task import Task

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    assert [name for name in feeds.__all__ if not getattr(feeds, name).__doc__] == []
    with pytest.raises(AttributeError):
        _ = feeds.nothing_of_the_kind


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, feeds; print(*[name for name in sys.modules if name.startswith('feeds.')])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_a_program_builds_a_site_with_one_call(site_folder: Path) -> None:
    result = feeds.build_site(site_folder, NOW)

    assert set(result.report.written) == set(tree(site_folder / "public")) - {".feeds-outputs"}
    assert (result.out, result.is_written) == (site_folder / "public", True)
    assert [(problem.severity, problem.code) for problem in result.problems] == [("note", "date-missing")]


def test_outputs_as_values_are_those_that_a_build_writes_and_nothing_is_written(site_folder: Path) -> None:
    outputs, project = feeds.Builder(root=site_folder).outputs(lambda _: NOW)
    before = tree(site_folder)
    result = feeds.build_site(site_folder, NOW)
    written = tree(site_folder / "public")

    assert not [path for path in before if path.startswith("public") or path == "feeds.lock"]
    assert {output.path: output.data for output in outputs} == {
        path: data for path, data in written.items() if path != ".feeds-outputs"
    }
    assert project.problems == result.problems


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that builds make."""
    names: list[str] = []

    def noted(task: Task, **named: Any) -> Result:
        names.append(task.name)
        return run(task, **named)

    monkeypatch.setattr("feeds.build.project.run", noted)
    return names


def later(site: Path, change: str = "", name: str = "content/en/attention.md") -> None:
    """Let the clock tick, so that nothing that was changed before is read again for that."""
    if change:
        (site / name).write_text(f"{(site / name).read_text()}{change}")
    time.sleep(0.02)


def test_a_resident_builder_makes_only_what_changed_and_the_same_as_a_new_one(
    site_folder: Path, made: list[str]
) -> None:
    builder = feeds.Builder(root=site_folder, resident=True)
    later(site_folder)
    builder.outputs(lambda _: NOW)
    every = len(made)
    for words in ("\n\nMore.\n", "\n\n[x](gone.md)\n", "\n\n![f](a.png)\n"):
        later(site_folder, words)
        made.clear()
        outputs, now = builder.outputs(lambda _: NOW)
        assert 0 < len(made) < every
        fresh, then = feeds.Builder(root=site_folder).outputs(lambda _: NOW)

        assert {output.path: output.data for output in outputs} == {output.path: output.data for output in fresh}
        assert now.problems == then.problems
    made.clear()
    builder.outputs(lambda _: NOW)

    assert made == []


def test_what_a_build_does_not_read_of_the_settings_does_not_empty_its_cache(
    site_folder: Path, made: list[str]
) -> None:
    later(site_folder)
    feeds.build_site(site_folder, NOW)
    made.clear()
    later(site_folder, "\n# Only words.\n", "feeds.toml")

    feeds.build_site(site_folder, NOW)

    assert made == []
