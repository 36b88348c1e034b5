r"""How deep a formula nests: math-core calls itself for each level, and a process whose stack is full simply ends.

It calls itself for a group, for an argument without braces (`\frac\frac\frac`), after a switch (`\displaystyle`), and
again when it looks which sign applies to what (`\sum\sum\sum`, `((((`). There an opening bracket that nothing closes
doubles its time.
"""

from __future__ import annotations

import re

from feeds.text import expression

DEEPEST = 100
UNCLOSED = 8
"""Brackets in a group that nothing closes, as in `]0,1[`: each doubles the time. Of 12,000 formulas of real blogs two
have more than three, and none more than six.
"""

_TOKEN = expression(r"%[^\n]*|\\(?:[A-Za-z]+\*?|.)?|[^\s%]", re.DOTALL)
_SIGNS = ("\\", "{", "_", "^", "(", "[", "|", "/", "?", "@")
_MAY_OPEN = expression(r"[(\[]|\\(?:\{|lang|l[ABVbcfglmpv]|[lu]lc|mathopen|[bB]igg?l|bra|ket|pm?od|set)")
"""What an opening bracket of ASCII begins with. Most formulas have few of these, and need no closer look."""
_PAIR = expression(r"[(\[](?:[^()\[\]{}]++|\{[^()\[\]{}]*+\})*+[)\]]")
"""Brackets that are closed in the group where they stand."""

_GROUP, _SQUARE, _SWITCH, _BRACED = 0, -1, -2, -3
"""What is open, besides commands that wait for arguments, which are there as the number of them. `_BRACED` is an
argument in braces: one level, together with its command.
"""
_GROUPS = (_GROUP, _SQUARE, _BRACED)
_OPENING = {"{", r"\left", r"\begin", r"\begingroup"}
_CLOSING = {"}", r"\right", r"\end", r"\endgroup"}
_SWITCHES = {r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\scriptscriptstyle", r"\color"}
_NO_ATOM = {r"\limits", r"\nolimits", r"\displaylimits", "'"}
"""Between a sign and its scripts."""


def _commands(names: str) -> tuple[str, ...]:
    return tuple(rf"\{name}" for name in names.split())


ARGUMENTS = {
    "_": 1,
    "^": 1,
    **dict.fromkeys(
        _commands("""sqrt mathbb mathbf mathcal mathfrak mathit mathrm mathscr mathsf mathtt Bbb bold boldsymbol bm frak
        symbf mathbin mathclose mathinner mathop mathopen mathord mathpunct mathrel not slashed vertoverlay acute bar
        breve check ddddot dddot ddot dot grave hat mathring tilde vec widehat widecheck widetilde utilde Overrightarrow
        overgroup overleftarrow overleftharpoon overleftrightarrow overline overrightarrow overrightharpoon undergroup
        underleftarrow underleftrightarrow underline underrightarrow overbrace overbracket overparen underbrace
        underbracket underparen angl boxed cancel bcancel xcancel phase fbox cramped phantom hphantom vphantom
        xLeftarrow xLeftrightarrow xRightarrow xhookleftarrow xhookrightarrow xleftarrow xleftharpoondown xleftharpoonup
        xleftrightarrow xleftrightharpoons xlongequal xmapsto xrightarrow xrightharpoondown xrightharpoonup
        xrightleftharpoons xtofrom xtwoheadleftarrow xtwoheadrightarrow text textbf textit textrm textsc textsf texttt
        emph mbox bra ket braket set Bra Ket Braket Set pod pmod"""),
        1,
    ),
    **dict.fromkeys(_commands("frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel textcolor"), 2),
    **dict.fromkeys(_commands("prescript sideset"), 3),
    **dict.fromkeys(_commands("mathchoice"), 4),
    **dict.fromkeys(_commands("genfrac"), 6),
}

_KEEPS_CLASS = {
    *_commands("mathbin mathclose mathinner mathop mathopen mathord mathpunct mathrel not slashed vertoverlay")
}
"""Commands whose argument still applies to what follows."""
_EXPANDED = {*_commands("bra ket braket pod pmod set")}
"""Commands whose closing bracket a command without its own argument takes: `\\ket\\sqrt`."""
_OPENING_BRACKETS = {
    *"([⌈⌊⌜⌞⎰❲⟅⟦⟨⟪⟬⟮⦃⦅⦇⦉⦋⦍⦏⦑⦓⦕⦗⧘⧚⧼",
    *_commands("""{ lAngle lBrace lVert lang langle lbrace lbrack lceil lfloor lgroup llangle llbracket llcorner
    lmoustache llparenthesis lparen lvert ulcorner mathopen"""),
}
_CLOSING_BRACKETS = {
    *")]⌉⌋⌝⌟⎱❳⟆⟧⟩⟫⟭⟯⦄⦆⦈⦊⦌⦎⦐⦒⦔⦖⦘⧙⧛⧽",
    *_commands("""} rAngle rBrace rVert rang rangle rbrace rbrack rceil rfloor rgroup rrangle rrbracket lrcorner
    rmoustache rrparenthesis rparen rvert urcorner"""),
}
OPTIONAL = {r"\sqrt", r"\cramped", *(name for name in ARGUMENTS if name[:2] == r"\x" and name != r"\xcancel")}
"""Commands that may have an argument in square brackets before the other."""
_BIG = expression(r"\\[bB]igg?([lrm]?)$")
_ATOM = expression(r"[A-Za-z0-9+\-=<>,;:*.]|\\\\")
"""Signs that never apply to what follows."""


def too_deep(tex: str) -> str:  # scanner
    """Why a formula must not be given to math-core; empty if it may."""
    if len(tex) <= UNCLOSED or (tex.isascii() and _harmless(tex)):
        return ""
    scan, before, bracket = _Scan(), "", False
    for found in _TOKEN.finditer(tex):
        part = found[0]
        if part[0] == "%":
            continue
        if bracket:  # of `\left` or `\big`
            bracket = False
        else:
            bracket = scan.read(part, before)
            before = part
        if len(scan.stack) - scan.braced > DEEPEST or scan.row.opened + scan.row.run > DEEPEST:
            return f"it is nested deeper than {DEEPEST} levels"
        if scan.row.unclosed > UNCLOSED:
            break
    if scan.row.unclosed + scan.row.opened > UNCLOSED:
        return f"more than {UNCLOSED} of its brackets are not closed"
    return ""


def _harmless(tex: str) -> bool:
    """Whether a formula has too few signs to be deep, as most have."""
    if len(tex) > DEEPEST and sum(map(tex.count, _SIGNS)) > DEEPEST:
        return False
    if tex.count("\\") + tex.count("(") + tex.count("[") <= UNCLOSED:
        return True
    opened = len(_MAY_OPEN.findall(tex))
    return opened <= UNCLOSED or opened - len(_PAIR.findall(tex)) <= UNCLOSED


class _Row:
    """A group, as far as it was read."""

    __slots__ = ("opened", "run", "unclosed")

    def __init__(self) -> None:
        self.opened = 0
        """Brackets that are open."""
        self.run = 0
        """Signs one after the other that may apply to what follows."""
        self.unclosed = 0
        """Brackets that stayed open in the groups within: math-core may take them out of their groups."""


class _Scan:
    """What is open at a place of a formula."""

    __slots__ = ("atom", "braced", "row", "rows", "stack")

    def __init__(self) -> None:
        self.stack: list[int] = []
        self.braced = 0
        """How many of them are `_BRACED`."""
        self.atom = False
        """Whether the sign before may have scripts, and has not yet ended what it belongs to."""
        self.row = _Row()
        self.rows: list[_Row] = []

    def read(self, part: str, before: str) -> bool:
        """Read a part; whether the next one is its bracket."""
        if part in _NO_ATOM:
            return False
        if part in ("_", "^"):
            self.stack.append(1)
            self.atom = False
            return False
        if part == "[" and before in OPTIONAL:
            self._begin(_SQUARE)
            return False
        self._end_atom()
        if part in _OPENING:
            self._begin(_GROUP)
        elif part in _CLOSING or (part == "]" and self._in_square()):
            self._end()
        elif part == "&":
            while self.stack and self.stack[-1] not in _GROUPS:  # a switch ends with its cell
                self.stack.pop()
            self.row.run = 0
        elif part in _SWITCHES:
            self.stack.append(_SWITCH)
        elif arguments := ARGUMENTS.get(part):
            self.stack.append(arguments)
            self.row.opened += part == r"\mathopen"
            self.row.run += part in _KEEPS_CLASS
            self.row.opened += before in _EXPANDED
        else:
            self.atom = True
            return self._sign(part)
        return part in (r"\left", r"\right")

    def _sign(self, part: str) -> bool:
        big = _BIG.match(part)
        if part in _OPENING_BRACKETS or (big and big[1] == "l"):
            self.row.opened += 1
        elif part in _CLOSING_BRACKETS or (big and big[1] == "r"):
            self.row.opened -= self.row.opened > 0
        if not self._is_argument():
            self.row.run = 0 if _ATOM.fullmatch(part) else self.row.run + 1
        return bool(big) or part == r"\middle"

    def _begin(self, kind: int) -> None:
        braced = kind == _GROUP and self._is_argument()
        self.stack.append(_BRACED if braced else kind)
        self.braced += braced
        self.rows.append(self.row)
        self.row = _Row()

    def _end(self) -> None:
        ended = _SWITCH
        while self.stack and ended not in _GROUPS:
            ended = self.stack.pop()
        self.braced -= ended == _BRACED
        if self.rows:
            row, self.row = self.row, self.rows.pop()
            self.row.unclosed += row.unclosed + row.opened
            self.row.run += not self._is_argument()
        self.atom = True

    def _in_square(self) -> bool:
        """Whether the group that is open is the `[…]` of a root or an arrow."""
        return next((kind for kind in reversed(self.stack) if kind in _GROUPS), _GROUP) == _SQUARE

    def _is_argument(self) -> bool:
        return bool(self.stack) and self.stack[-1] > 0

    def _end_atom(self) -> None:
        """What was read is an argument of the command that waits for one, and may end it, and so on."""
        while self.atom and self.stack and self.stack[-1] > 0:
            self.stack[-1] -= 1
            if self.stack[-1]:
                break
            self.stack.pop()
        self.atom = False
