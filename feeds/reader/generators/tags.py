"""Generators' own tags in Markdown, like `{% asset_img x.png %}` and `{{< figure >}}`: found, taken apart, replaced.

What stands in code is text. Of an unknown tag, the enclosed text is kept, with a warning; what a comment or a lock
encloses is dropped. Replacements keep the number of lines where they can, so that later warnings name the right one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from feeds.errors import Problem
from feeds.reader.code import FENCE, FLAGS, SPAN
from feeds.reader.generators import hidden
from feeds.reader.generators.arguments import arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from feeds.model import Post
    from feeds.rendered import Lookup

EMBEDS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "bilibili": "https://www.bilibili.com/video/{}",
    "gist": "https://gist.github.com/{}",
    "jsfiddle": "https://jsfiddle.net/{}/",
    "tweet": "https://twitter.com/i/status/{}",
    "twitter": "https://twitter.com/i/status/{}",
    "x": "https://twitter.com/i/status/{}",
    "instagram": "https://www.instagram.com/p/{}/",
}
"""What a frame or a script would show; in a feed it is a link."""

_DEEPEST = 20
_LOOK = 200
_FARTHEST = 500  # characters of a path
_BLANK = re.compile(r"\s+")
_REST = re.compile(r"[ \t]*(?:\n|\Z)")
_LAZY = re.compile(r"[ \t]*\n[ \t>]*(?![-*+>#|~\s]|\d+[.)]\s|```)\S")
"""A line that Markdown would take for more of the quotation above it."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag taken apart: arguments as written in `source`, `words` in their order, `named` ones, the text it encloses.

    `indent` is what the following lines of a block in its place begin with, None when there is text before it on its
    line; `followed` says that a line of text comes right behind it.
    """

    name: str
    line: int = 0
    source: str = ""
    words: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    indent: str | None = None
    inner: str = ""
    followed: bool = False


@dataclass(frozen=True)
class Syntax:
    """How a generator writes its tags: a verbose expression with groups `end`, `name` and `arguments` (a match without
    a name is something else), and what ends the tag NAME: as an expression, and as people write it.
    """

    tag: str
    end: str
    closing: str

    @cached_property
    def tokens(self) -> re.Pattern[str]:
        """Tags and code."""
        return re.compile(rf"{FENCE}|{self.tag}|{SPAN}", FLAGS)

    @cached_property
    def tags(self) -> re.Pattern[str]:
        """Tags, in code too."""
        return re.compile(self.tag, FLAGS)


class Tags:
    """Rewrites the tags of one post's text; a dialect says in `single`, `pair` and `other` what each becomes.

    `verbatim` are pairs whose text is not looked into, `nesting` those that may hold others; `remarks` says how
    comments end that are no pairs, by their first two characters; `ends_in_code`: the generator knows no code, so what
    is hidden ends there too. A text is gone through once: none, however hostile, takes more than its length allows.
    """

    syntax: Syntax
    verbatim: frozenset[str] = frozenset()
    nesting: frozenset[str] = frozenset()
    remarks: Mapping[str, str] = MappingProxyType({})
    ends_in_code = True

    def __init__(self, post: Post, lookup: Lookup) -> None:
        self.post, self.lookup = post, lookup
        self._problems: dict[Problem, None] = {}
        self._unknown: set[str] = set()

    @property
    def problems(self) -> list[Problem]:
        """Warnings about what was rewritten so far, each once."""
        return list(self._problems)

    def single(self, tag: Tag) -> str | None:
        """What a tag without an end becomes; None: it is not known."""
        raise NotImplementedError

    def pair(self, tag: Tag) -> str:
        """What a tag with an end becomes."""
        raise NotImplementedError

    def other(self, found: re.Match[str]) -> str:
        """What the syntax finds besides tags becomes; by default it is text."""
        return found[0]

    def code(self, text: str, line: int, *, fenced: bool) -> str:
        """A block or a span of code."""
        return text

    def unclosed(self, tag: Tag) -> str:
        """A pair that is never closed: the text after it stays."""
        return tag.inner

    def run(self, text: str, line: int) -> str:
        """The text with its tags replaced; it begins on this line of the file."""
        return self._replaced(self._without_hidden(text, line) if self.ends_in_code else text, line)

    def _replaced(self, text: str, line: int) -> str:
        frames: list[tuple[Tag, list[str]]] = [(Tag("", line), [])]
        missing, place = set[str](), 0
        while found := self.syntax.tokens.search(text, place):
            before, source, name = text[place : found.start()], found[0], found["name"]
            line += before.count("\n")
            frames[-1][1].append(before.rstrip() if source.startswith(("{%-", "{{-")) else before)
            place = found.end()
            if found["fence"] is not None or found["code"] is not None:
                shown = self.code(source, line, fenced=found["fence"] is not None)
            elif name is None:
                shown, place = self._no_tag(found, text, missing)
            elif found["end"]:
                shown = self._close(frames, name, line, followed=bool(_LAZY.match(text, place)))
            elif hidden.hides(name) or name in self.verbatim:
                enclosed = self._hidden if hidden.hides(name) else self._verbatim
                shown, place = enclosed(_tag(found, text, line), found, text, missing)
            elif name in self.nesting:
                shown = ""
                if len(frames) < _DEEPEST:
                    frames.append((_tag(found, text, line), []))
            else:
                shown = self._single(_tag(found, text, line))
            frames[-1][1].append(shown)
            if text.endswith(("-%}", "-}}"), 0, place) and (blank := _BLANK.match(text, place)):
                place = blank.end()
            line += text.count("\n", found.start(), place)
        frames[-1][1].append(text[place:])
        while len(frames) > 1:
            self._drop(frames)
        return "".join(frames[0][1])

    def _no_tag(self, found: re.Match[str], text: str, missing: set[str]) -> tuple[str, int]:
        """What the syntax finds besides tags becomes, and the place after it: a comment disappears."""
        place = self._behind(found, text, missing)
        return (_gap(found, text, place), place) if place > found.end() else (self.other(found), place)

    def _behind(self, found: re.Match[str], text: str, missing: set[str]) -> int:
        """The place after a token. A comment extends to its end; without an end, it is not a comment."""
        sign = None if found["name"] else self.remarks.get(found[0][:2])
        if not sign or sign in missing:
            return found.end()
        end = text.find(sign, found.end())
        if end < 0:
            missing.add(sign)  # from here on there is none
            return found.end()
        return end + len(sign)

    def _hidden(self, tag: Tag, found: re.Match[str], text: str, missing: set[str]) -> tuple[str, int]:
        """What is left of a comment or of locked text, and the place after it."""
        tokens = self.syntax.tags if self.ends_in_code else self.syntax.tokens

        def following(place: int) -> tuple[re.Match[str], int] | None:
            token = tokens.search(text, place)
            return (token, self._behind(token, text, missing)) if token else None

        if hidden.alone(found[0]):
            return "", found.end()
        end = hidden.end(tag.name, found.end(), following)
        if end is None:
            shown = self.syntax.closing.replace("NAME", tag.name)
            self.note(tag.line, f"tag `{tag.name}` is never closed, so all text after it is left out; add `{shown}`")
            return "", len(text)
        if hidden.locks(tag.name):
            self.note(tag.line, f"tag `{tag.name}` locks its text, which is left out; remove the tag to publish it")
        return _gap(found, text, end), end

    def _without_hidden(self, text: str, line: int) -> str:
        """The text without what tags hide, in code too: such a generator runs its tags before it knows any code."""
        parts, missing = list[str](), set[str]()
        kept = place = counted = 0
        while found := self.syntax.tags.search(text, place):
            if not found["name"] or found["end"] or not hidden.hides(found["name"]):
                place = self._behind(found, text, missing)
                continue
            line, counted = line + text.count("\n", counted, found.start()), found.start()
            shown, place = self._hidden(Tag(found["name"], line), found, text, missing)
            before = text[kept:counted]
            parts += [before.rstrip() if found[0].startswith("{%-") else before, shown]
            blank = _BLANK.match(text, place) if text.endswith("-%}", 0, place) else None
            kept = place = blank.end() if blank else place
        return "".join([*parts, text[kept:]])

    def _single(self, tag: Tag) -> str:
        shown = self.single(tag)
        return self.unknown(tag) if shown is None else shown

    def _verbatim(self, tag: Tag, found: re.Match[str], text: str, missing: set[str]) -> tuple[str, int]:
        """What a pair becomes whose text is not looked into, and the place behind it."""
        place = found.end()
        ending = re.compile(self.syntax.end.replace("NAME", tag.name))
        end = ending.search(text, place) if tag.name not in missing else None
        if not end:
            if tag.name not in missing:
                self._never_closed(tag)
            missing.add(tag.name)  # from here on there is none
            return "", place
        followed = bool(_LAZY.match(text, end.end()))
        return self.pair(replace(tag, inner=text[place : end.start()], followed=followed)), end.end()

    def _close(self, frames: list[tuple[Tag, list[str]]], name: str, line: int, *, followed: bool) -> str:
        """End the innermost open tag of this name; an end of nothing is nothing.

        But where a lock ends that never began, its beginning has a mistake, and any text before may be secret.
        """
        if hidden.locks(name):
            self.note(
                line, f"tag `{name}` is closed but never opened, so all text before it is left out; fix its opening tag"
            )
            for _, parts in frames:
                parts.clear()
            return "\n" * (line - frames[0][0].line)
        if name not in (tag.name for tag, _ in frames):
            return ""
        while frames[-1][0].name != name:
            self._drop(frames)
        tag, parts = frames.pop()
        return self.pair(replace(tag, inner="".join(parts), followed=followed))

    def _drop(self, frames: list[tuple[Tag, list[str]]]) -> None:
        """Give up waiting for the end of the innermost tag."""
        tag, parts = frames.pop()
        self._never_closed(tag)
        frames[-1][1].append(self.unclosed(replace(tag, inner="".join(parts))))

    def _never_closed(self, tag: Tag) -> None:
        shown = self.syntax.closing.replace("NAME", tag.name)
        self.note(tag.line, f"tag `{tag.name}` is never closed; add `{shown}`")

    def unknown(self, tag: Tag) -> str:
        """What stands for a tag that is not known: nothing, with a warning at the first one of its name."""
        if tag.name not in self._unknown:
            self._unknown.add(tag.name)
            self.note(tag.line, f"unknown tag `{tag.name}`; only the enclosed text is kept")
        return ""

    def note(self, line: int, message: str) -> None:
        """A warning."""
        self._problems[Problem(self.post.path, line, message, "warning")] = None


def _gap(found: re.Match[str], text: str, end: int) -> str:
    """What is left of a text that is nowhere: its lines, when it has them for itself; else they would part a paragraph,
    as none of the generators does.
    """
    lines = text.count("\n", found.start(), end)
    controlled = found[0].startswith("{%-") or text.endswith("-%}", 0, end)
    indent = _indent(found, text) if lines and not controlled and _REST.match(text, end) else None
    return "" if indent is None else f"\n{indent}" * lines


def _tag(found: re.Match[str], text: str, line: int) -> Tag:
    words, named = arguments(found["arguments"])
    return Tag(found["name"], line, found["arguments"], words, named, _indent(found, text))


def _indent(found: re.Match[str], text: str) -> str | None:
    """What lines in the place of a tag begin with, None when there is text before it."""
    begin = max(found.start() - _LOOK, 0)
    before = text[begin : found.start()].rpartition("\n")
    if (before[1] or begin == 0) and re.fullmatch(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?", before[2]):
        return re.sub(r"[^ \t>]", " ", before[2])
    return None


def outside_code(text: str, pattern: str, change: Callable[[re.Match[str]], str]) -> str:
    """The text with what a verbose expression finds outside code changed."""

    def replaced(found: re.Match[str]) -> str:
        return found[0] if found["fence"] is not None or found["code"] is not None else change(found)

    return re.sub(rf"{FENCE}|{pattern}|{SPAN}", replaced, text, flags=FLAGS)


def ends(path: str) -> Iterator[str]:
    """A path, and what follows each of its slashes, unless nobody would write as much."""
    begin = 0
    while True:
        if len(path) - begin <= _FARTHEST:
            yield path[begin:]
        begin = path.find("/", begin) + 1
        if not begin:
            return


def escaped(text: str) -> str:
    """Words that Markdown would otherwise take for more than words."""
    return re.sub(r"([\\`*_\[\]<>$~|])", r"\\\1", " ".join(text.split()))


def picture(src: str, alt: str = "") -> str:
    """Markdown of a picture."""
    return f"!{link(alt, src)}" if src else ""


def link(text: str, address: str, *, plain: bool = True) -> str:
    """Markdown of a link with plain words, or with Markdown in them."""
    whole = re.sub(r"\s+", "%20", re.sub("[<>]", "", address))
    return f"[{escaped(text) if plain else text}](<{whole}>)"


def fence(tag: Tag, language: str = "", title: str = "") -> str:
    """Markdown of a block of code, which may itself hold fences; of a span when it stands within a line."""
    longest = max((len(run) for run in re.findall(r"`+", tag.inner)), default=0)
    if tag.indent is None and "\n" not in tag.inner:
        mark = "`" * (longest + 1)
        return f"{mark}{' ' if longest else ''}{tag.inner}{' ' if longest else ''}{mark}"
    mark, indent = "`" * max(longest + 1, 3), tag.indent or ""
    lines = [line.removeprefix(indent) for line in _trimmed(tag.inner)]
    head = f"{title}\n{indent}" if title else ""
    start = "\n\n" if tag.indent is None else ""
    return start + head + f"\n{indent}".join([f"{mark}{language}", *lines, mark])


def quote(tag: Tag, source: str = "") -> str:
    """Markdown of a quotation, with who said it (Markdown too)."""
    indent = tag.indent or ""
    lines = [f"> {line.removeprefix(indent)}".rstrip() for line in _trimmed(tag.inner)]
    lines += [">", f"> — {source}"] if source else []
    lines += [""] if tag.followed else []
    return ("\n\n" if tag.indent is None else "") + f"\n{indent}".join(lines)


def _trimmed(text: str) -> list[str]:
    """The lines between a tag and its end."""
    return re.sub(r"\n[ \t>]*\Z", "", text.removeprefix("\n")).split("\n")


def embed(name: str, what: str) -> str:
    """A link to what a frame would show."""
    return f"<{EMBEDS[name].format(re.sub(r'[<>]', '', what))}>"


def first_of(named: Mapping[str, str], keys: Iterable[str]) -> str:
    """The first of these arguments that is given."""
    return next((named[key] for key in keys if named.get(key)), "")


LIQUID = Syntax(
    r"\{%-?\s*(?P<end>end(?=[A-Za-z]))?+(?P<name>[A-Za-z][\w-]*+)(?P<arguments>(?:(?!-?%\}|\{%).)*+)-?%\}"
    r"| \{\{-?+\s*+(?P<value>(?:(?P<quote>[\"'])(?:(?!\}\}|\{\{|(?P=quote)).)*+(?P=quote))?+"  # a text may hold a tag
    r"(?:(?!-?\}\}|\{\{|\{%).)*+)-?\}\}"
    r"| \{%-?\s*\# | \{\#",
    r"\{%-?\s*endNAME\s*-?%\}",
    "{% endNAME %}",
)
"""`{% tag %}`, `{{ value }}` and comments, of Jekyll's Liquid and of Hexo's Nunjucks."""

_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}")
_ENDRAW = re.compile(r"\{%-?\s*endraw\s*-?%\}")


def unraw(text: str, change: Callable[[str], str] = str) -> str:
    """The text with what stands between `{% raw %}` and `{% endraw %}` changed, and these two gone."""
    parts: list[str] = []
    place = 0
    while (begin := _RAW.search(text, place)) and (end := _ENDRAW.search(text, begin.end())):
        parts += [text[place : begin.start()], change(text[begin.end() : end.start()])]
        place = end.end()
    return "".join([*parts, text[place:]])
