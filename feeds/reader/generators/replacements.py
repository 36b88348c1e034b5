"""What stands for a generator's tag: Markdown, or HTML where the tag stands inside HTML, which no Markdown reaches."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feeds.reader.generators.arguments import Tag

EMBEDS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "bilibili": "https://www.bilibili.com/video/{}",
    "gist": "https://gist.github.com/{}",
    "jsfiddle": "https://jsfiddle.net/{}/",
    "tweet": "https://twitter.com/i/status/{}",
    "twitter": "https://twitter.com/i/status/{}",
    "x": "https://twitter.com/i/status/{}",
    "instagram": "https://www.instagram.com/p/{}/",
    "asciinema": "https://asciinema.org/a/{}",
    "caniuse": "https://caniuse.com/{}",
    "codepen": "https://codepen.io/pen/{}",
    "codesandbox": "https://codesandbox.io/s/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
    "ghcard": "https://github.com/{}",
    "github": "https://github.com/{}",
    "githubcard": "https://github.com/{}",
    "repo": "https://github.com/{}",
    "tiktok": "https://www.tiktok.com/embed/{}",
    "twitch": "https://www.twitch.tv/videos/{}",
}
"""What a frame or a script would show; in a feed it is a link."""

_ADDRESS = expression(
    r"(?:https?:)?//|mailto:|\.{0,2}/\S|#(?![0-9a-f]{3,8}$)\S|\S+\.(?:pdf|html?|zip|docx?|pptx?|xlsx?|mp[34]|webm|ogg)$",
    re.IGNORECASE,
)
_PICTURE = expression(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico)(?:[?#]|$)", re.IGNORECASE)
_FILM = expression(r"\.(?:mp4|webm|mov|m4v|ogv)(?:[?#]|$)", re.IGNORECASE)
_SOUND = expression(r"\.(?:mp3|m4a|ogg|oga|opus|wav|flac|aac)(?:[?#]|$)", re.IGNORECASE)

_READ = ' markdown="1"'
"""By which kramdown reads Markdown inside an element; the others need empty lines around it."""


def escaped(text: str) -> str:
    """Words that Markdown would otherwise take for more than words."""
    return re.sub(r"([\\`*_\[\]<>$~|])", r"\\\1", " ".join(text.split()))


def is_address(text: str) -> bool:
    """Whether a word is the address of a page or of a place."""
    return bool(_ADDRESS.match(text))


def is_picture(text: str) -> bool:
    """Whether a word is the address of a picture, or its file."""
    return bool(_PICTURE.search(text))


def picture(src: str, alt: str = "", *, html: bool = False) -> str:
    """A picture."""
    if html:
        return f'<img src="{escape(src)}" alt="{escape(" ".join(alt.split()))}">' if src else ""
    return f"!{link(alt, src)}" if src else ""


def link(text: str, address: str, *, plain: bool = True, html: bool = False) -> str:
    """A link with plain words, or with Markdown in them."""
    if html:
        return f'<a href="{escape(address)}">{escape(text, quote=False) if plain else text}</a>'
    whole = re.sub(r"\s+", "%20", re.sub("[<>]", "", address))
    return f"[{escaped(text) if plain else text}](<{whole}>)"


def media(address: str, words: str, *, html: bool = False) -> str:
    """A picture, a film, a sound, or a link to anything else."""
    if is_picture(address):
        return picture(address, words, html=html)
    for form, name in ((_FILM, "video"), (_SOUND, "audio")):
        if form.search(address):
            return f'<{name} src="{escape(address)}" controls></{name}>'
    return link(words or address, address, html=html)


def embed(name: str, what: str, *, html: bool = False) -> str:
    """A link to what a frame would show."""
    what = re.sub(r"[<>]", "", what)
    address = EMBEDS[name].format(what) if name in EMBEDS and "://" not in what else what
    return link(address, address, html=True) if html else f"<{address}>"


def fence(tag: Tag, language: str = "", title: str = "") -> str:
    """A block of code, which may itself hold fences; a span when it stands within a line."""
    if tag.html:
        return _preformatted(tag, language, title)
    longest = max((len(run) for run in re.findall(r"`+", tag.inner)), default=0)
    if tag.indent is None and "\n" not in tag.inner:
        mark = "`" * (longest + 1)
        return f"{mark}{' ' if longest else ''}{tag.inner}{' ' if longest else ''}{mark}"
    mark, indent = "`" * max(longest + 1, 3), tag.indent or ""
    lines = [line.removeprefix(indent) for line in _trimmed(tag.inner)]
    head = f"{title}\n{indent}" if title else ""
    start = "\n\n" if tag.indent is None else ""
    return start + head + f"\n{indent}".join([f"{mark}{language}", *lines, mark])


def _preformatted(tag: Tag, language: str, title: str) -> str:
    """Code inside HTML, which an empty line would end."""
    text = re.sub(r"\n(?=\n)", "&#10;", escape("\n".join(_trimmed(tag.inner)), quote=False))
    said = f' class="language-{escape(language)}"' if language else ""
    return f"{_paragraph(in_line(title))}<pre><code{said}>{text}</code></pre>"


def quote(tag: Tag, source: str = "", title: str = "") -> str:
    """A quotation, with who said it and what it is about (Markdown too)."""
    if tag.html:
        said = f"<p>— {source}</p>" if source else ""
        return f"<blockquote{_READ}>{_paragraph(title)}\n\n{tag.inner}\n\n{said}</blockquote>"
    indent = tag.indent or ""
    lines = ["> " + title, ">"] if title else []
    lines += [f"> {line.removeprefix(indent)}".rstrip() for line in _trimmed(tag.inner)]
    lines += [">", f"> — {source}"] if source else []
    lines += [""] if tag.followed else []
    return ("\n\n" if tag.indent is None else "") + f"\n{indent}".join(lines)


def _paragraph(text: str) -> str:
    return f"<p>{text}</p>" if text else ""


def details(tag: Tag, summary: str, *, opened: bool = False) -> str:
    """What is folded, under its summary (a line of Markdown)."""
    start = "\n\n" if tag.indent is None and not tag.html else ""
    inner = tag.inner if tag.inner.startswith("\n") else f"\n\n{tag.indent or ''}{tag.inner}\n"
    end = "\n" if tag.followed else ""
    state = " open" if opened else ""
    return f"{start}<details{state}{_READ}><summary>{in_line(summary)}</summary>\n{inner}</details>{end}"


def titled(tag: Tag, title: str) -> str:
    """What stands under a title that is no heading: a tab, a card."""
    if not title:
        return tag.inner
    start = "\n\n" if tag.indent is None else ""
    inner = tag.inner if tag.inner.startswith("\n") else f"\n{tag.indent or ''}{tag.inner}"
    shown = f"<p><strong>{in_line(title)}</strong></p>" if tag.html else f"**{title}**"
    return f"{start}{shown}\n{inner}"


def in_line(text: str) -> str:
    """The commonest Markdown of a line, where Markdown does not reach."""
    for mark, name in (("\\*\\*", "strong"), ("\\*", "em"), ("`", "code")):
        text = re.sub(rf"{mark}([^*`]+){mark}", rf"<{name}>\1</{name}>", text)
    return text


def _trimmed(text: str) -> list[str]:
    """The lines between a tag and its end."""
    return re.sub(r"\n[ \t>]*\Z", "", text.removeprefix("\n")).split("\n")


def first_of(named: Mapping[str, str], keys: Iterable[str]) -> str:
    """The first of these arguments that is given."""
    return next((named[key] for key in keys if named.get(key)), "")
