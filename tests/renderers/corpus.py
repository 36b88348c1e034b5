"""Real posts, as we read them and as their generators' own renderers do: what differs in each.

A renderer gets what ours gets: the text after its tags became Markdown, with a word for each formula.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from feeds import reader
from feeds.errors import SettingsError
from feeds.markup.markdown import _ELEMENTS, to_html
from feeds.markup.math import find
from feeds.rendered import HTML, Lookup
from tests import renderers
from tests.renderers.shape import counts, words
from tests.support import BLOGS_NOW

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.reader.dialect import Dialect
    from feeds.rendered import Syntax

_TOC = re.compile(r"^ {0,3}(?:[-*+]|\d+\.) [^\n]*\n\{:[ ]?toc\b[^{}\n]*\}$", re.MULTILINE)
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffee“”‘’—…]"
_EMPHASIS = re.compile(rf"(?:(?<={_WIDE})|(?<={_WIDE} ))[*_]+|[*_]+(?= ?{_WIDE})")
_TAG = re.compile(r"(?:<|&lt;)/?([A-Za-z][\w-]*)(?:[^<>&]|&(?!lt;|gt;))*(?:>|&gt;)")


@dataclass
class Compared:
    """A blog's posts: how many there are, and what differs in which."""

    posts: int = 0
    differing: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(kind for kinds in self.differing.values() for kind in kinds)


def blog(folder: Path, scratch: Path) -> reader.Blog:
    """The blog in a folder; one whose configuration has no address gets a copy that has one."""
    try:
        return reader.open_blog(folder)
    except SettingsError:
        copy = scratch / folder.name
        if not copy.exists():
            shutil.copytree(folder, copy)
            (copy / "feeds.toml").write_text('title = "T"\nurl = "https://example.org/"\n')
        return reader.open_blog(copy)


def compared(opened: reader.Blog, every: int = 1) -> Compared:
    """Each post, or every so many, by us and by its generator."""
    flavor, options, syntax = _renderer(opened.dialect)
    site = opened.read(BLOGS_NOW)
    rows = []
    for post in sorted(site.posts, key=lambda post: post.path)[::every]:
        if opened.dialect.syntax_of(post.path) is not HTML:
            text, _ = opened.markdown(post, Lookup(site))
            rows.append((post.path, find.protect(_TOC.sub("", text), syntax)))
    found = Compared(len(rows))
    made = renderers.render(flavor, [given.text for _, given in rows], options)
    for (path, given), theirs in zip(rows, made, strict=True):
        if different := differences(_plain(given, to_html(given.text, syntax)), _plain(given, theirs)):
            found.differing[path] = different
    return found


def differences(ours: str, theirs: str) -> list[str]:
    """What a reader would see: other words, or more or fewer of something."""
    mine, their = counts(ours), counts(theirs)
    kinds = [name for name in mine if mine[name] != their[name]]
    if _letters(words(ours)) != _letters(words(theirs)):
        kinds.append("words")
    return kinds


def _letters(text: str) -> str:
    """Words without blanks, and without the asterisks that most generators leave beside Chinese; addresses as they may
    be typed; one ellipsis.
    """
    return re.sub(r"\.{2,}", "...", unquote(_EMPHASIS.sub("", text))).replace(" ", "")


def _plain(given: find.Protected, html: str) -> str:
    """HTML with a word for each formula, and without what only looks like a tag."""
    shown = re.sub(rf"{given.mark}\d+{given.mark}", "formula", html) if given.mark else html
    return _TAG.sub(lambda tag: tag[0] if tag[1].lower() in _ELEMENTS or "-" in tag[1] else "", shown)


def _renderer(dialect: Dialect) -> tuple[str, dict[str, Any], Syntax]:
    """The renderer, its options as the blog sets them, and the blog's syntax but for what plugins do."""
    config: Any = vars(dialect)["config"]
    syntax = dialect.syntax
    if dialect.name == "jekyll":
        said = config.data.get("kramdown") or {}
        kept = {key: value for key, value in said.items() if key in ("input", "hard_wrap", "parse_block_html")}
        return "kramdown", {"kramdown": kept}, replace(syntax, extensions=syntax.extensions - {"alerts"})
    if dialect.name == "hexo":
        keys = ("markdown",) if config.data.get("markdown") else ("marked",)
        options = {key: config.data.get(key) or {} for key in keys}
        return "marked", options, syntax
    markup = (config.whole.data.get("markup") or {}) | {}
    goldmark = markup.get("goldmark") or {}
    goldmark = {**goldmark, "renderer": {**(goldmark.get("renderer") or {}), "unsafe": True}}
    return "goldmark", {"markup": {**markup, "goldmark": goldmark}}, syntax
