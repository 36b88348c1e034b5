"""`feeds.toml` -> `Settings`. Every mistake in the file is reported at once, with its line and a "did you mean".

`parse` is pure and takes text; `load` reads the file. A setting may come from a stranger's pull request, so paths stay
inside the site, addresses are http(s), and no text holds a line break or a control character: it would break out of a
mail header or a feed.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from feeds.errors import NotASite, Problem, SettingsError
from feeds.model import OTHER, Author, DigestOptions, FeedOptions, Language, Localized, Settings, Theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

FILE = "feeds.toml"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FORMATS = ("atom", "rss", "json")
PERMALINK_FIELDS = ("lang", "slug", "year", "month", "day", "theme")
RESERVED = ("archive", "digest", "subscribe", OTHER)
"""Folder names of our own outputs; a theme or a language of that name would collide with them."""

_FEW = 8
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_MAILBOX = re.compile(r"(?:[^<>@]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def load(root: Path) -> Settings:
    """Read `feeds.toml` of the site in `root`. Raises `NotASite` or `SettingsError`."""
    try:
        text = (root / FILE).read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotASite(
            f"{root}: no {FILE} here. Name the folder that holds it: feeds build SITE; or write one with at least "
            f'these two lines: title = "My blog" and url = "https://example.org/"'
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError([Problem(FILE, 0, "is not UTF-8 text; save it as UTF-8")]) from error
    except OSError as error:
        raise SettingsError([Problem(FILE, 0, f"cannot be read: {error.strerror}")]) from error
    return parse(text)


def parse(text: str) -> Settings:
    """Settings from the text of `feeds.toml`. Raises `SettingsError` with every mistake found."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([toml_problem(FILE, text, error)]) from error
    root = _Table(data, toml_lines(text), (), [])
    settings = _settings(root)
    if root.problems:
        raise SettingsError(root.problems)
    return settings


def toml_problem(path: str, text: str, error: tomllib.TOMLDecodeError, offset: int = 0) -> Problem:
    """A syntax mistake as a problem; `offset` is added to the line. tomllib names the place in its message only."""
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    message = re.sub(r" \(at .*\)$", "", str(error))
    return Problem(path, line + offset, f"not valid TOML: {message[:1].lower()}{message[1:]}")


def toml_lines(text: str) -> dict[tuple[str, ...], int]:
    """Where each key of a TOML text stands: ("digest", "day") -> line. tomllib keeps no places."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        inside = quote  # a text of many lines may hold what looks like a key
        for mark in re.findall(r'"""|\'\'\'', line):
            quote = "" if quote == mark else quote or mark
        if inside:
            continue
        if header := re.match(r"\s*\[+([^\[\]]+)\]+\s*(?:#|$)", line):
            table = _dotted(header[1])
            lines.setdefault(table, number)
        elif key := re.match(r"\s*([\w.\-\"' ]+?)\s*=", line):
            lines.setdefault((*table, *_dotted(key[1])), number)
    return lines


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to end a message with: `; did you mean "title"?` or the known words when they are few."""
    words = list(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(words)}" if 0 < len(words) <= _FEW else ""


def _dotted(key: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in key.split("."))


class _Table:
    """A TOML table being read: takes keys out one by one, notes what is wrong, and at the end what nobody asked for."""

    def __init__(
        self,
        data: Mapping[str, Any],
        lines: Mapping[tuple[str, ...], int],
        prefix: tuple[str, ...],
        problems: list[Problem],
    ) -> None:
        self.data, self.lines, self.prefix, self.problems = data, lines, prefix, problems
        self.asked: list[str] = []

    def ask(self, *keys: str) -> None:
        self.asked += [key for key in keys if key not in self.asked]

    def complain(self, key: str, message: str) -> None:
        place = (*self.prefix, key)
        while place and place not in self.lines:
            place = place[:-1]
        self.problems.append(Problem(FILE, self.lines.get(place, 1), f"`{'.'.join((*self.prefix, key))}` {message}"))

    def take(self, key: str, kind: type | tuple[type, ...], wanted: str, default: Any = None) -> Any:
        """The value of a key when it is of the right kind, else the default, noting what is wrong."""
        self.ask(key)
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.complain(key, f"must be {wanted}, not {_kind(value)}")
            return default
        return value

    def text(self, key: str, default: str = "", check: Callable[[str], str | None] | None = None) -> str:
        """A line of text; `check` returns what is wrong with it, or None."""
        value: str = self.take(key, str, 'text in quotes, like "…"', default)
        wrong = _line_wrong(value) or (check(value) if check and value else None)
        if wrong:
            self.complain(key, wrong)
            return default
        return value

    def choice(self, key: str, known: Iterable[str], default: str) -> str:
        return self.text(
            key, default, lambda value: None if value in known else f'has unknown "{value}"{did_you_mean(value, known)}'
        )

    def number(self, key: str, default: int) -> int:
        value: int = self.take(key, int, "a whole number", default)
        if value < 0:
            self.complain(key, "must not be negative")
            return default
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self.take(key, list, 'a list of texts, like ["…", "…"]')
        if value is None:
            return default
        for item in value:
            wrong = "must hold texts only" if not isinstance(item, str) else _line_wrong(item)
            if wrong:
                self.complain(key, wrong)
                return default
        return tuple(value)

    def localized(self, key: str, languages: Iterable[str], default: str = "") -> dict[str, str]:
        """One text for all languages, or a table of texts by language code."""
        self.ask(key)
        value = self.data.get(key)
        codes = list(languages)
        if not isinstance(value, dict):
            text = self.text(key, default)
            return dict.fromkeys(codes, text)
        table = _Table(value, self.lines, (*self.prefix, key), self.problems)
        texts = {code: table.text(code) for code in codes}
        table.done()
        missing = [code for code in codes if code not in value]
        if missing:
            self.complain(key, f"has no text for language {', '.join(missing)}")
        return texts

    def table(self, key: str) -> _Table:
        value = self.take(key, dict, f"a table, like [{'.'.join((*self.prefix, key))}]", {})
        return _Table(value, self.lines, (*self.prefix, key), self.problems)

    def tables(self) -> dict[str, _Table]:
        """Every key of this table as a table of its own: [languages.*], [themes.*]."""
        return {key: self.table(key) for key in self.data}

    def done(self) -> None:
        for key in self.data:
            if key not in self.asked:
                self.complain(key, f"is not a known setting{did_you_mean(key, self.asked)}")


def _settings(root: _Table) -> Settings:
    languages = _languages(root)
    codes = list(languages)
    default_language = root.text("default_language", codes[0])
    if default_language not in languages:
        root.complain("default_language", f'has unknown "{default_language}"{did_you_mean(default_language, codes)}')
    title = root.localized("title", codes)
    if "title" not in root.data:
        root.complain("title", 'is missing: add a line like title = "My reviews" at the top')
    elif not root.problems and not all(text.strip() for text in title.values()):
        root.complain("title", "must not be empty")
    url = root.text("url", check=_home)
    if not url and "url" not in root.data:
        root.complain("url", 'is missing: add a line like url = "https://example.org/" at the top')
    description = root.localized("description", codes)
    for code, table in root.table("languages").tables().items():
        title[code] = table.text("title") or title[code]
        description[code] = table.text("description") or description[code]
    timezone = root.text("timezone", "UTC", _zone)
    authors = _authors(root, codes, title)
    content = root.table("content")
    content_dir = content.text("dir", "content", _inside)
    content.choice("dialect", ("native",), "native")
    permalink = content.localized("permalink", codes, "/{lang}/{slug}/" if len(codes) > 1 else "/{slug}/")
    for pattern in {text for text in permalink.values() if _permalink(text)}:
        content.complain("permalink", _permalink(pattern) or "")
    content.done()
    settings = Settings(
        title=title,
        description=description,
        url=url.rstrip("/") + "/",
        timezone=ZoneInfo(timezone),
        default_language=default_language,
        author=authors,
        output=root.text("output", "public", _inside),
        content_dir=content_dir,
        permalink=permalink,
        languages=languages,
        themes=_themes(root, codes),
        feeds=_feeds(root.table("feeds")),
        digest=_digest(root.table("digest"), codes, authors, title, url),
    )
    root.done()
    return settings


def _languages(root: _Table) -> dict[str, Language]:
    """The languages in the order of the file; without any, the default language alone."""
    table = root.table("languages")
    languages = {}
    for code, entry in table.tables().items():
        if code in RESERVED:
            table.complain(code, "cannot be a language code: a folder of our own outputs has this name")
        elif not _CODE.fullmatch(code):
            table.complain(code, f'cannot be a language code: use small letters, like "{_small(code)}"')
        tag = entry.text("tag", code, _tag)
        languages[code] = Language(code=code, tag=tag)
        entry.ask("title", "description")  # read later, when the defaults are known
        entry.done()
    if not languages:
        code = root.data.get("default_language", "en")
        code = code if isinstance(code, str) and _CODE.fullmatch(code) else "en"
        languages[code] = Language(code=code, tag=code)
    return languages


def _authors(root: _Table, codes: list[str], title: Localized) -> dict[str, Author]:
    table = root.table("author")
    names = table.localized("name", codes)
    email = table.text("email", check=lambda value: None if _MAILBOX.fullmatch(value) else "is not a mail address")
    url = table.text("url", check=_http)
    table.done()
    return {code: Author(name=names[code] or title[code], email=email, url=url) for code in codes}


def _themes(root: _Table, codes: list[str]) -> dict[str, Theme]:
    themes = {}
    owners: dict[str, str] = {}
    for name, table in (parent := root.table("themes")).tables().items():
        if name in RESERVED:
            parent.complain(name, "cannot be a theme's name: a folder of our own outputs has this name")
        elif name in codes:
            parent.complain(name, "cannot be a theme's name: a language has this name")
        elif not _CODE.fullmatch(name):
            parent.complain(name, "cannot be a theme's name: it is a folder name, so small letters, digits and `-`")
        tags = tuple(tag.casefold() for tag in table.texts("tags"))
        for tag in tags:
            if owners.setdefault(tag, name) != name:
                table.complain("tags", f'has "{tag}", which already belongs to theme {owners[tag]}')
        themes[name] = Theme(id=name, titles=table.localized("title", codes, name.replace("-", " ").title()), tags=tags)
        table.done()
    return themes


def _feeds(table: _Table) -> FeedOptions:
    formats = table.texts("formats", FORMATS)
    if not formats:
        table.complain("formats", f"must name at least one; known: {', '.join(FORMATS)}")
    for name in formats:
        if name not in FORMATS:
            table.complain("formats", f'has unknown "{name}"{did_you_mean(name, FORMATS)}')
    hubs = table.texts("hubs")
    for hub in hubs:
        if wrong := _http(hub):
            table.complain("hubs", wrong)
    options = FeedOptions(
        formats=tuple(name for name in FORMATS if name in formats),  # type: ignore[misc]  # checked just above
        limit=table.number("limit", 20),
        content=table.choice("content", ("full", "summary"), "full"),  # type: ignore[arg-type]  # checked by choice
        hubs=hubs,
    )
    table.done()
    return options


def _digest(
    table: _Table, codes: list[str], authors: Mapping[str, Author], title: Localized, url: str
) -> DigestOptions:
    senders = table.localized("from", codes)
    for code, sender in senders.items():
        if sender and not _MAILBOX.fullmatch(sender):
            table.complain("from", f'"{sender}" is not a mail address; write "Name <name@example.org>"')
        if not sender:
            address = authors[code].email or f"digest@{urlsplit(url).hostname or 'localhost'}"
            senders[code] = f"{re.sub(r'[<>@]', ' ', title[code])} <{address}>"
    options = DigestOptions(
        day=DAYS.index(table.choice("day", DAYS, "monday")),
        sender=senders,
        unsubscribe=table.text("unsubscribe", check=_unsubscribe),
        limit_bytes=table.number("limit_bytes", 102_400),
    )
    table.done()
    return options


def _kind(value: object) -> str:
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date")


def _small(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-") or "en"


def _line_wrong(text: str) -> str | None:
    found = _CONTROL.search(text)
    if not found:
        return None
    return "holds a line break; write it on one line" if found[0] in "\r\n" else f"holds the character {found[0]!r}"


def _http(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and not re.search(r'[\s<>"\\]', value)
        (parts.hostname or "").encode("idna")
        parts.port  # noqa: B018  # raises when it is no number
    except ValueError:
        good = False
    return None if good else f'"{value}" is not an address; write one like "https://example.org/"'


def _home(value: str) -> str | None:
    """The site's own address: all others are made by adding to it."""
    wrong = _http(value)
    if not wrong and re.search("[?#]", value):
        wrong = f'"{value}" is not an address; write one like "https://example.org/"'
    return wrong


def _unsubscribe(value: str) -> str | None:
    return None if re.fullmatch(r"mailto:[^\s<>\"\\]+@[^\s<>\"\\]+", value) else _http(value)


def _zone(value: str) -> str | None:
    zones = available_timezones()
    if value in zones:
        return None
    return f'"{value}" is not a time zone{did_you_mean(value, zones) or "; write one like Asia/Shanghai"}'


def _tag(value: str) -> str | None:
    if _TAG.fullmatch(value):
        return None
    return f'"{value}" is not a BCP 47 language tag; did you mean "{value.replace("_", "-")}"?'


def _inside(value: str) -> str | None:
    parts = value.replace("\\", "/").split("/")
    if value.startswith(("/", "\\", "~")) or ".." in parts or ":" in value:
        return f'"{value}" leads out of the site; name a folder inside it'
    return None


def _permalink(pattern: str) -> str | None:
    for field in re.findall(r"\{[^{}]*\}?|\}", pattern):
        if field[1:-1] not in PERMALINK_FIELDS or not field.endswith("}"):
            return f'has unknown "{field}"{did_you_mean(field.strip("{}"), PERMALINK_FIELDS)}'
    if not pattern.startswith("/") or "{slug}" not in pattern or re.search(r"[\s<>\"\\?#]|\.\.", pattern):
        return f'"{pattern}" must begin with `/` and hold {{slug}}, like "/{{lang}}/{{slug}}/"'
    return None
