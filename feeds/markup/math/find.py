r"""Formulas: found before Markdown is parsed, so that `_`, `*` and `\\` in them survive.

What is a formula is the blog's own business (`Syntax`): `$$x$$` anywhere to kramdown, what the passthrough extension
lists to Hugo, `\\(x\\)` where Markdown takes a backslash before MathJax comes. Single dollars follow Pandoc's rule (no
space inside, no digit after), so `$5 and $6` stays money, and what they hold must look like a formula
(`plausible.py`). Code is never searched, and no formula leaves its cell of a table.
"""

from __future__ import annotations

import html
import re
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from feeds.markup.math import Refused
from feeds.markup.math.escapes import escaped, unescaped
from feeds.markup.math.macros import Macros, expand, may_define
from feeds.markup.math.plausible import plausible, prose, unmistakable
from feeds.markup.math.tables import Tables
from feeds.reader.code import FENCE, FLAGS, SPAN
from feeds.records import record
from feeds.rendered import COMMONMARK
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feeds.rendered import Syntax

_PREFIX = r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?"
_LINE = r"\n(?![ \t>]*\n)"
"""A line break that does not end the paragraph."""
_ENVIRONMENT = r"(?:equation|align|alignat|gather|multline|eqnarray|flalign|displaymath|math)\*?"
_DEFINE = r"\\(?:(?:re)?newcommand|providecommand|g?def|DeclareMathOperator)(?![A-Za-z])"
_BEGINS = rf"`|\$|\\[\\$`(\[]|<!--|https?://|\n{_PREFIX}(?:`{{3}}|~{{3}}|\$\$|\\begin|{_DEFINE})"
"""Where a token may begin, at the sign or after the line break. Each alternative begins with a different letter, so
that `re` runs through the rest of a text without trying anything.
"""
_COMMENT = r"(?P<comment><!--.*?(?:-->|\Z))"
_HIDING = rf"""
    {FENCE}
  | (?P<framed>\$\$`(?P<framed_tex>(?:[^`\n]|{_LINE})++)`\$\$)
  | (?P<ticked>\$`(?P<ticked_tex>(?:[^`\n]|{_LINE})++)`\$)
  | {SPAN}
  | (?P<url>https?://[\x00-\x08\x0e-\x1b!#-&*-;=?-Z\\^-\x7f]+)
  | {_COMMENT}
"""
_LINES = rf"""
    ^{_PREFIX}(?P<block>\$\$(?!\$)(?P<block_tex>(?:[^$\\\n]++|\\.|{_LINE}|\$(?!\$))++)\$\$(?!\$)[ \t]*$)
  | ^[ \t>]*(?P<rows>(?P<rows_tex>\\begin\{{(?P<name>{_ENVIRONMENT})\}}
      (?:[^\\\n]++|{_LINE}|\\(?!(?:begin|end)\{{(?P=name)\}}))*+\\end\{{(?P=name)\}}))
  | ^[ ]{{0,3}}(?P<definitions>(?P<definitions_tex>{_DEFINE}[^\n]+(?:\n(?![ \t>]*\n|[ ]{{0,3}}<)[^\n]+)*))
"""
_KRAMDOWN = rf"""
    ^[ ]{{0,3}}(?P<apart>\$\$[ \t]*\n(?P<apart_tex>(?:[^$\n]++|\$(?!\$)|\n(?![ ]{{0,3}}\$\$))++)\n[ ]{{0,3}}\$\$[ \t]*$)
  | (?P<anywhere>\$\$(?P<anywhere_tex>(?:[^$\n]++|\$(?!\$)|{_LINE})++)\$\$)
"""
_DOUBLE = (
    rf"(?<![A-Za-z0-9@\\$])(?P<double>\$\$(?!\$)(?P<double_tex>(?:\\.|[^$\\\n`]++|{_LINE})++)\$\$(?![0-9A-Za-z$]))"
)
_TEXT = r"\\(?:text[a-z]*+|[mh]box)\{(?:[^{}$\\\n`]*+\$[^{}$\n`]++\$)++[^{}$\\\n`]*+\}"
"""Words with formulas of their own: their dollars do not end the formula around them."""
_SINGLE = rf"(?<![\\$])(?P<single>\$(?!\$)(?P<single_tex>(?:{_TEXT}|\\.|[^$\\`\n]++|{_LINE})++)\$(?![0-9$]))"
_BRACKETS = rf"""
    (?P<round>\\\\\((?P<round_tex>(?:[^\\\n]++|{_LINE}|\\(?!\\[()]))++)\\\\\))
  | (?P<square>\\\\\[(?P<square_tex>(?:[^\\\n]++|{_LINE}|\\(?!\\[\[\]]))++)\\\\\])
"""
_OF_HTML = ((r"\(", r"\)", False), (r"\[", r"\]", True))
"""What MathJax looks for by itself."""
_WITHOUT_DOLLARS = expression(r"\\(?:\\[(\[]|begin|[a-z]*command|g?def|Declare)")
_REST = rf"\\[\\$`]|{_DOUBLE}|{_SINGLE}"
_BLOCKS = frozenset(("block", "rows", "apart", "definitions"))
"""What has its lines to itself."""
_TICKED = frozenset(("ticked", "framed"))
"""What GitHub reads, and what tags of a generator become: a dollar, a backtick."""
_CERTAIN = _BLOCKS | _TICKED | {"anywhere"}
"""What cannot be anything else."""
_LITERAL = r"pre[\s>].*?(?:</pre>|\Z)|code[\s>].*?(?:</code>|\Z)|!--.*?(?:-->|\Z)|[^<>]*+>"
"""After a `<`: code, a comment, a tag."""
_BLANK_EDGE = re.compile(r"\A[ \t]*+\n|\n[ \t>]*+\Z"), re.compile(r"\A\s|\s\Z")
"""What single dollars may not have inside: to MathJax anything but a line break, which is Markdown's or a prompt's; to
Pandoc no blank either.
"""
_WRAPPED = expression(r"\\?\\[(\[](.*?)\\?\\[)\]]", re.DOTALL)
r"""`$\(x\)$` is delimited twice."""
_MOST_NAMES = 200
"""Commands of a text that are known when it is asked what is a formula."""


@record()
class Formula:
    """LaTeX without its dollars, whether it is a display formula, its source as written, and its line in the text.

    The commands of its post are put in, and its definitions are taken out; `refused` says why that was not possible.
    """

    tex: str
    display: bool
    source: str
    line: int
    refused: str = ""


@record()
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

    def without_definitions(self, html: str) -> str:
        """HTML from Markdown without the marks of formulas that show nothing, and without paragraphs of these alone."""
        nothing = {number for number, formula in enumerate(self.formulas) if not formula.tex}
        if not nothing:
            return html

        def kept(found: re.Match[str]) -> str:
            return "" if found[2] and int(found[2]) in nothing else found[0]

        html = re.sub(rf"<({_LITERAL})|{self._numbered}", kept, html, flags=re.DOTALL | re.IGNORECASE)
        return re.sub(r"<p>\s*</p>\n?", "", html)

    @property
    def _numbered(self) -> str:
        return rf"{self.mark}(\d+){self.mark}"

    def _written(self, part: str) -> str:
        """A part of HTML with its formulas as they were written."""
        if self.mark not in part:
            return part
        return re.sub(self._numbered, lambda found: html.escape(self.formulas[int(found[1])].source), part)


class _Found(NamedTuple):
    """A formula as it is written: where it begins and ends, how it is delimited, what is between its delimiters."""

    start: int
    end: int
    kind: str
    written: str


def protect(text: str, syntax: Syntax = COMMONMARK) -> Protected:  # scanner
    """Find the formulas of a Markdown text and put marks in their place."""
    found = [*_Finder(text, syntax).run()] if _may_hold_one(text, syntax) else []
    if not found:
        return Protected(text, "", ())
    mark = next(char for char in map(chr, range(0xE000, 0xF8FF)) if char not in text)
    escapes = any(escaped(one.written) for one in found if _markdown_first(one.kind, syntax))
    defines = may_define(text)
    macros, formulas, parts = Macros(), list[Formula](), list[str]()
    place = line = 0
    for one in found:
        tex = _tex(one.written)
        tex = unescaped(tex) if escapes and _markdown_first(one.kind, syntax) else tex
        refused = ""
        try:
            tex = expand(tex, macros) if defines else tex
        except Refused as reason:
            refused = str(reason)
        if one.kind == "definitions" and (tex or refused):  # there are other words among them
            continue
        line += text.count("\n", place, one.start)
        parts.append(f"{text[place : one.start]}{mark}{len(formulas)}{mark}")
        source = text[one.start : one.end]
        formulas.append(Formula(tex, _is_display(one.kind, syntax), source, line + 1, refused))
        line += source.count("\n")
        place = one.end
    parts.append(text[place:])
    return Protected("".join(parts), mark, tuple(formulas))


def _may_hold_one(text: str, syntax: Syntax) -> bool:
    if "$" in text or ("\\" in text and _WITHOUT_DOLLARS.search(text)):
        return True
    return any(begin in text for begin, _, _ in (_OF_HTML if syntax.flavor == "html" else syntax.passthrough))


def _markdown_first(kind: str, syntax: Syntax) -> bool:
    """Whether Markdown gets hold of a formula before MathJax does, so that its author had to escape things in it."""
    if kind in ("round", "square"):
        return True
    kramdown = syntax.flavor == "kramdown" and kind in ("block", "apart", "anywhere")
    return not (syntax.passthrough or syntax.flavor == "html" or kramdown or kind in _TICKED)


def _is_display(kind: str, syntax: Syntax) -> bool:
    if kind == "double":  # in a line: Pandoc and kramdown leave it there, MathJax does not
        return syntax.flavor in ("marked", "goldmark", "html")
    return kind in _BLOCKS or kind in ("square", "framed") or kind.startswith("display")


class _Finder:
    """Goes through a text once, from one place where a token may begin to the next."""

    def __init__(self, text: str, syntax: Syntax) -> None:
        self._text, self._syntax = text, syntax

    def run(self) -> Iterator[_Found]:
        """The formulas, in order. No token ends after a line break, so none is skipped."""
        text, (tokens, begins) = self._text, _patterns(self._syntax)
        groups = tokens.groupindex
        token, place = tokens.match(text), 0
        while True:
            if token:
                place = token.end()
                kind = token.lastgroup or ""
                if f"{kind}_tex" in groups:
                    found = _Found(token.start(kind), token.end(), kind, token[f"{kind}_tex"])
                    if self._accepts(found):
                        yield found
                    else:
                        place = found.start + 1
            begin = begins.search(text, place)
            if not begin:
                return
            place = begin.start() + 1
            token = tokens.match(text, place if begin[0][0] == "\n" else begin.start())

    def _accepts(self, found: _Found) -> bool:
        start, end, kind, written = found
        if not written.strip(" \t\n>"):
            return False
        if kind not in _BLOCKS and ("|" in written or "\n" in written) and self._tables.crossed(start, end):
            return False
        if kind in _CERTAIN or kind.startswith(("display", "inline")):
            return kind != "anywhere" or not prose(written)
        if kind == "single" and _BLANK_EDGE[self._syntax.flavor == "commonmark"].search(written):
            return False
        before, after = self._text[max(start - 1, 0) : start], self._text[end : end + 8]
        known = self._defined.sub(r"\\known", html.unescape(written)) if self._defined else html.unescape(written)
        return plausible(known, before, after, sure=kind != "single" or self._listed or self._sure)

    @cached_property
    def _tables(self) -> Tables:
        return Tables(self._text)

    @cached_property
    def _listed(self) -> bool:
        """Whether the blog itself says that single dollars are for formulas."""
        return any(begin == "$" for begin, _, _ in self._syntax.passthrough)

    @cached_property
    def _defined(self) -> re.Pattern[str] | None:
        """Commands that the text defines, as an expression."""
        names = dict.fromkeys(re.findall(r"\\[A-Za-z]*(?:command|def|let|Operator)\*?\s*+\{?\\([A-Za-z]+)", self._text))
        return re.compile(rf"\\(?:{'|'.join([*names][:_MOST_NAMES])})(?![A-Za-z])") if names else None

    @cached_property
    def _sure(self) -> bool:
        """Whether the text has a formula that cannot be anything else."""
        return any(unmistakable(found[1]) for found in re.finditer(r"\$([^$\n]+)(?=\$)", self._text))


@cache
def _patterns(syntax: Syntax) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Tokens and their beginnings, compiled once a text may have a formula."""
    if syntax.flavor == "commonmark":
        return re.compile(rf"{_HIDING}|{_LINES}|{_REST}", FLAGS), re.compile(_BEGINS)
    if syntax.flavor == "kramdown":
        return re.compile(rf"{_HIDING}|{_LINES}|{_KRAMDOWN}|{_BRACKETS}|{_REST}", FLAGS), re.compile(_BEGINS)
    html = syntax.flavor == "html"
    pairs = _OF_HTML if html else syntax.passthrough
    own = [(number, *pair) for number, pair in enumerate(pairs) if pair[0] not in ("$", "$$")]
    listed = "".join(f"{_between(number, begin, end, display)}|" for number, begin, end, display in own)
    if html:  # where a backtick is a backtick
        return re.compile(rf"{_COMMENT}|{_LINES}|{listed}{_DOUBLE}|{_SINGLE}", FLAGS), re.compile(_BEGINS)
    signs = "".join(f"|{re.escape(begin)}" for _, begin, _, _ in own)
    return re.compile(rf"{_HIDING}|{_LINES}|{listed}{_BRACKETS}|{_REST}", FLAGS), re.compile(rf"{_BEGINS}{signs}")


def _between(number: int, begin: str, end: str, display: bool) -> str:
    """What stands between two delimiters of the blog's own, in one paragraph."""
    name, begin, end = f"{'display' if display else 'inline'}{number}", re.escape(begin), re.escape(end)
    return rf"(?<!\\)(?P<{name}>{begin}(?P<{name}_tex>(?:(?!{begin}|{end}|\n[ \t>]*\n).)+?){end})"


def _tex(written: str) -> str:
    tex = (re.sub(r"\n[ \t>]*", "\n", written) if "\n" in written else written).strip()
    if tex.startswith("\\") and (wrapped := _WRAPPED.fullmatch(tex)) and wrapped[1].strip():
        tex = wrapped[1].strip()
    tex = tex.removeprefix("latex ")  # as WordPress wants it
    return html.unescape(tex) if "&" in tex and ";" in tex else tex
