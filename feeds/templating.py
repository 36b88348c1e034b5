"""One Jinja2 environment: the site's own `templates/` first, ours fill the gaps.

Templates may come from a stranger's pull request: they run in Jinja2's sandbox, read no file outside the two folders,
and a name they misspell is an error with file and line instead of a hole in the mail.
"""

from __future__ import annotations

import os
import re
import tomllib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feeds.color import NIGHT, WHITE, readable
from feeds.errors import Problem, TemplateError
from feeds.markup import width
from feeds.model import DOCUMENTS, GREY, OTHER
from feeds.reader.text import printable
from feeds.toml import toml_problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from feeds.model import Language, Settings

FOLDER = "templates"
WORDS = "words.toml"
FALLBACK = "en"

_DARK = 8.0
"""The contrast of colours on a dark ground: what just passes there looks dull."""

_CLOSING = "，。、；：？！）》」』】〉”’…—％%,.;:?!)]}"
_OPENING = "（《「『【〈“‘([{"
_PIECE = re.compile(
    f"[{re.escape(_OPENING)}]*(?:[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+)[{re.escape(_CLOSING)}]*"
)


def bundled() -> Path:
    """Our own templates: inside the package in a wheel, beside it in a checkout."""
    inside = Path(__file__).with_name(FOLDER)
    return inside if inside.is_dir() else inside.parent.with_name(FOLDER)


class Templates:
    """The templates and words of one site."""

    def __init__(self, site: Path, settings: Settings) -> None:
        self._settings = settings
        own = site / FOLDER
        self._leads_out = own.is_dir() and not Path(os.path.realpath(own)).is_relative_to(os.path.realpath(site))
        self._folders = [folder for folder in (own, bundled()) if folder.is_dir()]
        self.problems: list[Problem] = []
        self._environment = ImmutableSandboxedEnvironment(
            loader=_Loader(self._folders, followlinks=False),
            undefined=StrictUndefined,
            autoescape=lambda name: not (name or "").endswith((".txt", ".css")),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters["wrap"] = wrap
        self._words: dict[str, dict[str, Any]] | None = None
        self._merged: dict[str, dict[str, Any]] = {}

    def render(self, name: str, language: Language, urls: Mapping[str, Any] | None = None, **values: Any) -> str:
        """A template's text in a language: `values`, and what every template gets. `urls` adds to its addresses.

        Raises `TemplateError` with the place of what is wrong.
        """
        links: list[str] = []

        def link(url: str) -> str:
            if url not in links:
                links.append(url)
            return f"[{links.index(url) + 1}]"

        names = {
            "t": lambda key, **words: self.word(key, language.tag, **words),
            "link": link,
            "links": lambda: list(enumerate(links, 1)),
            "date": lambda moment, form="long": self.date(moment, form, language.tag),
        }
        try:
            template = self._environment.get_template(name, globals=names)
            common = self._common(language)
            return template.render(common | values | {"urls": common["urls"] | (urls or {})})
        except TemplateError:
            raise
        except Exception as error:
            raise TemplateError(self._problem(name, error)) from error

    def _common(self, language: Language) -> dict[str, Any]:
        """What every template gets: `lang`, `publication`, `look`, `urls`."""
        settings, code = self._settings, language.code
        home = settings.url + settings.folder(code)
        file, media_type = DOCUMENTS[settings.feeds.formats[0]]
        return {
            "lang": {
                "code": code,
                "tag": language.tag,
                "title": settings.title[code],
                "description": settings.description[code],
            },
            "publication": {
                "title": settings.title[code],
                "home": settings.url,
                "author": settings.author[code].name,
            },
            "look": {
                "accent": _shades(settings.look.accent),
                "logo": settings.look.logo,
                "footer": settings.digest.footer[code],
                "themes": [
                    {"id": theme, **_shades(color)}
                    for theme, color in [
                        *((theme.id, theme.color) for theme in settings.themes.values()),
                        (OTHER, GREY),
                    ]
                ],
            },
            "urls": {
                "home": settings.url,
                "archive": f"{home}digest/",
                "issues": f"{home}digest/atom.xml" if "atom" in settings.feeds.formats else "",
                "subscribe": settings.subscribe(code),
                "feed": home + file,
                "feed_type": media_type,
            },
        }

    def sources(self, *names: str) -> list[tuple[str, str]]:
        """The texts of templates, with their paths for messages; the site's own where it has one."""
        loader = self._environment.loader
        return [(f"{FOLDER}/{name}", loader.get_source(self._environment, name)[0]) for name in names] if loader else []

    def date(self, moment: date | datetime, form: str, tag: str) -> str:
        """A day in the words of a language; `form` is a pattern of Babel's."""
        return format_date(moment, form, _locale(tag))

    def word(self, key: str, tag: str, **values: Any) -> str:
        """A phrase of `words.toml` in a language, its `{names}` filled in; `n` chooses the plural form."""
        said = self._language(tag).get(key)
        if isinstance(said, dict):
            said = said.get(_locale(tag).plural_form(values.get("n", 1)), said.get("other"))
        if not isinstance(said, str):
            raise TemplateError(Problem(f"{FOLDER}/{WORDS}", 0, f"has no text `{key}` for language {tag}"))
        clean, _ = printable(said, WORDS, 0)
        return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), clean)

    def _language(self, tag: str) -> Mapping[str, Any]:
        """The words of a language: its own over English, so that a missing one is readable at least."""
        if self._leads_out:
            raise TemplateError(Problem(FOLDER, 0, "is a link that leads out of the site; copy the folder instead"))
        if self._words is None:
            self._words = {}
            for folder in reversed(self._folders):
                for language, words in self._read_words(folder).items():
                    self._words.setdefault(language.lower(), {}).update(words)
        if tag not in self._merged:
            names = (FALLBACK, tag.split("-", maxsplit=1)[0].lower(), tag.lower())
            if not any(name in self._words for name in names[1:]):
                message = f"has no words for language {tag}, English stands in; add a table [{names[1]}] to your own"
                self.problems.append(Problem(f"{FOLDER}/{WORDS}", 0, message, "warning"))
            self._merged[tag] = {key: said for name in names for key, said in self._words.get(name, {}).items()}
        return self._merged[tag]

    def _read_words(self, folder: Path) -> dict[str, dict[str, Any]]:
        path = folder / WORDS
        if not path.is_file():
            return {}
        place = f"{FOLDER}/{WORDS}"
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
            raise TemplateError(Problem(place, 0, "is a link that leads out of the site; copy the file instead"))
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise TemplateError(Problem(place, 0, "is not UTF-8 text; save it as UTF-8")) from error
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise TemplateError(toml_problem(place, text, error)) from error
        return {language: words for language, words in tables.items() if isinstance(words, dict)}

    def _problem(self, name: str, error: Exception) -> Problem:
        """Where in which template an exception came from."""
        if isinstance(error, TemplateSyntaxError):
            return Problem(f"{FOLDER}/{error.name or name}", error.lineno, f"{error.message}")
        if isinstance(error, TemplateNotFound):
            return Problem(f"{FOLDER}/{name}", 0, f"there is no template {error.name}")
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            for folder in self._folders:
                if Path(frame.filename).is_relative_to(folder):
                    place = Path(frame.filename).relative_to(folder).as_posix()
                    return Problem(f"{FOLDER}/{place}", frame.lineno or 0, " ".join(str(error).split()))
        if isinstance(error, UnicodeDecodeError):
            return Problem(f"{FOLDER}/{name}", 0, "is not UTF-8 text, or includes what is none; save it as UTF-8")
        if isinstance(error, (SyntaxError, RecursionError, MemoryError)):
            return Problem(f"{FOLDER}/{name}", 0, f"is nested too deeply: {error}")
        raise error  # not the template's fault: a bug keeps its traceback


class _Loader(FileSystemLoader):
    """Refuses what a link would reach outside the template folders."""

    def get_source(self, environment: Any, template: str) -> Any:
        source, filename, current = super().get_source(environment, template)
        real = os.path.realpath(filename)
        if not any(Path(real).is_relative_to(os.path.realpath(folder)) for folder in self.searchpath):
            raise TemplateNotFound(template)
        return source, filename, current


def language_name(tag: str) -> str:
    """A language in its own words: 中文, English."""
    try:
        name = Locale.parse(tag, sep="-").get_language_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag
    return name[:1].upper() + name[1:]


def edition(language: Language, url: str) -> dict[str, str]:
    """Something in another language, as templates link it."""
    return {"name": language_name(language.tag), "tag": language.tag, "url": url}


def wrap(text: str, columns: int = 76, indent: str = "") -> str:
    """Text broken into lines of at most `columns` by display width.

    Chinese breaks between characters, but no line begins with a closing mark or ends with an opening one; a word longer
    than a line stands alone.
    """
    lines = [""]
    place = 0
    for found in _PIECE.finditer(text):
        piece = found[0]
        blank = " " if found.start() > place and lines[-1] else ""
        if lines[-1] and width(lines[-1]) + len(blank) + width(piece) > columns - width(indent):
            lines.append(piece)
        else:
            lines[-1] += blank + piece
        place = found.end()
    return f"\n{indent}".join(lines)


def _shades(color: str) -> dict[str, str]:
    """A colour as lines and grounds have it, and the shades of it in which text can be read."""
    return {"plain": color, "light": readable(color, WHITE), "dark": readable(color, NIGHT, _DARK)}


def _locale(tag: str) -> Locale:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(FALLBACK)
