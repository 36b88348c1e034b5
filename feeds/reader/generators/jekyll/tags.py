"""What Jekyll's texts hold: Liquid in `{% %}` and `{{ }}`."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from feeds import paths
from feeds.errors import Unreadable
from feeds.reader.characters import printable
from feeds.reader.dialect import MARKDOWN
from feeds.reader.generators import families, tags
from feeds.reader.generators import replacements as made
from feeds.reader.generators.jekyll.filters import Unknown, shown
from feeds.reader.generators.jekyll.flow import CONTROL, Flow
from feeds.reader.generators.jekyll.liquid import Expression
from feeds.reader.generators.jekyll.values import Surroundings, Values
from feeds.reader.generators.syntax import LIQUID, unraw
from feeds.reader.generators.tags import Tags
from feeds.settings import inside
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from feeds.model import Post
    from feeds.reader.generators.arguments import Tag
    from feeds.rendered import Lookup

_MOST = 1_000_000  # characters a post may include: texts may name themselves
_DEEPEST = 30  # inclusions in inclusions
_VALUE = expression(r"\{\{-?+\s*+(?P<value>(?:(?!-?\}\}|\{\{).)*+)-?\}\}", re.DOTALL)
_FORMULA = expression(r"(?:\\[A-Za-z]+\*?|[}^_{]|\$[^$\n]*)\Z")
"""Before braces that TeX has, not Liquid."""
_FILES = ("src", "url", "image_path", "path", "file", "img", "image", "filename")
_PARAMETER = expression(
    r"(?<![\w-])(?P<key>[\w-]++)\s*+=\s*+(?:\"(?P<text>(?:[^\"\\]++|\\.)*+)\"|'(?P<other>(?:[^'\\]++|\\.)*+)'|(?P<name>[\w.\[\]-]++))",
    re.DOTALL,
)
_DEFINITION = expression(r"^ {0,3}\[([^\[\]\n]+)\]:\s", re.MULTILINE)
_REFERENCE = r"(?:(?<=\])|^[ ]{0,3}(?=\[[^\[\]\n]*+\]:))\[(?P<word>[^\[\]\n]++)\](?:\[\])?"


def _files(posts: Iterable[Post]) -> Iterator[tuple[str, Post]]:
    """The names of all posts' files, with some of the folders they are in or none."""
    for post in posts:
        for end in tags.ends(str(PurePosixPath(post.path).with_suffix(""))):
            yield end, post


class Liquid(Tags):
    """Jekyll's tags. Conditions, loops and inclusions are worked out as far as what they name is known; of those that
    ask for more, nothing is kept, and it is told.
    """

    syntax = LIQUID
    verbatim = frozenset(("raw", "highlight"))
    nesting = frozenset(("capture",))
    remarks = MappingProxyType({"{%": "%}"})
    html_to_its_end = True

    def __init__(self, post: Post, lookup: Lookup, blog: Surroundings) -> None:
        super().__init__(post, lookup)
        self.blog = blog
        self.values = Values(post, lookup, blog)
        self.flow = Flow(self.parsed, self.values.variables, self.paid, self.unsure)
        self.left = _MOST
        self.including: list[str] = []
        self.rendered = 0

    def all(self, text: str) -> str:
        """A whole text. Liquid knows no code, so `raw` is looked for first, and its braces are hidden."""
        hidden = next(char for char in map(chr, range(0xE000, 0xF8FF)) if char not in text)
        shown = self.run(unraw(text, lambda kept: kept.replace("{", hidden)), self.post.body_line)
        base = f"/{self.blog.base}" if self.blog.base else ""
        before = "|".join(re.escape(one) for one in dict.fromkeys((f"{self.blog.host}{base}", base)) if one)
        whole = rf"(?={re.escape(self.lookup.settings.url)})"  # `{{ site.baseurl }}{% post_url x %}` says it twice
        shown = re.sub(rf"(?:{before}) ?{whole}", "", shown) if before else shown
        return shown.replace(hidden, "{")

    def _replaced(self, text: str, line: int) -> str:
        with self.flow.within(text, self.tokens):
            return super()._replaced(text, line)

    def control(self, found: re.Match[str], text: str, line: int) -> int | None:
        """Conditions and loops."""
        return self.flow.step(found, line)

    def code(self, text: str, line: int, *, fenced: bool) -> str:
        """Values are values in code too, if they are known; tags there are mostly what the post is about."""

        def known(found: re.Match[str]) -> str:
            value = self.parsed(found["value"])
            return shown(value.value()) if self.values.knows(value.first) and self.paid(len(found[0])) else found[0]

        return _VALUE.sub(known, text)

    def other(self, found: re.Match[str]) -> str:
        """What a value stands for; signs of a formula stay."""
        value = self.parsed(found["value"] or "")
        known = self.values.knows(value.first)
        if not value.first or (not known and _FORMULA.search(found.string, max(found.start() - 80, 0), found.start())):
            return found[0]
        said, line = value.value(), self.post.body_line + found.string.count("\n", 0, found.start())
        if isinstance(said, Unknown):
            self.unsure(line, found[0], said)
        elif said is None and not known:
            name = " ".join(found[0].split())[:60]
            self.note(line, f"`{name}` is nothing that Jekyll knows; it is left out", code="tag-unknown")
        text = shown(said)
        return text if self.paid(len(text)) else ""

    def parsed(self, source: str) -> Expression:
        """An expression, with the blog's own filters."""
        own: dict[str, Callable[[str], str]] = {
            "relative_url": self.values.whole,
            "absolute_url": self.values.whole,
            "markdownify": self.as_block,
        }
        return Expression(source, self.values.name, own, self.values.zone)

    def unsure(self, line: int, source: str, value: Unknown) -> None:
        """Tell that something depends on what only the finished site knows."""
        self.note(line, f"`{' '.join(source.split())[:60]}` {value.why}; it is left out", code="tag-unknown")

    def unclosed(self, tag: Tag) -> str:
        """A condition that never ends is none; what stands in it stays."""
        return tag.inner if tag.name in {*CONTROL, "capture"} else super().unclosed(tag)

    def pair(self, tag: Tag) -> str | None:
        """Code, and texts to be kept."""
        if tag.name == "highlight":
            return made.fence(tag, *tag.words[:1])
        if tag.name == "capture" and tag.words:
            self.values.variables[tag.words[0]] = tag.inner
        return "\n" * tag.lines if tag.name == "capture" else tag.inner if tag.name == "raw" else None

    def single(self, tag: Tag) -> str | None:
        """Links, inclusions, variables, and what a frame would show."""
        words = tag.words
        if tag.name in ("assign", "increment", "decrement", "cycle"):
            return self.counted(tag)
        if tag.name in CONTROL:
            self.never_closed(tag)
            return ""
        if not words:
            return None
        if tag.name in ("post_url", "link"):
            return self.address(tag, self.filled(words[0]))
        if tag.name in ("include", "include_cached", "include_relative"):
            return self.include(tag)
        name = families.known(tag.name)
        return made.embed(name, words[0], html=tag.html) if name in made.EMBEDS else None

    def counted(self, tag: Tag) -> str:
        """Variables: `assign` says nothing, the others say what they hold."""
        variables = self.values.variables
        if tag.name == "assign":
            name, _, source = tag.source.partition("=")
            value = self.parsed(source).value()
            variables[name.strip()] = value if self.paid(len(shown(value))) else ""
            return ""
        if tag.name == "cycle":
            group, sign, rest = tag.source.partition(":")
            said = [one.strip() for one in (rest if sign else group).split(",")]
            key = f"cycle {group if sign else tag.source}"
            place = variables[key] = variables.get(key, -1) + 1
            return shown(self.parsed(said[place % len(said)]).value())
        key = f"count {' '.join(tag.words)}"
        before = variables.get(key, 0)
        variables[key] = before + (1 if tag.name == "increment" else -1)
        return str(before if tag.name == "increment" else before - 1)

    def filled(self, source: str) -> str:
        """What stands behind the name of a tag, with its values."""
        return _VALUE.sub(lambda found: shown(self.parsed(found["value"]).value()), source)

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

    def include(self, tag: Tag) -> str | None:
        """A file of `_includes` or from beside the post; of one that is a theme's, what its parameters say."""
        source = self.filled(tag.source)
        name = source.split()[0] if source.split() else ""
        given = {found["key"]: self.given(found) for found in _PARAMETER.finditer(source)}
        if name in self.including:
            self.note(tag.line, f"includes `{name}` in itself; it is shown once", code="include-missing")
            return ""
        text, wrong = self.included(name, near=tag.name == "include_relative")
        if wrong:
            named = {key: shown(value) for key, value in given.items() if not isinstance(value, Unknown)}
            told = self.told(replace(tag, name=PurePosixPath(name).stem, words=(), named=named))
            if told is None:
                self.note(tag.line, f"includes `{name}`, which {wrong}", code="include-missing")
            return told or ""
        if len(self.including) >= _DEEPEST or not self.paid(len(text)):
            return ""
        variables, before = self.values.variables, self.values.variables.get("include")
        self.including.append(name)
        variables["include"], rendered = given, self.rendered
        shown_ = self.run(printable(text, name, 1)[0], tag.line)
        self.including.pop()
        del variables["include"]
        if before is not None:
            variables["include"] = before
        return shown_ if name.endswith(MARKDOWN) or self.rendered > rendered else _packed(shown_)

    def given(self, found: re.Match[str]) -> Any:
        """The value of a parameter: a text, or what a name stands for."""
        if found["name"] is not None:
            return self.parsed(found["name"]).value()
        return re.sub(r"\\([\"'])", r"\1", found["text"] or found["other"] or "")

    def told(self, tag: Tag) -> str | None:
        """What the parameters of a theme's file say: files are found from the root of the site."""
        name, named = families.known(tag.name), tag.named
        if name in made.EMBEDS or named.get("provider") in made.EMBEDS:
            what = made.first_of(named, ("id", "url", "hash", "src", "link"))
            return made.embed(named.get("provider") or name, what, html=tag.html) if what else None
        if name == "gallery":
            return self.gallery(tag)
        source = next((key for key in _FILES if made.is_picture(named.get(key, ""))), "")
        if not source:
            return self.spoken(tag)
        base = f"/{self.blog.base}/" if self.blog.base else "/"
        address = named[source].removeprefix(base) if named[source].startswith(base) else named[source]
        caption = made.first_of(named, ("caption", "description"))
        alt = named.get("alt") or caption or named.get("title", "")
        shown = made.picture(self.values.whole(address), alt, html=tag.html)
        return f"{shown}<br>{caption}" if caption else shown

    def gallery(self, tag: Tag) -> str | None:
        """The pictures that the front matter lists (minimal-mistakes)."""
        listed = self.post.extra.get(tag.named.get("id") or "gallery")
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        sources = [
            (shown(row.get("image_path") or row.get("url")), shown(row.get("alt") or row.get("title"))) for row in rows
        ]
        pictures = [made.picture(self.values.whole(src), alt, html=tag.html) for src, alt in sources if src]
        caption = tag.named.get("caption", "")
        return "\n".join(pictures) + (f"<br>{caption}" if caption else "") if pictures else None

    def included(self, name: str, *, near: bool) -> tuple[str, str]:
        """The text of a file next to the post or in `_includes`, or why there is none."""
        source = self.blog.config.text("source") or "."
        shared = PurePosixPath(source, self.blog.config.text("includes_dir") or "_includes")
        folder = PurePosixPath(self.post.path).parent if near else shared
        missing = f"is not {'next to the post' if near else 'in _includes'}"
        if inside(name):
            return "", missing
        path = self.lookup.file(posixpath.normpath(f"{folder}/{name}"))
        try:
            return paths.text(self.blog.root, path), ""
        except Unreadable as error:
            return "", missing if error.missing else error.message

    def paid(self, size: int) -> bool:
        """Whether a text that may be put in again and again still fits."""
        before, self.left = self.left, self.left - size - 100
        if before > 0 >= self.left:
            self.note(self.post.body_line, "includes too much; the rest is left out", code="include-missing")
        return self.left > 0

    def as_block(self, text: str) -> str:
        """A text that Jekyll would make HTML of here."""
        return f'\n<div markdown="block">\n\n{self.own_references(text)}\n\n</div>\n' if text.strip() else text

    def own_references(self, text: str) -> str:
        """A text that would be rendered alone: what it calls [1] is not what another calls so."""
        names = frozenset(_DEFINITION.findall(text))
        self.rendered += 1

        def own(found: re.Match[str]) -> str:
            return f"[{found['word']} {self.rendered}]" if found["word"] in names else found[0]

        return tags.outside_code(text, _REFERENCE, own) if names else text


def _packed(html: str) -> str:
    """HTML without the blanks that templates leave: an empty line in it, and what is indented, mean something to
    Markdown.
    """
    if "<pre" in html or not re.match(r"\s*<", html):
        return html
    return "\n".join(filter(None, map(str.strip, html.split("\n"))))
