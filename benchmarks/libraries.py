"""The libraries alone: the same feeds, and the full job, by the shortest program that calls them.

It shows what of our time is theirs. No mistake is looked for, no address made absolute, no formula converted, no text
summarised, no id kept, no document checked. What it remembers is believed when a file's time and size are the same.
Run in a site: `feeds.toml` says what to make of `content/`.
"""

from __future__ import annotations

import json
import pickle
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click  # noqa: F401  # every command line loads it
import comrak
import frontmatter
import nh3
from feedgen.feed import FeedGenerator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MEMORY = Path("memory")
ISSUE = """<!doctype html><html lang="{{ language }}"><head><title>{{ week }}</title>
<style>h1, h2 { color: #333 }</style></head><body><h1>{{ week }}</h1>{% for post in posts %}
<h2><a href="{{ post.url }}">{{ post.title }}</a></h2><p>{{ post.summary }}</p>{% endfor %}</body></html>"""


@dataclass
class Post:
    """A file's head; its text when it was needed."""

    path: Path
    mark: tuple[int, int]
    language: str
    title: str
    summary: str
    date: datetime
    tags: frozenset[str]
    html: str = ""

    @property
    def url(self) -> str:
        """Its address, which is its id too."""
        return f"https://example.org/{self.language}/{self.path.stem}/"

    def render(self) -> str:
        """Its text as HTML, made once."""
        if not self.html:
            text = self.path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
            self.html = nh3.clean(comrak.render_markdown(text))
        return self.html


def read(path: Path, known: dict[Path, Post]) -> Post:
    """The post of a file."""
    status = path.stat()
    mark = status.st_mtime_ns, status.st_size
    if path in known and known[path].mark == mark:
        return known[path]
    head: dict[str, Any] = frontmatter.parse(path.read_text(encoding="utf-8"))[0]
    summary = str(head.get("description") or head.get("summary") or "")
    tags = frozenset(map(str, head.get("tags") or ()))
    return Post(path, mark, path.parent.name, str(head["title"]), summary, head["date"], tags)


def feed(posts: Sequence[Post], formats: Sequence[str]) -> dict[str, bytes]:
    """A feed in some formats."""
    made = FeedGenerator()
    made.id("https://example.org/")
    made.title("Reviews")
    made.description("Reviews")
    made.link(href="https://example.org/")
    for post in posts:
        entry = made.add_entry(order="append")
        entry.id(post.url)
        entry.title(post.title)
        entry.link(href=post.url)
        entry.summary(post.summary)
        entry.content(post.render(), type="html")
        entry.published(f"{post.date}+00:00")
        entry.updated(f"{post.date}+00:00")
    items = [{"id": post.url, "title": post.title, "content_html": post.html} for post in posts]
    writers = {
        "atom.xml": made.atom_str,
        "rss.xml": made.rss_str,
        "feed.json": lambda: json.dumps({"title": "Reviews", "items": items}, ensure_ascii=False).encode(),
    }
    return {name: writers[name]() for name in formats}


def outputs(settings: dict[str, Any], posts: list[Post], changed: set[str]) -> dict[str, bytes]:
    """Every file by its path, of those languages that changed."""
    limit, themes, made = settings["feeds"]["limit"], settings.get("themes", {}), dict[str, bytes]()
    names = [{"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json"}[one] for one in settings["feeds"]["formats"]]
    for language in changed:
        own = [post for post in posts if post.language == language]
        made |= {f"{language}/{name}": data for name, data in feed(own[:limit], names).items()}
        for theme, said in themes.items():
            about = [post for post in own if post.tags & {*said["tags"]}]
            made |= {f"{language}/{theme}/{name}": data for name, data in feed(about[:limit], names).items()}
        for start in range(0, len(own), limit) if settings["feeds"].get("archive") != 0 else ():
            archive = feed(own[start : start + limit], ["atom.xml", "feed.json"])
            made |= {f"{language}/archive/{start}/{name}": data for name, data in archive.items()}
        if settings["digest"].get("enabled", True):
            made |= issues(language, own)
    return made


def issues(language: str, posts: list[Post]) -> dict[str, bytes]:
    """A page of every week, and the mail of the newest."""
    import premailer
    from jinja2 import Environment

    template = Environment(autoescape=True).from_string(ISSUE)
    weeks: dict[str, list[Post]] = {}
    for post in posts:
        weeks.setdefault("{}-W{:02}".format(*post.date.isocalendar()[:2]), []).append(post)
    pages = {week: template.render(language=language, week=week, posts=some) for week, some in weeks.items()}
    made = {f"{language}/digest/{week}/index.html": page.encode() for week, page in pages.items()}
    newest = max(weeks)
    return made | {f"{language}/digest/{newest}/mail.html": premailer.transform(pages[newest]).encode()}


def main() -> None:
    """Read, make, write."""
    settings = tomllib.loads(Path("feeds.toml").read_text(encoding="utf-8"))
    known: dict[Path, Post] = {}
    with suppress(OSError):
        known = pickle.loads(MEMORY.read_bytes())  # noqa: S301  # of the run before this one
    posts = [read(path, known) for path in Path("content").rglob("*.md")]
    posts.sort(key=lambda post: str(post.date), reverse=True)
    changed = {post.language for post in posts if post is not known.get(post.path)}
    for name, data in outputs(settings, posts, changed).items():
        path = Path("public", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    MEMORY.write_bytes(pickle.dumps({post.path: post for post in posts}))


if __name__ == "__main__":
    main()
