r"""Reads LaTeX once from left to right and writes it as math-core knows it.

The tables of `rewrites.py` say what is written for a command; a method here does where that depends on what follows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.markup.math.depth import ARGUMENTS, DEEPEST, OPTIONAL
from feeds.markup.math.rewrites import (
    ACCENTS,
    APART,
    ARRAYS,
    COLUMNS,
    DISPLAYED,
    ENVIRONMENTS,
    GREEK,
    LOWER_GREEK,
    RENAMED,
    RULED,
    SHOWN,
    SIDES,
    TEXT,
    TEXT_SWITCHES,
    WORDS,
    columns_of,
    in_text,
    text_of,
)
from feeds.markup.math.words import word
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = expression(r"\\(?:(?:operatorname|tag|[hv]space)\*|[A-Za-z]+|.)?|%[^\n]*\n?|\s+|.", re.DOTALL)
_LENGTH = expression(r"[-+]?[\d.]*\s*(?:[a-z]{2}|\\[a-z]+)")
_BRACKETS = {"<": r"\langle ", ">": r"\rangle ", r"\lt": r"\langle ", r"\gt": r"\rangle "}
_LIMITS = (r"\limits", r"\nolimits", r"\displaylimits")
_TAKES = {name: count for name, count in ARGUMENTS.items() if name not in APART}
"""Commands that make one sign of their arguments, which may have limits."""
_MATH = {"$": "$", r"\(": r"\)"}
_ROW = r"\\ "
_BREAK = "\ufdd0"
"""A row that ends outside of every environment. No formula holds this character."""


def rewritten(tex: str, *, display: bool) -> str:  # scanner
    """LaTeX for math-core. Raises `UnreadableError`."""
    made = Rewriter(_TOKEN.findall(tex), display=display, top=True).all().strip(f"{_BREAK} ")
    if _BREAK in made and display:
        return rf"\begin{{gathered}}{made.replace(_BREAK, _ROW)}\end{{gathered}}"
    return made.replace(_BREAK, " ")


class UnreadableError(Exception):
    """A group, an environment or a formula within a text has no end, or they nest too deep: says why."""


class Rewriter:
    """The tokens of a formula, and where the reading is."""

    def __init__(self, tokens: list[str], *, display: bool, top: bool = False, level: int = 0) -> None:
        self.tokens = tokens
        self.at = 0
        self.level = level
        """How many signs are read within each other: each takes up to six calls, and Python has a thousand."""
        self.display = display
        """Whether limits stand below and above: in formulas of their own, but not in their fractions and scripts."""
        self.row = _BREAK if top else " "
        r"""What `\\` becomes here."""
        self.ruled = False
        """Whether rows may have lines between them."""
        self.roman = self.bold = False
        self.out: list[str] = []
        self.base = 0
        """Where in `out` the last sign begins."""
        self.limits = ""
        r"""How that sign takes limits: "" by itself, "group" if asked to, "large" as sums do, "brace" as scripts."""

    def inner(self, tokens: list[str], *, display: bool = False) -> Rewriter:
        """A reading of other tokens within this one."""
        return Rewriter(tokens, display=display, level=self.level)

    def all(self) -> str:
        """What is written for all of the tokens."""
        return "".join(self.sequence(""))

    def sequence(self, end: str) -> list[str]:
        """What is written for the tokens up to `end`, which is read too."""
        kept = self.out, self.base, self.limits, self.roman, self.bold
        self.out, self.base, self.limits = [], 0, ""
        while self.at < len(self.tokens):
            part = self.take()
            if part == end:
                break
            self.read(part)
        else:
            if end:
                raise UnreadableError(f"a `{end}` is missing")
        made = self.out
        self.out, self.base, self.limits, self.roman, self.bold = kept
        return made

    def read(self, part: str) -> None:
        """A token, with what belongs to it."""
        if part.isspace() or part[0] == "%":
            self.out.append(" ")
        elif part in _LIMITS:
            self.move_limits(part)
        elif part in ("_", "^"):
            if self.limits == "large" and self.display:
                self.at -= 1
                self.under_and_over()
            else:
                script = self.argument()
                self.out.append(part if script is None else f"{part}{{{script}}}")
        else:
            self.base, self.limits = len(self.out), ""
            self.out.append(self.sign(part))

    def sign(self, part: str) -> str:
        """What is written for a token that is no script, with its arguments."""
        self.level += 1
        if self.level > DEEPEST:
            raise UnreadableError(f"it is nested deeper than {DEEPEST} levels")
        made = self._sign(part)
        self.level -= 1
        return made

    def _sign(self, part: str) -> str:  # noqa: PLR0911  # a table each
        if part == "{":
            self.limits = "group"
            return f"{{{self.group()}}}"
        if part[0] != "\\":
            return GREEK.get(part) or (rf"\mathbf{{{part}}}" if self.bold and part.isdigit() else part)
        if method := _METHODS.get(part):
            return method(self, part)
        if new := RENAMED.get(part) or ACCENTS.get(part):
            return self.sign(new)
        if part in WORDS:
            return self.inner(_TOKEN.findall(WORDS[part]), display=self.display).all()
        if part in SHOWN:
            return self.shown(*SHOWN[part])
        if part in _TAKES:
            return self.command(part)
        if self.roman and part in LOWER_GREEK:
            return rf"\mathit{{{part}}}"
        return f"{part} " if self.tokens[self.at : self.at + 1] == ["*"] else part

    def take(self) -> str:
        """The next token."""
        self.at += 1
        return self.tokens[self.at - 1]

    def next(self) -> str:
        """The next token that is not a space, which is not taken; "" at the end."""
        while self.at < len(self.tokens) and (self.tokens[self.at].isspace() or self.tokens[self.at][0] == "%"):
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def group(self) -> str:
        """What stands in braces, the first of which was read."""
        return "".join(self.within("}", row=" "))

    def within(self, end: str, *, row: str, ruled: bool = False) -> list[str]:
        r"""What is written up to `end`, where `\\` becomes `row`."""
        kept = self.row, self.ruled, self.display
        self.row, self.ruled = row, ruled
        made = self.sequence(end)
        self.row, self.ruled, self.display = kept
        return made

    def argument(self, *, smaller: bool = True) -> str | None:
        """What is written for the next argument, without its braces; None if there is none."""
        part = self.next()
        if part in ("", "}", "&", "_", "^", r"\end", r"\right", *_LIMITS):
            return None
        self.at += 1
        kept = self.display, self.row
        self.display, self.row = self.display and not smaller, " "
        made = self.group() if part == "{" else self.sign(part)
        self.display, self.row = kept
        return made

    def raw(self) -> list[str]:
        """The tokens of the next argument, without its braces."""
        if self.next() in ("", "}", "&"):
            return []
        start, depth = self.at, 0
        while self.at < len(self.tokens):
            part = self.take()
            depth += (part == "{") - (part == "}")
            if depth <= 0:
                break
        else:
            raise UnreadableError("a `}` is missing")
        read = self.tokens[start : self.at]
        return read[1:-1] if read[0] == "{" and read[-1] == "}" else read

    def optional(self) -> str | None:
        """What stands in square brackets, if they follow."""
        if self.next() != "[":
            return None
        self.at += 1
        return "".join(self.within("]", row=" "))

    def move_limits(self, part: str) -> None:
        r"""`\limits` and its like, behind a sign that math-core does not take them for."""
        if not self.limits:
            self.out.append(part)
        elif part == r"\limits" and self.limits != "brace":
            self.under_and_over()
        elif part == r"\nolimits":
            self.limits = "group"

    def under_and_over(self) -> None:
        """The scripts of the last sign as its limits."""
        made = "".join(self.out[self.base :])
        while (script := self.next()) in ("_", "^"):
            self.at += 1
            made = rf"\{'under' if script == '_' else 'over'}set{{{self.argument() or ''}}}{{{made}}}"
        self.out[self.base :] = [made]

    def word(self, part: str) -> str:
        r"""`\operatorname` and `\mathop`: a word if it is one, with limits as the word has them."""
        raw = self.raw()
        star = part != r"\operatorname"
        if (made := word(raw, "ITALIC" if part == r"\mathop" else "")) is not None:
            return rf"\operatorname{'*' if star else ''}{{{made}}}"
        inner = self.inner(raw, display=self.display).all()
        self.limits = "large" if star else "group"
        return rf"\mathop{{{inner}}}" if part == r"\mathop" else rf"\mathop{{\mathrm{{{inner}}}}}"

    def command(self, part: str) -> str:
        """A command with all its arguments in braces."""
        kept = self.roman, self.bold
        self.roman = part == r"\mathrm" or (self.roman and not part.startswith(r"\math"))
        self.bold = self.bold or part in (r"\boldsymbol", r"\bm")
        made = [part]
        if part in OPTIONAL and (inner := self.optional()) is not None:
            made.append(f"[{inner}]")
        for _ in range(_TAKES[part]):
            if (argument := self.argument()) is None:
                break
            made.append(f"{{{argument}}}")
        self.roman, self.bold = kept
        self.limits = "brace" if part.startswith((r"\underb", r"\overb")) else "group"
        return "".join(made) if len(made) > 1 else f"{part} "

    def shown(self, count: int, shown: int) -> str:
        """The one of so many arguments that is shown."""
        made = ""
        if count:
            self.optional()
        for place in range(1, count + 1):
            if place == shown:
                made = f"{{{self.argument(smaller=False) or ''}}}"
            else:
                self.raw()
        self.limits = "group"
        return made

    def text(self, part: str) -> str:
        r"""`\text` and its like; formulas in it stand beside it."""
        pieces = self.pieces(TEXT[part])
        return pieces[0] if len(pieces) == 1 else f"{{{''.join(pieces)}}}"

    def pieces(self, name: str) -> list[str]:
        """The next argument as texts and the formulas between them."""
        inside = self.inner(self.raw())
        pieces: list[str] = []
        text: list[str] = []
        names = [name]

        def end_text() -> None:
            if text:
                pieces.append(text_of(names[-1], "".join(text)))
                text.clear()

        while inside.at < len(inside.tokens):
            part = inside.take()
            if part == "{":
                names.append(names[-1])
            elif part == "}" or part in TEXT_SWITCHES:
                end_text()
                names[-1:] = [TEXT_SWITCHES[part]] if part != "}" else [] if len(names) > 1 else [name]
            elif (written := inside.in_text(part)) is not None:
                text.append(written)
            else:
                nested = inside.pieces(TEXT[part]) if part in TEXT else [inside.formula(part)]
                if len(nested) > 1 or not nested[0].startswith((r"\text", r"\emph")):
                    end_text()
                    pieces += nested
                else:
                    text += nested
        end_text()
        return pieces or [f"{name}{{}}"]

    def in_text(self, part: str) -> str | None:
        """A token of a text, with the spaces behind it, which math-core skips behind every command."""
        written = None if part in _MATH else in_text(part)
        sign = part[0] == "\\" and not part[-1].isalpha()
        return f"{written}{{}}" if written and sign and self.tokens[self.at : self.at + 1] == [" "] else written

    def formula(self, part: str) -> str:
        """A formula within a text, or a command that stands for one."""
        return "".join(self.sequence(_MATH[part])) if part in _MATH else f"{{{self.sign(part)}}}"

    def colored_text(self, _: str) -> str:
        """A text with a colour behind it."""
        self.raw()
        return self.text(r"\text")

    def tag(self, part: str) -> str:
        r"""`\tag` and references: a text where they stand."""
        around = ("", "") if part in (r"\tag*", r"\ref") else ("(", ")")
        text = ["{", *around[0], *self.raw(), *around[1], "}"]
        made = self.inner(text).text(r"\text")
        return rf"\qquad{made}" if part.startswith(r"\tag") else made

    def end_row(self, part: str) -> str:
        """The end of a row, without the length that may follow."""
        following = self.tokens[self.at : self.at + 1]
        if part == r"\\" and following == ["*"]:
            self.at += 1
        if part == r"\\" and self.tokens[self.at : self.at + 1] == ["["]:
            end = next((at for at in range(self.at, min(self.at + 12, len(self.tokens))) if self.tokens[at] == "]"), 0)
            if end and _LENGTH.fullmatch("".join(self.tokens[self.at + 1 : end]).strip()):
                self.at = end + 1
        return self.row

    def substack(self, _: str) -> str:
        """Lines below each other, as limits have them."""
        array = [r"\begin", "{", "subarray", "}", "{", "c", "}", *self.raw(), r"\end", "{", "subarray", "}"]
        self.limits = "group"
        return self.inner(array).all()

    def rule(self, part: str) -> str:
        """A line between rows, where math-core takes it."""
        before = next((made for made in reversed(self.out) if not made.isspace()), _ROW)
        return f"{part} " if self.ruled and before == _ROW else ""

    def environment(self, _: str) -> str:
        r"""`\begin` up to its `\end`."""
        name = "".join(self.raw()).strip()
        new = ENVIRONMENTS.get(name, name)
        if self.next() == "[" and re.fullmatch(r"\[[tbclr]\]", "".join(self.tokens[self.at : self.at + 3])):
            self.at += 3
        columns = ""
        if name in COLUMNS:
            self.raw()
        elif new in ARRAYS:
            columns = "{rcl}" if name.startswith("eqn") else f"{{{columns_of(''.join(self.raw()))}}}"
        kept, self.display = self.display, new in DISPLAYED
        rows = self.within(r"\end", row=_ROW, ruled=new in RULED)
        self.display, self.limits = kept, "group"
        while rows and (rows[-1].isspace() or not rows[-1] or rows[-1].startswith((r"\hline", r"\hdashline"))):
            rows.pop()
        if rows and rows[-1] == _ROW:  # an empty row is none
            rows.pop()
        ended = "".join(self.raw()).strip()
        body = f"{columns}{''.join(rows)}"
        return rf"\begin{{{new}}}{body}\end{{{ENVIRONMENTS.get(ended, ended)}}}" if new else f"{{{body}}}"

    def bracket(self, part: str) -> str:
        r"""`\left` and its like, whose brackets may be written as signs of order."""
        if bracket := _BRACKETS.get(self.next()):
            self.at += 1
            return part + bracket
        return part

    def space(self, part: str) -> str:
        """A length, which may stand in braces."""
        if self.next() != "{":
            return part
        length = "".join(self.raw()).strip()
        return rf"\{'m' if length.endswith('mu') else 'h'}space{{{length}}}"

    def face(self, part: str) -> str:
        """A switch to other letters, up to the end of the group."""
        self.roman = part == r"\rm"
        return f"{part} "


_METHODS: Mapping[str, Callable[[Rewriter, str], str]] = {
    r"\begin": Rewriter.environment,
    **dict.fromkeys((r"\\", r"\cr", r"\newline"), Rewriter.end_row),
    **dict.fromkeys((r"\hline", r"\hdashline"), Rewriter.rule),
    r"\substack": Rewriter.substack,
    r"\colorbox": Rewriter.colored_text,
    **dict.fromkeys((r"\left", r"\right", r"\middle", *SIDES), Rewriter.bracket),
    **dict.fromkeys(TEXT, Rewriter.text),
    **dict.fromkeys((r"\operatorname", r"\operatorname*", r"\operatornamewithlimits", r"\mathop"), Rewriter.word),
    **dict.fromkeys((r"\tag", r"\tag*", r"\eqref", r"\ref"), Rewriter.tag),
    **dict.fromkeys((r"\hskip", r"\mskip", r"\kern", r"\mkern", r"\hspace", r"\mspace"), Rewriter.space),
    **dict.fromkeys((r"\rm", r"\bf", r"\it", r"\sf", r"\tt", r"\cal"), Rewriter.face),
}
