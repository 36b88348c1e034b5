"""Liquid's conditions and loops: which part of a text is read next. It is gone through by jumps, never by copies."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from feeds.reader.generators.jekyll.filters import Unknown, items, number
from feeds.reader.generators.jekyll.liquid import not_

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from feeds.reader.generators.jekyll.liquid import Expression

_BLOCKS = frozenset(("if", "unless", "case", "for", "tablerow"))
_BRANCHES = frozenset(("else", "elsif", "when"))
_LOOPS = frozenset(("for", "tablerow"))
CONTROL = _BLOCKS | _BRANCHES | {"break", "continue"}


@dataclass
class _Block:
    """A block: its beginning, its branches and its end, each a tag found in the text."""

    parts: list[re.Match[str]]
    closed: bool = False

    @property
    def begin(self) -> re.Match[str]:
        """The tag that begins it."""
        return self.parts[0]

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.parts[-1].end()


@dataclass
class _Loop:
    """A loop that is running."""

    block: _Block
    name: str
    items: list[Any]
    before: dict[str, Any]
    place: int = 0


@dataclass
class _Text:
    """A text that is gone through: its blocks by the places of their tags, once a block was met, and its loops."""

    text: str
    tokens: re.Pattern[str]
    blocks: dict[int, _Block] | None = None
    loops: list[_Loop] = field(default_factory=list)


class Flow:
    """Where a text goes on. `expression` reads one; `variables` are what a loop sets; `paid` takes the price of a turn
    and says whether there is enough left; `unsure` tells what is left out.
    """

    def __init__(
        self,
        expression: Callable[[str], Expression],
        variables: dict[str, Any],
        paid: Callable[[int], bool],
        unsure: Callable[[int, str, Unknown], None],
    ) -> None:
        self._expression, self._variables, self._paid, self._unsure = expression, variables, paid, unsure
        self._texts: list[_Text] = []

    @contextmanager
    def within(self, text: str, tokens: re.Pattern[str]) -> Iterator[None]:
        """While a text is gone through by these tokens."""
        self._texts.append(_Text(text, tokens))
        yield
        for loop in reversed(self._texts.pop().loops):
            self._restore(loop)

    def step(self, found: re.Match[str], line: int) -> int | None:
        """The place to go on at behind a tag; None if it decides nothing, or its block is never closed."""
        name, here = found["name"], self._texts[-1]
        if name not in CONTROL:
            return None
        if here.blocks is None:
            here.blocks = _blocks(here)
        if name in ("break", "continue"):
            return self._left(here, stop=name == "break") if here.loops else found.end()
        block = here.blocks.get(found.start())
        if not block or not block.closed:
            return None if name in _BLOCKS and not found["end"] else found.end()
        if name in _LOOPS or (here.loops and here.loops[-1].block is block):
            return self._turn(here, block, found, line)
        return self._entered_at(block, found, line)

    def _entered_at(self, block: _Block, found: re.Match[str], line: int) -> int:
        """The place where a condition goes on."""
        if found["end"] or found["name"] in _BRANCHES:  # what comes before it was read: the rest is not
            return block.end
        chosen = self._chosen(block)
        if isinstance(chosen, Unknown):
            self._unsure(line, found[0], chosen)
            return block.end
        return chosen.end() if chosen else block.end

    def _chosen(self, block: _Block) -> re.Match[str] | Unknown | None:
        """The tag behind which a condition goes on."""
        subject = self._expression(block.begin["arguments"]).value() if block.begin["name"] == "case" else None
        for part in block.parts[:-1]:
            fits: bool | Unknown = part["name"] == "else"
            if part["name"] in ("if", "elsif", "unless"):
                fits = self._expression(part["arguments"]).truth()
                fits = not_(fits) if part["name"] == "unless" else fits
            elif part["name"] == "when":
                fits = self._fits(subject, part["arguments"])
            if isinstance(fits, Unknown):
                return fits
            if fits:
                return part
        return None

    def _fits(self, subject: Any, source: str) -> bool | Unknown:
        """Whether the subject of a case is one of the values behind a `when`."""
        expression = self._expression(source)
        while not expression.done:
            value = expression.plain()
            if isinstance(value, Unknown) or isinstance(subject, Unknown):
                return value if isinstance(value, Unknown) else subject
            if str(value) == str(subject):
                return True
            expression.word()  # a comma, or `or`
        return False

    def _turn(self, here: _Text, block: _Block, found: re.Match[str], line: int) -> int:
        """Begin a loop, or go on with it."""
        if found is not block.begin and found.start() != block.begin.start():
            return self._left(here) if here.loops and here.loops[-1].block is block else block.end
        name, values = self._wanted(found["arguments"])
        if isinstance(values, Unknown):
            self._unsure(line, found[0], values)
            return block.end
        if not values:
            other = next((part for part in block.parts[1:-1] if part["name"] == "else"), None)
            return other.end() if other else block.end
        before = {key: self._variables[key] for key in (name, "forloop") if key in self._variables}
        here.loops.append(_Loop(block, name, values, before))
        return self._entered(here.loops[-1])

    def _wanted(self, source: str) -> tuple[str, list[Any] | Unknown]:
        """The variable of a loop, and the values it takes."""
        expression = self._expression(source)
        name = expression.word()
        if not expression.at("in"):
            return name, []
        found = expression.plain()
        begin, end, backwards = 0, None, False
        while not expression.done:
            word = expression.word()
            if word in ("limit", "offset"):
                expression.word()
                given = expression.plain()
                if isinstance(given, Unknown):
                    return name, given
                begin, end = (int(number(given)), end) if word == "offset" else (begin, int(number(given)))
            backwards = backwards or word == "reversed"
        if isinstance(found, Unknown):
            return name, found
        values = items(found)[max(begin, 0) :]
        values = values[: max(end, 0)] if end is not None else values
        return name, values[::-1] if backwards else values

    def _entered(self, loop: _Loop) -> int:
        """The place where a turn of a loop begins."""
        count, place = len(loop.items), loop.place
        self._variables[loop.name] = loop.items[place]
        self._variables["forloop"] = {
            "index": place + 1,
            "index0": place,
            "rindex": count - place,
            "rindex0": count - place - 1,
            "length": count,
            "first": place == 0,
            "last": place == count - 1,
            "parentloop": loop.before.get("forloop"),
        }
        return loop.block.begin.end()

    def _left(self, here: _Text, *, stop: bool = False) -> int:
        """The end of a turn: the next one, or what comes behind the innermost loop."""
        loop = here.loops[-1]
        loop.place += 1
        if not stop and loop.place < len(loop.items) and self._paid(loop.block.end - loop.block.begin.end()):
            return self._entered(loop)
        self._restore(here.loops.pop())
        return loop.block.end

    def _restore(self, loop: _Loop) -> None:
        for key in (loop.name, "forloop"):
            self._variables.pop(key, None)
        self._variables.update(loop.before)


def _blocks(here: _Text) -> dict[int, _Block]:
    """The block of each tag that begins, parts or ends one, by where the tag begins; tags in code are text."""
    found: dict[int, _Block] = {}
    waiting: list[_Block] = []
    for tag in here.tokens.finditer(here.text):
        name = tag["name"]
        if tag["end"] and name in _BLOCKS:
            while waiting and waiting[-1].begin["name"] != name:
                waiting.pop()
            if waiting:
                block = found[tag.start()] = waiting.pop()
                block.parts.append(tag)
                block.closed = True
        elif name in _BLOCKS:
            waiting.append(_Block([tag]))
            found[tag.start()] = waiting[-1]
        elif name in _BRANCHES and not tag["end"] and waiting:
            waiting[-1].parts.append(tag)
            found[tag.start()] = waiting[-1]
    return found
