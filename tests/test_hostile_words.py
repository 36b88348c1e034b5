"""Words that look dangerous and are only words: a post that says them still has its email, its pages and its feeds."""

from __future__ import annotations

import email
import email.policy
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree, html

from feeds.errors import Problem
from feeds.markup.math import png
from feeds.markup.titles import formulas_as_text
from tests.support import open_build

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = (
    *("@import", '@import url("https://evil.example/a.css");', "@\\import 'x'", "\\40 import", "</style>@import 'x';"),
    *(
        "<style>",
        "<style>@import 'x'</style>",
        "</style>",
        '<link rel="stylesheet" href="x.css">',
        "<link",
        "stylesheet",
    ),
    *("<!-- a comment -->", "<!--[if mso]>x<![endif]-->", "-->", "<![CDATA[x]]>", "]]>", "<?xml?>", "<!DOCTYPE html>"),
    *(
        "javascript:alert(1)",
        "<script>alert(1)</script>",
        "<form action=x>",
        "<iframe src=x>",
        "<object>",
        "<svg onload=x>",
    ),
    *(
        "url(https://evil.example/a.png)",
        "background: url(//evil)",
        "expression(alert(1))",
        "behavior: url(x)",
        "style=x",
    ),
    *("{{ name }}", "{{name}}", "{% raw %}", "{# x #}", "{{{x}}}", "%7B%7B", "}}", "${x}", "<%= x %>", "{{"),
    *("*|UNSUB|*", "*|EMAIL|*", "%unsubscribe_url%", "[unsubscribe]", "{unsubscribe}", "%%name%%", "<<name>>", "-x-"),
    *("RECIPIENT-TOKEN", "recipient-address", "RECIPIENT-ADDRESS RECIPIENT-TOKEN", "RECIPIENT‐TOKEN"),
    *("--=_digest-2026-w17-en", "--=_digest-2026-w17-en--", "=_pictures-2026-w17-en", "Content-Type: text/html"),
    *(
        "From nobody",
        ">From x",
        ".",
        "..",
        "...",
        ".\\r\\n",
        "=",
        "=20",
        "=3D",
        "==",
        "=?utf-8?b?eA==?=",
        "=?utf-8?q?x?=",
    ),
    *(
        "[1] https://evil.example/",
        "[99] https://evil.example/x",
        "https://evil.example/?a=1&b=2",
        "mailto:a@evil.example",
    ),
    *("[1]", "[2] x", "(https://evil.example/)", "<https://evil.example/>", "http://evil.example", "//evil.example"),
    *(
        'src="cid:x"',
        'src="a/b.png"',
        "cid:x@y",
        'alt="x"',
        'href="#"',
        "&lt;b&gt;",
        "&amp;amp;",
        "&nbsp;",
        "&",
    ),
    *(
        "<b>bold</b>",
        "<img src=x>",
        '"><img src=x onerror=x>',
        "' onclick='x",
        "`code`",
        "**x**",
        "![x](y)",
        "[x](y)",
        "$x$",
    ),
    *("data-premailer", '<style data-premailer="ignore">', "!important", "p { color: #fff }", "display:none", "@media"),
    *("To: x", "Subject: x", "Bcc: victim@example.org", "%0d%0aBcc: x", "\\r\\nBcc: x", "MIME-Version: 1.0"),
    *(
        "con",
        "NUL",
        "null",
        "true",
        "~",
        "0",
        "-1",
        "1e999",
        "NaN",
        "' OR 1=1 --",
        "../../etc/passwd",
        "%2e%2e/",
        "%00",
    ),
    # the plain text breaks its lines before the last words of these
    *("%zz", f"{'x' * 74} [7] https://evil.example/{'y' * 51}", f"{'x' * 76} . {'y' * 75}"),
    *(
        f"{'x' * 76} From nobody {'y' * 64}",
        f"{'x' * 74} [1] https://evil.example/{'y' * 51}",
        f"{'x' * 76} == SECTION ==",
    ),
)


HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Archive", "Archived-At", "List-Unsubscribe"),
    *("Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"),
}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "p", "a", "b", "span"),
    *("h1", "h2", "h3", "ul", "li", "i", "em", "strong", "br", "code"),
}
EACH = re.compile(rb"recipient-(?:address|token)", re.IGNORECASE)
AT_ONCE = 5
WEEKS = range(-(-len(WORDS) // AT_ONCE))


def said(number: int) -> tuple[str, ...]:
    return WORDS[number * AT_ONCE : (number + 1) * AT_ONCE]


def name(number: int) -> str:
    year, week, _ = (FIRST + timedelta(weeks=number)).isocalendar()
    return f"{year}-W{week:02}"


class Made(NamedTuple):
    outputs: dict[str, bytes]
    problems: list[Problem]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A post for each, a few in each issue."""
    root = tmp_path_factory.mktemp("words")
    (root / "content").mkdir()
    (root / "feeds.toml").write_text(
        'title = "Reviews"\nurl = "https://example.org/"\n[feeds]\nlimit = 0\narchive = 0\nlimit_bytes = 0\n'
        '[digest]\nunsubscribe = "https://example.org/leave?a=RECIPIENT-ADDRESS"\n'
    )
    for number in WEEKS:
        for place, words in enumerate(said(number)):
            front = {
                "title": words,
                "date": (FIRST + timedelta(weeks=number, hours=AT_ONCE - place)).isoformat(),
                "summary": "Text." if "://" in words else f"{words} {words}",  # it would link them
                "tags": [words],
                "authors": [words],
                "highlights": [words, f"{words} and more"],
                "paper": {"title": words, "authors": [words], "venue": words, "url": "https://example.org/paper"},
            }
            text = f"{json.dumps(front, indent=1, ensure_ascii=False)}\n\nText.\n"
            (root / f"content/w{number}-{place}.md").write_text(text, encoding="utf-8")
    build = open_build(root, FIRST + timedelta(weeks=len(WEEKS)))
    made = [*build.outputs(), *build.outputs_of(build.issues["en"].values())]
    return Made({output.path: output.data for output in made}, build.problems)


def plain(text: str) -> str:
    """Without blanks, which lines are broken at, and the joiner that keeps a sender from finding a word."""
    return "".join(text.replace("\u2060", "").split())


def test_none_is_an_error(made: Made) -> None:
    assert [str(problem) for problem in made.problems if problem.severity == "error"] == []


@pytest.mark.parametrize("number", WEEKS, ids=lambda number: said(number)[0])
def test_an_email_that_says_them_is_sent_and_says_them(made: Made, number: int) -> None:
    data = made.outputs[f"digest/{name(number)}/mail.eml"]

    mail = email.message_from_bytes(data, policy=email.policy.default)
    text, page = mail.iter_parts()
    assert set(mail.keys()) == HEADERS
    assert said(number)[0] in mail["Subject"].replace("\u2060", "")
    assert mail.defects == []
    assert not EACH.search(data.replace(b"RECIPIENT-ADDRESS", b""))
    tree = html.document_fromstring(page.get_content())
    for words in said(number):
        assert plain(words) in plain(text.get_content())
        assert plain(words) in plain(tree.text_content())
    assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= TAGS


@pytest.mark.parametrize("number", WEEKS, ids=lambda number: said(number)[0])
def test_its_page_says_them(made: Made, number: int) -> None:
    tree = html.document_fromstring(made.outputs[f"digest/{name(number)}/index.html"].decode())

    for words in said(number):
        assert plain(words) in plain(tree.text_content())
    assert not tree.xpath("//script | //form | //iframe | //object | //img | //@onclick | //@onerror | //@onload")


def test_every_feed_has_them_all(made: Made) -> None:
    atom = etree.fromstring(made.outputs["atom.xml"])
    rss = etree.fromstring(made.outputs["rss.xml"])
    feed = json.loads(made.outputs["feed.json"])

    shown = sorted(map(formulas_as_text, WORDS))
    assert sorted(item["title"] for item in feed["items"]) == shown
    assert sorted(rss.xpath("//item/title/text()")) == shown
    titles = atom.xpath("//a:entry/a:title", namespaces={"a": "http://www.w3.org/2005/Atom"})
    assert sorted(title.text for title in titles) == shown


def test_words_that_look_like_a_picture_of_the_email_stay_words(tmp_path: Path) -> None:
    picture = png.draw("x^2")
    assert picture
    (tmp_path / "content").mkdir()
    (tmp_path / "feeds.toml").write_text('title = "Reviews"\nurl = "https://example.org/"\n')
    text = f'It says src="a/{picture.name}" in words:\n\n$$\nx^2\n$$\n'
    (tmp_path / "content/a.md").write_text(f"---\ntitle: A\ndate: {FIRST.date()}\n---\n\n{text}")
    build = open_build(tmp_path, FIRST + timedelta(weeks=1))

    data = next(output.data for output in build.outputs() if output.path.endswith("mail.eml"))

    page = next(part for part in email.message_from_bytes(data).walk() if part.get_content_type() == "text/html")
    tree = html.document_fromstring(page.get_payload(decode=True))
    assert tree.xpath("//img/@src") == [f"cid:{picture.name}@example.org"]
    assert f'src="a/{picture.name}"' in tree.text_content()
