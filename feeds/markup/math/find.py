r"""Formulas: found before Markdown is parsed, so that `_`, `*` and `\\` in them survive.

Formulas follow Pandoc's rule: `$` has no space inside it and no digit after it, so `$5 and $6` stays money;
`$$` is display math if it has its lines to itself and inline math within a line (as in kramdown), and
`P@$$w0rd` stays a password. Code is never searched.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from feeds.reader.code import FENCE, FLAGS, SPAN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BEGINS = r"`|\$|\\[\\$`]|<!--|https?://|\n[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?:`{3}|~{3}|\$\$)"
"""Where a token may begin, at the sign or after the line break. Each alternative begins with a different letter, so
that `re` runs through the rest of a text without trying anything.
"""
_TOKENS = rf"""
    {FENCE}
  | {SPAN}
  | (?P<url>https?://[\x00-\x08\x0e-\x1b!#-&*-;=?-Z\\^-\x7f]+)
  | (?P<comment><!--.*?(?:-->|\Z))
  | \\[\\$`]
  | ^[ \t>]*\$\$(?!\$)(?P<block>(?:[^$\\\n]|\\.|\n(?![ \t>]*\n)|\$(?!\$))+?)\$\$(?!\$)[ \t]*$
  | (?<![A-Za-z0-9@\\$])\$\$(?![\s$])(?P<display>(?:[^$\n`]|\n(?!\s*\n))+?)(?<!\s)\$\$(?![0-9A-Za-z$])
  | (?<![A-Za-z0-9\\$])\$(?![\s$])(?P<inline>(?:\\.|[^$\\`\n]|\n(?!\s*\n))+?)(?<!\s)\$(?![0-9$])
"""
_LITERAL = r"pre[\s>].*?(?:</pre>|\Z)|code[\s>].*?(?:</code>|\Z)|!--.*?(?:-->|\Z)|[^<>]*+>"
"""After a `<`: code, a comment, a tag."""


@dataclass(frozen=True, slots=True)
class Formula:
    """LaTeX without its dollars, whether it is a display formula, its source as written, and its line in the text."""

    tex: str
    display: bool
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Protected:
    """A Markdown text whose formulas are replaced by `mark`, number, `mark`; `mark` occurs nowhere else in it."""

    text: str
    mark: str
    formulas: tuple[Formula, ...]

    def restore(self, rendered: str, show: Callable[[Formula], str]) -> str:
        """The HTML with each formula shown by `show`; inside code and tags it stays as it was written."""
        return "".join(self.restored(rendered, show)) if self.formulas else rendered

    def restored(self, rendered: str, show: Callable[[Formula], str] | None) -> Iterator[str]:
        """`restore` piece by piece: if the caller stops after the first paragraph, no other formula is shown.

        Without `show`, formulas outside code and tags remain marks.
        """
        if not self.formulas:
            yield rendered
            return
        mark, place = self.mark, 0
        for found in re.finditer(rf"<({_LITERAL})|{self._numbered}", rendered, flags=re.DOTALL | re.IGNORECASE):
            if found[2] and show:
                yield rendered[place : found.start()]
                yield show(self.formulas[int(found[2])])
                place = found.end()
            elif not found[2] and mark in found[1]:  # inside a tag, a comment or code: not a formula after all
                yield rendered[place : found.start()]
                yield self._written(found[0])
                place = found.end()
        yield rendered[place:]

    def put_into(self, safe: str, show: Callable[[Formula], str]) -> str:
        """HTML from a cleaner, with formulas in place of the marks left in its text; what `show` returns is safe."""
        if not self.formulas:
            return safe

        def put(found: re.Match[str]) -> str:
            return show(self.formulas[int(found[1])]) if found[1] else self._written(found[0])

        return re.sub(rf'{self._numbered}|<[^<>"]*+(?:"[^"]*"[^<>"]*+)*+>', put, safe)

    @property
    def _numbered(self) -> str:
        return rf"{self.mark}(\d+){self.mark}"

    def _written(self, part: str) -> str:
        """A part of HTML with its formulas as they were written."""
        if self.mark not in part:
            return part
        return re.sub(self._numbered, lambda found: html.escape(self.formulas[int(found[1])].source), part)


def protect(text: str) -> Protected:  # scanner
    """Find the formulas of a Markdown text and put marks in their place."""
    if "$" not in text:
        return Protected(text, "", ())
    mark = next(char for char in map(chr, range(0xE000, 0xF8FF)) if char not in text)
    formulas: list[Formula] = []
    parts: list[str] = []
    place = line = 0
    for found in _tokens(text):
        kind = found.lastgroup if found.lastgroup in ("block", "display", "inline") else None
        if not kind:
            continue
        opening = text.index("$", found.start())
        line += text.count("\n", place, opening)
        parts.append(f"{text[place:opening]}{mark}{len(formulas)}{mark}")
        formulas.append(Formula(_tex(found[kind]), kind == "block", text[opening : found.end()], line + 1))
        line += text.count("\n", opening, found.end())
        place = found.end()
    parts.append(text[place:])
    return Protected("".join(parts), mark, tuple(formulas))


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """Formulas and what hides them, in order. No token ends after a line break, so none is skipped."""
    tokens, begins = _patterns()
    found, place = tokens.match(text), 0
    while True:
        if found:
            yield found
            place = found.end()
        begin = begins.search(text, place)
        if not begin:
            return
        place = begin.start() + 1
        found = tokens.match(text, place if begin[0][0] == "\n" else begin.start())


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compiled once a text has a dollar sign."""
    return re.compile(_TOKENS, FLAGS), re.compile(_BEGINS)


def _tex(written: str) -> str:
    tex = re.sub(r"\n[ \t>]*", "\n", written).strip()
    if wrapped := re.fullmatch(r"\\[(\[](.*)\\[)\]]", tex, re.DOTALL):  # `$\(x\)$` is delimited twice
        tex = wrapped[1].strip()
    if re.search(r"\\\*|\\_\{|\\{4}", tex):  # written so as to survive a generator that parses Markdown first
        tex = re.sub(r"\\([*_])", r"\1", tex).replace(r"\\\\", r"\\")
    return tex
