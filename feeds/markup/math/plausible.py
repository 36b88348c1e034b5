r"""Whether what stands between two single dollars is a formula: `$x_i$` is one, `$HOME/bin in $` is not.

Delimiters that no prose has need no test. A dollar is also money, a variable of a shell, PHP or a template, and the end
of a regular expression. What holds a command of LaTeX or a script is a formula unless it cannot be one at all; what
holds neither must look like one: letters, numbers and signs, not words, paths or code.
"""

from __future__ import annotations

import re

from feeds.text import expression

# What few formulas get to is compiled when one does: all of it takes a twentieth of a small build.
_WORDS = (
    r"\\(?:text[a-z]*|[mh]box|operatorname\*?|math(?:rm|sf|tt|it|bf)|tag|label|begin|end|color|require)\s*+\{[^{}]*+\}"
)
_COMMAND = expression(r"\\[A-Za-z]{2}|\\[{}]|(?<!\\)\\[|,;! ]")
_CODE_COMMAND = expression(r"\\[a-z](?![A-Za-z])")
r"""`\w+`, `\x1f`, `\n`: of a regular expression or of a string. LaTeX has none of one small letter in a formula."""
_SCRIPT = expression(
    r"(?:(?<![A-Za-z])[A-Za-z0-9]|[A-Za-z][0-9]|[^\sA-Za-z0-9(\[])[_^](?:\{|\\|[A-Z](?![A-Z]{2})|[a-z](?![a-z]{2})|[0-9*'+-])"
)
"""A script on one letter: `user_id` is the name of a variable."""
_ALONE = expression(r"(?:\^|_(?=[{0-9]))(?:\{[^{}]*+\}|\\?[A-Za-z0-9*†‡+-]+)")
"""A script on what stands before the formula, as in `CO$_2$`."""
_DANGLING = expression(r"[_^](?:\s*+$|\s*+[_^)\]}])|\\$")
_NEVER = expression(r'["`]|(?<!\\)#(?![1-9])')
_PROSE = expression(r"(?<![A-Za-z\\])[A-Za-z]{2,}+(?:,?\s++[A-Za-z]++){3}|[\u3400-\u9fff，。；：！？、]{8}")
"""Four words in a row, or as much Chinese."""

_CODE = (
    r"(?<!\s)(?:->|=>)|::|(?<!\\)&|@|//|</|(?:^|[\s(\[{=,])'|\$|(?<=[A-Za-z]{3})/[A-Za-z]{2}"
    r"|(?<![A-Za-z])[A-Za-z]{2,}+(?:[0-9_]*+\.[A-Za-z]{2}|:\s|_[A-Za-z]{2})"
)
_STATEMENTS = r";\s*[A-Za-z]{2,}"
_FUNCTIONS = r"(?:sin|cos|tan|log|ln|exp|max|min|lim|sup|inf|det|dim|ker|arg|mod|gcd)\b"
_ADJACENT = rf"\b(?!{_FUNCTIONS})[A-Za-z]{{2,}}+\s++[A-Za-z]|[A-Za-z]\s++(?!{_FUNCTIONS})[A-Za-z]{{2,}}"
_SMALL_WORDS = r"\b(?:an|and|are|as|at|by|else|for|from|if|in|is|it|not|of|on|or|that|the|then|this|to|with)\b"
_SUM = r"[0-9][0-9.,]*+(?:[KMBkmb]\b|\s*[,;]\s)"
_WORD = rf"\b(?!{_FUNCTIONS})[A-Za-z][A-Za-z0-9]{{3,}}"
_HAN = "[\u2e80-\u9fff\uac00-\ud7af]"
_WIDE_SIGNS = "[，。；：！？、（）“”‘’《》「」【】…]"
_OPERATOR = r"[-+*/=<>≤≥()]"
_BEGINS = r"[,:;?!/&=%)\]}]|\.(?![0-9.])|\{\s*+[A-Za-z]{2,}|\*."
_SIGNS = frozenset("+-*/=<>|~:")
_ENDS = r"[-/:+=(\[{<>~%\\]$"
_INTERVAL = r"[(\[][^()\[\]]*[)\]]"
_SUFFIX = r"(?:th|st|nd|rd|s|d|NN|NNs|D)(?![A-Za-z])"
"""What follows a letter without a blank: the `$n$th`, `$k$NN`."""
_CALCULATION = r"[A-Za-z0-9()]+(?:\s*[-+*/=<>]+\s*[A-Za-z0-9()]+)+"


def plausible(tex: str, before: str, after: str, *, sure: bool = False) -> bool:
    """Whether it is a formula, between these characters or more; `sure`: its text has others."""
    inner = tex.strip()
    if not inner or _NEVER.search(inner):
        return False
    if _ALONE.fullmatch(inner):
        return not re.match("[A-Za-z_]", after) or before[-1:].isalpha()
    bare = re.sub(_WORDS, r"\\words", inner) if "\\" in inner else inner
    if _DANGLING.search(bare) or _PROSE.search(bare) or re.search(r"[A-Za-z0-9]\Z", before):
        return False
    if _COMMAND.search(bare) or (_SCRIPT.search(bare) and not _CODE_COMMAND.search(bare)):
        return sure or bare[0] not in "_^"
    if _CODE_COMMAND.search(bare) or not _may_stand_here(tex, after, sure=sure):
        return False
    return _looks_like_one(inner, sure=sure)


def prose(tex: str) -> bool:
    """Whether it is a sentence, or goes beyond another formula, because a dollar is missing somewhere."""
    if _COMMAND.search(tex) and "$" not in tex and not _PROSE.search(tex):
        return False
    bare = re.sub(_WORDS, r"\\words", tex)
    if re.search(r"(?<!\\)\$", tex) or _PROSE.search(bare) or re.fullmatch(r"[\s,.;:!?]*", tex):
        return True
    return not unmistakable(bare) and bool("@" in bare or re.search(_SMALL_WORDS, bare))


def unmistakable(tex: str) -> bool:
    """Whether it has a command of LaTeX or a script, and nothing of code."""
    scripted = _SCRIPT.search(tex) and not _CODE_COMMAND.search(tex) and not re.search(_CODE, tex)
    return bool(_COMMAND.search(tex) or scripted)


def _may_stand_here(tex: str, after: str, *, sure: bool) -> bool:
    """Whether something without any command or script may have this after it, and blanks inside its dollars."""
    inner = tex.strip()
    if tex != inner and not re.fullmatch(_CALCULATION, inner) and (not sure or re.search(_WORD, inner)):
        return False
    if re.match("[A-Za-z_({]", after):
        return len(inner) == 1 and bool(after[0] == "(" or re.match(_SUFFIX, after))
    return True


def _looks_like_one(tex: str, *, sure: bool) -> bool:
    """Whether something without any command or script is made as formulas are."""
    if re.match(_BEGINS, tex) or re.search(_ENDS, tex) or not _balanced(tex):
        return sure and tex in _SIGNS
    if re.search(_CODE, tex) or _is_prose(tex) or _is_uneven(tex):
        return False
    if not sure and (re.search(_STATEMENTS, tex) or re.match(_SUM, tex)):
        return False
    words = re.findall(_WORD, tex)
    if re.search(_HAN, tex):
        return sure and bool(re.search(_OPERATOR, tex))
    return not (words and tex[0].isdigit()) and (sure or words != [tex])


def _is_prose(tex: str) -> bool:
    return bool(re.search(_WIDE_SIGNS, tex) or re.search(_ADJACENT, tex) or re.search(_SMALL_WORDS, tex))


def _is_uneven(tex: str) -> bool:
    """Whether a bracket or a bar has no other half."""
    uneven = tex.count("(") != tex.count(")") or tex.count("[") != tex.count("]")
    return (uneven and not re.fullmatch(_INTERVAL, tex)) or (tex.count("|") % 2 == 1 and "|" in (tex[0], tex[-1]))


def _balanced(tex: str) -> bool:
    """Whether every brace has its other half."""
    depth = 0
    for sign in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0
