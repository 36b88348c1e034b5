"""Where a text begins does not depend on how much of its file was read at first, whatever front matter it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds import reader
from feeds.reader import files, frontmatter
from feeds.reader.frontmatter import FrontMatter, FrontMatterError
from feeds.rendered import Lookup

if TYPE_CHECKING:
    from feeds.reader.dialect import Dialect

calm = settings(max_examples=150, deadline=None, derandomize=True)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BLOGS = {
    "native": ("feeds.toml", 'title = "T"\nurl = "https://example.org/"\n', "content/2020-01-01-x.md"),
    "hexo": ("_config.yml", "title: T\nurl: https://example.org\ntimezone: UTC\n", "source/_posts/2020-01-01-x.md"),
    "hugo": ("hugo.toml", 'title = "T"\nbaseURL = "https://example.org/"\n', "content/posts/2020-01-01-x.md"),
    "jekyll": ("_config.yml", "title: T\nurl: https://example.org\n", "_posts/2020-01-01-x.md"),
}
"""What makes a folder a blog of each kind, and where a post lies in it."""

YAML = "title: Über\nlayout: %s\ndate: 2020-01-01"
TOML = 'title = "Über"\nlayout = "%s"\ndate = "2020-01-01"'
JSON = '"title": "Über",\n"layout": "%s",\n"date": "2020-01-01"'
KINDS = {
    "native": [f"---\n{YAML}\n---", f"-----\n{YAML}\n---", f"+++\n{TOML}\n+++", f"{{ \n{JSON}\n}}"],
    "hexo": [f"---\n{YAML}\n---", f"\n\n---\n{YAML}\n---", f"{YAML}\n---", f"{JSON}\n;;;", f";;;\n{JSON}\n;;;"],
    "hugo": [f"---\n{YAML}\n---", f"\n\n---\n{YAML}\n---", f"+++\n{TOML}\n+++++", f"{{\n{JSON}\n}}"],
    "jekyll": [f"---\n{YAML}\n---", f"---\n{YAML}\n...", f"---\n\n{YAML}\n---"],
}
"""The front matter each knows, with a place for any text."""

BODIES = (
    b"",
    b"Text.",
    "一段。\n\n二段。\n".encode(),
    b"    code\n",
    b"\xe4\xb8\n\xff\x80",
    b"---\n",
    b"+++\n}\n;;;\n",
)

FENCES = (b"---", b"---", b"--- ", b"-----", b"...", b"+++", b"{", b"}", b"} ", b";;;", b"--- x")
KEYS = (
    b"title: x",
    b'title = "x"',
    b'"title": "x"',
    b"\ttags:",
    b"  - x",
    b"",
    b" ",
    b"\xe3\x80\x80",
    b"\xe4\xb8",
    b"\x00",
)
LINES = [line + end for line in (*FENCES, *KEYS) for end in (b"\n", b"\n", b"\r\n", b"\r", b"")]


@dataclass(frozen=True)
class File:
    """A made-up file: its front matter, what stands behind the last fence on its line and below, and its text."""

    dialect: str
    front: str
    trailing: str
    blanks: str
    body: bytes
    end: str = "\n"
    bom: bytes = b""

    @property
    def data(self) -> bytes:
        front = f"{self.front % ''}{self.trailing}\n{self.blanks}".replace("\n", self.end)
        return self.bom + front.encode() + self.body


@st.composite
def made_up(draw: st.DrawFn) -> File:
    dialect = draw(st.sampled_from(sorted(KINDS)))
    front = draw(st.sampled_from(KINDS[dialect]))
    return File(
        dialect,
        front,
        "" if front.endswith(";;;") else draw(st.sampled_from(["", "", " ", "\t "])),
        "".join(draw(st.lists(st.sampled_from(["\n", "\n", " \n", "\t\n", "\u3000\n"]), max_size=3))),
        draw(st.sampled_from(BODIES)),
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
        draw(st.sampled_from([b"", b"\xef\xbb\xbf"])),
    )


@pytest.fixture(scope="module")
def blogs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, reader.Blog]:
    """An empty blog of every kind."""
    found = {}
    for name, (config, text, path) in BLOGS.items():
        root = tmp_path_factory.mktemp(name)
        (root / config).write_text(text)
        (root / path).parent.mkdir(parents=True)
        found[name] = reader.open_blog(root)
    return found


def read(dialect: Dialect, path: Path, first: int) -> FrontMatter | str:
    try:
        return files.read_front_matter(
            path.parent, path.name, lambda text: dialect.front_matter(text, "x.md"), first=first
        )[0]
    except FrontMatterError as error:
        return f"{error.line}: {error.message}"


@calm
@given(file=made_up())
@example(file=File("native", f"---\n{YAML}\n---", "", "\n", b"A long first line.\n"))
def test_what_is_read_at_first_changes_nothing(file: File, blogs: dict[str, reader.Blog]) -> None:
    blog = blogs[file.dialect]
    path = blog.root / BLOGS[file.dialect][2]
    path.write_bytes(file.data)
    whole = read(blog.dialect, path, len(file.data) + 1)

    assert isinstance(whole, FrontMatter)
    for cut in range(1, len(file.data) + 1):
        assert read(blog.dialect, path, cut) == whole, file.data[:cut]


@calm
@given(dialect=st.sampled_from(sorted(KINDS)), lines=st.lists(st.sampled_from(LINES), max_size=12))
def test_what_is_read_at_first_changes_nothing_in_any_order_of_lines(
    dialect: str, lines: list[bytes], blogs: dict[str, reader.Blog]
) -> None:
    blog = blogs[dialect]
    path = blog.root / BLOGS[dialect][2]
    data = b"".join(lines)
    path.write_bytes(data)
    whole = read(blog.dialect, path, len(data) + 1)

    for cut in range(1, len(data) + 1):
        assert read(blog.dialect, path, cut) == whole, data[:cut]


@calm
@given(file=made_up())
def test_a_text_begins_on_the_line_behind_its_front_matter(file: File, blogs: dict[str, reader.Blog]) -> None:
    blog = blogs[file.dialect]
    path = blog.root / BLOGS[file.dialect][2]
    path.write_bytes(file.data)

    found = read(blog.dialect, path, len(file.data) + 1)

    assert isinstance(found, FrontMatter)
    assert found.body_line == (file.front + "\n").count("\n") + 1


@pytest.mark.parametrize("past", range(-6, 4))
@pytest.mark.parametrize("dialect", sorted(KINDS))
def test_a_long_first_paragraph_is_there_wherever_the_first_read_ends(
    dialect: str, past: int, blogs: dict[str, reader.Blog]
) -> None:
    blog = blogs[dialect]
    path = blog.root / BLOGS[dialect][2]
    for front in KINDS[dialect]:
        for blanks in ("\n", "\n\n", "\n\n\n", "\n \n\n"):
            fits = frontmatter.FIRST_READ + past - len(f"{front}{blanks}".encode()) + len("%s")
            path.write_text(f"{front % ('x' * fits)}{blanks}{'第一段。' * 600}\n\n第二段。\n", encoding="utf-8")
            site = blog.read(NOW)

            text, _ = blog.markdown(site.posts[0], Lookup(site))

            assert text.strip().startswith("第一段。"), (front, blanks)


@pytest.mark.parametrize(
    ("front", "text"),
    [
        ("---\ntitle: T\ndate: 2020-01-01\n--- Words.\nMore.\n", " Words.\nMore.\n"),
        ("---\ntitle: T\ndate: 2020-01-01\n-----# Head\n", "# Head\n"),
        ("+++\ntitle='T'\ndate=2020-01-01\n+++Words.", "Words."),
        ('{"title": "T } \\" {", "date": "2020-01-01"} Words.\n\nMore.', " Words.\n\nMore."),
        ('{\n"title": "T",\n"date": "2020-01-01"\n}\nWords.', "Words."),
        ("---\ntitle: T\ndate: 2020-01-01\n---\n---\nWords.", "---\nWords."),
        ("---\ntitle: T\ndate: 2020-01-01\n---\n--- Words.", "--- Words."),
        ("---\ntitle: T\ndate: 2020-01-01\n---", ""),
        (" \n\n---title: T\ndate: 2020-01-01\n---\nWords.", "Words."),
    ],
)
def test_text_behind_hugos_front_matter_on_its_last_line_is_text(tmp_path: Path, front: str, text: str) -> None:
    config, said, path = BLOGS["hugo"]
    (tmp_path / config).write_text(said)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(front)
    blog = reader.open_blog(tmp_path)
    site = blog.read(NOW)
    (post,) = site.posts

    assert blog.markdown(post, Lookup(site)) == (text, [])
    assert post.body_line == front.count("\n", 0, len(front) - len(text)) + 1 or not text
