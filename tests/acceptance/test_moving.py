"""A blog moves in: readers that know the feed of its own generator see nothing new in ours at the same address."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from feeds.build.builder import build_site
from tests import generators

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FEEDS = [(case, feed) for case, feeds in generators.KNOWN.items() for feed in feeds]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What we make of each blog."""
    folder = tmp_path_factory.mktemp("ours")
    return {case: build_site(generators.blog(case, folder), NOW, cache=False).out for case in generators.KNOWN}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address it is served at: readers that read no files."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            pass

    (tmp_path / "web").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "web")))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield tmp_path / "web", f"http://127.0.0.1:{server.server_port}/feed.xml"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("case", "feed"), FEEDS)
def test_newsboat_shows_nothing_as_new(case: str, feed: str, ours: dict[str, Path], tmp_path: Path) -> None:
    if not shutil.which("newsboat"):
        pytest.skip("newsboat is not installed")
    place, database = tmp_path / "feed.xml", tmp_path / "cache.db"
    (tmp_path / "urls").write_text(f"file://{place}\n")
    (tmp_path / "config").write_text("")

    def read(file: Path) -> list[tuple[str, str, int]]:
        shutil.copy(file, place)
        command = ["newsboat", "-u", "urls", "-C", "config", "-c", str(database), "-x", "reload"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
        with sqlite3.connect(database) as connection:
            rows = connection.execute("select guid, url, unread from rss_item order by guid").fetchall()
            connection.execute("update rss_item set unread = 0")
        return rows

    known = read(generators.CHANNELS / f"{case}.feeds" / feed)
    assert known
    assert all(unread for *_, unread in known)
    now = read(ours[case] / feed)
    assert [guid for guid, _, unread in now if unread] == []
    assert {guid for guid, *_ in now} <= {guid for guid, *_ in known}


@pytest.mark.parametrize(("case", "feed"), FEEDS)
def test_rss2email_sends_nothing_again(
    case: str, feed: str, ours: dict[str, Path], web: tuple[Path, str], tmp_path: Path
) -> None:
    if not shutil.which("r2e"):
        pytest.skip("rss2email is not installed")
    folder, address = web
    box = tmp_path / "mail" / "INBOX"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    config = tmp_path / "rss2email.cfg"
    command = ["r2e", "-c", str(config), "-d", str(tmp_path / "data.json")]
    environment = {**os.environ, "HOME": str(tmp_path)}
    run = partial(subprocess.run, check=True, capture_output=True, timeout=120, env=environment)
    run([*command, "new", "lab@example.org"])
    said = {"email-protocol": "maildir", "maildir-path": str(box.parent)}
    rows = [(line, said.get(line.split(" = ")[0])) for line in config.read_text().splitlines()]
    config.write_text("\n".join(line if own is None else f"{line.split(' = ')[0]} = {own}" for line, own in rows))
    run([*command, "add", "lab", address])

    def sent(file: Path) -> int:
        shutil.copy(file, folder / "feed.xml")
        before = len([*(box / "new").iterdir()])
        run([*command, "run"])
        return len([*(box / "new").iterdir()]) - before

    assert sent(generators.CHANNELS / f"{case}.feeds" / feed) > 0
    assert sent(ours[case] / feed) == 0
