"""What Jekyll's texts hold: Liquid in `{% %}` and `{{ }}`, and kramdown's attributes in `{: }`. Neither is run."""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from feeds import paths
from feeds.errors import Unreadable
from feeds.reader.characters import printable
from feeds.reader.code import FENCE, FLAGS, SPAN
from feeds.reader.dialect import MARKDOWN
from feeds.reader.generators import tags
from feeds.reader.generators.tags import Tag, Tags
from feeds.settings import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from feeds.model import Post
    from feeds.reader.fields import Fields
    from feeds.rendered import Lookup

_MOST = 1_000_000  # characters a post may include: texts may name themselves
_KRAMDOWN = r"""
    ^[ ]{0,3}(?:[-*+]|\d+\.)[ ][^\n]*\n\{:[ ]?toc\b[^{}\n]*\}      # a list that becomes a table of contents
  | ^[ \t>]*\{:{1,2}[ ]?[#.:\w"'][^{}\n]*\}[ \t]*$                  # attributes of a block
  | (?<=[*_`)\]>~])\{:[ ]?[#.:\w"'][^{}\n]*\}                        # attributes of a span
  | (?<=\S)[ \t]+\{[#.][^{}\n]*\}(?=[ \t]*$)                         # the id of a heading
  | \{::options[^{}\n]*/\} | ^\*\[[^\[\]\n]+\]:[^\n]*$
"""
_COMMENT = re.compile(rf"{FENCE}|\{{::comment\}}|{SPAN}", FLAGS)
_END = re.compile(r"\{:/(?:comment)?\}")
_VALUE = re.compile(r"\{\{-?+\s*+(?P<value>(?:(?!-?\}\}|\{\{).)*+)-?\}\}", re.DOTALL)
_STRFTIME = re.compile(r"(?:%-?[A-Za-z]|[^%])*")
_PARTS = re.compile(r"(?:[^|\"']|\"[^\"]*\"|'[^']*')+")
_FILTERS = 12
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]\n]+)\]:\s", re.MULTILINE)
_REFERENCE = r"(?:(?<=\])|^[ ]{0,3}(?=\[[^\[\]\n]*+\]:))\[(?P<word>[^\[\]\n]++)\](?:\[\])?"
_IMAGE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif)$", re.IGNORECASE)


def as_html(text: str) -> str:
    """A text that is HTML already, as a block that Markdown leaves alone: it would end at the first empty line."""
    return f"<div>{_EMPTY.sub(lambda found: found[0] + '<!-- -->', text)}\n</div>"


def without_kramdown(text: str) -> str:
    """The text without what kramdown takes for itself: attribute lists, its own tags, definitions of abbreviations."""
    if not any(sign in text for sign in ("{:", "{#", "*[")):
        return text
    text = tags.outside_code(_without_comments(text), _KRAMDOWN, lambda found: "\n" * found[0].count("\n"))
    return tags.outside_code(text, r"\{::nomarkdown\}(?P<kept>(?:(?!\{:).)*)\{:/(?:nomarkdown)?\}", _as_it_is)


def _without_comments(text: str) -> str:
    """The text without kramdown's comments, whatever is in them; one that is never closed is text."""
    parts: list[str] = []
    place = 0
    while found := _COMMENT.search(text, place):
        end = found if found["fence"] or found["code"] else _END.search(text, found.end())
        if not end:
            break
        kept = text[place : end.end() if end is found else found.start()]
        parts += [kept, "" if end is found else "\n" * text.count("\n", found.start(), end.end())]
        place = end.end()
    return "".join([*parts, text[place:]])


def _as_it_is(found: re.Match[str]) -> str:
    return found["kept"] if "<" in found["kept"] else tags.escaped(found["kept"])


def _files(posts: Iterable[Post]) -> Iterator[tuple[str, Post]]:
    """The names of all posts' files, with some of the folders they are in or none."""
    for post in posts:
        for end in tags.ends(str(PurePosixPath(post.path).with_suffix(""))):
            yield end, post


_EMPTY = re.compile(r"\n[ \t]*+(?=\n)")
"""The end of a line before an empty one."""


class Surroundings(NamedTuple):
    """What Liquid may ask of the blog: its folder and configuration, its host ("https://x.org") and the path below
    it ("" or "blog"), and when a post was published by the blog's own clock.
    """

    root: Path
    config: Fields
    host: str
    base: str
    local: Callable[[Post], datetime]


class Liquid(Tags):
    """Jekyll's tags; `variables` are what `{% capture %}` and `{% assign %}` keep."""

    syntax = tags.LIQUID
    verbatim = frozenset(("raw", "highlight", "capture"))
    remarks = MappingProxyType({"{%": "%}"})

    def __init__(self, post: Post, lookup: Lookup, blog: Surroundings) -> None:
        super().__init__(post, lookup)
        self.blog = blog
        self.variables: dict[str, str] = {}
        self.left = _MOST
        self.including: list[str] = []
        self.rendered = 0

    def all(self, text: str) -> str:
        """A whole text. Liquid knows no code, so `raw` is looked for first, and its braces are hidden."""
        hidden = next(char for char in map(chr, range(0xE000, 0xF8FF)) if char not in text)
        shown = self.run(tags.unraw(text, lambda kept: kept.replace("{", hidden)), self.post.body_line)
        home, base = re.escape(self.blog.host), re.escape(f"/{self.blog.base}" if self.blog.base else "")
        whole = rf"(?={re.escape(self.lookup.settings.url)})"  # `{{ site.baseurl }}{% post_url x %}` says it twice
        shown = re.sub(rf"(?:{home}{base}|{base}) ?{whole}", "", shown) if home or base else shown
        return shown.replace(hidden, "{")

    def code(self, text: str, line: int, *, fenced: bool) -> str:
        """Values are values in code too; tags there are mostly what the post is about."""
        return _VALUE.sub(self.other, text)

    def other(self, found: re.Match[str]) -> str:
        """A value, or text that looks like one."""
        shown = None if found["value"] is None else self.value(found["value"])
        return found[0] if shown is None else shown

    def pair(self, tag: Tag) -> str:
        """Code, and texts to be kept."""
        if tag.name == "highlight":
            return tags.fence(tag, *tag.words[:1])
        if tag.name == "capture" and tag.words:
            self.variables[tag.words[0]] = self.run(tag.inner, tag.line)
        return "\n" * tag.inner.count("\n")

    def single(self, tag: Tag) -> str | None:
        """Links, inclusions, and what a frame would show."""
        words = tag.words
        if tag.name == "assign":
            name, _, value = tag.source.partition("=")
            self.variables[name.strip()] = self.value(value.strip()) or ""
            return ""
        if tag.name in ("else", "elsif", "when", "break", "continue", "increment", "decrement") or not words:
            return "" if tag.name in ("else", "elsif", "when") else None
        if tag.name in ("post_url", "link"):
            return self.address(tag, words[0])
        if tag.name in ("include", "include_cached", "include_relative"):
            return self.include(tag, words[0])
        return tags.embed(tag.name, words[0]) if tag.name in tags.EMBEDS else None

    def address(self, tag: Tag, name: str) -> str:
        """Where the post, the page or the file of this name is found."""
        wanted = (
            name.strip("/").removesuffix(".md").removesuffix(".markdown") if tag.name == "link" else name.strip("/")
        )
        known = self.lookup.named("files", _files)
        if wanted in known:
            return known[wanted].url
        home = self.lookup.settings.url
        if tag.name == "link" and not inside(name) and paths.readable(self.blog.root, self.lookup.file(name)):
            return home + (f"{wanted}.html" if name.endswith(MARKDOWN) else name)
        self.note(tag.line, f"`{tag.name}` names `{name}`, which is not a published post", code="link-broken")
        return home

    def include(self, tag: Tag, name: str) -> str:
        """A picture that is named, or a Markdown file of `_includes` or from beside the post."""
        shown = tags.first_of(tag.named, ("src", "url", "image_path", "path", "file", "img"))
        if _IMAGE.search(shown):
            return tags.picture(shown, tags.first_of(tag.named, ("alt", "caption", "description", "title")))
        if not name.endswith(MARKDOWN):
            self.note(
                tag.line,
                f"includes `{name}`, which is neither Markdown nor an image; it is left out",
                code="include-missing",
            )
            return ""
        if name in self.including:
            self.note(tag.line, f"includes `{name}` in itself; it is shown once", code="include-missing")
            return ""
        text, wrong = self.included(name, near=tag.name == "include_relative")
        if wrong:
            self.note(tag.line, f"includes `{name}`, which {wrong}", code="include-missing")
            return ""
        self.including.append(name)
        shown = self.run(printable(text, name, 1)[0], tag.line) if self.paid(text) else ""
        self.including.pop()
        return shown

    def included(self, name: str, *, near: bool) -> tuple[str, str]:
        """The text of a file next to the post or in `_includes`, or why there is none."""
        shared = PurePosixPath(self.blog.config.text("source") or ".", "_includes")
        folder = PurePosixPath(self.post.path).parent if near else shared
        missing = f"is not {'next to the post' if near else 'in _includes'}"
        if inside(name):
            return "", missing
        path = self.lookup.file(posixpath.normpath(f"{folder}/{name}"))
        try:
            return paths.read(self.blog.root, path).decode("utf-8", "replace"), ""
        except Unreadable as error:
            return "", missing if error.missing else error.message

    def paid(self, text: str) -> bool:
        """Whether a text that may be put in again and again still fits."""
        self.left -= len(text) + 100
        return self.left > 0

    def value(self, expression: str) -> str | None:
        """What a value with its filters stands for, None when it is not known: then it is text."""
        first, *filters = (part.strip() for part in _PARTS.findall(expression)[:_FILTERS] or [""])
        shown = self.name(first)
        for name, _, argument in (each.partition(":") for each in filters if shown is not None):
            shown = self.filtered(shown or "", name.strip(), self.name(argument.strip()) or "")
        return shown

    def filtered(self, text: str, name: str, given: str) -> str:
        """A text after one of Liquid's filters; those that are not known change nothing."""
        if name in ("relative_url", "absolute_url"):
            return text if "://" in text else self.lookup.settings.url + text.lstrip("/")
        if name == "date" and _STRFTIME.fullmatch(given):
            return self.blog.local(self.post).strftime(given) if text == self.post.published.isoformat() else text
        known: dict[str, Callable[[], str]] = {
            "markdownify": lambda: f"\n\n{self.own_references(text)}\n\n",
            "prepend": lambda: given + text,
            "append": lambda: text + given,
            "upcase": text.upper,
            "downcase": text.lower,
            "strip": text.strip,
        }
        return known[name]() if name in known else text

    def own_references(self, text: str) -> str:
        """A text that would be rendered alone: what it calls [1] is not what another calls so."""
        names = frozenset(_DEFINITION.findall(text))
        self.rendered += 1

        def own(found: re.Match[str]) -> str:
            return f"[{found['word']} {self.rendered}]" if found["word"] in names else found[0]

        return tags.outside_code(text, _REFERENCE, own) if names else text

    def name(self, word: str) -> str | None:
        """A quoted text, a variable, or a key of the site or of the page."""
        if re.fullmatch(r"\"[^\"]*\"|'[^']*'", word):
            return word[1:-1]
        if word in self.variables:
            return self.variables[word] if self.paid(self.variables[word]) else ""
        owner, _, key = word.partition(".")
        if owner == "site":
            known = {"baseurl": f"/{self.blog.base}" if self.blog.base else "", "url": self.blog.host}
            return known[key] if key in known else self.blog.config.text(key)
        if owner == "page":
            post = self.post
            page = {"title": post.title, "url": post.url, "date": post.published.isoformat(), "path": post.path}
            value = page.get(key, post.extra.get(key))
            return str(value) if isinstance(value, (str, int)) else ""
        return None
