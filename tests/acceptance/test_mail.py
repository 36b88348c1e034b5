"""The weekly mail as a file: two MIME readers agree on it, and whatever an author writes stays text.

How it looks is in `test_mail_browser.py`. postal-mime is skipped visibly when it is not installed.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import html as lxml_html

from feeds import digest, markup
from feeds.digest.message import message
from feeds.model import Email
from tests.acceptance import mail_cases
from tests.acceptance.mail_readers import READERS, installed
from tests.acceptance.mail_site import LONG_WEEK, REVIEWS, long_week
from tests.support import CORPUS, ROOT, open_build

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support import Build

HOME = "https://reviews.example.org/"
SUBJECTS = 4000
ENGLISH = """
    attention inference the of a scaling Mixture-of-Experts KV-cache 2.5x 12% LLM(7B) it's isn't "quoted" [draft] {x}
    <b> a@b.org C++ f(x)=y =?utf-8?q?x?= re: Fwd: é naïve Ångström https://example.org/a?b=c&d=e#f under_score ? = _
""".split()  # noqa: SIM905  # no easier to read as thirty strings
CHINESE = """
    注意力 推理 大模型 的 与 显存 并行 训练 智能体 规划 对齐 奖励 「引号」 “弯引号” 《书名》 ——破折号 ……
    ， 。 ： （括号） ！ 龘 𠮷 々 ＡＢＣ 〇
""".split()  # noqa: SIM905  # same
EMOJI = ["🙂", "👩‍🔬", "🇨🇳", "1️⃣", "❤️", "👍🏽", "🧪🧪🧪", "㊗️"]
ALLOWED = frozenset(
    "body div table tbody tr td p h1 h2 h3 ul li a b i em strong del span br img code pre sub sup".split()  # noqa: SIM905  # same
)


def subject(source: random.Random) -> str:
    """A line of up to 40 words, mostly of one script, joined with or without blanks."""
    pools = source.choice([(ENGLISH,), (CHINESE,), (ENGLISH, CHINESE), (ENGLISH, CHINESE, EMOJI), (CHINESE, EMOJI)])
    words = [source.choice(source.choice(pools)) for _ in range(source.randint(1, 40))]
    blank = source.choice([0.0, 0.3, 1.0])
    return "".join(word + (" " if source.random() < blank else "") for word in words).strip()


@pytest.fixture(scope="module")
def build() -> Build:
    """The sample of this project."""
    return open_build(ROOT)


@pytest.fixture(scope="module")
def subjects() -> list[str]:
    source = random.Random("subjects")
    return [subject(source) for _ in range(SUBJECTS)]


@pytest.fixture(scope="module")
def wires(build: Build, subjects: list[str]) -> list[bytes]:
    """A mail for each subject, in turn English and Chinese."""
    settings = build.site.settings
    issues = [next(iter(build.issues[code].values())) for code in ("en", "zh")]
    return [
        message(Email(subject=text, html="<p>h</p>", text="t"), issues[place % 2], settings, web=HOME, archive=HOME)
        for place, text in enumerate(subjects)
    ]


def pages(outputs: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {path.rpartition("/")[0]: data for path, data in outputs.items() if path.endswith(f"/{name}")}


def squeezed(text: str) -> str:
    """Without blanks: the text part breaks lines, HTML has its own, and both may break anywhere in Chinese."""
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_every_subject_comes_back_equal(reader: str, subjects: list[str], wires: list[bytes]) -> None:
    read = READERS[reader](wires)

    wrong = [(sent, mail.subject) for sent, mail in zip(subjects, read, strict=True) if sent != mail.subject]
    assert wrong[:3] == []


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_subject_adds_no_header_and_no_text(reader: str, end: str, build: Build) -> None:
    issue = next(iter(build.issues["en"].values()))
    written = Email(subject=f"Read this{end}Bcc: spy@example.org{end}{end}A body", html="<p>h</p>", text="t")

    (mail,) = READERS[reader]([message(written, issue, build.site.settings, web=HOME, archive=HOME)])

    assert mail.subject == "Read this Bcc: spy@example.org A body"
    assert "bcc" not in dict(mail.headers)
    assert (mail.text, mail.html) == ("t", "<p>h</p>")


def test_subjects_travel_in_short_lines(wires: list[bytes]) -> None:
    for wire in wires:
        head = wire.split(b"\r\n\r\n", 1)[0]
        lines = head.split(b"\r\n")
        long = [line for line in lines if len(line) > 78]

        assert wire.isascii()
        assert max(map(len, lines)) <= 998
        assert [line for line in long if b" " in line.partition(b": ")[2].strip()] == []  # it could have been folded
        assert [word for word in re.findall(rb"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=", head) if len(word) > 75] == []


def test_the_generated_subjects_hold_what_they_should(subjects: list[str]) -> None:
    assert len(set(subjects)) > SUBJECTS * 0.95
    for found in (
        [text for text in subjects if text.isascii() and len(text) > 78],
        [text for text in subjects if re.search(r"[^\s]{60}", text)],
        [text for text in subjects if re.search("[\u4e00-\u9fff]", text) and re.search("[a-z]{4}", text)],
        [text for text in subjects if re.search("[\U0001f300-\U0001faff]", text)],
        [text for text in subjects if '"' in text],
    ):
        assert len(found) > 50


@pytest.mark.parametrize("reader", READERS)
def test_a_mail_is_read_whole(reader: str, build: Build) -> None:
    outputs = {output.path: output.data for output in build.outputs()}
    mails = pages(outputs, "mail.eml")
    assert {place.partition("/")[0] for place in mails} == {"en", "zh"}

    for place, mail in zip(mails, READERS[reader](list(mails.values())), strict=True):
        tag = {"en": "en", "zh": "zh-Hans"}[place[:2]]
        home = "https://example.org/"
        headers = dict(mail.headers)
        assert mail.text == outputs[f"{place}/mail.txt"].decode().rstrip("\n")
        page = outputs[f"{place}/mail.html"].decode().rstrip("\n")
        assert mail.html == re.sub(rf'"{home}{place}/([^"/]+\.png)"', r'"cid:\1@example.org"', page)
        kinds = [kind for kind, _ in mail.parts if kind not in ("multipart/related", "image/png")]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]
        assert {language for kind, language in mail.parts if kind.startswith("text/")} == {tag}
        assert mail.sender == (build.site.settings.title[place[:2]], "digest@example.org")
        assert headers["list-id"].endswith(f" <digest-{place[:2]}.example.org>")
        assert headers["list-unsubscribe"] == f"<{home}unsubscribe>"
        assert "list-unsubscribe-post" not in headers  # the address does not say who leaves
        assert headers["list-archive"] == f"<{home}{place[:2]}/digest/>"
        assert headers["archived-at"] == f"<{home}{place}/>"
        assert len(headers) == len(mail.headers)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("code", ["en", "zh"])
def test_pictures_are_found_by_their_ids(reader: str, code: str, build: Build) -> None:
    issue = next(iter(build.issues[code].values()))
    here = f"https://example.org/{code}/digest/{issue.name}/"
    pictures = {
        "formula-a.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
        "formula-b.png": b"\x89PNG\r\n\x1a\n\r\n.\r\n",
    }
    html = "".join(f'<p>公式 é <img src="{here}{name}" alt="x = y"></p>\n' for name in pictures)
    written = Email(subject="图 pictures", html=html, text="公式 é\n", pictures=pictures)

    (mail,) = READERS[reader]([message(written, issue, build.site.settings, web=here, archive=here)])

    tag = issue.language.tag
    assert mail.parts == (
        ("multipart/alternative", tag),
        ("text/plain", tag),
        ("multipart/related", None),
        ("text/html", tag),
        ("image/png", None),
        ("image/png", None),
    )
    assert mail.text == "公式 é"
    assert dict(mail.pictures) == {f"<{name}@example.org>": data for name, data in pictures.items()}
    assert re.findall(r'src="cid:([^"]+)"', mail.html) == [f"{name}@example.org" for name in pictures]


@pytest.mark.parametrize("path", mail_cases.CASES, ids=lambda path: path.stem)
def test_whatever_an_author_writes_stays_text(path: Path, tmp_path: Path, *, updating: bool) -> None:
    made = mail_cases.built(mail_cases.read(path), tmp_path / "site")
    if updating:
        mail_cases.renew(path, made.problems)
        made = replace(made, case=mail_cases.read(path))
    case = made.case

    assert case.shown
    assert made.problems == case.problems
    assert [name for name in case.absent if name in made.files] == []
    for place, lines in case.shown.items():
        page, text = (made.files[f"{place}/mail.{form}"].decode() for form in ("html", "txt"))
        seen = [squeezed(lxml_html.fromstring(page.encode()).text_content()), squeezed(text)]
        assert [line for line in lines for part in seen if squeezed(line) not in part] == []
        assert [line for line in case.hidden.get(place, []) for part in (page, text) if line in part] == []
        nothing_injected(page)
        footer_is_whole(page, text, place)
    for place in {place for place in pages(dict(made.files), "mail.eml") if place in case.shown}:
        readable(made.files[f"{place}/mail.eml"], text_of=made.files[f"{place}/mail.txt"])


def nothing_injected(page: str) -> None:
    """Only elements a mail is made of, only the head's own styles and comments, no script in any attribute."""
    tree = lxml_html.fromstring(page.encode())
    (body,) = tree.xpath("//body")
    elements = {str(element.tag) for element in body.iter() if isinstance(element.tag, str)}
    attributes = {str(name) for element in body.iter() if isinstance(element.tag, str) for name in element.attrib}
    clean = mail_cases.untouched().files["en/digest/2026-W17/mail.html"].decode()

    assert elements <= ALLOWED
    assert [name for name in attributes if name.startswith("on")] == []
    assert [link for link in tree.xpath("//@href | //@src") if not re.match("https?://|mailto:", str(link))] == []
    assert page.count("<style") == clean.count("<style")
    assert page.count("<!--") == clean.count("<!--")


def footer_is_whole(page: str, text: str, place: str) -> None:
    """The links at the end of a mail of `tests/site`, in both parts; where to leave is what the settings say."""
    code = place.partition("/")[0]
    needed = {f"{HOME}{place}/", f"{HOME}{code}/digest/", f"{HOME}{code}/subscribe/"}
    (last,) = lxml_html.fromstring(page.encode()).xpath("(//table//table//td)[last()]")
    links = [str(link) for link in last.xpath(".//a/@href")]

    assert needed <= set(links)
    assert len([link for link in links if "leave" in link or "unsubscribe" in link]) == 1
    assert [link for link in links if f"] {link}\n" not in f"{text}\n"] == []


def readable(octets: bytes, text_of: bytes) -> None:
    """Every reader sees the headers of an ordinary mail and no more."""
    head = octets.split(b"\r\n\r\n", 1)[0]
    assert (
        re.findall(rb"^[\w-]+:\s*\r\n", head, re.MULTILINE) == []
    )  # folded at once, it is read with a blank before it
    (usual,) = READERS["email"]([mail_cases.untouched().files["en/digest/2026-W17/mail.eml"]])
    ordinary = {name for name, _ in usual.headers}
    for read in installed():
        (mail,) = read([octets])
        names = [name for name, _ in mail.headers]
        one_click = set() if dict(mail.headers)["list-unsubscribe"].startswith("<https:") else {"list-unsubscribe-post"}
        assert set(names) == ordinary - one_click
        assert len(names) == len(set(names))
        assert mail.text == text_of.decode().rstrip("\n")
        assert "\n" not in mail.subject


def test_no_two_cases_have_one_title() -> None:
    titles = [mail_cases.read(path).title for path in mail_cases.CASES]
    assert len(titles) > 10
    assert len(set(titles)) == len(titles)


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of real posts beside the project")
@pytest.mark.parametrize("limit", [102_400, 40_000])
@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_week_of_sixty_real_posts_fits(code: str, limit: int, tmp_path: Path) -> None:
    build = long_week(tmp_path / "site", limit)
    issue = build.issues[code][LONG_WEEK]
    assert len(issue.posts) == REVIEWS
    ((_, made),) = build.drafts([issue])
    files = {output.path: output.data for output in digest.mail(made, issue, build.site)}
    here = f"{code}/digest/{LONG_WEEK}"
    page, text = (files[f"{here}/mail.{form}"].decode() for form in ("html", "txt"))

    assert made.size <= limit
    nothing_injected(page)
    footer_is_whole(page, text, here)
    for post in issue.posts:
        assert (f'"{post.url}"' in page) is (post.id not in made.cut.left_out)
        assert (post.url in text) is (post.id not in made.cut.left_out)
    if made.cut.short:
        assert f"{REVIEWS} posts are too many for `limit_bytes` {limit:,}" in str(made.problems[0])
    else:
        assert made.problems == ()
    if made.cut.left_out:
        said = re.findall(rf'href="{HOME}{here}/#\w+"[^>]*>[^<]*?(\d+)', page)
        assert sum(map(int, said)) == len(made.cut.left_out)
    for read in installed():
        (mail,) = read([files[f"{here}/mail.eml"]])
        assert mail.subject == made.email.subject
        assert mail.text == text.rstrip("\n")
        assert len(mail.pictures) == len(made.email.pictures)
        assert markup.width(mail.subject) <= 100
