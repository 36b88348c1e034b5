"""What Hexo's texts hold: its own tags in `{% %}`, which Nunjucks would run."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from feeds.reader.generators import families
from feeds.reader.generators import replacements as made
from feeds.reader.generators.syntax import LIQUID, unraw
from feeds.reader.generators.tags import Tags
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from feeds.model import Post
    from feeds.reader.generators.arguments import Tag
    from feeds.rendered import Lookup

_OPTION = expression(r"(?:lang|line_number|highlight|first_line|mark|diff|wrap|line_threshold|tab_replace|from|to):")
_PICTURE = expression(r"\S\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico)$|^https?:|/", re.IGNORECASE)
_OWN = frozenset(("codeblock", "code", "pullquote", "blockquote", "quote"))
_PART = expression(
    r"<!--[ \t]*(?P<end>end)?(?:tab|subtab|timeline|node|folder|item|card|cell|step)\b(?P<said>[^\n<]*?)-->"
)
"""How themes part what a pair encloses."""
_SAID_LAST = frozenset(("span", "p", "checkbox", "radio", "folding", "fold", "note", "timenode"))
_STYLED = frozenset(("kbd", "u", "del", "sup", "sub", "mark"))
_WHOLE = _STYLED | {"emp", "wavy", "psw", "key"}
_ICON = expression(r"(?:^|\s)(?:fa[srlbd]?(?:\s|$)|fa-|icon-)")
_GIVEN = expression(r"(?:url|src|file)[=:](\S+)|(?:title|text|content)[=:](.+)", re.DOTALL)


class Nunjucks(Tags):
    """Hexo's own tags, and those of its themes. `{{ }}` stays, since in prose it is more often text than code."""

    syntax = LIQUID
    verbatim = frozenset(("raw", "mermaid", "codeblock", "code", "chartjs", "echarts", "plantuml"))
    nesting = frozenset(("blockquote", "quote", "pullquote"))
    remarks = MappingProxyType({"{#": "#}", "{%": "%}"})
    ends_in_code = False

    def __init__(self, post: Post, lookup: Lookup, source: str, code_dir: str) -> None:
        """`source` is the folder of the blog's sources, `code_dir` where `include_code` finds files on the site."""
        super().__init__(post, lookup)
        self.source, self.code_dir = source, code_dir

    def code(self, text: str, line: int, *, fenced: bool) -> str:
        """Hexo goes through spans of code, so `raw` ends there; of fences it keeps off."""
        return text if fenced else unraw(text)

    def pair(self, tag: Tag) -> str | None:
        """Raw text, code and quotations; of a theme's pairs, what their comments name."""
        if tag.name == "raw":
            return tag.inner
        if tag.name not in _OWN:
            inner = _PART.sub(lambda found: _part(found, tag), tag.inner)
            return None if inner == tag.inner else families.pair(replace(tag, inner=inner), self.title(tag)) or inner
        before, address, after = _around(tag.words)
        if tag.name in ("codeblock", "code"):
            language = next((word[5:] for word in tag.words if word.startswith("lang:")), "")
            link = f" {made.link(' '.join(after) or address, address)}" if address else ""
            return made.fence(tag, language, f"**{made.escaped(' '.join(before))}**{link}" if before else link.strip())
        if tag.name == "pullquote":
            return made.quote(tag)
        who = re.sub(r"\s,", ",", made.escaped(" ".join(before)))
        if address:
            where = made.link(" ".join(after) or re.sub(r"^https?://(www\.)?|/$", "", address), address)
            who = f"{who}, {where}" if who else where
        return made.quote(tag, who)

    def single(self, tag: Tag) -> str | None:
        """Pictures, links to posts and files, and what a frame would show."""
        words = tag.words[:-1] if len(tag.words) > 1 and tag.words[-1] in ("true", "false") else tag.words
        if not words:
            return None
        name, html = families.known(tag.name), tag.html
        known: dict[str, Callable[[], str | None]] = {
            **dict.fromkeys(("asset_img", "asset_image", "img", "image"), lambda: _image(words, html=html)),
            "asset_path": lambda: self.post.base + words[0],
            "asset_link": lambda: made.link(" ".join(words[1:]) or words[0], self.post.base + words[0], html=html),
            **dict.fromkeys(("post_link", "post_path"), lambda: self._post(tag, words)),
            **dict.fromkeys(("link", "a", "anchor"), lambda: _link(tag, words)),
            **dict.fromkeys(("url_for", "full_url_for"), lambda: _link(tag, (*words[:-1], self._rooted(words[-1])))),
            **dict.fromkeys(
                ("include_code", "include-code"),
                lambda: _file(words, f"{self.lookup.settings.url}{self.code_dir}/", html=html),
            ),
            "iframe": lambda: made.embed("", words[0], html=html),
        }
        if name == "youtube" and words[1:2] == ("playlist",):
            return made.embed("", f"https://www.youtube.com/playlist?list={words[0]}", html=html)
        if tag.name in known:
            return known[tag.name]()
        if name in made.EMBEDS:
            of_two = made.EMBEDS[name] == "https://github.com/{}" and "/" not in words[0]
            what = "/".join(words[:2]) if of_two else words[0]
            return made.embed(name, what, html=html)
        return None

    def title(self, tag: Tag) -> str:
        """What a theme's pair puts above its text: `title`, `kind, title` or `kind title`."""
        titles = [word[6:] for word in tag.words if word.startswith("title:")]
        parts = _parts(tag.source)
        if titles or families.known(tag.name) == "poem":
            return titles[0] if titles else ", ".join(parts)
        return _plain(parts[-1 if families.known(tag.name) in _SAID_LAST else 0]) if parts else ""

    def spoken(self, tag: Tag) -> str | None:
        """What a theme's tag says within a sentence: `kind@text`, `address, text, icon`, `kind, text` or the text."""
        name, parts = families.known(tag.name), _parts(tag.source)
        given = [found for word in tag.words if (found := _GIVEN.fullmatch(word))]
        if name in families.UNSEEN or not parts:
            return "" if name in families.UNSEEN else None
        if given:
            address, text = ("".join(found[group] or "" for found in given[:2]) for group in (1, 2))
            return made.media(address, text, html=tag.html) if address else text
        return _said(tag, name, parts)

    def _rooted(self, path: str) -> str:
        return self.lookup.settings.url + path.lstrip("/") if path.startswith("/") else path

    def _names(self, posts: Iterable[Post]) -> Iterator[tuple[str, Post]]:
        folder = f"{self.source}/_posts/"
        for post in posts:
            yield str(PurePosixPath(post.path.removeprefix(folder)).with_suffix("")), post
            yield post.title, post

    def _post(self, tag: Tag, words: tuple[str, ...]) -> str:
        """A link to a post named by the path of its file or by its title."""
        slug, _, anchor = words[0].partition("#")
        target = self.lookup.named("files and titles", self._names).get(slug)
        shown = " ".join(words[1:])
        if not target:
            self.note(tag.line, f"`{tag.name}` names `{slug}`, which is not a published post", code="link-broken")
            return made.escaped(shown or slug)
        address = f"{target.url}#{anchor}" if anchor else target.url
        if tag.name == "post_path":
            return address
        plain = not shown or tag.words[-1] != "false"
        return made.link(shown or target.title, address, plain=plain, html=tag.html)


def _around(words: tuple[str, ...]) -> tuple[list[str], str, list[str]]:
    """What stands before an address, the address, and what stands behind it; options left out."""
    kept = [word for word in words if not _OPTION.match(word)]
    at = next((place for place, word in enumerate(kept) if re.match("https?://", word)), len(kept))
    return kept[:at], "".join(kept[at : at + 1]), kept[at + 1 :]


def _said(tag: Tag, name: str, parts: list[str]) -> str | None:
    if name in _WHOLE:
        text = re.sub(r"(?<!\s)\s++color:\S++$", "", tag.source.strip())
        return f"<{name}>{text}</{name}>" if name in _STYLED else text
    if name in ("checkbox", "radio"):
        checked = "checked" in parts[0].split() and parts[1:]
        return f"{'☑' if checked else '☐'} {parts[-1]}"
    if name in _SAID_LAST and parts[1:]:
        return f"> {parts[-1]}" if name == "note" and tag.alone else parts[-1]
    if len(parts) == 1 and "@" not in parts[0]:
        return families.single(tag) if name != "label" else _plain(parts[0])
    parts = [part for part in parts if made.is_address(part) or not (families.is_option(part) or _ICON.search(part))]
    address = next((part.split()[0] for part in parts if made.is_address(part)), "")
    text = next((plain for part in parts if not made.is_address(part) and (plain := _plain(part))), "")
    if name in ("btn", "button", "link") and not address:
        address = parts[0] if len(parts) > 1 else ""
    return made.media(address, text, html=tag.html) if address else text or None


def _part(found: re.Match[str], tag: Tag) -> str:
    """The title of a part, in a line of its own; what a theme would number is numbered."""
    if found["end"]:
        return ""
    said = found["said"].strip()
    titled = re.search(r"(?:^|['\"\s])title:([^'\"]+)", said)
    caption = titled[1].strip() if titled else said.partition("@")[0].rstrip()
    caption = caption or " ".join(word for word in _parts(tag.source)[:1] if not families.is_option(word))
    return f"\n{tag.indent or ''}**{caption}**\n" if caption else "\n"


def _parts(source: str) -> list[str]:
    """What signs part in a theme's tag, without quotes."""
    sign = "::" if "::" in source else ","
    return [part for piece in source.split(sign) if (part := piece.strip().strip("\"'").strip())]


def _plain(text: str) -> str:
    """The words that readers would see: behind `kind@`, without colours and sizes."""
    kind, sign, said = text.partition("@")
    if sign and re.fullmatch(r"[\w-]*\s*", kind):
        return said.strip()
    return " ".join(word for word in text.split() if not families.is_option(word))


def _link(tag: Tag, words: tuple[str, ...]) -> str | None:
    """`text address [external] [title]`; the text may be several words. Themes have `text::address`."""
    if "::" in tag.source:
        return None
    at = next((place for place, word in enumerate(words) if re.match(r"https?:|/", word)), len(words) - 1)
    return made.link(" ".join(words[:at]) or words[at], words[at], html=tag.html)


def _file(words: tuple[str, ...], folder: str, *, html: bool) -> str:
    """`[title] [lang:…] [from:…] [to:…] path`."""
    title = " ".join(word for word in words[:-1] if not _OPTION.match(word))
    return made.link(title or words[-1], folder + words[-1], html=html)


def _image(words: tuple[str, ...], *, html: bool) -> str:
    """`[class names] file [width] [height] [title] [alt]`; Volantis has `file, alt=…, height=…`."""
    at = next((place for place, word in enumerate(words) if _PICTURE.search(word.rstrip(","))), 0)
    rest = list(words[at + 1 :])
    while rest and re.fullmatch(r"\d+(px|%)?|auto", rest[0]):
        rest.pop(0)
    if len(rest) == 1 and (both := re.fullmatch(r'"([^"]*)"\s+"([^"]*)"', rest[0])):  # '"title" "alt"'
        rest = [both[2]]
    quoted = any(" " in word for word in rest)
    return made.picture(words[at].rstrip(","), rest[-1] if quoted and rest else " ".join(rest), html=html)
