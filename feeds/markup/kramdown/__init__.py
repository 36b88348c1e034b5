"""Markdown as kramdown reads it, which Jekyll runs: blocks by its rules, in `blocks`, and spans by comrak.

`Read` gives a CommonMark text that holds every text of a line as a paragraph of its own, with a number; of its HTML,
`Read.html` takes the paragraphs and puts them into the blocks that kramdown would have made. Control characters mark
what belongs where: no text of a post holds any.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from feeds.markup.kramdown.blocks import parse
from feeds.markup.kramdown.nodes import Found, Node
from feeds.markup.kramdown.spans import Spans
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from feeds.rendered import Syntax

_BEGINS = expression(r"<p>\x01(\d+)\v")
_ENDS = expression(r"\v\x02(\d+)\x02(?P<back>(?:[^<\v]*+<a href=\"#fnref[^<>]*+>(?:[^<]++|<(?!/a>))*+</a>)*+)</p>\n?")
_QUOTED = expression(r"[\[\]\\\"]")
_NOTHING = frozenset(("blank", "end", "none"))
_CONTROL = expression(r"[\x01\x02\v]")


class Read:
    """A text that comrak can read, and how its HTML becomes that of the post."""

    def __init__(self, source: str, syntax: Syntax, known: Callable[[str], bool]) -> None:
        """`known` tells which names are elements to a browser."""
        found = Found(reads_html=syntax.reads_html, alerts="alerts" in syntax.extensions)
        text = _CONTROL.sub("", source)
        nodes = parse(text if text.endswith("\n") else f"{text}\n", found)
        self._spans = Spans(found, known)
        self._before: list[str] = []
        """The HTML before each text of a line."""
        self._after: dict[int, str] = {}
        """The HTML behind the last text of the post, and of each note."""
        self._parts: list[str] = []
        self._held: list[str] = []
        self._sequence(nodes, "")
        for name, note in found.notes.items():
            self._parts.append(f"[^{name}]:")
            self._sequence(note, "    ")
        for name, address, title in found.links.values():
            said = f' "{_QUOTED.sub(_escaped, title)}"' if title else ""
            self._parts.append(f"[{_QUOTED.sub(_escaped, name)}]: <{re.sub('[<>]', '', address)}>{said}\n")
        self.text = "\n".join(self._parts)

    def html(self, rendered: str) -> str:
        """The post, from the HTML of `text`."""
        rendered = _BEGINS.sub(lambda found: self._before[int(found[1])], rendered)
        html = _ENDS.sub(lambda found: found["back"] + self._after.get(int(found[1]), ""), rendered)
        return html.replace("\v", "")

    def _sequence(self, nodes: Iterable[Node], indent: str) -> None:
        """Blocks that comrak's HTML holds together: the post's, or those of a note."""
        first = len(self._before)
        for node in nodes:
            self._node(node, indent)
        if len(self._before) == first:
            self._leaf("", indent)
        self._after[len(self._before) - 1] = "".join(self._held)
        self._held.clear()

    def _leaf(self, words: str, indent: str) -> None:
        number = len(self._before)
        self._before.append("".join(self._held))
        self._held.clear()
        text = self._spans.rewritten(words)
        if indent:
            text = text.replace("\n", f"\n{indent}")
        self._parts.append(f"{indent}\x01{number}\v{text}\v\x02{number}\x02\n")

    def _node(self, node: Node, indent: str) -> None:
        kind, held = node.kind, self._held
        if node.bare:
            self._leaf(node.words, indent)
        elif kind == "p":
            held.append("<p>")
            self._leaf(node.words, indent)
            held.append("</p>\n")
        elif kind == "raw":
            held.append(node.text)
        elif kind == "hr":
            held.append("<hr />\n")
        elif kind == "pre":
            language = f' class="language-{escape(node.text)}"' if node.text else ""
            held.append(f"<pre><code{language}>{escape(node.words, quote=False)}</code></pre>\n")
        elif kind == "html":
            for child in node.children:
                self._node(child, indent)
        elif kind not in _NOTHING:
            self._element(node, indent)

    def _element(self, node: Node, indent: str) -> None:
        self._held.append(f"<{node.kind}>")
        if node.words:
            self._leaf(node.words, indent)
        inline = True  # what comes next would stand on the line of what came last
        for child in node.children:
            if child.kind in _NOTHING:
                continue
            if inline and not (child.bare and child is node.children[0]):
                self._held.append("\n")
            self._node(child, indent)
            inline = child.bare
        self._held.append(f"</{node.kind}>\n")


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
