"""Which review makes which issue, and what its mail holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from feeds import digest
from feeds.model import Digest, Output, Site
from feeds.site.i18n import bundled
from feeds.text import width
from tests.support import Build, open_build


def issue(build: Build, code: str, week: str) -> Digest:
    return build.issues[code][week]


def mail(build: Build, code: str, week: str) -> dict[str, str]:
    outputs = [
        output
        for found, made in build.drafts([issue(build, code, week)])
        for output in digest.mail(made, found, build.site)
    ]
    return {output.path.rsplit("/", 1)[1]: output.data.decode("utf-8", "replace") for output in outputs}


def on_day(site: Site, day: int) -> Site:
    settings = site.settings
    return replace(site, settings=replace(settings, digest=replace(settings.digest, day=day)))


def test_sections_follow_the_settings_and_what_has_no_theme_comes_last(build: Build) -> None:
    march = issue(build, "en", "2026-W10")
    april = issue(build, "en", "2026-W17")

    assert [
        (section.theme and section.theme.id, [post.slug for post in section.posts]) for section in april.sections
    ] == [
        ("systems", ["attention"]),
        ("agents", ["search"]),
    ]
    assert [section.theme for section in march.sections] == [None]


def test_a_review_with_two_themes_appears_once_under_its_first(build: Build) -> None:
    assert [
        (section.theme and section.theme.id, len(section.posts)) for section in issue(build, "zh", "2026-W07").sections
    ] == [("agents", 1)]


def test_an_issue_covers_seven_days_in_the_sites_time_zone(build: Build) -> None:
    found = issue(build, "en", "2026-W17")

    assert found.since.isoformat() == "2026-04-20T00:00:00+08:00"
    assert found.until.isoformat() == "2026-04-27T00:00:00+08:00"


def test_an_empty_week_is_no_issue(build: Build) -> None:
    assert list(build.issues["en"]) == ["2026-W17", "2026-W10", "2026-W01"]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(day=st.integers(0, 6), moment=st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)))
def test_every_moment_falls_into_exactly_the_issue_its_week_names(day: int, moment: datetime) -> None:
    site = on_day(open_site_once(), day)
    zone = site.settings.timezone
    published = moment.replace(tzinfo=zone)
    only = replace(site, posts=(replace(site.select("en")[0], published=published),))

    (found,) = digest.gather(only)["en"].values()

    assert found.posts == only.posts
    assert found.since <= published < found.until
    assert found.until.weekday() == day
    assert (found.last_day - found.since.date()).days == 6
    assert found.week == "{}-W{:02}".format(*found.last_day.isocalendar())


_SITE: list[Site] = []


def open_site_once() -> Site:
    if not _SITE:
        _SITE.append(open_build(Path(__file__).parent / "site").site)
    return _SITE[0]


def test_html_and_text_carry_the_same_reviews_and_links(build: Build) -> None:
    for code, week in (("en", "2026-W17"), ("zh", "2026-W17"), ("en", "2026-W10"), ("zh", "2026-W07")):
        files = mail(build, code, week)
        page = lxml_html.fromstring(files["mail.html"].encode())
        links = {str(link) for link in page.xpath("//a/@href")}

        for post in issue(build, code, week).posts:
            assert post.title in page.text_content()
            assert post.title.split("：")[0].split(":")[0] in files["mail.txt"]
        assert links == set(re.findall(r"https?://[^\s<>）)]+", files["mail.txt"])), (code, week)


def test_every_link_of_a_mail_is_absolute(build: Build) -> None:
    page = lxml_html.fromstring(mail(build, "en", "2026-W17")["mail.html"].encode())

    assert [link for link in page.xpath("//@href|//@src") if not re.match(r"https?://", str(link))] == []


def test_the_text_part_keeps_to_76_columns(build: Build) -> None:
    for code, week in (("en", "2026-W17"), ("zh", "2026-W17")):
        lines = mail(build, code, week)["mail.txt"].splitlines()

        assert [line for line in lines if width(line) > 76 and "http" not in line] == []


def test_a_mail_keeps_its_dark_mode_and_no_other_style_block(build: Build) -> None:
    html = mail(build, "en", "2026-W17")["mail.html"]

    assert html.startswith("<!DOCTYPE html")
    assert html.count("<style") == 2  # what stays in the head, and Outlook's
    assert re.search(r"<h1[^>]* style=[^>]*font-size", html)
    assert re.search(r"prefers-color-scheme:\s*dark.*!important", html, re.DOTALL)
    assert "<link" not in html
    assert "var(" not in html


def test_a_formula_on_its_own_is_a_file_beside_the_mail_and_a_part_of_the_message(build: Build) -> None:
    files = mail(build, "en", "2026-W17")
    (name,) = (name for name in files if name.endswith(".png"))

    assert f'src="https://reviews.example.org/en/digest/2026-W17/{name}"' in files["mail.html"]
    assert f"Content-ID: <{name}@reviews.example.org>" in files["mail.eml"]
    assert f"cid:{name}" in files["mail.eml"].replace("=\r\n", "")


def test_the_links_of_an_excerpt_stand_in_the_text_part_too(build: Build) -> None:
    assert re.search(r"^  reason \[\d+\]$", mail(build, "en", "2026-W17")["mail.txt"], re.MULTILINE)


def test_code_in_an_excerpt_is_coloured_by_classes_that_turn_light_in_the_dark(build: Build) -> None:
    html = mail(build, "en", "2026-W17")["mail.html"]
    classes = set(re.findall(r'<span class="(\w)" style="color:', html))

    assert classes == {"c"}
    assert all(f".{name}{{color" in html or f".{name} {{color" in html or f".{name}," in html for name in classes)


def test_formulas_in_a_summary_are_readable_text(build: Build) -> None:
    files = mail(build, "en", "2026-W17")

    assert "O(n2)" in re.sub(r"<[^>]*>", "", files["mail.html"])
    assert re.search(r"<i>n</i><sup [^>]*>2</sup>", files["mail.html"])
    assert "O(n²)" in files["mail.txt"]
    assert "<math" not in files["mail.html"]


def test_every_issue_has_its_page_and_the_newest_its_mail(build: Build) -> None:
    paths = {output.path for output in build.outputs()}

    assert {path for path in paths if path.startswith("en/digest/")} == {
        "en/digest/atom.xml",
        "en/digest/index.html",
        "en/digest/2026-W01/index.html",
        "en/digest/2026-W10/index.html",
        "en/digest/2026-W17/index.html",
        "en/digest/2026-W17/mail.eml",
        "en/digest/2026-W17/mail.html",
        "en/digest/2026-W17/mail.txt",
        "en/digest/2026-W17/formula-7e8cf38846de.png",
    }


def test_a_new_post_changes_only_its_own_weeks_issue(site_folder: Path) -> None:
    def pages() -> dict[str, bytes]:
        outputs: list[Output] = list(open_build(site_folder).outputs())
        return {item.path: item.data for item in outputs if re.search(r"digest/\d{4}-W\d\d/index.html", item.path)}

    before = pages()
    post = site_folder / "content/en/new.md"
    post.write_text("---\ntitle: New\ndate: 2026-03-05\n---\nText.\n")
    after = pages()

    assert {path for path in after if before.get(path) != after[path]} == {"en/digest/2026-W10/index.html"}


def test_a_translation_that_comes_later_leaves_the_old_issue_as_it_was(site_folder: Path) -> None:
    def page(build: Build) -> bytes:
        return next(item.data for item in build.outputs() if item.path == "en/digest/2026-W10/index.html")

    before = page(open_build(site_folder))
    (march,) = issue(open_build(site_folder), "en", "2026-W10").posts[:1]
    (site_folder / f"content/zh/{Path(march.path).name}").write_text(
        "---\ntitle: 译文\ndate: 2026-04-21\n---\n正文。\n"
    )
    build = open_build(site_folder)

    assert build.site.translations(issue(build, "en", "2026-W10").posts[0])
    assert page(build) == before


def test_a_long_title_gives_way_to_what_follows_it_in_the_subject(site_folder: Path) -> None:
    post = site_folder / "content/en/attention.md"
    post.write_text(re.sub("title: .*", f"title: {'A very long title ' * 20}", post.read_text(), count=1))
    ((_, made),) = open_build(site_folder).drafts([issue(open_build(site_folder), "en", "2026-W17")])

    assert width(made.email.subject) <= 100
    assert made.email.subject.endswith("… and 1 more")


def test_colours_logo_and_a_footer_line_come_from_the_settings(site_folder: Path) -> None:
    path = site_folder / "feeds.toml"
    look = '[look]\naccent = "#ffcc00"\nlogo = { src = "/logo.png", width = 120, height = 40 }\n'
    text = path.read_text().replace("[themes.systems]", f'{look}[themes.systems]\ncolor = "#C0392B"')
    path.write_text(
        text.replace("[digest]", '[digest]\nfooter = { en = "Printed on paper & ink.", zh = "纸上印刷。" }')
    )

    build = open_build(site_folder)
    english, chinese = mail(build, "en", "2026-W17"), mail(build, "zh", "2026-W17")

    page = lxml_html.fromstring(english["mail.html"].encode())
    (logo,) = page.xpath("//img[@class='logo']")
    assert dict(logo.attrib) | {"style": "", "class": ""} == {
        "class": "",
        "style": "",
        "src": "https://reviews.example.org/logo.png",
        "alt": "Small Reviews",
        "width": "120",
        "height": "40",
        "border": "0",
    }
    assert "border-color:#ffcc00" in english["mail.html"]
    assert "color:#c0392b" in english["mail.html"]
    assert "Printed on paper &amp; ink." in english["mail.html"]
    assert "Printed on paper & ink." in english["mail.txt"]
    assert "纸上印刷。" in chinese["mail.html"]


def test_a_mail_over_the_limit_is_a_warning(site_folder: Path) -> None:
    path = site_folder / "feeds.toml"
    path.write_text(path.read_text().replace("[digest]", "[digest]\nlimit_bytes = 1000"))
    build = open_build(site_folder)
    list(build.outputs())

    found = [problem for problem in build.problems if "limit_bytes" in problem.message]

    assert sorted({problem.path for problem in found}) == [
        "en/digest/2026-W17/mail.html",
        "zh/digest/2026-W17/mail.html",
    ]


@pytest.mark.parametrize(
    "title",
    [
        "A title\\r\\nBcc: x@example.org",
        "<style>*{display:none}</style>",
        "{{ 7*7 }}",
        "</td></tr></table><script>x</script>",
    ],
)
def test_a_hostile_title_stays_text(site_folder: Path, title: str) -> None:
    post = site_folder / "content/en/search.md"
    post.write_text(post.read_text().replace("title: Search before you act", f'title: "{title}"'))
    build = open_build(site_folder)

    files = mail(build, "en", "2026-W17")

    page = lxml_html.fromstring(files["mail.html"].encode())
    shown = title.replace("\\r\\n", " ")
    assert shown in page.text_content()
    assert "\nBcc:" not in files["mail.eml"]
    assert "<script" not in files["mail.html"]
    assert "49" not in re.sub(r"#\w+|\d+px", "", page.xpath("string(//title)"))


def issues_feed(folder: Path, now: datetime) -> Any:
    (data,) = (item.data for item in open_build(folder, now).outputs() if item.path == "en/digest/atom.xml")
    found = feedparser.parse(data, sanitize_html=False)
    assert not found.bozo
    return found


def test_the_feed_of_issues_holds_an_entry_for_every_week_that_is_over(site_folder: Path) -> None:
    open_week = issues_feed(site_folder, datetime(2026, 4, 23, tzinfo=UTC))
    over = issues_feed(site_folder, datetime(2026, 4, 27, tzinfo=UTC))

    here = "https://reviews.example.org/en/digest/"
    assert [entry.link for entry in open_week.entries] == [f"{here}2026-W10/", f"{here}2026-W01/"]
    assert [entry.link for entry in over.entries] == [f"{here}2026-W17/", f"{here}2026-W10/", f"{here}2026-W01/"]
    assert over.entries[0].id == "tag:reviews.example.org,2026-04-27:en/digest-2026-W17"
    assert over.entries[0].published == "2026-04-27T00:00:00+08:00"
    assert "Attention &amp; &lt;mask&gt;: what it costs</a>" in over.entries[0].content[0].value
    assert over.feed.link == here


def test_an_entry_of_a_past_issue_does_not_change_with_time(site_folder: Path) -> None:
    soon = issues_feed(site_folder, datetime(2026, 4, 27, tzinfo=UTC))
    late = issues_feed(site_folder, datetime(2029, 1, 1, tzinfo=UTC))

    assert soon.entries == late.entries


def test_a_post_of_the_new_week_does_not_take_away_the_mail_of_the_last(site_folder: Path) -> None:
    (site_folder / "content/en/new.md").write_text("---\ntitle: New\ndate: 2026-04-27 07:00\n---\nText.\n")
    build = open_build(site_folder, datetime(2026, 4, 27, 2, tzinfo=UTC))

    mails = {output.path for output in build.outputs() if output.path.endswith(".eml")}

    assert {path for path in mails if path.startswith("en/")} == {
        "en/digest/2026-W17/mail.eml",
        "en/digest/2026-W18/mail.eml",
    }


def test_what_is_wrong_with_a_mail_is_told_with_the_line_that_causes_it(site_folder: Path) -> None:
    post = site_folder / "content" / "en" / "search.md"
    post.write_text(post.read_text().replace("(attention.md)", "(http://plain.example/)"))
    templates = site_folder / "templates"
    templates.mkdir()
    css = (bundled() / "mail.css").read_text()
    (templates / "mail.css").write_text(css.replace(".soft { color: #59626d; }", ".soft { color: #b0b0b0; }"))
    build = open_build(site_folder)

    outputs = {output.path for output in build.outputs()}

    told = [str(problem) for problem in build.problems if "2026-W17/mail.html: " in problem.message]
    line = post.read_text().split("\n").index("its [reason](http://plain.example/) and what follows:") + 1
    assert any(
        text.startswith(f"content/en/search.md:{line}: warning: in en/digest/2026-W17/mail.html: http://plain")
        for text in told
    )
    assert any(text.startswith("templates/mail.css:7: warning: ") and "#b0b0b0 on #ffffff" in text for text in told)
    assert "en/digest/2026-W17/mail.eml" in outputs  # warnings stop nothing


def test_a_mail_with_an_error_is_not_written(site_folder: Path) -> None:
    templates = site_folder / "templates"
    templates.mkdir()
    html = (bundled() / "mail.html").read_text()
    (templates / "mail.html").write_text(html.replace("<h1 ", '<form action="https://example.org/"></form><h1 '))
    build = open_build(site_folder)

    outputs = {output.path for output in build.outputs()}

    assert "en/digest/2026-W17/index.html" in outputs
    assert not [path for path in outputs if "/mail." in path]
    assert [problem.path for problem in build.problems if problem.severity == "error"] == ["templates/mail.html"] * 2
