"""Sites whose mails the acceptance tests read: the sample, the tests' own, a long week of real posts."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import CORPUS, HERE, open_build

if TYPE_CHECKING:
    from tests.support import Build

LONG_WEEK = "2026-W06"
REVIEWS = 60
_BLOGS = {
    "en": ("lilianweng+lil-log", "vllm-project+vllm-project.github.io"),
    "zh": ("selfboot+selfboot.github.io", "halfrost+Halfrost-Field/website/content"),
}
_TITLE = re.compile(r"^title\s*[:=]\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_HEAD = re.compile(r"\A(---|\+\+\+)\n(.*?)\n\1[ \t]*\n", re.DOTALL)
_HAN = re.compile("[\u4e00-\u9fff]")


def copied(folder: Path, of: Path = HERE / "site") -> Path:
    """A copy of a site's sources that a test may change."""
    folder.mkdir(parents=True)
    for name in ("feeds.toml", "content"):
        source = of / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder / name)
    return folder


def long_week(folder: Path, limit: int) -> Build:
    """The tests' site with a week of sixty real posts in each language, in turn of each theme."""
    site = copied(folder)
    settings = site / "feeds.toml"
    settings.write_text(settings.read_text().replace("[digest]", f"[digest]\nlimit_bytes = {limit}"))
    for code in _BLOGS:
        for number, (title, text) in enumerate(_posts(code)):
            theme = f"theme: {('systems', 'agents')[number % 3]}\n" if number % 3 < 2 else ""
            head = f"title: {json.dumps(title)}\ndate: 2026-02-{number % 7 + 2:02}\n{theme}"
            (site / f"content/{code}/real-{number}.md").write_text(f"---\n{head}---\n{text}", encoding="utf-8")
    return open_build(site)


def _posts(code: str) -> list[tuple[str, str]]:
    """Title and text of the first sixty posts in a language."""
    found: list[tuple[str, str]] = []
    for blog in _BLOGS[code]:
        for path in sorted((CORPUS / blog).rglob("*.md")):
            text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
            head = _HEAD.match(text)
            title = _TITLE.search(head[2]) if head else None
            if head and title and bool(_HAN.search(title[1])) is (code == "zh"):
                found.append((title[1], text[head.end() :]))
            if len(found) == REVIEWS:
                return found
    raise ValueError(f"the corpus holds {len(found)} posts in {code}")
