"""Reading a TOML file: where each key is, what is wrong with it, and what was probably meant.

tomllib gives values without positions. Used for `feeds.toml`, for front matter in TOML and for the templates' words.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from feeds.errors import Problem
from feeds.text import NOT_IN_A_LINE

if TYPE_CHECKING:
    import tomllib
    from collections.abc import Callable, Iterable, Mapping

_PLAIN = {
    "Cannot overwrite a value": "this key is given twice; keep one",
    "Illegal character '\\n'": "text on this line has no closing quote; add it",
    "Invalid value": "invalid value; put text in quotes",
    "Unclosed array": "a list is never closed; add `]`",
    "Unterminated string": "text has no closing quotes; add them",
}
"""Common messages of tomllib, with what the author should write instead; other messages are shown as they are."""

_FEW = 8


def toml_problem(path: str, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    """A syntax mistake as a problem; tomllib gives the position only in its message."""
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    said = re.sub(r" \(at .*\)$", "", str(error))
    twice = re.fullmatch(r"Cannot declare \((.*?),?\) twice", said)
    if twice:
        message = f"[{re.sub(r', ', '.', twice[1]).replace(chr(39), '')}] is given twice; keep one"
    else:
        message = _PLAIN.get(said, f"{said[:1].lower()}{said[1:]}")
    return Problem(path, line, f"not valid TOML: {message}")


def toml_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each key in a TOML text: ("digest", "day") -> line. tomllib keeps no positions."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        inside = quote  # multi-line text may contain what looks like a key
        for mark in re.findall(r'"""|\'\'\'', line):
            quote = "" if quote == mark else quote or mark
        if inside:
            continue
        if header := re.match(r"\s*\[+([^\[\]]+)\]+\s*(?:#|$)", line):
            table = _dotted(header[1])
            lines.setdefault(table, number)
        elif key := re.match(r"\s*([\w.\-\"' ]+?)\s*=", line):
            lines.setdefault((*table, *_dotted(key[1])), number)
    return lines


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to end a message with: `; did you mean "title"?`, or the known words if there are few."""
    words = list(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= _FEW else ""


def _dotted(key: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in key.split("."))


class Table:
    """A TOML table being read: takes keys one by one, notes what is wrong, and finally complains of unknown keys."""

    def __init__(
        self,
        path: str,
        data: Mapping[str, Any],
        places: Mapping[tuple[str, ...], tuple[str, int]],
        prefix: tuple[str, ...],
        problems: list[Problem],
    ) -> None:
        """`places` gives the file and line of each key; `path` is for keys that are missing."""
        self.path, self.data, self.places, self.prefix, self.problems = path, data, places, prefix, problems
        self.asked: list[str] = []

    def ask(self, *keys: str) -> None:
        """Note that these keys are known."""
        self.asked += [key for key in keys if key not in self.asked]

    def complain(self, key: str, message: str) -> None:
        """Note what is wrong with a key, at its line or its table's."""
        place = (*self.prefix, key)
        while place and place not in self.places:
            place = place[:-1]
        path, line = self.places.get(place, (self.path, 1))
        self.problems.append(Problem(path, line, f"`{'.'.join((*self.prefix, key))}` {message}"))

    def take(self, key: str, kind: type | tuple[type, ...], wanted: str, default: Any = None) -> Any:
        """The value of a key if it has the right type, else the default, noting what is wrong."""
        self.ask(key)
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.complain(key, f"must be {wanted}, not {_kind(value)}")
            return default
        return value

    def text(self, key: str, default: str = "", check: Callable[[str], str | None] | None = None) -> str:
        """A line of text; `check` returns what is wrong with it, or None."""
        value: str = self.take(key, str, 'text in quotes, like "…"', default)
        wrong = _line_wrong(value) or (check(value) if check and value else None)
        if wrong:
            self.complain(key, wrong)
            return default
        return value

    def choice(self, key: str, known: Iterable[str], default: str) -> str:
        """One of the known words."""
        return self.text(
            key,
            default,
            lambda value: None if value in known else f'has an unknown value "{value}"{did_you_mean(value, known)}',
        )

    def number(self, key: str, default: int) -> int:
        """A whole number, zero or more."""
        value: int = self.take(key, int, "a whole number", default)
        if value < 0:
            self.complain(key, "must not be negative")
            return default
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value: bool = self.take(key, bool, "true or false", default)
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of lines of text."""
        value = self.take(key, list, 'a list of strings, like ["…", "…"]')
        if value is None:
            return default
        for item in value:
            wrong = "must contain only strings" if not isinstance(item, str) else _line_wrong(item)
            if wrong:
                self.complain(key, wrong)
                return default
        return tuple(value)

    def localized(
        self, key: str, languages: Iterable[str], default: str = "", elsewhere: Iterable[str] = ()
    ) -> dict[str, str]:
        """One text for all languages, or a table of texts by language code; `elsewhere` are codes with theirs
        elsewhere.
        """
        self.ask(key)
        value = self.data.get(key)
        codes = list(languages)
        if not isinstance(value, dict):
            text = self.text(key, default)
            return dict.fromkeys(codes, text)
        table = Table(self.path, value, self.places, (*self.prefix, key), self.problems)
        texts = {code: table.text(code) for code in codes}
        table.done()
        missing = [code for code in codes if code not in value and code not in elsewhere]
        if missing:
            self.complain(key, f"has no text for language {', '.join(missing)}")
        return texts

    def table(self, key: str) -> Table:
        """A table inside this one; empty if it is missing."""
        value = self.take(key, dict, f"a table, like [{'.'.join((*self.prefix, key))}]", {})
        return Table(self.path, value, self.places, (*self.prefix, key), self.problems)

    def tables(self) -> dict[str, Table]:
        """Every key of this table as a table of its own: [languages.*], [themes.*]."""
        return {key: self.table(key) for key in self.data}

    def done(self) -> None:
        """Complain of every unknown key."""
        for key in self.data:
            if key not in self.asked:
                self.complain(key, f"is not a known setting{did_you_mean(key, self.asked)}")


def _kind(value: object) -> str:
    kinds = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a decimal number",
        list: "a list",
        dict: "a table",
    }
    return kinds.get(type(value), "a date")


def _line_wrong(text: str) -> str | None:
    found = NOT_IN_A_LINE.search(text)
    if not found:
        return None
    if found[0] in "\r\n":
        return "contains a line break; write it on one line"
    return f"contains the character {found[0]!r}; remove it"
