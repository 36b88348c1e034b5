"""What Hugo's texts hold: shortcodes in `{{< >}}` and `{{% %}}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feeds.reader.code import FLAGS
from feeds.reader.generators import tags
from feeds.reader.generators.arguments import arguments
from feeds.reader.generators.tags import Tag, Tags

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
_SHORTCODES = tags.Syntax(
    r"\{\{[<%]\s*/\*(?P<comment>(?:(?!\*/|\{\{[<%]).)*)\*/\s*[%>]\}\}"
    rf"| \{{\{{[<%]\s*+(?P<end>/?+)\s*+(?P<name>[A-Za-z][\w./-]*+){_ARGUMENTS}{_END}",
    r"\{\{[<%]\s*/\s*NAME\s*[%>]\}\}",
    "{{< /NAME >}}",
)
_COMMENT = re.compile(r"(\{\{[<%])\s*/\*((?:(?!\*/|\{\{[<%]).)*)\*/\s*([%>]\}\})", re.DOTALL)
_IN_CODE = ("param", "ref", "relref")
_SOURCES = ("src", "image", "img")


class Shortcodes(Tags):
    """Hugo's own shortcodes, and what themes call pictures."""

    syntax = _SHORTCODES
    verbatim = frozenset(("highlight", "mermaid", "raw"))
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

    def pair(self, tag: Tag) -> str:
        """Code, raw text and details."""
        if tag.name == "details":
            opened = " open" if tag.named.get("open") == "true" else ""
            summary = _inline(tag.named.get("summary", "Details"))
            return f"<details{opened}><summary>{summary}</summary>\n{tag.inner}</details>"
        if tag.name == "raw":
            return tag.inner
        return tags.fence(tag, "mermaid" if tag.name == "mermaid" else "".join(tag.words[:1]))

    def unclosed(self, tag: Tag) -> str:
        """What stands in details stays there."""
        return self.pair(tag)

    def single(self, tag: Tag) -> str | None:
        """Links, values, frames and pictures."""
        named, words = tag.named, tag.words
        if tag.name in ("ref", "relref") and (words or named.get("path")):
            return self.page(tag, named.get("path") or words[0], named.get("lang", ""))
        if tag.name == "param" and (words or named.get("name")):
            return self.param(tag, (words[0] if words else named["name"]).lower())
        if tag.name == "qr" and named.get("text"):
            return f"<{named['text']}>" if named["text"].startswith("http") else tags.escaped(named["text"])
        if tag.name in tags.EMBEDS:
            said = [*words, *(named[key] for key in ("user", "id") if key in named)]
            if tag.name == "gist":
                return tags.embed(tag.name, "/".join(said[:2]))
            return tags.embed(tag.name, (named.get("id") or said[0]) if said else "")
        return _figure(named, captioned=tag.name == "figure") if tags.first_of(named, _SOURCES) else None

    def param(self, tag: Tag, key: str) -> str:
        """A value of the page or of the site."""
        value = self.post.extra.get(key, self.params.get(key))
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


def _figure(named: Mapping[str, str], *, captioned: bool) -> str:
    """A picture with its link, title, caption and source."""
    caption = named.get("caption", "")
    plain = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)|[*_`]", r"\1", caption)
    shown = tags.picture(tags.first_of(named, _SOURCES), named.get("alt") or plain or named.get("title", ""))
    if named.get("link"):
        shown = f"[{shown}](<{named['link']}>)"
    source = named.get("attr", "")
    words = [
        f"**{tags.escaped(named['title'])}**" if named.get("title") else "",
        caption,
        tags.link(source, named["attrlink"]) if source and named.get("attrlink") else source,
    ]
    below = " ".join(filter(None, words))
    return f"{shown}<br>{below}" if below and captioned else shown


def _inline(text: str) -> str:
    """The commonest Markdown of a line, where Markdown does not reach."""
    for mark, name in (("\\*\\*", "strong"), ("\\*", "em"), ("`", "code")):
        text = re.sub(rf"{mark}([^*`]+){mark}", rf"<{name}>\1</{name}>", text)
    return text
