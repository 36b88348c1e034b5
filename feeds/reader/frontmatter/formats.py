"""The result of reading front matter in any format, and TOML and JSON; YAML is in `yaml.py`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from feeds.settings import toml
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.errors import Code


_DIGITS = 18
_MAY_BE_HALF = expression(r"\\u[dD][89a-fA-F]")
_ESCAPE = expression(r"\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u([dD][89a-fA-F][\da-fA-F]{2})|.)")


class FrontMatterError(Exception):
    """Front matter that cannot be read: a line of the file and what to do about it."""

    code: Code = "front-matter-invalid"

    def __init__(self, line: int, message: str, *, code: Code | None = None) -> None:
        super().__init__(message)
        self.line, self.message, self.code = line, message, code or self.code


class NoFrontMatter(FrontMatterError):
    """A file without front matter, or with unclosed front matter: to some generators it is all text."""

    code: Code = "front-matter-missing"


@dataclass(slots=True)
class Loaded:
    """Keys and values, the line of each key (`paper.year` for nested ones), the keys whose text is in quotes, and
    duplicate keys, each with its line and the first one's. `removed` are lines with what had to be removed there.
    """

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    quoted: set[str] = field(default_factory=set)
    twice: list[tuple[str, int, int]] = field(default_factory=list)
    removed: list[tuple[int, str]] = field(default_factory=list)


def load_toml(text: str) -> Loaded:
    """The keys of a TOML text. Raises `FrontMatterError`."""
    try:
        data = toml.load_toml(text, "")
    except toml.NotTOML as error:
        raise FrontMatterError(error.problem.line, error.problem.message) from error
    return Loaded(data, toml.toml_lines(text))


def load_json(text: str) -> Loaded:
    """The keys of a JSON text. Raises `FrontMatterError`."""
    loaded = Loaded()
    whole = _without_halves(text, loaded.removed)
    try:
        loaded.data = json.loads(whole, parse_int=_whole_number)
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise FrontMatterError(error.lineno, message) from error
    except RecursionError as error:
        raise FrontMatterError(toml.deepest_line(text), toml.TOO_DEEP) from error
    if toml.is_too_deep(loaded.data):
        raise FrontMatterError(toml.deepest_line(text), toml.TOO_DEEP)
    for path, line in _json_keys(whole):
        if path in loaded.lines:
            loaded.twice.append((path, line, loaded.lines[path]))
        loaded.lines[path] = line
    return loaded


def _whole_number(digits: str) -> int | str:
    """A whole number; one that no generator reads exactly stays text, which Python could not make of it again."""
    return int(digits) if len(digits) <= _DIGITS else digits


def _without_halves(text: str, removed: list[tuple[int, str]]) -> str:
    """A JSON text without escaped halves of a character, which no file can hold; each is noted with its line."""
    if not _MAY_BE_HALF.search(text):
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        removed += ((number, found[1].upper()) for found in _ESCAPE.finditer(line) if found[1])
        lines[number - 1] = _ESCAPE.sub(lambda found: "" if found[1] else found[0], line)
    return "\n".join(lines)


def _json_keys(text: str) -> Iterator[tuple[str, int]]:
    """Every key of a JSON text as `paper.year`, with its line; a key inside a list has the list's path."""
    path: list[str] = []
    word, line, place = "", 1, 0
    for token in re.finditer(r'"((?:[^"\\]++|\\.?+)*+)(?:"|\Z)|[{}\[\]:]', text, re.DOTALL):
        line, place = line + text.count("\n", place, token.start()), token.start()
        if token[0] == ":":
            if len(word) <= toml.LONGEST:
                yield ".".join([*path[1:], word]), line
        elif token[0] in "{[":
            path.append(word if token[0] == "{" and len(word) <= toml.LONGEST else f"{word[: toml.LONGEST]}[{place}]")
            if len(path) > toml.NESTING:
                raise FrontMatterError(line, toml.TOO_DEEP)
        elif token[0] in "}]":
            del path[-1:]
        else:
            word = token[1]
