r"""LaTeX as authors write it -> LaTeX as math-core reads it, or why it cannot be shown."""

from __future__ import annotations

import re

from feeds.markup.math.depth import too_deep

_LONGEST = 10_000
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What XML forbids or advises against, and what Python cannot encode."""
_DEFINES = re.compile(
    r"\\(?:def|gdef|edef|xdef|let|global|newcommand|renewcommand|providecommand|DeclareMathOperator)\b"
)


class Refused(ValueError):
    """A formula cannot be shown; the text says why, for its author."""


def prepared(tex: str) -> str:
    """LaTeX for math-core; raises `Refused`."""
    if len(tex) > _LONGEST:
        raise Refused(f"it is longer than {_LONGEST:,} characters")
    tex = _FORBIDDEN.sub("", tex)
    if reason := too_deep(tex):
        raise Refused(reason)
    if _DEFINES.search(tex):
        raise Refused("it defines a command within a larger formula")
    return tex
