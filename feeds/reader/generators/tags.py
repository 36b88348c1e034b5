"""Generators' own tags in Markdown, like `{% asset_img x.png %}` and `{{< figure >}}`: found, taken apart, replaced.

What stands in code is text. Of a tag that nobody here knows, what it encloses stays, and so do the words in it that
readers would see, with a warning; what a comment or a lock encloses is dropped. Replacements keep the number of lines
where they can, so that later warnings name the right one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from feeds.errors import Problem
from feeds.reader.code import FENCE, FLAGS, SPAN
from feeds.reader.generators import families, hidden
from feeds.reader.generators import replacements as made
from feeds.reader.generators.arguments import Tag, arguments
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from feeds.errors import Code, Severity
    from feeds.model import Post
    from feeds.reader.generators.syntax import Syntax
    from feeds.rendered import Lookup

_DEEPEST = 20
_LOOK = 200
_FARTHEST = 500  # characters of a path
_BLANK = expression(r"\s+")
_REST = expression(r"[ \t]*(?:\n|\Z)")
_LAZY = expression(r"[ \t]*\n[ \t>]*(?![-*+>#|~\s]|\d+[.)]\s|```)\S")
"""A line that Markdown would take for more of the quotation above it."""

_BLOCKS = (
    "address|article|aside|audio|center|details|dialog|div|dl|fieldset|figure|footer|form|header|main|nav|ol|picture"
    "|section|table|ul|video"
)
_HTML = expression(
    rf"<(?P<end>/?)(?:{_BLOCKS})(?=[\s/>])[^<>]*+> | (?P<gap>\n[ \t]*(?=\n))"
    r" | (?P<begin>^[ \t]*+<(?:(?:p|h[1-6]|li|t[dhr]|d[dt]|summary|figcaption)(?=[\s/>])|[a-z][^<>]*+>[ \t]*$))",
    FLAGS | re.IGNORECASE,
)


class _Inside:
    """Whether a place in a text is inside HTML, which Markdown does not reach: behind a tag that begins a block, up to
    an empty line; `whole`: up to its end tag, as for kramdown.
    """

    def __init__(self, *, whole: bool) -> None:
        self._whole, self._depth, self._block = whole, 0, False

    def read(self, text: str) -> None:
        """Go on behind this text."""
        for found in _HTML.finditer(text) if "<" in text or self._block else ():
            self._block = found["gap"] is None
            if self._block and found["begin"] is None:
                self._depth = max(self._depth - 1, 0) if found["end"] else self._depth + 1

    def __bool__(self) -> bool:
        return self._block or (self._whole and self._depth > 0)


class Tags:
    """Rewrites the tags of one post's text; a dialect says in `single`, `pair` and `other` what each becomes.

    `verbatim` are pairs whose text is not looked into, `nesting` those that may hold others, as may any other that has
    an end somewhere; `remarks` says how comments end that are no pairs, by their first two characters; `ends_in_code`:
    the generator knows no code, so what is hidden ends there too; `html_to_its_end`: no Markdown between HTML's tags.
    A text is gone through once: none, however hostile, takes more than its length allows.
    """

    syntax: Syntax
    verbatim: frozenset[str] = frozenset()
    nesting: frozenset[str] = frozenset()
    remarks: Mapping[str, str] = MappingProxyType({})
    ends_in_code = True
    html_to_its_end = False

    def __init__(self, post: Post, lookup: Lookup) -> None:
        self.post, self.lookup = post, lookup
        self.in_html = post.path.lower().endswith((".html", ".htm", ".xhtml"))
        """Whether the whole text is HTML, which knows no code of Markdown's."""
        self.tokens = self.syntax.tags if self.in_html else self.syntax.tokens
        self._problems: dict[Problem, None] = {}
        self._unknown: set[str] = set()

    @property
    def problems(self) -> list[Problem]:
        """Warnings about what was rewritten so far, each once."""
        return list(self._problems)

    def single(self, tag: Tag) -> str | None:
        """What a tag without an end becomes; None: it is not known."""
        raise NotImplementedError

    def pair(self, tag: Tag) -> str | None:
        """What a tag with an end becomes; None: it is not known."""
        raise NotImplementedError

    def title(self, tag: Tag) -> str:
        """What a pair puts above the text it encloses."""
        return families.title(tag)

    def spoken(self, tag: Tag) -> str | None:
        """What a tag says that no generator knows, None if it says nothing."""
        return families.single(tag)

    def other(self, found: re.Match[str]) -> str:
        """What the syntax finds besides tags becomes; by default it is text."""
        return found[0]

    def code(self, text: str, line: int, *, fenced: bool) -> str:
        """A block or a span of code."""
        return text

    def unclosed(self, tag: Tag) -> str:
        """A pair that is never closed: the text after it stays, and what it says itself."""
        bare = replace(tag, inner="")
        shown = self.single(bare)
        return f"{(self.spoken(bare) or '') if shown is None else shown}{tag.inner}"

    def control(self, found: re.Match[str], text: str, line: int) -> int | None:
        """The place to go on at behind a tag that decides what is read; None for any other."""
        return None

    def run(self, text: str, line: int) -> str:
        """The text with its tags replaced; it begins on this line of the file."""
        return self._replaced(self._without_hidden(text, line) if self.ends_in_code else text, line)

    def _replaced(self, text: str, line: int) -> str:
        frames: list[tuple[Tag, list[str]]] = [(Tag("", line), [])]
        missing, place, inside = set[str](), 0, _Inside(whole=self.html_to_its_end)
        closed = {*self.syntax.ended.findall(text)}
        while found := self.tokens.search(text, place):
            before, source, name = text[place : found.start()], found[0], found["name"]
            line += before.count("\n")
            inside.read(before)
            frames[-1][1].append(before.rstrip() if source.startswith(("{%-", "{{-")) else before)
            place = found.end()
            if not self.in_html and (found["fence"] is not None or found["code"] is not None):
                shown = self.code(source, line, fenced=found["fence"] is not None)
            elif name is None:
                shown, place = self._no_tag(found, text, missing)
            elif (jump := self.control(found, text, line)) is not None:
                shown, place = "", jump
            elif found["end"]:
                shown = self._close(frames, name, line, found, text)
            elif hidden.hides(name) or name in self.verbatim:
                enclosed = self._hidden if hidden.hides(name) else self._verbatim
                shown, place = enclosed(
                    _tag(found, text, line, html=self.in_html or bool(inside)), found, text, missing
                )
            elif (name in self.nesting or name in closed) and not hidden.alone(source):
                shown = ""
                if len(frames) < _DEEPEST:
                    frames.append((_tag(found, text, line, html=self.in_html or bool(inside)), []))
            else:
                shown = self._single(_tag(found, text, line, html=self.in_html or bool(inside)))
            frames[-1][1].append(shown)
            place = _behind_blanks(text, place)
            line += text.count("\n", found.start(), place) - text.count("\n", place, found.start())
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
        tokens = self.syntax.tags if self.ends_in_code else self.tokens

        def following(place: int) -> tuple[re.Match[str], int] | None:
            token = tokens.search(text, place)
            return (token, self._behind(token, text, missing)) if token else None

        if hidden.alone(found[0]):
            return "", found.end()
        end = hidden.end(tag.name, found.end(), following)
        if end is None:
            self.never_closed(tag, ", so all text after it is left out")
            return "", len(text)
        if hidden.locks(tag.name):
            locked = f"tag `{tag.name}` locks its text, which is left out; remove the tag to publish it"
            self.note(tag.line, locked, "note", code="text-protected")
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
            kept = place = _behind_blanks(text, place)
        return "".join([*parts, text[kept:]])

    def _single(self, tag: Tag) -> str:
        shown = self.single(tag)
        return self.unknown(tag) if shown is None else shown

    def _pair(self, tag: Tag) -> str:
        shown = self.pair(tag)
        if shown is None:
            shown = families.pair(tag, self.title(tag))
        if shown is None and (alone := self.single(tag)) is not None:
            shown = alone + tag.inner
        return shown if shown is not None else self.unknown(tag)

    def _verbatim(self, tag: Tag, found: re.Match[str], text: str, missing: set[str]) -> tuple[str, int]:
        """What a pair becomes whose text is not looked into, and the place behind it."""
        place = found.end()
        ending = re.compile(self.syntax.end.replace("NAME", tag.name))
        end = ending.search(text, place) if tag.name not in missing else None
        if not end:
            if tag.name not in missing:
                self.never_closed(tag)
            missing.add(tag.name)  # from here on there is none
            return "", place
        return self._pair(_enclosing(tag, text[place : end.start()], end, text)), end.end()

    def _close(self, frames: list[tuple[Tag, list[str]]], name: str, line: int, found: re.Match[str], text: str) -> str:
        """End the innermost open tag of this name; an end of nothing is nothing.

        But where a lock ends that never began, its beginning has a mistake, and any text before may be secret.
        """
        if hidden.locks(name):
            wrong = f"tag `{name}` is closed but never opened, so all text before it is left out; fix its opening tag"
            self.note(line, wrong, code="tag-unclosed")
            for _, parts in frames:
                parts.clear()
            return "\n" * (line - frames[0][0].line)
        if name not in (tag.name for tag, _ in frames):
            return ""
        while frames[-1][0].name != name:
            self._drop(frames)
        tag, parts = frames.pop()
        return self._pair(replace(_enclosing(tag, "".join(parts), found, text), lines=max(line - tag.line, 0)))

    def _drop(self, frames: list[tuple[Tag, list[str]]]) -> None:
        """Give up waiting for the end of the innermost tag."""
        tag, parts = frames.pop()
        self.never_closed(tag)
        frames[-1][1].append(self.unclosed(replace(tag, inner="".join(parts))))

    def never_closed(self, tag: Tag, result: str = "") -> None:
        """Tell that a tag has no end."""
        shown = self.syntax.closing.replace("NAME", tag.name)
        self.note(tag.line, f"tag `{tag.name}` is never closed{result}; add `{shown}`", code="tag-unclosed")

    def unknown(self, tag: Tag) -> str:
        """What stands for a tag that is not known: what it encloses, or says, with a warning at the first such."""
        shown = made.titled(tag, families.named_title(tag)) if tag.inner else self.spoken(tag)
        meant = families.SPOKEN if shown else families.UNSEEN
        if tag.name not in self._unknown and families.known(tag.name) not in meant:
            self._unknown.add(tag.name)
            kept = (
                f"only {'the enclosed text is' if tag.inner else 'its words are'} kept" if shown else "it is left out"
            )
            severity: Severity = "note" if shown and not tag.inner else "warning"
            self.note(tag.line, f"unknown tag `{tag.name}`; {kept}", severity, code="tag-unknown")
        return shown or ""

    def note(self, line: int, message: str, severity: Severity = "warning", *, code: Code) -> None:
        """Something for the author."""
        self._problems[Problem(self.post.path, line, message, severity, code=code)] = None


def _behind_blanks(text: str, place: int) -> int:
    """The place where a text goes on behind a tag, which may take the blanks behind it along."""
    blank = _BLANK.match(text, place) if text.endswith(("-%}", "-}}"), 0, place) else None
    return blank.end() if blank else place


def _gap(found: re.Match[str], text: str, end: int) -> str:
    """What is left of a text that is nowhere: its lines, when it has them for itself; else they would part a paragraph,
    as none of the generators does.
    """
    lines = text.count("\n", found.start(), end)
    controlled = found[0].startswith("{%-") or text.endswith("-%}", 0, end)
    indent = _indent(found, text) if lines and not controlled and _REST.match(text, end) else None
    return "" if indent is None else f"\n{indent}" * lines


def _tag(found: re.Match[str], text: str, line: int, *, html: bool) -> Tag:
    words, named = arguments(found["arguments"])
    indent = _indent(found, text)
    alone = indent is not None and bool(_REST.match(text, found.end()))
    return Tag(found["name"], line, found["arguments"], words, named, indent, alone=alone, html=html)


def _enclosing(tag: Tag, inner: str, end: re.Match[str], text: str) -> Tag:
    """A tag with the text up to its end."""
    alone = tag.indent is not None and bool(_REST.match(text, end.end()))
    return replace(tag, inner=inner, alone=alone, followed=bool(_LAZY.match(text, end.end())))


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
