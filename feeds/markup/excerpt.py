"""What an email and the page of an issue show of a post: its summary with its emphasis, links, code and formulas.

All of it is rebuilt from texts and a few known elements, so none of the post's own HTML gets through.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from feeds.markup import highlight
from feeds.markup.blocks import Block, Code, Display, Paragraph
from feeds.markup.math import Refused
from feeds.markup.math.html import html_math
from feeds.markup.math.mathml import code, mathml
from feeds.markup.math.unicode import plain
from feeds.markup.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from feeds.markup.blocks import Run
    from feeds.markup.math.find import Formula
    from feeds.markup.math.png import Picture


@dataclass(frozen=True)
class Excerpt:
    """Blocks to show, with absolute links. Each form is made on demand, so a page draws no images. `behind` is what
    stands behind the marker of a text that is shown whole.
    """

    blocks: tuple[Block, ...]
    behind: Excerpt | None = None

    def mail(self, folder: str) -> str:
        """Safe HTML without MathML: `<p>`, `<pre class="code">`, `<img class="formula">`. `folder` is the URL of the
        folder with `pictures`.
        """
        return self._html(_mail_inline, lambda formula: _picture(formula, folder))

    @property
    def page(self) -> str:
        """Safe HTML with formulas as MathML."""
        return self._html(lambda formula: _math(formula, display=False), lambda formula: _math(formula, display=True))

    @property
    def links(self) -> list[tuple[str, str]]:
        """Text and absolute URL of each link that both forms show."""
        found = []
        for block in self.blocks:
            for href, runs in groupby(block.runs if isinstance(block, Paragraph) else (), lambda run: run.href):
                text = " ".join("".join(shown(run.text) for run in runs).split())
                if href and text:
                    found.append((text, href))
        return found

    @property
    def words(self) -> list[str]:
        """The text of each block."""
        return [_words(block) for block in self.blocks]

    @property
    def pictures(self) -> Mapping[str, bytes]:
        """The PNGs that `mail` refers to, by their names in the folder."""
        drawn = [_drawn(block.formula) for block in self.blocks if isinstance(block, Display)]
        behind = self.behind.pictures if self.behind else {}
        return {picture.name: picture.data for picture in drawn if picture} | {**behind}

    def _html(self, inline: Callable[[Formula], str], display: Callable[[Formula], str]) -> str:
        parts = []
        for is_list, blocks in groupby(
            self.blocks, lambda block: isinstance(block, Paragraph) and block.kind == "item"
        ):
            shown = [self._block(block, inline, display) for block in blocks]
            parts += ["<ul>", *shown, "</ul>"] if is_list else shown
        return "\n".join(parts)

    def _block(self, block: Block, inline: Callable[[Formula], str], display: Callable[[Formula], str]) -> str:
        if isinstance(block, Code):
            return highlight.block(block.text, block.language)
        if isinstance(block, Display):
            return f"<p>{display(block.formula)}</p>"
        text = self._runs(block.runs, inline)
        if block.kind == "item":
            return f"<li>{text}</li>"
        return f"<p><strong>{text}</strong></p>" if block.kind == "heading" else f"<p>{text}</p>"

    def _runs(self, runs: Iterable[Run], inline: Callable[[Formula], str]) -> str:
        html = ""
        for href, linked in groupby(runs, lambda run: run.href):
            inner = "".join(
                _within(styles, "".join(_run(run, inline) for run in alike))
                for styles, alike in groupby(linked, lambda run: run.styles)
            )
            html += f'<a href="{escape(href)}">{inner}</a>' if href and inner.strip() else inner
        return html


def _words(block: Block) -> str:
    if isinstance(block, Code):
        return block.text.rstrip("\n")
    if isinstance(block, Display):
        return plain(block.formula.tex)
    text = shown("".join(run.text for run in block.runs)).strip()
    return f"* {text}" if block.kind == "item" else text


def _picture(formula: Formula, folder: str) -> str:
    picture = _drawn(formula)
    if not picture:
        return html_math(formula.tex, "<br>") or _source(formula)
    size = f'width="{picture.width}" height="{picture.height}"'
    address = escape(folder + picture.name)
    return f'<img class="formula" src="{address}" {size} alt="{escape(_folded(formula.tex))}">'


def _run(run: Run, inline: Callable[[Formula], str]) -> str:
    if run.formula:
        return inline(run.formula)
    return escape(shown(run.raw or run.text), quote=False)


def _within(styles: Sequence[str], html: str) -> str:
    for style in reversed(styles):
        html = f"<{style}>{html}</{style}>"
    return html


def _mail_inline(formula: Formula) -> str:
    return html_math(formula.tex) or _source(formula)


def _math(formula: Formula, *, display: bool) -> str:
    try:
        return mathml(formula.tex, display=display)
    except Refused:
        return code(formula.tex)


def _source(formula: Formula) -> str:
    return f"<code>{escape(_folded(formula.tex), quote=False)}</code>"


def _folded(tex: str) -> str:
    return " ".join(tex.split())


def _drawn(formula: Formula) -> Picture | None:
    from feeds.markup.math import png  # slow to import; few emails need it

    return png.draw(formula.tex)
