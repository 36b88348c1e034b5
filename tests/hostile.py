"""Values that somebody hostile, or some other program, may put where a text or a date is expected.

Each is written as YAML, TOML and JSON would have it; a dash is for what one of them cannot say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

DIGITS = "9" * 5000


class Value(NamedTuple):
    """A value as text of each format, None where there is none."""

    yaml: str | None
    toml: str | None
    json: str | None


def text(said: str) -> Value:
    """A text in quotes. What YAML and TOML forbid as it is is escaped."""
    quoted = json.dumps(said, ensure_ascii=False)
    escaped = re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", quoted)
    return Value(escaped, escaped, escaped)


def number(said: str) -> Value:
    return Value(said, said, said)


TEXTS = (
    *(
        "",
        " ",
        "x",
        "0",
        "-1",
        "9" * 20,
        DIGITS,
        "1e999",
        "nan",
        "true",
        "no",
        "null",
        "~",
        "\u0301",
        "\U0001f3f3\ufe0f",
    ),
    # dates
    *("0000-01-01", "0001-01-01", "1000-01-01", "9999-12-31 23:59 -09:00", "10000-01-01", "2026-02-30", "2026-00-00"),
    *("2026-04-20T25:61:61Z", "2026-04-20 09:30 +99:99", "1776643200", "9" * 13, "May 5, 9999", "1 Jan 1", "10:30"),
    # characters
    *(
        "\x00",
        "a\x00b",
        "a\x08b",
        "\x7f",
        "\x85",
        "\x1b]0;x\x07",
        "a\nb",
        "a\r\nBcc: x@y",
        "\u2028",
        "\ufffe",
        "\ufdd0",
    ),
    *(
        "\U0001fffe",
        "Invoice \u202efdp.exe",
        "\u2066x",
        "\u200b",
        "\ufeff",
        "\u00a0",
        "\u3164",
        "\u0130\u0130",
        "\u00df",
    ),
    # HTML, XML, templates
    *(
        "&#0;",
        "&#xD800;",
        "&#x202e;",
        "&amp;lt;",
        "<script>alert(1)</script>",
        "<b>x",
        "<b></b>",
        "]]>",
        "<!--",
        "<?x?>",
    ),
    *(
        '"><img src=x onerror=y>',
        "<a href='javascript:x'>y</a>",
        "{{ x }}",
        "{% raw %}",
        "{{< x >}}",
        "RECIPIENT-TOKEN",
    ),
    # addresses
    *(
        "javascript:alert(1)",
        "data:text/html,x",
        "http://[",
        "//[",
        "http://[::1",
        "http://e.org:99999/",
        "http://e.org:x/",
    ),
    *("https://e.org/%zz", "https://e.org/%00", "https://ex%61mple.org/", "https://\u0435.org/", "https://a..b/"),
    *(
        f"https://{'a' * 300}.org/",
        "https://xn--a/",
        "http://u:p@e.org/",
        "HTTP://E.ORG",
        "https://e.org/ a",
        "http:///x",
    ),
    *(
        "mailto:a@b.c",
        "urn:x:y",
        "tag:e.org,2026:x",
        "about:blank",
        "http://",
        "https://e.org/\u202e",
        "https://e.org/{x}",
    ),
    # paths and patterns
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\x",
        "..",
        ".",
        "/",
        "//",
        "%2e%2e/",
        "%00",
        "%zz",
        "a/b/c",
        "a\\b",
        "?",
        "#",
    ),
    *(
        "x" * 300,
        "x" * 20_000,
        "a " * 5000,
        ":title",
        ":" * 500,
        ":1abc",
        "{slug}",
        "[a-",
        "(" * 500,
        "*" * 20,
        "a" * 100 + "!",
    ),
)
WITHOUT_QUOTES = (
    *("0", "-1", "1.5", DIGITS, "1e999", "-0", "true", "[]", "[[]]", "[{}]", '["a", ["b", ["c"]]]', "[1, 2.5, true]"),
    *("[" * 100 + "]" * 100, "[" * 400 + "]" * 400, "[" * 3000 + "]" * 3000, json.dumps(["x"] * 500), '["a", "a", ""]'),
)
TABLES: tuple[dict[str, object], ...] = (
    {},
    {"a": 1},
    {"": ""},
    {"name": ""},
    {"name": {"a": 1}},
    {"name": ["a"]},
    {"src": "x", "alt": [1]},
    {"path": "/"},
)


def table(value: dict[str, object]) -> Value:
    said = json.dumps(value)
    return Value(said, said.replace(": ", " = ").replace('"": ', '"" = '), said)


def deep(opening: str, closing: str, levels: int) -> str:
    return opening * levels + "1" + closing * levels


OTHERS = (
    *(
        Value(said, None, said)
        for said in ("null", deep('{"a": ', "}", 100), deep('{"a": ', "}", 3000), '[null, {"a": null}]')
    ),
    *(
        Value(None, said, None)
        for said in (deep("{a = ", "}", 100), deep("{a = ", "}", 3000), "inf", "nan", "'''a\nb'''")
    ),
    *(
        Value(None, said, None)
        for said in ("0001-01-01", "9999-12-31T23:59:59Z", "2026-04-20", "07:32:00", "[2026-04-20]")
    ),
    *(
        Value(None, said, None)
        for said in (f"0x{'f' * 17}", f"0x{'f' * 5000}", f"[0x{'f' * 5000}]", "2026-13-01", "01")
    ),
    *(
        Value(None, None, said)
        for said in ('"\\ud800"', '["\\udfff"]', '{"\\ud83d": "\\ud83d\\ude00"}', "NaN", "-Infinity")
    ),
    *(
        Value(said, None, None)
        for said in ("", "~", "&a [*a]", "&a {b: *a}", "*a", "!!binary x", "!!python/none x", "!x y")
    ),
    *(
        Value(said, None, None)
        for said in ("? x", "|", ">-\n    x", "{", "[", "'", '"', "%", "@", "`", "x: y", "- x", "\tx")
    ),
    *(
        Value(said, None, None)
        for said in ("2026-04-20", "0x1F", "1_000", "12:30:45", "<<", "=", "[*b]", "&a", '"\\ud800"')
    ),
    *(
        Value(said, None, None)
        for said in ("- a\n- b", "\n  - a\n  - b: c", "\n  a: b\n  c: [d]", "#", "!!float 1", "[~, null]")
    ),
)
VALUES = (*map(text, TEXTS), *map(number, WITHOUT_QUOTES), *map(table, TABLES), *OTHERS)


def front(form: str, key: str, value: str, **others: str) -> str:
    """Front matter in a format, with quoted texts besides the key; `paper.year` is a key of a table."""
    outer, dot, inner = key.partition(".")
    keys = {name: json.dumps(said) for name, said in others.items() if name != key}
    if form == "yaml":
        keys[outer] = f"\n  {inner}: {value}" if dot else value
        return "---\n" + "".join(f"{name}: {said}\n" for name, said in keys.items()) + "---\n"
    keys[outer] = value if not dot else f"{{{inner} = {value}}}" if form == "toml" else f'{{"{inner}": {value}}}'
    if form == "toml":
        return "+++\n" + "".join(f"{name} = {said}\n" for name, said in keys.items()) + "+++\n"
    inside = ",\n".join(f'"{name}": {said}' for name, said in keys.items())
    return f"{inside}\n;;;\n" if form == "json lines" else f"{{\n{inside}\n}}\n"


def forms(value: Value) -> Iterator[tuple[str, str]]:
    """The formats that can say it, with what they say."""
    pairs = zip(("yaml", "toml", "json"), value, strict=True)
    return ((form, said) for form, said in pairs if said is not None)
