"""Feeds where the blog's own generator has them: the same posts, ids and dates at the same addresses.

`channels/` are made-up blogs under several configurations, with what the real generators made of them (see
`tests/generators.py`); `channels/differences.tsv` says where ours differ, and why.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest

from feeds.build.builder import build_site
from tests import generators
from tests.generators import CASES, CHANNELS, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DIFFERENCES = CHANNELS / "differences.tsv"
FIELDS = ("id", "link", "published", "updated", "authors", "categories")


def explained() -> list[tuple[str, str, str, str]]:
    """Case, feed and difference, each as a pattern, and why."""
    with DIFFERENCES.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if line.strip() and not line.startswith("#"))
        return [(row[0], row[1], row[2], row[3]) for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def page(entry: Entry) -> str:
    """The page of an entry, without what two programs may write in two ways."""
    return unquote(urlsplit(entry.link).path).replace("//", "/")


def differences(theirs: list[Entry], ours: list[Entry] | None) -> Iterator[str]:
    """How a feed of ours differs from the generator's; what that one does not say cannot differ."""
    if ours is None:
        yield "is missing"
        return
    there, here = ({page(entry): entry for entry in reversed(feed)} for feed in (theirs, ours))
    yield from (f"without {name}" for name in there.keys() - here.keys())
    yield from (f"also {name}" for name in here.keys() - there.keys())
    if [name for name in there if name in here] != [name for name in here if name in there]:
        yield "order"
    for name in there.keys() & here.keys():
        for field in FIELDS:
            said = getattr(there[name], field)
            if said and said != getattr(here[name], field):
                yield f"{field} {name}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The output folder of each case, built by us alone."""
    folder = tmp_path_factory.mktemp("channels")
    blogs = {case: generators.blog(case, folder) for case in CASES}
    for root in blogs.values():
        (root / "feeds.toml").write_text("[digest]\nenabled = false\n[feeds]\npages = false\n")
    return {case: build_site(root, NOW, cache=False).out for case, root in blogs.items()}


def found(case: str, theirs: generators.Table, out: Path) -> set[tuple[str, str, str]]:
    ours = generators.feeds(out)
    return {(case, feed, one) for feed, entries in theirs.items() for one in differences(entries, ours.get(feed))}


@pytest.mark.parametrize("case", CASES)
def test_each_feed_of_the_generator_is_at_its_place_with_the_same_entries(case: str, built: dict[str, Path]) -> None:
    different = found(case, generators.read(CHANNELS / f"{case}.tsv"), built[case])

    known = [one[:3] for one in explained()]
    assert {one for one in different if not any(all(map(fnmatchcase, one, patterns)) for patterns in known)} == set()


def test_every_reason_explains_a_difference(built: dict[str, Path]) -> None:
    different = {one for case in CASES for one in found(case, generators.read(CHANNELS / f"{case}.tsv"), built[case])}

    for *patterns, reason in explained():
        assert reason
        assert any(all(map(fnmatchcase, one, patterns)) for one in different), patterns


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_tables_are_what_the_generators_make_today(case: str, tmp_path: Path) -> None:
    name = case.partition(".")[0]
    if not generators.program(name):
        pytest.skip(f"{name} is not installed; tests/generators.py says how")
    assert generators.feeds(generators.generate(name, generators.blog(case, tmp_path))) == generators.read(
        CHANNELS / f"{case}.tsv"
    )


def contents(path: Path) -> dict[str, bool]:
    """Whether each entry of an Atom feed has its text, by title."""
    atom = "{http://www.w3.org/2005/Atom}"
    entries = ElementTree.fromstring(path.read_bytes()).iter(f"{atom}entry")
    return {entry.findtext(f"{atom}title", ""): entry.find(f"{atom}content") is not None for entry in entries}


def test_a_blog_or_a_post_that_wants_excerpts_only_has_no_texts_in_its_feed(built: dict[str, Path]) -> None:
    of_blog, of_post = contents(built["jekyll.tags"] / "feed.xml"), contents(built["jekyll.terms"] / "feed.xml")

    assert len(of_blog) == len(of_post) > 5
    assert not any(of_blog.values())
    assert [title for title, there in of_post.items() if not there] == ["Second", "Alpha"]  # which has no text at all
    assert all(contents(built["hexo.order"] / "updated.xml").values())


def test_a_key_that_the_permalink_of_hexo_asks_for_is_named_and_a_list_is_joined(tmp_path: Path) -> None:
    root = generators.small_blog(tmp_path, "hexo", "permalink: :abbrlink/\n")
    (root / "source/_posts/two.md").write_text("---\ntitle: Two\ndate: 2026-01-06\nabbrlink: [b, 2]\n---\nText.\n")
    site = build_site(root, NOW, cache=False)

    assert {post.slug: urlsplit(post.url).path for post in site.site.posts} == {"two": "/b,2/", "one": "/undefined/"}
    (said,) = (str(problem) for problem in site.problems if problem.code == "slug-missing")
    assert said.startswith(
        "source/_posts/one.md:1: warning: `abbrlink` is missing; `permalink` of _config.yml needs it"
    )
