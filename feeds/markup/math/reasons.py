r"""Why math-core refuses a formula, in words that tell its author what to write."""

from __future__ import annotations

import re

_REASONS = (
    (r'Unknown command "(.+)"', r"`\1` is unknown"),
    (r'Unknown environment "(.*)"', r"`\\begin{\1}` is unknown"),
    (r'Unknown color "(.*)"', r"the colour `\1` is unknown"),
    (r'Expected closing token "\\end\{\.\.\.\}", but reached end of input', r"an `\\end` is missing"),
    (r'Expected closing token "(.+)", but reached end of input', r"a `\1` is missing"),
    (r'Unmatched closing token: "(.+)"', r"`\1` closes what was never opened"),
    (r'Expected "([^"]+|")", but found "(.+)"', r"`\2` stands where `\1` must"),
    (r"Expected argument but reached end of input", "an argument is missing at its end"),
    (r"Expected argument but got closing token .*", "an argument is missing before a closing sign"),
    (r'There must be a parenthesis after "(.+)", but not found', r"a bracket is missing after `\1`"),
    (
        r"Duplicate subscript or superscript",
        "two indices or two exponents follow each other; put braces around the first",
    ),
    (r"'\^' or '_' directly followed.*", "an index or an exponent is missing after `^` or `_`"),
    (r'Found "&", which may only appear .*', r"`&` may stand only in an environment such as `aligned`"),
    (r'Found "(.+?)", which may only appear (.+)', r"`\1` may stand only \2"),
    (r"Not valid in text mode", r"a command of formulas stands within `\\text`"),
    (r"Not valid in math mode", r"a command of texts stands outside of `\\text`"),
    (r'Unexpected "\$"', "a `$` stands in it"),
    (r"Could not extract text from the given macro", r"`\\operatorname` takes letters only"),
    (r"Found more than one infix fraction in a group", r"two commands such as `\\over` share one group"),
)


def reason(message: str) -> str:
    """What math-core says, as a part of a sentence."""
    said = message.partition(": ")[2].strip().rstrip(".")  # before it stands the place
    for pattern, words in _REASONS:
        if found := re.fullmatch(pattern, said):
            return found.expand(words)
    return said[:1].lower() + said[1:] or "it is not LaTeX"
