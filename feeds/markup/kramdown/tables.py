"""Tables as kramdown finds them: any lines with bars, with a head or without, and separators where the author likes."""

from __future__ import annotations

import re

from feeds.markup.kramdown.nodes import Node
from feeds.markup.kramdown.patterns import ATTRIBUTES, BLANK, END_OF_BLOCK, TABLE_LINE
from feeds.text import expression

_SEPARATOR = expression(r"[+|: \t]*+-[+|: \t-]*+\n")
_FOOT = expression(r"[+|: \t]*+=[+|: \t=]*+\n")
_END = expression(END_OF_BLOCK)
_CODE = r"(?<![`\\])(?P<ticks>`++)(?:(?!(?P=ticks))[^\n]|\n){1,4000}?(?P=ticks)"
_LITERAL = expression(rf"{_CODE}|<code[^<>\n]{{0,200}}>.{{0,1000}}?</code>|\\\|", re.IGNORECASE)
_HIDDEN = expression(rf"{_CODE}|<(?:[A-Za-z_/][^<>\n]*+|!--[^\n]*?--)>")


def table(source: str, place: int) -> tuple[Node | None, int]:
    """The table that begins at a place, if its lines are one up to a blank line."""
    lines, end = list[str](), place
    while found := TABLE_LINE.match(source, end):
        lines.append(found[0])
        end = found.end()
    if end < len(source) and not any(one.match(source, end) for one in (BLANK, _END, ATTRIBUTES)):
        return None, place
    if any("|" not in line.replace("\\|", "") for line in _HIDDEN.sub("", "".join(lines)).split("\n")[:-1]):
        return None, place  # a bar in code is no bar
    leads = lines[0].lstrip().startswith("|")
    groups: list[tuple[str, list[list[str]]]] = []
    rows: list[list[str]] = []
    headed = footed = False
    for number, line in enumerate(lines):
        if _SEPARATOR.match(line):
            if number and rows and not headed and not footed:
                groups, rows, headed = [("th", rows)], [], True
        elif _FOOT.match(line):
            groups, rows, footed = [*groups, ("td", rows)], [], True
        else:
            rows.append(_cells(line.rstrip(), leads=leads))
    groups.append(("td", rows))
    if not any(found for kind, found in groups if kind == "td"):
        return None, place
    width = max(len(row) for _, found in groups for row in found)
    made = [Node("thead" if kind == "th" else "tbody", children=_rows(kind, found, width)) for kind, found in groups]
    return Node("table", children=[group for group in made if group.children]), end


def _rows(kind: str, found: list[list[str]], width: int) -> list[Node]:
    return [
        Node("tr", children=[Node(kind, words=cell) for cell in [*row, *[""] * (width - len(row))]]) for row in found
    ]


def _cells(line: str, *, leads: bool) -> list[str]:
    """The cells of a row; bars in code and escaped ones are text."""
    parts = [""]
    place = 0
    for found in _LITERAL.finditer(line):
        first, *more = line[place : found.start()].split("|")
        parts[-1] += first
        parts += more
        parts[-1] += "|" if found[0] == "\\|" else found[0]
        place = found.end()
    first, *more = line[place:].split("|")
    parts[-1] += first
    parts += more
    cells = [part.strip() for part in parts]
    if leads and not cells[0]:
        del cells[0]
    return cells[:-1] if cells and not cells[-1] else cells
