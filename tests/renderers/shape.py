"""HTML of different programs in one form, so that only what a reader would notice is left to differ.

Both sides go through our cleaner, so what it drops is no difference. Set aside is what is said in docs/decisions.md:
typographic signs, ids, the numbers and back links of footnotes, the markup around code, and white space.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote

from feeds.markup.sanitize import clean

_BLOCKS = frozenset(
    """
    p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote table tr th td pre hr figure figcaption details summary
    caption
    """.split()  # noqa: SIM905
)
_INLINE = frozenset(
    ("a", "em", "strong", "code", "del", "br", "img", "sup", "sub", "kbd", "mark", "s", "video", "audio")
)
_SAME = {"s": "del", "strike": "del", "i": "em", "b": "strong"}
_COUNTED = {
    "paragraphs": "p",
    "headings": "h1 h2 h3 h4 h5 h6",
    "lists": "ul ol dl",
    "tables": "table",
    "code blocks": "pre",
    "links": "a",
    "pictures": "img",
}
_SIGNS = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "--", "—": "---", "…": "...", "«": "<<", "»": ">>"}
)
_FOOTNOTE = r"""
    <sup[^<>]*><a[^<>]*href="\#fn[^<>]*>[^<>]*</a></sup>  # a reference
  | \s*(?:&nbsp;|&\#160;|\xa0)?<a[^<>]*href="\#fnref[^<>]*>.*?</a>  # the way back
  | <section[^<>]*class="footnotes"[^<>]*> | <div[^<>]*class="footnotes"[^<>]*>(?:\s*<hr\s*/?>)?
  | <hr\s+class="footnotes-sep"\s*/?>
  | <a[^<>]*class="(?:headerlink|header-anchor)"[^<>]*>.*?</a>
"""
_SPACES = re.compile(r" ?(<br>) ?|(?<=<code>) | (?=</code>)")
_BOX = re.compile(r"<input(?=[^<>]*checkbox)(?P<on>(?:(?!checked)[^<>])*+(?P<checked>checked)?)[^<>]*>")


def cleaned(html: str) -> str:
    """HTML as our cleaner leaves it, with footnotes and check boxes alike."""
    html = re.sub(_FOOTNOTE, "", html, flags=re.VERBOSE | re.DOTALL)
    html = re.sub(r"<p>\s*</p>", "", html)
    html = _BOX.sub(lambda found: "☑ " if found["checked"] else "☐ ", html)
    return clean(html, lambda _tag, address: address)


class _Shape(HTMLParser):
    """A line for each block, indented as it nests; what lies in a line keeps its few tags."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.counts: Counter[str] = Counter()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag, said = _SAME.get(tag, tag), dict(attrs)
        self.counts[tag] += 1
        if tag in _BLOCKS:
            self.flush()
            if tag == "hr":
                self.lines.append("  " * len(self.open) + "hr")
                return
            self.lines.append("  " * len(self.open) + tag)
            self.open.append(tag)
        elif tag == "div":
            self.flush()
        elif tag in _INLINE:
            if tag == "code" and "pre" in self.open:
                return
            kept = {"a": ("href",), "img": ("src", "alt")}.get(tag, ())
            shown = "".join(f' {name}="{escape(_address(said[name] or ""))}"' for name in kept if said.get(name))
            self.text.append(f"<{tag}{shown}>")

    def handle_endtag(self, tag: str) -> None:
        tag = _SAME.get(tag, tag)
        if tag in _BLOCKS and tag in self.open:
            self.flush()
            while self.open.pop() != tag:
                pass
        elif tag == "div":
            self.flush()
        elif tag in _INLINE and not (tag == "code" and "pre" in self.open):
            self.text.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text.append(escape(data, quote=False) if "pre" in self.open else escape(_signs(data), quote=False))

    def flush(self) -> None:
        text = "".join(self.text)
        self.text.clear()
        indent = "  " * len(self.open)
        if "pre" in self.open:
            self.lines += [f"{indent}{line.rstrip()}" for line in text.strip("\n").split("\n")]
        elif shown := _SPACES.sub(lambda found: found[1] or "", squeezed(text)).replace("<strong><em>", "<em><strong>"):
            shown = shown.replace("</em></strong>", "</strong></em>")
            self.lines.append(indent + shown)


def shape(html: str) -> str:
    """The structure of HTML, a line for each block and each run of text."""
    return "\n".join(_read(html).lines)


def counts(html: str) -> dict[str, int]:
    """How many there are of what a reader sees at a glance."""
    found = _read(html).counts
    return {name: sum(found[tag] for tag in tags.split()) for name, tags in _COUNTED.items()}


def words(html: str) -> str:
    """What can be read, as one line."""
    reader = _Words()
    reader.feed(cleaned(html))
    reader.close()
    return squeezed(_signs("".join(reader.parts)))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _BLOCKS or tag in ("br", "div", "img"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS or tag == "div":
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _read(html: str) -> _Shape:
    reader = _Shape()
    reader.feed(cleaned(html))
    reader.close()
    reader.flush()
    return reader


def _address(said: str) -> str:
    return _signs(re.sub(r"^(\w+://[^/]*)/$", r"\1", unquote(said)))


def _signs(text: str) -> str:
    return text.translate(_SIGNS)


def squeezed(text: str) -> str:
    """White space as one blank, and none beside Chinese or Japanese, where readers see none either."""
    text = re.sub(r"[\s\xa0\u200b]+", " ", text).strip()
    wide = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffee]"
    return re.sub(rf"(?<={wide}) | (?={wide})", "", text)
