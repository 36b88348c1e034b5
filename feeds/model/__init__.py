"""The terms of this project as types: frozen, with no behaviour beyond questions about themselves.

Every date has a time zone. Every text that differs by language is a `Localized`: language code to text, with every
configured language present, so no caller needs a fallback.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # the cache asks for the types of fields
from dataclasses import field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from feeds.model.digest import DigestOptions, Placeholders
from feeds.model.documents import DOCUMENTS, FeedOptions, Format, History
from feeds.model.parts import GREY, SAFE, Author, Ignore, Image, Language, Localized, Paper, Theme
from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from feeds.errors import Problem
    from feeds.places import KnownFeed, Place

__all__ = [
    "DOCUMENTS",
    "GREY",
    "OTHER",
    "SAFE",
    "STYLESHEET",
    "Author",
    "Channel",
    "Digest",
    "DigestOptions",
    "Editorial",
    "Email",
    "Feed",
    "FeedOptions",
    "Format",
    "History",
    "Ignore",
    "Image",
    "Language",
    "Localized",
    "Look",
    "Output",
    "Paper",
    "Placeholders",
    "Post",
    "Section",
    "Settings",
    "Site",
    "Status",
    "Theme",
]

Status = Literal["published", "draft", "future", "hidden", "protected"]
"""`protected`: its author locked it, by a password or what else plugins read; readers of a feed have no key."""
STYLESHEET = "feed.css"  # for feeds in a browser, in the root of the outputs

OTHER = "other"  # the theme id of posts that belong to none of the configured themes


@record(kw_only=True)
class Look:
    """`[look]` of emails and pages: one colour, and an image that replaces the title."""

    accent: str
    logo: Image | None = None


@record(kw_only=True)
class Settings:
    """`feeds.toml`, checked, with every default filled in. `url` ends in a slash; `languages` are in the file's order.

    `permalink` is "" for a language whose addresses follow the rule of the blog's own generator. `shows_hidden`: the
    key `hidden` of a post keeps it out of lists alone.
    """

    title: Localized
    description: Localized
    rights: Localized
    url: str
    timezone: ZoneInfo
    default_language: str
    author: Mapping[str, Author]
    output: str
    content_dir: str
    permalink: Localized
    shows_hidden: bool = False
    languages: Mapping[str, Language]
    themes: Mapping[str, Theme]
    feeds: FeedOptions
    digest: DigestOptions
    look: Look
    ignore: tuple[Ignore, ...] = field(default=(), repr=False)
    """Not in the representation, on which all that is cached depends: nothing is made otherwise for it."""

    def folder(self, language: str) -> str:
        """The folder of a language's outputs: `zh/`, or "" if the site has one language."""
        return f"{language}/" if len(self.languages) > 1 else ""

    def subscribe(self, language: str | None) -> str:
        """The subscribe page of a language, or of all; the site's home page if there are no subscribe pages."""
        if not self.feeds.pages:
            return self.url
        return f"{self.url}{self.folder(language) if language else ''}subscribe/"


@record(kw_only=True)
class Post:
    """The front matter of a Markdown file: what is known about a post without its text.

    `path` is relative to the site; `body_line` is the line where the text starts; `group` is the same for translations
    of one review; `changes` are the times at which its status changes, in seconds since 1970; `lines` gives the line
    of each front matter key, for messages; `extra` is what its dialect needs later from the front matter. `assets` is
    the folder of the post's own images, relative to the site, and `base` the URL under which the site serves them; ""
    if it has none. `brief`: feeds show its summary, not its text.
    """

    path: str
    language: Language
    slug: str
    title: str
    published: datetime
    updated: datetime
    url: str
    id: str
    group: str
    status: Status
    body_line: int
    assets: str = ""
    base: str = ""
    themes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[Author, ...] = ()
    summary: str = ""
    paper: Paper | None = None
    highlights: tuple[str, ...] = ()
    image: Image | None = None
    original: str = ""
    brief: bool = False
    changes: tuple[float, ...] = field(default=(), compare=False, repr=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    extra: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    def line(self, key: str) -> int:
        """The line of a front matter key, or else the file's first line."""
        return self.lines.get(key, 1)


@record(kw_only=True)
class Channel:
    """A feed as a blog's own generator would make it: where, in which format, of which posts in which order.

    `language` is a code, or "" when posts differ in language; `name` tells
    which of their posts it shows, a folder or a tag, and is "" for all; `title` is its word for people. `id` is the
    feed's own id where that is not its address.
    """

    place: Place
    format: Format
    posts: tuple[Post, ...]
    language: str = ""
    name: str = ""
    title: str = ""
    id: str = ""


@record(kw_only=True)
class Site:
    """Everything that was read; nothing is rendered.

    `posts` are published, newest first (ties by path); `withheld` are drafts, future, hidden and protected posts;
    `broken` are paths of files no post could be made of, with "draft" or "error"; `channels` are the feeds that the
    blog's own generator would make. `assets` are the other files beside
    the posts, relative to the site. `groups` are translations of each other; `pages` say under which address a
    published file is found. `lock` is the text of `feeds.lock` as it was read and as it is to be, None when it is to be
    left alone; `known_feeds` are the documents that lie, or lay, elsewhere than in our own layout, by their path there.
    `entries` are those lately written (`syndication.entries`), `tables` posts by their names (`rendered.Lookup`).
    """

    settings: Settings
    posts: tuple[Post, ...]
    withheld: tuple[Post, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[Channel, ...] = field(default=(), repr=False)
    assets: AbstractSet[str] = frozenset()
    groups: Mapping[str, tuple[Post, ...]] = field(default_factory=dict, repr=False)
    pages: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()
    lock: tuple[str, str] | None = field(default=None, repr=False)
    known_feeds: Mapping[str, KnownFeed] = field(default_factory=dict, repr=False)
    entries: dict[tuple[Format, str], tuple[tuple[Post, object], bytes]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    tables: dict[str, dict[str, Post]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _digest: list[str] = field(default_factory=list, init=False, compare=False, repr=False)
    _selected: dict[tuple[str | None, ...], tuple[Post, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def posts_digest(self) -> str:
        """A hash of everything a text may say about other posts."""
        if not self._digest:
            rows = sorted(
                repr((post.path, post.url, post.title, post.slug, post.language, post.published)) for post in self.posts
            )
            self._digest.append(sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()[:16])
        return self._digest[0]

    def select(self, language: str | None = None, theme: str | None = None) -> tuple[Post, ...]:
        """Published posts of a language and a theme, newest first; None means any."""
        if (language, theme) not in self._selected:
            posts = self.select(language) if theme and language else self.posts
            self._selected[language, theme] = tuple(
                post
                for post in posts
                if language in (None, post.language.code) and theme in (None, *(post.themes or (OTHER,)))
            )
        return self._selected[language, theme]

    def translations(self, post: Post) -> tuple[Post, ...]:
        """The same review in the other languages, in the order of the settings."""
        group = self.groups.get(post.group, ())
        return tuple(other for other in group if other is not post) if post in group else ()


@record(kw_only=True)
class Feed:
    """A channel in one language and theme, independent of format.

    `folder` is where its documents are ("en/systems/"); `language` is None if entries differ in language; `home` is the
    page for people; `documents` are the absolute URLs by format, and `copies` the paths of further files with the same
    bytes. `name` tells which posts a generator's feed shows (`Channel`). `id` is "" when it is an address.
    """

    folder: str
    title: str
    description: str
    language: Language | None
    theme: Theme | None
    home: str
    author: Author
    posts: tuple[Post, ...]
    updated: datetime
    documents: Mapping[Format, str]
    rights: str = ""
    hubs: tuple[str, ...] = ()
    history: History | None = None
    name: str = ""
    id: str = ""
    copies: Mapping[Format, tuple[str, ...]] = field(default_factory=dict)


@record(kw_only=True)
class Section:
    """The reviews of one theme in an issue; `theme` is None for reviews that belong to no theme."""

    theme: Theme | None
    posts: tuple[Post, ...]


@record(kw_only=True)
class Editorial:
    """What an editor says of an issue: `subject`, `preheader` and `headline` instead of ours, a `cover`, and a `text`
    that is read like a post's.

    By id: `lead` stands first, `added` are reviews of other times, `skipped` come in no issue. `archive` is how many
    old reviews fill a short issue. `digest` is that of the file.
    """

    path: str
    digest: str
    subject: str = ""
    preheader: str = ""
    headline: str = ""
    cover: Image | None = None
    text: Post | None = None
    lead: str = ""
    added: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    archive: int | None = None
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)


@record(kw_only=True)
class Digest:
    """An issue: one language, the days from `since` to the day before `until` (both local midnights).

    `week` is the ISO week of the last day covered, "2026-W17", or "" if it is a month or the days were chosen by hand.
    `name` is its folder: the period or the days, and the theme if it is limited to one. `archive` are old reviews that
    fill it, `issued` is when it is issued, None while it is only looked at.
    """

    language: Language
    name: str
    week: str
    since: datetime
    until: datetime
    last_day: date
    sections: tuple[Section, ...]
    editorial: Editorial | None = None
    archive: tuple[Post, ...] = ()
    issued: datetime | None = None

    @property
    def posts(self) -> tuple[Post, ...]:
        """Every review of the issue, in the order shown."""
        return tuple(post for section in self.sections for post in section.posts)

    @property
    def shown(self) -> tuple[Post, ...]:
        """Every post it shows something of: those of the archive too, and the editor's text."""
        text = (self.editorial.text,) if self.editorial and self.editorial.text else ()
        return (*self.posts, *self.archive, *text)

    @property
    def titles(self) -> tuple[str, ...]:
        """Those of its reviews."""
        return tuple(post.title for post in self.posts)


@record(kw_only=True)
class Email:
    """An email as text, before it becomes a message: `preheader` follows the subject, `pictures` are PNGs by name."""

    subject: str
    preheader: str = ""
    html: str
    text: str
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@record()
class Output:
    """A file that is not on disk yet; `path` is relative to the output folder and uses `/`."""

    path: str
    data: bytes
