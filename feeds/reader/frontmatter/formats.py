"""The result of reading front matter in any format, and TOML and JSON; YAML is in `yaml.py`."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from feeds.settings.toml import LONGEST, toml_data, toml_lines, toml_problem

if TYPE_CHECKING:
    from collections.abc import Iterator


NESTING = 33
"""Maximum nesting of tables and lists. The libraries themselves accept a thousand."""
TOO_DEEP = "the front matter is nested too deeply; use fewer levels"


class FrontMatterError(Exception):
    """Front matter that cannot be read: a line of the file and what to do about it."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


class NoFrontMatter(FrontMatterError):
    """A file without front matter, or with unclosed front matter: to some generators it is all text."""


@dataclass(slots=True)
class Loaded:
    """Keys and values, the line of each key (`paper.year` for nested ones), the keys whose text is in quotes, and
    duplicate keys, each with its line and the first one's.
    """

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    quoted: set[str] = field(default_factory=set)
    twice: list[tuple[str, int, int]] = field(default_factory=list)


def load_toml(text: str) -> Loaded:
    """The keys of a TOML text. Raises `FrontMatterError`."""
    try:
        data = toml_data(text)
    except tomllib.TOMLDecodeError as error:
        problem = toml_problem("", text, error)
        raise FrontMatterError(problem.line, problem.message) from error
    return Loaded(data, toml_lines(text))


def load_json(text: str) -> Loaded:
    """The keys of a JSON text. Raises `FrontMatterError`."""
    try:
        loaded = Loaded(json.loads(text))
    except json.JSONDecodeError as error:
        message = f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise FrontMatterError(error.lineno, message) from error
    except RecursionError as error:
        raise FrontMatterError(1, TOO_DEEP) from error
    for path, line in _json_keys(text):
        if path in loaded.lines:
            loaded.twice.append((path, line, loaded.lines[path]))
        loaded.lines[path] = line
    return loaded


def _json_keys(text: str) -> Iterator[tuple[str, int]]:
    """Every key of a JSON text as `paper.year`, with its line; a key inside a list has the list's path."""
    path: list[str] = []
    word, line, place = "", 1, 0
    for token in re.finditer(r'"((?:[^"\\]++|\\.?+)*+)(?:"|\Z)|[{}\[\]:]', text, re.DOTALL):
        line, place = line + text.count("\n", place, token.start()), token.start()
        if token[0] == ":":
            if len(word) <= LONGEST:
                yield ".".join([*path[1:], word]), line
        elif token[0] in "{[":
            path.append(word if token[0] == "{" and len(word) <= LONGEST else f"{word[:LONGEST]}[{place}]")
            if len(path) > NESTING:
                raise FrontMatterError(line, TOO_DEEP)
        elif token[0] in "}]":
            del path[-1:]
        else:
            word = token[1]
