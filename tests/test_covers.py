"""The pictures of posts: where themes keep them, and what else they keep there. A case is a row of a table."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest
import yaml

from feeds.errors import Problem
from feeds.model import Image
from tests.support import HERE, Build, open_build, table

HOME = "https://example.org/blog/"
CONFIG = {
    "hexo": ("_config.yml", f"title: T\nurl: {HOME}\nroot: /blog/\ntimezone: UTC\nlanguage: en\n"),
    "hugo": ("hugo.yaml", f"title: T\nbaseURL: {HOME}\n"),
    "jekyll": ("_config.yml", "title: T\nurl: https://example.org\nbaseurl: /blog\n"),
    "native": ("feeds.toml", f'title = "T"\nurl = "{HOME}"\n'),
}
POSTS = {
    "hexo": "source/_posts/x.md",
    "hugo": "content/posts/x/index.md",
    "jekyll": "_posts/2026-03-01-x.md",
    "native": "content/x.md",
}
ROWS = [*table(HERE / "covers" / "covers.tsv")]


def png(width: int = 3, height: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk))


def built(root: Path, blog: str, front: str, files: tuple[str, ...] = ()) -> Build:
    name, text = CONFIG[blog]
    post = root / POSTS[blog]
    post.parent.mkdir(parents=True)
    (root / name).write_text(text)
    post.write_text(f"---\ntitle: T\ndate: 2026-03-01\n{front}\n---\n\nText.\n", encoding="utf-8")
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(png())
    return open_build(root, datetime(2026, 5, 1, tzinfo=UTC))


def of_post(build: Build) -> list[Problem]:
    return [problem for problem in build.site.problems if problem.path in POSTS.values()]


def cover(build: Build) -> Image | None:
    (post,) = build.site.posts
    return post.image


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}: {row[1]}" for row in ROWS])
def test_a_cover_is_found_where_its_theme_keeps_it(tmp_path: Path, row: list[str]) -> None:
    blog, _, front, address = row
    build = built(
        tmp_path,
        blog,
        front.replace("; ", "\n"),
        ("content/posts/x/a.png", "content/posts/x/b.jpg") if blog == "hugo" else (),
    )

    image = cover(build)

    assert (image.src if image else "-") == (address if address == "-" else urljoin(HOME, address))
    assert of_post(build) == []


@pytest.mark.parametrize(("blog", "keys"), [(row[0], yaml.safe_load(row[2].replace("; ", "\n"))) for row in ROWS])
def test_every_row_of_the_table_is_front_matter(blog: str, keys: object) -> None:
    assert blog in CONFIG
    assert isinstance(keys, dict)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (("feature.png",), "feature.png"),
        (("featured.jpg",), "featured.jpg"),
        (("my-cover.webp",), "my-cover.webp"),
        (("thumbnail.png", "feature-1.png"), "feature-1.png"),
        (("cover.png", "a.png"), "cover.png"),
        (("a.png", "cover.txt"), ""),
        (("images/feature.png",), ""),
    ],
)
def test_a_picture_of_a_hugo_bundle_may_be_its_cover_by_its_name(
    tmp_path: Path, files: tuple[str, ...], found: str
) -> None:
    image = cover(built(tmp_path, "hugo", "", tuple(f"content/posts/x/{file}" for file in files)))

    assert (image.src if image else "") == (f"{HOME}posts/x/{found}" if found else "")
    if image and found.endswith("png"):
        assert (image.width, image.height, image.type) == (3, 2, "image/png")


def test_what_the_front_matter_says_comes_before_what_a_file_is_called(tmp_path: Path) -> None:
    image = cover(built(tmp_path, "hugo", "image: a.png", ("content/posts/x/a.png", "content/posts/x/feature.png")))

    assert image
    assert (image.src, image.width) == (f"{HOME}posts/x/a.png", 3)


def test_a_picture_in_the_folder_of_a_hexo_post_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "source/_posts/x").mkdir(parents=True)
    (tmp_path / "source/_posts/x/a.png").write_bytes(png())
    (tmp_path / "source/_posts/x.md").write_text("---\ntitle: T\ndate: 2026-03-01\ncover: a.png\n---\n")
    (tmp_path / "source/_posts/y.md").write_text("---\ntitle: T\ndate: 2026-03-01\ncover: a.png\n---\n")
    (tmp_path / "_config.yml").write_text(CONFIG["hexo"][1] + "post_asset_folder: true\n")

    images = {post.slug: post.image for post in open_build(tmp_path, datetime(2026, 5, 1, tzinfo=UTC)).site.posts}

    assert images["x"]
    assert images["y"]
    assert (images["x"].src, images["x"].width) == (f"{HOME}2026/03/01/x/a.png", 3)
    assert images["y"].src == f"{HOME}a.png"


@pytest.mark.parametrize("said", ["false", "no", '""', "null"])
def test_our_own_key_may_say_that_there_is_no_picture(tmp_path: Path, said: str) -> None:
    build = built(tmp_path, "native", f"image: {said}")

    assert cover(build) is None
    assert of_post(build) == []


def test_values_within_values_end(tmp_path: Path) -> None:
    front = "cover: &a [*a, [[[[[[/img/deep.png]]]]]]]\nimage: &b {image: *b, src: {src: {src: {src: {src: /x.png}}}}}"

    assert cover(built(tmp_path, "jekyll", front)) is None
