"""The lint of mails. Each file of `lint/` holds cases like those of `markup/`, in twins: a wrong mail, a right one.

Expected is a line for each finding: severity, `word`, message. \\u0000 to \\uffff stand for characters. To add a pair,
write both without the expected lines and run `pytest --update-golden`.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.digest.lint import Finding, clients, findings, place, sought
from feeds.model import Email
from tests.support import HERE, ROOT, Case, Expected, cases

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support import Build

CASES = HERE / "lint"
CANIEMAIL = ROOT.parent / "shared/verify/data/caniemail-2026-06-29.json"
SUBJECT = "SpecGuard: a draft model that knows its limits"
PREHEADER = "Also SAGE, LayerSkip and 4 more · 31 min of reading"
FRAME = """<!DOCTYPE html>
<html lang="en"><head><title>Mail</title><style>{css}</style></head>
<body><div lang="en"><h1>Reviews</h1>{body}</div></body></html>"""


def lint(
    html: str,
    text: str | None = None,
    subject: str = SUBJECT,
    preheader: str = PREHEADER,
    size: int = 1,
    limit: int = 0,
) -> list[Finding]:
    """The text part has the links of the HTML unless it is given."""
    if text is None:
        text = "Reviews\n" + "\n".join(
            f"[1] {link}" for link in re.findall(r'href="(https?:[^"]*|mailto:[^"]*)"', html)
        )
    return findings(Email(subject=subject, preheader=preheader, html=html, text=text), size, limit, "en")


def in_body(text: str) -> list[Finding]:
    return lint(FRAME.format(css="", body=text))


def in_style(text: str) -> list[Finding]:
    return in_body(f'<p style="{text}"></p>')


def in_head(text: str) -> list[Finding]:
    css, _, body = text.partition("\n---\n")
    return lint(FRAME.format(css=css, body=body))


def in_text(text: str) -> list[Finding]:
    body, _, plain = text.partition("\n---\n")
    return lint(FRAME.format(css="", body=body), plain)


def in_inbox(text: str) -> list[Finding]:
    said: dict[str, Any] = dict(line.split(": ", 1) for line in text.split("\n"))
    said |= {key: int(said[key]) for key in ("size", "limit") if key in said}
    return lint(FRAME.format(css="", body=""), **said)


def listed(find: Callable[[str], list[Finding]], text: str) -> str:
    return "\n".join(f"{one.severity} `{one.word}` {one.message}" for one in find(text))


def match(text: str) -> str:
    word, _, source = text.partition("\n---\n")
    found = sought(word).search(source)
    return found[0] if found else ""


def placed(text: str) -> str:
    """Given is a word, then texts that begin with "--- path"."""
    word, *texts = text.split("\n--- ")
    path, line = place(
        Finding("", word, code="email-url"), [(path, body) for path, _, body in (one.partition("\n") for one in texts)]
    )
    return f"{path}:{line}"


SHOW: dict[str, Callable[[str], str]] = {
    "body.txt": partial(listed, in_body),
    "contrast.txt": partial(listed, in_head),
    "document.txt": partial(listed, lint),
    "inbox.txt": partial(listed, in_inbox),
    "place.txt": placed,
    "rules.txt": partial(listed, in_head),
    "sought.txt": match,
    "style.txt": partial(listed, in_style),
    "tags.txt": partial(listed, in_body),
    "text.txt": partial(listed, in_text),
}
ALL = [case for path in sorted(CASES.glob("*.txt")) for case in cases(path)]
TWINS = [case for case in ALL if case.file not in ("place.txt", "sought.txt")]


def escaped(text: str) -> str:
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028]", lambda found: f"\\u{ord(found[0]):04x}", text)


def unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_mail_is_judged_as_its_case_says(case: Case, expected: Expected) -> None:
    actual = escaped(SHOW[case.file](unescaped(case.given)))

    assert expected(case, actual) == actual


def test_each_file_of_cases_is_shown_by_something() -> None:
    assert set(SHOW) == {path.name for path in CASES.glob("*.txt")}


def test_each_wrong_mail_is_followed_by_its_right_twin() -> None:
    assert [str(case) for case in TWINS[::2] if not case.expected] == []
    assert [str(case) for case in TWINS[1::2] if case.expected] == []


def test_each_entry_of_the_table_of_clients_has_a_case() -> None:
    said = "\n".join(case.expected for case in TWINS)
    entries = {one for names in clients.table().features.values() for some in names.values() for one in some}

    assert [one for one in entries if one.instead and f"use {one.instead}" not in said] == []
    assert [one.source for one in entries if one.instead and one.source and f"/{one.source}/" not in said] == []


PIECES = [
    *(
        "<p>",
        "</p>",
        "<table><tr><td>",
        '<a href="',
        '">',
        "<style>",
        "</style>",
        'style="',
        "<!--",
        "-->",
        "<img src=",
    ),
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        ":",
        ";",
        "@media ",
        "@import ",
        "url(",
        "'",
        '"',
        "\\",
        "!important",
        "/*",
        "rgb(",
        "#",
    ),
    *("color", "background", "font", ".x", ":not(", "var(--", "1e999px", "%", "\0", "\x85", "\ud800", "字", "http://["),
]
MIXED = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, derandomize=True)
@given(css=MIXED, body=MIXED, text=MIXED, subject=MIXED)
def test_no_mail_makes_the_lint_raise(css: str, body: str, text: str, subject: str) -> None:
    for html in (FRAME.format(css=css, body=f'<p style="{css}">{body}</p>'), body, css):
        for one in lint(html, text, subject, text):
            assert place(one, [("mail.html", html)])[1] >= 0


@pytest.mark.parametrize("text", ["(", "{", "a{", "<b>", "[", "@media x{", "a:not(", "rgb("])
def test_what_is_nested_deeper_than_python_goes_is_no_error(text: str) -> None:
    deep = text * (sys.getrecursionlimit() * 2)

    in_head(deep)
    in_style(f"color: {deep}")
    in_body(deep)


def mails(build: Build) -> list[tuple[Email, str]]:
    """The newest mail of each language, and the language."""
    newest = [next(iter(issues.values())) for issues in build.issues.values()]
    return [(made.email, issue.language.tag) for issue, made in build.drafts(newest)]


def test_the_mails_of_the_templates_are_right(build: Build) -> None:
    for email, tag in mails(build):
        assert findings(email, len(email.html), 102_400, tag) == []


BREAKS = [
    ("html", "<h1", "<h2", "no h1"),
    ("html", 'lang="en"', "", "<html> has no language"),
    ("html", 'role="presentation"', "", "as a table of data"),
    ("html", "https://reviews.example.org/", "/", "is not an absolute URL"),
    ("html", "https://reviews.example.org/", "http://reviews.example.org/", "not encrypted"),
    ("html", "</h1>", '</h1><img src="https://example.org/a.png" width="9">', "has no alt"),
    ("html", "</h1>", "</h1><script>x</script>", "no email client accepts <script>"),
    ("html", "</h1>", "\x85</h1>", "the control character U+0085"),
    ("html", "</h1>", "</h1><svg></svg>", "<svg> does not work"),
    ("html", "padding:", "display:flex;padding:", "display: flex does not work in Outlook on Windows"),
    ("html", "#59626d", "#a9b1bb", "light: #a9b1bb on #ffffff has a contrast of"),
    ("html", "#ececec", "#333333", "dark: #333333 on #121212 has a contrast of"),
    ("html", "[data-ogsc]", ".nothing", "this dark mode colour is missing for Outlook.com"),
    ("html", "@media (", "@import 'x.css'; @media (", "an email cannot import a stylesheet"),
    ("html", "</style>", "/*" + "x" * 20_000 + "*/</style>", "bytes of CSS in the head"),
    ("text", "https://reviews.example.org/", "https://elsewhere.example.org/", "the text part lacks the link"),
    ("text", "https://reviews.example.org/", "https://elsewhere.example.org/", "the HTML part lacks the link"),
]


@pytest.mark.parametrize(("part", "old", "new", "message"), BREAKS, ids=[one[3] for one in BREAKS])
def test_a_right_mail_broken_in_one_way_is_found_out(build: Build, part: str, old: str, new: str, message: str) -> None:
    email, tag = mails(build)[0]
    parts = {"html": email.html, "text": email.text}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)

    broken = replace(email, html=parts["html"], text=parts["text"])
    found = findings(broken, len(broken.html), 102_400, tag)

    assert any(message in one.message for one in found), found


CLIENTS = {
    "gmail-web": ("gmail", "desktop-webmail"),
    "gmail-ios": ("gmail", "ios"),
    "gmail-android": ("gmail", "android"),
    "apple-mac": ("apple-mail", "macos"),
    "apple-ios": ("apple-mail", "ios"),
    "outlook-windows": ("outlook", "windows"),
    "outlook-com": ("outlook", "outlook-com"),
    "outlook-mac": ("outlook", "macos"),
}
OF_A_PART = ("css-rgb", "html-semantics")
"""Of some values or elements alone, what a client knows in part it may know whole or not at all."""


def newest(results: dict[str, str]) -> str:
    """y, a (in part), n or u of the client's newest version; "16.80" came after "2019"."""

    def age(version: str) -> tuple[bool, list[int]]:
        numbers = [int(number) for number in re.findall(r"\d+", version)]
        return version.startswith("16."), numbers

    return results[max(results, key=age)][0]


@pytest.mark.skipif(not CANIEMAIL.is_file(), reason="no data of caniemail beside the project")
def test_the_table_of_clients_says_what_caniemail_says() -> None:
    facts = {one["slug"]: one["stats"] for one in json.loads(CANIEMAIL.read_text(encoding="utf-8"))["data"]}
    wrong = []
    for section, names in clients.table().features.items():
        for name, feature in ((name, one) for name, some in names.items() for one in some if one.source):
            for client, (family, platform) in CLIENTS.items():
                said = "n" if client in feature.no else "a" if client in feature.partly else "y"
                known = newest(facts[feature.source].get(family, {}).get(platform, {"": "u"}))
                is_of_a_part = feature.values or feature.on or feature.source in OF_A_PART
                if said != known.replace("u", "y") and not (known == "a" and is_of_a_part):
                    wrong.append(f"{section} {name}: {client} is {known} there and {said} here")
    assert wrong == [], "\n".join(wrong)
