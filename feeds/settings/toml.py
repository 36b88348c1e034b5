"""TOML with the line of each key and of each mistake, whatever the text is; and what word was probably meant.

tomllib gives values without positions. Used for `feeds.toml`, for front matter in TOML and for the templates' words.
"""

from __future__ import annotations

import re
import tomllib
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from feeds.errors import Problem
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = {
    "Cannot overwrite a value": "this key is given twice; keep one",
    "Illegal character '\\n'": "text on this line has no closing quote; add it",
    "Invalid value": "invalid value; put text in quotes",
    "Unclosed array": "a list is never closed; add `]`",
    "Unterminated string": "text has no closing quotes; add them",
}
"""Common messages of tomllib, with what the author should write instead; other messages are shown as they are."""

_FEW = 8
_LONG_NUMBER = expression(r"0[xob][\da-fA-F_]{16,}|\d[\d_]{18,}")
_MOST = 1 << 63
"""Whole numbers beyond it are an error (TOML 1.0, "Integer"); Python cannot write one of over 4,300 digits as text."""
NESTING = 33
"""Maximum nesting of tables and lists, whatever they are written in: what works on them calls itself for each level."""

TOO_DEEP = "is nested too deeply; use fewer levels"

LONGEST = 200
"""Characters of a key whose line is kept, with its tables: each key inside a long one would be as long again."""

_DOTTED = expression(r"""(?<![\w.\-"'])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""")
_PARTS = 50
"""The library takes the square of the parts of a key."""


class NotTOML(ValueError):
    """A text that is no TOML, or more than this program takes; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def load_toml(text: str, path: str) -> dict[str, Any]:
    """The keys of a TOML text; `path` is for the message. Raises `NotTOML`."""
    if text.count(".") >= _PARTS and (deep := _DOTTED.search(text)):
        raise NotTOML(Problem(path, text.count("\n", 0, deep.start()) + 1, TOO_DEEP, code="toml-invalid"))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotTOML(_problem(path, text, error)) from error
    except RecursionError as error:
        raise NotTOML(Problem(path, deepest_line(text), TOO_DEEP, code="toml-invalid")) from error
    except ValueError as error:  # of the type itself, not of tomllib: a number that `int` refuses
        raise NotTOML(_too_long(text, path)) from error
    if is_too_deep(data):
        raise NotTOML(Problem(path, deepest_line(text), TOO_DEEP, code="toml-invalid"))
    if _LONG_NUMBER.search(text) and _has_long_number(data):
        raise NotTOML(_too_long(text, path))
    return data


def toml_tables(text: str) -> dict[str, Any]:
    """The tables of a TOML text, none if it has mistakes."""
    try:
        return load_toml(text, "")
    except NotTOML:
        return {}


def is_too_deep(value: Any) -> bool:
    """Whether tables and lists are nested deeper than `NESTING`."""
    level = [value]
    for _ in range(NESTING + 1):
        level = [inner for one in level if isinstance(one, (dict, list)) for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def deepest_line(text: str) -> int:
    """The line that is nested deepest, about: brackets in quotes count too, and dots when there are few brackets."""
    depths = accumulate((char in "[{") - (char in "]}") for char in text)
    place, depth = max(enumerate(depths), key=lambda pair: pair[1], default=(0, 0))
    if depth > NESTING:
        return text.count("\n", 0, place) + 1
    dots = [line.count(".") for line in text.split("\n")]
    return dots.index(max(dots)) + 1


def _too_long(text: str, path: str) -> Problem:
    found = _LONG_NUMBER.search(text)
    line = text.count("\n", 0, found.start()) + 1 if found else 1
    return Problem(
        path, line, "not valid TOML: a number is too long; put it in quotes if it is text", code="toml-invalid"
    )


def _has_long_number(data: dict[str, Any]) -> bool:
    rest: list[Any] = [data]
    while rest:
        value = rest.pop()
        if isinstance(value, (dict, list)):
            rest += _inside(value)
        elif isinstance(value, int) and not -_MOST <= value < _MOST:
            return True
    return False


def _problem(path: str, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    """A syntax mistake as a problem; tomllib gives the position only in its message."""
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    said = re.sub(r" \(at .*\)$", "", str(error))
    twice = re.fullmatch(r"Cannot declare \((.*?),?\) twice", said)
    if twice:
        message = f"[{re.sub(r', ', '.', twice[1]).replace(chr(39), '')}] is given twice; keep one"
    else:
        message = _PLAIN.get(said, f"{said[:1].lower()}{said[1:]}")
    return Problem(path, line, f"not valid TOML: {message}", code="toml-invalid")


def toml_lines(text: str) -> dict[str, int]:  # scanner
    """The line of each key in a TOML text, from 1: `digest.day` -> 7. tomllib keeps no positions."""
    lines: dict[str, int] = {}
    prefix = quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        inside = quote  # multi-line text may contain what looks like a key
        for mark in re.findall(r'"""|\'\'\'', line):
            quote = "" if quote == mark else quote or mark
        if inside:
            continue
        if header := re.match(r"\s*+\[++([^\[\]]++)\]++\s*+(?:#|$)", line):
            table = _plain(header[1])
            prefix = f"{table}."
            lines.setdefault(table, number)
        elif len(prefix) > LONGEST:
            continue
        elif key := re.match(r"\s*+([\w.\-/\"' ]++)\s*+=", line):
            lines.setdefault(prefix + _plain(key[1]), number)
    return lines


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to end a message with: `; did you mean "title"?`, or the known words if there are few."""
    import difflib  # 2 ms that only a mistake needs

    words = list(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6) if len(word) <= LONGEST else ()
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= _FEW else ""


def _plain(key: str) -> str:
    """A dotted key without its quotes and blanks."""
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
