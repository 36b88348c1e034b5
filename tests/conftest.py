"""The sample site, and how golden files are renewed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds import reader
from feeds.build import Build
from feeds.model import Site

HERE = Path(__file__).parent
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden; review the difference")


def open_site(root: Path, now: datetime = NOW) -> Site:
    """The site in a folder, as of the tests' time."""
    return reader.open_blog(root).read(now)


def open_build(root: Path, now: datetime = NOW) -> Build:
    blog = reader.open_blog(root)
    return Build(blog, blog.read(now), now)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the builds of a test keep what they make: not in the home of whoever runs it."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("FEEDS_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def site_folder(tmp_path: Path) -> Path:
    """A copy of tests/site that a test may change."""
    return Path(shutil.copytree(HERE / "site", tmp_path / "site"))


@pytest.fixture(scope="session")
def build() -> Build:
    """tests/site, read once."""
    return open_build(HERE / "site")
