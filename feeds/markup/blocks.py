"""HTML -> the blocks of an excerpt: paragraphs as runs of one style, code, and display formulas.

The text of the paragraphs is the summary's, and is cut in the same place.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from feeds.markup.text import (
    HEADINGS,
    NOT_PROSE,
    SUMMARY_COLUMNS,
    Text,
    TextParser,
    cut,
    first_that_speaks,
    formula_places,
    formula_text,
    gap,
    pieces,
    says_something,
)
from feeds.records import record
from feeds.text import width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from feeds.markup.math.find import Formula, Protected

MOST = 2
"""Display formulas and code blocks that an excerpt shows: more would be the post."""

LEAST = 0.4
"""This much of the summary must remain if a link or code is not to be cut in two."""

_STYLES = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "code": "code", "sub": "sub", "sup": "sup"}
_ORDER = ("strong", "em", "code", "sub", "sup")


@record()
class Run:
    """Text of one style. `text` is as in the summary, also for a formula; `raw` is an exponent as it was written."""

    text: str
    styles: tuple[str, ...] = ()
    href: str = ""
    formula: Formula | None = None
    raw: str = ""


@record()
class Paragraph:
    """A sequence of runs; `rank` as in `Text`. `kind` is told of a text shown whole."""

    runs: tuple[Run, ...]
    rank: int = 0
    kind: Literal["", "item", "heading"] = ""

    @property
    def text(self) -> str:
        """The text as in the summary."""
        return "".join(run.text for run in self.runs)


@record()
class Code:
    """A block of code and the language of its fence."""

    text: str
    language: str = ""


@record()
class Display:
    """A display formula."""

    formula: Formula


Block = Paragraph | Code | Display


def with_absolute_links(blocks: Iterable[Block], resolve: Callable[[str, str], str | None]) -> tuple[Block, ...]:
    """The blocks with `resolve("a", href)` for each URL; if it returns None for a link, only its words remain."""
    known: dict[str, str] = {"": ""}
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Paragraph) and any(run.href for run in block.runs):
            for run in block.runs:
                if run.href not in known:
                    known[run.href] = resolve("a", run.href) or ""
            block = replace(block, runs=tuple(replace(run, href=known[run.href]) for run in block.runs))  # noqa: PLW2901
        found.append(block)
    return tuple(found)


class _Blocks(TextParser):
    """The blocks of an HTML fragment whose formulas are elements made by `_element`.

    The text of each paragraph is the summary's, character by character.
    """

    def __init__(self, protected: Protected, *, whole: bool = False) -> None:
        super().__init__()
        self._protected, self._whole = protected, whole
        self._formula: Formula | None = None
        self._hrefs: list[str] = []  # of the open links
        self._runs: list[Run] = []
        self._code: list[str] = []
        self._language = ""
        self.found: list[Block] = []

    def handle_starttag(self, tag: str, attrs: Mapping[str, str]) -> None:
        if number := self._number(tag):
            formula = self._protected.formulas[abs(int(number))]
            if number.startswith("-"):
                self.found.append(Display(formula))
            else:
                self._formula = formula
            return
        super().handle_starttag(tag, attrs)
        if tag == "a":
            self._hrefs.append(attrs.get("href", ""))
        elif tag == "pre":
            self._code, self._language = [], ""
        elif tag == "code" and self.count["pre"]:
            name = re.fullmatch(r"language-(\S+)", attrs.get("class", ""))
            self._language = name[1] if name else ""

    def handle_endtag(self, tag: str) -> None:
        if self._number(tag):
            self._formula = None
            return
        ends_code = tag == "pre" and self.count["pre"] == 1
        super().handle_endtag(tag)
        del self._hrefs[self.count["a"] :]
        if ends_code and not self.inside(NOT_PROSE) and "".join(self._code).strip():
            self.found.append(Code("".join(self._code), self._language))

    def handle_data(self, data: str) -> None:
        if self.count["pre"]:
            self._code.append(data)
        super().handle_data(data)

    def say(self, text: str, written: str) -> None:
        super().say(text, written)
        styles = {style for name, style in _STYLES.items() if self.count[name]}
        href = self._hrefs[-1] if self._hrefs else ""
        raw = written if written != text else ""
        self._runs.append(Run(text, tuple(name for name in _ORDER if name in styles), href, self._formula, raw))

    def flush(self) -> None:
        known = len(self.blocks)
        super().flush()
        if len(self.blocks) > known:
            rank = self.blocks[-1].rank
            self.found.append(Paragraph(tuple(_squeezed(self._runs)), rank, self._kind()))
        self._runs.clear()

    def _kind(self) -> Literal["", "item", "heading"]:
        if not self._whole:
            return ""
        return "item" if self.count["li"] else "heading" if self.inside(HEADINGS) else ""

    def _number(self, tag: str) -> str:
        """Which formula an element stands for, "" for none; negative if it had a paragraph of its own."""
        mark = self._protected.mark
        return tag[2:] if mark and tag.startswith(f"f{mark}") else ""


def _squeezed(runs: Iterable[Run]) -> Iterator[Run]:
    """Runs with white space folded as `plain` folds it: several spaces become one, none at the ends."""
    held, blank = "", True
    last: Run | None = None
    for run in runs:
        text = re.sub(r"[ \t\n\r]+", " ", run.text)
        text = text[1:] if blank and text.startswith(" ") else text
        blank = text.endswith(" ") if text else blank
        if not text:
            continue
        if last:
            yield replace(last, text=last.text + held)
        held = " " if blank else ""
        last = replace(run, text=text.removesuffix(" ") if blank else text)
    if last and last.text:
        yield last


def of_head(html: str, protected: Protected) -> tuple[Block, ...]:
    """The summary from the front matter, each block of it a paragraph."""
    return _cut([block for block in _all(html, protected) if isinstance(block, Paragraph)], most=0)


def before_marker(html: str, protected: Protected) -> tuple[Block, ...]:
    """The prose of an HTML fragment with the code and the formulas inside it or at its end."""
    return _cut(_belonging(_all(html, protected)))


def first_paragraph(html: str, protected: Protected) -> tuple[Block, ...]:
    """The first paragraph of prose that says something, else another text, and the formula after a colon at its end."""
    mark = protected.mark
    if mark:
        html = re.sub(rf"<p>\s*{mark}(\d+){mark}\s*</p>", rf"<f{mark}-\1>", html)
    parser, seen = _Blocks(protected), 0
    for piece in pieces(_marked(html, protected)):
        parser.feed(piece)
        there = parser.found[:-1]
        if any(isinstance(block, Paragraph) and _is_prose(block) for block in there[seen:]):
            break
        seen = len(there)
    else:
        parser.close()
        parser.flush()
    texts = [(place, block) for place, block in enumerate(parser.found) if isinstance(block, Paragraph)]
    best = first_that_speaks(Text(block.rank, block.text) for _, block in texts)
    if best is None:
        return ()
    place, first = texts[best]
    colon = first.text.endswith((":", "："))
    led_to = [block for block in parser.found[place + 1 : place + 2] if colon and isinstance(block, Display)]
    return _cut([first, *(block for block in led_to if block.formula.display)])


def whole(html: str, protected: Protected) -> tuple[Block, ...]:
    """All of an HTML fragment, display formulas taken out of their paragraphs."""
    return tuple(_limited(_all(html, protected, whole=True), len(html)))


def _is_prose(block: Paragraph) -> bool:
    return not block.rank and says_something(block.text)


def _all(html: str, protected: Protected, *, whole: bool = False) -> list[Block]:
    parser = _Blocks(protected, whole=whole)
    parser.feed("".join(_marked(html, protected)))
    parser.close()
    parser.flush()
    return parser.found


def _marked(html: str, protected: Protected) -> Iterator[str]:
    """HTML in parts with each formula as the summary's text for it, inside an element that no author can write."""
    numbers = {id(formula): number for number, formula in enumerate(protected.formulas)}

    def element(formula: Formula) -> str:
        name = f"f{protected.mark}{numbers[id(formula)]}"
        return f"<{name}>{formula_text(formula.tex)}</{name}>"

    return protected.restored(html, element)


def _belonging(blocks: Iterable[Block]) -> list[Block]:
    """Prose, and the code between its paragraphs or right after them."""
    kept: list[Block] = []
    waiting: list[Block] = []
    directly = False
    for block in blocks:
        if isinstance(block, Paragraph) and not block.rank and (kept or says_something(block.text)):
            kept += [*waiting, block]
            waiting.clear()
            directly = True
        elif isinstance(block, Paragraph):
            directly = False
        elif kept:
            (kept if directly else waiting).append(block)
    return kept


def _cut(blocks: Sequence[Block], most: int = MOST) -> tuple[Block, ...]:
    """Blocks up to the end of the summary, `most` of them anything other than prose."""
    parts, length, taken = list[str](), 0, 0
    starts: list[tuple[int, Paragraph]] = []
    for block in blocks:
        if isinstance(block, Paragraph) and taken <= 2 * SUMMARY_COLUMNS:  # nothing after this changes the end
            text = block.text
            between = gap(parts[-1], text) if parts else ""
            parts += [between, text]
            starts.append((length + len(between), block))
            length, taken = length + len(between + text), taken + width(between + text)
    text = "".join(parts)
    end, ellipsis = _end(text, starts)
    places = iter(starts)
    kept: list[Block] = []
    for block in blocks:
        if not isinstance(block, Paragraph):
            kept.append(block)
            continue
        room = end - next(places)[0]
        kept.append(Paragraph((*_upto(block.runs, room), Run(ellipsis if room <= len(block.text) else ""))))
        if end < len(text) and room <= len(block.text):
            break
    return tuple(_limited(kept, most))


def _end(text: str, starts: Iterable[tuple[int, Paragraph]]) -> tuple[int, str]:
    """The end of the summary, or the place before the link, code or exponent it would cut in two, if enough is left."""
    end, ellipsis = cut(text, formula_places(text))
    wholes = [place for start, paragraph in starts for place in _wholes(start, paragraph)]
    if any(begin < end < stop for begin, stop in wholes):
        sooner = cut(text, [*formula_places(text), *wholes])
        if sooner[0] > end * LEAST:
            return sooner
    return end, ellipsis


def _wholes(start: int, paragraph: Paragraph) -> Iterator[tuple[int, int]]:
    for (href, code, raw), runs in groupby(paragraph.runs, lambda run: (run.href, "code" in run.styles, bool(run.raw))):
        stop = start + sum(len(run.text) for run in runs)
        if href or code or raw:
            yield start, stop
        start = stop


def _upto(runs: Iterable[Run], room: int) -> Iterator[Run]:
    """The first `room` characters."""
    for run in runs:
        if room >= len(run.text):
            yield run
        elif room > 0:
            yield replace(run, text=run.text[:room], formula=None, raw="")
        room -= len(run.text)
        if room <= 0:
            return


def _limited(blocks: Iterable[Block], most: int) -> Iterator[Block]:
    """Blocks with display formulas taken out of their paragraphs; surplus ones stay inline."""
    for block in blocks:
        if not isinstance(block, Paragraph):
            if most > 0:
                yield block
            most -= 1
            continue
        line: list[Run] = []
        for run in block.runs:
            if run.formula and run.formula.display and most > 0:
                most -= 1
                yield from _paragraph(line, block)
                yield Display(run.formula)
                line = []
            else:
                line.append(run)
        yield from _paragraph(line, block)


def _paragraph(runs: Iterable[Run], of: Paragraph) -> Iterator[Paragraph]:
    kept = tuple(_squeezed(runs))
    if kept:
        yield Paragraph(kept, kind=of.kind)
