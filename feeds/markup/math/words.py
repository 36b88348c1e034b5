r"""Words that are signs, as in `\operatorname*{arg\,min}`: in letters of Unicode, as math-core takes no others."""

from __future__ import annotations

import unicodedata
from functools import cache

_FACES = {
    r"\mathbb": "DOUBLE-STRUCK", r"\Bbb": "DOUBLE-STRUCK", r"\mathds": "DOUBLE-STRUCK", r"\mathbbm": "DOUBLE-STRUCK",
    r"\mathbf": "BOLD", r"\bf": "BOLD", r"\bold": "BOLD", r"\boldsymbol": "BOLD ITALIC", r"\bm": "BOLD ITALIC",
    r"\pmb": "BOLD ITALIC", r"\mathcal": "SCRIPT", r"\cal": "SCRIPT", r"\mathscr": "SCRIPT", r"\mathfrak": "FRAKTUR",
    r"\frak": "FRAKTUR", r"\mathit": "ITALIC", r"\it": "ITALIC", r"\mathsf": "SANS-SERIF", r"\sf": "SANS-SERIF",
    r"\mathtt": "MONOSPACE", r"\tt": "MONOSPACE", r"\mathrm": "", r"\rm": "", r"\text": "", r"\textrm": "",
    r"\textnormal": "", r"\mbox": "", r"\operatorname": "", r"\textbf": "BOLD", r"\textit": "ITALIC",
}  # fmt: skip
_SWITCHES = {r"\rm", r"\bf", r"\it", r"\sf", r"\tt", r"\cal"}
_FUNCTIONS = """arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim ln log max min sec
sin sinh sup tan tanh Pr"""
_NAMES = {rf"\{name}" for name in _FUNCTIONS.split()}
_SPACES = {"\\ ", r"\,", r"\:", r"\;", r"\>", "~", r"\space", r"\thinspace", r"\enspace", r"\quad", r"\!"}


def word(tokens: list[str], face: str) -> str | None:
    r"""What `\operatorname` takes for the tokens of its argument; None if they are more than a word."""
    made: list[str] = []
    faces = [face]
    once: str | None = None
    for part in tokens:
        if part in _SWITCHES:
            faces[-1] = _FACES[part]
        elif part in _FACES:
            once = _FACES[part]
        elif part == "{":
            faces.append(faces[-1] if once is None else once)
            once = None
        elif part == "}" and len(faces) > 1:
            faces.pop()
        elif part in _NAMES:
            made += [r"\,", part[1:], r"\,"]
        elif part in _SPACES:
            made.append("" if part == r"\!" else r"\,")
        elif part == "-" or (part.isascii() and part.isalnum()):
            made.append(_letter(part, faces[-1] if once is None else once))
            once = None
        elif not part.isspace():
            return None
    text = "".join(made).replace(r"\,\,", r"\,").removeprefix(r"\,").removesuffix(r"\,")
    return text or None


@cache
def _letter(char: str, face: str) -> str:
    """A letter in a face, if Unicode has it."""
    if not face or char == "-":
        return char
    kind = "DIGIT" if char.isdigit() else "CAPITAL" if char.isupper() else "SMALL"
    name = unicodedata.name(char).rpartition(" ")[2]
    for full in (f"MATHEMATICAL {face} {kind} {name}", f"{face} {kind} {name}", f"BLACK-LETTER {kind} {name}"):
        try:
            return unicodedata.lookup(full)
        except KeyError:
            continue
    return "\N{PLANCK CONSTANT}" if char == "h" else char
