"""One post costs one post: no value of a post keeps a document from being written, or from being read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds import syndication
from feeds.build.builder import build_site
from feeds.model import Author, Feed, Image, Paper, Post
from feeds.rendered import Rendered
from feeds.syndication.checks import findings
from tests.support import NOW, Build, calm

SETTINGS = 'title = "My reviews"\nurl = "https://example.org/"\n'
BAD: dict[str, dict[str, Any]] = {
    "a title with a control character": {"title": "a\x08b"},
    "a title with a lone surrogate": {"title": "a\ud800b"},
    "a title of control characters only": {"title": "\x08"},
    "an empty title": {"title": ""},
    "a tag with a control character": {"tags": ("a\x00b",)},
    "a tag that is empty": {"tags": ("",)},
    "an author with a noncharacter": {"authors": (Author(name="a\uffffb"),)},
    "an author without a name": {"authors": (Author(name=""),)},
    "an author with a bad address": {"authors": (Author(name="A", url="x y"),)},
    "an image with a percent sign": {"image": Image(src="https://example.org/100%.png")},
    "an image without a host": {"image": Image(src="http:x")},
    "an image of infinite width": {
        "image": Image(src="https://example.org/x.svg", type="image/svg+xml", width=cast("int", float("inf")))
    },
    "a paper at no address": {"paper": Paper(url="x y")},
    "a relative address": {"url": "x"},
    "an id that is none": {"id": "tag:x"},
}
TEXTS = {
    "control characters in the text": Rendered(html="<p>a\x08b</p>", summary="a\x0bb"),
    "a lone surrogate in the text": Rendered(html="<p>a\ud800b</p>", summary="a"),
    "a script in the text": Rendered(html="<p>a</p><script>1</script>", summary="a"),
    "a relative link in the text": Rendered(html='<p><a href="x">a</a></p>', summary="a"),
}


def made(build: Build, bad: Post, text: Rendered | None = None) -> tuple[dict[str, bytes], list[str], Feed]:
    """The documents of the feed of all posts, with one post like this among them, and what was said of it."""
    feed = syndication.plan(build.site, lambda key, _: key).feeds[0]
    posts = (*feed.posts[:2], bad, *feed.posts[3:])
    feed = syndication.parts(replace(feed, posts=posts), build.site)[0]

    def render(post: Post) -> Rendered:
        return text if text and post is bad else build.render(feed.posts[0] if post is bad else post)

    outputs, problems = syndication.documents(feed, build.site, render)
    return {output.path: output.data for output in outputs}, [str(problem) for problem in problems], feed


def ids(path: str, data: bytes) -> set[str]:
    """The ids of a document's entries, by a real parser."""
    if path.endswith(".json"):
        return {item["id"] for item in json.loads(data)["items"]}
    root = etree.fromstring(data)
    return {*root.xpath("//*[local-name()='entry']/*[local-name()='id']/text() | //item/guid/text()")}


@pytest.mark.parametrize("values", BAD.values(), ids=BAD)
def test_a_bad_value_costs_its_post_and_no_document(build: Build, values: dict[str, Any]) -> None:
    bad = replace(syndication.plan(build.site, lambda key, _: key).feeds[0].posts[2], **values)

    documents, said, feed = made(build, bad)

    assert len(documents) == 3
    assert all(line.startswith(f"{bad.path}:") for line in said)
    for path, data in documents.items():
        assert ids(path, data) >= {post.id for post in feed.posts if post is not bad}
        assert [finding for finding in findings(path, data) if finding.severity == "error"] == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_bad_text_costs_its_post_and_no_document(build: Build, text: Rendered) -> None:
    bad = syndication.plan(build.site, lambda key, _: key).feeds[0].posts[2]

    documents, said, feed = made(build, bad, text)

    assert len(documents) == 3
    assert said
    assert all(line.startswith(f"{bad.path}:") for line in said)
    for path, data in documents.items():
        assert ids(path, data) == {post.id for post in feed.posts}
        assert [finding for finding in findings(path, data) if finding.severity == "error"] == []


anything = st.text(st.characters(), max_size=20)  # with control characters and lone surrogates


@calm
@given(title=anything, tag=anything, author=anything, image=anything, paper=anything, html=anything, summary=anything)
def test_documents_can_be_read_whatever_a_post_says(
    build: Build, title: str, tag: str, author: str, image: str, paper: str, html: str, summary: str
) -> None:
    bad = replace(
        syndication.plan(build.site, lambda key, _: key).feeds[0].posts[2],
        title=title,
        tags=(tag,),
        authors=(Author(name=author),),
        image=Image(src=f"https://example.org/{image}"),
        paper=Paper(title=paper, url=f"https://example.org/{paper}"),
    )

    documents, _, feed = made(build, bad, Rendered(html=html, summary=summary))

    assert len(documents) == 3
    for path, data in documents.items():
        assert ids(path, data) >= {post.id for post in feed.posts if post is not bad}


HONEST = {
    "a summary that begins with an element": ("", "`<img>` is the element of pictures."),
    "a summary of escaped HTML": ("", "`&lt;b&gt;` is bold."),
    "an old DOI": ('paper:\n  doi: "10.1002/(SICI)1096-8644(199610)101:2<157::AID-AJPA3>3.0.CO;2-N"\n', "x"),
    "a percent sign in the name of a picture": ("image: 100%.png\n", "x"),
    "a picture with a blank in its name": ("image: my picture.png\n", "x"),
    "a picture that claims a huge size": ("image: p.svg\n", "x"),
}


@pytest.mark.parametrize(("keys", "text"), HONEST.values(), ids=HONEST)
def test_what_an_author_means_well_stops_nothing_and_is_no_mistake(tmp_path: Path, keys: str, text: str) -> None:
    (tmp_path / "feeds.toml").write_text(SETTINGS)
    (tmp_path / "content/a").mkdir(parents=True)
    (tmp_path / "content/a/p.svg").write_text(f'<svg width="{"9" * 400}" height="1"/>')
    (tmp_path / "content/a.md").write_text(f"---\ntitle: A\ndate: 2026-04-20\n{keys}---\n\n{text}\n")
    (tmp_path / "content/b.md").write_text("---\ntitle: B\ndate: 2026-04-19\n---\n\nx\n")

    result = build_site(tmp_path, NOW, cache=False)

    assert [str(problem) for problem in result.problems if problem.severity == "error"] == []
    for name in ("atom.xml", "rss.xml", "feed.json"):
        data = (tmp_path / "public" / name).read_bytes()
        assert len(ids(name, data)) == 2, name


@pytest.mark.parametrize("reference", ["&#8;", "&#11;", "&#1;", "&#xFFFE;", "&#x8", "&#xD800;", "&#128;", "&#0;"])
@pytest.mark.parametrize(
    "place", ["%s in words", "`code %s`", "# %s", "[a](https://example.org/%s)", "<p>%s</p>", "$x %s$"]
)
def test_a_reference_to_a_control_character_costs_nothing_but_itself(
    tmp_path: Path, place: str, reference: str
) -> None:
    (tmp_path / "feeds.toml").write_text(SETTINGS)
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.md").write_text(f"---\ntitle: A\ndate: 2026-04-20\n---\n\nWords.\n\n{place % reference}\n")

    result = build_site(tmp_path, NOW, cache=False)

    assert [str(problem) for problem in result.problems if problem.severity == "error"] == []
    for name in ("atom.xml", "rss.xml", "feed.json", "digest/2026-W17/mail.html", "digest/2026-W17/index.html"):
        text = (tmp_path / "public" / name).read_text()
        assert not any((ord(char) < 32 and char not in "\t\r\n") or char in "\ufffe\uffff" for char in text), name


def test_a_value_of_the_front_matter_that_a_tag_brings_into_the_text_is_cleaned(tmp_path: Path) -> None:
    (tmp_path / "hugo.toml").write_text('title = "T"\nbaseURL = "https://example.org/"\n')
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.md").write_text(
        '{\n"title": "A",\n"date": "2026-04-20",\n"foo": "a\\u0008b\\ud800"\n}\n\n{{< param foo >}}\n'
    )

    result = build_site(tmp_path, NOW, cache=False)

    assert [str(problem) for problem in result.problems if problem.severity == "error"] == []
    assert len(ids("x.xml", next((tmp_path / "public").rglob("atom.xml")).read_bytes())) == 1
