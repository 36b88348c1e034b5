"""The head of a file: its front matter, with the line of every key.

Plain heads are read here, all others by the libraries (`front_matter.py`), which take longer to import than a hundred
heads to be read. Scalars stay text: `date`, `draft: yes` and tag `2017` are read by whoever knows what the key means,
so no YAML 1.1 guess gets in the way, and an impossible date costs one message instead of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from feeds.reader import plain_head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.errors import Problem

FIRST_READ = 2048
"""Octets read at first: nearly every head fits, and a post's text is often ten times as long."""

LIMIT = 65_536
"""Characters of a head."""

_OCTET = re.compile("[\udc80-\udcff]")
FENCE = re.compile(r"^-{3,}[^\S\n]*$", re.MULTILINE)
"""A line of dashes. python-frontmatter's own takes blank lines below with it: where a text begins would depend on how
much of the file was read.
"""
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
    try:
        text.encode()  # eight times as fast as the search
    except UnicodeEncodeError:
        return _OCTET.search(text)
    return None


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
    if found := _plain(text):
        return found
    from feeds.reader import front_matter

    return front_matter.parse(text, path, lenient=lenient)


def _plain(text: str) -> Head | None:
    """A head that needs no library: found as python-frontmatter finds it, and of our own grammar."""
    closing = FENCE.search(text, 3) if text.startswith("---\n") else None
    found = plain_head.load(text[3 : closing.start()]) if closing and closing.start() < LIMIT else None
    if not closing or not found:
        return None
    data, lines, quoted = found
    return Head(data, lines, text.count("\n", 0, closing.end()) + 2, (), frozenset(quoted))


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
