r"""Formulas whose blog's generator reads Markdown first: authors write `a\_i`, `\\{` and `\\\\` for `a_i`, `\{`, `\\`.

Not all do, since some renderers leave formulas alone. So a post tells: `\_` before a script, `\*`, `\\{ … \\}` and four
backslashes mean nothing in LaTeX, and where one formula of a post has them, all were written for such a generator.
"""

from __future__ import annotations

import re

from feeds.text import expression

_WORDS = (
    r"\\(?:text[a-z]*|[mh]box|operatorname\*?|math(?:rm|sf|tt|it|bf))\s*+\{[^{}]*+\}"
    r"|(?<![A-Za-z\\])[A-Za-z]{2,}(?:\\_[A-Za-z]{2,})+"
)
r"""Where `\_` is what it says: in text, and in `max\_len`."""
_ROWS = expression(r"\\begin\{|\\substack|\\cr\b|(?<!\\)(?:\\\\){1,2}\s")
_SIGN = expression(
    r"""(?<!\\)(?:
        \\\*
      | \\_(?=\s*+[{0-9A-Za-z\\])
      | \\\\(?:_|\\\\(?!\\))
      | \\\\\{[^\\]*+(?:\\(?!\\)[^\\]*+|\\\\(?!\})[^\\]*+)*+\\\\\}
    )""",
    re.VERBOSE | re.DOTALL,
)
_SIGN_IN_A_LINE = expression(r"(?<!\\)\\\\[{}|,;!%#&:]")
r"""A formula within a line has no rows, so `\\,` is no end of one."""

_FOUR = r"(?P<row>\\{4})|(?P<sign>\\\\(?=[{}_*#%&]))"
_ALIKE = r"(?P<same>\\\\)|(?P<nothing>\\(?=[_*|\[\]()]))"
_IN_ROWS = expression(rf"(?P<words>{_WORDS})|{_FOUR}|{_ALIKE}", re.DOTALL)
_IN_A_LINE = expression(
    rf"(?P<words>{_WORDS})|(?P<command>(?:\\\\){{1,2}}(?=[{{}}A-Za-z]))|(?P<space>\\\\(?=[|,;!:]))|{_FOUR}|{_ALIKE}",
    re.DOTALL,
)
_MEANT = {"row": r"\\", "sign": "\\", "command": "\\", "space": "\\", "nothing": ""}


def escaped(tex: str) -> bool:
    """Whether a formula was written for a generator that reads Markdown first."""
    bare = re.sub(_WORDS, "", tex) if r"\_" in tex else tex
    return bool(_SIGN.search(bare) or (not _ROWS.search(tex) and _SIGN_IN_A_LINE.search(bare)))


def unescaped(tex: str) -> str:
    r"""A formula of such a post as LaTeX gets it. A lone `\{` stays: nobody means an invisible brace."""
    pattern = _IN_ROWS if _ROWS.search(tex) else _IN_A_LINE
    return pattern.sub(lambda found: _MEANT.get(found.lastgroup or "", found[0]), tex)
