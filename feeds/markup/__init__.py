"""Markdown -> what a feed, an email and plain text can show.

`Body` gets a post's text and answers to its questions about the site, and produces a `Rendered`, with the
references it made and problems that name file and line. The steps: formulas are set aside, Markdown becomes HTML,
formulas come back as MathML (or, in plain text, as Unicode), URLs become absolute, and whatever is not known to be safe
is dropped.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import dropwhile
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feeds.errors import Problem
from feeds.markup.embedded import replaced
from feeds.markup.links import Links
from feeds.markup.markdown import to_html
from feeds.markup.math import Refused, find
from feeds.markup.math.mathml import code, mathml
from feeds.markup.sanitize import clean
from feeds.markup.text import (
    first_paragraph,
    formula_text,
    join,
    paragraphs,
    reading_minutes,
    says_something,
    shorten,
)
from feeds.rendered import COMMONMARK, WHOLE, Rendered
from feeds.text import FORBIDDEN, allowed, expression, width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.errors import Code, Severity
    from feeds.markup.excerpt import Excerpt
    from feeds.markup.math.find import Formula, Protected
    from feeds.model import Post
    from feeds.rendered import Lookup, Part, Syntax

__all__ = ["Body", "shorten", "width"]

_SOUGHT = 100
"""Words whose lines are looked for one by one; of more, all are found at once."""
_ADDRESS = expression(r"[^\s<>()\[\]\"'`]+")
_MORE = expression(r"<!-- ?more ?-->", re.IGNORECASE)  # Hexo's own expression, applied to HTML as Hexo does


_HEAD, _HEAD_END = (re.compile(rf"<{slash}head\b[^<>]*+>", re.IGNORECASE) for slash in ("", "/"))
_TOC_SIGNS = ("[TOC]", "[toc]", "[Toc]", "[_TOC_]", "[_toc_]", "{:toc}", "{:TOC}", "${toc}")
_TOC = expression(
    r"""<p>\s*+ (?: \[?\[_?toc_?\]\]? | \[\[<em>toc</em>\]\] | @(?:\[toc\](?:\([^()<>]*+\))?+ | <a\b[^<>]*+>toc</a>)
    | \{:toc\} | \$\{toc\} ) [ \t]*+ (?: </p>\n? | (\n) )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Where Typora, markdown-it and other editors' plugins put a table of contents: no reader is to see the mark."""


class Body:
    """The text of one post. Each part is made on first use, and shared steps are done once."""

    def __init__(
        self,
        post: Post,
        text: str,
        lookup: Lookup,
        problems: Iterable[Problem] = (),
        closing: str = "",
        syntax: Syntax = COMMONMARK,
    ) -> None:
        """`text` starts on line `post.body_line` of the file, `problems` are what was wrong with it when it was read;
        `closing` is our own HTML to append, `syntax` how the blog's generator reads Markdown.
        """
        self._syntax = syntax
        self._post, self._text, self._lookup, self._closing = post, text, lookup, closing
        self._notes = _Notes(post, text, [*problems])

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings about the parts made so far, each once."""
        return tuple(dict.fromkeys(self._notes.problems))

    def rendered(self, parts: Iterable[Part]) -> Rendered:
        """These parts of the text, with all references and problems found so far."""
        made = {part: getattr(self, part) for part in parts}
        return Rendered(**made, made=frozenset(made), references=self._lookup.references, problems=self.problems)

    @cached_property
    def html(self) -> str:
        """Safe HTML for feeds, with formulas as MathML and absolute URLs."""
        links = Links(self._post, self._lookup, self._notes.about)
        # Formulas are already safe, and would be most of what a cleaner has to read and ask about.
        marked = "".join(self._protected.restored(self._raw, None))
        shown = replaced(marked + self._closing, self._post.url, self._notes.about)
        cleaned = clean(shown, links.within, links.target)
        html = self._formulas(links.settled(cleaned)).strip()
        return allowed(html) if "&#" in self._text else html

    def _formulas(self, safe: str) -> str:
        """HTML from the cleaner with its formulas. Those that cannot be converted are told of once for each reason."""
        refused: dict[str, list[Formula]] = {}

        def shown(formula: Formula) -> str:
            try:
                return _as_math(formula)
            except Refused as reason:
                refused.setdefault(str(reason), []).append(formula)
                return code(formula.tex)

        html = self._protected.put_into(safe, shown)
        for reason, (formula, *others) in refused.items():
            tex = " ".join(formula.tex.split())
            more = f", nor {len(others)} more; they are" if others else "; it is"
            message = f"formula cannot be converted: {reason} (${tex[:60]}$){more} shown as code"
            self._notes.at(self._post.body_line + formula.line - 1, message, code="formula-unknown")
        return html

    @cached_property
    def summary(self) -> str:
        """The first that says something: the summary key, the text before `<!-- more -->`, the first paragraph."""
        if self._post.summary:
            html, said = self._said
            own = paragraphs(said.restore(html, _as_text))
            if own:
                return shorten(join(own))
        marker = _MORE.search(self._raw)
        if marker:
            prose = paragraphs(self._protected.restore(self._raw[: marker.start()], _as_text), prose_only=True)
            if excerpt := [*dropwhile(lambda text: not says_something(text), prose)]:
                return shorten(join(excerpt))
        mark, html = self._protected.mark, self._raw
        if mark:
            html = re.sub(rf"<p>\s*{mark}\d+{mark}\s*</p>", "", html)  # a formula by itself says nothing
        first = first_paragraph(self._protected.restored(html, _as_text))
        return shorten(first) if first else self._post.title

    @cached_property
    def excerpt(self) -> Excerpt:
        """The summary with its emphasis, links, code and formulas; empty if the summary is just the title. Of
        an editor's text, all of it.
        """
        from feeds.markup import blocks
        from feeds.markup.excerpt import Excerpt

        links = Links(self._post, self._lookup, self._notes.about)
        marker = _MORE.search(self._raw)
        if self._post.extra.get(WHOLE):
            before, _, behind = self._raw.partition(marker[0]) if marker else (self._raw, "", "")
            parts = [blocks.whole(part, self._protected) for part in (before, behind)]
            shown = [blocks.with_absolute_links(part, links.absolute) for part in parts]
            return Excerpt(shown[0], Excerpt(shown[1]))
        found = (
            (blocks.of_head(*self._said) if self._post.summary else ())
            or (blocks.before_marker(self._raw[: marker.start()], self._protected) if marker else ())
            or blocks.first_paragraph(self._raw, self._protected)
        )
        return Excerpt(blocks.with_absolute_links(found, links.absolute))

    @cached_property
    def minutes(self) -> int:
        """The reading time, at least a minute."""
        return reading_minutes(self._text)

    @cached_property
    def _said(self) -> tuple[str, Protected]:
        """The summary from the front matter."""
        said = find.protect(self._post.summary, self._syntax)
        html = said.without_definitions(to_html(said.text))
        if "&#" in self._post.summary and (found := FORBIDDEN.search(html)):
            message = f"the summary names an invisible character (U+{ord(found[0]):04X}), which was removed; delete it"
            self._notes.at(self._post.line("summary"), message, code="character-removed")
        return allowed(html) if "&#" in self._post.summary else html, said

    @cached_property
    def _protected(self) -> Protected:
        return find.protect(self._text, self._syntax)

    @cached_property
    def _raw(self) -> str:
        text = self._protected.text
        html = _without_head(text) if self._syntax.flavor == "html" else to_html(text, self._syntax)
        html = self._protected.without_definitions(html)
        if any(sign in text for sign in _TOC_SIGNS):
            html = _TOC.sub(lambda found: "<p>" if found[1] else "", html)
        if "&#" not in self._text or not (found := FORBIDDEN.search(html)):  # Markdown put in what references name
            return html
        self._notes.about(
            "&#",
            f"names an invisible character (U+{ord(found[0]):04X}), which was removed; delete the reference",
            code="character-removed",
        )
        return allowed(html)


def _without_head(html: str) -> str:
    """A whole HTML document without the part that no browser shows."""
    begin = _HEAD.search(html)
    end = _HEAD_END.search(html, begin.end()) if begin else None
    return html[: begin.start()] + html[end.end() :] if begin and end else html


def _as_math(formula: Formula) -> str:
    if formula.refused:
        raise Refused(formula.refused)
    return mathml(formula.tex, display=formula.display)


def _as_text(formula: Formula) -> str:
    return formula_text(formula.tex)


class _Notes:
    """Warnings about a text, each with its line."""

    def __init__(self, post: Post, text: str, problems: list[Problem]) -> None:
        self.post, self.text, self.problems, self.sought = post, text, problems, 0

    def at(self, line: int, message: str, severity: Severity = "warning", *, code: Code) -> None:
        self.problems.append(Problem(self.post.path, line, message, severity, code=code))

    def about(self, word: str, message: str, severity: Severity = "warning", *, code: Code) -> None:
        """A warning at the first line that contains `word`, or, after many of them, has it as a word by itself."""
        self.sought += 1
        if self.sought <= _SOUGHT:
            place = max(self.text.find(word), self.text.find(unquote(word)))
            line = self.text.count("\n", 0, max(place, 0))
        else:
            line = self.words.get(word, self.words.get(unquote(word), 0))
        self.at(self.post.body_line + line, message, severity, code=code)

    @cached_property
    def words(self) -> dict[str, int]:
        """The first line, from 0, of each word of the text that may be an address."""
        lines = enumerate(self.text.split("\n"))
        return {word: number for number, line in reversed([*lines]) for word in _ADDRESS.findall(line)}
