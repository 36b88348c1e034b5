"""A post's rendered text, and what it depends on besides the post's own file.

While a text is rendered, it asks questions about its site: where a page is, whether an image exists. Its `References`
are these questions with their answers. A build that reuses rendered texts asks them again, and renders again when an
answer differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from feeds.model import Post
from feeds.records import record

if TYPE_CHECKING:
    from feeds.errors import Problem
    from feeds.model import Settings, Site


GITHUB = frozenset(
    ("strikethrough", "table", "autolink", "tasklist", "footnotes", "alerts", "description_lists"),
)
"""Extensions of CommonMark, by comrak's names."""


@record(kw_only=True)
class Syntax:
    """How a blog's own generator reads its Markdown. `flavor` is its parser; ours is CommonMark with GitHub's
    extensions, and `html` is none: the text is HTML. `passthrough` are delimiters of formulas that it leaves alone
    (Hugo): what begins one, what ends it, and whether it is a display formula.

    `extensions` are those that are on, by comrak's names. `breaks`: the end of a line is a line break. `reads_html`:
    Markdown in a block of HTML is read unasked (kramdown). `attributes` may stand in braces behind a "title" or below a
    "block" (goldmark).
    """

    flavor: Literal["commonmark", "kramdown", "marked", "goldmark", "html"] = "commonmark"
    extensions: frozenset[str] = GITHUB
    passthrough: tuple[tuple[str, str, bool], ...] = ()
    breaks: bool = False
    reads_html: bool = False
    attributes: frozenset[str] = frozenset()


COMMONMARK = Syntax()
HTML = Syntax(flavor="html")


@dataclass(slots=True)
class References:
    """Questions and answers: the URL of each page by its file, whether each asset exists, each other file that was read
    or looked for, and, if a text chose among all posts, what they were (`Site.posts_digest`).
    """

    pages: dict[str, str | None] = field(default_factory=dict)
    assets: dict[str, bool] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)
    posts: str = ""

    def union(self, other: References) -> References:
        """The dependencies of both."""
        return References(
            self.pages | other.pages, self.assets | other.assets, self.files | other.files, self.posts or other.posts
        )

    def hold(self, site: Site) -> bool:
        """Whether the site gives the same answers; changes inside files are left to their fingerprints."""
        return (
            all(site.pages.get(path) == url for path, url in self.pages.items())
            and all((path in site.assets) == there for path, there in self.assets.items())
            and (not self.posts or self.posts == site.posts_digest)
        )

    def dumps(self, fingerprints: Mapping[str, str]) -> list[Any]:
        """As JSON types, with the fingerprints of the files."""
        return [self.pages, self.assets, {path: fingerprints.get(path, "") for path in self.files}, self.posts]


def loads(row: list[Any], fingerprints: Mapping[str, str], site: Site) -> References | None:
    """What `dumps` was given, if every answer is still the same, else None. Raises ValueError, TypeError or KeyError if
    the row is malformed.
    """
    pages, assets, files, posts = row
    found = References(dict(pages), dict(assets), dict.fromkeys(files), str(posts))
    same = all(fingerprints.get(path, "") == known for path, known in files.items())
    return found if same and found.hold(site) else None


class Lookup:
    """Answers a text's questions about its site and records each in `references`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.settings: Settings = site.settings
        self.references = References()

    def page(self, path: str) -> str | None:
        """The URL of the published page made from a file."""
        url = self.references.pages[path] = self._site.pages.get(path)
        return url

    def has_asset(self, path: str) -> bool:
        """Whether a file is among the posts' images and other files."""
        there = self.references.assets[path] = path in self._site.assets
        return there

    def file(self, path: str) -> str:
        """The path itself: the text depends on this file of the site, whether it exists or not."""
        self.references.files[path] = None
        return path

    @property
    def posts(self) -> tuple[Post, ...]:
        """All published posts, newest first: the text depends on their names and addresses."""
        self.references.posts = self.references.posts or self._site.posts_digest
        return self._site.posts

    def named(self, table: str, names: Callable[[tuple[Post, ...]], Iterable[tuple[str, Post]]]) -> Mapping[str, Post]:
        """All published posts by names that `names` gives them, a name two have being the first one's. It is asked once
        for each `table` of a build, since a text may ask for a post in every line.
        """
        posts, tables = self.posts, self._site.tables
        if table not in tables:
            found = tables[table] = {}
            for name, post in names(posts):
                found.setdefault(name, post)
        return tables[table]


WHOLE = "whole"
"""In `Post.extra`: the post is an editor's text, whose excerpt is all of it."""


class Excerpt(Protocol):
    """The summary of a post with its emphasis, links, code and formulas."""

    @property
    def page(self) -> str:
        """Safe HTML with formulas as MathML."""

    @property
    def links(self) -> Sequence[tuple[str, str]]:
        """Text and absolute URL of each link in it."""

    @property
    def words(self) -> Sequence[str]:
        """The plain text of each block."""

    @property
    def behind(self) -> Excerpt | None:
        """What stands behind the marker of a text that is shown whole."""

    @property
    def pictures(self) -> Mapping[str, bytes]:
        """PNGs by the names that `mail` uses for them."""

    def mail(self, folder: str) -> str:
        """Safe HTML without MathML; images are at the URL `folder`."""


class _NoExcerpt:
    """An excerpt that has not been made."""

    page = ""
    links: Sequence[tuple[str, str]] = ()
    words: Sequence[str] = ()
    behind = None
    pictures: Mapping[str, bytes] = {}

    def mail(self, folder: str) -> str:
        del folder
        return ""


_NO_EXCERPT = _NoExcerpt()

Part = Literal["html", "summary", "minutes", "excerpt"]
"""The parts of a post's rendered text, each made only on demand."""


@record(kw_only=True)
class Rendered:
    """A post's text as outputs show it; `made` are the parts that were made, the others are empty.

    `html` is safe HTML with absolute URLs, for feeds; `summary` is plain text, a few sentences; `minutes` is the
    reading time. `references` are what the text depends on besides its own file, `problems` what is wrong with it.
    """

    html: str = ""
    summary: str = ""
    minutes: int = 0
    excerpt: Excerpt = _NO_EXCERPT
    made: frozenset[Part] = frozenset()
    references: References = field(default_factory=References)
    problems: tuple[Problem, ...] = ()

    def with_parts(self, other: Rendered) -> Rendered:
        """The same text plus the other's parts."""
        if other.made <= self.made:
            return self
        parts = {part: getattr(other, part) for part in other.made}
        problems = tuple(dict.fromkeys((*self.problems, *other.problems)))
        references = self.references.union(other.references)
        return replace(self, **parts, made=self.made | other.made, references=references, problems=problems)

    def without_excerpt(self) -> Rendered:
        """The same text without the part that is never cached."""
        return replace(self, excerpt=_NO_EXCERPT, made=self.made - {"excerpt"}) if "excerpt" in self.made else self


Render = Callable[[Post], Rendered]
"""How writers get a post's text: lazily, so that only posts in some output are read and rendered."""
