"""The native dialect: `<content>/<language>/<slug>.md`, heads as design and README describe them.

The language is the folder unless the head says otherwise; files of one path in two language folders are translations;
pictures lie in a folder of the post's name. Says what a post is; finding and opening files happens next door.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urljoin

from feeds.errors import Problem
from feeds.ledger import tag_uri
from feeds.model import OTHER, Author, Image, Language, Paper, Post, Settings, Status
from feeds.reader.fields import Fields
from feeds.toml import did_you_mean

T = TypeVar("T")

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.reader.head import Head

KEYS = (
    *("title", "date", "updated", "lang", "slug", "theme", "themes", "tags", "authors", "author", "summary"),
    *("description", "excerpt", "paper", "highlights", "image", "original", "id", "translation", "draft", "hidden"),
)
PAPER_KEYS = ("title", "authors", "venue", "year", "url", "arxiv", "doi", "code")
HIGHLIGHTS = 4

_ARXIV = re.compile(r"\d{4}\.\d{4,5}(v\d+)?|[a-z-]+(\.[A-Z]{2})?/\d{7}(v\d+)?")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def is_post(path: str) -> bool:
    """Whether a path below the content folder is a post: Markdown, not hidden, not a README."""
    parts = PurePosixPath(path)
    if parts.suffix.lower() not in (".md", ".markdown") or parts.stem.lower() == "readme":
        return False
    return not any(part.startswith((".", "_")) for part in parts.parts)


def assets_folder(path: str) -> str:
    """Where a post's pictures lie: the folder of its name, or its own folder for `<slug>/index.md`."""
    parts = PurePosixPath(path)
    return str(parts.parent if parts.stem == "index" else parts.with_suffix(""))


def parse_post(path: str, head: Head, settings: Settings, now: datetime) -> tuple[Post | None, list[Problem]]:
    """The post of a file, or None, and every problem its head has. `path` is relative to the site."""
    fields = Fields(path, head.data, head.lines, problems=[*head.problems])
    _near_misses(fields, KEYS)
    inner = PurePosixPath(path).relative_to(settings.content_dir)
    language, rest = _language(fields, inner, settings)
    title = _required(fields, "title", fields.text("title"), "title: What the paper shows")
    published, updated = _when(fields, settings)
    slug = _slug(fields, rest)
    themes, tags = _themes(fields, settings)
    paper = _paper(fields.table("paper"))
    highlights = _highlights(fields)
    original = fields.address("original")
    image = _image(fields)
    authors = tuple(Author(name=name) for name in fields.texts("authors") or fields.texts("author"))
    summary = fields.text("summary") or fields.text("description") or fields.text("excerpt")
    group = fields.text("translation") or str(rest.parent if rest.stem == "index" else rest.with_suffix(""))
    own_id = fields.text("id")
    if own_id and not _IRI.fullmatch(own_id):
        fields.complain("id", f'is "{own_id}"; an id is an address or a URI, like urn:uuid:… or tag:example.org,2026:x')
    status = _status(fields, published, now)
    if status == "draft":  # unfinished by its author's own word: nothing is wrong yet
        fields.problems = [replace(problem, severity="warning") for problem in fields.problems]
    if not language or not published or not title or any(problem.severity == "error" for problem in fields.problems):
        return None, fields.problems
    url = _url(settings, language, slug, published, themes)
    post = Post(
        path=path,
        language=language,
        slug=slug,
        title=title,
        published=published,
        updated=updated or published,
        url=url,
        id=own_id or tag_uri(settings.url, published, language.code, slug),
        group=group,
        status=status,
        body_line=head.body_line,
        themes=themes,
        tags=tags,
        authors=authors,
        summary=summary,
        paper=paper,
        highlights=highlights,
        image=image and replace(image, src=urljoin(url, image.src)),
        original=original,
        lines=head.lines,
        extra={key: value for key, value in head.data.items() if key not in KEYS},
    )
    return post, fields.problems


def _when(fields: Fields, settings: Settings) -> tuple[datetime | None, datetime | None]:
    """When a post was published and, if its author says so, updated."""
    published = _required(fields, "date", fields.moment("date", settings.timezone), "date: 2026-04-20")
    updated = fields.moment("updated", settings.timezone)
    if updated and published and updated < published:
        fields.complain("updated", "is earlier than `date`; the date of publication is used", "warning")
        updated = None
    return published, updated


def _required(fields: Fields, key: str, value: T, example: str) -> T:
    """The value; when there is none and nothing was said of it yet, that it is missing."""
    if not value and not any(problem.message.startswith(f"`{key}` ") for problem in fields.problems):
        fields.complain(key, f"is missing; add a line like `{example}`")
    return value


def _near_misses(fields: Fields, known: tuple[str, ...]) -> None:
    for key in fields.data:
        if key not in known and (near := _near(key.lower(), known)):
            fields.complain(key, f"is not a key we know; did you mean `{near}`?", "warning")


@lru_cache(maxsize=512)  # the same few keys stand in every post of a blog
def _near(key: str, known: tuple[str, ...]) -> str | None:
    return next(iter(difflib.get_close_matches(key, known, n=1, cutoff=0.8)), None)


def _language(fields: Fields, inner: PurePosixPath, settings: Settings) -> tuple[Language | None, PurePosixPath]:
    """The language of a post, and its path below the language folder."""
    languages = settings.languages
    folder = inner.parts[0] if len(inner.parts) > 1 else ""
    rest = inner.relative_to(folder) if folder in languages else inner
    said = fields.text("lang").replace("_", "-").casefold()
    for language in languages.values():
        if said in (language.code.casefold(), language.tag.casefold()):
            return language, rest
    if said:
        fields.complain(
            "lang", f'has unknown language "{said}"{did_you_mean(said, languages)}; or add [languages.{said}]'
        )
        return None, rest
    if folder in languages:
        return languages[folder], rest
    if len(languages) == 1:
        return languages[settings.default_language], rest
    where = f'lies in folder "{folder}", which is no language of feeds.toml' if folder else "lies in no language folder"
    fields.problems.append(Problem(fields.path, 1, f"{where}; move it to {' or '.join(languages)}, or give it `lang`"))
    return None, rest


def _slug(fields: Fields, rest: PurePosixPath) -> str:
    slug = fields.text("slug") or (rest.parent.name if rest.stem == "index" else rest.stem)
    if not slug:
        message = "is the index of a language, not a post; rename it, or give it a folder of its own"
        fields.problems.append(Problem(fields.path, 1, message))
    elif "/" in slug or "\\" in slug or slug in (".", ".."):
        fields.complain("slug", f'is "{slug}"; a slug is one segment of an address, without `/`')
    return slug


def _themes(fields: Fields, settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Themes in the head's order, else those its tags point to; and the tags."""
    tags = fields.texts("tags")
    named = fields.texts("themes") or fields.texts("theme")
    key = "themes" if fields.data.get("themes") else "theme"
    for name in named:
        if name not in settings.themes and name != OTHER:
            fields.complain(key, f'has unknown theme "{name}"{did_you_mean(name, settings.themes)}')
    if named:
        return tuple(name for name in named if name in settings.themes), tags
    owners = {tag: theme.id for theme in settings.themes.values() for tag in (theme.id, *theme.tags)}
    return tuple(dict.fromkeys(owners[tag.casefold()] for tag in tags if tag.casefold() in owners)), tags


def _paper(fields: Fields | None) -> Paper | None:
    if not fields:
        return None
    _near_misses(fields, PAPER_KEYS)
    arxiv = re.sub(r"^(https?://arxiv\.org/(abs|pdf)/|arxiv:)|\.pdf$", "", fields.text("arxiv"), flags=re.IGNORECASE)
    if arxiv and not _ARXIV.fullmatch(arxiv):
        fields.complain("arxiv", f'is "{arxiv}"; write the number alone, like "2404.16710" in quotes')
        arxiv = ""
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", fields.text("doi"), flags=re.IGNORECASE)
    if doi and not _DOI.fullmatch(doi):
        fields.complain("doi", f'is "{doi}"; write it like 10.1145/3341301.3359646')
        doi = ""
    paper = Paper(
        title=fields.text("title"),
        authors=fields.texts("authors"),
        venue=fields.text("venue"),
        year=fields.number("year"),
        url=fields.address("url"),
        arxiv=arxiv,
        doi=doi,
        code=fields.address("code"),
    )
    return None if paper == Paper() else paper


def _highlights(fields: Fields) -> tuple[str, ...]:
    lines = fields.texts("highlights")
    if len(lines) > HIGHLIGHTS:
        fields.complain("highlights", f"has {len(lines)} lines; the first {HIGHLIGHTS} are shown", "warning")
    return lines[:HIGHLIGHTS]


def _image(fields: Fields) -> Image | None:
    """The picture as the head names it: an address, or a file name relative to the post's address."""
    table = fields.table("image") if isinstance(fields.data.get("image"), dict) else None
    src, alt = (table.text("src"), table.text("alt")) if table else (fields.text("image"), "")
    if not src:
        return None
    if re.match(r"(?!https?:)[A-Za-z][A-Za-z0-9+.-]*:", src):
        fields.complain("image", f'is "{src}"; write a file name or an http(s) address')
    return Image(src=quote(src, safe="/:?#[]@!$&'()*+,;=%~"), alt=alt)


def _status(fields: Fields, published: datetime | None, now: datetime) -> Status:
    if fields.flag("draft"):
        return "draft"
    if fields.flag("hidden"):
        return "hidden"
    return "future" if published and published > now else "published"


def _url(settings: Settings, language: Language, slug: str, published: datetime, themes: tuple[str, ...]) -> str:
    """The post's address: the permalink pattern filled in, in the site's time zone, percent-encoded."""
    local = published.astimezone(settings.timezone)
    values = {
        "lang": language.code,
        "slug": quote(slug, safe="~"),
        "year": f"{local:%Y}",
        "month": f"{local:%m}",
        "day": f"{local:%d}",
        "theme": themes[0] if themes else OTHER,
    }
    path = re.sub(r"\{(\w+)\}", lambda found: values[found[1]], settings.permalink[language.code])
    return settings.url + path.lstrip("/")
