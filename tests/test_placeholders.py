"""The words a sender replaces for each reader: whatever posts and settings say, he finds them in no other place."""

from __future__ import annotations

import email
import email.policy
import html
import json
import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from feeds import digest
from feeds.digest.placeholders import WORDS, in_html, in_text
from feeds.site.i18n import bundled
from tests.support import open_build

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.errors import Problem
    from tests.support import Build

LEAVE = "https://example.org/leave?a=RECIPIENT-ADDRESS&t=RECIPIENT-TOKEN"
ANY_CASE = re.compile("|".join(map(re.escape, WORDS)), re.IGNORECASE)

PIECES = (
    *(*WORDS, *map(str.lower, WORDS), "Recipient-Token", "RECIPIENT-TO\u212aEN", "RECIPIENT-", "RECIPIENT", "-TOKEN"),
    *(
        "RECIPIENT-**TOKEN**",
        "RECIPIENT&#45;TOKEN",
        "RECIPIENT&#x2D;TO",
        "KEN",
        r"RECIPIENT\-TOKEN",
        "RECIPIENT-\nTOKEN",
    ),
    *(
        "RECIPIENT<!-- -->-TOKEN",
        '<a href="https://e.org/?RECIPIENT&#45;TOKEN">l</a>',
        '<img src="//e.org/" alt="RECIPIENT-TOKEN">',
        "<b>RECIPIENT</b>-TOKEN",
        "RECIPIENT-<br>TOKEN",
        "RECIPIENT%2DTOKEN",
        "R%45CIPIENT-TOKEN",
    ),
    *(f"[l]({LEAVE})", f"<{LEAVE}>", LEAVE, f"[{LEAVE}]({LEAVE})", "[l](https://RECIPIENT-TOKEN.example/)"),
    *("[l](mailto:RECIPIENT-ADDRESS@e.org)", "[l](RECIPIENT-TOKEN)", "[RECIPIENT-TOKEN](//e.org/#RECIPIENT-TOKEN)"),
    *(
        "`RECIPIENT-TOKEN`",
        "`recipient-token ",
        "\n\n```sh\nsed s/RECIPIENT-TOKEN/x/\n```\n\n",
        "\n\n    RECIPIENT-TOKEN\n\n",
    ),
    *(
        r"$\text{RECIPIENT-TOKEN}$",
        "$RECIPIENT-TOKEN$",
        "\n\n$$\n\\text{RECIPIENT-ADDRESS} + x\n$$\n\n",
        "so:",
        "<!-- more -->",
    ),
    *(
        "![RECIPIENT-TOKEN](https://e.org/RECIPIENT-TOKEN.png)",
        "&",
        "<",
        "*",
        "_",
        "字",
        " ",
        "https://",
        "=",
        "-",
        "\n\n",
    ),
)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=7).map("".join)
lines = texts.map(lambda text: " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", " ", text).split()) or "x")

IN_SETTINGS = ("site", "description", "owner", "theme", "footer", "sender")
IN_FRONT_MATTER = ("title", "summary", "tag", "author", "highlight", "paper", "venue", "who")


def written(root: Path, said: dict[str, str], body: str, *, tag: str = "en", unsubscribe: str = LEAVE) -> Build:
    """A site whose settings and post say these texts."""
    sender = re.sub(r"[<>]", " ", said["sender"]) + " <digest@example.org>"
    quoted = {key: json.dumps(said[key], ensure_ascii=False) for key in IN_SETTINGS}
    quoted |= {"sender": json.dumps(sender, ensure_ascii=False), "tag": tag, "leave": unsubscribe}
    (root / "feeds.toml").write_text(
        'title = {site}\ndescription = {description}\nurl = "https://example.org/RECIPIENT-TOKEN/"\n'
        "author = {{ name = {owner} }}\n"
        '[languages.en]\ntag = "{tag}"\n[themes.one]\ntitle = {theme}\n'
        '[look]\nlogo = {{ src = "/RECIPIENT-TOKEN.png", width = 9, height = 9 }}\n'
        '[digest]\nfrom = {sender}\nfooter = {footer}\nunsubscribe = "{leave}"\n'.format(**quoted),
        encoding="utf-8",
    )
    address = "https://e.org/" + re.sub(r"[^!-~]|[\\\"<>^`{|}]", "", said["paper"])
    head = {
        "title": said["title"],
        "date": "2026-04-20",
        "theme": "one",
        "tags": [said["tag"]],
        "authors": [said["author"]],
        "summary": said["summary"] if "more" not in body else "",
        "highlights": [said["highlight"]],
        "paper": {
            "title": said["paper"],
            "venue": said["venue"],
            "authors": [said["who"]],
            "url": address,
            "code": LEAVE,
        },
        "image": {"src": LEAVE, "alt": said["title"]},
    }
    content = root / "content"
    content.mkdir()
    for name in ("one", "two"):
        (content / f"{name}.md").write_text(f"{json.dumps(head, indent=1)}\n\n{body}\n", encoding="utf-8", newline="")
    return open_build(root)


def mail_of(build: Build) -> tuple[dict[str, bytes], list[Problem]]:
    """The files of the mail of the one issue, and what the author is told of it."""
    (issue,) = build.issues["en"].values()
    ((_, made),) = build.drafts([issue])
    files = {output.path.rpartition("/")[2]: output.data for output in digest.mail(made, issue, build.site)}
    return files, [digest.problem(one, issue, build.site, []) for one in made.findings]


def placed(unsubscribe: str, times: int, *, to: bool = False) -> Counter[str]:
    """How often our templates put each word."""
    found = Counter({word: times * unsubscribe.count(word) for word in WORDS})
    return found + Counter({"RECIPIENT-ADDRESS": int(to), "RECIPIENT-ID": int(to)})


def holds(text: str) -> Counter[str]:
    """How often a sender who does not mind capitals finds each word."""
    return Counter(word.upper().replace("\u212a", "K") for word in ANY_CASE.findall(text))


SAID = dict.fromkeys((*IN_SETTINGS, *IN_FRONT_MATTER), "RECIPIENT-TOKEN")


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    said=st.fixed_dictionaries(dict.fromkeys((*IN_SETTINGS, *IN_FRONT_MATTER), lines)),
    body=texts,
    tag=st.sampled_from(["en", "zh-Hans"]),
    unsubscribe=st.sampled_from(
        [LEAVE, LEAVE, "https://example.org/leave", "mailto:leave+RECIPIENT-TOKEN@example.org"]
    ),
)
@example(
    said=SAID,
    body="Read [more](https://evil.example/?a=RECIPIENT-ADDRESS&t=RECIPIENT-TOKEN).",
    tag="en",
    unsubscribe=LEAVE,
)
@example(said=SAID | {"summary": ""}, body="\n\n".join(PIECES), tag="zh-Hans", unsubscribe=LEAVE)
def test_a_sender_finds_the_words_only_where_our_templates_put_them(
    said: dict[str, str], body: str, tag: str, unsubscribe: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files, problems = mail_of(written(tmp_path_factory.mktemp("site"), said, body, tag=tag, unsubscribe=unsubscribe))

    assert [problem for problem in problems if "fill in" in problem.message] == []
    once, each = placed(unsubscribe, 1), "RECIPIENT" in unsubscribe
    page, text = files["mail.html"].decode(), files["mail.txt"].decode()
    assert holds(page) == once
    assert holds(html.unescape(page)) == once
    assert holds(text) == once
    assert f'href="{html.escape(unsubscribe)}"' in page
    assert re.search(rf"^\[\d+\] {re.escape(unsubscribe)}$", text, re.MULTILINE)
    raw = files["mail.eml"].decode("ascii")
    assert holds(raw) == placed(unsubscribe, 3, to=each)
    read = email.message_from_bytes(files["mail.eml"], policy=email.policy.default)
    assert holds("\n".join(f"{name}: {value}" for name, value in read.items())) == placed(unsubscribe, 1, to=each)
    for part in read.walk():
        if part.get_content_maintype() == "text":
            assert holds(part.get_content()) == once
        assert not ANY_CASE.search("\n".join(part.values())) or part is read


def text_of(page: str) -> str:
    shown: str = lxml_html.fromstring(page.encode()).text_content()
    return shown.replace("\u2060", "")


def test_a_broken_word_reads_as_before_and_its_link_leads_where_it_led(tmp_path: Path) -> None:
    body = f"Use `sed s/RECIPIENT-TOKEN/x/` or [this]({LEAVE}#x) for RECIPIENT-ADDRESS."
    files, _ = mail_of(
        written(tmp_path, dict.fromkeys(SAID, "A text") | {"title": "RECIPIENT-TOKEN", "summary": ""}, body)
    )
    page, text = files["mail.html"].decode(), files["mail.txt"].decode()

    assert "Use sed s/RECIPIENT-TOKEN/x/ or this for RECIPIENT-ADDRESS." in text_of(page)
    assert "RECIPIENT-TOKEN" in lxml_html.fromstring(page.encode()).findtext(".//title").replace("\u2060", "")
    assert "RECIPIENT\u2060-TOKEN" in text
    linked = re.findall(r"https://example\.org/leave\S*#x", text)
    assert linked
    assert {unquote(address) for address in linked} == {f"{LEAVE}#x"}


def test_code_is_copied_as_it_was_written(tmp_path: Path) -> None:
    code = 'sed "s/RECIPIENT-ADDRESS/$address/; s/RECIPIENT-TOKEN/$token/g" mail.eml'
    body = f"So:\n\n```sh\n{code}\n```\n\n<!-- more -->\n"
    files, _ = mail_of(written(tmp_path, dict.fromkeys(SAID, "A text"), body))

    blocks = lxml_html.fromstring(files["mail.html"]).xpath("//pre")
    assert {block.text_content().replace("\xa0", " ") for block in blocks} == {code}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RECIPIENT-TOKEN", "RECIPIENT\u2060-TOKEN"),
        ("recipient-Address", "recipient\u2060-Address"),
        ("https://e.org/?t=RECIPIENT-TOKEN", "https://e.org/?t=RECIPIENT%2DTOKEN"),
        ("MAILTO:RECIPIENT-ADDRESS@e.org", "MAILTO:RECIPIENT%2DADDRESS@e.org"),
        (
            "见https://e.org/RECIPIENT-TOKEN，RECIPIENT-TOKEN",
            "见https://e.org/RECIPIENT%2DTOKEN，RECIPIENT\u2060-TOKEN",
        ),
        ("RECIPIENT-TOKENRECIPIENT-TOKEN", "RECIPIENT\u2060-TOKENRECIPIENT\u2060-TOKEN"),
        ("RECIPIENT-TOKE", "RECIPIENT-TOKE"),
    ],
)
def test_a_word_is_broken_in_a_text_by_a_joiner_and_in_an_address_by_an_escape(text: str, expected: str) -> None:
    assert in_text(text) == expected
    assert in_text(expected) == expected


def test_html_is_broken_by_an_element_and_its_addresses_by_an_escape() -> None:
    link = '<a href="https://e.org/RECIPIENT-TOKEN" title="RECIPIENT-TOKEN">RECIPIENT-TOKEN</a>'

    assert in_html(link) == (
        '<a href="https://e.org/RECIPIENT%2DTOKEN" title="RECIPIENT\u2060-TOKEN">RECIPIENT<span>-</span>TOKEN</a>'
    )


def own_template(root: Path, name: str, old: str, new: str) -> None:
    folder = root / "templates"
    folder.mkdir(exist_ok=True)
    text = (bundled() / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def test_no_template_of_ours_says_a_placeholder_by_itself() -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in bundled().glob("*.*"))

    assert not holds(said)


def test_a_template_of_the_site_may_hold_the_words_itself(tmp_path: Path) -> None:
    own_template(tmp_path, "mail.html", "{% if look.footer %}", "<p>To RECIPIENT-ADDRESS</p>{% if look.footer %}")
    own_template(tmp_path, "words.toml", 'web_version = "', 'web_version = "RECIPIENT-ADDRESS: ')
    files, problems = mail_of(written(tmp_path, SAID, "RECIPIENT-ADDRESS"))

    assert [problem for problem in problems if "fill in" in problem.message] == []
    assert holds(files["mail.html"].decode()) == placed(LEAVE, 1) + Counter({"RECIPIENT-ADDRESS": 2})
    assert holds(files["mail.txt"].decode()) == placed(LEAVE, 1) + Counter({"RECIPIENT-ADDRESS": 1})


def test_a_mail_whose_template_puts_a_word_of_a_post_together_again_is_not_written(tmp_path: Path) -> None:
    own_template(tmp_path, "mail.html", "{{ review.excerpt|safe }}", "{{ review.excerpt|striptags }}")
    written(tmp_path, dict.fromkeys(SAID, "A text"), "Text.")
    for post in (tmp_path / "content").iterdir():
        post.write_text(f"---\ntitle: {post.stem}\ndate: 2026-04-20\n---\n\nA text.\n")
    (tmp_path / "content/two.md").write_text("---\ntitle: T\ndate: 2026-04-20\n---\n\nNot\n`RECIPIENT-TOKEN` here.\n")
    build = open_build(tmp_path)
    wrong = "in digest/2026-W17/mail.html: a sender would fill in RECIPIENT-TOKEN in the HTML part"

    outputs = {output.path for output in build.outputs()}

    assert "digest/2026-W17/index.html" in outputs
    assert not [path for path in outputs if path.endswith(("mail.html", "mail.txt", "mail.eml"))]
    assert [str(problem) for problem in build.problems if problem.severity == "error"] == [
        f"content/two.md:7: error: {wrong}; spell the word differently [email-placeholder]"
    ]


def test_an_address_to_send_from_may_hold_no_placeholder(tmp_path: Path) -> None:
    written(tmp_path, dict.fromkeys(SAID, "A text"), "RECIPIENT-TOKEN")
    file = tmp_path / "feeds.toml"
    file.write_text(file.read_text().replace("<digest@", "<bounce-RECIPIENT-TOKEN@"))
    build = open_build(tmp_path)
    line = next(number for number, text in enumerate(file.read_text().split("\n"), 1) if text.startswith("from = "))
    wrong = "in digest/2026-W17/mail.html: a sender would fill in RECIPIENT-TOKEN in `digest.from`"

    assert not [output.path for output in build.outputs() if output.path.endswith(".eml")]
    assert [str(problem) for problem in build.problems if problem.severity == "error"] == [
        f"feeds.toml:{line}: error: {wrong}; use another address [email-placeholder]"
    ]
