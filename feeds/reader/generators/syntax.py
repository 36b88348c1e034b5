"""How generators write their tags, as regular expressions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from feeds.reader.code import FENCE, FLAGS, SPAN
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Syntax:
    """How a generator writes its tags: a verbose expression with groups `end`, `name` and `arguments` (a match without
    a name is something else), and what ends the tag NAME: as an expression, and as people write it.
    """

    tag: str
    end: str
    closing: str

    @cached_property
    def tokens(self) -> re.Pattern[str]:
        """Tags and code."""
        return re.compile(rf"{FENCE}|{self.tag}|{SPAN}", FLAGS)

    @cached_property
    def tags(self) -> re.Pattern[str]:
        """Tags, in code too."""
        return re.compile(self.tag, FLAGS)

    @cached_property
    def ended(self) -> re.Pattern[str]:
        """The end of a tag of any name, with its name."""
        return re.compile(self.end.replace("NAME", r"([A-Za-z][\w./-]*+)"))


LIQUID = Syntax(
    r"\{%-?\s*(?P<end>end(?=[A-Za-z]))?+(?P<name>[A-Za-z][\w-]*+)(?P<arguments>(?:(?!-?%\}|\{%).)*+)-?%\}"
    r"| \{\{-?+\s*+(?P<value>(?:(?P<quote>[\"'])(?:(?!\}\}|\{\{|(?P=quote)).)*+(?P=quote))?+"  # a text may hold a tag
    r"(?:(?!-?\}\}|\{\{|\{%).)*+)-?\}\}"
    r"| \{%-?\s*\# | \{\#",
    r"\{%-?\s*endNAME\s*-?%\}",
    "{% endNAME %}",
)
"""`{% tag %}`, `{{ value }}` and comments, of Jekyll's Liquid and of Hexo's Nunjucks."""

_RAW = expression(r"\{%-?\s*raw\s*-?%\}")
_ENDRAW = expression(r"\{%-?\s*endraw\s*-?%\}")


def unraw(text: str, change: Callable[[str], str] = str) -> str:
    """The text with what stands between `{% raw %}` and `{% endraw %}` changed, and these two gone."""
    parts: list[str] = []
    place = 0
    while (begin := _RAW.search(text, place)) and (end := _ENDRAW.search(text, begin.end())):
        parts += [text[place : begin.start()], change(text[begin.end() : end.start()])]
        place = end.end()
    return "".join([*parts, text[place:]])
