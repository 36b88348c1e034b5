"""Reading keys, and saying where they are wrong: `Keys` is what settings (`Table`) and front matter share.

`Fields` in `feeds.reader.fields` reads front matter, where every scalar is text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

from feeds.errors import Code, Problem, Severity
from feeds.settings.toml import did_you_mean
from feeds.text import FORBIDDEN, NOT_IN_A_LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

T = TypeVar("T")
_LONG = 400
_KIND = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a decimal number",
    list: "a list",
    dict: "a table",
}


@dataclass(eq=False, repr=False)
class Keys:
    """The keys of a table, and what is wrong with them. A subclass says how a value is judged.

    `prefix` is that of the table, `paper.` for `paper.year`. By such dotted names, `lines` gives the line of each key,
    from 1, and `files` the file of those that are not in `path`. Tables inside share `problems`.
    """

    path: str
    data: Mapping[str, Any]
    lines: Mapping[str, int]
    prefix: str = ""
    problems: list[Problem] = field(default_factory=list)
    files: Mapping[str, str] = field(default_factory=dict)

    def complain(self, key: str, message: str, severity: Severity = "error", *, code: Code) -> None:
        """Note what is wrong with a key: at its line, else its table's, else the file's first."""
        name = f"{self.prefix}{key}"
        place, table = name, self.prefix[:-1]
        while place and place not in self.lines:
            place, table = table, table.rpartition(".")[0]
        shown = " ".join(FORBIDDEN.sub("", name).split())
        path, line = self.files.get(place, self.path), self.lines.get(place, 1)
        if len(message) > _LONG:  # it quotes the value; what to write instead stands at its end
            message = f"{message[: _LONG // 2]}…{message[-_LONG // 2 :]}"
        self.problems.append(Problem(path, line, f"`{shown[:_LONG]}` {message}", severity, code=code))

    def below(self, key: str) -> Self:
        """The keys of a table inside, none when it is no table."""
        value = self.data.get(key)
        data = value if isinstance(value, dict) else {}
        return type(self)(self.path, data, self.lines, f"{self.prefix}{key}.", self.problems, self.files)


@dataclass(eq=False, repr=False)
class Table(Keys):
    """Settings: a value has the type that is wanted, or the default is used. `asked` are the known keys so far."""

    asked: list[str] = field(default_factory=list)

    def complain(self, key: str, message: str, severity: Severity = "error", *, code: Code = "setting-invalid") -> None:
        """Note what is wrong with a setting."""
        super().complain(key, message, severity, code=code)

    def take(self, key: str, kind: type[T], wanted: str, default: T) -> T:
        """The value of a key if it has the right type, else the default, noting what is wrong."""
        self.asked.append(key)
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.complain(key, f"must be {wanted}, not {_KIND.get(type(value), 'a date')}")
            return default
        return value

    def text(self, key: str, default: str = "", check: Callable[[str], str | None] | None = None) -> str:
        """A line of text, empty only if the default is; `check` returns what is wrong with it, or None."""
        value = self.take(key, str, 'text in quotes, like "…"', default)
        wrong = _line_wrong(value) or (check(value) if check and (value or default) else None)
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
        value = self.take(key, int, "a whole number", default)
        if value < 0:
            self.complain(key, "must not be negative")
            return default
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        return self.take(key, bool, "true or false", default)

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of lines of text."""
        value = self.take(key, list, 'a list of strings, like ["…", "…"]', [*default])
        for item in value:
            wrong = "must contain only strings" if not isinstance(item, str) else _line_wrong(item)
            if wrong:
                self.complain(key, wrong)
                return default
        return tuple(value)

    def localized(
        self, key: str, codes: Collection[str], default: str = "", elsewhere: Collection[str] = ()
    ) -> dict[str, str]:
        """One text for all languages, or a table of texts by language code; `elsewhere` are codes with theirs
        elsewhere.
        """
        if not isinstance(self.data.get(key), dict):
            return dict.fromkeys(codes, self.text(key, default))
        self.asked.append(key)
        table = self.below(key)
        texts = {code: table.text(code) for code in codes}
        table.done()
        missing = [code for code in codes if code not in table.data and code not in elsewhere]
        if missing:
            self.complain(key, f"has no text for language {', '.join(missing)}")
        return texts

    def table(self, key: str) -> Table:
        """A table inside this one; empty if it is missing or wrong."""
        self.take(key, dict, f"a table, like [{self.prefix}{key}]", {})
        return self.below(key)

    def tables(self) -> dict[str, Table]:
        """Every key of this table as a table of its own: [languages.*], [themes.*]."""
        return {key: self.table(key) for key in self.data}

    def done(self) -> None:
        """Complain of every unknown key."""
        for key in self.data:
            if key not in self.asked:
                self.complain(
                    key, f"is not a known setting{did_you_mean(key, dict.fromkeys(self.asked))}", code="key-unknown"
                )


def _line_wrong(text: str) -> str | None:
    found = NOT_IN_A_LINE.search(text)
    if not found:
        return None
    if found[0] in "\r\n":
        return "contains a line break; write it on one line"
    return f"contains the character U+{ord(found[0]):04X}; remove it"
