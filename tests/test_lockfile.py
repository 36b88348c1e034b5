"""Ids are fixed when a post is first built, and nothing an author does to it afterwards makes it new to readers."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from feeds import lockfile, reader
from feeds.cli import main
from tests.support import calm

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SETTINGS = 'title = "T"\nurl = "https://example.org/"\n[languages.en]\n[languages.zh]\n'
LATS = "tag:example.org,2026-04-20:en/lats"


def write(root: Path, path: str, text: str = "About trees.", date: str = "2026-04-20", **more: str) -> Path:
    file = root / "content" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    keys = "".join(f"{key}: {value}\n" for key, value in {"title": "T", "date": date, **more}.items())
    file.write_text(f"---\n{keys}---\n\n{text}\n", encoding="utf-8")
    return file


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with two posts, built once."""
    (tmp_path / "feeds.toml").write_text(SETTINGS)
    write(tmp_path, "en/lats.md")
    write(tmp_path, "en/armorm.md", "About rewards.", "2026-04-21")
    assert build(tmp_path) == []
    return tmp_path


def build(root: Path, *options: str) -> list[str]:
    """What a build complains of."""
    result = CliRunner().invoke(main, ["build", str(root), "--now", "2026-05-01", "--quiet", *options])
    assert result.exit_code in (0, 1), result.output
    return result.stderr.splitlines()


def ids(root: Path) -> dict[str, str]:
    return {post.path.removeprefix("content/"): post.id for post in reader.open_blog(root).read(NOW).posts}


def lock(root: Path) -> list[str]:
    return (root / "feeds.lock").read_text(encoding="utf-8").splitlines()


def test_the_first_build_fixes_the_ids_one_line_a_post(site: Path) -> None:
    assert [line.split("\t")[:4] for line in lock(site)[1:]] == [
        ["content/en/armorm.md", "tag:example.org,2026-04-21:en/armorm", "en", "armorm"],
        ["content/en/lats.md", LATS, "en", "lats"],
    ]


@pytest.mark.parametrize(
    "keys",
    [{"title": "Another title"}, {"slug": "tree-search"}, {"date": "2026-03-01"}, {"slug": "a", "date": "2026-03-01"}],
    ids=str,
)
def test_a_new_title_slug_or_date_keeps_the_id(site: Path, keys: dict[str, str]) -> None:
    write(site, "en/lats.md", "Other words.", **keys)

    assert build(site) == []
    assert ids(site)["en/lats.md"] == LATS


def test_a_new_domain_or_permalink_keeps_all_ids(site: Path) -> None:
    before, lines = ids(site), lock(site)
    moved = SETTINGS.replace("example.org", "reviews.example.net")
    (site / "feeds.toml").write_text(moved + '[content]\npermalink = "/{slug}.html"\n')

    assert build(site) == []
    assert (ids(site), lock(site)) == (before, lines)


def test_a_renamed_file_keeps_its_id_by_its_text(site: Path) -> None:
    (site / "content/en/lats.md").rename(site / "content/en/tree-search.md")

    assert build(site) == []
    assert ids(site)["en/tree-search.md"] == LATS
    assert [line.split("\t")[0] for line in lock(site)[1:]] == ["content/en/armorm.md", "content/en/tree-search.md"]


def test_a_moved_and_rewritten_file_keeps_its_id_by_its_slug(site: Path) -> None:
    (site / "content/en/lats.md").unlink()
    write(site, "en/2026/lats.md", "All words are new.")

    assert build(site) == []
    assert ids(site)["en/2026/lats.md"] == LATS


def test_when_several_could_be_meant_the_author_is_asked(site: Path) -> None:
    write(site, "en/other.md", date="2026-04-22")
    build(site)
    for name in ("lats", "other"):
        (site / f"content/en/{name}.md").unlink()
    write(site, "en/new.md", date="2026-04-23")

    (message,) = build(site)
    assert message.startswith(
        "content/en/new.md:1: warning: may be an old post under a new name; it gets a new id unless"
    )
    assert (
        f"`id: {LATS}` (content/en/lats.md) or `id: tag:example.org,2026-04-22:en/other` (content/en/other.md)"
        in message
    )
    write(site, "en/new.md", date="2026-04-23", id=LATS)
    build(site)

    assert ids(site)["en/new.md"] == LATS


def test_a_post_that_comes_back_has_the_id_it_had(site: Path) -> None:
    file = site / "content/en/lats.md"
    text = file.read_text()
    file.unlink()
    build(site)
    file.write_text(text.replace("2026-04-20", "2026-04-29"))
    build(site)

    assert ids(site)["en/lats.md"] == LATS


def test_a_new_post_at_an_old_ones_name_is_a_new_entry(site: Path) -> None:
    (site / "content/en/lats.md").rename(site / "content/en/tree-search.md")
    build(site)
    write(site, "en/lats.md", "A second look.")
    build(site)

    assert ids(site) | {"en/armorm.md": ""} == {
        "en/tree-search.md": LATS,
        "en/lats.md": f"{LATS}/2",
        "en/armorm.md": "",
    }


def test_a_lost_lock_gives_the_same_ids_again(site: Path) -> None:
    before, lines = ids(site), lock(site)
    (site / "feeds.lock").unlink()

    assert build(site) == []
    assert (ids(site), lock(site)) == (before, lines)


def test_a_new_post_adds_a_line_and_touches_no_other(site: Path) -> None:
    before = lock(site)
    write(site, "en/kv-cache.md", "About caches.", "2026-04-25")
    write(site, "zh/lats.md", "谈树。")
    build(site)

    assert [line for line in lock(site) if line in before] == before
    assert len(lock(site)) == len(before) + 2


def test_an_edited_text_changes_nothing_but_its_mark(site: Path) -> None:
    before = lock(site)
    write(site, "en/lats.md", "A typo is mended.")
    build(site)

    assert [line.split("\t")[:5] for line in lock(site)] == [line.split("\t")[:5] for line in before]
    assert lock(site) != before


@pytest.mark.parametrize("options", [[], ["--no-cache"]])
def test_a_post_that_is_renamed_after_an_edit_keeps_its_id(site: Path, options: list[str]) -> None:
    write(site, "en/lats.md", "A typo is mended.")
    build(site, *options)
    (site / "content/en/lats.md").rename(site / "content/en/tree-search.md")

    assert build(site, *options) == []
    assert ids(site)["en/tree-search.md"] == LATS


def test_an_id_in_the_front_matter_is_the_posts_and_is_kept(site: Path) -> None:
    write(site, "en/lats.md", id="urn:uuid:1")
    build(site)
    write(site, "en/lats.md")
    build(site)

    assert ids(site)["en/lats.md"] == "urn:uuid:1"


def test_a_draft_gets_its_line_when_it_is_published(site: Path) -> None:
    write(site, "en/draft.md", "Not yet.", draft="true")
    build(site)
    assert not any("draft.md" in line for line in lock(site))

    write(site, "en/draft.md", "Now.")
    build(site)

    assert any("draft.md" in line for line in lock(site))


def test_a_lock_with_a_merge_conflict_loses_nothing(site: Path) -> None:
    first, second = lock(site)[1:]
    other = re.sub("armorm", "theirs", first)
    text = f"{lock(site)[0]}\n<<<<<<< HEAD\n{first}\n=======\n{other}\n>>>>>>> branch\n{second}\nnonsense\n"
    (site / "feeds.lock").write_text(text)

    conflict = "a merge conflict was left here; both sides were kept, so commit the result [lock-conflict]"
    assert build(site) == [
        f"feeds.lock:2: warning: {conflict}",
        f"feeds.lock:4: warning: {conflict}",
        f"feeds.lock:6: warning: {conflict}",
        "feeds.lock:8: warning: is not a valid line and is ignored; restore it or delete it [lock-invalid]",
    ]
    assert lock(site)[1:] == [first, second, other, "nonsense"]
    assert [line.split(": ", 1)[0] for line in build(site)] == ["feeds.lock:5"]


def test_two_ids_of_one_post_leave_the_first(site: Path) -> None:
    with (site / "feeds.lock").open("a") as file:
        file.write("content/en/lats.md\turn:uuid:2\ten\tlats\tlats\tx\n")

    assert build(site) == [
        f"feeds.lock:4: warning: gives content/en/lats.md a second id; the first, {LATS}, is used [lock-repeated]"
    ]
    assert ids(site)["en/lats.md"] == LATS


def test_an_older_state_of_the_site_has_the_ids_it_had(site: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    older = Path(shutil.copytree(site, tmp_path_factory.mktemp("older") / "site"))
    (site / "content/en/lats.md").rename(site / "content/en/tree-search.md")
    build(site)
    build(older)

    assert ids(older)["en/lats.md"] == ids(site)["en/tree-search.md"] == LATS


def test_a_build_a_year_later_changes_no_byte(site: Path) -> None:
    def tree() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}

    before = tree()
    CliRunner().invoke(main, ["build", str(site), "--now", "2027-05-01"])

    assert {path: data for path, data in tree().items() if data != before.get(path)} == {}


def test_a_changeover_from_another_generator_keeps_the_ids_its_feed_gave() -> None:
    blogs = Path(__file__).parent / "blogs"
    for name in ("hexo-plain", "hugo-plain"):
        for post in reader.open_blog(blogs / name).read(NOW).posts:
            assert post.id == post.url
    found = {post.path: post.id for post in reader.open_blog(blogs / "jekyll-zone").read(NOW).posts}
    assert found["news/_posts/2021-04-01-公告.md"].endswith("/2021/04/01/%E5%85%AC%E5%91%8A")


words = st.text(max_size=12)


@calm
@given(rows=st.lists(st.tuples(words.filter(bool), words, words, words, words, words), max_size=6))
def test_a_lock_says_what_it_was_told(rows: list[tuple[str, ...]]) -> None:
    lines = {
        path: lockfile.Line(path=path, id=f"urn:xx:a{quote(own)}", language=language, slug=slug, group=group, text=text)
        for path, own, language, slug, group, text in rows
    }

    assert lockfile.parse(lockfile.show(lines)) == (lines, [], [], {})


GOOD = "tag:example.org,2026-04-20:en/good"
"""The id of a post that was published first."""


def titles(root: Path) -> list[str]:
    """The titles in the feed."""
    return [item["title"] for item in json.loads((root / "public/en/feed.json").read_bytes())["items"]]


@pytest.mark.parametrize("keys", [{"slug": "good"}, {"id": GOOD}, {"slug": "good", "id": GOOD}], ids=str)
@pytest.mark.parametrize("known", [True, False], ids=["published before", "new"])
def test_a_post_with_an_older_date_cannot_take_the_address_or_the_id_of_a_known_one(
    tmp_path: Path, keys: dict[str, str], known: bool
) -> None:
    (tmp_path / "feeds.toml").write_text(SETTINGS)
    write(tmp_path, "en/good.md", "good", title="Good")
    if known:
        write(tmp_path, "en/evil.md", "evil", "2019-01-01", title="Evil")
    assert build(tmp_path) == []
    write(tmp_path, "en/evil.md", "evil", "2019-01-01", title="Evil", **keys)

    [problem] = build(tmp_path)

    assert problem.startswith("content/en/evil.md:")
    assert titles(tmp_path) == ["Good"]
    assert ids(tmp_path) == {"en/good.md": GOOD}


def test_a_post_cannot_take_the_id_of_a_known_one_that_was_renamed(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text(SETTINGS)
    good = write(tmp_path, "en/good.md", "good", title="Good")
    assert build(tmp_path) == []
    good.rename(good.with_name("second.md"))
    write(tmp_path, "en/evil.md", "evil", "2019-01-01", title="Evil", id=GOOD)

    [problem] = build(tmp_path)

    assert problem.startswith("content/en/evil.md:")
    assert titles(tmp_path) == ["Good"]
    assert ids(tmp_path) == {"en/second.md": GOOD}


def test_a_lock_with_an_id_that_no_feed_can_hold_is_told_and_the_post_gets_another(site: Path) -> None:
    for bad in ("tag:x%00y", "tag:x%08", "tag:x%EF%BF%BE", "tag:x", "http:x", "x", "https://e.org/%zz", "tag:x\x08"):
        (site / "feeds.lock").write_text(f"content/en/lats.md\t{bad}\ten\tlats\tlats\t0\n")
        [problem] = build(site)
        assert problem.startswith("feeds.lock:1: warning: is not a valid line"), bad
        assert ids(site)["en/lats.md"] == LATS


@pytest.mark.parametrize(
    "name", ["#hash.md", "=======.md", "<<<<<<<x.md", ">>>>>>>.md", "|||||||.md", " .md", "%23.md"]
)
def test_a_file_may_have_a_name_that_looks_like_a_comment_or_a_conflict(tmp_path: Path, name: str) -> None:
    (tmp_path / "feeds.toml").write_text('title = "T"\nurl = "https://example.org/"\n[content]\ndir = "."\n')
    (tmp_path / name).write_text("---\ntitle: T\ndate: 2026-04-20\nslug: first\n---\n")
    assert build(tmp_path) == []
    (tmp_path / name).write_text("---\ntitle: T\ndate: 2026-04-20\nslug: second\n---\n")

    assert build(tmp_path) == []
    assert lockfile.parse((tmp_path / "feeds.lock").read_text())[0][name].id == "tag:example.org,2026-04-20:en/first"


def test_a_lock_saved_by_an_editor_of_windows_is_read(site: Path) -> None:
    before = ids(site)
    text = (site / "feeds.lock").read_text()
    (site / "feeds.lock").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    write(site, "en/lats.md", "Other words.", slug="tree-search")

    assert build(site) == []
    assert ids(site) == before


def test_lines_that_somebody_else_wrote_during_a_build_are_kept() -> None:
    def text(*rows: str) -> str:
        lines = (
            f"{name}.md\turn:xx:{number}\ten\t{name}\t{name}\t{mark}" for name, number, mark in map(str.split, rows)
        )
        return lockfile.HEADER + "".join(f"{line}\n" for line in lines)

    before = text("a 1 x", "b 2 x", "c 3 x", "d 4 x")
    theirs = text("a 1 y", "c 3 y", "d 4 x", "e 5 x")  # a edited, b renamed to e, c edited
    ours = text("a 1 x", "b 2 x", "c 3 z", "f 6 x")  # c edited otherwise, d gone, f new

    assert lockfile.merge(before, theirs, ours) == text("a 1 y", "c 3 z", "e 5 x", "f 6 x")


def test_of_several_jekyll_posts_with_one_address_the_newest_is_published_as_jekyll_does(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: T\nurl: https://example.org\npermalink: /:title/\n")
    (tmp_path / "_posts").mkdir()
    for day, title in ("2026-04-01", "Older"), ("2026-04-02", "Newer"):
        (tmp_path / f"_posts/{day}-x.md").write_text(f"---\ntitle: {title}\n---\n{title} text.\n")

    [problem] = [one for one in build(tmp_path) if one.startswith("_posts/")]

    assert problem.startswith("_posts/2026-04-01-x.md:1: warning: has the same address https://example.org/x/ as")
    assert [post.title for post in reader.open_blog(tmp_path).read(NOW).posts] == ["Newer"]


def test_posts_with_one_derived_id_but_addresses_of_their_own_are_both_published(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: T\nurl: https://example.org\npermalink: /:year/:month/:day/:title/\n")
    (tmp_path / "_posts").mkdir()
    for day in "2026-04-01", "2026-04-02":
        (tmp_path / f"_posts/{day}-x.md").write_text("---\ntitle: X\nslug: x\n---\nText.\n")

    assert not any("same id" in line or "same address" in line for line in build(tmp_path))
    assert len({post.id for post in reader.open_blog(tmp_path).read(NOW).posts}) == 2


def test_a_damaged_line_still_says_whose_id_it_has_and_one_that_says_nothing_stays(site: Path) -> None:
    write(site, "en/lats.md", "About trees.")
    (site / "content/en/lats.md").rename(site / "content/en/trees.md")
    build(site)
    header, *rows = (site / "feeds.lock").read_text().splitlines()
    for spoil in ("\t".join(rows[1].split("\t")[:4]), rows[1].replace("\t", "  "), rows[1].replace("\t", " ")):
        (site / "feeds.lock").write_text(f"{header}\n{rows[0]}\n{spoil}\nrubbish\n")

        said = [line.split(": ", 1)[0] for line in build(site)]

        assert said == ["feeds.lock:3", "feeds.lock:4"]
        assert ids(site)["en/trees.md"] == LATS
        assert (site / "feeds.lock").read_text() == "\n".join([header, *rows, "rubbish", ""])
    assert [line.split(": ", 1)[0] for line in build(site)] == ["feeds.lock:4"]
    assert [line.split(": ", 1)[0] for line in build(site, "--no-cache")] == ["feeds.lock:4"]


@pytest.mark.parametrize("broken", ['---\ntitle: "Good\n---\n', "---\ndate: 2026-04-20\n---\n", "", "draft", "link"])
@pytest.mark.parametrize("keys", [{"slug": "good"}, {"id": GOOD}], ids=str)
def test_a_known_post_keeps_what_it_has_while_it_is_broken(tmp_path: Path, broken: str, keys: dict[str, str]) -> None:
    (tmp_path / "feeds.toml").write_text(SETTINGS)
    good = write(tmp_path, "en/good.md", "good", title="Good")
    assert build(tmp_path) == []
    whole = good.read_text()
    good.unlink()
    if broken == "link":
        good.symlink_to("/etc/hostname")
    else:
        good.write_text(whole.replace("title", "draft: true\ntitle") if broken == "draft" else broken)
    write(tmp_path, "en/evil.md", "evil", "2019-01-01", title="Evil", **keys)
    assert any(line.startswith("content/en/evil.md:") for line in build(tmp_path))
    good.unlink()
    good.write_text(whole)

    assert [line for line in build(tmp_path) if line.startswith("content/en/good.md")] == []
    assert ids(tmp_path) == {"en/good.md": GOOD}


def test_a_text_takes_its_id_along_even_if_another_gets_its_old_name(site: Path) -> None:
    before = ids(site)
    lats, armorm = site / "content/en/lats.md", site / "content/en/armorm.md"
    lats.rename(site / "content/en/old.md")
    write(site, "en/lats.md", "All new.", "2020-01-01")
    assert build(site) == []
    after = ids(site)
    assert after["en/old.md"] == before["en/lats.md"]
    assert after["en/lats.md"] not in before.values()

    trees, rewards = (site / "content/en/old.md").read_text(), armorm.read_text()
    (site / "content/en/old.md").write_text(rewards)
    armorm.write_text(trees)
    assert build(site) == []
    assert ids(site) == {**after, "en/old.md": after["en/armorm.md"], "en/armorm.md": after["en/old.md"]}


def test_a_post_that_is_renamed_as_a_draft_keeps_its_id(site: Path) -> None:
    write(site, "en/lats.md", "Edited as a draft.", draft="true")
    build(site)
    (site / "content/en/lats.md").rename(site / "content/en/trees.md")
    build(site)
    write(site, "en/trees.md", "Edited once more.")

    assert build(site) == []
    assert ids(site)["en/trees.md"] == LATS


def test_a_post_that_is_renamed_and_edited_at_once_is_asked_about(site: Path) -> None:
    (site / "content/en/lats.md").unlink()
    write(site, "en/trees.md", "Quite other words.")

    [message] = build(site)

    assert f"unless its front matter has `id: {LATS}` (content/en/lats.md)" in message


def test_a_copy_of_a_post_that_is_edited_then_does_not_take_its_id(site: Path) -> None:
    before = ids(site)
    shutil.copy(site / "content/en/lats.md", site / "content/en/next.md")
    write(site, "en/lats.md", "Edited.")

    build(site)

    assert ids(site)["en/lats.md"] == before["en/lats.md"]
    assert ids(site)["en/next.md"] != before["en/lats.md"]
