"""The short way to MathML says what the library says, character for character, or nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.markup.math import fast, find, unicode
from tests.support import CORPUS, HERE, ROOT

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9.]+|\s+|.", re.DOTALL)
ATOMS = tuple(fast._atoms())
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FONTS = tuple(rf"\math{font}{{{letter}}}" for font in ("rm", "bf", "cal", "bb") for letter in (*LETTERS, "KL", "ab"))
ACCENTED = tuple(rf"\{name}{base}" for name in fast._ACCENTS for base in ("{x}", " y", "{x_1 y}", r"{\mu}"))
USUAL = (
    *("x", "12", "1.5", "x_i", "x^2", "x_i^{(2)}", "x^2_i", "x_10", "f'", "f'_i", "x_i'", r"\alpha", "a = b", "x^*"),
    *(
        "O(n^2)",
        r"\frac{1}{2}",
        r"\frac{a + b}{c}",
        r"\sqrt{x}",
        r"\sqrt{a+b}",
        r"\sum_{i=1}^n x_i",
        r"\sum^n",
        "a<b>c",
    ),
    *(
        r"\prod_i",
        r"\left( \frac{1}{x} \right)^2",
        r"\left. x \right|_0",
        r"\text{if x} \, \mathrm{KL}",
        r"\max_i",
        "{}",
    ),
)
UNUSUAL = (
    *(
        "",
        " ",
        "^2",
        "x_",
        "x_1_2",
        "x^a^b",
        "f''",
        "f'^2",
        "3em",
        "2 cm",
        ".5",
        "a & b",
        "a % b",
        "é",
        "{a",
        "a}",
        "x^}",
    ),
    *(r"\frac12", r"\frac a b", r"\sqrt[3]{x}", r"\left( x", r"\right)", r"\left<x\right>", r"\unknown", r"\mathrm{d}"),
    *(
        r"\begin{matrix}a\end{matrix}",
        r"\text{5 in}",
        r"\text{$x$}",
        r"\mathbb{1}",
        r"\def\a{b}",
        r"x\limits_a",
    ),
    *("{" * 60 + "}" * 60, "x" * 500),
)


def own_formulas() -> list[str]:
    paths = [*(HERE / "markup").glob("*.txt"), *(ROOT / "content").rglob("*.md"), *(HERE / "site").rglob("*.md")]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return sorted({formula.tex for text in texts for formula in find.protect(text).formulas})


OWN = own_formulas()
pieces = st.sampled_from([*ATOMS, *FONTS, *ACCENTED, *sorted({part for tex in OWN for part in TOKEN.findall(tex)})])
scripts = st.tuples(st.sampled_from("_^"), pieces | st.sampled_from(["{a b}", "{}", "12"])).map("".join)
made = st.lists(pieces | scripts | st.sampled_from(USUAL + UNUSUAL[:30]), max_size=8).map(" ".join)


def agree(tex: str) -> bool:
    """Whether the short way knows a formula; what it says must be right."""
    found = {display: fast.direct_math(tex, display) for display in ("inline", "block")}
    for display, said in found.items():
        assert said is None or said == find.by_library(tex, display)
    return None not in found.values()


@pytest.mark.parametrize("tex", [*USUAL, *ATOMS, *ACCENTED])
def test_usual_formulas_take_the_short_way(tex: str) -> None:
    assert agree(tex)


@pytest.mark.parametrize("tex", UNUSUAL)
def test_what_the_library_reads_in_its_own_way_is_left_to_it(tex: str) -> None:
    assert fast.direct_math(tex, "inline") is None


@pytest.mark.parametrize("tex", FONTS)
def test_letters_of_every_font_are_right(tex: str) -> None:
    agree(tex)


def test_most_formulas_of_our_own_texts_take_the_short_way() -> None:
    assert sum(map(agree, OWN)) > len(OWN) * 0.6


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, derandomize=True)
@given(made)
def test_made_up_formulas_are_right(tex: str) -> None:
    agree(tex)


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of real posts beside the project")
def test_real_formulas_are_right_and_nine_in_ten_take_the_short_way() -> None:
    known = total = 0
    for path in sorted(CORPUS.rglob("*.md")):
        if path.is_file():
            found = find.protect(path.read_text(encoding="utf-8", errors="replace")).formulas
            total += len(found)
            known += sum(agree(formula.tex) for formula in found)

    assert total > 4000
    assert known / total > 0.85


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, derandomize=True)
@given(made | st.sampled_from(OWN))
def test_the_short_way_to_text_says_what_the_library_says(tex: str) -> None:
    said = unicode.direct_text(tex)

    assert said is None or said == unicode._converter()(tex)


def test_half_of_our_own_formulas_become_text_the_short_way() -> None:
    assert sum(unicode.direct_text(tex) is not None for tex in OWN) > len(OWN) * 0.4
