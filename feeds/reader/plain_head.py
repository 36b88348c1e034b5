"""Heads as nearly everybody writes them, read in a fifth of the time YAML takes.

The grammar is strict: `key: value` lines, values plain or in quotes, texts folded by `>-`, lists and tables of one
level. Whatever else there is (a comment behind a value, another escape, a tab, a key given twice …) makes the answer
None, and the YAML library reads that head. A test holds the two together.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Any

NULLS = ("", "~", "null", "Null", "NULL")

_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff]")
"""What YAML takes for the end of a line, or not at all."""

_QUOTED = r"""(?:"((?:[^"\\]|\\["\\])*)"|'([^']*)'"""
_FIRST = r"""[^\s\-?:,\[\]{}#&*!|>'"%@`]"""
_SCALAR = rf"{_QUOTED}|({_FIRST}.*))"
_KEY = re.compile(rf"( *)([A-Za-z_][A-Za-z0-9_-]*):(?: +(?:{_SCALAR}|(\[.*\])|(>-)))? *")
_ITEM = re.compile(rf"( *)- +{_SCALAR} *")
_FLOW = re.compile(rf""" *{_QUOTED}|({_FIRST}[^\[\]{{}},:#"'\\]*)) *(,|$)""")
_ESCAPED = re.compile(r"\\(.)")


class _Unusual(Exception):
    """Not for this grammar."""


def load(text: str) -> tuple[dict[str, Any], dict[str, int], set[str]] | None:
    """Keys and values, the line of each key, and the keys whose text stands in quotes; None for what is unusual.

    `text` begins behind the opening `---`, so its first line is line 1 of the file.
    """
    if _ODD.search(text):
        return None
    head = _Lines()
    try:
        for number, line in enumerate(text.split("\n"), 1):
            if head.folded is not None and head.folds(line):
                continue
            if found := _KEY.fullmatch(line):
                head.key(found, number)
            elif line and line[0] != "#":
                head.item(line)
        if head.folded is not None:
            head.unfold()
    except _Unusual:
        return None
    return (head.data, head.lines, head.quoted) if head.data else None


class _Lines:
    """A head while it is read: `outer` is the key whose list or table may follow, `inside` that list or table; `folded`
    are the lines of its folded text.
    """

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        self.quoted: set[str] = set()
        self.outer = ""
        self.inside: list[Any] | dict[str, Any] | None = None
        self.indent = 0
        self.folded: list[str] | None = None
        self._ended = False

    def folds(self, line: str) -> bool:
        """Whether a line belongs to the folded text that is open."""
        words = line.lstrip(" ")
        indent = len(line) - len(words)
        if self.folded is None or (words and not indent):
            self.unfold()
            return False
        if words:
            if self._ended or line[-1] == " " or (self.folded and indent != self.indent):
                raise _Unusual
            self.indent = indent
            self.folded.append(words)
        elif indent:
            raise _Unusual
        self._ended = not words
        return True

    def unfold(self) -> None:
        """The folded text ends."""
        if not self.folded:
            raise _Unusual
        self.data[self.outer] = " ".join(self.folded)
        self.quoted.add(self.outer)
        self.folded, self.outer = None, ""

    def item(self, line: str) -> None:
        """A line that begins with a dash."""
        found = _ITEM.fullmatch(line)
        if not found or not self.outer:
            raise _Unusual
        blanks, double, single, plain = found.groups()
        items = self._within(list, len(blanks))
        items.append(_scalar(double, single, plain, f"{self.outer}.", self.quoted))

    def key(self, found: re.Match[str], number: int) -> None:
        """A line with a key, of the head itself or of a table in it."""
        blanks, key, double, single, plain, flow, folded = found.groups()
        key = intern(key)  # the same few in every head of a blog
        if blanks:
            table, name = self._within(dict, len(blanks)), f"{self.outer}.{key}"
        else:
            table, name, self.outer, self.inside = self.data, key, "", None
        if key in table:
            raise _Unusual
        self.lines[name] = number
        if folded:
            if blanks:
                raise _Unusual
            self.outer, self.folded, self._ended = key, [], False
            table[key] = None
        elif flow:
            table[key] = _flow(flow, f"{name}.", self.quoted)
        elif double is single is plain is None:
            if blanks:
                raise _Unusual  # a table within a table may follow
            table[key], self.outer = None, key
        else:
            table[key] = _scalar(double, single, plain, name, self.quoted)

    def _within(self, kind: type, indent: int) -> Any:
        """The list or table that is open; it opens with its first line."""
        if self.inside is None and self.outer:
            self.inside = self.data[self.outer] = kind()
            self.indent = indent
        if not isinstance(self.inside, kind) or indent != self.indent:
            raise _Unusual
        return self.inside


def _scalar(double: str | None, single: str | None, plain: str | None, name: str, quoted: set[str]) -> str | None:
    if plain is None:
        quoted.add(name)
        return single if double is None else _ESCAPED.sub(r"\1", double)
    if ": " in plain or " #" in plain:
        raise _Unusual
    text = plain.rstrip(" ")
    if text.endswith(":"):
        raise _Unusual
    return None if text in NULLS else text


def _flow(text: str, name: str, quoted: set[str]) -> list[str | None]:
    """A list in brackets."""
    items: list[str | None] = []
    rest = text[1:-1].strip(" ")
    place = 0
    while place < len(rest):
        found = _FLOW.match(rest, place)
        if not found or (found[4] and found.end() == len(rest)):  # a comma at the end is for YAML
            raise _Unusual
        items.append(_scalar(found[1], found[2], found[3], name, quoted))
        place = found.end()
    return items
