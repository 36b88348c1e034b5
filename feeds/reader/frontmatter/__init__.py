"""Front matter: the keys at the start of a file, in YAML, TOML or JSON, with the line of every key.

python-frontmatter splits; it and libyaml are loaded when front matter is first met. YAML scalars stay text: `date`,
`draft: yes` and tag `2017` are interpreted by the code that knows what the key means, so no YAML 1.1 guess interferes,
and an impossible date causes one message instead of losing the file. What the libraries would silently accept (front
matter that is never closed, a list instead of a map, a duplicate key) is rejected here with a line.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from feeds.errors import Problem
from feeds.reader.characters import printable
from feeds.reader.frontmatter.formats import FrontMatterError, Loaded, NoFrontMatter, load_json, load_toml
from feeds.records import record
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from frontmatter.default_handlers import BaseHandler

    from feeds.errors import Code

__all__ = [
    "FIRST_READ",
    "FrontMatter",
    "FrontMatterError",
    "NoFrontMatter",
    "byte_message",
    "decode",
    "load",
    "missing",
    "not_utf8",
    "opens",
    "parse",
    "parse_inside",
    "parse_json_lines",
    "parse_unopened",
]

FIRST_READ = 2048
"""Bytes read at first: nearly all front matter fits, and a post's text is often ten times as long."""

LIMIT = 65_536
"""Characters of front matter."""

_BYTE = expression("[\udc80-\udcff]")
_KEY = expression(r"\s*[\w-]+[ \t]*:(?:\s|$)")
_OPENING = expression(r"(?:-{3,}|\+{3,}|\{)[ \t\r]*(?:\n|$)")


@record()
class FrontMatter:
    """Keys and values, the line of each key (`paper.year` for nested ones), and the line where the text starts.

    `quoted` are keys whose text is in quotes: generators read a quoted date differently. `problems` are warnings about
    characters that had to be removed.
    """

    data: Mapping[str, Any]
    lines: Mapping[str, int]
    body_line: int
    problems: tuple[Problem, ...] = ()
    quoted: frozenset[str] = frozenset()

    def moved(self, by: int) -> FrontMatter:
        """The same, that many lines further down."""
        return replace(
            self,
            lines={key: line + by for key, line in self.lines.items()},
            body_line=self.body_line + by,
            problems=tuple(replace(problem, line=problem.line + by) for problem in self.problems),
        )


def decode(raw: bytes) -> str:
    r"""A file's bytes as text with `\n` line ends. Bytes that are not UTF-8 become lone surrogates, one each.

    So a mistake in the text does not lose the front matter. Raises `FrontMatterError` for anything that is not UTF-8
    text at all.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff", b"-\x00", b"\x00-")):
        raise FrontMatterError(1, "is not UTF-8 text (UTF-16 or binary); save it as UTF-8", code="encoding-invalid")
    text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def not_utf8(text: str) -> re.Match[str] | None:
    """The first byte of a decoded text that is not UTF-8."""
    try:
        text.encode()  # eight times as fast as the search
    except UnicodeEncodeError:
        return _BYTE.search(text)
    return None


def byte_message(found: re.Match[str]) -> str:
    """The message to the author about it."""
    return f"byte 0x{ord(found[0]) - 0xDC00:02x} is not UTF-8; save the file as UTF-8"


def opens(text: str) -> bool:
    """Whether a text starts with front matter, or with what looks like it."""
    return bool(_OPENING.match(text))


def missing(text: str) -> Code:
    """Whether a text without front matter has none, or only no line of dashes above or below it."""
    lacks_one = opens(text) or (_KEY.match(text) and re.search(r"\n-{3,}[ \t]*(?:\n|\Z)", text))
    return "front-matter-fence" if lacks_one else "front-matter-missing"


@cache
def _formats() -> Mapping[str, tuple[BaseHandler, Callable[[str], Loaded]]]:
    """By the first character of a text: what splits it, and what reads its front matter."""
    from frontmatter.default_handlers import BaseHandler, JSONHandler, YAMLHandler

    from feeds.reader.frontmatter.yaml import load_yaml

    return {
        "-": (YAMLHandler(_fence("-{3,}")), load_yaml),
        "+": (BaseHandler(_fence(r"\+{3,}"), "+++", "+++"), load_toml),
        "{": (JSONHandler(_fence("[{}]")), load_json),
    }


def _fence(signs: str) -> re.Pattern[str]:
    r"""A line of only these. The library's own patterns end in `\s*$` and include the blank lines below, so that where
    a text starts would depend on how much of its file was read.
    """
    return re.compile(rf"^{signs}[^\S\n]*$", re.MULTILINE)


def parse(text: str, path: str = "", *, lenient: bool = False) -> FrontMatter:
    """The front matter of a file's text; with `lenient` a duplicate key is a warning. Raises `FrontMatterError`."""
    if not opens(text):
        message = "has no front matter; start the file with `---`, then `title:` and `date:`, then `---`"
        raise NoFrontMatter(1, message, code=missing(text))
    handler, _ = _formats()[text[0]]
    try:
        inside, body = handler.split(text)
    except ValueError as error:
        closing = "}" if text.startswith("{") else text.partition("\n")[0].strip()
        message = f"opens front matter that is never closed; add a line `{closing}` after its last key"
        raise NoFrontMatter(1, message, code="front-matter-fence") from error
    # The library's split leaves the line end of the closing fence at the start of the body.
    body_line = text.count("\n", 0, len(text) - len(body)) + 2
    return parse_inside(text[0], inside, path, body_line=body_line, lenient=lenient)


def parse_inside(sign: str, inside: str, path: str, *, body_line: int, lenient: bool) -> FrontMatter:
    """The front matter between fences of these signs; it begins on line 1, right after the signs. Raises
    `FrontMatterError`.
    """
    if len(inside) > LIMIT:
        raise FrontMatterError(1, f"has more than {LIMIT // 1024} KB of front matter; close it earlier")
    if found := not_utf8(inside):
        raise FrontMatterError(inside.count("\n", 0, found.start()) + 1, byte_message(found), code="encoding-invalid")
    if "\x00" in inside:
        raise FrontMatterError(inside[: inside.index("\x00")].count("\n") + 1, "contains a NUL character; delete it")
    clean, problems = printable(inside, path, 1)
    _, read = _formats()[sign]
    return _front_matter(read(clean), path, lenient=lenient, body_line=body_line, problems=problems)


def parse_unopened(text: str, path: str) -> FrontMatter:
    """Front matter from a file's first line to the first line of dashes. Raises `FrontMatterError`."""
    closing = re.search(r"\n-{3,}[^\n]*(?:\n|\Z)", text)
    if not closing or not _KEY.match(text):
        raise NoFrontMatter(1, "has no front matter; start the file with `title:` and `date:` lines, then `---`")
    try:
        front = parse(f"---\n{text[: closing.start()]}\n---\n", path)
    except FrontMatterError as error:
        raise FrontMatterError(max(error.line - 1, 1), error.message, code=error.code) from error
    return replace(front.moved(-1), body_line=text.count("\n", 0, closing.start() + 1) + 2)


def parse_json_lines(text: str, path: str) -> FrontMatter:
    """JSON without its braces, above a line of `;;;` and maybe below one. Raises `FrontMatterError`."""
    found = re.match(r"(;{3,}\n)?(.+?)\n;{3,}(?:\n|\Z)", text, re.DOTALL)
    if not found:
        raise NoFrontMatter(
            1,
            "opens front matter that is never closed; add a line `;;;` after its last key",
            code="front-matter-fence",
        )
    first = 0 if found[1] else -1
    try:
        front = parse(f"{{\n{found[2]}\n}}\n", path)
    except FrontMatterError as error:
        raise FrontMatterError(error.line + first, error.message, code=error.code) from error
    return replace(front.moved(first), body_line=text.count("\n", 0, found.end(2) + 1) + 2)


def load(text: str, path: str) -> FrontMatter:
    """A whole file of YAML, TOML or JSON, by its file extension: a generator's configuration. Raises
    `FrontMatterError`.
    """
    clean, problems = printable(text, path, 1)
    _, read = _formats()[{".toml": "+", ".json": "{"}.get(PurePosixPath(path).suffix, "-")]
    return _front_matter(read(clean), path, lenient=True, body_line=1, problems=problems)


def _front_matter(
    loaded: Loaded, path: str, *, lenient: bool, body_line: int, problems: Sequence[Problem]
) -> FrontMatter:
    """The result, with the problems found before."""
    if loaded.twice and not lenient:
        key, line, first = loaded.twice[0]
        raise FrontMatterError(line, f"`{key}` is given twice (first on line {first}); keep one", code="key-repeated")
    twice = [
        Problem(
            path,
            line,
            f"`{key}` is given twice (first on line {first}); the last one is used",
            "warning",
            code="key-repeated",
        )
        for key, line, first in loaded.twice
    ]
    halves = [
        Problem(
            path,
            line,
            f"contains half a character (U+{half}), which was removed; delete it here",
            "warning",
            code="character-removed",
        )
        for line, half in dict.fromkeys(loaded.removed)
    ]
    return FrontMatter(loaded.data, loaded.lines, body_line, (*problems, *halves, *twice), frozenset(loaded.quoted))
