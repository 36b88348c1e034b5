"""What an author locked or hid is in no output: whole posts, and parts of one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds import reader
from feeds.cli import main
from feeds.markup import Body
from feeds.rendered import Lookup
from tests.support import HERE, NOW, open_build

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.model import Site

MARK = "zqsecret"
CONFIGURATIONS = {
    "native": ("feeds.toml", 'title = "Notes"\nurl = "https://example.org/"\n[languages.en]\n[languages.zh]\n'),
    "hexo": ("_config.yml", "title: Notes\nurl: https://example.org\nlanguage: en\ntimezone: UTC\nauthor: Jo Doe\n"),
    "hugo": ("hugo.toml", 'title = "Notes"\nbaseURL = "https://example.org/"\nlanguageCode = "en"\n'),
    "jekyll": ("_config.yml", "title: Notes\nurl: https://example.org\n"),
}
POSTS = {
    "native": "content/en/{}.md",
    "hexo": "source/_posts/{}.md",
    "hugo": "content/posts/{}.md",
    "jekyll": "_posts/2026-04-20-{}.md",
}
LOCKED = f"""---
title: A title {MARK}
date: 2026-04-20
password: hunter2
slug: {MARK}
tags: [{MARK}]
description: Described {MARK}.
summary: Summed up {MARK}.
excerpt: Extracted {MARK}.
abstract: Abstracted {MARK}.
highlights: [three times {MARK}]
image: {MARK}.png
paper: {{title: A paper {MARK}, url: "https://example.org/{MARK}.pdf"}}
original: https://example.org/old/{MARK}
translation: both
---

An excerpt {MARK}.

<!-- more -->

A text {MARK} with $x = {MARK}$.
"""
OPEN = "---\ntitle: An open one\ndate: 2026-04-20\ntranslation: both\n---\n\nAn open text.\n"


def put(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def run(*words: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words], env={"SOURCE_DATE_EPOCH": "1777593600"})
    assert result.exit_code == 0, result.output
    return result


def outputs(root: Path) -> str:
    """Names and bytes of all files that a build publishes."""
    found = [path for path in (root / reader.open_blog(root).settings.output).rglob("*") if path.is_file()]
    return "\n".join([*map(str, found), *(path.read_text(encoding="utf-8", errors="replace") for path in found)])


@pytest.fixture(params=POSTS)
def blog(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A blog of each dialect, with a post that is locked and one that is not."""
    put(tmp_path, *CONFIGURATIONS[request.param])
    place = POSTS[request.param]
    put(tmp_path, place.format("locked"), LOCKED)
    put(tmp_path, place.format("open").replace("/en/", "/zh/"), OPEN)
    return tmp_path


def test_nothing_of_a_locked_post_is_in_any_output(blog: Path) -> None:
    build, digest = run("build", blog, "--verbose"), run("digest", blog)
    rows = {row["status"]: row for row in json.loads(run("posts", blog, "--json").stdout)}
    told = "locked.md:4: note: `password` locks this post, so it is in no feed, page or email; remove the key"

    assert MARK not in outputs(blog) + (blog / "feeds.lock").read_text(encoding="utf-8")
    assert MARK not in build.output + digest.output + run("digest", blog, "--list").output
    assert "An open text." in outputs(blog)
    assert (rows["protected"]["title"], rows["protected"]["translations"]) == (f"A title {MARK}", {})
    assert rows["published"]["translations"] == {}
    assert "left out: 1 protected\n" in build.stdout
    assert build.stderr.count(told) == build.stderr.count("password") == 1
    assert json.loads(run("build", blog, "--json").stdout)["posts"] == {"protected": 1, "published": 1}


def test_a_post_that_is_locked_later_is_taken_back(blog: Path) -> None:
    path = next(blog.rglob("*locked.md"))
    path.write_text(LOCKED.replace("password: hunter2\n", ""), encoding="utf-8")
    run("build", blog)
    run("ids", blog, "--confirm")
    assert MARK in outputs(blog)

    path.write_text(LOCKED, encoding="utf-8")
    run("build", blog)

    assert MARK not in outputs(blog)
    assert "locked.md" in (blog / "feeds.lock").read_text(encoding="utf-8")  # so that it comes back as the same post


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("date: 2026-04-20", "protected"),
        ("date: 2027-04-20", "protected"),
        ("date: 2026-04-20\ndraft: true", "draft"),
    ],
)
def test_a_post_that_would_come_out_now_or_later_is_protected(lines: str, status: str, blog: Path) -> None:
    path = next(blog.rglob("*locked.md"))
    path.write_text(LOCKED.replace("date: 2026-04-20", lines), encoding="utf-8")

    result = run("posts", blog, "--json", "--verbose")

    assert [row["status"] for row in json.loads(result.stdout) if "locked" in row["path"]] == [status]
    assert ("`password` locks" in result.stderr) == (status == "protected")


def test_a_tag_that_hexo_blog_encrypt_knows_locks_a_post(tmp_path: Path) -> None:
    name, text = CONFIGURATIONS["hexo"]
    put(tmp_path, name, f"{text}encrypt:\n  tags:\n    - {{name: diary, password: hunter2}}\n")
    put(tmp_path, "source/_posts/open.md", OPEN)
    tagged = LOCKED.replace("password: hunter2\n", "").replace(f"[{MARK}]", "[paper, diary]")
    put(tmp_path, "source/_posts/locked.md", tagged)

    build = run("build", tmp_path, "--verbose")

    assert MARK not in outputs(tmp_path)
    why = "locked.md:5: note: `tags` has `diary`, which `encrypt.tags` of _config.yml locks, so the post is in no feed"
    told = [line for line in build.stderr.splitlines() if "id-unconfirmed" not in line]
    assert build.stderr.count(why) == len(told) == 1


# Texts that hide something, in the ways of each generator.
SHOWN = (
    "open ",
    "\n\n",
    "\n",
    "- ",
    "> ",
    "| a | b |\n",
    "`x` ",
    "\n\n```\ncode\n```\n\n",
    "$x$ ",
    "<b>",
    "{{ x }} ",
    "字",
)
UNSURE = ("`", "```\n", "~~~\n", "<!--", "-->", "{{", "}}", "$", "'", "<details>", "</details>")
LOCKS = ("encrypt", "Encrypt", "hugo-encryptor", "fixit-encryptor", "hugo_enc", "secret", "private", "enc", "ENCRYPTED")
LIQUID = (
    "{{% x %}}",
    "{{% raw %}}",
    "{{% endraw %}}",
    "{{% highlight py %}}",
    "{{% quote %}}",
    "{{% note %}}",
    "{{# x",
)
HUGO = (
    "{{{{< x >}}}}",
    "{{{{% x %}}}}",
    "{{{{< details >}}}}",
    "{{{{< raw >}}}}",
    "{{{{</* encrypt */>}}}}",
    "{{{{< x",
)
MORE = "<!-- more -->"


def liquid(name: str, inner: str, form: int) -> str:
    left, right = (("{%", "%}"), ("{%-", "-%}"), ("{%-", "%}"), ("{%", "-%}"))[form % 4]
    argument = ("", " hunter2", ' "a b"', " {{ page.x }}", "\n  x\n")[form % 5]
    return f"{left} {name}{argument} {right}{inner}{left} end{name} {right}"


def hugo(name: str, inner: str, form: int) -> str:
    left, right = (("{{<", ">}}"), ("{{%", "%}}"), ("{{< ", " >}}"), ("{{%\n", "\n%}}"))[form % 4]
    argument = ("", ' "hunter2"', ' pw="a b"', " `a >}} b`", ' "x" "y"')[form % 5]
    return f"{left}{name}{argument}{right}{inner}{left}/{name}{right}"


def remark(begin: str, end: str) -> st.SearchStrategy[str]:
    """A comment that is no pair."""
    parts = st.sampled_from((MARK, "\n", "\n\n", "`", "{#", "{{", "{% x", "'"))
    return st.lists(parts, max_size=4).map(lambda inner: f"{begin} {MARK} {''.join(inner)} {end}")


def hiding(name: str) -> st.SearchStrategy[str]:
    """A text of a post whose secrets all are hidden."""
    pair = hugo if name == "hugo" else liquid
    noise = st.sampled_from((*SHOWN, *UNSURE, MORE, *(sign.format() for sign in (HUGO if name == "hugo" else LIQUID))))

    ends = st.sampled_from([pair(lock, "\x00", 0).partition("\x00")[2] for lock in LOCKS])  # no ends in a comment
    remarks = {
        "hexo": remark("{#", "#}") | remark("{#-", "-#}"),
        "hugo": st.nothing(),
        "jekyll": remark("{% #", "%}") | remark("{%- #", "-%}"),
    }[name]

    def enclosed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        part = st.just(f" {MARK} ") | noise | inner
        remarked = st.lists(part | ends, min_size=1, max_size=4).map(lambda parts: pair("comment", "".join(parts), 0))
        text = st.lists(part | remarked, min_size=1, max_size=4).map("".join)
        return remarked | st.builds(pair, st.sampled_from(LOCKS), text, st.integers(0, 19))

    hidden = st.recursive(st.just(f" {MARK} ") | remarks, enclosed, max_leaves=6)
    whole = hidden.filter(lambda text: text != f" {MARK} ")
    shown = st.lists(st.sampled_from((*SHOWN, MORE)) | whole, max_size=5).map("".join)
    unclosed = st.sampled_from(("", "", *LOCKS, "comment")).map(
        lambda word: word and pair(word, f"\x00 {MARK}\n\n{MARK}", 0).partition("\x00")[0] + f" {MARK}\n\n{MARK}"
    )
    return st.tuples(st.just("Visible.\n\n"), shown, whole, shown, unclosed).map("".join)


texts = st.sampled_from(("hexo", "hugo", "jekyll")).flatmap(lambda name: st.tuples(st.just(name), hiding(name)))


@pytest.mark.parametrize("name", ["hexo", "hugo", "jekyll"])
def test_no_secret_of_a_text_is_in_any_output(name: str, tmp_path: Path) -> None:
    pair = hugo if name == "hugo" else liquid
    pairs = [pair(lock, f"\n\n{MARK}\n\n{MORE}\n\n{MARK}\n", form) for form, lock in enumerate((*LOCKS, "comment"))]
    put(tmp_path, *CONFIGURATIONS[name])
    head = "---\ntitle: A post\ndate: 2026-04-20\n---\n\n"
    texts = ("\n\n".join([*pairs, "Visible."]), f"Visible.\n\n{pairs[0]}", f"Visible. {pairs[0][:-20]}")
    for number, text in enumerate(texts):
        put(tmp_path, POSTS[name].format(f"post-{number}"), head + text)

    told = run("build", tmp_path).output + run("digest", tmp_path).output

    assert MARK not in outputs(tmp_path) + told
    assert outputs(tmp_path).count("Visible.") > 3


@pytest.fixture(scope="module")
def opened() -> dict[str, tuple[reader.Blog, Site]]:
    """The small blogs that cases of tags stand in."""
    blogs = {name: reader.open_blog(HERE / "tags" / name) for name in ("hexo", "hugo", "jekyll")}
    return {name: (blog, blog.read(NOW)) for name, blog in blogs.items()}


@settings(max_examples=400, deadline=None, derandomize=True)
@given(case=texts)
@example(case=("hexo", "Visible.\n\n{% encrypt {% x %} %} zqsecret {% endencrypt %}"))
@example(case=("hexo", "Visible.\n\n{{ x {% encrypt %} zqsecret {% endencrypt %} }}"))
@example(case=("hugo", 'Visible.\n\n{{< encrypt "x" }} zqsecret {{< /encrypt >}}'))
@example(
    case=("hugo", "Visible.\n\n{{% comment %}} ` zqsecret {{% /comment %}} {{< secret >}} ` zqsecret {{< /secret >}}")
)
@example(case=("jekyll", "Visible.\n\n{% # {% x %} {% encrypt %} zqsecret ``` {% endencrypt %}"))
def test_whatever_hides_a_secret_and_whatever_is_around_it_nothing_shows_it(
    case: tuple[str, str], opened: dict[str, tuple[reader.Blog, Site]]
) -> None:
    name, text = case
    blog, site = opened[name]
    post = next(post for post in site.posts if "case" in post.path)

    markdown, problems = blog.dialect.markdown(text, post, Lookup(site))
    body = Body(post, markdown, Lookup(site), syntax=blog.dialect.syntax)

    shown = (markdown, body.html, body.summary, body.excerpt.page, body.excerpt.mail("pictures/"))
    assert [part for part in shown if MARK in part] == []
    assert [problem for problem in problems if MARK in str(problem)] == []


LOCKED_ELSEWHERE = {
    "Hugo's params": ("hugo", "params:\n  password: abc\n", {}),
    "a flag in params": ("hugo", "Params:\n  Encrypt: true\n", {}),
    "params of a cascade": (
        "hugo",
        "",
        {"content/posts/_index.md": "---\ncascade:\n  params:\n    password: x\n---\n"},
    ),
    "a cascade to a page": (
        "hugo",
        "",
        {"content/_index.md": "---\ncascade:\n  - _target: {path: /posts/case}\n    password: x\n---\n"},
    ),
    "a cascade to one of several": (
        "hugo",
        "",
        {"content/_index.md": '---\ncascade:\n  - _target: {path: "{/a/**,/posts/**}"}\n    password: x\n---\n'},
    ),
    "a merge key of YAML": ("hugo", "base: &b\n  password: x\n<<: *b\n", {}),
    "defaults by a pattern": (
        "jekyll",
        "",
        {"_config.yml": "url: https://x.org\ndefaults:\n- scope: {path: _posts/**/*}\n  values: {password: x}\n"},
    ),
    "a merge key in Jekyll": ("jekyll", "base: &b\n  password: x\n<<: *b\n", {}),
}
PLACES = {"hugo": ("hugo.toml", "content/posts/case.md"), "jekyll": ("_config.yml", "_posts/2026-04-20-case.md")}


@pytest.mark.parametrize("case", LOCKED_ELSEWHERE)
def test_a_lock_is_seen_wherever_the_generator_takes_it_from(tmp_path: Path, case: str) -> None:
    kind, front, files = LOCKED_ELSEWHERE[case]
    config, post = PLACES[kind]
    said = 'baseURL = "https://example.org/"\n' if kind == "hugo" else "url: https://example.org\n"
    for name, text in {config: said, post: f"---\ntitle: T\ndate: 2026-04-20\n{front}---\nText.\n", **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    site = open_build(tmp_path).site

    assert [post.status for post in site.withheld] == ["protected"]
    assert site.posts == ()


@pytest.mark.parametrize(
    "text",
    [
        '{::comment}\nzqsecret {::options x="y" /}\n{:/comment}',
        "{::comment}\nzqsecret\n```\n{:/comment}",
        "{::comment}zqsecret{::comment}b{:/comment}",
        "{::comment}zqsecret `{:/comment}`",
        "A {::comment}zqsecret{:/} b",
    ],
)
def test_a_comment_of_kramdown_is_nowhere_whatever_is_in_it(
    text: str, opened: dict[str, tuple[reader.Blog, Site]]
) -> None:
    blog, site = opened["jekyll"]
    post = next(post for post in site.posts if "case" in post.path)

    markdown, problems = blog.dialect.markdown(text, post, Lookup(site))
    body = Body(post, markdown, Lookup(site), syntax=blog.dialect.syntax)

    shown = (body.html, body.summary, body.excerpt.page, body.excerpt.mail("pictures/"), repr(problems))
    assert [one for one in shown if MARK in one] == []
