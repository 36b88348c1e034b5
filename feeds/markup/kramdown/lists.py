"""Lists as kramdown finds them: an item goes as far as it is indented, and says by itself whether it is a paragraph."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from feeds.markup.kramdown.nodes import Node
from feeds.markup.kramdown.patterns import (
    BLANK,
    END_OF_BLOCK,
    ITEM_ATTRIBUTES,
    LIST_ITEM,
    LIST_START,
    RULE,
    lazy,
)
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable

_END = expression(END_OF_BLOCK)
_TASK = expression(r"\[(?P<box>[ xX])\][^\S\n]++")


@dataclass(slots=True)
class _Item:
    """The text of an item in the pieces that are parsed one by one. `loose`: a blank line stood before it."""

    pieces: list[list[str]] = field(default_factory=lambda: [[]])
    loose: bool = False


@lru_cache(maxsize=64)
def _patterns(kind: str, indent: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What opens the next item, what belongs to this one by its indentation, and what does by laziness."""
    fours, rest = divmod(indent, 4)
    item = rf"(?P<mark>[ ]{{0,{min(max(indent - 1, 0), 3)}}}{LIST_ITEM[kind]})(?P<rest>[\t| ][^\n]*+\n)"
    more = rf"(?:(?:\t|[ ]{{4}}){{{fours}}}[ ]{{{rest}}}|(?:\t|[ ]{{4}}){{{fours + 1}}})[^\S\n]*+\S[^\n]*+\n"
    opens, inside, lazily = re.compile(item), re.compile(more), re.compile(lazy(min(indent, 3)))
    return opens, inside, lazily


def _first_line(indent: int, rest: str) -> tuple[str, int]:
    """The first line of an item behind its mark, and how far the item is indented."""
    bare = _bare(rest)
    if not bare.strip():
        return bare.lstrip(), 4
    blank = re.match(r"[ \t]*", rest)
    for sign in blank[0] if blank else "":
        indent += 4 - indent % 4 if sign == "\t" else 1
    return bare.lstrip(), indent


def _bare(words: str) -> str:
    """The words of an item or a term without the attributes they begin with."""
    found = ITEM_ATTRIBUTES.match(words)
    return words[found.end() :] if found else words


class _Reader:
    """Goes through the lines of one list."""

    def __init__(self, kind: str, source: str, place: int, *, loose: bool = False) -> None:
        self.kind, self.source, self.place = kind, source, place
        self.items: list[_Item] = []
        self.ended = False
        self._loose = loose
        self._read()

    def _read(self) -> None:
        opens, inside, lazily = _patterns(self.kind, 4)[0], None, None
        indent, nested, blank = 0, False, False
        while self.place < len(self.source):
            if blank and self.kind != "dl" and RULE.match(self.source, self.place):
                return
            if self.source.startswith("^", self.place) and (found := _END.match(self.source, self.place)):
                self.ended = True
                self.place = found.end() if self.kind != "dl" else self.place
                return
            if found := opens.match(self.source, self.place):
                words, indent = _first_line(len(found["mark"]), found["rest"])
                self.items.append(_Item([[words]], self._loose))
                opens, inside, lazily = _patterns(self.kind, indent)
                nested, blank, self._loose = bool(LIST_START.match(words)), False, False
            elif (inside and (found := inside.match(self.source, self.place))) or (
                lazily and not blank and (found := lazily.match(self.source, self.place))
            ):
                nested = self._line(found[0], indent, nested=nested)
                blank = self._loose = False
            elif found := BLANK.match(self.source, self.place):
                self.items[-1].pieces[-1].append(found[0])
                nested = blank = self._loose = True
            else:
                return
            self.place = found.end()

    def _line(self, line: str, indent: int, *, nested: bool) -> bool:
        """Put a line into the last item; whether lists in it have begun."""
        tabs = len(line) - len(line.lstrip("\t"))
        line = " " * 4 * tabs + line[tabs:]
        indented = line.startswith(" " * indent)
        line = line[indent:] if indented else line
        pieces = self.items[-1].pieces
        if self.kind != "dl" and LIST_START.match(line):
            if not nested and indented:
                pieces.append([])
                nested = True
            elif nested and not indented:
                line = " " * (indent + 4) + line
        pieces[-1].append(line)
        return nested


def items(kind: str, source: str, place: int, parse: Callable[[list[str]], list[Node]]) -> tuple[list[Node], int]:
    """The list that opens at a place, with the blank line behind it, and where it ends."""
    reader = _Reader(kind, source, place)
    every = [Node("li", children=parse(["".join(piece) for piece in item.pieces])) for item in reader.items]
    blank = None
    for number, item in enumerate(every):
        blank = _settled(item, every[:-1] if number == len(every) - 1 else None, ended=reader.ended)
        for task in item.children[:1]:
            if task.kind == "p" and (box := _TASK.match(task.words)):
                task.words = f"{'☐' if box['box'] == ' ' else '☑'} {task.words[box.end() :]}"
    return [Node(kind, children=every), *([blank] if blank and not reader.ended else [])], reader.place


def _settled(item: Node, others: list[Node] | None, *, ended: bool) -> Node | None:
    """Decide whether an item begins with a paragraph, and take the blank line off its end. The last of a list looks
    at the `others`.
    """
    inner = item.children
    if not inner:
        return None
    first = inner[0]
    if first.kind == "p":
        second, third = [*inner[1:3], None, None][:2]
        tight = not second or second.kind != "blank" or (others is not None and not third and not ended)
        bare = (not one.children or one.children[0].kind != "p" or one.children[0].bare for one in others or ())
        first.bare = tight and (not others or any(bare))
    return inner.pop() if inner[-1].kind == "blank" else None


def definitions(
    source: str, place: int, above: list[Node], parse: Callable[[list[str]], list[Node]]
) -> tuple[Node | None, int]:
    """The definitions of the terms in the paragraph above, which they take away; None if there is none."""
    behind = above[-1:] and above[-1].kind == "blank" and above[-1].words == "\n" and above[-2:-1]
    terms = above[-2] if behind else above[-1] if above else None
    if not terms or terms.kind != "p":
        return None, place
    reader = _Reader("dl", source, place, loose=bool(behind))
    del above[-2 if behind else -1 :]
    every = [Node("dt", words=_bare(term)) for term in terms.words.split("\n")]
    for item in reader.items:
        inner = parse(["".join(piece) for piece in item.pieces])
        if inner and inner[-1].kind == "blank":
            inner.pop()
        if inner and inner[0].kind == "p" and not item.loose:
            inner[0].bare = True
        every.append(Node("dd", children=inner))
    return Node("dl", children=every), reader.place
