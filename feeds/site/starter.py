"""What `feeds init` writes: settings for a blog of another generator, or a starter site."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from feeds import paths
from feeds.model import Output
from feeds.periods import Rule, containing
from feeds.reader import files
from feeds.settings import FILE
from feeds.site.i18n import bundled
from feeds.text import NOT_IN_A_LINE, expression, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from feeds.reader.dialect import Dialect

_BARE = expression(r"[A-Za-z0-9_-]+")
_HALVES = expression("[\ud800-\udfff]")
_PLACEHOLDERS = {"title": "My blog", "url": "https://example.org/"}


def new(today: date) -> list[Output]:
    """A site with one post in each of two languages, dated today."""
    folder = bundled() / "starter"
    return [
        Output(path, paths.read(folder, path).replace(b"DATE", str(today).encode()))
        for path in sorted(files.walk(folder, ".", []))
    ]


def known(dialect: Dialect, today: date) -> list[Output]:
    """A `feeds.toml` with what was found, as comments: changes still belong in the blog's own configuration. Its issues
    begin with the week of today.
    """
    lines = _lines(dialect.name, dialect.found.path, dialect.found.data, containing(today, Rule()).name)
    return [Output(FILE, "\n".join([*lines, ""]).encode())]


def _lines(name: str, source: str, found: Mapping[str, Any], since: str) -> Iterator[str]:
    yield f"# Settings of feeds for this {name.title()} blog. Commented lines show what applies by default, as found in"
    yield f"# {one_line(source)}; to change a setting, remove its `#`. The README lists all settings."
    yield ""
    for key in ("title", "description", "url", "timezone", "default_language", "author", "output"):
        if key in found:
            yield f"# {key} = {_value(found[key])}"
        elif key in _PLACEHOLDERS:
            yield f"{key} = {_value(_PLACEHOLDERS[key])}  # not found: put your own here"
    yield ""
    yield "[content]"
    yield f'# dialect = "{name}"'
    yield "# Without `permalink`, addresses are those of the site itself. A language can have its own rule, like"
    yield '# permalink = { en = "/en/{year}/{month}/{day}/{slug}/" }'
    yield ""
    yield "# If you name any languages here, name all of them."
    for code, language in found.get("languages", {}).items():
        yield f"# [languages.{_key(code)}]"
        yield from (f"# {_key(key)} = {_value(value)}" for key, value in language.items())
    yield ""
    yield "# [themes.systems]        # each theme gets feeds and a section in the email; posts are assigned by tag"
    yield '# title = "Systems"'
    yield '# tags = ["training", "inference"]'
    yield ""
    yield "[feeds]"
    yield '# formats = ["atom", "rss", "json"]'
    yield "# limit = 20"
    yield ""
    yield "[digest]"
    yield f'since = "{since}"        # the first issue there is: older posts come in none'
    yield '# day = "monday"'
    yield '# from = "My blog <digest@example.org>"'
    yield '# unsubscribe = "https://example.org/unsubscribe"'


def _value(value: Any) -> str:
    """A text or a table of texts as TOML, whose strings are JSON's, in a line that no text of it can end."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {_value(item)}' for key, item in value.items())} }}"
    text = json.dumps(_HALVES.sub("\ufffd", str(value)), ensure_ascii=False)
    return NOT_IN_A_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _key(name: str) -> str:
    """A key, in quotes unless it is a plain word."""
    return name if _BARE.fullmatch(name) else _value(name)
