"""Feeds, read back by a parser nobody here wrote."""

from __future__ import annotations

import calendar
import html
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from feeds import syndication
from feeds.model import Feed, Post
from feeds.syndication.opml import opml
from tests.support import Build, open_build, open_site


def words(key: str, tag: str) -> str:
    return f"{key}-{tag}"


def all_feeds(build: Build) -> list[Feed]:
    return [*syndication.plan(build.site, words).feeds]


def documents(build: Build, feed: Feed) -> dict[str, bytes]:
    parts = syndication.parts(feed, build.site)
    outputs = (output for part in parts for output in syndication.documents(part, build.site, build.render)[0])
    return {output.path.removeprefix(feed.folder): output.data for output in outputs}


def parsed(data: bytes) -> Any:
    result = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert not result.bozo, result.get("bozo_exception")
    return result


def instant(moment: Any) -> datetime:
    return datetime.fromtimestamp(calendar.timegm(moment), UTC)


def shown(build: Build, feed: Feed) -> tuple[Post, ...]:
    return feed.posts[: build.site.settings.feeds.limit]


@pytest.mark.parametrize("name", ["atom.xml", "rss.xml"])
def test_feedparser_reads_what_the_posts_say(build: Build, name: str) -> None:
    for feed in all_feeds(build):
        posts = shown(build, feed)

        entries = parsed(documents(build, feed)[name]).entries

        assert [post.id for post in posts] == [entry.id for entry in entries]
        assert [post.title for post in posts] == [entry.title for entry in entries]
        assert [post.url for post in posts] == [entry.link for entry in entries]
        assert [post.published for post in posts] == [instant(entry.published_parsed) for entry in entries]
        assert [build.render(post).html for post in posts] == [entry.content[0].value for entry in entries]
        words = html.unescape if name == "rss.xml" else str  # an RSS description is HTML (RSS profile)
        assert [build.render(post).summary for post in posts] == [words(entry.summary) for entry in entries]


def test_json_feed_says_the_same(build: Build) -> None:
    for feed in all_feeds(build):
        posts = shown(build, feed)

        items = json.loads(documents(build, feed)["feed.json"])["items"]

        assert [post.id for post in posts] == [item["id"] for item in items]
        assert [post.url for post in posts] == [item["url"] for item in items]
        assert [post.title for post in posts] == [item["title"] for item in items]
        assert [post.published for post in posts] == [datetime.fromisoformat(item["date_published"]) for item in items]
        assert [post.language.tag for post in posts] == [item["language"] for item in items]


def test_there_is_a_feed_for_all_for_each_language_and_for_each_theme(build: Build) -> None:
    folders = ["", "en/", "en/systems/", "en/agents/", "en/other/", "zh/", "zh/systems/", "zh/agents/"]

    assert folders == [feed.folder for feed in all_feeds(build)]


def test_no_language_falls_back_to_the_other(build: Build) -> None:
    for feed in all_feeds(build):
        if feed.language:
            assert {feed.language} == {post.language for post in feed.posts}


def test_every_entry_names_its_language(build: Build) -> None:
    both = all_feeds(build)[0]

    atom = ElementTree.fromstring(documents(build, both)["atom.xml"])
    rss = ElementTree.fromstring(documents(build, both)["rss.xml"])

    tags = [post.language.tag for post in shown(build, both)]
    xml_lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert tags == [entry.get(xml_lang) for entry in atom.iter("{http://www.w3.org/2005/Atom}entry")]
    assert tags == [item.text for item in rss.iter("{http://purl.org/dc/elements/1.1/}language")]
    assert set(tags) == {"en", "zh-Hans"}


def test_an_entry_has_one_alternate_and_its_translation_is_related(build: Build) -> None:
    """With a second alternate half of all readers open the wrong language."""
    feed = all_feeds(build)[2]
    entry = parsed(documents(build, feed)["atom.xml"]).entries[0]

    links = [(link.rel, link.get("hreflang"), link.href, link.get("title")) for link in entry.links]

    assert links == [
        ("alternate", "en", "https://reviews.example.org/en/attention/", None),
        ("via", None, "https://arxiv.org/abs/2501.00001", "A Paper on Attention"),
        ("related", "zh-Hans", "https://reviews.example.org/zh/attention/", "注意力的代价：为什么是平方"),
    ]


def test_a_feed_has_one_alternate_and_names_itself_and_its_hub(build: Build) -> None:
    for feed in all_feeds(build):
        made = documents(build, feed)
        atom, rss = parsed(made["atom.xml"]).feed, parsed(made["rss.xml"]).feed

        assert [feed.home] == [link.href for link in atom.links if link.rel == "alternate"]
        assert feed.home == atom.link == rss.link
        assert [feed.documents["atom"]] == [link.href for link in atom.links if link.rel == "self"]
        assert [feed.documents["rss"]] == [link.href for link in rss.links if link.rel == "self"]
        assert [link.href for link in atom.links if link.rel == "hub"] == ["https://hub.example.org/"]
        assert [link.href for link in rss.links if link.rel == "hub"] == ["https://hub.example.org/"]
        assert {"type": "WebSub", "url": "https://hub.example.org/"} in json.loads(made["feed.json"])["hubs"]


def test_categories_say_theme_and_tag_apart(build: Build) -> None:
    feed = all_feeds(build)[2]
    entry = parsed(documents(build, feed)["atom.xml"]).entries[0]

    categories = [(tag.term, tag.label, tag.scheme) for tag in entry.tags]

    site = "https://reviews.example.org/"
    assert categories == [
        ("systems", "Systems", f"{site}#themes"),
        ("inference", "inference", f"{site}#tags"),
        ("transformers", "transformers", f"{site}#tags"),
    ]


def test_the_guid_is_no_permalink_and_authors_are_named_without_mail(build: Build) -> None:
    feed = next(feed for feed in all_feeds(build) if feed.folder == "en/systems/")
    rss = ElementTree.fromstring(documents(build, feed)["rss.xml"])

    items = list(rss.iter("item"))
    creators = [[name.text for name in item.iter("{http://purl.org/dc/elements/1.1/}creator")] for item in items]

    assert {"false"} == {item.find("guid").get("isPermaLink") for item in items}  # type: ignore[union-attr]
    assert creators == [["Test Author"], ["First Guest", "Second Guest"]]
    assert list(rss.iter("author")) == []


def test_description_stands_before_the_full_text(build: Build) -> None:
    rss = ElementTree.fromstring(documents(build, all_feeds(build)[1])["rss.xml"])

    for item in rss.iter("item"):
        names = [child.tag for child in item]
        assert names.index("description") < names.index("{http://purl.org/rss/1.0/modules/content/}encoded")


def test_times_come_from_posts(build: Build) -> None:
    for feed in all_feeds(build):
        newest = max((post.updated for post in feed.posts), default=syndication.EPOCH)

        assert newest == instant(parsed(documents(build, feed)["atom.xml"]).feed.updated_parsed)
        assert newest == instant(parsed(documents(build, feed)["rss.xml"]).feed.updated_parsed)


def test_a_legacy_post_ends_with_a_link_to_its_original(build: Build) -> None:
    post = next(post for post in build.site.posts if post.original)

    end = '<a href="https://old.example.org/2025/12/31/old/">https://old.example.org/2025/12/31/old/</a></p>'
    assert build.render(post).html.endswith(end)


def test_opml_lists_every_feed_by_language(build: Build) -> None:
    feeds = all_feeds(build)
    root = ElementTree.fromstring(opml(feeds, build.site.settings))

    groups = [group for group in root.findall("body/outline") if not group.get("xmlUrl")]

    assert [feed.documents["atom"] for feed in feeds] == [
        o.get("xmlUrl") for o in root.iter("outline") if o.get("xmlUrl")
    ]
    assert [(group.get("text"), len(group)) for group in groups] == [("Small Reviews", 4), ("小评论", 3)]


@pytest.mark.parametrize(
    ("setting", "check"),
    [
        (
            'content = "summary"',
            lambda files: b"<script" not in files["en/atom.xml"] and b"<content" not in files["en/atom.xml"],
        ),
        ("limit = 0", lambda files: files["en/atom.xml"].count(b"<entry") == 4),
        ('formats = ["json"]', lambda files: "en/atom.xml" not in files and "en/feed.json" in files),
        ('formats = ["rss"]', lambda files: b"/en/rss.xml" in files["feeds.opml"]),
    ],
)
def test_settings_of_feeds_do_what_they_say(
    site_folder: Path, setting: str, check: Callable[[dict[str, bytes]], bool]
) -> None:
    path = site_folder / "feeds.toml"
    path.write_text(path.read_text().replace("limit = 3", setting))

    assert check({output.path: output.data for output in open_build(site_folder).outputs()})


def archive_files(folder: Path) -> dict[str, bytes]:
    outputs = open_build(folder).outputs()
    names = ("en/atom.xml", "en/feed.json")
    return {output.path: output.data for output in outputs if "/archive/" in output.path or output.path in names}


def test_the_full_history_is_complete_and_a_new_post_changes_no_archive(site_folder: Path) -> None:
    settings = site_folder / "feeds.toml"
    settings.write_text(settings.read_text().replace("limit = 3", "limit = 2\narchive = 50"))
    before = archive_files(site_folder)
    (site_folder / "content/en/new.md").write_text("---\ntitle: New\ndate: 2026-04-30\n---\nText.\n")
    after = archive_files(site_folder)

    everything = {post.id for post in open_build(site_folder).site.select("en")}
    archives = {f"en/archive/{number}.{ending}" for number in (1, 2) for ending in ("xml", "json")}
    assert set(before) == {*archives, "en/atom.xml", "en/feed.json"}
    assert {name for name in before if before[name] != after[name]} == {"en/atom.xml", "en/feed.json"}
    documents = {name: data for name, data in after.items() if name.endswith(".xml")}
    assert {entry.id for data in documents.values() for entry in parsed(data).entries} == everything


def test_archives_are_linked_from_the_newest_to_the_oldest(site_folder: Path) -> None:
    settings = site_folder / "feeds.toml"
    settings.write_text(settings.read_text().replace("limit = 3", "limit = 2"))
    files = {name: data for name, data in archive_files(site_folder).items() if name.endswith(".xml")}
    here = "https://reviews.example.org/"

    def links(name: str) -> dict[str, str]:
        return {link.rel: link.href for link in parsed(files[name]).feed.links}

    assert links("en/atom.xml")["prev-archive"] == f"{here}en/archive/2.xml"
    assert links("en/archive/2.xml")["prev-archive"] == f"{here}en/archive/1.xml"
    assert "prev-archive" not in links("en/archive/1.xml")
    assert {links(name)["current"] for name in files if "archive" in name} == {f"{here}en/atom.xml"}
    assert all((b"<fh:archive/>" in data) == ("archive" in name) for name, data in files.items())


def of(root: Path, name: str) -> bytes:
    return {output.path: output.data for output in open_build(root).outputs()}[name]


def settings_with(root: Path, **tables: str) -> Path:
    """The sample site with more lines in some tables of its settings."""
    file = root / "feeds.toml"
    text = file.read_text(encoding="utf-8")
    for table, lines in tables.items():
        text = text.replace(f"[{table}]\n", f"[{table}]\n{lines}\n") if table != "top" else f"{lines}\n{text}"
    file.write_text(text, encoding="utf-8")
    return root


def test_a_document_that_would_be_too_long_gives_its_oldest_posts_as_summaries(site_folder: Path) -> None:
    whole = parsed(of(site_folder, "en/atom.xml")).entries
    build = open_build(settings_with(site_folder, feeds="limit_bytes = 7000"))
    outputs = {output.path: output.data for output in build.outputs()}
    entries = parsed(outputs["en/atom.xml"]).entries

    kept = [bool(entry.get("content")) for entry in entries]
    assert [entry.id for entry in entries] == [entry.id for entry in whole]
    assert kept == sorted(kept, reverse=True)
    assert (kept[0], kept[-1]) == (True, False)
    assert all(entry.summary for entry in entries)
    item = json.loads(outputs["en/feed.json"])["items"][-1]
    assert (item["content_text"], "content_html" in item) == (item["summary"], False)
    told = [str(problem) for problem in build.problems if problem.path == "en/atom.xml"]
    cut = f"the oldest {kept.count(False)} of its {len(kept)} posts are summaries; see [feeds] limit_bytes"
    assert told == [f"en/atom.xml: note: would be longer than 6 kB: {cut} [feed-shortened]"]


def test_json_pages_lead_back_to_the_first_post(site_folder: Path) -> None:
    settings_with(site_folder, feeds="archive = 2")
    outputs = {output.path: output.data for output in open_build(site_folder).outputs()}
    site = open_site(site_folder)
    found: list[str] = []
    name, pages = "en/feed.json", 0
    while name:
        page = json.loads(outputs[name])
        assert page["feed_url"] == f"{site.settings.url}en/feed.json"
        assert page.get("next_url") != page["feed_url"]
        found += [item["id"] for item in page["items"] if item["id"] not in found]
        name, pages = page.get("next_url", "").removeprefix(site.settings.url), pages + 1

    assert pages > 1
    assert found == [post.id for post in site.select("en")]


def test_rights_icon_and_logo_stand_in_every_format_that_has_them(site_folder: Path) -> None:
    settings_with(
        site_folder, top='rights = { en = "CC BY 4.0", zh = "署名 4.0" }', feeds='icon = "/i.png"\nlogo = "l.png"'
    )
    home = "https://reviews.example.org/"

    atom, rss = (parsed(of(site_folder, f"zh/{name}.xml")).feed for name in ("atom", "rss"))
    page = json.loads(of(site_folder, "zh/feed.json"))

    assert (atom.rights, atom.icon, atom.logo) == ("署名 4.0", f"{home}i.png", f"{home}l.png")
    assert (rss.rights, rss.image.href, rss.image.title, rss.image.link) == (
        "署名 4.0",
        f"{home}l.png",
        rss.title,
        rss.link,
    )
    assert (page["icon"], page["favicon"]) == (f"{home}l.png", f"{home}i.png")


def test_a_posts_picture_is_told_with_the_size_its_file_has(site_folder: Path) -> None:
    folder = site_folder / "content/en/with-picture"
    folder.mkdir()
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4) + bytes(60)
    (folder / "tree.png").write_bytes(png)
    (site_folder / "content/en/with-picture.md").write_text(
        "---\ntitle: P\ndate: 2026-04-30\nimage: { src: tree.png, alt: A tree }\n---\n\nText.\n"
    )
    address = "https://reviews.example.org/en/with-picture/tree.png"

    for name in ("atom", "rss"):
        entry = parsed(of(site_folder, f"en/{name}.xml")).entries[0]
        assert entry.media_thumbnail == [{"url": address, "width": "640", "height": "480"}]
        size = {"width": "640", "height": "480"}
        assert entry.media_content == [{"url": address, "medium": "image", "type": "image/png", **size}]
    item = json.loads(of(site_folder, "en/feed.json"))["items"][0]
    assert (item["image"], item["_image"]) == (
        address,
        {"type": "image/png", "width": 640, "height": 480, "alt": "A tree"},
    )


def test_a_damaged_picture_is_told_without_a_size(site_folder: Path) -> None:
    folder = site_folder / "content/en/with-picture"
    folder.mkdir()
    (folder / "tree.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (site_folder / "content/en/with-picture.md").write_text(
        "---\ntitle: P\ndate: 2026-04-30\nimage: tree.png\n---\n\nText.\n"
    )

    entry = parsed(of(site_folder, "en/atom.xml")).entries[0]

    assert entry.media_thumbnail == [{"url": "https://reviews.example.org/en/with-picture/tree.png"}]


def test_each_language_has_an_opml_of_its_own_feeds(build: Build) -> None:
    outputs = {output.path: output.data for output in build.outputs()}
    for code, name in (("en", "Small Reviews"), ("zh", "小评论")):
        root = ElementTree.fromstring(outputs[f"{code}/feeds.opml"])
        addresses = [outline.get("xmlUrl", "") for outline in root.iter("outline") if outline.get("type") == "rss"]

        assert root.findtext("head/title") == name
        assert len(addresses) > 2
        assert all(address.startswith(f"https://reviews.example.org/{code}/") for address in addresses)
