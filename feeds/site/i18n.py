"""The words of emails, pages and feeds in each language: `words.toml`, the site's own over ours; dates by Babel."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds import paths
from feeds.errors import Problem, TemplateError, Unreadable
from feeds.reader import files
from feeds.reader.characters import printable
from feeds.settings.toml import NotTOML, load_toml
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date, datetime

    from babel import Locale

    from feeds.model import Language

FOLDER = "templates"
FILE = "words.toml"
FALLBACK = "en"

_OF_FEEDS = ("colon", "digest", "other_theme", "original")
"""The words used in feeds."""

_NAME = expression(r"\{(\w+)\}")


def bundled() -> Path:
    """Our own templates: inside the package in a wheel, next to it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / FOLDER
    return inside if inside.is_dir() else package.with_name(FOLDER)


class Catalog:
    """The message catalog of one site, `words.toml`, and the folders of it and the templates: the site's own before
    ours. `monthly`: its digest is of months, which have words of their own, like `digest_month`.
    """

    def __init__(self, site: Path, *, monthly: bool = False) -> None:
        self._monthly = monthly
        self._places = [(bundled(), "")]  # roots, and the way from there
        self._refused: Problem | None = None
        if paths.is_folder(site / FOLDER):
            self._places.insert(0, (site, f"{FOLDER}/"))
            try:
                paths.check(site, FOLDER, "folder")
            except Unreadable as error:
                self._refused = Problem(FOLDER, 0, error.message, code="file-unreadable")
        self._tables: dict[str, dict[str, Any]] | None = None
        self._merged: dict[str, dict[str, Any]] = {}

    @property
    def folders(self) -> list[Path]:
        """The folders, in order of precedence."""
        return [root / way for root, way in self._places]

    def names(self) -> Iterator[str]:
        """The names of all files that may hold words: the site's own, and ours."""
        for root, way in self._places:
            for path in files.walk(root, way.rstrip("/") or ".", []):
                if path.endswith((".html", ".txt", ".css", ".toml")):
                    yield path.removeprefix(way)

    def file(self, name: str) -> tuple[Path, str] | None:
        """The site's own file of this name, else ours, and its text; None without either. Raises `TemplateError`."""
        if self._refused:
            raise TemplateError(self._refused)
        return next((found for place in self._places if (found := self._file(*place, name))), None)

    def _file(self, root: Path, way: str, name: str) -> tuple[Path, str] | None:
        try:
            return root / way / name, paths.text(root, f"{way}{name}")
        except Unreadable as error:
            if error.missing:
                return None
            raise TemplateError(Problem(f"{FOLDER}/{name}", 0, error.message, code="file-unreadable")) from error

    def word(self, key: str, tag: str, **values: Any) -> str:
        """A phrase in a language, its `{names}` filled in; `n` chooses the plural form. Raises `TemplateError`."""
        said = self._language(tag).get(key)
        if self._monthly:
            said = next((words for words in map(self._of_months(key), _names(tag)) if words is not None), said)
        if isinstance(said, dict):
            said = said.get(_locale(tag).plural_form(values.get("n", 1)), said.get("other"))
        if not isinstance(said, str):
            raise TemplateError(
                Problem(f"{FOLDER}/{FILE}", 0, f"has no text `{key}` for language {tag}", code="words-missing")
            )
        clean, _ = printable(said, FILE, 0)
        return _NAME.sub(lambda found: str(values.get(found[1], found[0])), clean)

    def _of_months(self, key: str) -> Callable[[str], Any]:
        """What a table says for months, else what it says for weeks: no other language's words come before its own."""
        tables = self._tables or {}
        return lambda name: tables.get(name, {}).get(f"{key}_month", tables.get(name, {}).get(key))

    def feed_word(self, key: str, tag: str) -> str:
        """A phrase used in feeds: ours if the site's own cannot be read, since a feed must not lose its title."""
        try:
            return self.word(key, tag)
        except TemplateError:
            ours = Catalog(bundled().parent)
            return ours.word(key, tag)

    def problems(self, languages: Iterable[Language]) -> list[Problem]:
        """What is wrong with the site's own words, and which languages have none."""
        found = []
        for language in languages:
            try:
                self._language(language.tag)
                for key in _OF_FEEDS:
                    self.word(key, language.tag)
            except TemplateError as error:
                found.append(error.problem)
            short = language.tag.split("-", maxsplit=1)[0].lower()
            if self._tables is not None and not {short, language.tag.lower()} & set(self._tables):
                missing = f"has no words for language {language.tag}, so English is used"
                message = f"{missing}; add a table [{short}] to your own {FILE}"
                found.append(Problem(f"{FOLDER}/{FILE}", 0, message, "warning", code="words-missing"))
        return found

    def date(self, moment: date | datetime, form: str, tag: str) -> str:
        """A date in the words of a language; `form` is a Babel pattern. Raises `TemplateError` for one of `words.toml`
        that is none, and ValueError for one of a template.
        """
        from babel.dates import format_date

        try:
            return format_date(moment, form, _locale(tag))
        except (AttributeError, LookupError, TypeError, ValueError) as error:  # it may ask a day for its hour
            wrong = f'"{form}" is not a pattern of a day; write one like "MMMM d, y"'
            if form not in self._language(tag).values():
                raise ValueError(wrong) from error
            own = self.file(FILE)
            lines = own[1].split("\n") if own else []
            line = next((number for number, said in enumerate(lines, 1) if form in said), 0)
            raise TemplateError(Problem(f"{FOLDER}/{FILE}", line, wrong, code="template-invalid")) from error

    def _language(self, tag: str) -> Mapping[str, Any]:
        """The words of a language over those of English, so that a missing one is readable at least."""
        if self._refused:
            raise TemplateError(self._refused)
        if self._tables is None:
            tables: dict[str, dict[str, Any]] = {}
            for place in reversed(self._places):
                found = self._file(*place, FILE)
                for language, words in _read(found[1]).items() if found else ():
                    tables.setdefault(language.lower(), {}).update(words)
            self._tables = tables
        if tag not in self._merged:
            layers = [self._tables.get(name, {}) for name in reversed(_names(tag))]
            self._merged[tag] = {key: said for layer in layers for key, said in layer.items()}
        return self._merged[tag]


def _names(tag: str) -> tuple[str, ...]:
    """The tables that have the words of a language, the first one first."""
    return tag.lower(), tag.split("-", maxsplit=1)[0].lower(), FALLBACK


def _read(text: str) -> dict[str, dict[str, Any]]:
    try:
        tables = load_toml(text, f"{FOLDER}/{FILE}")
    except NotTOML as error:
        raise TemplateError(error.problem) from error
    return {language: words for language, words in tables.items() if isinstance(words, dict)}


@lru_cache(maxsize=64)
def language_name(tag: str) -> str:
    """The name of a language in that language: 中文, English."""
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(tag, sep="-").get_language_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag
    return name[:1].upper() + name[1:]


def edition(language: Language, url: str) -> dict[str, str]:
    """A version in another language, as templates link it."""
    return {"name": language_name(language.tag), "tag": language.tag, "url": url}


@lru_cache(maxsize=64)
def _locale(tag: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(FALLBACK)
