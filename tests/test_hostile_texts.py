"""Texts written to do harm, or by accident: what is never closed, nested without end, or wrong a thousand times."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.markup import shorten
from feeds.markup.math.find import protect
from feeds.markup.nesting import shallow
from feeds.markup.parser import Parser
from feeds.markup.sanitize import clean
from feeds.markup.text import first_paragraph, paragraphs, pieces
from feeds.reader.generators.arguments import arguments
from feeds.reader.generators.hexo.blog import _file_name
from feeds.reader.generators.hugo.site import _SIMPLE, _glob
from feeds.reader.generators.jekyll.folders import globbed
from feeds.rendered import Lookup, Syntax
from feeds.text import unescaped, width
from tests.support import POSTS, SITE, calm, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from feeds.markup.math.find import Formula
    from feeds.model import Post

# HTML


class Events(Parser):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[object] = []

    def handle_starttag(self, tag: str, attrs: Mapping[str, str]) -> None:
        self.events.append((tag, {**attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.events.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        joined(self.events, data)


class LibraryEvents(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.events: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.events.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.events.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        joined(self.events, data)


def joined(events: list[object], data: str) -> None:
    """Text that follows text is one."""
    if events and isinstance(events[-1], list):
        events[-1].append(data)
    else:
        events.append([data])


def events(parser: Events | LibraryEvents, parts: Iterable[str]) -> list[object]:
    for part in parts:
        parser.feed(part)
    parser.close()
    return ["".join(event) if isinstance(event, list) else event for event in parser.events]


WORDS = st.sampled_from(
    ("a", "字", " ", "\n", "&amp;", "&lt;b", "&#65;", "&#x41;", "&unknown;", "& ", "&copy", "1 < 2", ">", '"')
)
ATTRIBUTES = st.lists(
    st.sampled_from(
        (' href="a&amp;b"', " class='x y'", " hidden", " id = x", ' title="a > b"', " data-a=1", ' alt=""')
    ),
    max_size=3,
    unique_by=lambda text: text[:4],
).map("".join)
NAMES = st.sampled_from(("p", "B", "a", "sup", "f1", "my-word", "h1"))
WELL_FORMED = st.recursive(
    WORDS
    | st.sampled_from(("<br>", "<br/>", "<img src=a.png />", "<!-- <b> -->", "<!doctype html>", "<?php a ?>"))
    | st.sampled_from(("<script>if (a<b) '</p>'</script>", "<style>a>b{}</style>")),
    lambda inner: st.tuples(NAMES, ATTRIBUTES, st.lists(inner, max_size=4)).map(
        lambda parts: f"<{parts[0]}{parts[1]}>{''.join(parts[2])}</{parts[0]}>"
    ),
    max_leaves=20,
)
LOOSE = st.lists(
    WELL_FORMED
    | st.sampled_from(("<", "</", "<a", "<a b='", "<!--", "<![CDATA[", "</p", "-->", "=", "<script>", "/>", "&", "&#")),
    max_size=12,
).map("".join)


@calm
@given(html=WELL_FORMED)
@example(html="<P CLASS=a>b</P >c<a href=x/>d</a>")
def test_well_formed_html_is_read_as_the_library_reads_it(html: str) -> None:
    assert events(Events(), [html]) == events(LibraryEvents(), [html])


@calm
@given(html=LOOSE, cuts=st.lists(st.integers(0, 60), max_size=4))
def test_html_in_pieces_is_read_as_in_one(html: str, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(html)]
    parts = [html[begin:end] for begin, end in pairwise(places)]

    assert events(Events(), parts) == events(Events(), [html])


@pytest.mark.parametrize(
    "html",
    ["<p>one <b", '<p>one <a href="two', "<p>one <!-- two", "<p>one <!two", "<p>one </two", "<p>one <script>two</p>"],
)
def test_what_is_never_closed_extends_to_the_end(html: str) -> None:
    assert paragraphs(html) == ["one"]


def test_a_reference_of_thousands_of_digits_is_a_sign_that_is_unknown() -> None:
    assert unescaped(f"&#{'9' * 5_000}; &#0000000065; &#x{'f' * 5_000};") == "\ufffd A \ufffd"


@given(parts=st.lists(st.text(max_size=30_000), max_size=6))
def test_pieces_of_a_text_are_the_text(parts: list[str]) -> None:
    assert "".join(pieces(parts)) == "".join(parts)


def test_no_more_of_a_text_is_asked_for_than_its_first_paragraph() -> None:
    def parts() -> Iterator[str]:
        yield "<p>one</p>" + "<p>two</p>" * 1_000
        raise AssertionError("asked for more")

    assert first_paragraph(parts()) == "one"


# Nesting

ORDINARY = (
    "<ul>" + "<li><p>one <b>two</b> <a href=x>three</a>" * 400 + "</ul>",
    "<table>" + "<tr><td>one<td><i>two</i> three" * 400 + "</table>",
    "<dl>" + "<dt>one<dd>two<p>three</p>" * 400 + "</dl>",
    "<p>one<br>two<img src=x>" * 600,
    "<div><blockquote><p>one</p></blockquote></div>" * 600,
    "<math>" + "<mrow><mi>x</mi><mspace width=1em /></mrow>" * 600 + "</math>",
    "<ruby>one<rt>two</rt></ruby>" * 600,
)


@pytest.mark.parametrize("html", ORDINARY, ids=lambda html: html[:12])
def test_long_html_that_is_not_deep_stays_as_it_is(html: str) -> None:
    assert shallow(html) == html


def depth(html: str) -> int:
    """How deep elements are in HTML where each has its end."""
    level = deepest = 0
    for end, name in re.findall(r"<(/?)(\w+)", html):
        level += 0 if name in ("br", "hr", "img") else -1 if end else 1
        deepest = max(deepest, level)
    return deepest


ENDLESS = (
    "div",
    "b",
    "ul",
    "table",
    "b><p",
    "p><b",
    "blockquote><li",
    "b></i><p",
    "div><table><td></div",
    "div><b></div",
)


@pytest.mark.parametrize("tags", ENDLESS)
def test_tags_nested_without_end_are_left_out_and_their_text_is_not(tags: str) -> None:
    html = "".join(f"<{tags}>{number} " for number in range(3_000))

    shown = shallow(html)

    assert depth(clean(shown, lambda _, address: address)) < 400
    assert re.sub(r"<[^<>]*>", "", shown) == re.sub(r"<[^<>]*>", "", html)


def test_an_end_tag_goes_with_its_start_tag() -> None:
    html = "<div>" * 1_000 + "deep" + "</div>" * 1_000 + "<div>flat</div>"

    shown = shallow(html)

    assert shown.count("<div>") == shown.count("</div>") == 201
    assert shown.endswith("</div><div>flat</div>")


def test_html_of_deep_quotes_and_lists_is_shown() -> None:
    assert "deep" in render(f"- {'>' * 50_000} deep").html
    assert "deep" in render(f"{'- ' * 50_000} deep").html


# Texts


def test_a_summary_ends_at_its_width_whatever_it_combines() -> None:
    text = "a" * 401 + "\u0301" * 5_000

    assert width(shorten(text)) <= 400
    assert shorten("字" * 100 + "\u0301" * 5_000) == "字" * 100 + "\u0301" * 5_000


def test_many_broken_links_have_their_lines() -> None:
    text = "\n\n".join(f"[a](p{number}.md) and ![b](<my pictures/{number}.png>)" for number in range(150))

    problems = render(text).rendered(["html"]).problems

    assert [problem.line for problem in problems[0::2]] == [*range(5, 305, 2)]
    assert len(problems) == 300


def test_posts_get_their_names_once_a_build() -> None:
    asked = []

    def names(posts: Iterable[Post]) -> Iterator[tuple[str, Post]]:
        asked.append(posts)
        yield from ((post.slug, post) for post in posts)

    one, other = Lookup(SITE), Lookup(SITE)

    assert one.named("slugs", names) is other.named("slugs", names)
    assert one.named("slugs", names) == {"lats": POSTS[0], "layerskip": POSTS[1]}
    assert asked == [POSTS]
    assert one.references.posts == other.references.posts == SITE.posts_digest


# What people write as patterns


@pytest.mark.parametrize(
    ("text", "words", "named"),
    [
        ("a.png \"b c\" 'd e' `f g`", ("a.png", "b c", "d e", "f g"), {}),
        (
            r"""src = "a.png" alt='it\'s "b"' c=`\d` e=1""",
            (),
            {"src": "a.png", "alt": 'it\'s "b"', "c": r"\d", "e": "1"},
        ),
        ("O'Brien said", ("O", "Brien", "said"), {}),
        ('a "b', ("a", "b"), {}),
        ('src="a.png b', ("src=", "a.png", "b"), {}),
        ("src= 'a b", ("src=", "a", "b"), {}),
        ("a=`b c", ("c",), {"a": "`b"}),
        ("a=", ("a=",), {}),
        ("", (), {}),
    ],
)
def test_arguments_of_a_tag_are_words_and_names(text: str, words: tuple[str, ...], named: dict[str, str]) -> None:
    assert arguments(text) == (words, named)


@pytest.mark.parametrize(
    ("pattern", "name", "parts"),
    [
        (":title.md", "a-b", {"title": "a-b"}),
        (":year-:month-:day-:title.md", "2026-04-20-a-b", {"year": "2026", "month": "04", "day": "20", "title": "a-b"}),
        (":lang/:title.md", "en/a/b", {"lang": "en", "title": "a/b"}),
        (":a-:month-:title.md", "x-y-04-z", {"a": "x-y", "month": "04", "title": "z"}),
        (":a-:b-:c-:d-:title.md", "1-2-3-4-5-6", {"a": "1", "b": "2", "c": "3", "d": "4", "title": "5-6"}),
        (":title-:i_day.md", "a-b-7", {"title": "a-b", "i_day": "7"}),
        (":title-:title.md", "a-b-c", {"title": "a"}),
    ],
)
def test_a_file_name_is_taken_apart_as_its_pattern_says(pattern: str, name: str, parts: dict[str, str]) -> None:
    expression, names = _file_name(pattern)
    found = re.fullmatch(expression, name)

    assert found
    assert dict(zip(names, found.groups(), strict=True)) == parts


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*/_posts", "a/_posts/x.md", True),
        ("*/_posts", "a/b/_posts/x.md", False),
        ("**/_posts", "a/b/_posts/x.md", True),
        ("**/_posts", "_posts/x.md", True),
        ("_posts/**/*.md", "_posts/a/b/x.md", True),
        ("_posts/**/*.md", "_posts/x.md", True),
        ("_posts/**", "_posts/a/x.md", True),
        ("a/**/b/**/c*", "a/x/b/y/z/cd/e.md", True),
        ("a/**/b/**/c*", "a/x/c/y/b/e.md", False),
        ("_posts/2026-*", "_posts/2026-04-20-a.md", True),
        ("*.md", "_posts/x.md", False),
        ("*/*/*/*", "a/b/c", False),
    ],
)
def test_a_scope_is_a_file_or_a_folder_it_lies_in(pattern: str, path: str, fits: bool) -> None:
    assert globbed(pattern, path) is fits


SIMPLE = st.lists(st.sampled_from(("a", "b", "/", ".*", r"\.", r"\+", r"\$", "-")), min_size=1, max_size=5).map("".join)


@given(
    start=st.sampled_from(("", "^")), inner=SIMPLE, end=st.sampled_from(("", "$")), path=st.text("ab/.+$-", max_size=8)
)
def test_a_simple_expression_is_a_pattern_of_file_names(start: str, inner: str, end: str, path: str) -> None:
    from fnmatch import fnmatchcase

    expression = start + inner + end

    assert _SIMPLE.fullmatch(expression)
    assert fnmatchcase(path, _glob(expression)) is bool(re.search(expression, path))


# Formulas


def test_thirty_thousand_formulas_and_one_of_a_megabyte_cost_a_moment_and_nothing_else() -> None:
    text = "Words.\n\n" + "$x_1$ and $HOME " * 30_000 + "\n\n$$\n" + r"\alpha + " * 120_000 + "x\n$$\n\nThe end."

    found = protect(text).formulas
    body = render(text)

    assert len(found) == 30_001
    assert body.html.count("<math") == 30_000
    assert body.html.endswith("<p>The end.</p>")
    assert [problem.code for problem in body.problems] == ["formula-unknown"]


@pytest.mark.parametrize(
    "definitions",
    [
        r"\def\a{\a\a}",
        r"\def\a{\b}\def\b{\a}",
        r"\def\a#1{\a{#1#1}}",
        r"\newcommand{\a}{x\b\b\b\b}\newcommand{\b}{\c\c\c\c\c\c\c\c\c\c}\newcommand{\c}{" + "y" * 5000 + "}",
        r"\def\a{" * 5000,
        r"\let\a\a",
    ],
)
def test_commands_that_grow_are_refused_and_cost_the_post_nothing_else(definitions: str) -> None:
    body = render(f"Words $ {definitions} $ $x$.\n\n${definitions}$\n\n" + "$\\a{x}$ " * 2000 + "\n\n$y$ ends.")

    assert body.html.startswith("<p>Words ")
    assert body.html.endswith(" ends.</p>")
    assert len(body.html) < 200_000


def test_what_all_formulas_of_a_post_become_has_a_bound() -> None:
    text = r"$\def\a{" + "x" * 10_000 + "}$" + r" $\a$" * 10_000

    found = protect(text).formulas

    assert sum(len(formula.tex) for formula in found) < 2_000_000
    assert "make it too long" in found[-1].refused


PIECES = (
    *(
        "$",
        "$$",
        "\\",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "|",
        "|-|\n",
        "a",
        "x_1",
        "{",
        "}",
        "\\alpha",
        "\\def\\a{",
        "\\newcommand",
    ),
    *(
        "\\let",
        "#1",
        "(",
        "\\(",
        "\\)",
        "\\\\(",
        "\\\\)",
        "\\[",
        "\\]",
        "\\begin{align}",
        "\\end{align}",
        "<!--",
        "-->",
        "<pre>",
    ),
    *(" ", "- ", "> ", "&lt;", "字", "，", "_", "^", "latex ", "@@", "$`", "`$", "\\$", "\\require{x}", "\ue000", "1"),
)
FLAVORS = (
    *(Syntax(flavor=flavor) for flavor in ("commonmark", "kramdown", "marked", "goldmark", "html")),
    Syntax(flavor="goldmark", passthrough=((r"\(", r"\)", False), ("@@", "@@", True), ("$", "$", False))),
)


@example("$>\n>$")
@example("$$\n> \n>$$")
@example("$latex $ $\\(\\)$ $\\[ \\]$")
@calm
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_formulas_put_back_as_they_were_written_are_the_text(text: str) -> None:
    for syntax in FLAVORS:
        found = protect(text, syntax)
        mark, formulas = found.mark, found.formulas

        def written(number: re.Match[str], formulas: tuple[Formula, ...] = formulas) -> str:
            return formulas[int(number[1])].source

        assert (re.sub(rf"{mark}(\d+){mark}", written, found.text) if mark else found.text) == text
        assert all(1 <= formula.line <= text.count("\n") + 1 for formula in formulas)
