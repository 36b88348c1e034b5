"""How an issue that is too long for a mail is made to fit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import digest
from feeds.digest.fit import KEPT, Cut, cut, fit, steps
from feeds.model import Digest, Section
from tests.support import HERE, Build, open_build

THEMES = ("systems", "agents")
PADDING = "What it claims, how it works and where it stops, said in as many words as an author needs. " * 3


def busy_week(folder: Path, reviews: int, limit: int = 102_400) -> Build:
    """A site with so many reviews in one week, in two themes."""
    path = folder / "feeds.toml"
    path.write_text(path.read_text().replace("[digest]", f"[digest]\nlimit_bytes = {limit}"))
    for number in range(reviews):
        head = f"title: 'Paper {number}: what it says'\ndate: 2026-02-{number % 7 + 2:02}\ntheme: {THEMES[number % 2]}"
        paper = f"paper: {{title: The title of paper {number}, venue: ICML, year: 2026, arxiv: '2601.{number:05}'}}"
        figures = "highlights: [3.4x faster, 12% less memory]"
        (folder / f"content/en/busy-{number}.md").write_text(f"---\n{head}\n{paper}\n{figures}\n---\n{PADDING}\n")
    return open_build(folder)


def drafted(build: Build) -> tuple[Digest, digest.Draft]:
    ((issue, made),) = build.drafts([build.issues["en"]["2026-W06"]])
    return issue, made


@pytest.mark.parametrize("reviews", [60, pytest.param(300, marks=pytest.mark.slow)])
def test_a_long_issue_stays_under_the_limit_and_says_what_it_left_out(site_folder: Path, reviews: int) -> None:
    build = busy_week(site_folder, reviews)
    issue, made = drafted(build)

    assert made.size <= 102_400
    assert made.size > 90_000  # no more is cut than must be
    assert f"{reviews} posts are too many for `limit_bytes` 102,400" in str(made.problems[0])
    for text in (made.email.html, made.email.text):
        assert "https://reviews.example.org/unsubscribe" in text
        assert "Systems" in text
        assert "Agents" in text
    missing = [post for post in issue.posts if f'"{post.url}"' not in made.email.html]
    assert {post.id for post in missing} == made.cut.left_out
    if missing:
        said = re.findall(r">(\d+) more on the web<", made.email.html)
        assert sum(map(int, said)) == len(missing)
        assert all(f"{number} more on the web [" in made.email.text for number in said)


def test_the_first_reviews_of_every_theme_are_whole_longest(site_folder: Path) -> None:
    issue, made = drafted(busy_week(site_folder, 60))

    for section in issue.sections:
        states = [post.id in made.cut.short for post in section.posts]
        assert states == sorted(states)
        assert not states[0]


def test_a_page_shows_every_review_however_long_the_issue(site_folder: Path) -> None:
    build = busy_week(site_folder, 60)
    (page,) = (item for item in build.outputs() if item.path == "en/digest/2026-W06/index.html")

    assert page.data.decode().count("<article>") == 60


def test_a_limit_of_zero_cuts_nothing(site_folder: Path) -> None:
    _, made = drafted(busy_week(site_folder, 60, limit=0))

    assert made.size > 102_400
    assert not made.cut.short


@st.composite
def issues(draw: st.DrawFn) -> Digest:
    """An issue of some sections with some reviews each."""
    build = open_build(HERE / "site")
    issue = build.issues["en"]["2026-W17"]
    post = issue.posts[0]
    counts = draw(st.lists(st.integers(1, 12), min_size=1, max_size=8))
    sections = tuple(
        Section(theme=None, posts=tuple(replace(post, id=f"{place}-{rank}") for rank in range(count)))
        for place, count in enumerate(counts)
    )
    return replace(issue, sections=sections)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(issue=issues(), room=st.integers(0, 300))
def test_the_least_cut_that_fits_is_found(issue: Digest, room: int) -> None:
    sizes = [size_of(issue, cut(issue, step)) for step in range(steps(issue) + 1)]
    step = fit(issue, lambda found: found, lambda found: size_of(issue, found) <= room)

    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)
    least = next((number for number, needed in enumerate(sizes) if needed <= room), steps(issue))
    assert step == cut(issue, least)


def size_of(issue: Digest, found: Cut) -> int:
    return 5 * (len(issue.posts) - len(found.short) - len(found.left_out)) + len(found.short)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(issue=issues())
def test_no_theme_loses_its_first_review(issue: Digest) -> None:
    for step in range(steps(issue) + 1):
        found = cut(issue, step)

        assert not found.short & found.left_out
        assert len(issue.posts) - len(found.left_out) >= min(KEPT, len(issue.posts))
        assert not {section.posts[0].id for section in issue.sections} & found.left_out
