"""What every dialect answers: which files are posts, and of each its language, date, address, status and text.

A dialect is one class: it says only what its generator does differently. Nothing here opens a post: front matter comes
in, a `Post` or problems come out.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from datetime import UTC
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote, urljoin

from feeds.errors import Problem
from feeds.model import OTHER, SAFE, Author, Image, Language, Post, Settings, Status
from feeds.reader import covers, frontmatter, languages, locks, paper
from feeds.reader.dates import lenient
from feeds.reader.fields import Fields, is_json, shared_lines
from feeds.reader.plain import plain, without_markup
from feeds.rendered import COMMONMARK, HTML
from feeds.settings import DetectedSettings
from feeds.text import expression, uri_wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from feeds.model import Channel
    from feeds.rendered import Lookup, Syntax

MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_FIELD = expression(r"\{(\w+)\}")
_LINES = ("title", "slug", "id", "translation", "summary")
"""The keys that messages are about once the front matter is read."""


class Dialect:
    """The conventions of one generator, opened for one blog.

    `signs` tells people by what a blog is recognised. `found` is what the blog's own configuration says, `syntax` how
    its Markdown is read. `endings` are those of Markdown, `html` those of posts in HTML, `foreign` those of formats
    that are not read. `strict`: mistakes in front matter keep a post out; otherwise only what its own generator could
    not have published does, and the rest are warnings. `native`: the blog consists of `feeds.toml`, the posts' folder
    and `templates`, nothing else. `settings` are set once they are known. `newest_wins`: of several posts with one
    address, the generator publishes the newest. `has_pages`: what lies among the posts may be pages that nobody dates.
    `names_pictures`: a picture among a post's files may be its cover by its name. `prints_html`: themes put titles into
    pages as they are. `false_unlocks`: `password: false` is no password, as to Liquid and Go.
    `issues` is the folder of what was issued, which the generator must not publish.
    """

    settings: Settings

    name = ""
    signs = ""
    issues = "issues"
    strict = False
    native = False
    found = DetectedSettings()
    syntax = COMMONMARK
    endings: tuple[str, ...] = MARKDOWN
    html: tuple[str, ...] = ()
    foreign: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    language_keys: tuple[str, ...] = ("lang", "language")
    group_keys: tuple[str, ...] = ("translation", "translationKey", "translation_key", "ref")
    summary_keys: tuple[str, ...] = ("summary", "description", "excerpt")
    updated_keys: tuple[str, ...] = ("updated",)
    image_keys: tuple[str, ...] = ()
    keeps_future = newest_wins = has_pages = names_pictures = False
    false_unlocks = prints_html = True

    @classmethod
    def open(cls, root: Path) -> Dialect | None:
        """The dialect for the blog in a folder, or None when there is no such blog. Raises `SettingsError`."""
        raise NotImplementedError

    def folders(self) -> tuple[str, ...]:
        """Where posts lie, relative to the site."""
        return (self.settings.content_dir,)

    def enters(self, name: str) -> bool:
        """Whether a folder of this name below them may hold posts."""
        return not name.startswith(".")

    def sources(self, paths: Iterable[str]) -> list[str]:
        """Those files below them that are posts."""
        return [path for path in paths if self.is_post(path)]

    def is_post(self, path: str) -> bool:
        """Whether a file below them is a post."""
        raise NotImplementedError

    def syntax_of(self, path: str) -> Syntax:
        """How a post's text is read."""
        return HTML if self.html and path.lower().endswith(self.html) else self.syntax

    def is_page(self, path: str) -> bool:
        """Whether its ending says that a file is a post's, as far as we read it."""
        return path.endswith((*self.endings, *self.html))

    def passed_over(self, paths: Iterable[str]) -> list[Problem]:
        """What to say of files that are posts to the generator, and in no format we read."""
        stems = ((path, posixpath.splitext(path)) for path in paths)
        found = sorted(
            path for path, (stem, end) in stems if end.lower() in self.foreign and self.is_post(stem + self.endings[0])
        )
        if not found:
            return []
        others = len(found) - 1
        more = f"; nor are {others} more files" if others > 1 else "; nor is another file" if others else ""
        message = f"is neither Markdown nor HTML, so it is in no feed{more}; convert them to Markdown"
        return [Problem(found[0], 0, message, "warning", code="post-format")]

    def is_shared(self, path: str) -> bool:
        """Whether all posts may depend on a file of the site: configuration, and what hands keys down to posts."""
        return False

    def front_matter(self, text: str, path: str) -> frontmatter.FrontMatter:
        """The front matter of a file's text. Raises `FrontMatterError`; `NoFrontMatter` when all of it is text."""
        return frontmatter.parse(text, path, lenient=not self.strict)

    def body(self, text: str, line: int) -> list[str]:
        """The lines of a file's text without its front matter; they begin on this one."""
        return text.split("\n")[line - 1 :]

    def data(self, front: frontmatter.FrontMatter, path: str) -> Mapping[str, Any]:
        """The keys of a file's front matter, and those the blog's configuration adds to it."""
        return front.data

    def below(self, path: str) -> str:
        """A post's path below the folder of posts."""
        folder = next(f for f in self.folders() if f == "." or path.startswith(f"{f}/"))
        return path if folder == "." else path[len(folder) + 1 :]

    def inner(self, path: str) -> PurePosixPath:
        """The same, in its parts."""
        return PurePosixPath(self.below(path))

    def language(self, fields: Fields) -> tuple[Language | None, PurePosixPath]:
        """A post's language, and its path without what tells it: by a key, a suffix of the name, a folder."""
        inner = self.inner(fields.path)
        known = self.settings.languages
        found, rest = None, inner
        if len(known) > 1:
            suffix = PurePosixPath(inner.stem).suffix[1:]
            folder = next((part for part in inner.parts[:-1] if languages.named(part, known)), "")
            if suffix and (found := languages.named(suffix, known)):
                rest = inner.with_name(inner.stem.removesuffix(f".{suffix}") + inner.suffix)
            elif folder:
                found = languages.named(folder, known)
                rest = PurePosixPath(*(part for part in inner.parts if part != folder))
        for key in self.language_keys:
            if said := fields.text(key):
                if own := languages.named(said, known):
                    return own, rest
                where = (found or known[self.settings.default_language]).code
                wrong = f'is "{said}", which is not a language of this site; using {where}'
                fields.complain(
                    key, f"{wrong}; to change that, add [languages.{languages.code(said)}]", code="language-unknown"
                )
        return found or known[self.settings.default_language], rest

    def moment(self, fields: Fields, key: str) -> datetime | None:
        """The instant a key names, by the generator's own rule for zones."""
        return fields.moment(key, self.settings.timezone, strict=self.strict)

    def published(self, fields: Fields) -> datetime | None:
        """When a post was published, None when neither its front matter nor its name says."""
        return self.moment(fields, "date")

    def day_of_name(self, fields: Fields, said: str) -> datetime | None:
        """The day in the name of a post's file."""
        try:
            return lenient(said, self.settings.timezone)[0]
        except ValueError as error:
            fields.complain("date", f"in the file name {error}", code="date-invalid")
            return None

    def slug(self, fields: Fields, rest: PurePosixPath) -> str:
        """The word that names a post in its address."""
        return fields.text("slug") or (rest.parent.name if rest.stem == "index" else rest.stem)

    def title(self, fields: Fields, slug: str) -> str:
        """The title; without one, the file's name."""
        if title := self.shown(fields, "title"):
            return title
        fields.complain("title", "is missing; the file name is used instead", "note", code="title-missing")
        return fields.clean("title", re.sub(r"[-_]+", " ", slug)) or fields.clean("title", slug) or "?"

    def shown(self, fields: Fields, key: str) -> str:
        """A line of text as the site shows it. Some put tags into titles whether their themes print them or not."""
        said = fields.text(key)
        if "<" not in said and "&" not in said:
            return said
        return fields.clean(key, plain(said) if self.prints_html else without_markup(said))

    def tags(self, fields: Fields) -> tuple[str, ...]:
        """Categories and tags, each once."""
        keys = ("categories", "category", "tags", "tag")
        return tuple(dict.fromkeys(tag for key in keys for tag in fields.words(key)))

    def status(self, fields: Fields, published: datetime | None, now: datetime) -> Status:
        """Whether a post is shown."""
        if fields.flag("draft"):
            return "draft"
        hidden = fields.flag("hidden") and not self.settings.shows_hidden
        if hidden or (fields.text("published") and not fields.flag("published")):
            return "hidden"
        return "future" if published and published > now and not self.keeps_future else "published"

    def changes(self, fields: Fields, published: datetime | None) -> tuple[datetime, ...]:
        """When the status changes by time alone."""
        return (published,) if published else ()

    def locked(self, fields: Fields) -> bool:
        """Whether the author locked a post that would be shown; a note names the key. Capital letters in a key do
        not unlock a post; an empty password locks nothing.
        """
        return locks.locked(fields, false_unlocks=self.false_unlocks)

    def address(self, fields: Fields, post: Post) -> str:
        """The path of a post's page below the site's address, not yet percent-encoded."""
        raise NotImplementedError

    def home(self, post: Post) -> str:
        """The address that a post's own begins with."""
        return self.settings.url

    def local(self, post: Post) -> datetime:
        """When a post was published, by the site's clock; an hour the clock jumps over is told as clocks tell it."""
        return post.published.astimezone(UTC).astimezone(self.settings.timezone)

    def id(self, post: Post) -> str:
        """The id the blog's own feed gives a post: its address."""
        return post.url

    def assets(self, post: Post) -> tuple[str, str]:
        """The folder of a post's own pictures, and the address the site serves them under."""
        return "", ""

    def markdown(self, text: str, post: Post, lookup: Lookup) -> tuple[str, list[Problem]]:
        """A post's text with the generator's tags turned into Markdown, line by line as far as possible."""
        return text, []

    def channels(self, posts: Sequence[Post]) -> tuple[list[Channel], list[Problem]]:
        """The feeds the generator would make of these published posts, which come newest first, as far as its
        configuration says; and what is wrong there.
        """
        return [], []

    def keeps(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The keys kept besides a post's own fields: the blog's texts may ask for any. What JSON does not know cannot
        be kept for the next build, so nobody gets to see it.
        """
        return {key: value for key, value in data.items() if is_json(value)}

    def post(self, path: str, front: frontmatter.FrontMatter, now: datetime) -> tuple[Post | None, list[Problem], bool]:
        """The post of a file, or None, every problem its front matter has, and whether it is a draft."""
        fields = Fields(path, self.data(front, path), front.lines, problems=[*front.problems], quoted=front.quoted)
        language, rest = self.language(fields)
        published = self.published(fields)
        updated = self._updated(fields, published)
        slug = self.slug(fields, rest)
        title = self.title(fields, slug)
        tags = self.tags(fields)
        status = self.status(fields, published, now)
        if status in ("published", "future") and self.locked(fields):
            status = "protected"
        if not published and status != "draft":
            fields.missing(
                "date", "the post is left out until you add a line like `date: 2026-04-20`", code="date-missing"
            )
        own_id = self._own_id(fields)
        picture = self.cover(fields)
        said: dict[str, Any] = dict(  # noqa: C408  # reads as the call it becomes
            path=path,
            language=language or self.settings.languages[self.settings.default_language],
            slug=slug,
            title=title,
            published=published or now,
            updated=updated or published or now,
            group=next((word for key in self.group_keys if (word := fields.text(key))), "") or _group(rest),
            status=status,
            body_line=front.body_line,
            themes=self._themes(fields, tags),
            tags=tags,
            authors=self.authors(fields),
            summary=next((text for key in self.summary_keys if (text := fields.text(key))), ""),
            paper=paper.paper(fields.table("paper")),
            highlights=paper.highlights(fields),
            original=fields.address("original"),
            brief=self.brief(fields),
            changes=tuple([moment.timestamp() for moment in self.changes(fields, published)]),
            lines=shared_lines(tuple([(key, front.lines[key]) for key in _LINES if key in front.lines])),
            extra=self.keeps(fields.data),
        )
        if not self.strict or status == "draft":  # a draft is unfinished by its author's own word: nothing is wrong yet
            fields.problems = [self._forgiven(problem, status) for problem in fields.problems]
        if not language or not published or any(problem.severity == "error" for problem in fields.problems):
            return None, fields.problems, status == "draft"
        return self._post(fields, said, own_id, picture), fields.problems, status == "draft"

    def _forgiven(self, problem: Problem, status: Status) -> Problem:
        """A mistake that costs nothing: in a draft only what makes it one matters."""
        if status == "draft" and not problem.message.startswith("`draft` "):
            return replace(problem, severity="note")
        return replace(problem, severity="warning") if problem.severity == "error" else problem

    def _post(self, fields: Fields, said: dict[str, Any], own_id: str, picture: Image | None) -> Post:
        """The post of these fields, with what follows from them: its URL, its id, its folder and its picture."""
        draft = cast("Post", SimpleNamespace(**said, url="", id=""))  # a post in the making; frozen ones cost 5 µs each
        url = draft.url = self._url(fields, draft)  # type: ignore[misc]
        folder, base = self.assets(draft)
        return Post(
            **said,
            url=url,
            id=own_id or self.id(draft),
            assets=folder,
            base=base or url,
            image=picture and covers.placed(picture, folder, base or url, self.picture_address),
        )

    def cover(self, fields: Fields) -> Image | None:
        """The picture that the front matter names, its `src` as it is written there."""
        return covers.image(fields) if self.strict else covers.cover(fields, self.image_keys)

    def picture_address(self, src: str, base: str) -> str:
        """The address of a picture that is none of the post's own files, where templates put one into their pages."""
        return urljoin(base, src)

    def _themes(self, fields: Fields, tags: tuple[str, ...]) -> tuple[str, ...]:
        """The themes; without any in the settings, other generators use the key for other things."""
        return paper.themes(fields, tags, self.settings) if self.settings.themes or self.strict else ()

    def authors(self, fields: Fields) -> tuple[Author, ...]:
        """Who wrote a post, () when it is the blog's author."""
        return tuple(map(self._author, fields.names("authors") or fields.names("author")))

    def brief(self, fields: Fields) -> bool:
        """Whether feeds show a post's summary only, by its own word."""
        return False

    def _author(self, name: str) -> Author:
        return Author(name=(without_markup(name).strip() or name) if self.prints_html else name)

    def _own_id(self, fields: Fields) -> str:
        """The id the front matter gives; other generators use the key for other things."""
        said = fields.text("id")
        if not said or not uri_wrong(said):
            return said
        if self.strict:
            message = "an id must be a URL or another URI, like urn:uuid:… or tag:example.org,2026:x"
            fields.complain("id", f'is "{said}"; {message}', code="id-invalid")
        return ""

    def _updated(self, fields: Fields, published: datetime | None) -> datetime | None:
        found = (moment for key in self.updated_keys if (moment := self.moment(fields, key)))
        updated = next(found, None)
        if updated and published and updated < published:
            if self.strict:
                fields.complain(
                    "updated", "is earlier than `date`, so `date` is used instead", "warning", code="updated-early"
                )
            return None
        return updated

    def address_of(self, language: str, slug: str) -> str:
        """The address of any post with this language and slug, "" when its date or its theme belongs to it too."""
        pattern = self.settings.permalink.get(language, "")
        if not pattern or {*_FIELD.findall(pattern)} - {"lang", "slug"}:
            return ""
        values = {"lang": language, "slug": quote(slug, safe="~")}
        return self.settings.url + _FIELD.sub(lambda found: values[found[1]], pattern).lstrip("/")

    def _url(self, fields: Fields, post: Post) -> str:
        """The post's address, percent-encoded: by the pattern of the settings, else by the generator's rule."""
        pattern = self.settings.permalink[post.language.code]
        if not pattern:
            path = re.sub(r"/(?:\.\.?/)+|/{2,}", "/", f"/{unquote(self.address(fields, post))}")
            return self.home(post) + quote(path[1:], safe=SAFE)
        local = self.local(post)
        values = {
            "lang": post.language.code,
            "slug": quote(post.slug, safe="~"),
            "year": f"{local.year:04}",
            "month": f"{local.month:02}",
            "day": f"{local.day:02}",
            "theme": post.themes[0] if post.themes else OTHER,
        }
        return self.settings.url + _FIELD.sub(lambda found: values[found[1]], pattern).lstrip("/")


def _group(rest: PurePosixPath) -> str:
    return str(rest.parent) if rest.stem == "index" else str(rest).removesuffix(rest.suffix)
