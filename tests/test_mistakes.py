"""Mistakes authors make. A case is a file: what is wrong, and beside it the problems it must give, one a line.

To add one, write `mistakes/front_matter/NAME.md` or `mistakes/settings/NAME.toml` and run `pytest --update-golden`.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds import reader
from feeds import settings as feeds_settings
from feeds.errors import SettingsError
from feeds.model import Settings, Site
from feeds.reader.generators.native import Native
from feeds.rendered import Lookup
from tests.support import HERE, Expected, listed

CASES = HERE / "mistakes"
FRONT_MATTER = sorted((CASES / "front_matter").glob("*.md"))
SETTINGS = sorted((CASES / "settings").glob("*.toml"))
NOW = datetime(2026, 4, 27, tzinfo=UTC)

FEEDS_TOML = """
title = "Deep Technical Reviews"
url = "https://example.org/"
timezone = "Asia/Shanghai"

[languages.en]
tag = "en"

[languages.zh]
tag = "zh-Hans"

[themes.systems]
tags = ["training", "inference"]

[themes.agents]
tags = ["planning"]

[themes.alignment]
tags = ["rlhf"]
"""
GOOD = "---\ntitle: What the paper shows\ndate: 2026-04-20\n---\n\nText.\n"


def settings() -> Settings:
    return feeds_settings.parse(FEEDS_TOML)


def put(root: Path, path: str, text: str = GOOD) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="")
    return file


def blog(root: Path) -> reader.Blog:
    return reader.Blog(root, Native(settings()))


def read(root: Path) -> Site:
    return blog(root).read(NOW)


def problems(site: Site) -> list[str]:
    return sorted(map(str, site.problems))


def site_of(case: Path, root: Path) -> Site:
    (root / "content" / "en").mkdir(parents=True)
    shutil.copyfile(case, root / "content" / "en" / case.name)
    return read(root)


@pytest.mark.parametrize("case", FRONT_MATTER, ids=lambda case: case.stem)
def test_wrong_front_matter_gives_exactly_these_problems(case: Path, tmp_path: Path, expected: Expected) -> None:
    actual = listed(problems(site_of(case, tmp_path)))

    assert expected(case.with_suffix(".txt"), actual) == actual


@pytest.mark.parametrize("case", SETTINGS, ids=lambda case: case.stem)
def test_a_wrong_setting_gives_exactly_these_problems(case: Path, expected: Expected) -> None:
    try:
        feeds_settings.parse(case.read_bytes().decode())
    except SettingsError as error:
        actual = listed(sorted(map(str, error.problems)))
    else:
        actual = ""

    assert expected(case.with_suffix(".txt"), actual) == actual


@pytest.mark.parametrize("case", FRONT_MATTER, ids=lambda case: case.stem)
def test_a_post_is_left_out_just_when_its_problems_hold_an_error_or_it_is_an_undated_draft(
    case: Path, tmp_path: Path
) -> None:
    site = site_of(case, tmp_path)
    kept = [post.path for post in (*site.posts, *site.withheld)]
    path = f"content/en/{case.name}"
    wrong = any(problem.severity == "error" for problem in site.problems)
    undated = any("`date` is missing" in problem.message for problem in site.problems)
    assert ([] if wrong or undated else [path]) == kept


def test_every_case_has_its_expectation_and_every_expectation_its_case() -> None:
    cases = {case.with_suffix("") for case in (*FRONT_MATTER, *SETTINGS)}
    assert cases == {file.with_suffix("") for file in CASES.glob("*/*.txt")}


def test_every_other_post_is_read_beside_all_broken_ones(tmp_path: Path) -> None:
    expected = {"content/en/good.md", "content/zh/good.md"}
    for path in expected:
        put(tmp_path, path)
    for case in FRONT_MATTER:
        shutil.copyfile(case, tmp_path / "content" / "en" / case.name)
    assert expected <= {post.path for post in read(tmp_path).posts}


def test_of_two_posts_with_one_address_the_elder_stays(tmp_path: Path) -> None:
    put(tmp_path, "content/en/a.md", "---\ntitle: New\ndate: 2026-04-21\nslug: lats\n---\n")
    put(tmp_path, "content/en/b.md", "---\ntitle: Old\ndate: 2026-04-20\nslug: lats\n---\n")
    site = read(tmp_path)
    assert [post.path for post in site.posts] == ["content/en/b.md"]
    assert site.broken == {"content/en/a.md": "error"}
    assert problems(site) == [
        (
            "content/en/a.md:4: error: has the same address https://example.org/en/lats/ as content/en/b.md; "
            "change its `slug` [address-taken]"
        )
    ]


def test_addresses_that_differ_in_capitals_alone_are_one_address(tmp_path: Path) -> None:
    put(tmp_path, "content/en/a.md", "---\ntitle: New\ndate: 2026-04-21\nslug: LATS\n---\n")
    put(tmp_path, "content/en/b.md", "---\ntitle: Old\ndate: 2026-04-20\nslug: lats\n---\n")
    assert problems(read(tmp_path)) == [
        (
            "content/en/a.md:4: error: has the same address https://example.org/en/LATS/ as content/en/b.md; "
            "change its `slug` [address-taken]"
        )
    ]


@pytest.mark.parametrize(
    ("one", "other"), [("caf\u00e9", "cafe\u0301"), ("\u00c9t\u00e9", "e\u0301te\u0301"), ("\uac00", "\u1100\u1161")]
)
def test_addresses_that_differ_in_their_normal_form_alone_are_one_address(tmp_path: Path, one: str, other: str) -> None:
    put(tmp_path, "content/en/a.md", f"---\ntitle: New\ndate: 2026-04-21\nslug: {one}\n---\n")
    put(tmp_path, "content/en/b.md", f"---\ntitle: Old\ndate: 2026-04-20\nslug: {other}\n---\n")
    assert [problem.partition(" as ")[2] for problem in problems(read(tmp_path))] == [
        "content/en/b.md; change its `slug` [address-taken]"
    ]


@pytest.mark.parametrize(("one", "other"), [("a%2Fb", "a%252Fb"), ("%ff", "%fe"), ("é", "e"), ("字", "学")])
def test_other_addresses_are_two(tmp_path: Path, one: str, other: str) -> None:
    put(tmp_path, "content/en/a.md", f"---\ntitle: New\ndate: 2026-04-21\nslug: {one!r}\nid: 'urn:xx:a'\n---\n")
    put(tmp_path, "content/en/b.md", f"---\ntitle: Old\ndate: 2026-04-20\nslug: {other!r}\nid: 'urn:xx:b'\n---\n")
    assert problems(read(tmp_path)) == []


def test_a_published_post_keeps_its_address_against_an_elder_draft(tmp_path: Path) -> None:
    put(tmp_path, "content/en/a.md", "---\ntitle: Draft\ndate: 2026-04-19\nslug: lats\ndraft: true\n---\n")
    put(tmp_path, "content/en/b.md", "---\ntitle: Published\ndate: 2026-04-20\nslug: lats\n---\n")
    assert [post.path for post in read(tmp_path).posts] == ["content/en/b.md"]


def test_of_two_posts_with_one_id_the_elder_stays(tmp_path: Path) -> None:
    put(tmp_path, "content/en/a.md", "---\ntitle: New\ndate: 2026-04-21\nid: urn:xx:1\n---\n")
    put(tmp_path, "content/en/b.md", "---\ntitle: Old\ndate: 2026-04-20\nid: urn:xx:1\n---\n")
    site = read(tmp_path)
    assert [post.path for post in site.posts] == ["content/en/b.md"]
    assert problems(site) == [
        "content/en/a.md:4: error: has the same id urn:xx:1 as content/en/b.md; change its `id` [id-taken]"
    ]


def test_an_id_that_is_the_address_of_another_post_is_no_second_address(tmp_path: Path) -> None:
    put(tmp_path, "content/en/a.md", "---\ntitle: New\ndate: 2026-04-21\nid: https://example.org/en/b/\n---\n")
    put(tmp_path, "content/en/b.md", "---\ntitle: Old\ndate: 2026-04-20\n---\n")
    assert [post.path for post in read(tmp_path).posts] == ["content/en/a.md", "content/en/b.md"]


def test_a_second_translation_into_one_language_is_a_warning(tmp_path: Path) -> None:
    put(tmp_path, "content/en/a.md", "---\ntitle: New\ndate: 2026-04-21\ntranslation: lats\n---\n")
    put(tmp_path, "content/en/b.md", "---\ntitle: Old\ndate: 2026-04-20\ntranslation: lats\n---\n")
    put(tmp_path, "content/zh/c.md", "---\ntitle: 评论\ndate: 2026-04-20\ntranslation: lats\n---\n")
    assert problems(read(tmp_path)) == [
        (
            "content/en/b.md:4: warning: shares translation group `lats` with content/en/a.md in the same language, "
            "so it is not linked [translation-taken]"
        )
    ]


def test_a_folder_of_no_configured_language_is_named(tmp_path: Path) -> None:
    put(tmp_path, "content/fr/lats.md")
    assert problems(read(tmp_path)) == [
        (
            'content/fr/lats.md:1: error: is in folder "fr", which is not a language in feeds.toml; '
            "move it to en or zh, or add `lang` [language-missing]"
        )
    ]


def test_a_file_in_no_folder_is_named(tmp_path: Path) -> None:
    put(tmp_path, "content/lats.md")
    assert problems(read(tmp_path)) == [
        "content/lats.md:1: error: is not in a language folder; move it to en or zh, or add `lang` [language-missing]"
    ]


def test_a_file_in_no_language_folder_may_say_its_language(tmp_path: Path) -> None:
    put(tmp_path, "content/fr/lats.md", "---\ntitle: What the paper shows\ndate: 2026-04-20\nlang: zh\n---\n")
    site = read(tmp_path)
    assert problems(site) == []
    assert [post.language.code for post in site.posts] == ["zh"]


def test_a_link_that_leads_out_of_the_site_is_not_followed(tmp_path: Path) -> None:
    outside = put(tmp_path, "outside/secret.md")
    put(tmp_path, "site/content/en/good.md")
    (tmp_path / "site/content/en/lats.md").symlink_to(outside)
    site = read(tmp_path / "site")
    assert [post.path for post in site.posts] == ["content/en/good.md"]
    assert problems(site) == [
        "content/en/lats.md: error: is a link that leads out of the site; copy the file instead [file-unreadable]"
    ]


def test_a_folder_that_leads_out_of_the_site_is_a_problem_and_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.md")
    put(tmp_path, "site/content/en/good.md")
    (tmp_path / "site/content/en/more").symlink_to(tmp_path / "outside", target_is_directory=True)
    site = read(tmp_path / "site")
    assert [post.path for post in site.posts] == ["content/en/good.md"]
    assert problems(site) == [
        "content/en/more: error: is a link that leads out of the site; copy the folder instead [file-unreadable]"
    ]


def test_a_language_folder_that_leads_out_of_the_site_is_a_problem_and_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.md")
    (tmp_path / "site/content").mkdir(parents=True)
    (tmp_path / "site/content/en").symlink_to(tmp_path / "outside", target_is_directory=True)
    site = read(tmp_path / "site")
    assert site.posts == ()
    assert problems(site) == [
        "content/en: error: is a link that leads out of the site; copy the folder instead [file-unreadable]"
    ]


def test_a_content_folder_that_leads_out_of_the_site_is_a_problem_and_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "outside/en/secret.md")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/content").symlink_to(tmp_path / "outside", target_is_directory=True)
    site = read(tmp_path / "site")
    assert site.posts == ()
    assert problems(site) == [
        "content: error: is a link that leads out of the site; copy the folder instead [file-unreadable]"
    ]


def test_a_link_inside_the_site_is_followed(tmp_path: Path) -> None:
    put(tmp_path, "content/zh/lats.md")
    (tmp_path / "content/en").mkdir()
    (tmp_path / "content/en/lats.md").symlink_to(tmp_path / "content/zh/lats.md")
    site = read(tmp_path)
    assert problems(site) == []
    assert [post.path for post in site.posts] == ["content/en/lats.md", "content/zh/lats.md"]


def test_a_link_to_nothing_is_named(tmp_path: Path) -> None:
    put(tmp_path, "content/en/good.md")
    (tmp_path / "content/en/lats.md").symlink_to(tmp_path / "content/en/gone.md")
    assert problems(read(tmp_path)) == [
        "content/en/lats.md: error: cannot be read: No such file or directory [file-unreadable]"
    ]


def test_a_link_to_itself_is_named(tmp_path: Path) -> None:
    put(tmp_path, "content/en/good.md")
    (tmp_path / "content/en/lats.md").symlink_to(tmp_path / "content/en/lats.md")
    assert problems(read(tmp_path)) == [
        "content/en/lats.md: error: cannot be read: Too many levels of symbolic links [file-unreadable]"
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, "content/en/good.md")
    put(tmp_path, "content/en/lats.md").chmod(0)
    site = read(tmp_path)
    assert [post.path for post in site.posts] == ["content/en/good.md"]
    assert problems(site) == ["content/en/lats.md: error: cannot be read: Permission denied [file-unreadable]"]


def test_a_folder_named_like_a_post_is_walked_like_any_folder(tmp_path: Path) -> None:
    put(tmp_path, "content/en/folder.md/index.md")
    site = read(tmp_path)
    assert problems(site) == []
    assert [post.slug for post in site.posts] == ["folder.md"]


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="file names are Unicode here")
def test_a_file_whose_name_is_not_utf_8_is_named(tmp_path: Path) -> None:
    put(tmp_path, "content/en/good.md")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/content/en/caf\xe9.md")).write_text(GOOD, encoding="utf-8")
    site = read(tmp_path)
    assert [post.path for post in site.posts] == ["content/en/good.md"]
    assert problems(site) == [
        "content/en/caf\ufffd.md: error: has a name that is not UTF-8; rename it [file-unreadable]"
    ]


def test_a_missing_content_folder_is_named(tmp_path: Path) -> None:
    wrong = "cannot be read: No such file or directory; create it or name another in [content] dir"
    assert problems(read(tmp_path)) == [f"content: error: {wrong} [file-unreadable]"]


def test_a_content_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    put(tmp_path, "content")
    assert problems(read(tmp_path)) == [
        "content: error: cannot be read: Not a directory; create it or name another in [content] dir [file-unreadable]"
    ]


def test_an_empty_content_folder_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    assert problems(read(tmp_path)) == ["content: warning: contains no posts; put Markdown files there [posts-missing]"]


def test_notes_hidden_files_and_pictures_are_no_posts(tmp_path: Path) -> None:
    for path in ("README.md", "en/readme.markdown", "en/.draft.md", "en/_notes.md", "en/.git/x.md", "en/lats/x.png"):
        put(tmp_path, f"content/{path}", "no post")
    put(tmp_path, "content/en/lats.md")
    site = read(tmp_path)
    assert problems(site) == []
    assert [post.path for post in site.posts] == ["content/en/lats.md"]


@pytest.mark.parametrize("size", [100, 8192, 20_000, 100_000])
def test_an_octet_that_is_not_utf_8_in_the_text_is_told_alike_in_long_and_short_posts(
    size: int, tmp_path: Path
) -> None:
    put(tmp_path, "content/en/lats.md")
    with (tmp_path / "content/en/lats.md").open("ab") as file:
        file.write(b"A line of text.\n" * (size // 16) + b"\xff\n")
    site = read(tmp_path)
    assert [post.path for post in site.posts] == ["content/en/lats.md"]
    _, found = blog(tmp_path).markdown(site.posts[0], Lookup(site))
    line = 7 + size // 16
    wrong = "byte 0xff is not UTF-8; save the file as UTF-8; shown as � [encoding-invalid]"
    assert [f"content/en/lats.md:{line}: warning: {wrong}"] == list(map(str, found))


def test_control_characters_in_the_text_are_taken_out_with_a_note_each_line(tmp_path: Path) -> None:
    put(tmp_path, "content/en/lats.md", f"{GOOD}A\x08B.\n\nC\x9dD\x0bE.\n")
    site = read(tmp_path)
    text, found = blog(tmp_path).markdown(site.posts[0], Lookup(site))
    assert text == "\nText.\nAB.\n\nCDE.\n"
    end = "which were removed; delete them here [character-removed]"
    assert list(map(str, found)) == [
        f"content/en/lats.md:{line}: note: contains invisible characters ({found}), {end}"
        for line, found in ((7, "U+0008"), (9, "U+000B, U+009D"))
    ]
