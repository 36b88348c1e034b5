"""Markdown -> HTML, by comrak: CommonMark and GitHub's extensions, raw HTML kept. Not safe yet: `sanitize.py` follows.

`cjk_friendly_emphasis` is why comrak: by CommonMark's own rule `**粗体。**后文` keeps its asterisks.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

import comrak

from feeds.markup import addresses
from feeds.reader.code import FENCE, FLAGS
from feeds.rendered import COMMONMARK

if TYPE_CHECKING:
    from feeds.rendered import Syntax

_TILDE = r"~(?<![~\\]~)(?!~)"
"""By itself it is a sign: `10~20 … 30~40` is two ranges, `好~` a sigh, `~/a:~/b` two files; two strike through."""
_STRIKING = ("marked", "goldmark")
"""Flavors to which a single tilde is as good as two."""

_ATTRIBUTES = rf"{FENCE}|^[ ]{{0,3}}\{{[ ]*+(?:[.\#]|[\w-]++=)[^{{}}\n]*+\}}[ \t]*+(?:\n|\Z)"
_HEADING_END = r"(?<![ \t])[ \t]++\{(?=[^{}<>\n#.=]*[#.=])[^{}<>\n]*+\}(?=</h[1-6]>)"
"""Attributes on the line below a block, and at the end of a heading."""

_BREAK = r"<pre[\s>].*?(?:</pre>|\Z)|\n(?<=[^\x00-\x7f]\n)(?=[^\x00-\x7f])"
_WIDE = (("\u2e80", "\u30ff"), ("\u3400", "\u9fff"), ("\uf900", "\ufaff"), ("\uff00", "\uff64"))
"""A line that ends inside Chinese or Japanese: every reader would show the line end as a space."""

_DEEP_QUOTE = r">[ \t]*(?:>[ \t]*){39}[ \t>]"
_TOO_DEEP = r"^((?:[ \t]*+(?:>|(?:[-*+]|\d{1,9}[.)])[ \t]))*?(?:[ \t]*+>){40})[ \t>]+"
"""Deeply nested quotes cost the square of their depth; nobody means a hundred."""

_RAISED = r"<(sub|sup)>((?:[^<]++|<(?!/?su[bp]>))*+)</\1>"
_RAISING = {"sub": "~", "sup": "^"}
"""Text with blanks is neither raised nor lowered, to markdown-it and to goldmark's extras."""

_NAME = r"</?([A-Za-z][\w-]*+)"
_ELEMENTS = frozenset(
    """
    a abbr acronym address applet area article aside audio b base bdi bdo big blockquote body br button canvas caption
    center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption
    figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd
    label legend li link main map mark marquee menu meta meter nav nobr noframes noscript object ol optgroup option
    output p param picture pre progress q rp rt rtc ruby s samp script search section select slot small source span
    strike strong style sub summary sup table tbody td template textarea tfoot th thead time title tr track tt u ul
    var video wbr
    math mrow mi mo mn ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose mfenced msub msup msubsup
    munder mover munderover mmultiscripts mtable mtr mtd semantics annotation mglyph maction
    svg path g circle rect line polyline polygon text tspan defs use foreignobject
    """.split()  # noqa: SIM905  # a list of a hundred strings is no easier to read
)
"""Elements that browsers know, and the most common ones inside `<math>` and `<svg>`."""

_DEFINITIONS, _ADDRESSES, _UNBROKEN = 1_000, 500, 10_000
"""Definitions of a text, bare addresses, and characters without a blank: with more, they stay as they were written."""


def to_html(text: str, syntax: Syntax = COMMONMARK) -> str:
    """HTML from a Markdown text, as the blog's own generator makes it. Task boxes are characters, since feed readers
    drop forms; alerts are quotes.
    """
    mark = next(char for char in map(chr, range(0xF000, 0xF8FF)) if char not in text)
    tildes = "~" in text and syntax.flavor not in _STRIKING and "subscript" not in syntax.extensions
    shown = _FLAVORS.get(syntax.flavor, _commonmark)(re.sub(_TILDE, mark, text) if tildes else text, syntax)
    html = shown.replace(mark, "~").replace(quote(mark), "~") if tildes else shown
    if any(_word(name) for name in set(re.findall(_NAME, html))):
        html = re.sub(rf"{_NAME}[^<>]*+>", lambda tag: escape(tag[0]) if _word(tag[1]) else tag[0], html)
    if "<input" in html:
        html = re.sub(r'<input type="checkbox" (checked="" )?disabled="" />', lambda box: "☑" if box[1] else "☐", html)
    if not html.isascii():
        html = re.sub(_BREAK, _joined, html, flags=re.DOTALL)
    if "admonition" in html and "<aside" not in text:
        html = re.sub(r'<aside class="admonition \w+">\n<p class="admonition-title">(.*?)</p>', _quote, html)
        html = html.replace("</aside>", "</blockquote>")
    return html


def _commonmark(text: str, syntax: Syntax) -> str:
    """As GitHub reads it, or Hexo, or Hugo, which differ in their extensions and in which bare addresses are links."""
    shallow = re.sub(_TOO_DEEP, r"\1 ", text, flags=re.MULTILINE) if re.search(_DEEP_QUOTE, text) else text
    shown = addresses.marked(shallow, syntax.flavor) if "autolink" in syntax.extensions else shallow
    options = _options(syntax, definitions=_few_definitions(text), links=_links_end(text))
    html = addresses.unmarked(comrak.render_markdown(shown, *options), syntax.flavor)
    if "superscript" in syntax.extensions or "subscript" in syntax.extensions:
        html = re.sub(_RAISED, _raised, html)
    return html


def _goldmark(text: str, syntax: Syntax) -> str:
    """As Hugo reads it, without attributes in braces."""
    if "block" in syntax.attributes and "}" in text:
        text = re.sub(_ATTRIBUTES, lambda found: "" if found["fence"] is None else found[0], text, flags=FLAGS)
    html = _commonmark(text, syntax)
    return re.sub(_HEADING_END, "", html) if "title" in syntax.attributes and "}</h" in html else html


def _kramdown(text: str, syntax: Syntax) -> str:
    """As kramdown reads it."""
    from feeds.markup.kramdown import Read

    read = Read(text, syntax, lambda name: not _word(name))
    return read.html(comrak.render_markdown(read.text, *_options(syntax)))


_FLAVORS = {"kramdown": _kramdown, "goldmark": _goldmark}
"""Flavors that need more than comrak's options."""


def _word(name: str) -> bool:
    """Whether something only looks like a tag: `<mask>` and `vector<int>` are words. A custom element has a hyphen."""
    return name.lower() not in _ELEMENTS and "-" not in name


def _joined(found: re.Match[str]) -> str:
    """Code unchanged; a line break between two wide characters removed."""
    if found[0] != "\n":
        return found[0]
    before, after = found.string[found.start() - 1], found.string[found.end()]
    return "" if _wide(before) and _wide(after) else "\n"


def _wide(char: str) -> bool:
    return any(first <= char <= last for first, last in _WIDE)


def _raised(found: re.Match[str]) -> str:
    blank = re.search(r"\s", re.sub("<[^<>]*>", "", found[2]))
    return f"{_RAISING[found[1]]}{found[2]}{_RAISING[found[1]]}" if blank else found[0]


def _quote(found: re.Match[str]) -> str:
    return f"<blockquote>\n<p><strong>{found[1]}</strong></p>"


def _few_definitions(text: str) -> bool:
    """Whether comrak will be done with lists of definitions soon: it goes through all of a list for each line."""
    return text.count(":") <= _DEFINITIONS or len(re.findall(r"(?m)^[ \t>]*:", text)) <= _DEFINITIONS


def _links_end(text: str) -> bool:
    """Whether comrak will be done with bare addresses soon: for each it goes on to the next blank."""
    signs = text.count("www.") + text.count("://") + text.count("@")
    return signs <= _ADDRESSES or max(map(len, text.encode("utf-8", "replace").split())) <= _UNBROKEN


@lru_cache(maxsize=16)
def _options(
    syntax: Syntax, *, definitions: bool = True, links: bool = True
) -> tuple[comrak.ExtensionOptions, comrak.ParseOptions, comrak.RenderOptions]:
    extensions = comrak.ExtensionOptions()
    extensions.cjk_friendly_emphasis = True
    for name in syntax.extensions:
        setattr(extensions, name, {"description_lists": definitions, "autolink": links}.get(name, True))
    parse = comrak.ParseOptions()
    parse.relaxed_autolinks = syntax.flavor == "marked"
    render = comrak.RenderOptions()
    render.unsafe_ = True
    render.hardbreaks = syntax.breaks
    render.alert_style = comrak.AlertStyle.Semantic
    return extensions, parse, render
