"""Where the keys of a TOML text are, what is wrong with its syntax, and what word was probably meant.

tomllib gives values without positions. Used for `feeds.toml`, for front matter in TOML and for the templates' words.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Any

from feeds.errors import Problem

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

LONGEST = 200
"""Characters of a key whose line is kept, with its tables: each key inside a long one would be as long again."""

_DOTTED = re.compile(r"""(?<![\w.\-"'])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""")
"""The library takes the square of the parts of a key."""


def toml_data(text: str) -> dict[str, Any]:
    """The values of a TOML text. Raises `TOMLDecodeError`."""
    if text.count(".") >= 50 and (deep := _DOTTED.search(text)):  # noqa: PLR2004  # as in the expression
        line = text.count("\n", 0, deep.start()) + 1
        raise tomllib.TOMLDecodeError(f"Key has too many parts; use fewer (at line {line}, column 1)")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise tomllib.TOMLDecodeError("Nested too deeply; use fewer levels (at line 1, column 1)") from error


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


def toml_lines(text: str) -> dict[str, int]:
    """The line of each key in a TOML text, from 1: `digest.day` -> 7. tomllib keeps no positions."""
    lines: dict[str, int] = {}
    prefix = quote = ""
    for number, line in enumerate(text.splitlines(), 1):
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
        elif key := re.match(r"\s*+([\w.\-\"' ]++)\s*+=", line):
            lines.setdefault(prefix + _plain(key[1]), number)
    return lines


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to end a message with: `; did you mean "title"?`, or the known words if there are few."""
    words = list(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6) if len(word) <= LONGEST else ()
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= _FEW else ""


def _plain(key: str) -> str:
    """A dotted key without its quotes and blanks."""
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
