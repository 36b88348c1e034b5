"""A post as kramdown's block parsers see it: a tree whose leaves are texts in which only spans are left to read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """A block. `kind` is an HTML element, or `raw` (HTML as it is, in `text`), `html` (with elements and blocks in it),
    `blank`, `end` (of the block before) or `none`. `words` of a `p`, a heading, a cell are Markdown; of a `pre` they
    are code, whose language is its `text`. `bare`: a paragraph without tags of its own. `ends`: at this `end` a block
    may begin that needs a blank line before it.
    """

    kind: str
    words: str = ""
    children: list[Node] = field(default_factory=list)
    text: str = ""
    bare: bool = False
    ends: bool = False


@dataclass(slots=True)
class Found:
    """What the whole text shares: definitions of links and notes, and options that it may set for what follows."""

    links: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    notes: dict[str, list[Node]] = field(default_factory=dict)
    reads_html: bool = False
    alerts: bool = False
