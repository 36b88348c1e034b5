"""Heads and configuration files by the libraries: YAML, TOML (`+++`) and JSON, with the line of every key.

python-frontmatter finds and splits the head; what it would pass over in silence (a head that is never closed, a list
for a map, a key given twice) is refused here with a line.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml
from frontmatter.default_handlers import BaseHandler, JSONHandler, YAMLHandler

from feeds.errors import Problem
from feeds.reader import plain_head
from feeds.reader.head import FENCE, LIMIT, Head, HeadError, NoHead, not_utf8, octet_message
from feeds.reader.text import printable
from feeds.toml import toml_lines, toml_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NESTING = 32
_BRACKETS = 500
_INDICATORS = re.compile(rf"^\s*(?:[-?:][ \t]+){{{_NESTING}}}", re.MULTILINE)


def parse(text: str, path: str, *, lenient: bool) -> Head:
    """The head of a text that begins with one. Raises `HeadError`."""
    handler = next(h for h in _HANDLERS if h.detect(text))
    try:
        fence, body = handler.split(text)
    except ValueError as error:
        closing = "}" if text.startswith("{") else text.partition("\n")[0].strip()
        raise NoHead(1, f"opens a head that is never closed; add a line `{closing}` after its last key") from error
    if len(fence) > LIMIT:
        raise HeadError(1, f"has a head of over {LIMIT // 1024} KB; close it earlier")
    if found := not_utf8(fence):
        raise HeadError(fence.count("\n", 0, found.start()) + 1, octet_message(found))
    if "\x00" in fence:
        raise HeadError(fence[: fence.index("\x00")].count("\n") + 1, "holds a NUL character; delete it")
    clean, problems = printable(fence, path, 1)
    # The library's split leaves the line end of the closing fence at the start of the body.
    body_line = text.count("\n", 0, len(text) - len(body)) + 2
    return _load(handler, clean, path, lenient=lenient, body_line=body_line, problems=problems)


def load(text: str, path: str) -> Head:
    """A whole file of YAML, TOML or JSON, by the end of its name: a generator's configuration. Raises `HeadError`."""
    clean, problems = printable(text, path, 1)
    handler = {".toml": _HANDLERS[1], ".json": _HANDLERS[2]}.get(PurePosixPath(path).suffix, _HANDLERS[0])
    return _load(handler, clean, path, lenient=True, body_line=1, problems=problems)


def _load(
    handler: BaseHandler, text: str, path: str, *, lenient: bool, body_line: int, problems: Sequence[Problem]
) -> Head:
    """What a handler reads, and problems met before."""
    loaded: _Loaded = handler.load(text)  # type: ignore[assignment]  # ours give this
    if loaded.twice and not lenient:
        key, line, first = loaded.twice[0]
        raise HeadError(line, f"`{key}` is given twice (first in line {first}); keep one")
    twice = (
        Problem(path, line, f"`{key}` is given twice (first in line {first}); the last counts", "warning")
        for key, line, first in loaded.twice
    )
    return Head(loaded.data, loaded.lines, body_line, (*problems, *twice), frozenset(loaded.quoted))


@dataclass(slots=True)
class _Loaded:
    """What a handler reads: `twice` are keys given again, each with its line and the first one's."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    quoted: set[str] = field(default_factory=set)
    twice: list[tuple[str, int, int]] = field(default_factory=list)


class _YAML(YAMLHandler):
    def load(self, fm: str, **_: object) -> Any:
        try:
            node = yaml.compose(fm, Loader=yaml.CSafeLoader) if _shallow(fm) else None
        except yaml.MarkedYAMLError as error:
            raise _yaml_problem(error, fm) from error
        except yaml.YAMLError as error:
            raise HeadError(1, f"not valid YAML: {' '.join(str(error).split())}") from error
        if not isinstance(node, yaml.MappingNode):
            raise HeadError(2, "the head must be `key: value` lines, like `title: My review`")
        loaded = _Loaded()
        loaded.data = _construct(node, "", loaded, {})
        return loaded


class _TOML(BaseHandler):
    def load(self, fm: str) -> Any:
        try:
            data = tomllib.loads(fm)
        except tomllib.TOMLDecodeError as error:
            problem = toml_problem("", fm, error)
            raise HeadError(problem.line, problem.message) from error
        except RecursionError as error:
            raise HeadError(1, "the head is nested too deeply") from error
        return _Loaded(data, {".".join(key): line for key, line in toml_lines(fm).items()})


class _JSON(JSONHandler):
    def load(self, fm: str, **_: object) -> Any:
        loaded = _Loaded()
        for path, line in _json_keys(fm):
            if path in loaded.lines:
                loaded.twice.append((path, line, loaded.lines[path]))
            loaded.lines[path] = line
        try:
            loaded.data = json.loads(fm)
        except json.JSONDecodeError as error:
            raise HeadError(error.lineno, f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}") from error
        except RecursionError as error:
            raise HeadError(1, "the head is nested too deeply") from error
        return loaded


def _json_keys(text: str) -> Iterator[tuple[str, int]]:
    """Every key of a JSON text as `paper.year`, with its line; a key inside a list has the list's path."""
    path: list[str] = []
    word = ""
    for token in re.finditer(r'"((?:[^"\\]|\\.)*)"|[{}\[\]:]', text):
        if token[0] == ":":
            yield ".".join([*path[1:], word]), text.count("\n", 0, token.start()) + 1
        elif token[0] in "{[":
            path.append(word if token[0] == "{" else f"{word}[{token.start()}]")
        elif token[0] in "}]":
            del path[-1:]
        else:
            word = token[1]


_HANDLERS: tuple[BaseHandler, ...] = (
    _YAML(FENCE),
    _TOML(re.compile(r"^\+{3,}[^\S\n]*$", re.MULTILINE), "+++", "+++"),
    _JSON(re.compile(r"^[{}][^\S\n]*$", re.MULTILINE)),
)


def _shallow(text: str) -> bool:
    """libyaml recurses without a limit: a head of nothing but brackets or dashes would end the process."""
    if text.count("[") + text.count("{") > _BRACKETS or _INDICATORS.search(text):
        raise HeadError(1, "the head is nested too deeply")
    return True


def _construct(node: yaml.Node, path: str, loaded: _Loaded, seen: dict[int, Any]) -> Any:
    """A YAML node as dict, list, text or None. Aliases share one object, so they cannot multiply."""
    if isinstance(node, yaml.ScalarNode):
        if node.style:
            loaded.quoted.add(path)
        return None if not node.style and node.value in plain_head.NULLS else node.value
    if id(node) in seen:
        return seen[id(node)]
    if path.count(".") > _NESTING:
        raise HeadError(_yaml_line(node.start_mark), "the head is nested too deeply")
    if isinstance(node, yaml.SequenceNode):
        items: list[Any] = []
        seen[id(node)] = items
        items.extend(_construct(item, f"{path}.", loaded, seen) for item in node.value)
        return items
    table: dict[str, Any] = {}
    seen[id(node)] = table
    for key, value in node.value:
        line = _yaml_line(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            raise HeadError(line, "a key must be a word; quote the value if it begins with `[`, `{` or `?`")
        name = _join(path, key.value)
        if key.value in table:
            loaded.twice.append((key.value, line, loaded.lines[name]))
        loaded.lines.setdefault(name, line)
        table[key.value] = _construct(value, name, loaded, seen)
    return table


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _yaml_line(mark: yaml.Mark | None) -> int:
    """The file's line of a mark: the head's text begins behind the opening `---`, still on line 1."""
    return mark.line + 1 if mark else 1


_SLIPS = (
    (re.compile(r"^[\w-]+："), "a full-width colon; write `key: value`"),
    (re.compile(r"^[\w-]+:[^\s/]"), "no blank behind the colon; write `key: value`"),
)
"""What people write that libyaml notices lines later, if at all."""

_OPEN_QUOTE = (re.compile(r"""^[\w-]+:\s+(["'])(?:(?!\1).)*$"""), "a quote begins in this line and is never closed")


def _yaml_problem(error: yaml.MarkedYAMLError, text: str) -> HeadError:
    """libyaml's words at its line, or for the slips people make the line of the slip and the remedy."""
    lines = text.split("\n")
    line = min(_yaml_line(error.problem_mark or error.context_mark), len(lines))
    said = " ".join((error.problem or str(error)).split())
    slips = (*_SLIPS, _OPEN_QUOTE) if "end of stream" in said else _SLIPS
    for number, source in enumerate(lines[:line], 1):
        for slip, remedy in slips:
            if slip.match(source):
                return HeadError(number, f"not valid YAML: {remedy}")
    source = lines[line - 1]
    if "\t" in source[: len(source) - len(source.lstrip())] or ("cannot start any token" in said and "\t" in source):
        said = "a tab indents this line; use spaces"
    elif "mapping values are not allowed" in said:
        said = "a second `: ` in this line; put the value in quotes"
    elif re.match(r"""\s*(?:[\w-]+:|-)\s+[@%*&!|>`'"\[{]""", source) and "',' or" not in said:
        said = f"{said}; put the value in quotes"
    return HeadError(line, f"not valid YAML: {said}")
