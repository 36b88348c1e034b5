"""The `.eml`, read back by the standard library's newer parser; it is written by the older one."""

from __future__ import annotations

import email.message
import email.policy
import re
from dataclasses import replace
from email.parser import BytesParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import reader
from feeds import settings as feeds_settings
from feeds.digest.message import message
from feeds.digest.placeholders import personal
from feeds.model import Digest, Email, Settings
from tests.support import HERE, Build, open_build

MIXED = st.text(
    st.sampled_from("ab Z9,.:;\"'()<>@&=?_-—…，。：（）中文论文评论模型推理系统智能体 🙂é"), min_size=1, max_size=120
)


def read(octets: bytes) -> email.message.EmailMessage:
    found = BytesParser(policy=email.policy.default).parsebytes(octets)
    assert isinstance(found, email.message.EmailMessage)
    return found


@pytest.fixture(scope="module")
def settings_() -> Settings:
    return reader.open_blog(HERE / "site").settings


@pytest.fixture(scope="module")
def issues(build: Build) -> dict[str, Digest]:
    return {code: issues["2026-W17"] for code, issues in build.issues.items()}


ADDRESSES = {
    "web": "https://reviews.example.org/en/digest/2026-W17/",
    "archive": "https://reviews.example.org/en/digest/",
}


@pytest.mark.parametrize(("code", "encoding"), [("en", "quoted-printable"), ("zh", "base64")])
def test_a_mail_is_read_back_as_it_was_written(
    issues: dict[str, Digest], settings_: Settings, code: str, encoding: str
) -> None:
    written = Email(subject="一个 subject", html="<p>你好, “world”</p>\n", text="你好, “world”\n" + "长" * 2000 + "\n")

    mail = read(message(written, issues[code], settings_, **ADDRESSES))

    plain, html = mail.iter_parts()
    assert mail["Subject"] == written.subject
    assert mail.get_content_type() == "multipart/alternative"
    assert [plain.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert plain.get_content().replace("\r\n", "\n") == written.text
    assert html.get_content().replace("\r\n", "\n") == written.html
    assert {plain["Content-Transfer-Encoding"], html["Content-Transfer-Encoding"]} == {encoding}
    assert {plain["Content-Language"], html["Content-Language"]} == {settings_.languages[code].tag}
    assert mail.defects == []


def test_the_headers_are_those_of_a_list(issues: dict[str, Digest], settings_: Settings) -> None:
    mail = read(message(Email(subject="S", html="h", text="t"), issues["en"], settings_, **ADDRESSES))

    assert mail["From"] == "Small Reviews <digest@example.org>"
    assert mail["Date"] == "Mon, 27 Apr 2026 00:00:00 +0800"
    assert re.fullmatch(r"<digest-2026-w17-en\.[0-9a-f]{16}@reviews\.example\.org>", mail["Message-ID"])
    assert mail["List-Id"] == "Small Reviews <digest-en.reviews.example.org>"
    assert mail["List-Unsubscribe"] == "<https://reviews.example.org/unsubscribe>"
    assert mail["List-Unsubscribe-Post"] is None
    assert mail["List-Archive"] == "<https://reviews.example.org/en/digest/>"
    assert mail["Archived-At"] == "<https://reviews.example.org/en/digest/2026-W17/>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_chinese_sender_and_list_are_read_back(issues: dict[str, Digest], settings_: Settings) -> None:
    mail = read(message(Email(subject="S", html="h", text="t"), issues["zh"], settings_, **ADDRESSES))

    assert str(mail["From"]) == "小评论 <digest@example.org>"
    assert mail["From"].addresses[0].addr_spec == "digest@example.org"
    assert mail["List-Id"] == "小评论 <digest-zh.reviews.example.org>"


@pytest.mark.parametrize(
    ("unsubscribe", "mailto", "leave", "one_click"),
    [
        ("http://example.org/u?t=RECIPIENT-TOKEN", "", "<http://example.org/u?t=RECIPIENT-TOKEN>", False),
        ("mailto:leave+RECIPIENT-TOKEN@example.org", "", "<mailto:leave+RECIPIENT-TOKEN@example.org>", False),
        ("https://example.org/u", "", "<https://example.org/u>", False),
        ("https://example.org/u?a=RECIPIENT-ADDRESS", "", "<https://example.org/u?a=RECIPIENT-ADDRESS>", False),
        ("https://e.org/RECIPIENT-TOKEN", "", "<https://e.org/RECIPIENT-TOKEN>", True),
        (
            "https://e.org/RECIPIENT-TOKEN",
            "mailto:leave@e.org?subject=RECIPIENT-TOKEN",
            "<https://e.org/RECIPIENT-TOKEN>, <mailto:leave@e.org?subject=RECIPIENT-TOKEN>",
            True,
        ),
    ],
)
def test_one_click_is_promised_only_by_an_address_that_says_who_leaves(
    issues: dict[str, Digest], settings_: Settings, unsubscribe: str, mailto: str, leave: str, one_click: bool
) -> None:
    options = replace(settings_.digest, unsubscribe=unsubscribe, unsubscribe_mailto=mailto)
    made = message(
        Email(subject="S", html="h", text="t"), issues["en"], replace(settings_, digest=options), **ADDRESSES
    )
    mail = read(made)

    assert mail["List-Unsubscribe"] == leave
    assert mail["List-Unsubscribe-Post"] == ("List-Unsubscribe=One-Click" if one_click else None)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_mail_for_one_reader_each_is_made_by_replacing_three_words(site_folder: Path, code: str) -> None:
    path = site_folder / "feeds.toml"
    path.write_text(path.read_text().replace("org/unsubscribe", "org/leave?t=RECIPIENT-TOKEN&amp=1"))
    build = open_build(site_folder)
    (octets,) = (item.data for item in build.outputs() if item.path == f"{code}/digest/2026-W17/mail.eml")

    mail = read(personal(octets, "ada@example.com", token="x" * 75, name="reader-7"))

    leave = f"https://reviews.example.org/leave?t={'x' * 75}&amp=1"
    assert mail["To"] == "ada@example.com"
    assert re.fullmatch(r"<digest-2026-w17-..\.[0-9a-f]{16}\.reader-7@reviews\.example\.org>", mail["Message-ID"])
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain
    assert html
    assert leave in plain.get_content()
    assert leave.replace("&", "&amp;") in html.get_content()
    assert "RECIPIENT" not in str(mail)
    personal_lines = personal(octets, "ada@example.com", token="x" * 75, name="1").split(b"\r\n\r\n", 1)[1]
    assert all(len(line) <= 76 for line in personal_lines.split(b"\r\n"))
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert all(len(line) <= 76 for line in octets.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))


@pytest.mark.parametrize("token", ["abc=def", "ab/cd==", "a&b", "x" * 76, "a b", "ü", "a\r\nBcc: x@y"])
def test_a_token_that_would_arrive_as_another_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="1 to 75"):
        personal(b"To: RECIPIENT-ADDRESS\r\n\r\nRECIPIENT-TOKEN", "a@example.org", token=token)


def test_a_copy_without_what_the_email_asks_for_is_refused() -> None:
    with pytest.raises(ValueError, match="has RECIPIENT-TOKEN"):
        personal(b"A: b\r\n\r\nRECIPIENT-TOKEN", "a@example.org")
    with pytest.raises(ValueError, match="is not an email address"):
        personal(b"A: b\r\n\r\n", "a@example.org\r\nBcc: b@example.org")
    assert personal(b"To: RECIPIENT-ADDRESS\r\n\r\n?a=3DRECIPIENT-ADDRESS", "a+b=c@e.org") == (
        b"To: a+b=c@e.org\r\n\r\n?a=3Da%2Bb%3Dc@e.org"
    )


def test_pictures_travel_with_the_mail(issues: dict[str, Digest], settings_: Settings) -> None:
    html = (
        '<img src="https://reviews.example.org/en/digest/2026-W17/f.png" alt=""><img src="https://x.org/g.png" alt="">'
    )
    written = Email(subject="S", html=html, text="t", pictures={"f.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 900})

    mail = read(message(written, issues["en"], settings_, **ADDRESSES))

    plain, related = mail.iter_parts()
    page, picture = related.iter_parts()
    assert [part.get_content_type() for part in (plain, related, page, picture)] == [
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    assert picture["Content-ID"] == "<f.png@reviews.example.org>"
    assert picture.get_content() == written.pictures["f.png"]
    assert 'src="cid:f.png@reviews.example.org"' in page.get_content()
    assert 'src="https://x.org/g.png"' in page.get_content()


def test_the_wire_holds_what_old_servers_take(build: Build) -> None:
    mails = [output.data for output in build.outputs() if output.path.endswith(".eml")]

    for octets in mails:
        assert octets.isascii()
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)", octets)
        assert max(map(len, octets.split(b"\r\n"))) <= 998


@settings(max_examples=400, deadline=None, derandomize=True)
@given(subject=MIXED)
def test_any_subject_comes_back_equal_in_words_of_75(subject: str) -> None:
    build = open_once()
    octets = message(Email(subject=subject, html="h", text="t"), build[0], build[1], **ADDRESSES)

    header = octets.split(b"\r\nDate:")[0].split(b"Subject:")[1]

    assert read(octets)["Subject"] == " ".join(subject.split())
    assert all(len(word) <= 75 for word in re.findall(rb"=\?\S+\?=", header))
    assert all(len(line) <= 78 for line in header.split(b"\r\n"))


_ONCE: list[tuple[Digest, Settings]] = []


def open_once() -> tuple[Digest, Settings]:
    if not _ONCE:
        build = open_build(HERE / "site")
        _ONCE.append((build.issues["en"]["2026-W17"], build.site.settings))
    return _ONCE[0]


@pytest.mark.parametrize(
    "sender",
    [
        "Papers, read <z@x.org>",
        "Foo: Bar <z@x.org>",
        'a;b "c" (d) <z@x.org>',
        "A name that is so long that the header has to be folded somewhere, by a comma or not <z@x.org>",
        "论文，逐篇读 <z@x.org>",
        "=?utf-8?q?forged?= <z@x.org>",
    ],
)
def test_any_senders_name_comes_back_with_its_address(
    issues: dict[str, Digest], settings_: Settings, sender: str
) -> None:
    from dataclasses import replace

    options = replace(settings_.digest, sender={"en": sender, "zh": sender})
    octets = message(
        Email(subject="S", html="h", text="t"), issues["en"], replace(settings_, digest=options), **ADDRESSES
    )

    (address,) = read(octets)["From"].addresses
    assert (address.display_name, address.addr_spec) == (sender.removesuffix(" <z@x.org>"), "z@x.org")


def test_a_host_in_its_own_script_travels_in_ascii() -> None:
    found = feeds_settings.parse('title = "T"\nurl = "https://bücher.example/büro/"\n')

    assert found.url == "https://xn--bcher-kva.example/b%C3%BCro/"
