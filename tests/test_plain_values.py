"""Titles and authors that a generator's site prints as HTML, and covers that are no address."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.errors import Problem
from feeds.model import Post
from feeds.reader.fields import Fields
from feeds.reader.plain import plain, without_markup
from tests.support import open_site

CONFIG = "title: Notes\nurl: https://example.org\ntimezone: UTC\n"
BLOGS = {
    "hexo": ("_config.yml", CONFIG, "source/_posts/a.md"),
    "jekyll": ("_config.yml", CONFIG, "_posts/2026-03-01-a.md"),
    "hugo": ("hugo.yaml", "title: Notes\nbaseURL: https://example.org\n", "content/a.md"),
    "native": ("feeds.toml", 'title = "Notes"\nurl = "https://example.org/"\n', "content/a.md"),
}


def read(root: Path, blog: str, **front: object) -> tuple[Post | None, list[Problem]]:
    config, text, path = BLOGS[blog]
    (root / config).write_text(text)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    keys = "".join(f"{key}: {json.dumps(value)}\n" for key, value in {"date": "2026-03-01", **front}.items())
    (root / path).write_text(f"---\n{keys}---\n\nText.\n")
    site = open_site(root, datetime(2026, 5, 1, tzinfo=UTC))
    return next(iter(site.posts), None), [problem for problem in site.problems if problem.path == path]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Pumps, Now What? <br> Water <i>for</i> All", "Pumps, Now What? Water for All"),
        ("AT&amp;T and R&D &mdash; a look", "AT&T and R&D — a look"),
        ("a&nbsp;b&#160;c&#x2014;d", "a b c—d"),
        ("Joren-&gt;blog &lt;b&gt;x&lt;/b&gt;", "Joren->blog <b>x</b>"),
        ('<span class="x"><em>a</em> <a href="/b">b</a></span>', "a b"),
        ("<b>a <i>b</b> c</i>", "a b c"),
        ("The <b> element, </b> and <b>", "The element, and <b>"),
        ("Vec<T> and Map<K, V>, a < b > c", "Vec<T> and Map<K, V>, a < b > c"),
        ("?a=1&copy=2&lt=3 AT&T;", "?a=1&copy=2&lt=3 AT&T;"),
        ("a&#8;b&#x202e;c&#0;&#xD800;&#9999999;", "abc\ufffd\ufffd\ufffd"),
        ("a<wbr>b<br/>c<IMG SRC=x>", "ab c"),
        ("<script>x</script>", "<script>x</script>"),
        ("&lt;br&gt; &amp;amp;", "<br> &amp;"),
    ],
)
@pytest.mark.parametrize("blog", ["hexo", "jekyll"])
def test_a_title_is_what_the_site_shows_of_it(tmp_path: Path, blog: str, said: str, shown: str) -> None:
    post, _ = read(tmp_path, blog, title=said)

    assert post
    assert post.title == shown


def test_hugo_escapes_titles_so_references_are_words(tmp_path: Path) -> None:
    post, _ = read(tmp_path, "hugo", title="AT&amp;T <em>x</em>")

    assert post
    assert post.title == "AT&amp;T x"


def test_our_own_titles_are_plain_text(tmp_path: Path) -> None:
    post, _ = read(tmp_path, "native", title="AT&amp;T <em>x</em>")

    assert post
    assert post.title == "AT&amp;T <em>x</em>"


@pytest.mark.parametrize("blog", ["hexo", "jekyll"])
def test_a_title_of_markup_alone_is_missing(tmp_path: Path, blog: str) -> None:
    post, _ = read(tmp_path, blog, title="<b></b><br>&nbsp;&#8;")

    assert post
    assert post.title.casefold() == "a"


def test_titles_of_sites_are_read_like_those_of_posts(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts/2026-03-01-a.md").write_text("---\n---\nText.\n")
    (tmp_path / "_config.yml").write_text(
        'title: "A &amp; <b>B</b>"\ndescription: "x<br>y"\nurl: https://example.org\n'
    )

    settings = open_site(tmp_path).settings

    assert (settings.title["en"], settings.description["en"]) == ("A & B", "x y")


ADA, BO = '<a href="https://example.com/ada">Ada</a>', '<a href="https://example.com/bo">Bo &amp; Co</a>'


@pytest.mark.parametrize("blog", BLOGS)
@pytest.mark.parametrize(
    ("said", "names"),
    [
        (f"{ADA}, {BO}", ("Ada", "Bo & Co")),
        (f"{ADA} and {BO}", ("Ada", "Bo & Co")),
        (ADA, ("Ada",)),
        ([ADA, BO, "Cy"], ("Ada", "Bo & Co", "Cy")),
        ("[Ada](https://example.com/ada)", ("Ada",)),
        ("Ada <ada@example.com>", ("Ada <ada@example.com>",)),
        ('<a href="x"></a>', ()),
        ("<a href='x'>Ada", ("<a href='x'>Ada",)),
    ],
)
def test_an_author_that_is_a_link_is_a_name(tmp_path: Path, blog: str, said: object, names: tuple[str, ...]) -> None:
    post, _ = read(tmp_path, blog, title="A", author=said)

    assert post
    assert tuple(author.name for author in post.authors) == names


@pytest.mark.parametrize(("blog", "printed"), [("hexo", True), ("jekyll", True), ("hugo", False), ("native", False)])
@pytest.mark.parametrize(
    ("said", "name"), [(f"{ADA} of Example", "Ada of Example"), ("<b>Ada</b>", "Ada"), ("<b></b>", "<b></b>")]
)
def test_other_tags_in_an_author_go_where_the_site_prints_them(
    tmp_path: Path, blog: str, printed: bool, said: str, name: str
) -> None:
    post, _ = read(tmp_path, blog, title="A", author=said)

    assert post
    assert [author.name for author in post.authors] == [name if printed else said]


@pytest.mark.parametrize("blog", ["hexo", "jekyll", "hugo"])
@pytest.mark.parametrize(
    "said",
    [
        '<p style="text-align:center;"> <video controls> <source src="https://example.com/a.mp4"> </video> </p>',
        "{{ site.baseurl }}/a.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://exa mple.org/a.png",
        "http://[x/a.png",
        "//[x",
        "//",
        "http://",
        "http:a.png",
        "C:\\a.png",
        "a|b",
        '"',
    ],
)
def test_a_cover_that_is_no_address_is_left_out_with_one_warning(tmp_path: Path, blog: str, said: str) -> None:
    post, problems = read(tmp_path, blog, title="A", cover=said)

    assert post
    assert post.image is None
    assert [(problem.severity, problem.line) for problem in problems] == [("warning", 4)]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("my picture.png", "https://example.org/my%20picture.png"),
        ("/50%.png", "https://example.org/50%25.png"),
        ("/%e5%ad%97.png", "https://example.org/%e5%ad%97.png"),
        ("//e.org/字 a.png", "https://e.org/%E5%AD%97%20a.png"),
        ("HTTPS://e.org/a.png?b=c d#e", "https://e.org/a.png?b=c%20d#e"),
        ("../../../a.png", "https://example.org/a.png"),
    ],
)
def test_other_covers_lead_where_a_browser_goes(tmp_path: Path, said: str, address: str) -> None:
    post, problems = read(tmp_path, "hugo", title="A", cover=said)

    assert post
    assert post.image
    assert post.image.src == address
    assert problems == []


def test_a_title_of_a_thousand_tags_takes_no_longer_than_its_length() -> None:
    assert without_markup("<b>" * 20_000 + "</b>" * 20_000) == ""
    assert plain("<a " * 20_000) == "<a " * 20_000


def test_fields_keep_the_order_of_names() -> None:
    assert Fields("a.md", {"authors": [BO, ADA, BO]}, {}).names("authors") == ("Bo & Co", "Ada")
