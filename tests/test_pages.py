"""The subscribe pages, the lines by which programs find the feeds, and what a browser shows of a feed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support import Build, open_build

POST = "---\ntitle: {}\ndate: 2026-04-2{}\n---\nText.\n"


class Page(HTMLParser):
    """What a page says, for those who read its elements and not its markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.fields: list[str] = []
        self.text = ""
        self._in_field = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.elements.append((tag, values))
        if values.get("class") == "address":
            self._in_field = True
            self.fields.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_field = self._in_field and tag != "code"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_field:
            self.fields[-1] += data

    def values(self, tag: str, name: str) -> list[str]:
        return [attributes[name] for element, attributes in self.elements if element == tag and name in attributes]

    @property
    def feeds(self) -> list[str]:
        """The addresses a program is told, in order."""
        links = (attributes for tag, attributes in self.elements if tag == "link")
        return [link["href"] for link in links if link["rel"] == "alternate" and link.get("type")]


def made(build: Build) -> dict[str, str]:
    return {output.path: output.data.decode() for output in build.outputs() if not output.path.endswith(".png")}


def pages(outputs: Mapping[str, str]) -> dict[str, Page]:
    return {
        path.removesuffix("index.html"): Page(text)
        for path, text in outputs.items()
        if path.endswith("subscribe/index.html")
    }


def site(root: Path, more: str = "", posts: int = 1) -> Build:
    """A site of one language; `more` goes to its settings."""
    (root / "content").mkdir()
    (root / "feeds.toml").write_text(
        f'title = "Plain & <simple>"\nurl = "https://plain.example.org/blog/"\ntimezone = "UTC"\n{more}'
    )
    for number in range(posts):
        (root / f"content/post-{number}.md").write_text(POST.format(f"Post {number}", number))
    return open_build(root)


@pytest.fixture(scope="module")
def outputs(build: Build) -> dict[str, str]:
    return made(build)


def test_there_is_a_page_for_each_language_and_one_for_all(outputs: dict[str, str]) -> None:
    tags = {folder: page.values("html", "lang") for folder, page in pages(outputs).items()}

    assert tags == {"subscribe/": ["en"], "en/subscribe/": ["en"], "zh/subscribe/": ["zh-Hans"]}


def test_every_address_is_absolute(outputs: dict[str, str]) -> None:
    for page in pages(outputs).values():
        addresses = page.values("a", "href") + page.values("link", "href") + page.fields

        assert [address for address in addresses if not address.startswith("https://reviews.example.org/")] == []


def test_nothing_runs_and_nothing_is_loaded(outputs: dict[str, str]) -> None:
    for page in pages(outputs).values():
        tags = {tag for tag, _ in page.elements}
        handlers = [name for _, attributes in page.elements for name in attributes if name.startswith("on")]

        assert tags & {"script", "img", "iframe", "object", "form"} == set()
        assert handlers == []
        assert "stylesheet" not in page.values("link", "rel")


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_language_has_every_document_of_its_feeds_on_its_page(outputs: dict[str, str], code: str) -> None:
    documents = {
        f"https://reviews.example.org/{path}"
        for path in outputs
        if re.fullmatch(rf"{code}/(\w+/)?(atom\.xml|rss\.xml|feed\.json)", path)
    }
    page = pages(outputs)[f"{code}/subscribe/"]

    assert len(documents) >= 10
    assert documents <= {*page.fields, *page.values("a", "href")}


def test_the_page_of_all_languages_has_every_feed(outputs: dict[str, str]) -> None:
    opml = Page(outputs["feeds.opml"].replace("xmlUrl", "href"))
    every = set(opml.values("outline", "href"))
    page = pages(outputs)["subscribe/"]

    assert every <= set(page.fields)
    assert every <= set(page.feeds)
    assert page.fields[0] == "https://reviews.example.org/atom.xml"


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_first_address_to_copy_is_the_main_feed(outputs: dict[str, str], code: str) -> None:
    here = f"https://reviews.example.org/{code}/"

    assert pages(outputs)[f"{code}/subscribe/"].fields[:3] == [
        f"{here}{name}" for name in ("atom.xml", "rss.xml", "feed.json")
    ]


@pytest.mark.parametrize("code", ["en", "zh"])
def test_programs_find_the_feeds_of_the_pages_own_language_first(outputs: dict[str, str], code: str) -> None:
    feeds = pages(outputs)[f"{code}/subscribe/"].feeds
    own = [address.startswith(f"https://reviews.example.org/{code}/") for address in feeds]

    assert feeds[0] == f"https://reviews.example.org/{code}/atom.xml"
    assert own == sorted(own, reverse=True)
    assert own.count(False) == 2  # all languages, and the other one
    assert len(set(feeds)) == len(feeds)


@pytest.mark.parametrize("folder", ["subscribe/", "en/subscribe/", "zh/subscribe/"])
def test_the_snippet_holds_the_pages_lines_and_nothing_else(outputs: dict[str, str], folder: str) -> None:
    snippet = outputs[f"{folder}autodiscovery.html"]
    head = outputs[f"{folder}index.html"].split("</head>")[0]

    assert snippet in head
    assert Page(snippet).feeds == Page(head).feeds
    assert all(
        re.fullmatch(r'<link rel="alternate" type="[^"]+" title="[^"]+" href="[^"]+">', line)
        for line in snippet.splitlines()
    )


def test_every_line_for_programs_has_a_title_of_its_own(outputs: dict[str, str]) -> None:
    for path in ("subscribe/", "en/subscribe/", "zh/subscribe/"):
        titles = Page(outputs[f"{path}autodiscovery.html"]).values("link", "title")

        assert len(set(titles)) == len(titles)


def test_editions_are_linked_in_their_own_language(outputs: dict[str, str]) -> None:
    links = [attributes for tag, attributes in pages(outputs)["zh/subscribe/"].elements if tag == "a"]
    here = "https://reviews.example.org/"

    assert {"href": f"{here}en/subscribe/", "hreflang": "en", "lang": "en"} in links
    assert {"href": f"{here}subscribe/"} in links


def test_a_title_in_another_language_says_so(outputs: dict[str, str]) -> None:
    links = [attributes for tag, attributes in pages(outputs)["subscribe/"].elements if tag == "a"]
    titles = [link for link in links if re.search(r"/zh/(notes|attention)/$", link["href"])]

    assert titles
    assert {link.get("lang") for link in titles} == {"zh-Hans"}


def test_a_new_post_stands_with_its_date_and_theme(outputs: dict[str, str]) -> None:
    text = " ".join(pages(outputs)["zh/subscribe/"].text.split())

    assert re.search(r"2026 年 4 月 \d+ 日 · 系统", text)


def test_a_site_of_one_language_without_themes_has_one_plain_page(tmp_path: Path) -> None:
    outputs = made(site(tmp_path))
    found = pages(outputs)
    page = found["subscribe/"]
    here = "https://plain.example.org/blog/"

    assert list(found) == ["subscribe/"]
    assert page.fields == [
        f"{here}{name}" for name in ("atom.xml", "rss.xml", "feed.json", "feeds.opml", "digest/atom.xml")
    ]
    assert page.feeds == [f"{here}{name}" for name in ("atom.xml", "rss.xml", "feed.json", "digest/atom.xml")]
    assert "theme" not in page.text.split("</style>")[-1].split("New to feeds?")[1]
    assert "Plain & <simple>" in page.text
    assert Page(outputs["subscribe/autodiscovery.html"]).values("link", "title")[0] == "Plain & <simple> (Atom)"


def test_a_site_without_posts_offers_no_digest(tmp_path: Path) -> None:
    page = pages(made(site(tmp_path, posts=0)))["subscribe/"]

    assert "https://plain.example.org/blog/atom.xml" in page.fields
    assert [address for address in page.fields + page.feeds + page.values("a", "href") if "digest" in address] == []


def test_twelve_themes_are_all_there(tmp_path: Path) -> None:
    themes = [f"theme-{number}" for number in range(12)]
    page = pages(made(site(tmp_path, "".join(f'[themes.{theme}]\ntitle = "Theme {theme}"\n' for theme in themes))))[
        "subscribe/"
    ]

    for theme in themes:
        assert f"https://plain.example.org/blog/{theme}/atom.xml" in page.fields
        assert f"https://plain.example.org/blog/{theme}/atom.xml" in page.feeds
        assert f"Theme {theme}" in page.text


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_what_is_not_made_is_not_offered(tmp_path: Path, form: str) -> None:
    outputs = made(site(tmp_path, f'[themes.one]\n[feeds]\nformats = ["{form}"]\n'))
    page = pages(outputs)["subscribe/"]
    offered = [*page.fields, *page.feeds, *page.values("a", "href")]
    files = {address.removeprefix("https://plain.example.org/blog/") for address in offered}

    assert [file for file in files if file.endswith((".xml", ".json", ".opml")) and file not in outputs] == []
    assert ("feed.css" in outputs) == (form != "json")


def test_feed_css_loads_nothing(outputs: dict[str, str]) -> None:
    css = outputs["feed.css"]

    assert css.startswith('@charset "utf-8";')
    assert [word for word in ("url(", "@import", "http", "image-set", "src(") if word in css.lower()] == []


def test_feed_css_says_in_every_language_of_the_site_what_a_feed_is(outputs: dict[str, str]) -> None:
    said = re.search(r'content: "(.+)";', outputs["feed.css"])

    assert said
    assert re.fullmatch(r"This is a feed.+ / 这是订阅源.+", said[1])


def test_words_cannot_break_out_of_the_stylesheet(tmp_path: Path) -> None:
    words = 'a "quote" \\ and\na line'
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/words.toml").write_text(f"[en]\nfeed_banner = {json.dumps(words)}\n")
    outputs = made(site(tmp_path))
    said = re.search(r'content: "([^"\n]+)";', outputs["feed.css"])

    assert said
    assert re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), said[1]).split() == words.split()


def test_a_mistake_in_the_page_costs_the_stylesheet_nothing(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/subscribe.html").write_text("{{ nothing_of_the_kind }}")

    outputs = made(site(tmp_path))

    assert "feed.css" in outputs
    assert "subscribe/index.html" not in outputs
