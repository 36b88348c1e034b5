"""The head of a file: its front matter in YAML, TOML (`+++`) or JSON, with the line of every key.

python-frontmatter finds and splits the head; what it would pass over in silence (a byte order mark, a head that is
never closed, a list for a map, a key given twice) is refused here with a line. YAML scalars stay text: `date`,
`draft: yes` and tag `2017` are read by whoever knows what the key means, so no YAML 1.1 guess gets in the way, and an
impossible date costs one message instead of the file.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml
from frontmatter.default_handlers import BaseHandler, JSONHandler, YAMLHandler

from feeds.errors import Problem
from feeds.reader import plain_head
from feeds.reader.text import printable
from feeds.toml import toml_lines, toml_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FIRST_READ = 2048
"""Octets read at first: nearly every head fits, and a post's text is often ten times as long."""

_LIMIT = 65_536
_NESTING = 32
_BRACKETS = 500
_INDICATORS = re.compile(rf"^\s*(?:[-?:][ \t]+){{{_NESTING}}}", re.MULTILINE)
_OCTET = re.compile("[\udc80-\udcff]")
_OPENING = re.compile(r"(?:-{3,}|\+{3,}|\{)[ \t\r]*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Head:
    """Keys and values, where each key stands (`paper.year` for nested ones), and the line the text starts on.

    `quoted` are keys whose text stands in quotes: generators read a quoted date differently. `problems` are warnings
    about characters that had to be taken out.
    """

    data: Mapping[str, Any]
    lines: Mapping[str, int]
    body_line: int
    problems: tuple[Problem, ...] = ()
    quoted: frozenset[str] = frozenset()

    def moved(self, by: int) -> Head:
        """The head that many lines further down."""
        return replace(
            self,
            lines={key: line + by for key, line in self.lines.items()},
            body_line=self.body_line + by,
            problems=tuple(replace(problem, line=problem.line + by) for problem in self.problems),
        )


class HeadError(Exception):
    """A head that cannot be read: a line of the file and what to do about it."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


class NoHead(HeadError):
    """A file without a head, or with one that is never closed: to some generators it is all text."""


def decode(raw: bytes) -> str:
    r"""A file's octets as text with `\n` line ends. Octets that are not UTF-8 become lone surrogates, each one.

    So a mistake in the text does not cost the head. Raises `HeadError` for what is no text in UTF-8 at all.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff", b"-\x00", b"\x00-")):
        raise HeadError(1, "is not UTF-8 text (UTF-16 or binary); save it as UTF-8")
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def not_utf8(text: str) -> re.Match[str] | None:
    """The first octet of a decoded text that is not UTF-8."""
    return _OCTET.search(text)


def octet_message(found: re.Match[str]) -> str:
    """What to tell the author of it."""
    return f"octet 0x{ord(found[0]) - 0xDC00:02x} is not UTF-8; save the file as UTF-8"


def opens(text: str) -> bool:
    """Whether a text begins with a head, or with what looks like one."""
    return bool(_OPENING.match(text))


def parse(text: str, path: str = "", *, lenient: bool = False) -> Head:
    """The head of a file's text; with `lenient` a key given twice is a warning. Raises `HeadError`."""
    if not opens(text):
        raise NoHead(1, "has no head; begin the file with `---`, then `title:` and `date:`, then `---`")
    handler = next(h for h in _HANDLERS if h.detect(text))
    try:
        fence, body = handler.split(text)
    except ValueError as error:
        closing = "}" if text.startswith("{") else text.partition("\n")[0].strip()
        raise NoHead(1, f"opens a head that is never closed; add a line `{closing}` after its last key") from error
    if len(fence) > _LIMIT:
        raise HeadError(1, f"has a head of over {_LIMIT // 1024} KB; close it earlier")
    if found := not_utf8(fence):
        raise HeadError(fence.count("\n", 0, found.start()) + 1, octet_message(found))
    if "\x00" in fence:
        raise HeadError(fence[: fence.index("\x00")].count("\n") + 1, "holds a NUL character; delete it")
    clean, problems = printable(fence, path, 1)
    # The library's split leaves the line end of the closing fence at the start of the body.
    body_line = text.count("\n", 0, len(text) - len(body)) + 2
    return _load(handler, clean, path, lenient=lenient, body_line=body_line, problems=problems)


def parse_unopened(text: str, path: str) -> Head:
    """A head that begins with its first key and ends at the first line of dashes. Raises `HeadError`."""
    closing = re.search(r"\n-{3,}[^\n]*(?:\n|\Z)", text)
    if not closing or not re.match(r"\s*[\w-]+[ \t]*:(?:\s|$)", text):
        raise NoHead(1, "has no head; begin the file with `title:` and `date:` lines, then `---`")
    try:
        head = parse(f"---\n{text[: closing.start()]}\n---\n", path)
    except HeadError as error:
        raise HeadError(max(error.line - 1, 1), error.message) from error
    return replace(head.moved(-1), body_line=text.count("\n", 0, closing.start() + 1) + 2)


def parse_json_lines(text: str, path: str) -> Head:
    """A head of JSON without its braces, above a line of `;;;` and maybe below one. Raises `HeadError`."""
    found = re.match(r"(;{3,}\n)?(.+?)\n;{3,}(?:\n|\Z)", text, re.DOTALL)
    if not found:
        raise NoHead(1, "opens a head that is never closed; add a line `;;;` after its last key")
    first = 0 if found[1] else -1
    try:
        head = parse(f"{{\n{found[2]}\n}}\n", path)
    except HeadError as error:
        raise HeadError(error.line + first, error.message) from error
    return replace(head.moved(first), body_line=text.count("\n", 0, found.end(2) + 1) + 2)


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
        if found := plain_head.load(fm):
            return _Loaded(*found)
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
    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "+++"

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


_HANDLERS: tuple[BaseHandler, ...] = (_YAML(), _TOML(), _JSON())


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
