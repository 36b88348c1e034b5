"""What Hexo's texts hold: its own tags in `{% %}`, which Nunjucks would run."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from feeds.reader.generators import tags
from feeds.reader.generators.tags import Tag, Tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from feeds.model import Post
    from feeds.rendered import Lookup

_OPTION = re.compile(r"(?:lang|line_number|highlight|first_line|mark|diff|wrap|line_threshold|tab_replace|from|to):")
_PICTURE = re.compile(r"\S\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico)$|^https?:|/", re.IGNORECASE)


class Nunjucks(Tags):
    """Hexo's own tags. `{{ }}` stays, since in prose it is more often text than code."""

    syntax = tags.LIQUID
    verbatim = frozenset(("raw", "mermaid", "codeblock", "code"))
    nesting = frozenset(("blockquote", "quote", "pullquote"))
    remarks = MappingProxyType({"{#": "#}", "{%": "%}"})
    ends_in_code = False

    def __init__(self, post: Post, lookup: Lookup, source: str, code_dir: str) -> None:
        """`source` is the folder of the blog's sources, `code_dir` where `include_code` finds files on the site."""
        super().__init__(post, lookup)
        self.source, self.code_dir = source, code_dir

    def code(self, text: str, line: int, *, fenced: bool) -> str:
        """Hexo goes through spans of code, so `raw` ends there; of fences it keeps off."""
        return text if fenced else tags.unraw(text)

    def pair(self, tag: Tag) -> str:
        """Raw text, code and quotations."""
        if tag.name == "raw":
            return tag.inner
        if tag.name == "mermaid":
            return tags.fence(tag, "mermaid")
        before, address, after = _around(tag.words)
        if tag.name in ("codeblock", "code"):
            language = next((word[5:] for word in tag.words if word.startswith("lang:")), "")
            link = f" {tags.link(' '.join(after) or address, address)}" if address else ""
            return tags.fence(tag, language, f"**{tags.escaped(' '.join(before))}**{link}" if before else link.strip())
        if tag.name == "pullquote":
            return tags.quote(tag)
        who = re.sub(r"\s,", ",", tags.escaped(" ".join(before)))
        if address:
            where = tags.link(" ".join(after) or re.sub(r"^https?://(www\.)?|/$", "", address), address)
            who = f"{who}, {where}" if who else where
        return tags.quote(tag, who)

    def single(self, tag: Tag) -> str | None:
        """Pictures, links to posts and files, and what a frame would show."""
        words = tag.words[:-1] if len(tag.words) > 1 and tag.words[-1] in ("true", "false") else tag.words
        if not words:
            return None
        known: dict[str, Callable[[], str]] = {
            **dict.fromkeys(("asset_img", "asset_image", "img", "image"), lambda: _image(words)),
            "asset_path": lambda: self.post.base + words[0],
            "asset_link": lambda: tags.link(" ".join(words[1:]) or words[0], self.post.base + words[0]),
            **dict.fromkeys(("post_link", "post_path"), lambda: self._post(tag, words)),
            **dict.fromkeys(("link", "a", "anchor"), lambda: _link(words)),
            **dict.fromkeys(("url_for", "full_url_for"), lambda: _link((*words[:-1], self._rooted(words[-1])))),
            **dict.fromkeys(
                ("include_code", "include-code"), lambda: _file(words, f"{self.lookup.settings.url}{self.code_dir}/")
            ),
            "iframe": lambda: f"<{words[0]}>",
            **dict.fromkeys(tags.EMBEDS, lambda: tags.embed(tag.name, words[0])),
        }
        if tag.name == "youtube" and words[1:2] == ("playlist",):
            return f"<https://www.youtube.com/playlist?list={words[0]}>"
        return known[tag.name]() if tag.name in known else None

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
            self.note(tag.line, f"`{tag.name}` names `{slug}`, which is not a published post")
            return tags.escaped(shown or slug)
        address = f"{target.url}#{anchor}" if anchor else target.url
        if tag.name == "post_path":
            return address
        return tags.link(shown or target.title, address, plain=not shown or tag.words[-1] != "false")


def _around(words: tuple[str, ...]) -> tuple[list[str], str, list[str]]:
    """What stands before an address, the address, and what stands behind it; options left out."""
    kept = [word for word in words if not _OPTION.match(word)]
    at = next((place for place, word in enumerate(kept) if re.match("https?://", word)), len(kept))
    return kept[:at], "".join(kept[at : at + 1]), kept[at + 1 :]


def _link(words: tuple[str, ...]) -> str:
    """`text address [external] [title]`; the text may be several words."""
    at = next((place for place, word in enumerate(words) if re.match(r"https?:|/", word)), len(words) - 1)
    return tags.link(" ".join(words[:at]) or words[at], words[at])


def _file(words: tuple[str, ...], folder: str) -> str:
    """`[title] [lang:…] [from:…] [to:…] path`."""
    title = " ".join(word for word in words[:-1] if not _OPTION.match(word))
    return tags.link(title or words[-1], folder + words[-1])


def _image(words: tuple[str, ...]) -> str:
    """`[class names] file [width] [height] [title] [alt]`."""
    at = next((place for place, word in enumerate(words) if _PICTURE.search(word)), 0)
    rest = list(words[at + 1 :])
    while rest and re.fullmatch(r"\d+(px|%)?|auto", rest[0]):
        rest.pop(0)
    if len(rest) == 1 and (both := re.fullmatch(r'"([^"]*)"\s+"([^"]*)"', rest[0])):  # '"title" "alt"'
        rest = [both[2]]
    quoted = any(" " in word for word in rest)
    return tags.picture(words[at], rest[-1] if quoted and rest else " ".join(rest))
