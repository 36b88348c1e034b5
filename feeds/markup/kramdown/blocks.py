"""kramdown's block parsers, in its order: a text becomes a tree of blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from feeds.markup.kramdown import lists, patterns
from feeds.markup.kramdown.elements import Elements
from feeds.markup.kramdown.nodes import Node
from feeds.markup.kramdown.patterns import (
    ALERT,
    ATTRIBUTES,
    BLANK,
    CODE,
    DEFINITION,
    EXTENSION,
    FENCE,
    HEADING,
    HEADING_ID,
    HTML,
    INDENT,
    LIST_START,
    NAMED_ATTRIBUTES,
    NOTE,
    PARAGRAPH,
    QUOTE,
    QUOTED,
    RULE,
    UNDERLINED,
)
from feeds.markup.kramdown.tables import table
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.markup.kramdown.nodes import Found

_DEEPEST = 16
"""Quotes and lists in each other: what is deeper stays text."""
_LONGEST = 900  # characters of a name, about as in CommonMark
_END = expression(patterns.END_OF_BLOCK)
_DEFINES = expression(r"[ ]{0,3}:[\t| ]")
_SIMPLE = expression(r"(?:\*\*)?+[^\W\d_][^\n|]*+\n(?=[^\S\n]*+(?:\n|\Z))")
"""A paragraph of one line, as most are: nothing else is to be tried."""
_SIGN = expression(r"[ ]{0,3}(?:([^\s])|(?=\t|[ ]{4}))")
"""The sign that tells which blocks may begin on a line; a blank for code."""


def parse(text: str, found: Found, depth: int = 0) -> list[Node]:
    """The blocks of a text whose last line is complete."""
    blocks = Blocks(text, found, depth)
    blocks.read()
    return blocks.nodes


class Blocks:
    """Reads blocks from a place on, to the end of a text, or of an element of HTML that Markdown stands in."""

    def __init__(
        self, source: str, found: Found, depth: int, place: int = 0, within: str = "", missing: set[str] | None = None
    ) -> None:
        """`missing` are ends that do not come any more in this text: nobody looks for them again."""
        self.source, self.found, self.depth, self.place, self.within = source, found, depth, place, within
        self.missing: set[str] = set() if missing is None else missing
        self.nodes: list[Node] = []
        self.marked = False  # an attribute list waits for its block
        self.closed = False

    def read(self) -> None:  # scanner
        """Read on until the end."""
        source, length, readers = self.source, len(self.source), self._readers
        while self.place < length and not self.closed:
            if source[self.place] == "\n":
                self._blank()
                continue
            if (found := _SIMPLE.match(source, self.place)) and (not self.nodes or self.nodes[-1].kind != "p"):
                self._put(Node("p", words=found[0].rstrip()), found.end())
                continue
            begin = _SIGN.match(source, self.place)
            sign = begin[1] or " " if begin else ""
            if sign in ("", " ") and self._blank():
                continue
            for read in readers.get(sign, ()):
                if read(self):
                    break
            else:
                _ = self._underlined() or self._table() or self._paragraph()

    def _put(self, node: Node, end: int) -> bool:
        self.nodes.append(node)
        self.place, self.marked = end, False
        return True

    @property
    def _may_begin(self) -> bool:
        """Whether a heading or a table may stand here: behind a blank line, or what is as good as one."""
        last = self.nodes[-1] if self.nodes else None
        return last is None or last.kind == "blank" or (last.kind == "end" and last.ends) or self.marked

    def _inner(self, texts: list[str]) -> list[Node]:
        """The blocks of the pieces of an item."""
        if self.depth >= _DEEPEST or (len(texts) == 1 and _SIMPLE.fullmatch(texts[0])):
            return [Node("p", words="".join(texts).strip())]
        return [node for text in texts for node in parse(text, self.found, self.depth + 1)]

    def _blank(self) -> bool:
        found = BLANK.match(self.source, self.place)
        if not found:
            return False
        if self.nodes and self.nodes[-1].kind == "blank":
            self.nodes[-1].words += found[0]
        else:
            self.nodes.append(Node("blank", words=found[0]))
        self.place, self.marked = found.end(), False
        return True

    def _code(self) -> bool:
        found = CODE.match(self.source, self.place)
        if not found or not found[0]:
            return False
        return self._put(Node("pre", words=INDENT.sub("", re.sub(r"\n(?=[ ]{0,3}\S)", " ", found[0]))), found.end())

    def _fence(self) -> bool:
        found = FENCE.match(self.source, self.place)
        if not found or found["mark"] in self.missing:
            return False
        sign, mark = found["sign"], found["mark"]
        # Counted, since compiling a long fence takes longer than reading it.
        closing = re.compile(rf"^[ ]{{0,3}}{sign}{{{len(mark)},}}+[^\S\n]*+\n", re.MULTILINE)
        end = closing.search(self.source, found.end())
        if not end:
            self.missing.add(mark)
            return False
        language = found["language"].partition("?")[0]
        return self._put(Node("pre", words=self.source[found.end() : end.start()], text=language), end.end())

    def _quote(self) -> bool:
        if not QUOTED.match(self.source, self.place):
            return False
        found = QUOTE.match(self.source, self.place)
        text = QUOTED.sub("", found[0]) if found else ""
        if self.found.alerts and (said := ALERT.match(text)):
            text = f"**{said[1].capitalize()}**\n\n{text[said.end() :]}"
        return self._put(Node("blockquote", children=self._inner([text])), found.end() if found else len(self.source))

    def _heading(self) -> bool:
        found = HEADING.match(self.source, self.place)
        words = re.sub(r"[\t ]#++\Z", "", HEADING_ID.sub("", found["words"].rstrip()).rstrip()) if found else ""
        if not found or not words.strip():
            return False
        return self._put(Node(f"h{len(found['level'])}", words=words), found.end())

    def _underlined(self) -> bool:
        below = self.source.find("\n", self.place) + 1
        found = UNDERLINED.match(self.source, self.place) if self.source.startswith(("-", "="), below) else None
        if not found or not self._may_begin:
            return False
        words = HEADING_ID.sub("", found["words"].rstrip()).rstrip()
        return self._put(Node("h2" if found["level"] == "-" else "h1", words=words), found.end())

    def _rule(self) -> bool:
        found = RULE.match(self.source, self.place)
        return found is not None and self._put(Node("hr"), found.end())

    def _list(self) -> bool:
        if not LIST_START.match(self.source, self.place):
            return False
        kind = "ol" if self.source[self.place :][:4].lstrip()[:1].isdigit() else "ul"
        nodes, end = lists.items(kind, self.source, self.place, self._inner)
        self.nodes += nodes
        self.place, self.marked = end, False
        return True

    def _definitions(self) -> bool:
        if not _DEFINES.match(self.source, self.place):
            return False
        made, end = lists.definitions(self.source, self.place, self.nodes, self._inner)
        if not made:
            return False
        before = self.nodes[-2:-1] if self.nodes[-1:] and self.nodes[-1].kind == "blank" else self.nodes[-1:]
        if before and before[0].kind == "dl":  # one list
            before[0].children += made.children
            del self.nodes[self.nodes.index(before[0]) + 1 :]
            self.place = end
            return True
        return self._put(made, end)

    def _html(self) -> bool:
        if not HTML.match(self.source, self.place):
            return False
        reader = Elements(self.source, self.place, self.found, self.missing, self._within)
        if self.within and (end := reader.ends(self.within)):
            self.place, self.closed = end, True
            return True
        node = reader.block()
        return node is not None and self._put(node, reader.place)

    def _within(self, place: int, name: str) -> tuple[list[Node], int, bool]:
        """The blocks from a place up to the end of an element, and whether that was found."""
        if self.depth >= _DEEPEST:
            return [Node("p", words=self.source[place:].strip())], len(self.source), False
        inner = Blocks(self.source, self.found, self.depth + 1, place, name, self.missing)
        inner.read()
        return inner.nodes, inner.place, inner.closed

    def _table(self) -> bool:
        end = self.source.find("\n", self.place)
        if self.source.find("|", self.place, end) < 0 or not self._may_begin:
            return False
        node, end = table(self.source, self.place)
        return node is not None and self._put(node, end)

    def _note(self) -> bool:
        found = NOTE.match(self.source, self.place)
        if not found or self.depth >= _DEEPEST:
            return False
        more = CODE.match(self.source, found.end())
        text = found["words"].lstrip() + (INDENT.sub("", more[0]) if more else "")
        self.found.notes[found["name"]] = parse(text or "\n", self.found, self.depth + 1)
        return self._put(Node("end"), (more or found).end())

    def _link(self) -> bool:
        if found := patterns.ABBREVIATION.match(self.source, self.place):
            return self._put(Node("end"), found.end())
        found = DEFINITION.match(self.source, self.place)
        if not found:
            return False
        address, title, end = _address(found["address"].rstrip()), "", found.end()
        if not address or not 0 < len(found["name"].strip()) < _LONGEST:
            return False
        if not address[1] and (below := patterns.TITLE_BELOW.match(self.source, end)):
            title = below["title"].rstrip()
            end, title = (below.end(), title[:-1]) if title.endswith(below["quote"]) and title[:-1] else (end, "")
        key = " ".join(found["name"].split()).lower()
        self.found.links[key] = (found["name"], address[0], address[1] or title)
        return self._put(Node("end"), end)

    def _extension(self) -> bool:
        if found := NAMED_ATTRIBUTES.match(self.source, self.place):
            return self._put(Node("end", ends=True), found.end())
        if found := EXTENSION.match(self.source, self.place):
            return self._extended(found)
        found = ATTRIBUTES.match(self.source, self.place)
        if not found:
            return False
        self.place = found.end()
        last = self.nodes[-1] if self.nodes else None
        if last is None or last.kind in ("blank", "end"):
            self.marked = True
            return True
        if last.kind in ("ul", "ol") and re.search(r"(?:^|\s)toc(?:\s|$)", found["list"]):
            last.kind = "none"  # a table of contents of its own page
        self.nodes.append(Node("end", ends=True))
        return True

    def _extended(self, found: re.Match[str]) -> bool:
        """`{::comment}`, `{::nomarkdown}`, `{::options /}`; others are text."""
        name, closed, place = found["name"], bool(found["closed"]), found.end()
        if name not in ("comment", "nomarkdown", "options") or (not closed and name in self.missing):
            return False
        body = ""
        if not closed:
            stop = re.compile(rf"^[ ]{{0,3}}\{{:/(?:{name})?\}}[^\S\n]*+\n", re.MULTILINE).search(self.source, place)
            if not stop:
                self.missing.add(name)
                return False
            body, place = self.source[place : stop.start()], stop.end()
        if name == "options" and (said := re.search(r"\bparse_block_html=[\"'](true|false)", found["options"])):
            self.found.reads_html = said[1] == "true"
        kinds = {"comment": Node("none"), "nomarkdown": Node("raw", text=body), "options": Node("end", ends=True)}
        return self._put(kinds[name], place)

    def _end(self) -> bool:
        found = _END.match(self.source, self.place)
        return found is not None and self._put(Node("end", ends=True), found.end())

    def _dashed(self) -> bool:
        """A rule, or a list."""
        return self._rule() or self._list()

    def _bracketed(self) -> bool:
        """What is defined: a note, the address of a link, an abbreviation."""
        return self._note() or self._link()

    def _paragraph(self) -> bool:
        found = PARAGRAPH.match(self.source, self.place)
        end = found.end() if found else len(self.source)
        words, last = self.source[self.place : end], self.nodes[-1] if self.nodes else None
        if not last or last.kind != "p":
            return self._put(Node("p", words=words.strip()), end)
        last.words += ("  \n" if self.source.endswith("  \n", 0, self.place) else "\n") + words.rstrip()
        self.place = end
        return True

    _readers: ClassVar[dict[str, tuple[Callable[[Blocks], bool], ...]]] = {
        " ": (_code,),
        **dict.fromkeys("`~", (_fence,)),
        ">": (_quote,),
        "#": (_heading,),
        **dict.fromkeys("-+_0123456789", (_dashed,)),
        "*": (_dashed, _link),
        ":": (_definitions,),
        "<": (_html,),
        "[": (_bracketed,),
        "{": (_extension,),
        "^": (_end,),
    }
    """What may begin with a sign, in kramdown's order."""


def _address(said: str) -> tuple[str, str] | None:
    """The address of a link's definition and its title, None if it defines nothing."""
    title = ""
    if len(said) > 1 and said[-1] in "\"'":
        begin = re.search(rf"[ \t]{said[-1]}", said[:-1])
        if begin and begin.end() < len(said) - 1:
            said, title = said[: begin.start()].rstrip(), said[begin.end() : -1]
    if said.startswith("<") and said.endswith(">"):
        return said[1:-1], title
    return None if re.search(r"[ \t][\"']", said) else (said, title)
