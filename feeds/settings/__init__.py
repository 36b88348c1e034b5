"""`feeds.toml` -> `Settings`. Every mistake in the file is reported at once, with its line and a "did you mean".

The blog's own configuration (`DetectedSettings`) supplies the default for each key, and is checked by the same rules.
`parse` is pure and takes text; `read` reads the file. A setting may come from someone else's pull request, so paths
stay inside the site, URLs are http(s), and no text contains a line break or a control character, which could break
out of an email header or a feed.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from feeds import paths
from feeds.errors import Problem, SettingsError, Unreadable
from feeds.model import OTHER, Author, FeedOptions, Image, Language, Localized, Look, Settings, Theme
from feeds.records import record
from feeds.settings import addresses, digest, ignore
from feeds.settings.checks import MAILBOX, ascii_url, http
from feeds.settings.keys import Table
from feeds.settings.toml import NotTOML, did_you_mean, load_toml, toml_lines, toml_tables
from feeds.text import expression, is_seen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "feeds.toml"
FORMATS = ("atom", "rss", "json")
ACCENT = "#1a6ac0"
COLORS = ("#1a6ac0", "#1d7a48", "#9c45a8", "#a15c00", "#0f766e", "#b4235a")
"""For themes without a colour, in their order."""

RESERVED = ("archive", "digest", "subscribe", OTHER)
"""Folder names of our own outputs; a theme or a language of that name would collide with them."""

_CODE = expression(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAG = expression(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_COLOR = expression(r"#[0-9A-Fa-f]{6}")
_ZONE = expression(
    r"UTC|(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)(?:/[A-Z][A-Za-z_-]+){1,2}"
)


@record(kw_only=True)
class DetectedSettings:
    """What a blog's own configuration says, in the terms of `feeds.toml`.

    `path` is its main file; `lines` and `files` give the place of each key, by its dotted name in `feeds.toml`.
    `own_addresses`: the blog has a rule for addresses, so `permalink` can be omitted. `dialects` are the names allowed
    in `[content] dialect`.
    """

    path: str = FILE
    data: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    own_addresses: bool = False
    dialects: tuple[str, ...] = ("native",)


def read(root: Path) -> str | None:
    """The text of `feeds.toml` in `root`, None if there is none. Raises `SettingsError`."""
    try:
        return paths.text(root, FILE)
    except Unreadable as error:
        if error.missing:
            return None
        raise SettingsError([Problem(FILE, 0, error.message, code="file-unreadable")]) from error


def dialect(text: str) -> str:
    """`[content] dialect` in the text of `feeds.toml`; "" if it is missing or cannot be read."""
    content = toml_tables(text).get("content")
    said = content.get("dialect") if isinstance(content, dict) else None
    return said if isinstance(said, str) else ""


def says(text: str, key: str) -> bool:
    """Whether the text of `feeds.toml` has a key outside all tables."""
    return key in toml_tables(text)


def parse(text: str, found: DetectedSettings | None = None) -> Settings:
    """Settings from the text of `feeds.toml`, which overrides key by key what was found in the blog.

    Raises `SettingsError` with every mistake found.
    """
    found = found or DetectedSettings()
    try:
        said = load_toml(text, FILE)
    except NotTOML as error:
        raise SettingsError([error.problem]) from error
    lines = toml_lines(text)
    files = {key: found.files.get(key, found.path) for key in found.lines if key not in lines}
    root = Table(FILE if text else found.path, _merged(found.data, said), {**found.lines, **lines}, files=files)
    settings = _settings(root, found, text)
    if root.problems:
        raise SettingsError(root.problems)
    return settings


def _merged(found: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Both, merged key by key; but if languages are named, only those exist, in that order."""
    both = {**found, **said}
    for key, value in said.items():
        ours = found.get(key)
        if not isinstance(value, dict) or not isinstance(ours, dict):
            continue
        if key == "languages":
            both[key] = {
                code: _merged(ours.get(code, {}), own) if isinstance(own, dict) else own for code, own in value.items()
            }
            if "default_language" not in said and both.get("default_language") not in value:
                both.pop("default_language", None)
        else:
            both[key] = _merged(ours, value)
    return both


def _settings(root: Table, found: DetectedSettings, text: str) -> Settings:
    languages = _languages(root)
    codes = list(languages)
    there = f" of {FILE}" if root.path != FILE else ""
    default_language = _default_language(root, codes)
    overrides = root.table("languages").tables()
    titled = [code for code, table in overrides.items() if "title" in table.data]
    title = _title(root, codes, titled, there)
    url = _url(root, there)
    said = [code for code, table in overrides.items() if "description" in table.data]
    description = root.localized("description", codes, elsewhere=said)
    for code, table in overrides.items():
        title[code] = table.text("title") or title[code]
        description[code] = table.text("description") or description[code]
    rights = root.localized("rights", codes)
    timezone = root.text("timezone", "UTC", _zone)
    authors = _authors(root, codes, title)
    content = root.table("content")
    content_dir = content.text("dir", "content", inside)
    content.choice("dialect", found.dialects, found.dialects[0])
    permalink = addresses.permalinks(content, codes, own=found.own_addresses)
    hidden = content.choice("hidden", ("hide", "publish"), "hide")
    content.done()
    home = ascii_url(url).rstrip("/") + "/"
    settings = Settings(
        title=title,
        description=description,
        rights=rights,
        url=home,
        timezone=ZoneInfo(timezone),
        default_language=default_language,
        author=authors,
        output=root.text("output", "public", inside),
        content_dir=posixpath.normpath(content_dir),
        permalink=permalink,
        shows_hidden=hidden == "publish",
        languages=languages,
        themes=_themes(root, codes),
        feeds=_feeds(root.table("feeds"), home),
        digest=digest.read(root.table("digest"), codes, authors, title, url),
        look=_look(root.table("look"), home),
        ignore=ignore.read(root.table("warnings"), text),
    )
    root.done()
    return settings


def _default_language(root: Table, codes: list[str]) -> str:
    language = root.text("default_language", codes[0])
    if language not in codes:
        root.complain("default_language", f'is an unknown language, "{language}"{did_you_mean(language, codes)}')
    return language


def _title(root: Table, codes: list[str], titled: list[str], there: str) -> dict[str, str]:
    """The title of the site in each language; those titled by their own table may go without."""
    title = root.localized("title", codes, elsewhere=titled)
    if "title" not in root.data:
        root.complain("title", f'is missing: add a line like title = "My reviews" at the top{there}')
    elif not root.problems and not all(is_seen(title[code]) for code in codes if code not in titled):
        root.complain("title", "must not be empty")
    return title


def _url(root: Table, there: str) -> str:
    url = root.text("url", check=_home)
    if root.data.get("url") == "":
        root.complain("url", 'must not be empty; write one like "https://example.org/"')
    elif not url and "url" not in root.data:
        root.complain("url", f'is missing: add a line like url = "https://example.org/" at the top{there}')
    return url


def _languages(root: Table) -> dict[str, Language]:
    """The languages in the order of the file; without any, only the default language."""
    table = root.table("languages")
    languages = {}
    for code, entry in table.tables().items():
        if code in RESERVED:
            table.complain(code, "cannot be a language code: feeds uses a folder of this name; choose another")
        elif not _CODE.fullmatch(code):
            table.complain(code, f'cannot be a language code: use lowercase letters, like "{_small(code)}"')
        tag = entry.text("tag", code, _tag)
        languages[code] = Language(code=code, tag=tag)
        entry.asked += ("title", "description")  # read later, when the defaults are known
        entry.done()
    if not languages:
        code = root.data.get("default_language", "en")
        code = code if isinstance(code, str) and _CODE.fullmatch(code) else "en"
        languages[code] = Language(code=code, tag=code)
    return languages


def _authors(root: Table, codes: list[str], title: Localized) -> dict[str, Author]:
    table = root.table("author")
    names = table.localized("name", codes)
    email = table.text("email", check=lambda value: None if MAILBOX.fullmatch(value) else "is not an email address")
    url = table.text("url", check=http)
    table.done()
    return {code: Author(name=names[code] or title[code], email=email, url=url) for code in codes}


def _themes(root: Table, codes: list[str]) -> dict[str, Theme]:
    themes: dict[str, Theme] = {}
    owners: dict[str, str] = {}
    for name, table in (parent := root.table("themes")).tables().items():
        if name in RESERVED:
            parent.complain(name, "cannot be a theme name: feeds uses a folder of this name; choose another")
        elif name in codes:
            parent.complain(name, "cannot be a theme name: it is already a language; choose another")
        elif not _CODE.fullmatch(name):
            parent.complain(name, "cannot be a theme name: use only lowercase letters, digits and `-`")
        tags = tuple(tag.casefold() for tag in table.texts("tags"))
        for tag in tags:
            if owners.setdefault(tag, name) != name:
                table.complain("tags", f'contains "{tag}", which already belongs to theme {owners[tag]}')
        themes[name] = Theme(
            id=name,
            titles=table.localized("title", codes, name.replace("-", " ").title()),
            color=table.text("color", COLORS[len(themes) % len(COLORS)], _color).lower(),
            tags=tags,
        )
        table.done()
    return themes


def _feeds(table: Table, home: str) -> FeedOptions:
    formats = table.texts("formats", FORMATS)
    if not formats:
        table.complain("formats", f"must contain at least one; known: {', '.join(FORMATS)}")
    for name in formats:
        if name not in FORMATS:
            table.complain("formats", f'contains an unknown format, "{name}"{did_you_mean(name, FORMATS)}')
    hubs = table.texts("hubs")
    for hub in hubs:
        if wrong := http(hub):
            table.complain("hubs", wrong)
    options = FeedOptions(
        formats=tuple(name for name in FORMATS if name in formats),  # type: ignore[misc]  # checked just above
        limit=table.number("limit", 20),
        limit_bytes=table.number("limit_bytes", 512_000),
        content=table.choice("content", ("full", "summary"), "full"),  # type: ignore[arg-type]  # checked by choice
        hubs=hubs,
        archive=table.number("archive", 50),
        icon=_picture(table, "icon", home),
        logo=_picture(table, "logo", home),
        pages=table.flag("pages", default=True),
        paths=addresses.paths(table),
        also=addresses.also(table),
    )
    table.done()
    return options


def _look(table: Table, home: str) -> Look:
    logo: Image | None = None
    if isinstance(table.data.get("logo"), dict):
        own = table.table("logo")
        logo = Image(src=_picture(own, "src", home), width=own.number("width", 0), height=own.number("height", 0))
        if "src" not in own.data:
            table.complain("logo", 'needs a `src`, like { src = "/logo.png", width = 120, height = 40 }')
        own.done()
    elif src := _picture(table, "logo", home):
        logo = Image(src=src)
    look = Look(accent=table.text("accent", ACCENT, _color).lower(), logo=logo)
    table.done()
    return look


def _picture(table: Table, key: str, home: str) -> str:
    """The full URL of an image that may be given as a path on the site."""
    said = table.text(key, check=lambda value: http(value) if ":" in value or value.startswith("//") else None)
    return ascii_url(urljoin(home, said.lstrip("/"))) if said else ""


def _color(value: str) -> str | None:
    return None if _COLOR.fullmatch(value) else f'"{value}" is not a colour; write six hex digits, like "{ACCENT}"'


def _small(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-") or "en"


def _home(value: str) -> str | None:
    """The site's own URL, which all others extend."""
    wrong = http(value)
    if not wrong and re.search("[?#]", value):
        wrong = f'"{value}" is not valid; write a URL like "https://example.org/"'
    return wrong


def _zone(value: str) -> str | None:
    if _ZONE.fullmatch(value):  # looking through all zones takes longer than reading a hundred posts
        try:
            ZoneInfo(value)
        except (OSError, ValueError, ZoneInfoNotFoundError):
            pass
        else:
            return None
    zones = available_timezones()
    if value in zones:
        return None
    return f'"{value}" is not a time zone{did_you_mean(value, zones) or "; write one like Asia/Shanghai"}'


def _tag(value: str) -> str | None:
    if _TAG.fullmatch(value):
        return None
    return f'"{value}" is not a BCP 47 language tag; did you mean "{value.replace("_", "-")}"?'


def inside(value: str) -> str | None:
    """What is wrong with a folder that must be inside the site, None if nothing is."""
    if not value:
        return "must not be empty; name a folder inside the site"
    parts = value.replace("\\", "/").split("/")
    if value.startswith(("/", "\\", "~")) or ".." in parts or ":" in value:
        return f'"{value}" is outside the site; name a folder inside it'
    return None
