"""The reader lab: real feed readers, headless, read every feed of the sample blog and agree with `feeds posts`.

Each reader that is not installed is skipped visibly; `.ci/run` installs them all.
"""

from __future__ import annotations

import calendar
import html
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import feedparser
import pytest
from click.testing import CliRunner

from feeds.cli import main
from tests.support import ROOT

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
Entries = list[dict[str, Any]]
MODULES = HERE / "node_modules"


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample blog, built."""
    site = tmp_path_factory.mktemp("lab") / "site"
    site.mkdir()
    for name in ("feeds.toml", "content"):
        source = ROOT / name
        shutil.copytree(source, site / name) if source.is_dir() else shutil.copy(source, site / name)
    result = CliRunner().invoke(main, ["build", str(site), "--now", "2026-05-01", "--quiet"])
    assert result.exit_code == 0, result.output
    return site / "public"


@pytest.fixture(scope="session")
def posts(public: Path) -> dict[str, dict[str, Any]]:
    """What `feeds posts` says, by address."""
    result = CliRunner().invoke(main, ["posts", str(public.parent), "--json", "--now", "2026-05-01"])
    return {row["url"]: row for row in json.loads(result.stdout) if row["status"] == "published"}


@pytest.fixture(scope="module")
def address(public: Path) -> Iterator[str]:
    """The built blog, served on loopback, for readers that read no files."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(public)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()  # a process with threads is not copied


def by_feedparser(file: Path, _: str, __: Path) -> Entries:
    feed = feedparser.parse(file.read_bytes(), sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    return [
        {
            "title": entry.title,
            "link": entry.link,
            "id": entry.id,
            "date": datetime.fromtimestamp(calendar.timegm(entry.published_parsed), UTC),
            "content": next((part.value for part in entry.get("content", ())), None),
            "language": entry.get("dc_language") or next((part.language for part in entry.get("content", ())), None),
        }
        for entry in feed.entries
    ]


def by_newsboat(file: Path, _: str, scratch: Path) -> Entries:
    (scratch / "urls").write_text(f"file://{file}\n")
    (scratch / "config").write_text("")
    database = scratch / "cache.db"
    command = ["newsboat", "-u", "urls", "-C", "config", "-c", str(database), "-x", "reload"]
    subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=60)
    with sqlite3.connect(database) as connection:
        rows = connection.execute("select title, url, guid, pubDate, content from rss_item").fetchall()
    keys = ("title", "link", "id", "date", "content")
    return [{**dict(zip(keys, row, strict=True)), "date": datetime.fromtimestamp(row[3], UTC)} for row in rows]


def by_rss2email(file: Path, address: str, scratch: Path) -> Entries:
    box = scratch / "mail" / "INBOX"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    config = scratch / "rss2email.cfg"
    command = ["r2e", "-c", str(config), "-d", str(scratch / "data.json")]
    run = partial(
        subprocess.run, check=True, capture_output=True, timeout=120, env={**os.environ, "HOME": str(scratch)}
    )
    run([*command, "new", "lab@example.org"])
    said = {"email-protocol": "maildir", "maildir-path": str(box.parent), "html-mail": "True"}
    rows = [(line, said.get(line.split(" = ")[0])) for line in config.read_text().splitlines()]
    config.write_text("\n".join(line if own is None else f"{line.split(' = ')[0]} = {own}" for line, own in rows))
    folder = "" if file.parent.name == "public" else f"{file.parent.name}/"
    run([*command, "add", "lab", f"{address}/{folder}{file.name}"])
    run([*command, "run"])
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (box / "new").iterdir()]
    headers = {"title": "Subject", "link": "X-RSS-URL", "id": "X-RSS-ID"}
    return [
        {**{key: str(mail[name]) for key, name in headers.items()}, "content": mail.get_content()} for mail in mails
    ]


def by_node(reader: str, file: Path, _: str, __: Path) -> Entries:
    done = subprocess.run(
        ["node", "read.mjs", reader, str(file)], cwd=HERE, check=True, capture_output=True, timeout=60
    )
    entries: Entries = json.loads(done.stdout)
    return [{**entry, "date": datetime.fromisoformat(entry["date"])} for entry in entries]


READERS: dict[str, tuple[str, Callable[[Path, str, Path], Entries]]] = {
    "feedparser": ("", by_feedparser),
    "newsboat": ("newsboat", by_newsboat),
    "rss2email": ("r2e", by_rss2email),
    "rss-parser": ("node", partial(by_node, "rss-parser")),
    "rowanmanning": ("node", partial(by_node, "rowanmanning")),
    "feedsmith": ("node", partial(by_node, "feedsmith")),
}
FEEDS = [f"{folder}{name}" for folder in ("", "en/", "zh/") for name in ("atom.xml", "rss.xml", "feed.json")]


def same_words(one: str, other: str) -> bool:
    """Equal but for blanks at line ends, which mail folds."""
    return " ".join(html.unescape(one).split()) == " ".join(html.unescape(other).split())


@pytest.mark.parametrize(
    ("reader", "name"),
    [(reader, name) for reader in READERS for name in FEEDS if name.endswith(".xml") or reader == "feedsmith"],
)
def test_a_reader_shows_every_post_as_it_is(
    reader: str, name: str, public: Path, posts: dict[str, dict[str, Any]], address: str, tmp_path: Path
) -> None:
    program, read = READERS[reader]
    if program and not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    if program == "node" and not MODULES.is_dir():
        pytest.skip("the readers of npm are not installed: npm install in tests/acceptance")
    language = name.partition("/")[0] if "/" in name else None
    expected = {url: row for url, row in posts.items() if language in (None, row["lang"])}

    entries = read(public / name, address, tmp_path)

    assert {entry["link"] for entry in entries} == set(list(expected)[: len(entries)])
    assert len(entries) == min(len(expected), 20)
    for entry in entries:
        row = expected[entry["link"]]
        assert same_words(entry["title"], row["title"])
        assert entry["id"] == row["id"]
        if "date" in entry:
            assert entry["date"] == datetime.fromisoformat(row["date"])
        if entry.get("language"):
            assert entry["language"] == {"en": "en", "zh": "zh-Hans"}[row["lang"]]


@pytest.mark.parametrize("reader", READERS)
def test_code_keeps_its_lines_and_indents(reader: str, public: Path, address: str, tmp_path: Path) -> None:
    program, read = READERS[reader]
    if (program and not shutil.which(program)) or (program == "node" and not MODULES.is_dir()):
        pytest.skip(f"{reader} is not installed")
    item = next(
        item for item in json.loads((public / "en/feed.json").read_text())["items"] if "\n    " in item["content_html"]
    )
    code = re.search(r"<pre><code[^>]*>(.*?)</code>", item["content_html"], re.DOTALL)
    assert code
    lines = [line for line in html.unescape(code[1]).splitlines() if line.strip()]
    assert any(line.startswith("    ") for line in lines)

    for name in ("en/atom.xml", "en/rss.xml"):
        scratch = tmp_path / name.replace("/", "-")
        scratch.mkdir()
        entries = read(public / name, address, scratch)
        content = next(entry["content"] for entry in entries if entry["link"] == item["url"])
        shown = html.unescape(html.unescape(content)).splitlines()
        assert [line for line in lines if not any(line in one for one in shown)] == []
