"""Liquid's filters and Jekyll's own, for values that are known. One that is not known changes nothing, as in Jekyll."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote_plus

from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import tzinfo

_MOST = 100_000
"""Characters of a text, and items of a list: a filter may double both."""

_STRFTIME = expression(r"(?:%-?[A-Za-z%]|[^%])*")
_NUMBER = expression(r"\s*[-+]?\d{1,15}(?:\.\d{1,15})?\s*")
_DAY = expression(r"\d{4}-\d\d?-\d\d?")


class Unknown:
    """A value that the site has and we do not: the time of the build, what a plugin gives. `why` is said of whatever
    asks for it.
    """

    def __init__(self, why: str) -> None:
        self.why = why

    def __bool__(self) -> bool:
        raise TypeError  # it is neither


UNKNOWN = Unknown("asks for what is not known before the site is built")
ENDLESS = Unknown("goes through more than 10,000 values")


def shown(value: Any) -> str:
    """What a value prints."""
    if value is None or isinstance(value, Unknown):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(value)
    if isinstance(value, list):
        return "".join(map(shown, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def number(value: Any) -> int | float:
    """A value as a number; text that is none is 0."""
    if isinstance(value, (int, float)):
        return value
    found = _NUMBER.match(str(value))
    text = found[0].strip() if found else "0"
    return float(text) if "." in text else int(text)


def true(value: Any) -> bool:
    """Only nil and false are false; YAML's false is text here."""
    return value is not None and value is not False and value not in ("false", "False")


def items(value: Any) -> list[Any]:
    """A value as a list: a table is its pairs."""
    if isinstance(value, dict):
        return [[key, one] for key, one in value.items()]
    return value if isinstance(value, list) else [] if value is None else [value]


def apply(name: str, value: Any, given: list[Any], named: Mapping[str, Any], zone: tzinfo) -> Any:
    """A value after a filter."""
    if any(isinstance(one, Unknown) for one in (value, *given)):
        return UNKNOWN
    if name in ("date", *_DATES):
        return _date(value, _DATES.get(name) or shown(next(iter(given), "")), zone)
    if name == "default":
        empty = value in (None, "", []) or (not true(value) and not true(named.get("allow_false")))
        return next(iter(given), "") if empty else value
    function = _FILTERS.get(name)
    if not function:
        return value
    try:
        result = function(value, *given)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, IndexError):  # arguments that make no sense
        return value
    return result[:_MOST] if isinstance(result, (str, list)) else result


_DATES = {
    "date_to_xmlschema": "%Y-%m-%dT%H:%M:%S%z",
    "date_to_rfc822": "%a, %d %b %Y %H:%M:%S %z",
    "date_to_string": "%d %b %Y",
    "date_to_long_string": "%d %B %Y",
}


def _date(value: Any, form: str, zone: tzinfo) -> Any:
    """A moment by Ruby's strftime; what is no moment stays as it is."""
    if value in ("now", "today"):
        return UNKNOWN  # same input, same bytes
    if not form or not _STRFTIME.fullmatch(form):
        return value
    try:
        text = str(value).strip()
        if _DAY.fullmatch(text):
            year, month, day = map(int, text.split("-"))
            moment = datetime(year, month, day, tzinfo=zone)
        else:
            moment = datetime.fromisoformat(re.sub(r" (?=[-+]\d\d:?\d\d$)", "", text))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        return value
    told = moment.strftime(form.replace("%z", "%%z").replace("%Y", f"{moment.year:04}"))
    sign = f"{moment:%z}"
    return told.replace("%z", f"{sign[:3]}:{sign[3:5]}" if form == _DATES["date_to_xmlschema"] else sign)


def _written(value: Any) -> str:
    """A value as a text: a list is as one would write it."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else shown(value)


def _text(change: Callable[..., Any]) -> Callable[..., Any]:
    """A filter on a text and texts."""
    return lambda value, *given: change(_written(value), *map(_written, given))


def _math(change: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda value, other: change(number(value), number(other))


def _divided(one: float, other: float) -> float:
    return one // other if isinstance(one, int) and isinstance(other, int) else one / other


def _round(value: Any, places: Any = 0) -> float:
    whole = int(number(places))
    shifted = number(value) * 10**whole
    rounded = math.floor(abs(shifted) + 0.5) * (1 if shifted >= 0 else -1) / 10**whole
    return round(rounded, whole) if whole > 0 else int(rounded)


def _slice(value: Any, begin: Any, length: Any = 1) -> Any:
    sequence = value if isinstance(value, list) else shown(value)
    start = int(number(begin))
    start = max(start + len(sequence), 0) if start < 0 else start
    return sequence[start : start + max(int(number(length)), 0)]


def _truncate(value: Any, length: Any = 50, end: Any = "...") -> str:
    text, most, tail = shown(value), int(number(length)), shown(end)
    return text if len(text) <= most else text[: max(most - len(tail), 0)] + tail


def _truncatewords(value: Any, count: Any = 15, end: Any = "...") -> str:
    words, most = shown(value).split(), max(int(number(count)), 1)
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + shown(end)


def _key(item: Any, name: Any) -> Any:
    return item.get(shown(name)) if isinstance(item, dict) else None


def _order(value: Any) -> tuple[bool, int, Any]:
    """By which values of any kind can be sorted: numbers, texts, nothing."""
    if isinstance(value, (int, float)):
        return False, 0, value
    return value is None, 1, shown(value)


def _sort(value: Any, name: Any = None, *, folded: bool = False) -> list[Any]:
    def key(item: Any) -> tuple[bool, int, Any]:
        one = item if name is None else _key(item, name)
        return _order(shown(one).casefold() if folded and one is not None else one)

    return sorted(items(value), key=key)


def _unique(value: Any, name: Any = None) -> list[Any]:
    found: dict[str, Any] = {}
    for item in items(value):
        found.setdefault(repr(item if name is None else _key(item, name)), item)
    return [*found.values()]


def _where(value: Any, name: Any, wanted: Any = None) -> list[Any]:
    def fits(item: Any) -> bool:
        one = _key(item, name)
        if wanted is None:
            return true(one)
        return shown(wanted) in map(shown, one) if isinstance(one, list) else shown(one) == shown(wanted)

    found = items([*value.values()] if isinstance(value, dict) else value)
    return [item for item in found if fits(item)]


def _grouped(value: Any, name: Any) -> list[Any]:
    groups: dict[str, list[Any]] = {}
    for item in items(value):
        groups.setdefault(shown(_key(item, name)), []).append(item)
    return [{"name": key, "items": group, "size": len(group)} for key, group in groups.items()]


def _split(text: str, sign: str) -> list[str]:
    parts = text.split() if sign == " " else list(text) if not sign else text.split(sign)
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _sentence(value: Any, word: Any = "and") -> str:
    words = [*map(shown, items(value))]
    if len(words) > 2:  # noqa: PLR2004  # "a and b", but "a, b, and c"
        return f"{', '.join(words[:-1])}, {shown(word)} {words[-1]}"
    return f" {shown(word)} ".join(words)


def _slugify(text: str, mode: str = "default") -> str:
    if mode == "none":
        return text.lower()
    plain = unicodedata.normalize("NFD", text) if mode in ("ascii", "latin") else text
    kept = "._~!$&'()+,;=@" if mode == "pretty" else ""

    def stays(char: str) -> bool:
        if mode in ("ascii", "latin") and not char.isascii():
            return False
        if mode == "raw":
            return not char.isspace()
        return char.isalnum() or unicodedata.category(char)[0] == "M" or char in kept

    chars = (char if stays(char) else "-" for char in plain if mode != "latin" or not unicodedata.combining(char))
    return re.sub(r"-{2,}", "-", "".join(chars)).strip("-").lower()


def _first(value: Any, place: int) -> Any:
    found = items(value) if not isinstance(value, str) else ""
    return found[place] if found else None


def _stripped(text: str) -> str:
    return re.sub(
        r"<script.*?(?:</script>|\Z)|<!--.*?(?:-->|\Z)|<style.*?(?:</style>|\Z)|<[^<>]*+>", "", text, flags=re.DOTALL
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _join(value: Iterable[Any], sign: Any = " ") -> str:
    return shown(sign).join(map(shown, items(value)))


_FILTERS: dict[str, Callable[..., Any]] = {
    "append": _text(lambda text, other: text + other),
    "prepend": _text(lambda text, other: other + text),
    "upcase": _text(str.upper),
    "downcase": _text(str.lower),
    "capitalize": _text(str.capitalize),
    "strip": _text(str.strip),
    "lstrip": _text(str.lstrip),
    "rstrip": _text(str.rstrip),
    "strip_newlines": _text(lambda text: re.sub(r"\r?\n", "", text)),
    "newline_to_br": _text(lambda text: re.sub(r"\r?\n", "<br />\n", text)),
    "strip_html": _text(_stripped),
    "normalize_whitespace": _text(lambda text: " ".join(text.split())),
    "remove": _text(lambda text, other: text.replace(other, "") if other else text),
    "remove_first": _text(lambda text, other: text.replace(other, "", 1)),
    "replace": _text(lambda text, old, new="": text.replace(old, new) if len(text) * (len(new) + 1) < _MOST else text),
    "replace_first": _text(lambda text, old, new="": text.replace(old, new, 1)),
    "split": _text(_split),
    "escape": _text(lambda text: escape(text).replace("&#x27;", "&#39;")),
    "xml_escape": _text(lambda text: escape(text).replace("&#x27;", "&#39;")),
    "escape_once": _text(lambda text: re.sub(r"&amp;(?=#?\w{1,9};)", "&", escape(text)).replace("&#x27;", "&#39;")),
    "cgi_escape": _text(quote_plus),
    "url_encode": _text(quote_plus),
    "url_decode": _text(unquote_plus),
    "uri_escape": _text(lambda text: quote(text, safe="~!*'();:@&=+$,/?#[]")),
    "number_of_words": _text(lambda text, *_: len(text.split())),
    "slugify": _text(_slugify),
    "strip_index": _text(lambda text: re.sub(r"/index\.html?$", "/", text)),
    "truncate": _truncate,
    "truncatewords": _truncatewords,
    "slice": _slice,
    "size": lambda value: len(value) if isinstance(value, (list, dict, str)) else 0,
    "first": lambda value: _first(value, 0),
    "last": lambda value: _first(value, -1),
    "join": _join,
    "reverse": lambda value: items(value)[::-1],
    "sort": _sort,
    "sort_natural": lambda value, name=None: _sort(value, name, folded=True),
    "uniq": _unique,
    "compact": lambda value: [item for item in items(value) if item is not None],
    "concat": lambda value, other: items(value) + items(other),
    "map": lambda value, name: [_key(item, name) for item in items(value)],
    "where": _where,
    "group_by": _grouped,
    "push": lambda value, item: [*items(value), item],
    "pop": lambda value: items(value)[:-1],
    "shift": lambda value: items(value)[1:],
    "unshift": lambda value, item: [item, *items(value)],
    "sum": lambda value, name=None: sum(number(one if name is None else _key(one, name)) for one in items(value)),
    "array_to_sentence_string": _sentence,
    "jsonify": _json,
    "inspect": _json,
    "to_integer": lambda value: int(number(value)),
    "plus": _math(lambda one, other: one + other),
    "minus": _math(lambda one, other: one - other),
    "times": _math(lambda one, other: one * other),
    "divided_by": _math(_divided),
    "modulo": _math(lambda one, other: one % other),
    "at_least": _math(max),
    "at_most": _math(min),
    "abs": lambda value: abs(number(value)),
    "ceil": lambda value: math.ceil(number(value)),
    "floor": lambda value: math.floor(number(value)),
    "round": _round,
}
