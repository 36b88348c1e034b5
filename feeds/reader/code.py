"""Code in a Markdown text: everything in it is text, to tags and to formulas alike."""

from __future__ import annotations

import re

FENCE = r"""
    (?P<fence>^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?P<mark>`{3,}+(?=[^`\n]*\n)|~{3,}+)[^\n]*\n
      (?:(?:[^\n]*\n)*?[ \t>]*(?P=mark)[`~]*[ \t]*$|.*\Z))
"""
SPAN = r"(?P<code>(?<!`)(?P<ticks>`++)(?:[^\n]|\n(?!\s*\n)){1,4000}?(?<!`)(?P=ticks)(?!`))"
"""Code in a Markdown text, as verbose regular expressions: a fenced block, and a span within a paragraph. What follows
the backticks that open a block holds none: ```` ```text``` ```` is a span (CommonMark 4.5).
"""

FLAGS = re.VERBOSE | re.MULTILINE | re.DOTALL
