"""Ids are fixed when a post is first built, and nothing an author does to it afterwards makes it new to readers."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

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


def build(root: Path) -> list[str]:
    """What a build complains of."""
    result = CliRunner().invoke(main, ["build", str(root), "--now", "2026-05-01", "--quiet"])
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


def test_an_edited_text_changes_no_line(site: Path) -> None:
    before = lock(site)
    write(site, "en/lats.md", "A typo is mended.")
    build(site)

    assert lock(site) == before


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
    assert lock(site)[1:] == [first, second, other]
    assert build(site) == []


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
        path: lockfile.Line(path=path, id=f"tag:{own}", language=language, slug=slug, group=group, text=text)
        for path, own, language, slug, group, text in rows
        if not path.startswith(("#", "<", "|", "=", ">"))
    }

    assert lockfile.parse(lockfile.show(lines)) == (lines, [])
