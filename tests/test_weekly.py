"""The weekly issue as its owner meets it: due, issued, mailed; an editor's hand; and everything that can be wrong."""

from __future__ import annotations

import base64
import email
import json
import shutil
import sys
import time
from email import policy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from feeds import issued
from feeds.build import write
from feeds.build.builder import Builder, build_site
from feeds.cli import main
from tests.support import HERE, ROOT, open_build, tree

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SUNDAY, MONDAY, TUESDAY = "2026-04-26T23:00", "2026-04-27T08:00", "2026-04-28T08:00"
LATER = "2026-05-04T08:00"


@pytest.fixture
def site(site_folder: Path) -> Path:
    """A site with reviews in week 17, in both languages, and none after."""
    shutil.rmtree(site_folder / "public", ignore_errors=True)
    return site_folder


def feeds(site: Path, *words: str, now: str = MONDAY) -> Result:
    return CliRunner().invoke(main, ["digest", str(site), *words, "--now", now])


def build(site: Path, now: str = MONDAY) -> dict[str, bytes]:
    result = CliRunner().invoke(main, ["build", str(site), "--now", now, "--quiet"])
    assert result.exit_code == 0, result.output
    return tree(site / "public")


def states(site: Path) -> dict[tuple[str, str], str]:
    return {key: line.state for key, line in issued.ledger((site / issued.FILE).read_text("utf-8")).lines.items()}


def facts(site: Path, name: str, code: str = "en") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((site / f"issues/{code}/{name}/issue.json").read_text("utf-8"))
    return found


def edit(site: Path, text: str, name: str = "2026-W17.md", code: str = "en") -> Path:
    path = site / "issues" / code / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def review(site: Path, name: str, date: str, code: str = "en") -> None:
    text = f"---\ntitle: The review {name}\ndate: {date}\n---\n\nThe text of {name}.\n"
    (site / f"content/{code}/{name}.md").write_text(text, encoding="utf-8")


# From what is due to what was mailed


def test_a_week_is_due_once_it_is_over_and_the_question_records_nothing(site: Path) -> None:
    before = tree(site)

    assert feeds(site, "--due", now=SUNDAY).output == ""
    found = feeds(site, "--due")
    assert found.output.splitlines()[0] == "2026-W17  en  due, 2 posts"
    assert json.loads(feeds(site, "--due", "--json").output)["due"][0]["name"] == "2026-W17"
    assert feeds(site, "--due", now="2026-05-11").output == ""  # before the first issue, nothing was missed
    assert tree(site) == before


def test_an_issue_is_frozen_once_and_printed_again_when_asked_again(site: Path) -> None:
    first = feeds(site, "--issue")
    kept = tree(site / "issues")
    review(site, "late", "2026-04-21")
    again = feeds(site, "--issue", now=TUESDAY)

    assert first.exit_code == again.exit_code == 0
    assert states(site) == {("en", "2026-W17"): "issued", ("zh", "2026-W17"): "issued"}
    assert first.stdout == again.stdout
    assert "2026-W17 (en): already issued" in again.stderr
    assert [line for line in first.stdout.splitlines() if not Path(line).is_file()] == []
    assert tree(site / "issues") == kept
    assert kept[".gitattributes"] == b"** -text\n"
    assert feeds(site, "--issue", "--due", now=TUESDAY).output == ""


def test_what_was_issued_is_published_as_it_lies_there_whatever_changes(site: Path) -> None:
    feeds(site, "--issue")
    before = build(site)
    for path in (site / "content").rglob("*.md"):
        path.write_text(path.read_text("utf-8").replace("the", "another") + "\nMore.\n", encoding="utf-8")
    (site / "templates").mkdir(exist_ok=True)
    (site / "templates/mail.html").write_text("<p>{{ issue.subject }}</p>")
    (site / "templates/issue.body.html").write_text("<p>{{ issue.subject }}</p>")
    settings = (site / "feeds.toml").read_text("utf-8").replace('"Small Reviews"', '"Renamed"')
    (site / "feeds.toml").write_text(settings.replace("unsubscribe =", "# unsubscribe ="), encoding="utf-8")
    after = build(site, now=LATER)

    for code in ("en", "zh"):
        own = [name for name in before if name.startswith(f"{code}/digest/2026-W17/") and "index" not in name]
        assert {f"{code}/digest/2026-W17/mail.{end}" for end in ("eml", "html", "txt")} <= {*own}
        assert {name: after[name] for name in own} == {name: before[name] for name in own}
        body = (site / f"issues/{code}/2026-W17/page.html").read_bytes().strip()
        entry = (site / f"issues/{code}/2026-W17/entry.xml").read_bytes()
        for public in (before, after):
            assert body in public[f"{code}/digest/2026-W17/index.html"]
            assert entry in public[f"{code}/digest/atom.xml"]
    assert before["en/digest/2026-W17/index.html"] != after["en/digest/2026-W17/index.html"]  # its frame is new


def test_a_late_review_is_in_the_next_issue_and_no_review_is_in_two(site: Path) -> None:
    feeds(site, "--issue")
    review(site, "late", "2026-04-21")
    review(site, "new", "2026-04-29")
    public = build(site, now=LATER)
    feeds(site, "--issue", now=LATER)

    assert [row["title"] for row in facts(site, "2026-W18")["reviews"]] == ["The review new", "The review late"]
    assert b"The review late" in public["en/digest/2026-W18/index.html"]
    assert b"The review late" not in public["en/digest/2026-W17/index.html"]
    assert (
        build(site, now=LATER)["en/digest/2026-W18/mail.html"] == (site / "issues/en/2026-W18/mail.html").read_bytes()
    )


def test_a_mailer_that_fails_leaves_the_issue_for_the_next_try(site: Path, tmp_path: Path) -> None:
    feeds(site, "--issue")
    log = tmp_path / "log"
    script = tmp_path / "mailer.py"
    script.write_text(
        "import pathlib, sys\nlog = pathlib.Path(sys.argv[1])\n"
        "log.write_text(log.read_text() + ' '.join(sys.argv[2:]) + '\\n' if log.exists() else ' '.join(sys.argv[2:]) + '\\n')\n"  # noqa: E501
        "sys.exit(len(log.read_text().splitlines()) == 2)\n"
    )
    command = f"{sys.executable} {script} {log} {{eml}} '{{json}}'"

    first = feeds(site, "--mail", "2026-W17", "--exec", command)
    assert first.exit_code == 1
    assert "feeds.issued:3: error: 2026-W17 (zh) was not mailed" in first.output
    assert states(site) == {("en", "2026-W17"): "mailed", ("zh", "2026-W17"): "issued"}
    assert feeds(site, "--due", now=TUESDAY).output.startswith("2026-W17  zh  unmailed")
    second = feeds(site, "--mail", "2026-w17", "--exec", command)
    assert second.exit_code == 0, second.output
    assert {*states(site).values()} == {"mailed"}
    assert feeds(site, "--mail", "2026-W17", "--exec", command).stdout == ""
    sent = log.read_text().splitlines()
    assert [line.split()[0].split("/")[-3] for line in sent] == ["en", "zh", "zh"]
    assert all(Path(word).is_file() for line in sent for word in line.split())


def test_no_shell_sees_the_command_of_a_mailer(site: Path, tmp_path: Path) -> None:
    feeds(site, "--issue")
    feeds(site, "--mail", "2026-W17", "--exec", f"echo {{eml}} ; touch {tmp_path}/seen")

    assert not (tmp_path / "seen").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mail", "2026-W17"], "--mail needs --exec"),
        (["--exec", "true {eml}"], "--exec needs --mail"),
        (["--mail", "2026-W17", "--exec", "true"], "names no file"),
        (["--mail", "2026-W17", "--exec", "'true {eml}"], "No closing quotation"),
        (["--mail", "2026-W16", "--exec", "true {eml}"], "2026-W16 was not issued; the last one is 2026-W17"),
        (["--mailed", "soon"], "soon was not issued"),
        (["--issue", "2026-W99"], "is not an ISO week"),
        (["--issue", "--mailed", "2026-W17"], "cannot be combined"),
        (["--issue", "--theme", "systems"], "--issue cannot be combined with --theme"),
    ],
)
def test_wrong_words_are_told_and_nothing_happens(site: Path, words: list[str], said: str) -> None:
    feeds(site, "--issue")
    before = tree(site)
    result = feeds(site, *words)

    assert result.exit_code == 2
    assert said in result.output
    assert tree(site) == before


def test_a_mailer_that_is_not_there_is_told(site: Path) -> None:
    feeds(site, "--issue")
    result = feeds(site, "--mail", "2026-W17", "--exec", "no-such-mailer {eml}")

    assert result.exit_code == 1
    assert "could not be started: No such file" in result.output
    assert {*states(site).values()} == {"issued"}


def test_an_issue_can_be_marked_as_mailed_by_hand(site: Path) -> None:
    feeds(site, "--issue")

    assert feeds(site, "--mailed", "2026-W17").exit_code == 0
    assert {*states(site).values()} == {"mailed"}


def test_missed_issues_are_made_up_for_one_a_call_and_older_ones_are_left_out_for_good(site: Path) -> None:
    feeds(site, "--issue")
    for name, day in (("w18", "2026-04-29"), ("w19", "2026-05-06"), ("w20", "2026-05-13")):
        review(site, name, day)
    now = "2026-05-18T08:00"
    said = feeds(site, "--due", now=now).output
    first = feeds(site, "--issue", now=now)
    feeds(site, "--issue", now=now)

    assert "2026-W19  en  due, 1 post" in said
    assert "then 2026-W20" in said
    assert "2026-W18  en  too old" in said
    assert "2026-W18 (en): skipped, it is too old to be issued" in first.stderr
    assert states(site)["en", "2026-W18"] == "skipped"
    assert [row["title"] for row in facts(site, "2026-W18")["skipped"]] == ["The review w18"]
    assert [name for code, name in states(site) if code == "en"] == ["2026-W17", "2026-W18", "2026-W19", "2026-W20"]
    assert "en/digest/2026-W18/index.html" not in build(site, now=now)


def test_an_issue_is_changed_on_purpose(site: Path) -> None:
    feeds(site, "--issue")
    feeds(site, "--mailed", "2026-W17")
    path = site / "content/en/search.md"
    path.write_text(path.read_text("utf-8").replace("title: Search before you act", "title: Look before you leap"))
    review(site, "late", "2026-04-21")
    before = email.message_from_bytes((site / "issues/en/2026-W17/mail.eml").read_bytes(), policy=policy.default)
    result = feeds(site, "--reissue", "2026-W17", now=LATER)
    after = email.message_from_bytes((site / "issues/en/2026-W17/mail.eml").read_bytes(), policy=policy.default)

    assert result.exit_code == 0, result.output
    assert {*states(site).values()} == {"mailed"}
    assert facts(site, "2026-W17")["reviews"][1]["title"] == "Look before you leap"
    assert len(facts(site, "2026-W17")["reviews"]) == 2
    assert (before["Date"], before["Message-ID"]) == (after["Date"], after["Message-ID"])
    build(site, now=LATER)


def test_the_date_of_an_email_is_that_of_issuing(site: Path) -> None:
    feeds(site, "--issue", now="2026-04-27T08:15:30")
    message = email.message_from_bytes((site / "issues/en/2026-W17/mail.eml").read_bytes(), policy=policy.default)

    assert message["Date"] == "Mon, 27 Apr 2026 08:15:30 +0800"


# The editor


def test_an_editor_chooses_words_and_what_leads(site: Path) -> None:
    edit(
        site,
        "---\nsubject: Two to read\npreheader: What an agent owes its search, and more of it\nheadline: Read these\n"
        "lead: search\ncover: { src: cover.png, alt: A tree }\n---\n\nHello, and [see](https://example.org/a)"
        " $x^2$.\n\n- one\n- two\n\n<!-- more -->\n\nA correction: **none**.\n",
    )
    (site / "issues/en/cover.png").write_bytes(PICTURE)
    result = feeds(site, "--issue")
    folder = site / "issues/en/2026-W17"
    message = email.message_from_bytes((folder / "mail.eml").read_bytes(), policy=policy.default)
    html, text = (folder / "mail.html").read_text("utf-8"), (folder / "mail.txt").read_text("utf-8")
    page = (folder / "page.html").read_text("utf-8")

    assert result.exit_code == 0, result.output
    assert message["Subject"] == "Two to read"
    assert facts(site, "2026-W17")["reviews"][0]["title"] == "Search before you act"
    for shown in (html, page):
        assert (
            shown.index("Read these")
            < shown.index("Hello")
            < shown.index("Search before")
            < shown.index("A correction")
        )
        assert "<li" in shown
        assert 'alt="A tree"' in shown
    assert (
        text.index("Hello, and see x²")
        < text.index("* one")
        < text.index("Search before")
        < text.index("A correction: none")
    )
    assert (folder / "cover.png").read_bytes() == (site / "issues/en/cover.png").read_bytes()
    assert [part.get_content_type() for part in message.walk()].count("image/png") >= 1
    assert build(site)["en/digest/2026-W17/cover.png"] == (folder / "cover.png").read_bytes()


def test_no_draft_is_written_that_shows_nowhere(site: Path) -> None:
    feeds(site, "--issue")
    result = feeds(site, "--draft", "--week", "2026-W16", now=LATER)

    assert result.exit_code == 2
    assert "2026-W16 is over, and its reviews come in a later issue; leave out --week" in result.output
    assert not (site / "issues/en/2026-W16.md").exists()


def test_a_draft_that_nobody_wrote_in_is_never_told_of(site: Path) -> None:
    feeds(site, "--draft", "--week", "2026-W18")
    feeds(site, "--issue")
    review(site, "new", "2026-05-06")
    feeds(site, "--issue", now="2026-05-11T08:00")

    built = CliRunner().invoke(main, ["build", str(site), "--now", "2026-05-11T08:00"])
    assert "2026-W18.md" not in built.output


def test_all_that_waits_is_mailed_in_order_until_one_fails(site: Path, tmp_path: Path) -> None:
    feeds(site, "--issue")
    review(site, "new", "2026-04-29")
    feeds(site, "--issue", now=LATER)
    log = tmp_path / "log"
    command = f"bash -c 'echo $1 >> {log}; ! grep -q W18 <<< $1' x {{json}}"
    assert feeds(site, "--mail", "all", "--exec", "false {eml}", now=LATER).exit_code == 1
    assert {*states(site).values()} == {"issued"}
    assert feeds(site, "--mail", "all", "--exec", command, now=LATER).exit_code == 1

    assert [line.split("/")[-2] for line in log.read_text().splitlines()] == ["2026-W17", "2026-W17", "2026-W18"]
    assert states(site)["en", "2026-W18"] == "issued"
    assert feeds(site, "--mail", "all", "--exec", "true {eml}", now=LATER).exit_code == 0
    assert feeds(site, "--mail", "all", "--exec", "true {eml}", now=LATER).output == ""


def test_what_an_editor_wrote_shows_before_the_issue_is_made(site: Path) -> None:
    edit(site, "Hello before it is issued.\n")
    public = build(site)
    edit(site, "Hello once more.\n")

    assert b"Hello before it is issued." in public["en/digest/2026-W17/index.html"]
    assert b"Hello before it is issued." in public["en/digest/2026-W17/mail.html"]
    assert b"Hello once more." in build(site)["en/digest/2026-W17/index.html"]


def test_an_editor_leaves_a_review_out_for_good_and_adds_another(site: Path) -> None:
    edit(site, "---\nskip: [search]\nadd:\n  - content/en/old.md\n---\n")
    review(site, "old", "2026-01-05")
    feeds(site, "--issue")
    review(site, "new", "2026-04-29")
    feeds(site, "--issue", now=LATER)

    assert [row["title"] for row in facts(site, "2026-W17")["reviews"]][1:] == ["The review old"]
    assert [row["title"] for row in facts(site, "2026-W17")["skipped"]] == ["Search before you act"]
    assert [row["title"] for row in facts(site, "2026-W18")["reviews"]] == ["The review new"]


def test_an_editor_leaves_out_all_there_is(site: Path) -> None:
    edit(site, "---\nskip: [attention, search]\n---\n")
    result = feeds(site, "--issue")

    assert result.exit_code == 0, result.output
    assert states(site) == {("en", "2026-W17"): "skipped", ("zh", "2026-W17"): "issued"}
    assert len(facts(site, "2026-W17")["skipped"]) == 2
    build(site)


def test_a_short_issue_is_filled_from_the_archive_and_what_was_shown_is_not_shown_again(site: Path) -> None:
    path = site / "feeds.toml"
    path.write_text(path.read_text("utf-8").replace("[digest]\n", "[digest]\nfrom_the_archive = 1\n"), encoding="utf-8")
    review(site, "new", "2026-04-29")
    feeds(site, "--issue")
    feeds(site, "--issue", now=LATER)
    first, second = (facts(site, name)["archive"] for name in ("2026-W17", "2026-W18"))

    oldest = [post.id for post in reversed(open_build(site).site.select("en"))]
    assert [first, second] == [[oldest[0]], [oldest[1]]]
    assert "From the archive" in (site / "issues/en/2026-W17/mail.html").read_text("utf-8")
    assert oldest[0] not in [row["id"] for row in facts(site, "2026-W17")["reviews"]]


def test_a_draft_says_what_the_issue_would_hold_and_changes_nothing_as_it_stands(site: Path) -> None:
    plain = build(site)
    result = feeds(site, "--draft")
    path = site / "issues/en/2026-W17.md"
    text = path.read_text("utf-8")

    assert result.stdout.splitlines() == [str(path), str(site / "issues/zh/2026-W17.md")]
    assert "# lead: content/en/attention.md" in text
    assert build(site) == plain
    path.write_text("mine")
    assert feeds(site, "--draft").stdout == "\n"
    assert path.read_text() == "mine"
    path.write_text(text.replace('# headline: ""', "headline: Mine"))
    assert b"Mine" in build(site)["en/digest/2026-W17/mail.html"]


# What can be wrong

BAD = {
    "a period that does not exist": (
        "2026-W60.md",
        "Hello.\n",
        "issues/en/2026-W60.md:1: error: is named after no period",
    ),
    "a lead that names no review": (
        "2026-W17.md",
        "---\nsubject: A\nlead: serch\n---\n",
        'issues/en/2026-W17.md:3: error: `lead`: "serch" is no published review (en); did you mean `search`?',
    ),
    "a lead of another week": (
        "2026-W17.md",
        "---\nlead: theory\n---\n",
        "issues/en/2026-W17.md:2: error: `lead`: content/en/theory.md is no review of 2026-W17; write one of it, like ",
    ),
    "a cover that is missing": (
        "2026-W17.md",
        "---\nsubject: A\ncover: no.png\n---\n",
        "issues/en/2026-W17.md:3: error: `cover`: issues/en/no.png is missing",
    ),
    "a cover that is huge": (
        "2026-W17.md",
        "---\ncover: huge.png\n---\n",
        "issues/en/2026-W17.md:2: error: `cover`: issues/en/huge.png has 1,048,577 bytes",
    ),
    "a cover elsewhere": (
        "2026-W17.md",
        "---\ncover: ../../feeds.toml\n---\n",
        "issues/en/2026-W17.md:2: error: `cover` is",
    ),
    "a cover that is no picture": (
        "2026-W17.md",
        "---\nsubject: A\ncover: text.jpg\n---\n",
        "issues/en/2026-W17.md:3: error: `cover`: issues/en/text.jpg is no JPEG inside",
    ),
    "a cover no client shows": (
        "2026-W17.md",
        "---\ncover: a.svg\n---\n",
        "issues/en/2026-W17.md:2: error: `cover` is",
    ),
    "front matter that is not closed": (
        "2026-W17.md",
        "---\nsubject: A\n",
        "issues/en/2026-W17.md:1: error: opens front matter",
    ),
    "two files": ("2026-w17.markdown", "Hello.\n", "error: is about 2026-W17, as issues/en/2026-W17.md is"),
    "no UTF-8": ("2026-W17.md", "\udcff", "issues/en/2026-W17.md: error: is not UTF-8 text"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_an_editor_cannot_mean_stops_the_issue_and_is_told_with_its_line(site: Path, name: str) -> None:
    file, text, said = BAD[name]
    edit(site, "Hello.\n")
    (site / "issues/en/huge.png").write_bytes(b"\x89PNG" + bytes((1 << 20) - 3))
    (site / "issues/en/text.jpg").write_bytes(PICTURE)
    (site / "issues/en" / file).write_bytes(text.encode("utf-8", "surrogateescape"))
    before = tree(site)
    result = feeds(site, "--issue")

    assert result.exit_code == 1
    assert said in result.output
    assert tree(site) == before
    assert said in CliRunner().invoke(main, ["build", str(site), "--now", MONDAY]).output


def test_a_review_is_not_added_a_second_time(site: Path) -> None:
    feeds(site, "--issue")
    review(site, "new", "2026-04-29")
    edit(site, "---\nadd:\n  - new\n  - search\n---\n", "2026-W18.md")
    result = feeds(site, "--issue", now=LATER)

    assert result.exit_code == 1
    assert 'issues/en/2026-W18.md:4: error: `add`: "search" was issued in 2026-W17' in result.output


def test_months_after_weeks_keep_the_editors_files_of_weeks(site: Path) -> None:
    edit(site, "A word by the editor.\n")
    edit(site, "For a language without an issue.\n", code="zh")
    feeds(site, "--issue")
    path = site / "feeds.toml"
    path.write_text(path.read_text("utf-8").replace("[digest]\n", '[digest]\nperiod = "month"\n'), encoding="utf-8")
    review(site, "new", "2026-04-29")
    again = feeds(site, "--reissue", "2026-W17")
    result = feeds(site, "--issue", now="2026-05-02T08:00")

    assert again.exit_code == 0, again.output
    assert "A word by the editor." in (site / "issues/en/2026-W17/mail.txt").read_text("utf-8")
    assert result.exit_code == 0, result.output
    assert states(site)["en", "2026-04"] == "issued"


def test_a_review_is_moved_by_one_editors_file_only(site: Path) -> None:
    edit(site, "---\nadd: [theory]\n---\n")
    later = edit(site, "---\nsubject: A\nadd: [theory]\n---\n", "2026-W18.md")
    said = "`add`: content/en/theory.md stands under `add` of issues/en/2026-W17.md already; keep one of them"
    result = feeds(site, "--issue")

    assert result.exit_code == 0, result.output
    assert any(held["id"].endswith("theory") for held in facts(site, "2026-W17")["reviews"])
    shutil.rmtree(site / "issues/en/2026-W17")
    shutil.rmtree(site / "issues/zh/2026-W17")
    (site / issued.FILE).unlink()
    assert f"{later.relative_to(site).as_posix()}:3: warning: {said}" in feeds(site, "--due").output


def test_a_review_is_not_added_and_left_out_at_once(site: Path) -> None:
    edit(site, "---\nadd: [theory]\nskip:\n  - theory\n---\n")
    result = feeds(site, "--issue")

    assert result.exit_code == 1
    assert "issues/en/2026-W17.md:3: error: `skip`: content/en/theory.md stands under `add`" in result.output
    assert not (site / issued.FILE).exists()


def test_an_editors_file_that_comes_too_late_is_told(site: Path) -> None:
    feeds(site, "--issue")
    edit(site, "Too late.\n")
    result = feeds(site, "--issue", now=TUESDAY)
    built = CliRunner().invoke(main, ["build", str(site), "--now", TUESDAY])

    assert result.exit_code == 0
    assert "issues/en/2026-W17.md:1: warning: 2026-W17 was issued, see feeds.issued:2" in built.output


def test_an_editors_file_stays_quietly_after_its_issue(site: Path) -> None:
    edit(site, "Hello.\n")
    feeds(site, "--issue")

    assert "2026-W17.md" not in CliRunner().invoke(main, ["build", str(site), "--now", TUESDAY]).output


def test_a_folder_edited_by_hand_is_told_and_the_good_files_stay(site: Path) -> None:
    feeds(site, "--issue")
    good = build(site)
    path = site / "issues/en/2026-W17/mail.html"
    path.write_bytes(path.read_bytes() + b" ")
    result = CliRunner().invoke(main, ["build", str(site), "--now", TUESDAY])

    assert result.exit_code == 1
    assert "issues/en/2026-W17: error: is not what was issued" in result.output
    assert "see feeds.issued:2" in result.output
    assert tree(site / "public") == good
    assert feeds(site, "--mail", "2026-W17", "--exec", "true {eml}").exit_code == 1
    assert states(site)["en", "2026-W17"] == "issued"
    assert feeds(site, "--reissue", "2026-W17").exit_code == 0
    assert build(site, now=TUESDAY) == good


@pytest.mark.parametrize("file", ["issue.json", "mail.html"])
def test_a_folder_edited_by_hand_issues_no_review_twice(site: Path, file: str) -> None:
    feeds(site, "--issue")
    path = site / "issues/en/2026-W17" / file
    text = json.dumps(facts(site, "2026-W17") | {"reviews": []}) if file == "issue.json" else "mine"
    path.write_text(text, encoding="utf-8")
    review(site, "new", "2026-04-29")
    before = tree(site)

    for words in (["--due"], ["--due", "--json"], ["--issue"], ["--issue", "--due"]):
        result = feeds(site, *words, now=LATER)
        assert result.exit_code == 1
        assert "issues/en/2026-W17: error: is not what was issued: restore it" in result.output
        assert "`feeds digest --reissue 2026-W17`" in result.output
        assert "search" not in result.stdout
    assert tree(site) == before


@pytest.mark.parametrize("change", ["add", "remove", "facts"])
def test_any_change_of_a_folder_is_noticed_also_with_a_cache(site: Path, change: str) -> None:
    feeds(site, "--issue")
    build(site)
    folder = site / "issues/en/2026-W17"
    if change == "add":
        (folder / "more.png").write_bytes(b"x")
    elif change == "remove":
        (folder / "mail.txt").unlink()
    else:
        (folder / "issue.json").write_text("{}")
    result = CliRunner().invoke(main, ["build", str(site), "--now", MONDAY])

    assert result.exit_code == 1
    assert "issues/en/2026-W17" in result.output
    if change == "facts":
        assert feeds(site, "--issue", now=LATER).exit_code == 1


def test_a_damaged_line_stops_what_could_be_issued_twice(site: Path) -> None:
    feeds(site, "--issue")
    path = site / issued.FILE
    path.write_text(path.read_text("utf-8").replace("\tissued\t", "\tissu"), encoding="utf-8")
    review(site, "new", "2026-04-29")
    before = tree(site)
    result = feeds(site, "--issue", now=LATER)

    assert result.exit_code == 1
    assert "feeds.issued:2: error: is not a valid line" in result.output
    assert tree(site) == before
    built = CliRunner().invoke(main, ["build", str(site), "--now", LATER])
    for output in (built.stderr, feeds(site, "--due", now=LATER).stderr):
        assert "issues/" not in output, "what follows from the damaged line is not a mistake of its own"


def test_an_issue_that_cannot_be_read_is_told_once(site: Path) -> None:
    edit(site, "Hello.\n")
    feeds(site, "--issue")
    shutil.rmtree(site / "issues/en/2026-W17")
    result = CliRunner().invoke(main, ["build", str(site), "--now", MONDAY])

    told = [line for line in result.stderr.splitlines() if line.startswith(("issues/", "feeds.issued"))]
    assert len(told) == 1
    assert "issues/en/2026-W17/issue.json: error: cannot be read" in told[0]


def test_lines_that_are_lost_are_noticed_by_the_folders(site: Path) -> None:
    feeds(site, "--issue")
    (site / issued.FILE).unlink()
    review(site, "new", "2026-04-29")
    before = tree(site)
    result = feeds(site, "--issue", now=LATER)

    assert result.exit_code == 1
    assert result.output.count("issues/en/2026-W17: ") == 1
    assert "issues/en/2026-W17: error: has no line in feeds.issued" in result.output
    assert tree(site) == before


def test_a_clock_before_the_last_issue_issues_nothing(site: Path) -> None:
    feeds(site, "--issue", now=TUESDAY)
    review(site, "new", "2026-04-22")
    before = tree(site)
    result = feeds(site, "--issue", now=MONDAY)

    assert result.exit_code == 1
    assert "feeds.issued:2: error: 2026-W17 (en) was issued at 2026-04-28T08:00:00+08:00" in result.output
    assert tree(site) == before


@pytest.mark.parametrize("step", ["lock", "freeze", "ledger"])
def test_a_kill_between_two_steps_loses_nothing(site: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(write, step, kill)
    with pytest.raises(Killed):
        CliRunner().invoke(main, ["digest", str(site), "--issue", "--now", MONDAY], catch_exceptions=False)
    monkeypatch.undo()
    assert not (site / issued.FILE).exists()
    result = feeds(site, "--issue")

    assert result.exit_code == 0, result.output
    assert {*states(site).values()} == {"issued"}
    build(site)


def test_a_file_of_somebody_else_in_the_folder_of_an_issue_stays(site: Path) -> None:
    folder = site / "issues/en/2026-W17"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    result = feeds(site, "--issue")

    assert result.exit_code == 1
    assert "notes.txt" in result.output
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_mistake_in_one_language_issues_none(site: Path) -> None:
    (site / "templates").mkdir(exist_ok=True)
    (site / "templates/mail.txt").write_text("{% if lang.code == 'zh' %}{{ no.such }}{% endif %}{{ issue.subject }}")
    result = feeds(site, "--issue")

    assert result.exit_code == 1
    assert "templates/mail.txt" in result.output
    assert not (site / issued.FILE).exists()


def test_a_blog_of_another_generator_has_issues_from_the_first_one_on(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: A\nurl: https://example.org\n")
    (tmp_path / "_posts").mkdir()
    for day in ("2020-01-02", "2025-03-04", "2026-04-22"):
        (tmp_path / f"_posts/{day}-on-{day}.md").write_text(f"---\ntitle: On {day}\n---\n\nText.\n")
    first = build_site(tmp_path, open_build(HERE / "site").project.planner.now)

    assert not [name for name in first.report.digests if "digest" in name]
    assert "digest/" not in (first.out / "subscribe/index.html").read_text("utf-8")
    assert feeds(tmp_path, "--due").output.startswith("2026-W17")
    result = feeds(tmp_path, "--issue")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "_issues/en/2026-W17/mail.eml").exists()
    pages = [name for name in build(tmp_path) if name.endswith("index.html") and "digest/" in name] or [
        path.relative_to(tmp_path / "_site").as_posix() for path in (tmp_path / "_site").rglob("digest/*/index.html")
    ]
    assert sorted(pages) == ["digest/2026-W17/index.html"]


def test_emails_nobody_can_leave_are_told_when_they_are_made_and_never_by_a_build(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text('title = "T"\nurl = "https://example.org/"\n')
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.md").write_text("---\ntitle: A review\ndate: 2026-04-22\n---\n\nText.\n")
    built = CliRunner().invoke(main, ["build", str(tmp_path), "--now", MONDAY])
    for option in ("--draft", "--issue"):
        said = feeds(tmp_path, option).output
        assert "feeds.toml: warning: [digest] has no `unsubscribe`; Gmail and Yahoo ask" in said
        assert "emails come from digest@example.org" in said
    assert "Gmail" not in built.output


def test_what_a_build_does_not_read_empties_no_cache(site: Path) -> None:
    build(site)
    time.sleep(0.1)  # a file as young as its record is read again
    build(site)
    path = site / "feeds.toml"
    text = path.read_text("utf-8").replace("[digest]\n", '[digest]\nhour = 9\ngrace = 3\nsince = "2025-W01"\n')
    path.write_text(text, encoding="utf-8")
    project = Builder(root=site)._read(lambda _: open_build(HERE / "site").project.planner.now, None)[0]
    finished = [task.name for task in project.tasks if project.cache.finished(task, project.site, str(site / "public"))]
    assert "en/2026-W17/page" in finished


def test_the_sample_of_this_project_has_issues_as_they_were_issued() -> None:
    digests = open_build(ROOT).project.planner.digests

    assert {key: issue.line.state for key, issue in digests.issued.issues.items()} == {
        ("en", "2026-W17"): "mailed",
        ("en", "2026-W18"): "mailed",
        ("zh", "2026-W17"): "mailed",
    }
    assert [digests.issued.is_whole(issue) for issue in digests.issued.issues.values()] == [None] * 3
    assert [*digests.problems] == []


def test_an_editor_may_work_ahead(site: Path) -> None:
    edit(site, "---\nlead: not-yet\nadd: [search]\n---\n\nLater.\n", "2026-W18.md")
    built = CliRunner().invoke(main, ["build", str(site), "--now", MONDAY])
    result = feeds(site, "--issue")

    assert built.exit_code == 0
    assert "issues/en/2026-W18.md:2: warning" in built.output
    assert result.exit_code == 0, result.output
    assert "2026-W18.md" not in result.output


def test_a_monthly_issue_says_so_in_each_language(site: Path) -> None:
    path = site / "feeds.toml"
    path.write_text(path.read_text("utf-8").replace("[digest]\n", '[digest]\nperiod = "month"\n'), encoding="utf-8")
    result = feeds(site, "--issue", now="2026-05-01T08:00")
    public = build(site, now="2026-05-01T08:00")

    assert result.exit_code == 0, result.output
    assert {name for _, name in states(site)} == {"2026-04"}
    text = public["en/digest/2026-04/mail.txt"].decode()
    assert "April 1–30, 2026" in text
    assert "the monthly digest of" in text
    for name, data in public.items():
        assert b"weekly digest" not in data, name
        assert "周报" not in data.decode("utf-8", "replace"), name
        assert "每周" not in data.decode("utf-8", "replace"), name
