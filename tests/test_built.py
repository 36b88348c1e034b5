"""Addresses against the site that the generator built, and ids that are fixed once an address is proved."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner, Result

from feeds import lockfile, reader
from feeds.build.builder import build_site
from feeds.cli import main
from tests.generators import small_blog as blog
from tests.support import BLOGS_NOW as NOW
from tests.support import CORPUS

FILES = {
    "jekyll": ("_posts/2026-01-{:02}-p{}.md", "_site"),
    "hexo": ("source/_posts/p{1}.md", "public"),
    "hugo": ("content/posts/p{1}.md", "public"),
}
HEAD = "---\ntitle: Post {0}\ndate: 2026-01-{0:02}\n---\nText {0}.\n"


def start(folder: Path, kind: str, number: int = 4) -> Path:
    """A blog of some posts."""
    root = blog(folder, kind)
    for day in range(10, 10 + number):
        path = root / FILES[kind][0].format(day, day)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD.format(day))
    return root


def pages(root: Path, kind: str, *, moved: str = "") -> None:
    """What the generator would build; `moved`: below another folder."""
    out = root / FILES[kind][1]
    for post in reader.open_blog(root).read(NOW).posts:
        path = f"{moved}{unquote(urlsplit(post.url).path)}"
        page = out / (f"{path}index.html" if path.endswith("/") else path).lstrip("/")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<!doctype html>")
    out.mkdir(exist_ok=True)
    (out / "index.html").write_text("<!doctype html>")


def told(root: Path, code: str) -> list[str]:
    return [str(one) for one in build_site(root, NOW).problems if one.code == code]


def lines(root: Path) -> dict[str, lockfile.Line]:
    return lockfile.parse((root / "feeds.lock").read_text()).lines


def ids(*words: str | Path, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["ids", *map(str, words)], input=answer)


@pytest.mark.parametrize("kind", FILES)
def test_an_id_is_fixed_once_the_page_of_its_post_is_there(kind: str, tmp_path: Path) -> None:
    root = start(tmp_path, kind)
    (warning,) = told(root, "id-unconfirmed")
    assert "5 posts have no line yet" in warning
    assert lines(root) == {}

    pages(root, kind)
    assert told(root, "id-unconfirmed") == told(root, "page-missing") == []
    assert len(lines(root)) == 5


@pytest.mark.parametrize("kind", FILES)
def test_a_post_without_a_line_has_the_id_of_its_address_whatever_that_was(kind: str, tmp_path: Path) -> None:
    root = start(tmp_path, kind)
    build_site(root, NOW)
    before = {post.path: post.id for post in reader.open_blog(root).read(NOW).posts}
    with (root / "feeds.toml").open("a") as file:
        file.write('[content]\npermalink = "/blog/{slug}/"\n')
    after = {post.path: post.id for post in build_site(root, NOW).site.posts}

    assert after.keys() == before.keys()
    assert all("/blog/" in one for one in after.values())


def test_a_page_at_another_address_is_found_and_the_remedy_fits(tmp_path: Path) -> None:
    root = start(tmp_path, "hexo")
    pages(root, "hexo", moved="/en")
    (warning,) = told(root, "page-missing")

    assert "5 posts: no page at /2026/01/13/p13/ in public; there is one at /en/2026/01/13/p13/" in warning
    remedy = warning.partition("write ")[2].partition(" under [content]")[0]
    assert remedy == 'permalink = { en = "/en/{year}/{month}/{day}/{slug}/" }'
    with (root / "feeds.toml").open("a") as file:
        file.write(f"[content]\n{remedy}\n")
    assert told(root, "page-missing") == []
    assert all("/en/2026/" in line.id for line in lines(root).values())


def test_a_post_that_is_not_built_yet_is_told_alone(tmp_path: Path) -> None:
    root = start(tmp_path, "hugo")
    pages(root, "hugo")
    (root / "content/posts/new.md").write_text(HEAD.format(20))
    (warning,) = told(root, "page-missing")

    assert warning.startswith(
        "content/posts/new.md:1: warning: no page of this post at /posts/new/ in public; build the"
    )
    assert len(lines(root)) == 5
    assert "content/posts/new.md" not in lines(root)


def test_what_was_told_of_pages_is_not_said_again_when_they_are_there(tmp_path: Path) -> None:
    root = start(tmp_path, "hugo")
    run = CliRunner()
    assert "id-unconfirmed" in run.invoke(main, ["build", str(root), "--now", "2026-11-21"]).output
    pages(root, "hugo")
    assert "id-unconfirmed" not in run.invoke(main, ["build", str(root), "--now", "2026-11-21"]).output


def test_ids_are_listed_with_the_reason(tmp_path: Path) -> None:
    root = start(tmp_path, "hugo", 2)
    (root / "content/posts/own.md").write_text(HEAD.format(8).replace("---\n", "---\nid: urn:x-own:1\n", 1))
    pages(root, "hugo")
    build_site(root, NOW)
    text = (root / "feeds.lock").read_text()
    (root / "feeds.lock").write_text(text.replace("https://example.org/posts/p10/", "https://example.org/old/"))
    (root / "content/posts/late.md").write_text(HEAD.format(9))
    rows = {row["path"]: row for row in json.loads(ids(root, "--json").output)}

    assert {path.rpartition("/")[2]: (row["fixed"], row["why"].partition(";")[0]) for path, row in rows.items()} == {
        "one.md": (True, "by its address, which it was published at"),
        "own.md": (True, "its front matter says so"),
        "late.md": (False, "by its address"),
        "p10.md": (True, "it was published so"),
        "p11.md": (True, "by its address, which it was published at"),
    }
    assert "its address would give https://example.org/posts/p10/" in ids(root).output


def test_ids_are_confirmed_without_a_page_all_or_some(tmp_path: Path) -> None:
    root = start(tmp_path, "jekyll")
    build_site(root, NOW)
    assert ids(root, "--confirm", "_posts/2026-01-11-p11.md").exit_code == 0
    assert [*lines(root)] == ["_posts/2026-01-11-p11.md"]
    assert "4 fixed, 1 were before" in ids(root, "--confirm").output
    assert told(root, "id-unconfirmed") == []
    assert len(lines(root)) == 5


def test_an_id_that_was_fixed_wrongly_is_taken_back_after_a_question(tmp_path: Path) -> None:
    root = start(tmp_path, "jekyll")
    name = "_posts/2026-01-11-p11.md"
    ids(root, "--confirm")
    text = (root / "feeds.lock").read_text()
    (root / "feeds.lock").write_text(text.replace("2026/01/11/p11", "2026/01/10/p11"))

    refused = ids(root, "--derive", name, answer="n\n")
    assert refused.exit_code == 1
    assert "2026/01/10/p11 becomes https://example.org/2026/01/11/p11" in refused.output
    assert name in lines(root)
    assert ids(root, "--derive", name, answer="y\n").exit_code == 0
    assert name not in lines(root)
    assert {post.path: post.id for post in build_site(root, NOW).site.posts}[name].endswith("/2026/01/11/p11")


@pytest.mark.parametrize("words", [["--derive"], ["--derive", "no.md"], ["--confirm", "--derive", "x.md"]])
def test_a_wrong_question_about_ids_is_wrong_usage(words: list[str], tmp_path: Path) -> None:
    root = start(tmp_path, "jekyll", 1)

    assert ids(root, *words).exit_code == 2


REAL = {
    "lotabout+lotabout.github.io": 136,
    "mushanshitiancai+hexo-blog": 220,
    "wangwen135+hexo-blog": 170,
    "selfboot+selfboot.github.io": 197,
    "yihui+yihui.org": 1875,
    "halfrost+Halfrost-Field/website": 298,
    "vllm-project+vllm-project.github.io": 125,
    "lilianweng+lil-log": 37,
    "Huxpro+huxpro.github.io": 79,
    "microsoft+DeepSpeed/docs": 50,
}
"""Blogs of the corpus, and how many posts their sites have."""


def real(name: str, folder: Path) -> Path:
    """A copy of a real blog with the pages of its site, each at its address."""
    if not CORPUS.is_dir():
        pytest.skip("no corpus of real posts beside the project")
    root = Path(shutil.copytree(CORPUS / name, folder / "blog"))
    url = 'url = "https://example.org/lil-log/"\n' if name == "lilianweng+lil-log" else ""
    (root / "feeds.toml").write_text(f"{url}[digest]\nenabled = false\n[feeds]\npages = false\n")
    out = root / reader.open_blog(root).settings.output
    table = CORPUS / "_expected" / f"{name.partition('/')[0]}.tsv"
    for line in table.read_text(encoding="utf-8").splitlines():
        _, address, _, published = [*line.split("\t"), "", "", ""][:4]
        if address.startswith("/") and published == "true":
            page = out / unquote(address).lstrip("/") / ("index.html" if address.endswith("/") else "")
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("<!doctype html>")
    (out / "index.html").write_text("<!doctype html>")
    return root


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_real_blog_moves_in_is_told_of_a_mistake_and_mends_it(name: str, tmp_path: Path) -> None:
    root = real(name, tmp_path)
    wrong = told(root, "page-missing")
    assert len(lines(root)) == REAL[name] - (56 if wrong else 0)
    if name.startswith("selfboot"):
        (remedy,) = (one.partition("write ")[2].partition(" under [content]")[0] for one in wrong)
        assert "56 en posts: no page at /20" in wrong[0]
    else:
        assert wrong == []
        remedy = ""
    settings = (root / "feeds.toml").read_text()
    fixed = lines(root)

    (root / "feeds.toml").write_text(f'{settings}[content]\npermalink = "/wrong/{{slug}}/"\n')
    site = reader.open_blog(root).read(NOW)
    assert any(problem.code == "page-missing" for problem in site.problems)
    assert site.lock
    after = lockfile.parse(site.lock[1]).lines
    assert {path: line.id for path, line in after.items()} == {path: line.id for path, line in fixed.items()}

    (root / "feeds.toml").write_text(f"{settings}[content]\n{remedy}\n")
    assert told(root, "page-missing") == []
    assert len(lines(root)) == REAL[name]
    assert build_site(root, NOW).report.written == ()


def test_our_own_layout_fixes_ids_at_once(tmp_path: Path) -> None:
    root = blog(tmp_path, "native")

    assert told(root, "id-unconfirmed") == told(root, "page-missing") == []
    assert len(lines(root)) == 1
