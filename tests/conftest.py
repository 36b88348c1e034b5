"""The sample site, and `--update-golden`, by which every kind of expectation that lies in a file is renewed."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from feeds.build import parallel
from tests.support import HERE, Build, Case, Expected, open_build, renew

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("feeds", deadline=None, derandomize=True)  # same inputs each time; pytest has a time limit
settings.load_profile("feeds")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what comes out into the files of cases; review the difference",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """All tests together take every core. A file starts sooner in one process, and one process writes expectations.

    pytest-cov has decided by now that it measures one process: with `--cov`, ask for more by `-n`.
    """
    chosen = config.option.file_or_dir or config.option.update_golden or getattr(config.option, "cov_source", None)
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if config.option.numprocesses is None and not chosen and not is_worker:
        config.option.numprocesses = os.cpu_count()


def pytest_configure() -> None:
    """Measure no copy that a build makes of this process: killed when its results are in, it leaves half a file."""
    if hasattr(os, "register_at_fork"):
        import posix

        os.register_at_fork(after_in_child=lambda: setattr(os, "_exit", posix._exit))  # not coverage's, which saves


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests may take ten minutes, under coverage and on a machine that does other things too."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the builds of a test keep what they make: not in the home of whoever runs it."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("FEEDS_CACHE_DIR", str(folder))
    return folder


@pytest.fixture(autouse=True, scope="session")
def _copies() -> Iterator[None]:
    """Builds are done by two processes also where pytest-xdist has a thread, which waits and holds nothing."""
    with pytest.MonkeyPatch.context() as patch:
        if "PYTEST_XDIST_WORKER" in os.environ and sys.platform == "linux":
            threads, more = parallel._threads, parallel._threads() - 1
            patch.setattr(parallel, "_threads", lambda: threads() - more)
        yield


@pytest.fixture
def site_folder(tmp_path: Path) -> Path:
    """A copy of tests/site that a test may change."""
    return Path(shutil.copytree(HERE / "site", tmp_path / "site"))


@pytest.fixture(scope="session")
def build() -> Build:
    """tests/site, read once."""
    return open_build(HERE / "site")


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    """Whether expectations are to be renewed."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def expected(*, updating: bool) -> Expected:
    """What a case, or a file of its own, says that must come out; `--update-golden` writes it first."""

    def said(where: Path | Case, actual: str) -> str:
        if isinstance(where, Case):
            if updating:
                renew(where, actual)
            return actual if updating else where.expected
        if updating:
            where.write_text(actual, encoding="utf-8", newline="")
        return where.read_bytes().decode()

    return said
