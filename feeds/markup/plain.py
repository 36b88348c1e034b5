"""HTML -> plain text: paragraphs, summaries, display width, reading time."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser

from feeds.markup.unicode_math import NO_BREAK, WHOLE, script

SUMMARY_COLUMNS = 400
"""The longest summary, in columns: a Chinese character takes two. About three sentences."""

WORDS_A_MINUTE = 230
HAN_A_MINUTE = 400

_PIECE = 4096

_BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "dt", "dd", "blockquote", "pre", "tr", "div"}
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_NOT_PROSE = {"blockquote", "li", "table", "section", "pre", "details", "dl", "figure"}
_SILENT = {"pre", "script", "style", "footnote", "iframe", "svg"}
_FORMULA = re.compile(f"{WHOLE}[^{WHOLE}]*{WHOLE}")
_WORD = re.compile("[^\\W_\u2e80-\u9fff\uf900-\ufaff]+")
_UNREAD = re.compile(
    r"^[ \t>]*(```|~~~).*?(?:^[ \t>]*\1|\Z)|<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*+>|\]\([^)]*\)", re.DOTALL | re.MULTILINE
)
_SENTENCE_END = re.compile(
    r"""(?<!\bal)(?<!e\.g)(?<!i\.e)(?<!\bvs)(?<!\bcf)(?<!Fig)(?<!Eq)[.!?…]["'”’)\]]*(?=[ \n]|$)|[。！？]["'”’）」』]*"""
)


class _Text(HTMLParser):
    """Collects the text of an HTML fragment, block by block, noting which blocks are paragraphs of prose."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[bool, str]] = []
        self.open: list[str] = []
        self.count: Counter[str] = Counter()  # of what is open: asked for at every word, however deep the nesting
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "img", "hr", "wbr", "source", "col"):
            self.parts.append(" " if tag == "br" else "")
            return
        if tag in _BLOCKS:
            self.flush()
        # A footnote's reference is no part of a sentence, an exponent is.
        name = "footnote" if tag == "sup" and ("class", "footnote-ref") in attrs else tag
        self.open.append(name)
        self.count[name] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.flush()
        name = "footnote" if tag == "sup" and self.count["footnote"] else tag
        while self.count[name]:
            last = self.open.pop()
            self.count[last] -= 1
            if last == name:
                break

    def handle_data(self, data: str) -> None:
        if self.inside(_SILENT):
            return
        sign = {"sup": "^", "sub": "_"}.get(self.open[-1] if self.open else "")
        self.parts.append(script(sign, data) if sign and data.strip() else data)

    def inside(self, names: set[str]) -> bool:
        return any(self.count[name] for name in names)

    def flush(self) -> None:
        text = _squeeze("".join(self.parts))
        self.parts.clear()
        if text:
            self.blocks.append((self.open[-1:] == ["p"] and not self.inside(_NOT_PROSE), text))


def paragraphs(html: str, *, prose_only: bool = False) -> list[str]:
    """The text of each block of an HTML fragment, without code; with `prose_only`, of top-level paragraphs alone."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    parser.flush()
    return [text for prose, text in parser.blocks if prose or not prose_only]


def join(paragraphs: list[str]) -> str:
    """Paragraphs as one text: a blank between them, but none where Chinese meets Chinese."""
    text = ""
    for paragraph in paragraphs:
        close = text and width(text[-1]) > 1 and width(paragraph[:1]) > 1
        text += paragraph if close or not text else f" {paragraph}"
    return text


def first_paragraph(html: str) -> str:
    """The first top-level paragraph, else the first text of any kind, else nothing. Reads no further than it must."""
    parser = _Text()
    for start in range(0, len(html), _PIECE):
        parser.feed(html[start : start + _PIECE])
        if found := next((text for prose, text in parser.blocks if prose), ""):
            return found
    parser.close()
    parser.flush()
    texts = [text for prose, text in parser.blocks if prose] or [text for _, text in parser.blocks]
    return texts[0] if texts else ""


def width(text: str) -> int:
    """Columns a text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        2
        if unicodedata.east_asian_width(char) in "WF"
        else 0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 1
        for char in text
    )


def shorten(text: str, columns: int = SUMMARY_COLUMNS) -> str:
    """The text cut at the last sentence end that fits, else between words with an ellipsis; formulas stay whole."""
    if width(text) <= columns:
        return _shown(text)
    fits = len(text)
    while width(text[:fits]) > columns - 1:
        fits -= max(1, (width(text[:fits]) - columns) // 2)
    formulas = [found.span() for found in _FORMULA.finditer(text)]

    def whole(cut: int) -> bool:
        return not any(begin < cut < end for begin, end in formulas)

    ends = [found.end() for found in _SENTENCE_END.finditer(text) if found.end() <= fits and whole(found.end())]
    if ends and ends[-1] >= fits * 0.4:
        return _shown(text[: ends[-1]])
    words = [cut for cut in range(fits, fits // 2, -1) if whole(cut) and (text[cut] == " " or _HAN.match(text[cut]))]
    anywhere = next((begin for begin, end in formulas if begin < fits < end), fits)
    return _shown(text[: words[0] if words else anywhere].rstrip(" ,;:，；：、")) + "…"


def _shown(text: str) -> str:
    return text.replace(NO_BREAK, " ").replace(WHOLE, "")


def reading_minutes(markdown: str) -> int:
    """How long a Markdown text takes to read, at least a minute. Code is not counted, nobody reads it at that pace."""
    prose = _UNREAD.sub(" ", markdown)
    han = len(_HAN.findall(prose))
    words = len(_WORD.findall(prose))
    return max(1, round(han / HAN_A_MINUTE + words / WORDS_A_MINUTE))


def _squeeze(text: str) -> str:
    """White space folded as HTML folds it, leaving the blanks that hold a formula together."""
    return re.sub(r"[ \t\n\r]+", " ", text).strip(" ")
