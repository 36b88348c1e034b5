"""Liquid's expressions: values with their filters, and conditions, as far as what they name is known."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from feeds.reader.generators.jekyll.filters import ENDLESS, UNKNOWN, Unknown, apply, items, number, shown, true
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

_TOKEN = expression(
    r"""(?:
        (?P<text>"[^"]*+"|'[^']*+')
      | (?P<number>-?\d{1,18}(?:\.\d{1,18})?(?![\w]))
      | (?P<sign>==|!=|<>|<=|>=|\.\.|[<>.\[\]():,|])
      | (?P<name>[A-Za-z_][\w-]*+\??)
      | (?P<odd>\S)
    )""",
    re.VERBOSE,
)
_MOST_TOKENS, _DEEPEST, _LONGEST = 500, 20, 10_000
"""Of an expression, of brackets in it, and of a range of numbers."""

CONSTANTS: dict[str, Any] = {"true": True, "false": False, "nil": None, "null": None, "blank": "", "empty": ""}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_COMPARISONS = ("==", "!=", "<>", "<", ">", "<=", ">=", "contains")


class Expression:
    """An expression, read from left to right as it is worked out; what does not belong to it ends it.

    `find` gives the value of a name; `own` are filters that ask the blog, as `relative_url`.
    """

    def __init__(
        self,
        source: str,
        find: Callable[[str], Any],
        own: Mapping[str, Callable[[str], str]],
        zone: tzinfo,
    ) -> None:
        self._tokens = [
            (found.lastgroup or "", found[0].strip())
            for _, found in zip(range(_MOST_TOKENS), _TOKEN.finditer(source), strict=False)
        ]
        self._place, self._depth = 0, 0
        self._find, self._own, self._zone = find, own, zone
        self.first = self._tokens[0][1] if self._tokens else ""

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._place >= len(self._tokens)

    def value(self) -> Any:
        """A value after its filters."""
        value = self.plain()
        while self._take("|"):
            value = self._filtered(value)
        return value

    def truth(self) -> bool | Unknown:
        """A condition; `and` and `or` are worked out from the right."""
        left = self._comparison()
        word = self.word() if self._next() in (("name", "and"), ("name", "or")) else ""
        if not word:
            return left
        right = self.truth()
        decided = (left, right) if word == "or" else (not_(left), not_(right))
        known = UNKNOWN if any(isinstance(one, Unknown) for one in decided) else any(decided)
        known = True if any(one is True for one in decided) else known
        return known if word == "or" else not_(known)

    def word(self) -> str:
        """The next token as it is written."""
        kind, text = self._next()
        self._place += bool(kind)
        return text

    def at(self, name: str) -> bool:
        """Take a word if it comes next."""
        if self._next() == ("name", name):
            self._place += 1
            return True
        return False

    def plain(self) -> Any:
        """A value without filters."""
        kind, text = self._next()
        self._place += bool(kind)
        if kind == "text":
            return text[1:-1]
        if kind == "number":
            return float(text) if "." in text else int(text)
        if text == "(" and self._depth < _DEEPEST:
            return self._range()
        if kind != "name":
            self._place = len(self._tokens)
            return None
        value = CONSTANTS[text] if text in CONSTANTS and self._next()[1] != "." else self._find(text)
        return self._inner(value)

    def _inner(self, value: Any) -> Any:
        """What a value holds under the keys behind it."""
        while (text := self._next()[1]) in (".", "["):
            self._place += 1
            if text == ".":
                value = inner(value, self.word())
                continue
            self._depth += 1
            key = self.plain() if self._depth < _DEEPEST else None
            self._depth -= 1
            self._take("]")
            value = UNKNOWN if isinstance(key, Unknown) else inner(value, key)
        return value

    def _range(self) -> Any:
        self._depth += 1
        begin, _, end = self.plain(), self._take(".."), self.plain()
        self._depth -= 1
        self._take(")")
        if isinstance(begin, Unknown) or isinstance(end, Unknown):
            return UNKNOWN
        first, last = int(number(begin)), int(number(end))
        return [*range(first, last + 1)] if last - first < _LONGEST else ENDLESS

    def _filtered(self, value: Any) -> Any:
        name, given, named = self.word(), list[Any](), dict[str, Any]()
        if self._take(":"):
            while not self.done and self._next()[1] != "|":
                ahead = self._tokens[self._place + 1 : self._place + 2]
                if self._next()[0] == "name" and ahead == [("sign", ":")]:
                    key = self.word()
                    self._place += 1
                    named[key] = self.plain()
                else:
                    given.append(self.plain())
                if not self._take(","):
                    break
        if name in self._own and not isinstance(value, Unknown):
            return self._own[name](shown(value))
        return apply(name, value, given, named, self._zone)

    def _comparison(self) -> bool | Unknown:
        left = self.plain()
        sign = self._next()[1]
        if sign not in _COMPARISONS:
            return UNKNOWN if isinstance(left, Unknown) else true(left)
        self._place += 1
        wanted = self._next()[1]
        right = self.plain()
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return UNKNOWN
        if wanted in ("blank", "empty"):  # Jekyll's Ruby has no `blank?`
            return (wanted == "empty" and left in ("", [], {})) == (sign == "==")
        return _compared(left, sign, right)

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._place] if not self.done else ("", "")

    def _take(self, sign: str) -> bool:
        """Take a sign if it comes next."""
        if self._next() == ("sign", sign):
            self._place += 1
            return True
        return False


def not_(value: bool | Unknown) -> bool | Unknown:
    """The opposite, unless it is unknown."""
    return value if isinstance(value, Unknown) else not value


def inner(value: Any, key: Any) -> Any:
    """What a value holds under a key, nil if it holds nothing there."""
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        found = value.get(shown(key), value.get(key) if isinstance(key, str) else None)
        return len(value) if found is None and key == "size" else found
    if isinstance(value, (list, str)) and key == "size":
        return len(value)
    if isinstance(value, list):
        place = {"first": 0, "last": -1}.get(key) if isinstance(key, str) else key
        return value[place] if isinstance(place, int) and -len(value) <= place < len(value) else None
    return None


def _compared(left: Any, sign: str, right: Any) -> bool:
    if sign == "contains":
        return shown(right) in (left if isinstance(left, str) else [*map(shown, items(left))])
    left, right = _alike(left, right), _alike(right, left)
    if sign in ("==", "!=", "<>"):
        return bool(left == right) == (sign == "==")
    if not (isinstance(left, (int, float)) and isinstance(right, (int, float))) and not (
        isinstance(left, str) and isinstance(right, str)
    ):
        return False
    return _ORDERS[sign](left, right)


def _alike(one: Any, other: Any) -> Any:
    """A text of the front matter as what it is compared with: it may have been a number or a flag there."""
    if isinstance(one, str) and isinstance(other, bool):
        return {"true": True, "false": False}.get(one.lower(), one)
    if isinstance(one, str) and isinstance(other, (int, float)) and re.fullmatch(r"-?\d{1,18}(?:\.\d{1,18})?", one):
        return number(one)
    return one
