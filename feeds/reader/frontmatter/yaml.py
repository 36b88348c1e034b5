"""YAML through libyaml's events: only they have the line and the quotes of every scalar, and they cost least."""

from __future__ import annotations

import re
from sys import intern
from typing import TYPE_CHECKING, Any

from yaml import (
    AliasEvent,
    CBaseLoader,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    MarkedYAMLError,
    ScalarEvent,
    SequenceEndEvent,
    YAMLError,
)
from yaml.composer import ComposerError

from feeds.reader.frontmatter.formats import FrontMatterError, Loaded
from feeds.settings.toml import LONGEST, NESTING, TOO_DEEP

if TYPE_CHECKING:
    from collections.abc import Callable

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_REPEATED = 10_000
"""Values that aliases may stand for in all: a few lines could stand for more than any memory holds."""


def load_yaml(text: str) -> Loaded:
    """The keys of a YAML text, values as dict, list, text or None. Raises `FrontMatterError`.

    Line 1 is the text's first: front matter starts right after the dashes of its opening fence.
    """
    reader = _Reader(text)
    try:
        found = reader.read()
    except MarkedYAMLError as error:
        raise _problem(error, text) from error
    except YAMLError as error:
        raise FrontMatterError(1, f"not valid YAML: {' '.join(str(error).split())}") from error
    if not found:
        raise FrontMatterError(2, "front matter must be `key: value` lines, like `title: My review`")
    return reader.loaded


class _Reader:
    """One text. An alias is what it refers to: all aliases of a table or a list share it, but who goes through the
    values meets it again at each.
    """

    def __init__(self, text: str) -> None:
        self.loaded = Loaded()
        self._next: Callable[[], Any] = CBaseLoader(text).get_event  # each kind of event has its own attributes
        self._anchors: dict[str, Any] = {}
        self._values = self._repeated = 0
        self._sizes: dict[str, int] = {}  # of what the anchors name, with all that aliases inside it stand for

    def read(self) -> bool:
        """Whether the text is one table, which is then `loaded`, or nothing but comments. Raises `YAMLError` or
        `FrontMatterError`.
        """
        self._next()  # the stream begins
        if type(self._next()) is not DocumentStartEvent:
            return True
        event = self._next()
        is_table = type(event) is MappingStartEvent
        if is_table:
            self.loaded.data = self._value(event, "", 0)
        while type(event) is not DocumentEndEvent:
            event = self._next()
        event = self._next()
        if type(event) is DocumentStartEvent:
            raise _wrong("but found another document", event)
        return is_table

    def _value(self, event: Any, path: str, depth: int) -> Any:
        """The value that starts with an event, inside this many tables and lists. `path` is its key's."""
        self._values += 1
        found = self._meant(event) if event.anchor else event
        if type(found) is ScalarEvent:
            if found.style:
                self.loaded.quoted.add(path)
                return found.value
            return None if found.value in _NULLS else found.value
        if not isinstance(found, CollectionStartEvent):
            return found
        if depth > NESTING:
            raise FrontMatterError(event.start_mark.line + 1, TOO_DEEP)
        made: Any = {} if type(found) is MappingStartEvent else []
        before = self._values
        if found.anchor:
            self._anchors[found.anchor] = made
        if type(found) is MappingStartEvent:
            self._fill(made, path, depth + 1)
        else:
            while type(event := self._next()) is not SequenceEndEvent:
                made.append(self._value(event, f"{path}.", depth + 1))
        if found.anchor:
            self._sizes[found.anchor] = self._values - before
        return made

    def _fill(self, table: dict[str, Any], path: str, depth: int) -> None:
        """Put keys and values into a table, up to its end."""
        next_event, lines = self._next, self.loaded.lines
        while type(event := next_event()) is not MappingEndEvent:
            line = event.start_mark.line + 1
            found = self._meant(event) if event.anchor else event
            if type(found) is not ScalarEvent:
                raise FrontMatterError(line, "a key must be a word; quote the value if it begins with `[`, `{` or `?`")
            key = intern(found.value)  # the same few in all front matter of a blog
            name = f"{path}.{key}" if path and len(path) <= LONGEST else path or key
            if key in table:
                self.loaded.twice.append((key, line, lines[name]))
            lines.setdefault(name, line)
            table[key] = self._value(next_event(), name, depth)

    def _meant(self, event: Any) -> Any:
        """The value for an event with an anchor: itself, or for an alias the scalar, table or list it refers to."""
        is_alias = type(event) is AliasEvent
        if (event.anchor in self._anchors) is not is_alias:
            raise _wrong("found undefined alias" if is_alias else "second occurrence", event)
        if is_alias:
            size = self._sizes.get(event.anchor, 0)
            self._values, self._repeated = self._values + size, self._repeated + size
            if self._repeated > _REPEATED:
                said = f"`*{event.anchor}` and the aliases before it stand for over {_REPEATED:,} values; use fewer"
                raise FrontMatterError(event.start_mark.line + 1, said)
        return self._anchors.setdefault(event.anchor, event)


def _wrong(message: str, event: Any) -> ComposerError:
    """An error like the library's, for what its grammar lets through."""
    return ComposerError(None, None, message, event.start_mark)


_SLIPS = (
    (r"[\w-]+：", "a full-width colon; write `key: value`"),
    (r"[\w-]+:[^\s/]", "no space after the colon; write `key: value`"),
)
"""Common mistakes that libyaml notices lines later, if at all."""

_OPEN_QUOTE = (r"""[\w-]+:\s+(["'])(?:(?!\1).)*$""", "a quote on this line is never closed; close it")


def _problem(error: MarkedYAMLError, text: str) -> FrontMatterError:
    """libyaml's message at its line, or for common mistakes the line of the mistake and the remedy."""
    lines = text.split("\n")
    mark = error.problem_mark or error.context_mark
    line = min(mark.line + 1 if mark else 1, len(lines))
    said = " ".join((error.problem or str(error)).split())
    if "nesting" in said:
        return FrontMatterError(line, TOO_DEEP)
    slips = (*_SLIPS, _OPEN_QUOTE) if "end of stream" in said else _SLIPS
    for number, source in enumerate(lines[:line], 1):
        for slip, remedy in slips:
            if re.match(slip, source):
                return FrontMatterError(number, f"not valid YAML: {remedy}")
    source = lines[line - 1]
    if "\t" in source[: len(source) - len(source.lstrip())] or ("cannot start any token" in said and "\t" in source):
        said = "this line is indented with a tab; use spaces"
    elif "mapping values are not allowed" in said:
        said = "a second `: ` on this line; put the value in quotes"
    elif re.match(r"""\s*(?:[\w-]+:|-)\s+[@%*&!|>`'"\[{]""", source) and "',' or" not in said:
        said = f"{said}; put the value in quotes"
    return FrontMatterError(line, f"not valid YAML: {said}")
