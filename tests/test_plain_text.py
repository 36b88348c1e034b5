"""Text is text: what posts and settings say of HTML is in every feed as it was written."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

import feedparser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from feeds.syndication.checks import findings
from tests.support import HERE, open_build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ABOUT_HTML = (
    *("<em>", "</em>", "<br>", "<b>x</b>", "<img src=http://e.org/a?x=1>", "<!--", "-->", "]]>", "<![CDATA[", "<p"),
    *("&amp;", "&amp;amp;", "&lt;b&gt;", "&lt;em&gt;x&lt;/em&gt;", "&#39;", "&copy;", "&", "<", ">", '"', "'"),
    *("<mask>", "<script>", '<a href="x" onclick=y>', "<?php", "%3C", "{{ x }}", "\\", "`", "*", "_", "字", " ", "a"),
)
PRINTABLE = st.characters(exclude_categories=["C", "Z"])
texts = (
    st.lists(st.sampled_from(ABOUT_HTML) | PRINTABLE, min_size=1, max_size=8)
    .map(lambda pieces: " ".join("".join(pieces).split()))
    .filter(bool)
)
ELEMENTS = "<em> and <i> look alike, and mean different things."
PICTURE = "<img src=http://e.org/a?x=1> loads a picture"
ENTITIES = "&lt;b&gt; is how to write <b>bold</b>, &amp;amp; how to write &amp;"


def escaped(text: str) -> str:
    """Markdown that shows this text."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def written(root: Path, said: dict[str, str]) -> None:
    """A site that says each of these texts where its key is."""
    quoted = {key: json.dumps(text, ensure_ascii=False) for key, text in said.items()}
    (root / "feeds.toml").write_text(
        'title = {site}\ndescription = {description}\nrights = {rights}\nurl = "https://example.org/"\n'
        "author = {{ name = {owner} }}\n[themes.one]\ntitle = {theme}\n".format(**quoted),
        encoding="utf-8",
    )
    head = {
        "title": said["title"],
        "date": "2026-04-20",
        "theme": "one",
        "tags": [said["tag"]],
        "authors": [said["author"]],
        "paper": {"title": said["paper"], "url": "https://example.org/paper"},
        "summary": escaped(said["summary"]),
    }
    picture = f"![{escaped(said['alt'])}](https://example.org/i.png)"
    content = root / "content"
    content.mkdir()
    (content / "one.md").write_text(f"{json.dumps(head, indent=1)}\n\nText. {picture}\n", encoding="utf-8")
    (content / "two.md").write_text("---\ntitle: By the owner\ndate: 2026-04-19\n---\n\nText.\n", encoding="utf-8")


def in_xml(data: bytes, *, is_rss: bool) -> dict[str, str]:
    found = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo, found.get("bozo_exception")
    first, second = found.entries
    return {
        "site": found.feed.title,
        "description": found.feed.subtitle,
        "rights": found.feed.rights,
        "owner": second.authors[0].name,
        "theme": first.tags[0].label or first.tags[0].term,
        "title": first.title,
        "tag": first.tags[1].label or first.tags[1].term,
        "author": first.authors[0].name,
        "paper": next(link.title for link in first.links if link.rel == "via"),
        "alt": alt(first.content[0].value),
        "summary": html.unescape(first.summary) if is_rss else first.summary,  # HTML there (RSS profile)
    }


def in_json(data: bytes) -> dict[str, str]:
    feed = json.loads(data)
    item = feed["items"][0]
    return {
        "site": feed["title"],
        "description": feed["description"],
        "owner": feed["authors"][0]["name"],
        "title": item["title"],
        "tag": item["tags"][1],
        "author": item["authors"][0]["name"],
        "alt": alt(item["content_html"]),
        "summary": item["summary"],
    }


def alt(fragment: str) -> str:
    (text,) = lxml_html.fragment_fromstring(fragment, create_parent=True).xpath("//img/@alt")
    return str(text)


KEYS = ["site", "description", "rights", "owner", "theme", "title", "tag", "author", "paper", "alt", "summary"]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(said=st.fixed_dictionaries(dict.fromkeys(KEYS, texts)))
@example(said=dict.fromkeys(KEYS, ELEMENTS))
@example(said=dict.fromkeys(KEYS, PICTURE))
@example(said=dict.fromkeys(KEYS, ENTITIES))
def test_any_text_is_in_every_feed_as_it_was_written(
    said: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    # feedparser takes a Latin-1 text for badly decoded UTF-8 when it can be; this one it leaves
    said = {key: text if key == "summary" else f"深{text}" for key, text in said.items()}
    root = tmp_path_factory.mktemp("site")
    written(root, said)

    build = open_build(root)
    files = {output.path: output.data for output in build.outputs()}

    assert [problem for problem in build.problems if "HTML" in problem.message or problem.severity == "error"] == []
    assert said == in_xml(files["atom.xml"], is_rss=False)
    assert said == in_xml(files["rss.xml"], is_rss=True)
    assert said == said | in_json(files["feed.json"])
    assert said["title"] == etree.fromstring(files["one/atom.xml"]).findtext("{*}entry/{*}title")
    assert said["site"] == etree.fromstring(files["feeds.opml"]).findtext("head/title")
    assert "digest/atom.xml" in files


TEXTS = {
    "atom/good.xml": "{*}title {*}subtitle {*}rights {*}author/{*}name {*}entry/{*}title {*}entry/{*}summary",
    "rss/good.xml": "channel/title channel/description channel/item/title channel/item/category .//{*}creator",
}


def saying(text: str) -> Iterator[tuple[str, str, bytes]]:
    """Sound documents that say this text in each place for text: place, name, document."""
    for name, places in TEXTS.items():
        for place in places.split():
            root = etree.parse(HERE / "checks" / name).getroot()
            for element in root.iterfind(place):
                element.text = text
                yield f"{name} {place}", "feed.xml", etree.tostring(root, encoding="utf-8")
    for key in ("title", "summary"):
        feed = json.loads((HERE / "checks/json/good.json").read_text(encoding="utf-8"))
        feed["items"][0][key] = text
        yield f"json/good.json {key}", "feed.json", json.dumps(feed).encode()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=texts)
@example(text=ELEMENTS)
@example(text=PICTURE)
@example(text=ENTITIES)
def test_no_text_in_anybodys_feed_is_an_error(text: str) -> None:
    for place, name, data in saying(text):
        assert [finding for finding in findings(name, data) if finding.severity == "error"] == [], place


@pytest.mark.parametrize("text", ["<p>Short.</p>", "<b>One</b>", "One &amp; two", "It&#39;s one"])
def test_what_was_html_before_it_was_text_is_a_warning_at_most(text: str) -> None:
    warned = {place for place, name, data in saying(text) if findings(name, data)}

    assert warned >= {"json/good.json title", "atom/good.xml {*}entry/{*}title", "rss/good.xml channel/item/title"}
