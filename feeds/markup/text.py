"""HTML -> plain text: paragraphs, summaries, display width, reading time."""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from feeds.markup.math.unicode import NO_BREAK, WHOLE, plain, script
from feeds.markup.parser import Parser
from feeds.text import expression, fitting, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SUMMARY_COLUMNS = 400
"""The longest summary, in columns: a Chinese character takes two. About three sentences."""

WORDS_A_MINUTE = 230
HAN_A_MINUTE = 400

PIECE = 4096
CONTENTS = 40
"""Characters of the longest mark or title of a table of contents."""

BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "dt", "dd", "blockquote", "pre", "tr", "div"}
_HAN = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
NOT_PROSE = {"blockquote", "li", "table", "section", "pre", "details", "dl", "figure"}
SILENT = {"pre", "script", "style", "footnote", "iframe", "svg"}
HEADINGS = {f"h{level}" for level in range(1, 7)}
_ADDRESS = expression(r"(?:https?://|www\.)[^\s\u3000-\u303f\uff00-\uffef]++", re.IGNORECASE)
_CONTENTS = expression(
    r"\W*(?:toc|table\ of\ contents|contents|目录|目錄|目次|本文目录|文章目录)\W*", re.IGNORECASE | re.VERBOSE
)
"""The mark of a table of contents, or its title."""
_FORMULA = f"{WHOLE}[^{WHOLE}]*{WHOLE}"
_WORD = "[^\\W_\u2e80-\u9fff\uf900-\ufaff]+"
_UNREAD = (
    r"\n[ \t>]*(```(?![^\n]*`)|~~~)(?s:.*?)(?:^[ \t>]*\1|\Z)|<!--(?s:.*?)(?:-->|\Z)"
    r"|</?[a-zA-Z][^<>]*+>|\]\((?:[^)\]]++|\](?!\())*+\)"
)
"""Each begins with a different letter, so that `re` runs through prose without trying anything."""

_SENTENCE_END = (
    r"""(?<!\bal)(?<!e\.g)(?<!i\.e)(?<!\bvs)(?<!\bcf)(?<!Fig)(?<!Eq)[.!?…]["'”’)\]]*(?=[ \n]|$)|[。！？]["'”’）」』]*"""
)


class Text(NamedTuple):
    """The text of a block. `rank` is 0 for a paragraph of prose, 2 for a heading, 1 for any other."""

    rank: int
    text: str


def says_something(text: str) -> bool:
    """Whether a text tells what its post is about: an address, signs, and the mark of a table of contents do not."""
    words = _ADDRESS.sub("", text) if "://" in text or "www." in text else text
    return any(map(str.isalnum, words)) and not (len(words) < CONTENTS and _CONTENTS.fullmatch(words))


def first_that_speaks(texts: Iterable[Text]) -> int | None:
    """The place of the first text of the best rank that says something."""
    spoken = [(text.rank, place) for place, text in enumerate(texts) if says_something(text.text)]
    return min(spoken)[1] if spoken else None


class TextParser(Parser):
    """Collects the text of an HTML fragment, block by block, noting which blocks are paragraphs of prose."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Text] = []
        self.open: list[str] = []
        self.count: Counter[str] = Counter()  # of the open elements: asked at every word, however deep the nesting
        self.parts: list[str] = []
        self.broken = False  # the next text begins a line

    def handle_starttag(self, tag: str, attrs: Mapping[str, str]) -> None:
        """A block begins, or an element without an end tag."""
        if tag in ("br", "img", "hr", "wbr", "source", "col"):
            self.broken = self.broken or tag == "br"
            return
        if tag in BLOCKS:
            self.flush()
        # A footnote reference is not part of a sentence, an exponent is.
        name = "footnote" if tag == "sup" and attrs.get("class") == "footnote-ref" else tag
        self.open.append(name)
        self.count[name] += 1

    def handle_endtag(self, tag: str) -> None:
        """Close the open elements up to the one with this name."""
        if tag in BLOCKS:
            self.flush()
        name = "footnote" if tag == "sup" and self.count["footnote"] else tag
        while self.count[name]:
            last = self.open.pop()
            self.count[last] -= 1
            if last == name:
                break

    def handle_data(self, data: str) -> None:
        """Text, unless it is hidden; an exponent in plain text characters."""
        if self.inside(SILENT):
            return
        if self.broken:
            data = data.lstrip(" \t\r\n")
            if not data:
                return
            self.broken = False
            self.say(gap("".join(self.parts[-1:]).rstrip(" \t\r\n"), data), "")
        sign = {"sup": "^", "sub": "_"}.get(self.open[-1] if self.open else "")
        self.say(script(sign, data) if sign and data.strip() else data, data)

    def say(self, text: str, _written: str) -> None:
        """Takes a piece of text, and the HTML for it."""
        self.parts.append(text)

    def inside(self, names: set[str]) -> bool:
        """Whether one of these elements is open."""
        return any(self.count[name] for name in names)

    def flush(self) -> None:
        """The open block is complete."""
        text = _squeeze("".join(self.parts))
        self.parts.clear()
        self.broken = False
        if text:
            prose = self.open[-1:] == ["p"] and not self.inside(NOT_PROSE)
            self.blocks.append(Text(0 if prose else 2 if self.inside(HEADINGS) else 1, text))


def paragraphs(html: str, *, prose_only: bool = False) -> list[str]:
    """The text of each block of an HTML fragment, without code; with `prose_only`, only top-level paragraphs."""
    parser = TextParser()
    parser.feed(html)
    parser.close()
    parser.flush()
    return [text for rank, text in parser.blocks if not rank or not prose_only]


def join(paragraphs: list[str]) -> str:
    """Paragraphs as one text: a space between them, but none between Chinese and Chinese."""
    parts = list[str]()
    for paragraph in paragraphs:
        parts += [gap(parts[-1], paragraph) if parts else "", paragraph]
    return "".join(parts)


def gap(before: str, after: str) -> str:
    """What stands between two paragraphs that become one text."""
    return "" if not before or (width(before[-1]) > 1 and width(after[:1]) > 1) else " "


def pieces(parts: Iterable[str]) -> Iterator[str]:
    """A text that comes in parts, in pieces; the next part is requested only when needed.

    Each piece is twice as long as the one before, so that what waits for its end is read again a few times only.
    """
    held, length, most = list[str](), 0, PIECE
    for part in parts:
        held.append(part)
        length += len(part)
        if length < most:
            continue
        text, start = "".join(held), 0
        while len(text) - start >= most:
            yield text[start : start + most]
            start, most = start + most, 2 * most
        held, length = [text[start:]], len(text) - start
    yield "".join(held)


def first_paragraph(html: Iterable[str]) -> str:
    """The first top-level paragraph that says something in HTML that comes in parts, else the first text of another
    kind that does, else "". Reads no further than necessary.
    """
    parser, seen = TextParser(), 0
    for piece in pieces(html):
        parser.feed(piece)
        if found := next((text for rank, text in parser.blocks[seen:] if not rank and says_something(text)), ""):
            return found
        seen = len(parser.blocks)
    parser.close()
    parser.flush()
    place = first_that_speaks(parser.blocks)
    return "" if place is None else parser.blocks[place].text


def shorten(text: str, columns: int = SUMMARY_COLUMNS) -> str:
    """The text cut at the last sentence end that fits, else between words with an ellipsis; formulas stay whole."""
    end, ellipsis = cut(text, formula_places(text), columns)
    return shown(text[:end]) + ellipsis


def formula_text(tex: str) -> str:
    """A formula as text-only HTML, which `cut` keeps whole."""
    return f"{WHOLE}{escape(plain(tex), quote=False)}{WHOLE}"


def formula_places(text: str) -> list[tuple[int, int]]:
    """Where formulas begin and end."""
    return [found.span() for found in re.finditer(_FORMULA, text)]


def cut(text: str, wholes: Sequence[tuple[int, int]], columns: int = SUMMARY_COLUMNS) -> tuple[int, str]:
    """Where `shorten` cuts and what it appends, "" or an ellipsis; never inside one of `wholes`, pairs of positions."""
    if width(text) <= columns:
        return len(text), ""
    fits = fitting(text, columns - 1)
    wholes = [(begin, end) for begin, end in wholes if begin < fits]

    def whole(place: int) -> bool:
        return not any(begin < place < end for begin, end in wholes)

    sentences = takewhile(lambda found: found.end() <= fits, re.finditer(_SENTENCE_END, text))
    ends = [found.end() for found in sentences if whole(found.end())]
    if ends and ends[-1] >= fits * 0.4:
        return ends[-1], ""
    blanks = (end for end in range(fits, fits // 2, -1) if text[end] == " " or re.match(_HAN, text[end]))
    words = (end for end in blanks if whole(end))
    anywhere = min((begin for begin, end in wholes if begin < fits < end), default=fits)
    return len(text[: next(words, anywhere)].rstrip(" ,;:，；：、")), "…"


def shown(text: str) -> str:
    """A text as readers see it, without the characters that hold formulas together."""
    return text.replace(NO_BREAK, " ").replace(WHOLE, "")


def reading_minutes(markdown: str) -> int:
    """The reading time of a Markdown text, at least a minute. Code does not count: nobody reads it at that pace."""
    prose = re.sub(_UNREAD, " ", f"\n{markdown}", flags=re.MULTILINE)
    han = 0 if prose.isascii() else sum(map(len, re.findall(_HAN, prose)))
    words = len(re.findall(_WORD, prose))
    return max(1, round(han / HAN_A_MINUTE + words / WORDS_A_MINUTE))


def _squeeze(text: str) -> str:
    """White space folded as HTML folds it, keeping the spaces that hold a formula together."""
    return re.sub(r"[ \t\n\r]+", " ", text).strip(" ")
