"""Markdown -> what a feed, a mail and a plain text may show.

`render` is pure: it gets a post's text and the site, and returns a `Body` whose problems name file and line. The steps:
formulas are set aside, Markdown becomes HTML, formulas come back as MathML (or, for texts, as Unicode), addresses
become absolute, and what is not known to be safe is dropped.
"""

from __future__ import annotations

import posixpath
import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from feeds.errors import Problem
from feeds.markup import formulas
from feeds.markup.markdown import to_html
from feeds.markup.plain import paragraphs, reading_minutes, shorten, width
from feeds.markup.safe import clean
from feeds.model import Body, Post, Site
from feeds.reader import assets_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.markup.formulas import Formula, Protected

__all__ = ["render", "width"]

_MORE = re.compile(r"<!-- ?more ?-->", re.IGNORECASE)  # Hexo's own expression, applied to HTML as Hexo does


def render(post: Post, text: str, site: Site) -> Body:
    """The text of a post for feeds and mails. `text` starts on line `post.body_line` of the file."""
    notes = _Notes(post, text)
    protected = formulas.protect(text)
    for formula in protected.formulas:
        if not formulas.convertible(formula.tex):
            message = f"formula cannot be shown: {formula.source.splitlines()[0][:60]}; it stands as code"
            notes.at(post.body_line + formula.line - 1, message)
    raw = to_html(protected.text)
    links = _Links(post, site, notes)
    html = clean(protected.restore(raw, formulas.mathml), links.absolute)
    return Body(
        html=html.strip(),
        summary=_summary(post, raw, protected),
        minutes=reading_minutes(html),
        problems=tuple(dict.fromkeys(notes.problems)),
    )


def _summary(post: Post, raw: str, protected: Protected) -> str:
    """The first that is not empty: the head's summary, the text before `<!-- more -->`, the first paragraph."""
    if post.summary:
        said = formulas.protect(post.summary)
        own = paragraphs(said.restore(to_html(said.text), _as_text))
        if own:
            return shorten(" ".join(own))
    before, marker, _ = raw.partition(found[0]) if (found := _MORE.search(raw)) else (raw, "", "")
    if marker:
        excerpt = paragraphs(protected.restore(before, _as_text), prose_only=True)
        if excerpt:
            return shorten(" ".join(excerpt))
    shown = protected.restore(raw, _as_text)
    first = paragraphs(shown, prose_only=True) or paragraphs(shown)
    return shorten(first[0]) if first else post.title


def _as_text(formula: Formula) -> str:
    return formulas.plain(formula.tex).replace("&", "&amp;").replace("<", "&lt;")


class _Notes:
    """Warnings about a text, each with its line."""

    def __init__(self, post: Post, text: str) -> None:
        self.post, self.text = post, text
        self.problems: list[Problem] = []

    def at(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.post.path, line, message, "warning"))

    def about(self, word: str, message: str) -> None:
        """A warning at the line that first holds `word`."""
        place = max(self.text.find(word), self.text.find(unquote(word)))
        self.at(self.post.body_line + self.text.count("\n", 0, max(place, 0)), message)


class _Links:
    """Makes the addresses of one post absolute: against the post's own address, as its page would."""

    def __init__(self, post: Post, site: Site, notes: _Notes) -> None:
        self.post, self.notes, self.assets = post, notes, site.assets
        self.folder = assets_folder(post.path)
        self.pages: Mapping[str, str] = {other.path: other.url for other in site.posts}

    def absolute(self, tag: str, address: str) -> str | None:
        address = unescape(address).strip()
        try:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https", "mailto") and (parts.netloc or parts.path):
                return address
            if parts.scheme:
                return None
            if parts.path.lower().endswith((".md", ".markdown")) and not parts.netloc:
                return self._page(address, parts.path, parts.fragment)
            if tag in ("img", "source") and parts.path and not parts.netloc:
                self._check(address, parts.path)
            return urljoin(self.post.url, re.sub(r"\s", "%20", address))
        except ValueError:
            self.notes.about(address, f"`{address}` is not an address")
            return None

    def _page(self, address: str, path: str, fragment: str) -> str:
        """The address of another post named by its file."""
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.post.path), unquote(path)))
        url = self.pages.get(target)
        if not url:
            self.notes.about(address, f"links to `{path}`, which is no published post; {target} was looked for")
            return urljoin(self.post.url, address)
        return f"{url}#{fragment}" if fragment else url

    def _check(self, address: str, path: str) -> None:
        """Warn of a picture that is not there. A path from the root is the site's business, not ours."""
        if path.startswith("/"):
            return
        file = posixpath.normpath(posixpath.join(self.folder, unquote(path)))
        if file not in self.assets:
            self.notes.about(address, f"picture `{address}` is missing; put it at {file}")
