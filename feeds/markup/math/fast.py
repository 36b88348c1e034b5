r"""Everyday LaTeX as MathML in one pass: letters, signs, scripts, fractions, roots, brackets, accents, a few fonts.

The result equals what latex2mathml makes, `fallback` adds and the cleaner leaves, character for character, thirty times
as fast: no tree is built, and a site with no other formulas does not import the library. The grammar is strict:
whatever is not in these tables, or is written in a way that the library reads differently, is left to the library.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Piece = tuple[str, int]  # one element, and how many words it shows, as `fallback` counts them

_GRAMMAR = r"""\s*(?:
    (?P<script>[_^])(?P<digit>[0-9])?  # the library takes one digit: x^10 is x¹0
  | (?P<number>[0-9]++(?:\.[0-9]++)?+)(?!\s*(?:in|mm|cm|pt|em|ex|pc|bp|dd|cc|sp|mu))
  | \\text\s*\{(?P<text>[A-Za-z][A-Za-z0-9 .,:()/-]*)\}
  | \\math(?P<font>rm|bf|cal|bb)\{(?P<letters>[A-Za-z]+)\}
  | (?P<name>\\[A-Za-z]+|\\[,;:!{}|]|[A-Za-z+*/()=,\[\]|!<>:;?{}'-]|\.(?![0-9]))
)"""
_ITALIC = """
    alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ
    nu ν xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ
    Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω ell ℓ sim ~ vert | langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ pm ±
    ldots … prime ′ dagger † bullet • sin sin cos cos tan tan tanh tanh log log ln ln exp exp
"""
_SIGNS = """
    times × cdot · le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ approx ≈ equiv ≡ in ∈ notin ∉ to → gets ← rightarrow → leftarrow ←
    Rightarrow ⇒ mapsto ↦ infty ∞ nabla ∇ partial ∂ top ⊤ forall ∀ exists ∃ sum ∑ prod ∏ int ∫ dots … cdots ⋯ mid ∣
    propto ∝ ll ≪ gg ≫ circ ∘ odot ⊙ oplus ⊕ otimes ⊗ cup ∪ cap ∩ subset ⊂ subseteq ⊆ lVert ‖ rVert ‖ lvert | rvert |
    ast * star ⋆ vdots ⋮ max max min min sup sup inf inf lim lim
"""
_SPACES = {",": "0.167em", ";": "0.278em", ":": "0.222em", "!": "negativethinmathspace", "quad": "1em", "qquad": "2em"}
_ACCENTS = {
    "hat": (' accent="true"', "", "^"),
    "bar": ("", ' stretchy="true"', "¯"),
    "tilde": ("", ' stretchy="false"', "~"),
    "vec": ("", ' stretchy="true"', "→"),
    "dot": ("", "", "˙"),
    "ddot": ("", "", "¨"),
    "widehat": ("", "", "^"),
    "overline": ("", ' accent="true"', "―"),
}
_DELIMITERS = {**{sign: sign for sign in "()[]|"}, r"\{": "{", r"\}": "}", r"\|": "‖", ".": ""}
_OPERATORS = "+-*/=,!?<>."
_BRACKETS = "()[]|"
_FONTS = {"rm": "normal", "bf": "bold", "cal": "script", "bb": "double-struck"}
_NAMES = {"bf": "BOLD", "cal": "SCRIPT", "bb": "DOUBLE-STRUCK"}
_LIMITS = (r"\sum", r"\prod")
_UNSIGNED = ("<mi>′</mi>", "<mi>†</mi>", "<mo>*</mo>")
_LONGEST = 400
_DEEPEST = 40


class _Unusual(Exception):  # not an error: an answer
    """The library has to do it."""


def direct_math(tex: str, display: str) -> str | None:
    """A formula's MathML, or None if it is left to the library; `display` is "inline" or "block"."""
    if len(tex) > _LONGEST:
        return None
    try:
        row = _Reader(tex).row("", 0, block=display == "block")
    except _Unusual:
        return None
    if not row:
        return None
    source = _escaped(" ".join(tex.split()))
    return f'<math display="{display}" alttext="{source}">{_wrap("mrow", row)[0]}</math>'


class _Reader:
    """Reads the tokens of one formula from left to right."""

    def __init__(self, tex: str) -> None:
        self._tokens = list(_tokens(tex.strip()))[::-1]

    def row(self, end: str, depth: int, *, block: bool = False) -> list[Piece]:
        """Everything before the token `end`; `block` says that sums have their limits above and below."""
        if depth > _DEEPEST:
            raise _Unusual
        row: list[Piece] = []
        name = ""
        while (token := self._next(end)) != end:
            if token[0] in "_^'":
                if not row or not name:  # scripts without a base, or more than two
                    raise _Unusual
                row[-1] = self._scripts(row[-1], token, depth, limits=block and name in _LIMITS)
                name = ""
            else:
                row.append(self._piece(token, depth))
                name = token
        return row

    def _next(self, end: str | None = None) -> str:
        if self._tokens:
            return self._tokens.pop()
        if end == "":
            return ""
        raise _Unusual

    def _argument(self, depth: int) -> Piece:
        return self._piece(self._next(), depth)

    def _scripts(self, base: Piece, sign: str, depth: int, *, limits: bool) -> Piece:
        found: dict[str, Piece] = {}
        while True:
            place = "^" if sign == "'" else sign
            if place in found or (limits and sign == "'"):
                raise _Unusual
            found[place] = ("<mi>′</mi>", 1) if sign == "'" else self._argument(depth)
            if not self._tokens or self._tokens[-1] not in ("_", "^", "'"):
                break
            sign = self._tokens.pop()
        places = "".join(sorted(found, reverse=True))
        tag = _SCRIPTS[places, limits]
        raised = found if tag == "mover" else {place: _signed(found[place], place) for place in found}
        return _wrap(tag, [base, *(raised[place] for place in places)])

    def _piece(self, sign: str, depth: int) -> Piece:
        if sign == "{":
            return _wrap("mrow", self.row("}", depth + 1))
        name = sign[1:]
        if name in _ACCENTS:
            outer, inner, accent = _ACCENTS[name]
            shown, words = self._argument(depth + 1)
            return f"<mover{outer}>{shown}<mo{inner}>{accent}</mo></mover>", words + 1
        if name == "frac":
            return self._fraction(depth)
        if name == "sqrt":
            if self._tokens[-1:] != ["{"]:
                raise _Unusual
            base = self._argument(depth)
            many = base[1] > 1
            return _wrap("msqrt", [_sign("√("), base, _sign(")")] if many else [_sign("√"), base])
        if name == "left":
            left = _fence(self._next())
            inside = self.row(r"\right", depth + 1)
            return _wrap("mrow", [left, *inside, _fence(self._next())])
        return _atom(sign)

    def _fraction(self, depth: int) -> Piece:
        parts = []
        for _ in range(2):
            if self._tokens[-1:] != ["{"]:
                raise _Unusual
            parts.append(self._argument(depth))
        over, under = parts
        over = _wrap("mrow", [_sign("("), over, _sign(")/")] if over[1] > 1 else [over, _sign("/")])
        return _wrap("mfrac", [over, _signed(under, "")])


_SCRIPTS = {
    ("_", False): "msub",
    ("^", False): "msup",
    ("_^", False): "msubsup",
    ("_", True): "munder",
    ("^", True): "mover",
    ("_^", True): "munderover",
}


def _tokens(tex: str) -> Iterator[str]:
    """Fonts and texts come as MathML already."""
    token, place = re.compile(_GRAMMAR, re.VERBOSE), 0
    while place < len(tex):
        found = token.match(tex, place)
        if not found:
            raise _Unusual
        place = found.end()
        if found["script"]:
            yield found["script"]
            if found["digit"]:
                yield found["digit"]
        else:
            yield found["number"] or found["name"] or _made(found)


def _made(found: re.Match[str]) -> str:
    if found["text"]:
        return f"<mtext>{found['text'].replace(' ', '&nbsp;')}</mtext>"
    return _lettered(found["font"], found["letters"])


@cache
def _lettered(font: str, letters: str) -> str:
    if len(letters) > 1:
        shown = (f'<mi mathvariant="{_FONTS[font]}">{letter}</mi>' for letter in letters)
        return f"<mrow>{''.join(shown)}</mrow>"
    if font == "rm":
        raise _Unusual
    name = f"{_NAMES[font]} {'CAPITAL' if letters.isupper() else 'SMALL'} {letters}"
    try:
        return f"<mi>{unicodedata.lookup(f'MATHEMATICAL {name}')}</mi>"
    except KeyError:
        return f"<mi>{unicodedata.lookup(name)}</mi>"  # ℒ and ℝ are older than the others


@cache
def symbols() -> dict[str, tuple[str, str]]:
    """Commands without arguments, each with its element and what that shows."""
    tables = ((tag, table.split()) for tag, table in (("mi", _ITALIC), ("mo", _SIGNS)))
    return {name: (tag, sign) for tag, words in tables for name, sign in zip(words[::2], words[1::2], strict=True)}


@cache
def _atoms() -> dict[str, Piece]:
    """What a sign or a command without arguments becomes."""
    plain = {sign: ("mo", _escaped(sign.replace("-", "−"))) for sign in _OPERATORS}
    plain.update({sign: ("mi", sign) for sign in ":;"})
    plain.update({f"\\{name}": shown for name, shown in symbols().items()})
    atoms = {name: (f"<{tag}>{sign}</{tag}>", 1) for name, (tag, sign) in plain.items()}
    atoms.update({sign: (f'<mo stretchy="false">{sign}</mo>', 1) for sign in _BRACKETS})
    atoms.update({f"\\{sign}": (f'<mo stretchy="false">{sign}</mo>', 1) for sign in "{}"})
    atoms.update({f"\\{name}": (f'<mspace width="{width}"></mspace>', 0) for name, width in _SPACES.items()})
    atoms[r"\|"] = '<mo fence="false" stretchy="false">‖</mo>', 1
    atoms[r"\Pr"] = '<mo movablelimits="true">Pr</mo>', 1
    return atoms


def _atom(token: str) -> Piece:
    if token[0] == "<" and len(token) > 1:
        return token, max(token.count("<mi "), 1)
    if token.isalpha():
        return f"<mi>{token}</mi>", 1
    if token[0].isdigit():
        return f"<mn>{token}</mn>", 1
    atom = _atoms().get(token)
    if not atom:
        raise _Unusual
    return atom


def _fence(token: str) -> Piece:
    sign = _DELIMITERS.get(token)
    if sign is None:
        raise _Unusual
    return f'<mo stretchy="true" fence="true">{sign}</mo>', len(sign)


def _wrap(tag: str, pieces: list[Piece]) -> Piece:
    inner = "".join(shown for shown, _ in pieces)
    return f"<{tag}>{inner}</{tag}>", sum(words for _, words in pieces)


def _sign(text: str) -> Piece:
    """A sign for readers without MathML, as `fallback` inserts it."""
    return f'<mpadded width="0" height="0" depth="0"><mphantom><mtext>{text}</mtext></mphantom></mpadded>', 1


def _signed(piece: Piece, sign: str) -> Piece:
    """A piece after a sign, in brackets if it is more than one word."""
    shown, words = piece
    if shown in _UNSIGNED and sign:
        return piece
    if words > 1:
        return _wrap("mrow", [_sign(f"{sign}("), piece, _sign(")")])
    return _wrap("mrow", [_sign(sign), piece]) if sign else piece


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
