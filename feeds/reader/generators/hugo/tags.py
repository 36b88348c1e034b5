"""What Hugo's texts hold: shortcodes in `{{< >}}` and `{{% %}}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feeds.reader.code import FLAGS
from feeds.reader.generators import families, tags
from feeds.reader.generators import replacements as made
from feeds.reader.generators.arguments import Tag, arguments
from feeds.reader.generators.syntax import Syntax
from feeds.reader.generators.tags import Tags
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import PurePosixPath

    from feeds.model import Post
    from feeds.rendered import Lookup

_END = r"/?[%>]\}\}"
_ARGUMENTS = rf"""(?P<arguments>
    (?:"(?:[^"\\]|\\.){{0,500}}+"|`[^`]{{0,500}}+`|(?!{_END}|\{{\{{[<%]).)*+(?={_END})
  | (?:(?!{_END}|\{{\{{[<%]).)*+  # a quote that is never closed is a sign like any other
)"""
_SHORTCODES = Syntax(
    r"\{\{[<%]\s*/\*(?P<comment>(?:(?!\*/|\{\{[<%]).)*)\*/\s*[%>]\}\}"
    rf"| \{{\{{[<%]\s*+(?P<end>/?+)\s*+(?P<name>[A-Za-z][\w./-]*+){_ARGUMENTS}{_END}",
    r"\{\{[<%]\s*/\s*NAME\s*[%>]\}\}",
    "{{< /NAME >}}",
)
_COMMENT = expression(r"(\{\{[<%])\s*/\*((?:(?!\*/|\{\{[<%]).)*)\*/\s*([%>]\}\})", re.DOTALL)
_IN_CODE = ("param", "ref", "relref")
_SOURCES = ("src", "image", "img")
_PICTURES = frozenset(
    ("figure", "fig", "img", "image", "picture", "lightbox", "photo", "imgc", "imgproc", "figure-dynamic")
)
_LINKS = frozenset(("button", "btn", "link", "linkbutton", "card-link", "a"))


class Shortcodes(Tags):
    """Hugo's own shortcodes, and what themes call pictures."""

    syntax = _SHORTCODES
    verbatim = frozenset(("highlight", "mermaid", "raw", "echarts", "chart", "plantuml"))
    nesting = frozenset(("details",))

    def __init__(
        self, post: Post, lookup: Lookup, params: Mapping[str, Any], inner: Callable[[str], PurePosixPath]
    ) -> None:
        """`params` are the site's own, `inner` gives a file's path in its content folder."""
        super().__init__(post, lookup)
        self.params, self.inner = params, inner

    def code(self, text: str, line: int, *, fenced: bool) -> str:
        """In code, values and addresses are what they stand for; other shortcodes are what the post is about."""

        def known(found: re.Match[str]) -> str:
            if found["comment"] is not None or found["end"] or found["name"] not in _IN_CODE:
                return self.other(found) if found["comment"] is not None else found[0]
            words, named = arguments(found["arguments"])
            return self.single(Tag(found["name"], line, "", words, named)) or ""

        return re.sub(self.syntax.tag, known, text, flags=FLAGS)

    def other(self, found: re.Match[str]) -> str:
        """A shortcode that is commented out is text."""
        return _COMMENT.sub(r"\1\2\3", found[0])

    def pair(self, tag: Tag) -> str | None:
        """Code, raw text, details, and what themes make of a text."""
        name, named = families.known(tag.name), tag.named
        if name == "details":
            return made.details(tag, self.title(tag) or "Details", opened=named.get("open") == "true")
        if name == "raw":
            return tag.inner
        if name in ("highlight", "mermaid"):
            return made.fence(tag, "mermaid" if name == "mermaid" else "".join(tag.words[:1]))
        return _worded(tag, name, " ".join(tag.inner.split()))

    def unclosed(self, tag: Tag) -> str:
        """What stands in details stays there."""
        return (self.pair(tag) if families.known(tag.name) == "details" else None) or super().unclosed(tag)

    def single(self, tag: Tag) -> str | None:
        """Links, values, frames and pictures."""
        name, named, words = families.known(tag.name), tag.named, tag.words
        if name in ("ref", "relref") and (words or named.get("path")):
            return self.page(tag, named.get("path") or words[0], named.get("lang", ""))
        if name == "param" and (words or named.get("name")):
            return self.param(tag, (words[0] if words else named["name"]).lower())
        if name == "qr" and named.get("text"):
            text = named["text"]
            return made.embed("", text, html=tag.html) if text.startswith("http") else made.escaped(text)
        return _embed(name, named, words, html=tag.html) if name in made.EMBEDS else _shown(tag, name)

    def param(self, tag: Tag, key: str) -> str:
        """A value of the page or of the site."""
        found = (_within(table, key) for table in (self.post.extra, self.params))
        value = next((one for one in found if one is not None), None)
        if isinstance(value, (str, int, float)):
            return str(value)
        self.note(tag.line, f"`param` names `{key}`, which neither the page nor the site defines", code="param-unknown")
        return ""

    def page(self, tag: Tag, path: str, code: str) -> str:
        """The address of a page named by its file, in the language of the post when it has one."""
        wanted, _, anchor = path.partition("#")
        hash_ = f"#{anchor}" if anchor else ""
        key = re.sub(r"(?:/_?index)?(?:\.md|\.markdown)?$", "", wanted.strip("/")).lower()
        language = code or self.post.language.code
        known = (
            self.lookup.named(f"pages first in {language}", lambda posts: self._pages(posts, language)) if key else {}
        )
        if key in known:
            return known[key].url + hash_
        if key:
            self.note(tag.line, f"`ref` names `{path}`, which is not a published page", code="link-broken")
        return hash_

    def _pages(self, posts: Iterable[Post], language: str) -> Iterator[tuple[str, Post]]:
        """The names of all pages, those in a language first."""
        for page in sorted(posts, key=lambda page: (page.language.code != language, page.path)):
            inner = self.inner(page.path)
            name = inner.name.partition(".")[0]
            folder = inner.parent if name == "index" else inner.parent / name
            for end in (*tags.ends(str(folder).lower()), str(inner.with_suffix("")).lower()):
                yield end, page


def _shown(tag: Tag, name: str) -> str | None:
    """A link or a picture of a theme."""
    named, words = tag.named, tag.words
    if name == "link" and (address := made.first_of(named, ("href", "url")) or "".join(words[:1])):
        said = named.get("content") or named.get("text") or named.get("title") or " ".join(words[1:2])
        return made.link(said or address, address, html=tag.html)
    if name in _PICTURES and words and made.is_picture(words[0]):
        named = {"src": words[0], "alt": words[1] if len(words) > 1 else "", **named}
    source = made.first_of(named, _SOURCES)
    leads = made.first_of(named, ("href", "url", "link"))
    if source and (name in _PICTURES or (made.is_picture(source) and not leads)):
        return _figure(named, captioned=name in _PICTURES, html=tag.html)
    return None


def _within(table: Mapping[str, Any], key: str) -> Any:
    """The value under a key; `a.b` may be `b` in the table `a`."""
    if key in table:
        return table[key]
    value: Any = table
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _worded(tag: Tag, name: str, words: str) -> str | None:
    """A link or a picture whose words are what a shortcode encloses."""
    address = made.first_of(tag.named, ("href", "url", "link", "relref")) or "".join(tag.words[:1])
    if name in _LINKS and address:
        return made.link(words or address, address, plain=False, html=tag.html)
    source = made.first_of(tag.named, _SOURCES) or "".join(tag.words[:1])
    if name in _PICTURES and source:
        return _figure({"caption": words, "src": source, **tag.named}, captioned=True, html=tag.html)
    return None


def _embed(name: str, named: Mapping[str, str], words: tuple[str, ...], *, html: bool) -> str | None:
    """A link to what a frame would show; None if nothing says what."""
    said = [*words, *(named[key] for key in ("user", "repo", "id", "key", "url", "bvid", "title") if named.get(key))]
    if not said:
        return None
    if name == "codepen" and named.get("user") and named.get("id"):
        return made.embed("", f"https://codepen.io/{named['user']}/pen/{named['id']}", html=html)
    if "github.com/{}" in made.EMBEDS[name]:
        return made.embed(name, said[0] if "/" in said[0] else "/".join(said[:2]), html=html)
    return made.embed(name, named.get("id") or said[0], html=html)


def _figure(named: Mapping[str, str], *, captioned: bool, html: bool) -> str:
    """A picture with its link, title, caption and source."""
    caption = named.get("caption", "") if captioned else ""
    plain = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)|[*_`]", r"\1", named.get("caption", ""))
    alt = named.get("alt") or plain or named.get("title", "")
    shown = made.picture(made.first_of(named, _SOURCES), alt, html=html)
    if named.get("link"):
        shown = made.link(shown, named["link"], plain=False, html=html)
    source = named.get("attr", "")
    title = named.get("title", "") if captioned else ""
    words = [
        (f"<strong>{title}</strong>" if html else f"**{made.escaped(title)}**") if title else "",
        made.in_line(caption) if html else caption,
        made.link(source, named["attrlink"], html=html) if source and named.get("attrlink") else source,
    ]
    below = " ".join(filter(None, words))
    return f"{shown}<br>{below}" if below and captioned else shown
