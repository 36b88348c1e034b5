r"""LaTeX as authors write it -> LaTeX as math-core reads it, or why it cannot be shown."""

from __future__ import annotations

from feeds.markup.math import Refused
from feeds.markup.math.depth import too_deep
from feeds.markup.math.rewriter import UnreadableError, rewritten
from feeds.markup.math.rewrites import needed
from feeds.text import allowed, expression

LONGEST = 10_000
_DEFINES = expression(r"\\(?:[gex]?def|let|global|(?:new|renew|provide)command|DeclareMathOperator)(?![A-Za-z])")


def prepared(tex: str, *, display: bool = False) -> str:
    """LaTeX for the reader; `Refused` if it is longer or deeper than people write."""
    if len(tex) > LONGEST:
        raise Refused(f"it is longer than {LONGEST:,} characters")
    tex = allowed(tex)
    if reason := too_deep(tex):
        raise Refused(reason)
    if not needed(tex):
        return tex
    if defines := _DEFINES.search(tex):  # math-core would follow definitions, however deep they lead
        raise Refused(f"it defines a command by `{defines[0]}`")
    try:
        tex = rewritten(tex, display=display)
    except UnreadableError as unreadable:
        raise Refused(str(unreadable)) from None
    if reason := too_deep(tex):
        raise Refused(reason)
    return tex
