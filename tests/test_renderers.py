"""Each dialect's Markdown is read as its own generator reads it: what the generators' renderers made is kept in files.

`pytest tests/test_renderers.py --update-golden` has the renderers make it again, those that are installed in the
versions named in `tests/renderers`. It never writes what we make.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feeds.build.builder import Builder
from feeds.markup.markdown import to_html
from feeds.reader import configuration
from feeds.reader.fields import Fields
from feeds.reader.generators.hexo import markdown as hexo
from feeds.reader.generators.hugo import markdown as hugo
from feeds.reader.generators.jekyll import blog as jekyll
from feeds.rendered import Syntax
from tests import renderers
from tests.renderers import corpus
from tests.renderers.shape import shape
from tests.support import CORPUS, NOW, Case, Expected, cases

FLAVORS: dict[str, Callable[[dict[str, Any]], Syntax]] = {
    "kramdown": lambda said: jekyll.syntax(Fields("_config.yml", said, {})),
    "marked": lambda said: hexo.syntax(
        Fields("_config.yml", said, {}), frozenset(["hexo-renderer-markdown-it"] if "markdown" in said else [])
    ),
    "goldmark": lambda said: hugo.syntax(Fields("hugo.toml", configuration.lower(said), {})),
}
"""How each dialect finds in its configuration what a case says in its title."""
CASES = {flavor: [*cases(renderers.HERE / f"{flavor}.txt")] for flavor in FLAVORS}


def options(case: Case) -> dict[str, Any]:
    """The configuration of the blog, which the title of a case may name."""
    found = re.search(r"\{.*\}$", case.title)
    return json.loads(found[0]) if found else {}


@pytest.mark.parametrize("case", [case for flavor in FLAVORS for case in CASES[flavor]], ids=str)
def test_markdown_is_read_as_the_generator_reads_it(case: Case) -> None:
    syntax = FLAVORS[case.path.stem](options(case))

    assert shape(to_html(f"{case.given}\n", syntax)) == case.expected


@pytest.mark.parametrize("flavor", FLAVORS)
def test_the_generators_still_read_it_so(flavor: str, expected: Expected) -> None:
    if renderers.version(flavor) != renderers.VERSIONS[flavor]:
        pytest.skip(f"{renderers.VERSIONS[flavor]} is not installed; there is {renderers.version(flavor) or 'nothing'}")
    alike: dict[str, list[Case]] = defaultdict(list)
    for case in CASES[flavor]:
        alike[json.dumps(options(case))].append(case)

    for said, group in alike.items():
        made = renderers.render(flavor, [f"{case.given}\n" for case in group], json.loads(said))
        for case, html in zip(group, made, strict=True):
            actual = shape(html)
            assert expected(case, actual) == actual, case.title


BLOGS = {
    "lilianweng+lil-log": 1,
    "vllm-project+vllm-project.github.io": 1,
    "Huxpro+huxpro.github.io": 1,
    "microsoft+DeepSpeed/docs": 1,
    "selfboot+selfboot.github.io": 1,
    "mushanshitiancai+hexo-blog": 1,
    "wangwen135+hexo-blog": 1,
    "lotabout+lotabout.github.io": 1,
    "yihui+yihui.org": 3,
    "halfrost+Halfrost-Field/website": 1,
}
"""Blogs whose generators' renderers are known; of how many posts one is compared."""


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of real posts beside the project")
def test_real_posts_are_read_as_their_generators_read_them(tmp_path: Path) -> None:
    """What is set aside, and why the few others differ, is said in docs/decisions.md."""
    missing = [flavor for flavor in FLAVORS if not renderers.version(flavor)]
    if missing:
        pytest.skip(f"no renderer for {', '.join(missing)}")
    posts, differing = 0, list[str]()

    for name, every in BLOGS.items():
        found = corpus.compared(corpus.blog(CORPUS / name, tmp_path), every)
        posts += found.posts
        differing += [f"{name}/{path}: {', '.join(kinds)}" for path, kinds in found.differing.items()]

    assert posts > 1000
    assert len(differing) <= posts * 0.005, differing


CONFIGURED = [
    ("_config.yml", "marked:\n  breaks: false\n", "package.json", '{"dependencies": {}}', "<br>"),
    ("_config.yml", "", "package.json", '{"dependencies": {"hexo-renderer-pandoc": "1"}}', "<br>"),
]


@pytest.mark.parametrize(("name", "said", "other", "packages", "gone"), CONFIGURED)
def test_a_cached_text_notices_another_way_to_read_markdown(
    tmp_path: Path, name: str, said: str, other: str, packages: str, gone: str
) -> None:
    config = "title: T\nurl: https://example.org\ntimezone: UTC\n"
    (tmp_path / "source/_posts").mkdir(parents=True)
    (tmp_path / name).write_text(config)
    (tmp_path / other).write_text('{"dependencies": {}}')
    (tmp_path / "source/_posts/a.md").write_text("---\ntitle: A\ndate: 2026-04-20\n---\n\none\ntwo\n")
    Builder(root=tmp_path).build(lambda _: NOW)
    [document] = tmp_path.rglob("atom.xml")
    assert "br&gt;" in document.read_text()

    (tmp_path / name).write_text(config + said)
    (tmp_path / other).write_text(packages)
    Builder(root=tmp_path).build(lambda _: NOW)

    assert gone not in document.read_text().replace("&lt;", "<").replace("&gt;", ">")
