"""The Markdown of a line as kramdown reads it, put so that comrak reads it alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.markup.kramdown.patterns import BLOCKS, CLOSE, RAW, TAG, VOID
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.markup.kramdown.nodes import Found

_MARKS = expression(r"[\\`*_\[\]~$]")
"""Signs of Markdown, which are none as references, be it in text or in a tag."""
_COMMENT_ENDS = expression("-->")
_LITERAL = expression(r"[\\`*_\[\]{}()#+.!|~:$<>&\n-]")
_MATTERS = expression(r"[<\\{\]]")
_BEGINS = expression(r"`++|[\\<{\]]")
_TOKEN = expression(
    rf"""
    (?P<alone>(?<!\S)`(?=\s))
  | (?P<code>(?P<ticks>`++)(?:(?!(?P=ticks))[^\n]|\n){{1,4000}}?(?P=ticks))
  | (?P<line_end>\\\\(?=\n))
  | \\(?P<escaped>.)
  | (?P<address><(?:(?:mailto|https?|ftps?):[^<>\s]++|[\w.-]++@[\w.-]++)>)
  | (?P<comment><!--)
  | (?P<tag>{TAG})
  | (?P<close>{CLOSE})
  | (?P<bracketed>\]\(<[^<>\n]*+>)
  | (?P<less><)
  | \{{::(?P<extension>comment|nomarkdown)\}}
  | \{{::\w++[^{{}}\n]*+/\}}
  | (?<=[*_`)\]>~])\{{:(?:\\\}}|[^{{}}\n])++\}}
  | \]\s++\[(?P<reference>[^\[\]\n]++)\]
  | \]\((?P<target>(?!<)(?:[^()\s]++|\s++(?![\"'\s])|\((?:[^()\s]++|\s++(?![\"'\s]))*+\)){{1,1000}}+)(?:\)|(?=\s))
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = frozenset("\\.*_+`<>()[]{}#!:|\"'$=-~\n")
"""What a backslash makes a sign of; before others it is one itself."""
_LINE = expression(r"^[ \t]*+", re.MULTILINE)


class Spans:
    """Rewrites the texts of one post. `known` tells which names are elements to a browser."""

    def __init__(self, found: Found, known: Callable[[str], bool]) -> None:
        self.found, self.known = found, known
        self._open: list[str] = []
        self._missing: set[re.Pattern[str]] = set()

    def rewritten(self, words: str) -> str:
        """A text of which comrak makes what kramdown makes of `words`: spans only.

        Nothing behind a vertical tab begins a block, and to spans it is white space.
        """
        if _MATTERS.search(words) or ("`" in words and ("``" in words or " ` " in words or words.startswith("` "))):
            words = self._tokens(words)
        return _LINE.sub("\v", words) if "\n" in words else "\v" + words.lstrip(" \t")

    def _tokens(self, words: str) -> str:
        self._open, self._missing = [], set()
        parts, place = list[str](), 0
        while begin := _BEGINS.search(words, place):
            found = _TOKEN.match(words, begin.start())
            if not found or (found["reference"] and not self._refers(found)):
                parts.append(words[place : begin.end()])
                place = begin.end()
                continue
            parts += [words[place : found.start()], self._token(found)]
            place = found.end()
            if found["comment"]:
                _, place = self._end(_COMMENT_ENDS, words, place)
                if _COMMENT_ENDS in self._missing:
                    parts[-1], place = "&lt;", found.start() + 1
                else:
                    parts.append(words[found.end() : place])
            elif found["extension"]:
                shown, place = self._extended(found["extension"], words, place)
                parts.append(shown)
            elif self._open and self._open[-1] in RAW:
                end = self._end(re.compile(rf"</{self._open[-1]}\s*+>", re.IGNORECASE), words, place)
                parts.append(_LITERAL.sub(_reference, words[place : end[0]]))
                place = end[0]
        return "".join([*parts, words[place:], *(f"</{name}>" for name in reversed(self._open))])

    def _end(self, ending: re.Pattern[str], words: str, place: int) -> tuple[int, int]:
        """Where an end that is looked for begins and ends: at the end of all when there is none."""
        end = None if ending in self._missing else ending.search(words, place)
        if not end:
            self._missing.add(ending)
        return end.span() if end else (len(words), len(words))

    def _extended(self, name: str, words: str, place: int) -> tuple[str, int]:
        """What is left of `{::comment}` or `{::nomarkdown}`, and the place behind; without an end they are text."""
        begin, end = self._end(re.compile(rf"\{{:/(?:{name})?\}}"), words, place)
        if begin == end:
            return f"{{::{name}}}", place
        return "" if name == "comment" else _MARKS.sub(_reference, words[place:begin]), end

    def _token(self, found: re.Match[str]) -> str:
        shown = found[0]
        if found["escaped"]:
            shown = shown if found["escaped"] in _ESCAPED else f"\\{shown}"
        elif found["tag"]:
            shown = self._tag(found)
        elif found["close"]:
            shown = self._close(found)
        elif found["less"]:
            shown = "&lt;"
        elif found["reference"]:
            shown = f"][{found['reference']}]"
        elif found["target"] is not None:
            shown = self._target(found["target"], shown)
        elif found["line_end"] or found["alone"]:
            shown = "\\" + (found["alone"] or "")
        elif found["code"] and found.string.startswith("`", found.end()):  # it ends here, whatever comrak would say
            inner = found["code"][len(found["ticks"]) : -len(found["ticks"])]
            shown = f"<code>{_LITERAL.sub(_reference, inner)}</code>"
        elif not (found["code"] or found["address"] or found["comment"] or found["bracketed"]):
            shown = ""  # attributes, and options
        return shown

    def _refers(self, found: re.Match[str]) -> bool:
        """Whether a name behind a blank is that of the link before it, which has none of its own yet."""
        begin = found.string.rfind("[", 0, found.start())
        own = begin + 1 < found.start() and found.string[begin - 1 : begin] != "]"
        return own and " ".join(found["reference"].split()).lower() in self.found.links

    def _target(self, target: str, whole: str) -> str:
        """The address of a link, which may hold blanks and what a backslash stands before."""
        address = " ".join(target.split())
        if not re.search(r"[\s\\]", address) or re.search("[<>]", address):
            return whole
        return f"](<{address}>{whole[len(target) + 2 :]}"

    def _tag(self, found: re.Match[str]) -> str:
        name = found["name"].lower()
        if name in BLOCKS:
            return f"&lt;{found[0][1:]}"
        if not found["closed"] and name not in VOID and self.known(name):
            self._open.append(name)
        tag = found[0].replace("\n", " ")
        return f"{tag[:-2].rstrip()}></{name}>" if found["closed"] and name not in VOID and self.known(name) else tag

    def _close(self, found: re.Match[str]) -> str:
        name = found["ended"].lower()
        if name not in self._open:
            return f"&lt;{found[0][1:]}" if self.known(name) else found[0]
        closed = [self._open.pop()]
        while closed[-1] != name:
            closed.append(self._open.pop())
        return "".join(f"</{one}>" for one in closed)


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"
