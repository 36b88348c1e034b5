"""Generators' own tags in Markdown, like `{% asset_img x.png %}` and `{{< figure >}}`: found, taken apart, replaced.

What stands in code is text. A tag is known by its name; of one that is not, the text it encloses stays, with a warning.
Replacements keep the number of lines where they can, so that later warnings name the right one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from feeds.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from feeds.model import Post

FENCE = r"""
    (?P<fence>^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?P<mark>`{3,}|~{3,})[^\n]*\n
      (?:(?:[^\n]*\n)*?[ \t>]*(?P=mark)[`~]*[ \t]*$|.*\Z))
"""
SPAN = r"(?P<code>(?<!`)(?P<ticks>`+)(?!`)(?:[^\n]|\n(?!\s*\n))+?(?<!`)(?P=ticks)(?!`))"
"""Code in a Markdown text, as verbose regular expressions: a fenced block, and a span within a paragraph."""

FLAGS = re.VERBOSE | re.MULTILINE | re.DOTALL

EMBEDS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "bilibili": "https://www.bilibili.com/video/{}",
    "gist": "https://gist.github.com/{}",
    "jsfiddle": "https://jsfiddle.net/{}/",
    "tweet": "https://twitter.com/i/status/{}",
    "twitter": "https://twitter.com/i/status/{}",
    "x": "https://twitter.com/i/status/{}",
    "instagram": "https://www.instagram.com/p/{}/",
}
"""What a frame or a script would show; in a feed it is a link."""

_WORDS = re.compile(
    r"""(?:(?P<name>[\w-]+)\s*=\s*)?(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|`(?P<raw>[^`]*)`|(?P<bare>[^\s"']+))"""
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag taken apart: `words` in their order, `named` arguments, the text it encloses ("" for none)."""

    name: str
    words: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    inner: str = ""


def tag(name: str, arguments: str, inner: str = "") -> Tag:
    """The tag with these arguments: words, quoted or not, and `name=value`."""
    words, named = [], {}
    for found in _WORDS.finditer(arguments):
        value = next(value for value in found.group("double", "single", "raw", "bare") if value is not None)
        if found["name"]:
            named[found["name"]] = value
        else:
            words.append(value)
    return Tag(name, tuple(words), named, inner)


class Tags:
    """Replaces the tags of one text. `problems` grow with what is not known."""

    def __init__(self, post: Post, text: str) -> None:
        self.post, self.text = post, text
        self._unknown: dict[str, int] = {}
        self._notes: list[Problem] = []

    @property
    def problems(self) -> list[Problem]:
        """A warning for each name that is not known, at its first place, and what was noted."""
        places = [
            Problem(
                self.post.path,
                self._line(place),
                f"tag `{name}` is not known; only the text it encloses is kept",
                "warning",
            )
            for name, place in self._unknown.items()
        ]
        return [*places, *self._notes]

    def unknown(self, name: str) -> str:
        """What stands for a tag that is not known: nothing."""
        place = re.search(rf"\{{[{{%][<%]?-?\s*/?{re.escape(name)}\b", self.text)
        self._unknown.setdefault(name, place.start() if place else 0)
        return ""

    def note(self, word: str, message: str) -> None:
        """A warning at the line that first holds a word."""
        self._notes.append(Problem(self.post.path, self._line(max(self.text.find(word), 0)), message, "warning"))

    def _line(self, place: int) -> int:
        return self.post.body_line + self.text.count("\n", 0, place)


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a generator writes its tags: a verbose expression with a group `name`, and what ends a tag, for each name."""

    tag: str
    end: str

    def rewrite(
        self,
        text: str,
        single: Callable[[re.Match[str]], str],
        pairs: Mapping[str, Callable[[str, str], str]],
        in_code: Callable[[str], str] = lambda code: code,
        in_fence: Callable[[str], str] | None = None,
    ) -> str:
        """The text with its tags changed: by `pairs` those that enclose text (arguments and text come in), by `single`
        the others. Goes through the text once: no text, however hostile, takes more than its length.
        """
        tokens = _tokens(self.tag)
        missing: set[str] = set()
        parts: list[str] = []
        place = 0
        while found := tokens.search(text, place):
            parts.append(text[place : found.start()])
            place = found.end()
            name = found["name"] or ""
            if found["fence"] is not None or found["code"] is not None:
                change = in_fence if in_fence and found["fence"] is not None else in_code
                parts.append(change(found[0]))
            elif name in pairs and name not in missing and (end := _end(self.end, name).search(text, place)):
                parts.append(pairs[name](found["arguments"], text[place : end.start()]))
                place = end.end()
            else:
                missing.add(name)  # from here on there is no end of it
                parts.append(single(found))
        return "".join([*parts, text[place:]])


LIQUID = Syntax(
    r"\{%-?\s*(?P<name>[A-Za-z][\w-]*)(?P<arguments>(?:(?!%\}|\{%).)*?)-?%\}"
    r"| \{\{-?\s*(?P<value>(?:(?!\}\}|\{\{).)*?)\s*-?\}\}",
    r"\{%-?\s*endNAME\s*-?%\}",
)
"""`{% tag %}` and `{{ value }}`, of Jekyll's Liquid and of Hexo's Nunjucks."""

RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)


@lru_cache
def _tokens(tag: str) -> re.Pattern[str]:
    return re.compile(rf"{FENCE}|{tag}|{SPAN}", FLAGS)


@lru_cache
def _end(form: str, name: str) -> re.Pattern[str]:
    return re.compile(form.replace("NAME", re.escape(name)))


def picture(src: str, alt: str = "") -> str:
    """Markdown of a picture."""
    return f"!{link(alt, src)}" if src else ""


def link(text: str, address: str) -> str:
    """Markdown of a link."""
    words = re.sub(r"([\\\[\]])", r"\\\1", " ".join(text.split()))
    whole = re.sub(r"\s+", "%20", re.sub("[<>]", "", address))
    return f"[{words}](<{whole}>)"


def fence(code: str, language: str = "", title: str = "") -> str:
    """Markdown of a block of code that may itself hold fences."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    mark = "`" * (longest + 1)
    body = code.removeprefix("\n").rstrip(" \t")
    end = "" if body.endswith("\n") else "\n"
    head = f"**{title}**\n\n" if title else ""
    return f"{head}{mark}{language}\n{body}{end}{mark}"


def quote(text: str, source: str = "") -> str:
    """Markdown of a quotation, with who said it."""
    lines = [f"> {line}".rstrip() for line in text.strip("\n").split("\n")]
    return "\n".join([*lines, ">", f"> — {source}"] if source else lines)


def embed(made: Tag) -> str:
    """A link to what a frame would show."""
    words = [*made.words, *(made.named[key] for key in ("user", "id") if key in made.named)]
    if made.name == "gist" and len(words) > 1 and "/" not in words[0]:
        words[:2] = ["/".join(words[:2])]
    elif made.name in ("tweet", "x", "twitter") and len(words) > 1:
        words = words[-1:]
    return f"<{EMBEDS[made.name].format(words[0])}>" if words else ""


def first_of(named: Mapping[str, str], keys: Iterable[str]) -> str:
    """The first of these arguments that is given."""
    return next((named[key] for key in keys if named.get(key)), "")
