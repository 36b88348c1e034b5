"""One Jinja2 environment: the site's own `templates/` first, ours for the rest.

Templates may come from a stranger's pull request: they run in Jinja2's sandbox, read no file but each other,
and a name they misspell is an error with file and line instead of a hole in the mail.
"""

from __future__ import annotations

import re
import traceback
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.loaders import split_template_path
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feeds.errors import Problem, TemplateError
from feeds.model import DOCUMENTS, GREY, OTHER
from feeds.site.color import NIGHT, WHITE, readable
from feeds.site.i18n import FOLDER
from feeds.text import allowed, expression, width

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Template

    from feeds.model import Language, Settings
    from feeds.site.i18n import Catalog

_DARK = 8.0
"""The contrast of colours on a dark background: what just passes there looks dull."""

_CLOSING = "，。、；：？！）》」』】〉”’…—％%,.;:?!)]}"
_OPENING = "（《「『【〈“‘([{"
_PIECE = expression(
    f"[{re.escape(_OPENING)}]*(?:[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+)[{re.escape(_CLOSING)}]*"
)
_FIGURE = expression("(?<![-._0-9A-Za-z])[0-9](?:[^ );,\u2e80-\U0010ffff]|,(?! |\\Z))*")


class Templates:
    """The templates and words of one site."""

    def __init__(self, catalog: Catalog, settings: Settings) -> None:
        self._settings = settings
        self.words = catalog
        self._folders = catalog.folders
        self._common: dict[str, dict[str, Any]] = {}
        self._environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._load),
            undefined=StrictUndefined,
            autoescape=lambda name: not (name or "").endswith((".txt", ".css")),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._environment.filters |= {"wrap": wrap, "figures": figures}

    def render(
        self,
        name: str,
        language: Language,
        urls: Mapping[str, Any] | None = None,
        through: Callable[[dict[str, Any]], Mapping[str, Any]] = dict,
        **values: Any,
    ) -> str:
        """A template's text in a language, from `values` and what every template gets. `urls` adds to its URLs;
        everything goes `through` a function before the template sees it.

        Raises `TemplateError` with the place of the mistake.
        """
        links: list[str] = []

        def link(url: str) -> str:
            if url not in links:
                links.append(url)
            return f"[{links.index(url) + 1}]"

        names = {
            "t": lambda key, **values: self.words.word(key, language.tag, **values),
            "link": link,
            "links": lambda: list(enumerate(links, 1)),
            "date": lambda moment, form="long": self.words.date(moment, form, language.tag),
        }
        template = self._compiled(name, names)
        common = self._of(language)
        given = through(common | values | {"urls": common["urls"] | (urls or {})})
        try:
            text = template.render(given)
            text.encode()
        except TemplateError:
            raise
        except UnicodeEncodeError as error:
            half = f"U+{ord(error.object[error.start]):04X}"
            message = f"writes {half}, which is half of a character; remove it"
            raise TemplateError(Problem(f"{FOLDER}/{name}", 0, message, code="template-invalid")) from error
        except Exception as error:
            if found := self._problem(name, error):
                raise TemplateError(found) from error
            raise  # not the template's fault: a bug keeps its traceback
        return allowed(text)  # whatever a value brought along

    def _compiled(self, name: str, names: Mapping[str, Any]) -> Template:
        """A template. Jinja2 works out constants while it compiles: whatever that raises is the template's fault."""
        try:
            return self._environment.get_template(name, globals=dict(names))
        except TemplateError:
            raise
        except Exception as error:
            said = " ".join(str(error).split())
            found = self._problem(name, error) or Problem(
                f"{FOLDER}/{name}", 0, f"cannot be compiled: {said}", code="template-invalid"
            )
            raise TemplateError(found) from error

    def _of(self, language: Language) -> dict[str, Any]:
        """What every template gets in a language: `lang`, `publication`, `look`, `urls`."""
        settings, code = self._settings, language.code
        if code in self._common:
            return self._common[code]
        home = settings.url + settings.folder(code)
        file, media_type = DOCUMENTS[settings.feeds.formats[0]]
        self._common[code] = {
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
        return self._common[code]

    def sources(self, *names: str) -> list[tuple[str, str]]:
        """The texts of templates, with their paths for messages; the site's own where it has one."""
        return [(f"{FOLDER}/{name}", found[0]) for name in names if (found := self._load(name))]

    def _load(self, name: str) -> tuple[str, str, None] | None:
        """The text of a template and where it lies, as Jinja2 asks for it. Raises `TemplateError`."""
        path = "/".join(split_template_path(name))  # nothing with `..` in it
        found = self.words.file(path)
        return (found[1], str(found[0]), None) if found else None

    def say(self, word: str) -> bool:
        """Whether a template or the words hold this of themselves, in capitals or not."""
        for name in self.words.names():
            with suppress(TemplateError):  # what cannot be used says nothing
                if any(word.lower() in text.lower() for _, text in self.sources(name)):
                    return True
        return False

    def _problem(self, name: str, error: Exception) -> Problem | None:
        """The template and line an exception came from; None when it came from no template."""
        if isinstance(error, TemplateSyntaxError):
            return Problem(f"{FOLDER}/{error.name or name}", error.lineno, f"{error.message}", code="template-invalid")
        if isinstance(error, TemplateNotFound):
            return Problem(f"{FOLDER}/{name}", 0, f"template {error.name} does not exist", code="template-invalid")
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            for folder in self._folders:
                if Path(frame.filename).is_relative_to(folder):
                    place = Path(frame.filename).relative_to(folder).as_posix()
                    said = " ".join(str(error).split()) or type(error).__name__
                    return Problem(f"{FOLDER}/{place}", frame.lineno or 0, said, code="template-invalid")
        if isinstance(error, (SyntaxError, RecursionError, MemoryError)):
            return Problem(f"{FOLDER}/{name}", 0, f"is nested too deeply: {error}", code="template-invalid")
        return None


def wrap(text: str, columns: int = 76, indent: str = "") -> str:
    """Text broken into lines of at most `columns` by display width.

    Chinese breaks between characters, but no line begins with a closing mark or ends with an opening one; a word longer
    than a line gets its own line.
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


def figures(text: str) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is a figure: a number with its unit, up to a space or a wide character.

    >>> figures("2.16x faster than GPT-4")
    [('2.16x', True), (' faster than GPT-4', False)]
    """
    pieces, place = [], 0
    for found in _FIGURE.finditer(text):
        pieces += [(text[place : found.start()], False), (found[0], True)]
        place = found.end()
    return [(words, figure) for words, figure in [*pieces, (text[place:], False)] if words]


@lru_cache(maxsize=64)
def _shades(color: str) -> dict[str, str]:
    """A colour for lines and backgrounds, and the shades of it in which text is readable."""
    return {"plain": color, "light": readable(color, WHITE), "dark": readable(color, NIGHT, _DARK)}
