"""The small types that the others are made of."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from feeds.records import record

Localized = Mapping[str, str]

SAFE = "/~!$&'()*+,;=:@"
"""What stands in the path of a URL as it is (RFC 3986 section 3.3)."""

GREY = "#68707b"
"""The colour of a theme without one."""


@record(kw_only=True)
class Author:
    """An author: of the blog, or of a single post."""

    name: str
    email: str = ""
    url: str = ""


@record(kw_only=True)
class Language:
    """`code` names folders and is part of addresses ("zh"); `tag` is BCP 47, used in feeds and `lang` ("zh-Hans")."""

    code: str
    tag: str


@record(kw_only=True)
class Theme:
    """A configured subject. The id is ASCII and permanent, the titles can change; `color` is "#1a6ac0"."""

    id: str
    titles: Localized
    color: str = GREY
    tags: tuple[str, ...] = ()


@record(kw_only=True)
class Ignore:
    """An entry of `[warnings] ignore`: a code, a pattern of paths or "" for all, and its line in `feeds.toml`."""

    code: str
    pattern: str
    line: int


@record(kw_only=True)
class Paper:
    """The paper under review. Empty text or None: the author did not say."""

    title: str = ""
    authors: tuple[str, ...] = ()
    venue: str = ""
    year: int | None = None
    url: str = ""
    arxiv: str = ""
    doi: str = ""
    code: str = ""

    @property
    def link(self) -> str:
        """Where to read it: the given URL, else arXiv's, else the DOI's, else ""."""
        if self.url:
            return self.url
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        return f"https://doi.org/{quote(self.doi, safe=SAFE)}" if self.doi else ""  # old ones contain < and >


@record(kw_only=True)
class Image:
    """A post's image; `src` is an absolute URL. If the image belongs to the post, `file` is its path in the site, and
    its size in pixels and media type are known.
    """

    src: str
    alt: str = ""
    file: str = ""
    width: int = 0
    height: int = 0
    type: str = ""
