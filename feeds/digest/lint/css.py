"""CSS as the checks need it: rules and declarations, read by tinycss2, whatever the text is."""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import tinycss2

from feeds.records import record
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RULES = ("qualified-rule", "at-rule")
_LONG_NUMBER = expression(r"(\d{300})\d+")
"""Python refuses numbers of over 4,300 digits; of one of 300, no more is left to be said."""

_DEPTH = 8  # blocks inside blocks; nobody writes more, and hostile text could


@record()
class Declaration:
    """`name` is in lower case; `value` is as written, without `!important`, and `tokens` are its parts."""

    name: str
    value: str
    important: bool
    tokens: tuple[Any, ...] = field(compare=False, repr=False)


@record()
class Rule:
    """A rule. For an at-rule, `prelude` is everything before its block, and there are no selectors.

    `around` are the preludes of the rules around it, outermost first.
    """

    prelude: str
    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    around: tuple[str, ...]

    @property
    def at_rules(self) -> str:
        """The at-rules it depends on, in lower case."""
        return " ".join(outer for outer in self.around if outer.startswith("@")).lower()


def rules(text: str) -> tuple[Rule, ...]:
    """The rules of a style sheet, each before those inside it."""
    return tuple(_rules(_nodes(text), ()))


def apart(text: str) -> list[str]:
    """The outermost rules of a style sheet, each as it is written, on one line."""
    return [said for node in _nodes(text) if node.type in _RULES and (said := _text([node]))]


@lru_cache(maxsize=4096)
def declarations(text: str) -> tuple[Declaration, ...]:
    """The declarations of a style attribute."""
    short = _LONG_NUMBER.sub(r"\1", text)
    return tuple(_declarations(tinycss2.parse_blocks_contents(short, skip_comments=True, skip_whitespace=True)))


def nested(parts: Iterable[Any]) -> Iterator[Any]:
    """Tokens, and those inside their brackets."""
    left = [*parts]
    while left:
        token = left.pop()
        left += getattr(token, "arguments", None) or getattr(token, "content", None) or ()
        yield token


def addresses(said: Declaration) -> Iterator[str]:
    """What a declaration makes a client fetch."""
    for token in nested(said.tokens):
        if token.type == "url":
            yield token.value
        elif token.type == "function" and token.lower_name == "url":
            yield from (part.value for part in token.arguments if part.type == "string")


def _nodes(text: str) -> Iterable[Any]:
    short = _LONG_NUMBER.sub(r"\1", text)
    nodes: Iterable[Any] = tinycss2.parse_stylesheet(short, skip_comments=True, skip_whitespace=True)
    return nodes


def _rules(nodes: Iterable[Any], around: tuple[str, ...]) -> Iterator[Rule]:
    for node in nodes:
        if node.type not in _RULES:
            continue
        inner = tinycss2.parse_blocks_contents(node.content or (), skip_comments=True, skip_whitespace=True)
        is_at = node.type == "at-rule"
        prelude = (f"@{node.lower_at_keyword} " if is_at else "") + _text(node.prelude)
        yield Rule(prelude, () if is_at else _selectors(node.prelude), tuple(_declarations(inner)), around)
        if len(around) < _DEPTH:
            yield from _rules(inner, (*around, prelude))


def _selectors(prelude: Iterable[Any]) -> tuple[str, ...]:
    parts: list[list[Any]] = [[]]
    for part in prelude:
        if part == ",":
            parts.append([])
        else:
            parts[-1].append(part)
    return tuple(_text(part) for part in parts)


def _declarations(nodes: Iterable[Any]) -> Iterator[Declaration]:
    for node in nodes:
        if node.type == "declaration" and (value := _text(node.value)):
            yield Declaration(node.lower_name, value, node.important, _parts(node.value))


def _parts(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(token for token in found if token.type != "whitespace")


def _text(found: Iterable[Any]) -> str:
    """The text with single spaces; "" if it is nested too deeply to be serious."""
    try:
        return " ".join(tinycss2.serialize(found).split())
    except RecursionError:
        return ""
