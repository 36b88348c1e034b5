"""Reading the keys of front matter: every scalar is text, and each getter makes its type of it or notes a problem."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from feeds.reader.characters import printable
from feeds.reader.dates import lenient, moment
from feeds.reader.plain import linked
from feeds.settings.keys import Keys
from feeds.text import FORBIDDEN_IN_A_LINE, is_http, is_seen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from feeds.errors import Code

_TRUE = ("true", "yes", "on", "1", "y")
FALSE = ("false", "no", "off", "0", "n", "")
_NESTED = frozenset((list, dict))


@dataclass(eq=False, repr=False)
class Fields(Keys):
    """Front matter, and the configuration of generators. `quoted` are keys whose text stands in quotes."""

    quoted: frozenset[str] = frozenset()

    def text(self, key: str) -> str:
        """One line of text without control characters; absent, null and empty are all ""."""
        value = self.data.get(key)
        if value is None:
            return ""
        if isinstance(value, (list, dict)):
            self.complain(
                key, f"must be text, not a {'list' if isinstance(value, list) else 'table'}", code="value-type"
            )
            return ""
        return self.clean(key, str(value))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        value = self.data.get(key)
        return () if value is None else self._texts(key, value)

    def _texts(self, key: str, value: Any) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [value]
        if not _NESTED.isdisjoint(map(type, items)):
            hint = "; put text that contains `: ` in quotes" if items is value and isinstance(items[0], dict) else ""
            self.complain(key, f"must be a list of strings, like [one, two]{hint}", code="value-type")
            return ()
        cleaned = [self.clean(key, str(item)) for item in items if item is not None]
        return tuple(dict.fromkeys(filter(None, cleaned)))

    def words(self, key: str, *, split: bool = False) -> tuple[str, ...]:
        """A text or lists of texts within lists, as one list; with `split` a text alone is cut at blanks."""
        value = self.data.get(key)
        if isinstance(value, str) and split:
            return tuple(dict.fromkeys(self.clean(key, value).split()))
        found: list[str] = []
        rest, seen = [value], set()
        while rest:
            item = rest.pop()
            if isinstance(item, list):
                rest += [] if id(item) in seen else reversed(item)  # an alias may put a list into itself
                seen.add(id(item))
            elif isinstance(item, dict):
                self.complain(
                    key, "must be a list of strings; put text that contains `: ` in quotes", code="value-type"
                )
            elif item is not None:
                found.append(self.clean(key, str(item)))
        return tuple(dict.fromkeys(word for word in found if word))

    def names(self, key: str) -> tuple[str, ...]:
        """Names of people: texts, or tables with a `name`. A name that is a link loses its address."""
        value = self.data.get(key)
        if value is None:
            return ()
        items = [
            next((item[word] for word in ("name", "user", "nick") if item.get(word)), None)
            if isinstance(item, dict)
            else item
            for item in (value if isinstance(value, list) else [value])
        ]
        said = [re.sub(r"\[([^\[\]]+)\]\([^()]*\)", r"\1", name) for name in self._texts(key, items)]
        names = [self.clean(key, name) for one in said for name in linked(one)]
        return tuple(dict.fromkeys(filter(None, names)))

    def flag(self, key: str) -> bool:
        """True or false in any of YAML's spellings: publishing a `draft: yes` is the worse mistake."""
        if self.data.get(key) is None:
            return False
        word = self.text(key).casefold()
        if word not in _TRUE + FALSE:
            self.complain(key, f'is "{word}"; write true or false', code="value-invalid")
        return word not in FALSE

    def moment(self, key: str, zone: tzinfo, *, strict: bool = True, said: str = "") -> datetime | None:
        """An instant, or None when there is none or it is wrong; unless `strict`, read as a generator would. `said` is
        what the generator makes of the value, if that is not what it says.
        """
        value = said or self.data.get(key)
        if value is None or value == "":
            return None
        try:
            if strict:
                return moment(value, zone)
            found, odd = lenient(value, zone)
        except ValueError as error:
            self.complain(key, str(error), code="date-invalid")
            return None
        if odd:
            self.complain(key, odd, "warning", code="date-odd")
        return found

    def number(self, key: str) -> int | None:
        """A whole number."""
        text = self.text(key)
        if not text:
            return None
        if not re.fullmatch(r"\d{1,9}", text):
            self.complain(key, f'is "{text}"; write a whole number', code="value-invalid")
            return None
        return int(text)

    def address(self, key: str) -> str:
        """An absolute http(s) address, or ""."""
        text = self.text(key)
        if text and not is_http(text):
            self.complain(key, f'is "{text}"; write a full URL, like https://example.org/', code="value-invalid")
            return ""
        return text

    def table(self, key: str) -> Self | None:
        """The keys of a table inside; what is wrong with them is noted with ours."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.complain(
                key, "must be a table of keys, like `paper:` with `title:` indented below it", code="value-type"
            )
            return None
        return self.below(key)

    def missing(self, key: str, message: str, *, code: Code) -> None:
        """Note that a key has no value, unless an error says why."""
        begin = f"`{self.prefix}{key}` "
        if not any(one.severity == "error" and one.message.startswith(begin) for one in self.problems):
            self.complain(key, f"is missing; {message}", code=code)

    def clean(self, key: str, text: str) -> str:
        """A value as one line, without what no line may hold; "" when nothing of it can be seen."""
        if text.isprintable():
            return " ".join(text.split())
        clean, found = printable(text, self.path, 0, FORBIDDEN_IN_A_LINE)
        for problem in found:
            self.complain(key, problem.message, problem.severity, code="character-removed")
        clean = " ".join(clean.split())
        return clean if is_seen(clean) else ""


def is_json(value: object, depth: int = 20) -> bool:
    """Whether JSON knows a value."""
    if isinstance(value, (list, dict)):  # an alias may put a list into itself
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(is_json(one, depth - 1) for one in inner)
    return value is None or isinstance(value, (str, int, float))


@lru_cache(maxsize=1024)
def shared_lines(known: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    """The lines of keys; front matter of one shape shares them."""
    return dict(known)
