"""What mails and pages show of a post: texts as its cases say (markup/excerpt_*.txt), formulas as pictures."""

from __future__ import annotations

import html
import re
from io import BytesIO
from typing import TYPE_CHECKING

import imagesize
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.markup.math import png
from tests.support import render

if TYPE_CHECKING:
    from feeds.markup import Body

SOFTMAX = r"\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right) V"
FOLDER = "https://example.org/issue/"


def text_of(fragment: str) -> str:
    """The words of an excerpt, however they are set."""
    without_code = re.sub(r"<pre.*?</pre>", "", fragment, flags=re.DOTALL)
    return re.sub(r"\s", "", html.unescape(re.sub("<[^>]*>", "", without_code)))


def leading_to(tex: str) -> Body:
    return render(f"The score is:\n\n$$\n{tex}\n$$\n")


def test_a_formula_on_its_own_is_a_picture_with_its_source_as_text() -> None:
    excerpt = leading_to(SOFTMAX).excerpt
    (name, data), *others = excerpt.pictures.items()
    said = re.search(
        r'<img class="formula" src="([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)">', excerpt.mail(FOLDER)
    )

    assert not others
    assert said
    assert said[1] == FOLDER + name
    assert said[4] == SOFTMAX
    assert imagesize.get(BytesIO(data)) == (2 * int(said[2]), 2 * int(said[3]))


def test_a_page_draws_nothing() -> None:
    excerpt = leading_to(SOFTMAX).excerpt

    assert "<math" in excerpt.page
    assert "<img" not in excerpt.page


def test_a_picture_depends_on_its_formula_alone() -> None:
    first = png.draw(SOFTMAX)
    png.draw.cache_clear()
    again = png.draw(SOFTMAX)

    assert first is not None
    assert again == first
    assert png.draw(SOFTMAX + " + 1") != first


@pytest.mark.parametrize(
    "tex",
    [
        r"\undefined{x}",
        "文字",  # the font has no such signs
        "x" + "+x" * 400,  # too wide to read
        r"\sqrt{" * 200 + "x" + "}" * 200,
        r"\def\a{\a\a}\a",
        r"\begin{matrix}" + r"1 \\ " * 60 + r"\end{matrix}",  # too high
        r"{" * 300 + "x" + "}" * 300,
        r"\frac{1}{" * 30 + "x" + "}" * 30,
        "",
    ],
    ids=lambda tex: tex[:12],
)
def test_what_cannot_be_drawn_is_said_in_letters(tex: str) -> None:
    body = leading_to(tex)

    assert png.draw(tex) is None
    assert body.excerpt.pictures == {}
    assert "<img" not in body.excerpt.mail(FOLDER)


def test_a_formula_in_chinese_stays_legible() -> None:
    mail = leading_to(r"\text{代价} = n^2").excerpt.mail(FOLDER)

    assert mail.endswith("<p>代价 = <i>n</i><sup>2</sup></p>")


@given(
    st.lists(
        st.sampled_from(
            [
                "word",
                "**bold**",
                "*it*",
                "`c o`",
                "[l](https://e.org/)",
                "。",
                "字",
                "&",
                "<b>",
                "x. ",
                "\n\n",
                "\\$5",
                "~~no~~",
            ]
        )
    )
)
def test_an_excerpt_says_what_the_summary_says(pieces: list[str]) -> None:
    body = render(" ".join(pieces))
    excerpt = body.excerpt.mail(FOLDER)

    if excerpt:
        assert text_of(excerpt) == re.sub(r"\s", "", body.summary)
    assert excerpt == body.excerpt.page


@given(
    st.text(max_size=300), st.sampled_from(["$", "$$", "```", "**", "`", "<b>", "<pre>", "[", "](x)", "<!-- more -->"])
)
def test_no_text_breaks_an_excerpt(text: str, sign: str) -> None:
    excerpt = render(f"{text[:100]}{sign}{text[100:200]}{sign}{text[200:]}").excerpt

    for fragment in (excerpt.mail(FOLDER), excerpt.page):
        assert not re.search(r"(?i)<(script|style|iframe|object|form)\b|\son\w+=", fragment)
        assert fragment.count("<p>") == fragment.count("</p>")
