"""Posts in HTML: whatever looks like Markdown in them is text, and what no browser shows is not shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.rendered import Rendered
from tests.support import open_build

BLOGS = {
    "hexo": ("_config.yml", "title: T\nurl: https://example.org\ntimezone: UTC\n", "source/_posts/a.html"),
    "hugo": ("hugo.toml", 'title = "T"\nbaseURL = "https://example.org/"\n', "content/posts/a.html"),
    "jekyll": ("_config.yml", "title: T\nurl: https://example.org\n", "_posts/2026-03-01-a.html"),
}
HEAD = "---\ntitle: A post\ndate: 2026-03-01\n---\n"


def rendered(root: Path, blog: str, text: str, head: str = HEAD) -> Rendered:
    name, config, path = BLOGS[blog]
    (root / path).parent.mkdir(parents=True)
    (root / name).write_text(config)
    (root / path).write_text(head + text, encoding="utf-8")
    build = open_build(root, datetime(2026, 5, 1, tzinfo=UTC))
    (post,) = build.site.posts
    return build.render(post)


@pytest.mark.parametrize("blog", BLOGS)
@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<p>Not *so*, nor `so`, nor [so](x).</p>", "<p>Not *so*, nor `so`, nor [so](x).</p>"),
        ("<div>\n\n    <p>Indented.</p>\n\n</div>", "<div>\n\n    <p>Indented.</p>\n\n</div>"),
        ("# no heading\n\n- no list", "# no heading\n\n- no list"),
        ("<pre>\n    a  *b*\n\n    c\n</pre>", "<pre>    a  *b*\n\n    c\n</pre>"),
        ("<p>https://example.com/ and 1 &lt; 2 &amp; 3</p>", "<p>https://example.com/ and 1 &lt; 2 &amp; 3</p>"),
        ("Loose text.<br/><br/>More.", "Loose text.<br><br>More."),
        ('<p>A <a href="b.html">page</a>.</p>', None),
        (
            "<!DOCTYPE html><html><head><title>No</title><style>p{}</style></head><body><p>A.</p></body></html>",
            "<p>A.</p>",
        ),
        ("<head>never closed<p>A.</p>", "never closed<p>A.</p>"),
        ("<p>A.</p><script>alert(1)</script><iframe></iframe>", "<p>A.</p>"),
        ("<p onclick=x>A", "<p>A</p>"),
    ],
)
def test_html_is_taken_as_it_is(tmp_path: Path, blog: str, text: str, html: str | None) -> None:
    shown = rendered(tmp_path, blog, text).html

    if html is None:
        assert '<p>A <a href="https://example.org/' in shown
        assert 'b.html">page</a>.</p>' in shown
    else:
        assert shown == html


@pytest.mark.parametrize("blog", BLOGS)
@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("<h1>Head</h1><p>Some <b>prose</b>.</p>", "Some prose."),
        (
            '<div dir="ltr"><div><a href="/b.jpg"><img src="/s.jpg"></a></div>An editor<br />\nwrote so.</div>',
            "An editor wrote so.",
        ),
        ("<p>Before.</p>\n<!--more-->\n<p>After.</p>", "Before."),
        ("<head><title>No</title></head><p>Prose.</p>", "Prose."),
        ("<p>https://example.com/</p><p>Prose.</p>", "Prose."),
        ("<img src=a.png>", "A post"),
    ],
)
def test_a_summary_is_the_first_prose_of_html(tmp_path: Path, blog: str, text: str, summary: str) -> None:
    assert rendered(tmp_path, blog, text).summary == summary


def test_a_blank_before_the_address_of_a_jekyll_post_stays(tmp_path: Path) -> None:
    assert rendered(tmp_path, "jekyll", "<p>See {% post_url 2026-03-01-a %} there.</p>").html == (
        "<p>See https://example.org/2026/03/01/a.html there.</p>"
    )


def test_jekyll_publishes_html_without_front_matter(tmp_path: Path) -> None:
    assert rendered(tmp_path, "jekyll", "<p>Text.</p>", head="").html == "<p>Text.</p>"


@pytest.mark.parametrize(
    ("blog", "path", "told"),
    [
        ("jekyll", "_posts/2026-03-02-b.textile", True),
        ("jekyll", "_posts/b.textile", False),
        ("jekyll", "_posts/2026-03-02-b.png", False),
        ("hexo", "source/_posts/b.org", True),
        ("hexo", "source/_posts/_b.org", False),
        ("hexo", "source/_posts/b.txt", False),
        ("hugo", "content/posts/b.adoc", True),
        ("hugo", "content/posts/b/notes.txt", False),
    ],
)
def test_posts_in_formats_that_are_not_read_are_named_once(tmp_path: Path, blog: str, path: str, told: bool) -> None:
    name, config, post = BLOGS[blog]
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / name).write_text(config)
    (tmp_path / post).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / post).write_text(HEAD)
    (tmp_path / path).write_text("Text.")
    more = path.replace("b.", "c.")
    (tmp_path / more).write_text("Text.")

    problems = open_build(tmp_path, datetime(2026, 5, 1, tzinfo=UTC)).site.problems

    found = [problem for problem in problems if problem.code == "post-format"]
    assert [problem.path for problem in found] == ([path] if told else [])
    assert all("nor is another file" in problem.message for problem in found)
