"""Tables of a Markdown text, which no formula may leave: `| $1 | $2 |` is money in two cells."""

from __future__ import annotations

import re
from bisect import bisect_right

from feeds.text import expression

_ROW = expression(r"^[ \t>]*+\|[^\n]*$", re.MULTILINE)
_RULE = expression(
    r"^[ \t>]*+(?=[^\n|]*\|)\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*$", re.MULTILINE
)
_END = expression(r"\n[ \t>]*\n|\Z")
_BAR = expression(r"(?<!\\)(?:\\\\)*+\|")


class Tables:
    """Asked about places from the first to the last, since each row is looked at once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts, self._ends, self._columns = list[int](), list[int](), list[int]()
        last = 0
        for start, end, columns in sorted(self._found(), key=lambda one: (one[0], -one[1])) if "|" in text else ():
            if start >= last:
                self._starts.append(start)
                self._ends.append(last := end)
                self._columns.append(columns)
        self._row_end, self._spare = -1, 0

    def _found(self) -> list[tuple[int, int, int]]:
        """Where tables begin and end, with their columns: the line above a rule and all below it; and single lines that
        begin with a bar, whose columns nobody knows.
        """
        text, found, last = self._text, list[tuple[int, int, int]](), 0
        for rule in _RULE.finditer(text):
            start = text.rfind("\n", 0, max(rule.start() - 1, 0)) + 1
            if start >= last and "|" in text[start : rule.start()] and (end := _END.search(text, rule.end())):
                last = end.start()
                found.append((start, last, _cells(rule[0])))
        return found + [(*row.span(), 0) for row in _ROW.finditer(text)]

    def crossed(self, start: int, end: int) -> bool:
        """Whether a formula would leave its cell. A bar is its own if the row has more of them than it needs, as in
        `| $P(a|b)$ | 2 |`.
        """
        table = bisect_right(self._starts, start) - 1
        if table < 0 or start >= self._ends[table]:
            return False
        inner = self._text[start:end]
        bars = len(_BAR.findall(inner))
        if "\n" in inner or not bars:
            return "\n" in inner
        if start >= self._row_end:
            row_start = self._text.rfind("\n", 0, start) + 1
            row_end = self._text.find("\n", start)
            self._row_end = len(self._text) if row_end < 0 else row_end
            columns = self._columns[table]
            self._spare = _cells(self._text[row_start : self._row_end]) - columns if columns else 0
        if bars > self._spare:
            return True
        self._spare -= bars
        return False


def _cells(row: str) -> int:
    row = row.strip(" \t>")
    return len(_BAR.findall(row)) + 1 - row.startswith("|") - (row.endswith("|") and not row.endswith("\\|"))
