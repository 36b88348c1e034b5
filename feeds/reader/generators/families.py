"""Tags that many themes have under the same names, whatever the generator: notes, folds, tabs, code, buttons, players.

What is not listed here is judged by what it says: words that readers would see stay, an address becomes a link.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.reader.generators import replacements as made
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from feeds.reader.generators.arguments import Tag


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOTES = _names(
    "admonition alert alertblock aside attention blockquote box bubble callout card caution centerquote cq danger"
    " disclaimer error example hint important info infobox message note notice panel prompt pullquote question quote"
    " quoteblock sidenote success tip update warn warning"
)
FOLDS = _names(
    "accordion-item accordionitem collapse collapsible detail details disclose expand expandable faq fold folded"
    " folding hideblock hidetoggle reveal spoiler toggle toggleblock"
)
TITLED = _names(
    "cell codetab column-item foldertitle item itab node poem step subtab tab tabitem timeline timeline-item timenode"
)
PLAIN = _names(
    "accordion align article block bold border box-wrap buttons cards cardpane cards-pane carousel center codes"
    " codetabs col color cols column columns container content div emp font fig folders gallery gp grid grouppicture"
    " html lead left md markdown markdownify mark multi-column p raw rawhtml rainbow right row rows sc section"
    " slider small span steps subtabs subsubtabs swiper tabgroup table tabpane tabs text typed typeit u underline"
    " unsafe wavy wrap"
)
CODE = {
    **dict.fromkeys(("code", "codeblock", "highlight", "codes"), ""),
    **{name: name for name in ("mermaid", "plantuml", "graphviz", "flowchart", "abc", "csv", "gnuplot", "markmap")},
    **dict.fromkeys(("chart", "chartjs", "echarts", "plotly", "vega-lite", "vega", "wavedrom"), "json"),
    "dot": "graphviz",
    "flink": "yaml",
    "puml": "plantuml",
}
FORMULAS = _names("math katex mathjax latex tex equation")
_DELIMITED = expression(r"(?P<begin>\$\$?|\\\\?[(\[])(?P<tex>.*?)(?:\$\$?|\\\\?[)\]])", re.DOTALL)
UNSEEN = FORMULAS | _names(
    "ads adsense anchor clear clearfix comments css disqus emoji fa fab far fas feed-meta icon js line-break newsletter"
    " pagebreak script scripts seo share spacer style-block subscribe table-of-contents tableofcontents toc webring"
)
"""Shown by none who reads a feed, or in no words; a tag for formulas that encloses none brings their script."""

SPOKEN = _names(
    "abbr aplayer audio badge bili bilibili btn button checkbox del dplayer embed emp figure gallerygroup ghcard github"
    " hideinline icon-text image img inlineimage inlineimg kbd key label link mark p pdf psw qr radio ruby span sub sup"
    " tag tooltip u underline video wavy"
)
"""Tags that only say something: what they say is all there is."""

_OPTIONS = expression(
    r"(?:true|false|open|opened?|close|closed|left|right|center|centre|top|bottom|small|large|mini|big|block|inline"
    r"|primary|secondary|default|success|info|warning|warn|danger|error|note|tip|important|caution|question|quote|bug"
    r"|example|abstract|failure|hint|light|dark|simple|modern|flat|disabled|outline|no-icon|noicon|icon|checked|plus"
    r"|red|green|blue|cyan|yellow|orange|purple|pink|gray|grey|black|white|theme|fast|slow|middle|bordered|underline"
    r"|fa[srlb]?|fa-.*|icon[-_:].*|\#[0-9a-fA-F]{3,8}|[\w-]+[:=]\S*|\d+(?:px|%|em|rem)?)",
    re.IGNORECASE,
)
"""Words that say how something looks: colours, kinds, sizes, icons."""

_TEXT = ("text", "content", "caption", "title", "label", "body", "value", "name", "message", "tip", "html")
_MORE = ("description", "desc", "des", "bio")
_TITLE = ("title", "summary", "heading", "header", "label", "tabname", "name", "caption")
_ADDRESS = ("href", "url", "link", "permalink", "src", "file", "image", "img", "path", "source", "data-src", "pdf")
_WORDS = ("alt", *_TEXT, *_MORE)


def is_option(word: str) -> bool:
    """Whether a word only says how something looks."""
    return bool(_OPTIONS.fullmatch(word))


def known(name: str) -> str:
    """A tag's name as the tables have it: in small letters, without the folder of a theme."""
    return name.lower().rsplit("/", 1)[-1].replace("_", "-")


def title(tag: Tag) -> str:
    """What a tag that encloses a text puts above it."""
    said = made.first_of({key.lower(): value for key, value in tag.named.items()}, _TITLE)
    words = " ".join(word for word in tag.words if not is_option(word))
    if known(tag.name) in NOTES and re.fullmatch(r"[a-z][a-z0-9-]*", words):
        words = ""  # the kind of a note, or its icon
    return " ".join((said or words).split())


def pair(tag: Tag, heading: str) -> str | None:
    """What a pair of a known family becomes under its heading; None if it belongs to none."""
    name = known(tag.name)
    if name in FORMULAS:
        return _formula(tag)
    if name in UNSEEN:
        return ""
    if name in CODE:
        return made.fence(tag, CODE[name] or next(iter(tag.words), ""))
    if name in PLAIN or (tag.inline and name in (NOTES | FOLDS | TITLED)):
        return tag.inner
    return _block(tag, name, heading)


def _block(tag: Tag, name: str, heading: str) -> str | None:
    if name in FOLDS:
        return made.details(tag, heading or "…", opened=tag.named.get("open") == "true")
    if name in NOTES:
        return made.quote(tag, title=f"**{heading}**" if heading else "")
    if name in TITLED:
        return made.titled(tag, heading)
    return None


def named_title(tag: Tag) -> str:
    """What a tag that nobody knows names as a title of the text it encloses."""
    return "" if tag.inline else made.first_of({key.lower(): value for key, value in tag.named.items()}, _TITLE)


def _formula(tag: Tag) -> str:
    """What a tag encloses, between signs that mean a formula to every blog; a text that has formulas, as it is."""
    delimited = _DELIMITED.fullmatch(tag.inner.strip())
    tex = re.sub(r"\n\s*\n", "\n", delimited["tex"] if delimited else tag.inner).strip()
    if not tex or "`" in tex or re.search(r"\$|\\\\?[(\[]", tex):
        return tag.inner
    display = delimited and delimited["begin"].endswith(("$$", "["))
    if display or (not delimited and not tag.inline) or tag.named.get("display") == "true" or "display" in tag.words:
        return f"$$`{tex}`$$"
    return f"$`{tex}`$"


def single(tag: Tag) -> str | None:
    """What a tag says that stands alone: a picture, a link, its words; None if it says nothing to anybody."""
    name = known(tag.name)
    if name in UNSEEN:
        return ""
    named = {key.lower(): value for key, value in tag.named.items()}
    address, text = made.first_of(named, _ADDRESS), made.first_of(named, _WORDS)
    if address and (made.is_address(address) or re.search(r"\.\w{2,5}$", address)):
        more = made.first_of(named, _MORE)
        return made.media(address, text, html=tag.html) + (f" {more}" if more and more != text else "")
    if not tag.named:
        return _said(tag, tag.words)
    return text or None


def _said(tag: Tag, words: Iterable[str]) -> str | None:
    kept = [word for word in words if not is_option(word) or made.is_address(word)]
    address = next((word for word in kept if made.is_address(word) and not made.is_picture(word)), "")
    picture = next((word for word in kept if made.is_picture(word)), "")
    text = " ".join(word for word in kept if word not in (address, picture))
    if address and picture:
        return f"{made.picture(picture, html=tag.html)} {made.link(text or address, address, html=tag.html)}"
    if address or picture:
        return made.media(address or picture, text, html=tag.html)
    return text if text and not tag.alone else None
