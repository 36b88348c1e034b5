"""Emails for mail services: their words stand where we put them, unbroken, and nowhere else."""

from __future__ import annotations

import email
import json
import re
from email import policy
from pathlib import Path

import pytest
from click.testing import CliRunner

from feeds.cli import main
from feeds.settings.services import SERVICES
from tests.support import open_build, tree

NOW = "2026-04-27T08:00"
SETTINGS = """title = "A {name}"
url = "https://example.org/"
[digest]
from = "A <a@example.org>"
{digest}
"""


def words(first: str = "listmonk") -> str:
    """What a stranger's post says in the hope that a service replaces it; an excerpt shows the first of it."""
    services = [SERVICES[first], *(service for name, service in SERVICES.items() if name != first)]
    found = [word for one in services for word in (*one.signs, one.unsubscribe, *one.words)]
    return " and ".join(["{{{{ x }}}}", "{% if x %}", "*|IF:X|*", "%recipient.name%", *found])


def site(root: Path, digest: str, first: str = "listmonk") -> Path:
    (root / "feeds.toml").write_text(SETTINGS.format(digest=digest, name=words(first)[:40]), encoding="utf-8")
    (root / "content").mkdir()
    links = "[a](https://evil.example/?e={{Subscriber.Email}}&f=%recipient.email%) [b](https://evil.example/*|EMAIL|*)"
    for number in range(2):
        head = {"title": f"On {words(first)}"[:150], "date": "2026-04-22", "highlights": [f"5 {words(first)}"[:90]]}
        code = f"`{words(first)}`"
        (root / f"content/{number}.md").write_text(
            f"{json.dumps(head, indent=1)}\n\n{words(first)} {links} {code}\n", encoding="utf-8"
        )
    return root


def issued(root: Path, name: str = "") -> dict[str, bytes]:
    result = CliRunner().invoke(main, ["digest", str(root), "--issue", "--now", NOW])
    assert result.exit_code == 0, (name, result.output)
    return tree(root / "issues/en/2026-W17")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_finds_its_words_where_readers_leave_and_nowhere_else(name: str, tmp_path: Path) -> None:
    service = SERVICES[name]
    files = issued(site(tmp_path, f'placeholders = "{name}"', name), name)
    html, text = files["mail.html"].decode(), files["mail.txt"].decode()
    message = email.message_from_bytes(files["mail.eml"], policy=policy.default)

    assert f'href="{service.unsubscribe}"' in html
    assert re.search(rf"^\[\d+\] {re.escape(service.unsubscribe)}$", text, re.MULTILINE)
    assert service.unsubscribe.encode() in files["mail.eml"]
    assert message["List-Unsubscribe"] is None  # the service sets it
    facts = json.loads(files["issue.json"])
    for said in (html, text, files["mail.eml"].decode(), facts["subject"], facts["preheader"], message["Subject"]):
        rest = said.replace(service.unsubscribe, "")
        assert [sign for sign in service.signs if sign.lower() in rest.lower()] == []
    shown = re.sub(r"<[^<>]*>|\u2060", "", html)
    assert "{{{{ x }}}} and {% if x %} and *|IF:X|* and %recipient.name%" in shown


def test_words_of_any_other_service_can_be_named(tmp_path: Path) -> None:
    table = 'placeholders = { unsubscribe = "[[leave]]", address = "[[mail]]" }\nfooter = "To [[mail]]"'
    files = issued(site(tmp_path, table))
    html = files["mail.html"].decode()

    assert 'href="[[leave]]"' in html
    assert html.count("[[") == 1  # the footer is no place for a word: only `unsubscribe` and templates are
    assert files["mail.txt"].count(b"[[") == 1


def test_a_template_of_the_site_may_put_words_too(tmp_path: Path) -> None:
    root = site(tmp_path, 'placeholders = "listmonk"')
    (root / "templates").mkdir()
    (root / "templates/mail.txt").write_text(
        "{{ issue.subject }}\n{% raw %}{{ MessageURL }}{% endraw %}\n\n{% for section in issue.sections %}"
        "{% for review in section.reviews %}{{ review.title }} {{ review.url }}\n"
        "{% for l in review.links %}{{ l.url }}\n{% endfor %}{% endfor %}{% endfor %}"
        "{{ urls.web }} {{ urls.archive }} {{ urls.subscribe }} {{ urls.unsubscribe }}\n{{ publication.home }}\n",
        encoding="utf-8",
    )
    files = issued(root)

    assert b"{{ MessageURL }}" in files["mail.txt"]
    assert files["mail.txt"].count(b"{{") == 2


def test_an_address_may_hold_a_word(tmp_path: Path) -> None:
    leave = 'unsubscribe = "https://example.org/leave?who={{ .Subscriber.UUID }}"'
    table = 'placeholders = { who = "{{ .Subscriber.UUID }}" }'
    files = issued(site(tmp_path, f"{table}\n{leave}"))

    assert 'href="https://example.org/leave?who={{ .Subscriber.UUID }}"' in files["mail.html"].decode()


@pytest.mark.parametrize(
    ("digest", "said"),
    [
        ('unsubscribe = "{{ UnsubscribeURL }}"', '5: error: `digest.unsubscribe` "{{ UnsubscribeURL }}" is a word of listmonk; write placeholders = "listmonk" too'),  # noqa: E501
        ('placeholders = "listmunk"', '5: error: `digest.placeholders` has an unknown service "listmunk"; did you mean `listmonk`?'),  # noqa: E501
        ('placeholders = "sendgrid"', "or write a table of words"),
        ('placeholders = { unsubscribe = "leave" }', '"leave" cannot be a word of a mail service'),
        ("placeholders = { unsubscribe = '\"><script>' }", "cannot be a word of a mail service"),
        ("placeholders = 3", "must be text in quotes"),
        ('placeholders = "listmonk"\nunsubscribe = "{{ unsubscribe_url }}"', "is a word of buttondown"),
    ],
)  # fmt: skip
def test_wrong_words_have_a_remedy(digest: str, said: str, tmp_path: Path) -> None:
    root = site(tmp_path, digest)
    result = CliRunner().invoke(main, ["build", str(root)])

    assert result.exit_code == 1
    assert said in result.output


def test_an_ordinary_email_is_the_same_as_without_services(tmp_path: Path) -> None:
    root = site(tmp_path, "")
    (issue,) = open_build(root).issues["en"].values()

    assert issue.posts
    assert b"{{{{ x }}}} and {% if x %} and *|IF:X|*" in issued(root)["mail.txt"]  # a post about it is not changed
