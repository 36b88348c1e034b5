"""Where documents lie: nobody who subscribed at an address is left behind, and no address has two documents."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import lockfile
from feeds.build.builder import build_site
from feeds.build.replaced import compared, is_page
from feeds.build.write import MANIFEST
from feeds.places import KnownFeed, plain, wrong
from feeds.settings import parse
from feeds.syndication.addresses import Wanted, addresses
from tests.generators import small_blog as blog
from tests.support import BLOGS_NOW as NOW
from tests.support import HERE, calm, tree


def built(root: Path) -> dict[str, bytes]:
    return tree(build_site(root, NOW).out)


def problems(root: Path) -> list[str]:
    return [str(one) for one in build_site(root, NOW).problems if one.severity != "note"]


JEKYLL = "plugins: [jekyll-feed]\n"


def test_a_new_blog_has_its_feed_where_the_generator_has_it_and_nowhere_else(tmp_path: Path) -> None:
    root = blog(tmp_path, "jekyll", JEKYLL)
    for _ in range(2):
        files = built(root)
        assert "feed.xml" in files
        assert "atom.xml" not in files
        assert b"<id>https://example.org/feed.xml</id>" in files["feed.xml"]


def test_a_blog_that_was_built_before_keeps_the_old_addresses_and_the_id_of_its_feed(tmp_path: Path) -> None:
    root = blog(tmp_path, "jekyll", "feed: x\n")
    before = built(root)["atom.xml"]
    (root / "_config.yml").write_text(f"title: T\nurl: https://example.org\n{JEKYLL}")

    for _ in range(2):
        files = built(root)
        assert files["atom.xml"] == files["feed.xml"]
        assert b"<id>https://example.org/atom.xml</id>" in before
        assert b"<id>https://example.org/atom.xml</id>" in files["feed.xml"]
        assert b'rel="self" type="application/atom+xml" href="https://example.org/feed.xml"' in files["atom.xml"]


def test_every_address_a_document_ever_had_stays(tmp_path: Path) -> None:
    root = blog(tmp_path, "hugo")
    old = (root / "feeds.toml").read_text()
    places = ["index.xml", "one.xml", "two/feed", "three.xml"]
    for number, place in enumerate(places):
        if number:
            (root / "feeds.toml").write_text(f'{old}[feeds.paths]\n"rss.xml" = "/{place}"\n')
        files = built(root)

        assert (
            f'href="https://example.org/{place}" rel="self"'.encode()
            in b" ".join(part for part in files[place].split(b"<atom:link ") if b'rel="self"' in part)
            or f'rel="self" type="application/rss+xml" href="https://example.org/{place}"'.encode() in files[place]
        )
        assert {files[one] for one in places[: number + 1]} == {files[place]}
    (root / "feeds.toml").write_text(old)

    assert {built(root)[one] for one in places} == {files_of(root)["index.xml"]}


def files_of(root: Path) -> dict[str, bytes]:
    return tree(root / "public")


def test_a_document_of_our_own_layout_moves_and_stays_as_a_copy(tmp_path: Path) -> None:
    root = blog(tmp_path, "native")
    built(root)
    with (root / "feeds.toml").open("a") as file:
        file.write('[feeds]\npaths = { "atom.xml" = "blog/atom.xml" }\nalso = { "atom.xml" = ["feed", "feed.rss"] }\n')
    files = built(root)

    assert len({files[name] for name in ("atom.xml", "blog/atom.xml", "feed", "feed.rss")}) == 1
    assert b"<id>https://example.org/atom.xml</id>" in files["atom.xml"]
    assert b'xmlUrl="https://example.org/blog/atom.xml"' in files["feeds.opml"]


def test_a_site_of_our_own_layout_says_nothing_of_feeds_in_its_lock(tmp_path: Path) -> None:
    root = blog(tmp_path, "native")
    built(root)

    assert "#feed" not in (root / "feeds.lock").read_text()


def test_feeds_toml_goes_before_the_generator_and_that_before_us(tmp_path: Path) -> None:
    said = "feed:\n  type: [atom, rss2]\n  path: [blog.xml, rss.xml]\n  limit: 1\n  content: false\n"
    root = blog(tmp_path, "hexo", said, '[feeds]\nlimit = 7\npaths = { "blog.xml" = "mine.xml" }\n')
    site = build_site(root, NOW).site

    assert {"mine.xml", "rss.xml", "feed.json"} <= files_of(root).keys()
    assert "blog.xml" not in files_of(root)
    assert (site.settings.feeds.limit, site.settings.feeds.content) == (7, "summary")


SAID = {
    "outside": ('paths = { "atom.xml" = "../atom.xml" }', "is outside the output folder"),
    "an address": ('paths = { "atom.xml" = "https://example.org/atom.xml" }', "is outside the output folder"),
    "hidden": ('also = { "atom.xml" = [".htaccess"] }', "is hidden"),
    "a folder": ('also = { "atom.xml" = ["feed/"] }', "names no file"),
    "a number": ('also = { "atom.xml" = 3 }', "must be a list of strings"),
    "a list": ('paths = { "atom.xml" = ["a"] }', "must be text in quotes"),
    "taken": ('paths = { "atom.xml" = "RSS.xml", "rss.xml" = "rss.XML" }', "lies there; choose another address"),
    "a list of feeds": ('paths = { "atom.xml" = "feeds.opml" }', "feeds writes something else there"),
    "a page of ours": ('also = { "atom.xml" = "subscribe/index.html" }', "feeds writes something else there"),
    "below a file": ('also = { "atom.xml" = ["x", "x/y"] }', "atom.xml lies there"),
    "above a file": ('also = { "atom.xml" = ["x/y", "x"] }', "other files lie below it"),
    "no document": ('paths = { "atum.xml" = "x.xml" }', "names no document of this site"),
    "long": (f'also = {{ "atom.xml" = "{"é" * 200}" }}', "is too long for a file name"),
}


@pytest.mark.parametrize("name", SAID)
def test_an_address_that_cannot_be_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    said, message = SAID[name]
    root = blog(tmp_path, "native", settings=f"[feeds]\n{said}\n")
    line = (root / "feeds.toml").read_text().splitlines().index(said) + 1
    try:
        told = problems(root)
    except Exception as error:  # noqa: BLE001  # settings of the wrong type stop the build, as all do
        told = str(error).splitlines()
    else:
        assert "feed.json" in files_of(root)

    assert [one for one in told if one.startswith(f"feeds.toml:{line}: ") and message in one], told


def test_a_feed_of_the_generator_that_leads_out_is_told_with_its_line_and_the_rest_is_built(tmp_path: Path) -> None:
    root = blog(tmp_path, "jekyll", f"{JEKYLL}feed:\n  path: ../../feed.xml\n  posts_limit: many\n  tags: [go]\n")
    told = problems(root)

    assert any(one.startswith("_config.yml:5: warning: `feed.path` ") for one in told)
    assert any(one.startswith("_config.yml:6: ") and "write a whole number" in one for one in told)
    assert {"atom.xml", "rss.xml"} <= tree(root / "_site").keys()


LINES = st.lists(
    st.tuples(st.sampled_from(["atom.xml", "en/rss.xml", "x"]), st.text(max_size=4), st.text(max_size=12)), max_size=4
)


@calm
@given(lines=LINES)
def test_whatever_the_lock_says_outputs_stay_in_their_folder(lines: list[tuple[str, str, str]]) -> None:
    text = lockfile.HEADER + "".join(f"#feed\t{name}\t{own}\t{path}\n" for name, own, path in lines)
    known = lockfile.parse(text).feeds
    settings = parse('title = "T"\nurl = "https://example.org/"\n[languages.en]\n[languages.zh]\n')
    wanted = [Wanted("atom.xml", "atom"), Wanted("en/rss.xml", "rss"), Wanted("feed.json", "json")]

    found = addresses(wanted, settings, known, is_new=False)

    assert found.paths == {one.name: one.name for one in wanted}
    copies = [path for paths in found.copies.values() for path in paths]
    assert len({path.casefold() for path in (*found.paths.values(), *copies)}) == len(found.paths) + len(copies)
    assert not any(wrong(path) for path in copies)


IDS = st.sampled_from(["", "https://example.org/a.xml", "tag:e.org,2026:x"])


@calm
@given(
    feeds=st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.tuples(
            st.sampled_from(["", "https://example.org/a.xml", "tag:e.org,2026:x"]),
            st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3, unique=True),
        ),
        max_size=4,
    )
)
def test_a_lock_says_what_it_was_told_of_feeds(feeds: dict[str, tuple[str, list[str]]]) -> None:
    known = {name: KnownFeed(own, tuple(paths)) for name, (own, paths) in feeds.items()}

    lock = lockfile.parse(lockfile.show({}, (), known))

    assert lock.feeds == known
    assert lock.problems == []


def test_a_line_about_a_feed_is_a_comment_to_what_was_before_it() -> None:
    text = lockfile.show({}, (), {"atom.xml": KnownFeed("", ("feed.xml",))})

    assert all(line.startswith("#") for line in text.splitlines())


def test_both_sides_of_a_merge_keep_their_addresses() -> None:
    ours, theirs = ({"rss.xml": KnownFeed("", ("rss.xml", path))} for path in ("index.xml", "other.xml"))
    conflict = f"<<<<<<< a\n{lockfile.show({}, (), ours)}=======\n{lockfile.show({}, (), theirs)}>>>>>>> b\n"
    both = ("rss.xml", "index.xml", "other.xml")

    assert lockfile.parse(conflict).feeds == {"rss.xml": KnownFeed("", both)}
    merged = lockfile.merge("", lockfile.show({}, (), ours), lockfile.show({}, (), theirs))
    assert lockfile.parse(merged).feeds == {"rss.xml": KnownFeed("", both)}


def test_a_page_of_another_program_stays_and_its_line_is_named(tmp_path: Path) -> None:
    root = blog(tmp_path, "hugo", settings='[feeds.also]\n"index.xml" = ["feed/index.html"]\n')
    page = root / "public" / "feed" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("\n<!DOCTYPE html><title>Feeds</title>")

    (told,) = [one for one in problems(root) if "feed-replaced" in one]
    assert told.startswith("feeds.toml:4: error: feed/index.html is a page that another program wrote")
    assert "Feeds" in page.read_text()
    page.unlink()
    assert not any("feed-replaced" in one for one in problems(root))
    assert files_of(root)["feed/index.html"] == files_of(root)["index.xml"]


RSS = "<rss><channel>{}</channel></rss>"


def rss(*names: str) -> bytes:
    items = "".join(f"<item><title>x</title><guid>https://example.org/{name}/</guid></item>" for name in names)
    return f"<rss><channel><title>T</title>{items}</channel></rss>".encode()


def test_replacing_the_feed_of_another_program_is_said_once(tmp_path: Path) -> None:
    root = blog(tmp_path, "hugo")
    (root / "public").mkdir()
    old = rss("posts/one")
    for number in range(3):
        (root / "public" / "index.xml").write_bytes(old)
        told = [one for one in problems(root) if "feed-replaced" in one]
        assert len(told) == (0 if number else 1), told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (["b", "a"], ["b", "a"], (2, 0, True)),
        (["b", "a"], ["c", "b", "a"], (2, 0, True)),  # a new post is new
        (["b"], ["b", "a", "0"], (1, 2, True)),
        (["c", "a"], ["c", "b", "a"], (2, 1, False)),
        (["x", "y"], ["b", "a"], (2, 2, False)),
        ([], ["b"], (0, 1, False)),
    ],
)
def test_who_reads_a_feed_sees_what_is_new_in_it(old: list[str], new: list[str], said: tuple[int, int, bool]) -> None:
    assert tuple(compared(rss(*old), rss(*new))) == said


@pytest.mark.parametrize("text", ["<!doctype HTML>", "\ufeff\n <html lang=en>", "<HTML>"])
def test_a_page_is_known_by_its_beginning(text: str) -> None:
    assert is_page(text.encode())
    assert not is_page(b"<?xml version='1.0'?><rss/>")


@pytest.mark.parametrize("kind", ["hexo", "hugo", "jekyll", "native"])
def test_a_second_build_writes_nothing(kind: str, tmp_path: Path) -> None:
    root = blog(tmp_path, kind, "feed:\n  path: x/a.xml\n" if kind in ("hexo", "jekyll") else "")
    build_site(root, NOW)

    assert build_site(root, NOW, cache=False).report.written == ()


def test_a_moved_feed_that_came_from_the_cache_is_moved(tmp_path: Path) -> None:
    root = blog(tmp_path, "hugo")
    built(root)
    with (root / "feeds.toml").open("a") as file:
        file.write('[feeds.paths]\n"tags/go/index.xml" = "go.xml"\n')

    assert {"go.xml", "tags/go/index.xml"} <= built(root).keys()
    shutil.rmtree(root / "public")
    assert MANIFEST in built(root)
    assert files_of(root)["go.xml"] == files_of(root)["tags/go/index.xml"]


@calm
@given(st.text(max_size=30))
def test_a_path_that_can_be_is_one_below_the_folder(said: str) -> None:
    if not wrong(said):
        path = plain(said)
        assert path not in ("", ".")
        assert not path.startswith(("/", "."))
        assert ".." not in path.split("/")
        assert quote(path)


def test_the_golden_site_has_no_further_feeds() -> None:
    assert not any(name.endswith("index.xml") for name in tree(HERE / "golden"))
