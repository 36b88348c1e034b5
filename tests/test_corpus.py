"""Real posts of real blogs, when the corpus lies beside the project: nothing in them may break a rendering."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import pytest

from feeds import markup
from feeds.markup.math import Refused, find
from feeds.markup.math.tree import tree
from feeds.rendered import Lookup, Syntax
from tests.support import CORPUS, Build

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of real posts beside the project"),
]


def bodies(blog: str) -> list[tuple[str, str]]:
    paths = sorted(path for path in (CORPUS / blog).rglob("*.md") if path.is_file())
    return [(str(path), path.read_text(encoding="utf-8", errors="replace")) for path in paths]


@pytest.mark.parametrize(
    "blog", ["lilianweng+lil-log", "selfboot+selfboot.github.io", "vllm-project+vllm-project.github.io", "v8+v8.dev"]
)
def test_real_posts_render_safely(build: Build, blog: str) -> None:
    found = bodies(blog)
    assert len(found) > 30
    for path, text in found:
        post = replace(build.site.posts[0], path="content/en/x.md", body_line=1, summary="")

        body = markup.Body(post, text, Lookup(build.site))

        tags = re.findall(r"<[a-zA-Z][^>]*>", body.html)
        unsafe = [tag for tag in tags if re.match(r"<(script|style|iframe|form|input|object|embed)", tag)]
        relative = [tag for tag in tags if re.search(r'\s(href|src)="(?!https?://|mailto:|#)', tag)]
        assert (unsafe, relative) == ([], []), path
        assert markup.width(body.summary) <= 401, path


@pytest.mark.parametrize(
    ("blog", "flavor", "formulas"),
    [
        ("lilianweng+lil-log", "kramdown", 5180),
        ("halfrost+Halfrost-Field", "goldmark", 1800),
        ("lotabout+lotabout.github.io", "marked", 760),
        ("selfboot+selfboot.github.io", "marked", 225),
        ("vllm-project+vllm-project.github.io", "kramdown", 120),
        *((blog, "marked", 0) for blog in ("mushanshitiancai+hexo-blog", "wangwen135+hexo-blog")),
        *((blog, "goldmark", 0) for blog in ("crazy-canux+blog_pelican", "v8+v8.dev", "naodeng+naodeng.com.cn")),
        ("phil-opp+blog_os", "commonmark", 0),
    ],
)
def test_a_blog_has_as_many_formulas_as_its_author_wrote_and_none_if_he_wrote_none(
    blog: str, flavor: Literal["commonmark", "kramdown", "marked", "goldmark"], formulas: int
) -> None:
    """Blogs about shells, PHP, PowerShell and templates are full of dollars."""
    found = sum(len(find.protect(text, Syntax(flavor=flavor)).formulas) for _, text in bodies(blog))

    assert found >= formulas
    assert found <= formulas * 1.05


def converted(tex: str) -> bool:
    try:
        return bool(tree(tex, display=True))
    except Refused:
        return False


def test_nearly_all_formulas_of_real_posts_convert() -> None:
    total = failed = 0
    for blog in ("lilianweng+lil-log", "halfrost+Halfrost-Field", "selfboot+selfboot.github.io"):
        for _, text in bodies(blog):
            formulas = find.protect(text).formulas
            total += len(formulas)
            failed += sum(not converted(formula.tex) for formula in formulas)

    assert total > 4000
    assert failed / total < 0.02
