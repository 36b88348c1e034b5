"""Blogs of other generators. A case is a file: adding one needs no code.

`blogs/` are made-up ones; `NAME.tsv` has what the real generator said of each post of `NAME/` and is never renewed. For
a new one write both; `pytest --update-golden` lists where we differ in `differences.tsv`, and you write why.
`torture/` are made-up twins of hard real posts with what should become of them: write a post or a blog `NAME/`, and
`--update-golden` makes `NAME.txt`. `tags/` are texts with the generators' own tags, in files as those of `markup/`.
The real blogs of the corpus are read when it lies beside the project.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import feedparser
import pytest
from click.testing import CliRunner

from feeds import reader
from feeds.cli import main
from feeds.markup import Body
from feeds.rendered import Lookup
from tests.support import BLOGS_NOW as NOW
from tests.support import CORPUS, HERE, Build, Case, Expected, cases, listed, open_build, table

if TYPE_CHECKING:
    from feeds.model import Site

BLOGS = HERE / "blogs"
DIFFERENCES = BLOGS / "differences.tsv"
MADE_UP = sorted(path.stem for path in BLOGS.glob("*.tsv") if (BLOGS / path.stem).is_dir())
TORTURE = sorted(path.name for path in (HERE / "torture").iterdir() if path.is_dir())
TAGS = sorted((HERE / "tags").glob("*.txt"))

REAL = {
    "lotabout+lotabout.github.io": "",
    "mushanshitiancai+hexo-blog": "",
    "wangwen135+hexo-blog": "",
    # The site's own script moves English posts; nothing in its configuration says so.
    "selfboot+selfboot.github.io": '[content]\npermalink = { en = "/en/{year}/{month}/{day}/{slug}/" }\n',
    "yihui+yihui.org": "",
    "halfrost+Halfrost-Field/website": "",
    "vllm-project+vllm-project.github.io": "",
    "lilianweng+lil-log": 'url = "https://example.org/lil-log/"\n',  # GitHub Pages knew its host
    "Huxpro+huxpro.github.io": "",
    "microsoft+DeepSpeed/docs": "",
}
"""Blogs of the corpus, and what their authors would have to write into feeds.toml."""
BORN = "2026-11-21"
"""Day the corpus was collected: Hexo takes it for the date of posts without any."""


SHORT = 3
ABSENT = ("", "", "left out", "", "")


def found(site: Site) -> dict[str, tuple[str, ...]]:
    """Address, instant, status, language and title of every file that is a post."""
    rows = {
        post.path: (
            post.url,
            f"{post.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            post.status,
            post.language.code,
            post.title,
        )
        for post in (*site.posts, *site.withheld)
    }
    return {**rows, **dict.fromkeys(site.broken, ABSENT)}


def told(row: list[str]) -> tuple[str, tuple[str, ...]]:
    """A path, and what a table says of it, with language and title where the table has them."""
    path, url, date, _, status, *more = row
    return path, (url, date, status, *(more and [more[0].replace("_", "-"), more[1]]))


@pytest.mark.parametrize("name", MADE_UP)
def test_addresses_dates_and_statuses_are_what_the_generator_makes_of_them(name: str, *, updating: bool) -> None:
    ours = found(reader.open_blog(BLOGS / name).read(NOW))
    different = set()
    for path, theirs in map(told, table(BLOGS / f"{name}.tsv")):
        row, status = ours.pop(path, ABSENT), theirs[2]
        address, row = row[0], (unquote(row[0]), *row[1:])
        if len(theirs) == SHORT:  # only the path of its address
            row = (unquote(urlsplit(address).path), *row[1:SHORT])
        if status in ("undated", "error"):
            same = row[2] == "left out"
        elif status == "hidden":
            same = row[2] in ("hidden", "left out")
        else:
            same = row == theirs or (status == "draft" and row[2] == "left out")  # a draft may have no date
        different |= set() if same else {path}
    if updating:
        renew_differences(name, different)

    explained = {path for blog, path, _ in table(DIFFERENCES) if blog == name}
    assert different == explained
    assert ours == {}


def renew_differences(name: str, paths: set[str]) -> None:
    """Have these paths of a blog in the list of differences; why a new one differs is left to be written."""
    lines = DIFFERENCES.read_text(encoding="utf-8").splitlines()
    remarks = [line for line in lines if line.startswith("#")]
    rows = {(blog, path): f"{blog}\t{path}\t{reason}" for blog, path, reason in table(DIFFERENCES)}
    kept = {(blog, path): row for (blog, path), row in rows.items() if blog != name or path in paths}
    new = {(name, path): f"{name}\t{path}\t" for path in paths}
    text = listed([*remarks, *(row for _, row in sorted((new | kept).items()))])
    DIFFERENCES.write_text(text, encoding="utf-8", newline="")


def test_every_difference_from_a_generator_has_its_reason() -> None:
    for blog, path, reason in table(DIFFERENCES):
        assert (BLOGS / blog / path).is_file()
        assert reason, f"write into differences.tsv why {path} of {blog} differs"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Copies of real blogs, with their feeds.toml."""
    if not CORPUS.is_dir():
        pytest.skip("no corpus of real posts beside the project")
    folder = tmp_path_factory.mktemp("corpus")
    for name, settings in REAL.items():
        shutil.copytree(CORPUS / name, folder / name)
        if settings:
            (folder / name / "feeds.toml").write_text(settings)
    return {name: folder / name for name in REAL}


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_posts_of_a_real_blog_have_the_addresses_and_dates_of_its_site(name: str, real: dict[str, Path]) -> None:
    repository, _, below = name.partition("/")
    result = CliRunner().invoke(main, ["posts", str(real[name]), "--json", "--now", "2026-11-21"])
    rows = {row["path"]: row for row in json.loads(result.stdout)}
    base = "/lil-log" if name == "lilianweng+lil-log" else ""
    total, wrong = 0, []
    for path, url, date, published in table(CORPUS / "_expected" / f"{repository}.tsv"):
        row = rows.pop(path.removeprefix(f"{below}/"), None)
        if date.startswith(f"{BORN}T"):
            assert row is None or row["status"] in ("error", "draft"), path
            continue
        total += 1
        shown = ("published", "hidden") if published == "true" else ("draft", "future", "hidden")
        good = row and (unquote(urlsplit(row["url"]).path), datetime.fromisoformat(row["date"]), row["status"] in shown)
        if good != (base + url, datetime.fromisoformat(date), True):
            wrong.append(path)

    assert len(wrong) / total <= 0.005, wrong
    assert rows == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_real_blog_builds_to_feeds_that_can_be_read(name: str, real: dict[str, Path], tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["build", str(real[name]), "--out", str(tmp_path), "--now", "2026-11-21", "--quiet"]
    )

    assert result.exit_code == 0, result.stderr
    sources = "".join(path.read_text(encoding="utf-8", errors="replace") for path in real[name].rglob("*.md"))
    meant = "".join(re.findall(r"\{%\s*raw\s*%\}(.*?)\{%\s*endraw", sources, re.DOTALL))  # text about tags
    documents = sorted(tmp_path.rglob("*.xml"))
    assert len(documents) >= 2
    for path in documents:
        feed = feedparser.parse(path.read_bytes())
        assert not feed.bozo, (path, feed.get("bozo_exception"))
        assert feed.entries, path
        text = re.sub(r"<(code|pre)[\s>].*?</\1>", "", html.unescape(path.read_text(encoding="utf-8")), flags=re.DOTALL)
        relative = re.findall(r"""<[a-z][^<>]*\s(?:href|src)=["'](?!https?://|mailto:|#)[^"']*""", text)
        assert relative == [], path
        tags = [tag for tag in re.findall(r"\{%[^%]{0,40}|\{\{[<%][^>]{0,40}|<script.{0,40}", text) if tag not in meant]
        assert tags == [], path


def outcome(build: Build) -> str:
    """Everything that became of a blog's posts, for people to read."""
    site = build.site
    lines = []
    for post in sorted((*site.posts, *site.withheld), key=lambda post: post.path):
        body = build.render(post)
        lines += [
            f"== {post.path}",
            f"{post.status} {post.language.tag} {post.published.isoformat()} {unquote(post.url)}",
            f"title: {post.title}",
            f"tags: {', '.join(post.tags)}",
            f"summary: {body.summary}",
            body.html,
            "",
        ]
    lines += [f"== {path}\n{status}\n" for path, status in site.broken.items()]
    return "\n".join([*lines, "== problems", *map(str, build.problems), ""])


@pytest.mark.parametrize("name", TORTURE)
def test_hard_posts_have_the_outcome_a_careful_author_wants(name: str, expected: Expected) -> None:
    actual = outcome(open_build(HERE / "torture" / name, NOW))

    assert expected(HERE / "torture" / f"{name}.txt", actual) == actual


@pytest.mark.parametrize("case", [case for path in TAGS for case in cases(path)], ids=str)
def test_a_generators_tags_become_what_its_case_says(case: Case, expected: Expected) -> None:
    """The text stands for that of the post `case` of a small blog; problems follow the HTML, one a line."""
    blog = reader.open_blog(HERE / "tags" / case.file.removesuffix(".txt"))
    site = blog.read(NOW)
    post = next(post for post in site.posts if "case" in post.path)

    text, problems = blog.dialect.markdown(case.given + "\n", post, Lookup(site))
    body = Body(post, text, Lookup(site), syntax=blog.dialect.syntax)
    actual = "\n".join([body.html, *map(str, sorted({*problems, *body.problems}))]).rstrip("\n")

    assert expected(case, actual) == actual


@pytest.mark.parametrize("case", [*cases(HERE / "liquid" / "cases.txt")], ids=str)
def test_liquid_is_worked_out_as_jekyll_works_it_out(case: Case) -> None:
    """What is expected was written by Jekyll itself: `tests/liquid/renew.py`."""
    blog = reader.open_blog(HERE / "liquid")
    site = blog.read(NOW)

    text, _ = blog.dialect.markdown(case.given, site.posts[0], Lookup(site))

    assert text == case.expected


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        (
            {
                "_config.yml": "url: https://e.org\n",
                "source/_posts/a.html": "---\ndate: 2026-04-20\n---\n<p>`{% img /a.png A %}`</p>",
            },
            '<p>`<img src="https://e.org/a.png" alt="A">`</p>',
        ),
        (
            {
                "_config.yml": "url: https://e.org\n",
                "_posts/2026-04-20-a.html": "---\n---\n<p>{% include b.html src='c.png' %}</p>",
            },
            '<p><img src="https://e.org/c.png" alt=""></p>',
        ),
        (
            {
                "hugo.toml": 'baseURL = "https://e.org/"',
                "content/a.html": "---\ndate: 2026-04-20\n---\n<p>{{< youtube x >}}</p>",
            },
            '<p><a href="https://www.youtube.com/watch?v=x">https://www.youtube.com/watch?v=x</a></p>',
        ),
    ],
    ids=["hexo", "jekyll", "hugo"],
)
def test_tags_of_a_post_in_html_become_html(tmp_path: Path, files: dict[str, str], shown: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    build = open_build(tmp_path, NOW)

    assert [build.render(post).html for post in build.site.posts] == [shown]
