"""Formulas in all the forms they are shown in: whatever stands in them, safe and in time."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.markup.math import Refused
from feeds.markup.math.depth import ARGUMENTS
from feeds.markup.math.faces import KEPT, face
from feeds.markup.math.html import html_math
from feeds.markup.math.mathml import mathml
from feeds.markup.math.reasons import reason
from feeds.markup.math.rewrites import ALL
from feeds.markup.math.tree import tree
from feeds.markup.math.unicode import plain
from feeds.markup.sanitize import clean
from tests.support import HERE, cases, render

# What is written is what the cleaner leaves

SIGNS = (
    *"abxyz019+-=()[]{}^_&|<>,.!'\"~/:;*@#$%?` \n中é😀̸",
    *(r"\begin{aligned}", r"\end{aligned}", r"\begin{cases}", r"\end{cases}", r"\begin{array}{l|c}", r"\end{array}"),
    *(
        r"\left(",
        r"\right)",
        r"\text{",
        r"\operatorname*{",
        r"\mathbb ",
        r"\sum",
        r"\limits",
        r"\hline",
        r"\\",
        "[4pt]",
    ),
    *("\u202e", "\x01", "\ufdd0", "\u00a0", r"\{", r"\|", r"\href{javascript:x}{", r"\color{red}", r"\label{\"><b>}"),
)
COMMANDS = tuple(f"{name} " for name in sorted({*ARGUMENTS, *ALL}) if name[0] == "\\")
OWN = tuple(sorted({case.given for name in ("formulas", "linear") for case in cases(HERE / f"markup/{name}.txt")}))
formulas = st.lists(st.sampled_from((*SIGNS, *SIGNS, *COMMANDS)), max_size=12).map("".join) | st.sampled_from(OWN)


def unresolved(_tag: str, _address: str) -> None:
    """No address is left."""


@given(tex=formulas, display=st.booleans())
@example(tex=r"\mathop{\mathbb E}\operatorname{}^{\operatorname*{}}", display=True)
@example(tex=r"\text{\textbf{a} < b}\&", display=False)
def test_a_formula_is_written_as_the_cleaner_would_leave_it(tex: str, display: bool) -> None:
    with suppress(Refused):
        found = mathml(tex, display=display)
        assert clean(found, unresolved) == found
    html = html_math(tex) or ""
    assert clean(html, unresolved) == html


@given(formulas)
def test_a_formula_as_text_has_letters_that_every_font_has_and_one_line(tex: str) -> None:
    text = plain(tex)
    assert bool(text) >= bool(tex.strip() and tex.isascii() and tex.isalnum())
    assert not re.search(r"[\n\t ]", text)
    with suppress(Refused):
        tree(tex, display=False)
        assert {char for char in text if face(char).plain != char} <= set(tex)


@given(
    st.lists(
        st.sampled_from(
            ("text-align", "color", ":", " ", ";", "left", "right", "center", "red", "url(x)", "/*", "!important", "\\")
        ),
        max_size=7,
    ).map("".join)
)
@example("text-align: right;")
@example("text-align:left;color:red")
@example("text-align:left\n;")
def test_no_style_comes_through_but_the_side_of_a_cell(style: str) -> None:
    elements = ("mtd", "mi", "mtable", "mrow", "td", "p", "span")
    for element in elements:
        html = f'<math><mtable><mtr><{element} style="{style}">x</{element}></mtr></mtable></math>'
        left = re.findall(r'style="([^"]*)"', clean(html, unresolved))
        assert left in ([], ["text-align:left"], ["text-align:right"], ["text-align:center"])
        assert element == "mtd" or not left


def test_the_side_of_a_cell_comes_through() -> None:
    html = '<math><mtable><mtr><mtd style=" text-align : right; ">x</mtd></mtr></mtable></math>'
    assert 'style="text-align:right"' in clean(html, unresolved)


# What ends a process, or takes for ever

UNITS = {
    "roots": r"\sqrt{",
    "powers": "x^{",
    "braces": "{",
    "fractions": r"\frac",
    "faces": r"\mathbf ",
    "accents": r"\hat ",
    "brackets": r"\left(",
    "environments": r"\begin{matrix}",
    "functions": r"\log ",
    "switches": r"\displaystyle a",
    "negations": r"\not",
    "brackets that nothing closes": "f(",
    "functions of what nothing closes": r"\sin(\cos(",
    "braces with one bracket": "{(}",
    "texts": r"\text{",
    "primes over primes": "{x'}'",
}
DOUBLING = "".join(rf"\def\x{b}{{\x{a}\x{a}}}" for a, b in pairwise("abcdefghijklmnopqrstuvwxyz")) + r"\xz"
CRASHES = {
    **{name: unit * (9_990 // len(unit)) for name, unit in UNITS.items()},
    "braces that are closed": "{" * 4_990 + "}" * 4_990,
    "brackets that are closed": r"\left(" * 700 + r"\right)" * 700,
    "longer than any": r"\sqrt{" * 3_200,
    "roots by macros": r"\def\a{\sqrt{\b}}\def\b{\a}\a",
    "roots by doubling macros": DOUBLING.replace(r"\xa\xa", r"\sqrt{\xa}"),
    "commands that double": DOUBLING,
}
"""Each is refused before math-core reads it and ends the process, which no `except` would see, or never ends."""
PROGRAM = """
import sys, threading
from tests.test_formulas import CRASHES
from tests.support import render

def run():
    for name, tex in CRASHES.items():
        body = render(f"$${tex}$$")
        done[name] = (body.html.count("<math"), body.summary is None, len(body.problems))

done = {}
if sys.argv[1] == "thread":
    threading.stack_size(256 * 1024)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
else:
    run()
assert done == {name: (0, False, 1) for name in CRASHES}, done
"""


@pytest.mark.parametrize("where", ["main", "thread"])
def test_what_would_end_the_process_is_code_with_a_reason(where: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, where], check=False, capture_output=True, text=True, cwd=HERE.parent, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_formula_of_a_million_characters_is_code_with_a_reason() -> None:
    body = render(f"$${'x + ' * 250_000}y$$")
    assert body.html.startswith("<p><code>x + x + ")
    assert [problem.code for problem in body.problems] == ["formula-unknown"]
    assert "it is longer than 10,000 characters" in body.problems[0].message


def test_thirty_thousand_formulas_are_shown() -> None:
    body = render(" ".join(f"$x_{{{number}}}$" for number in range(30_000)))
    assert body.html.count("<math") == 30_000


# Reasons


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\nosuch x", r"`\nosuch` is unknown"),
        (r"\begin{nosuch}x\end{nosuch}", r"`\begin{nosuch}` is unknown"),
        (r"\frac{a", "a `}` is missing"),
        ("a}", "`}` closes what was never opened"),
        (r"\left(a", r"a `\right` is missing"),
        (r"\begin{aligned}a", r"an `\end` is missing"),
        (r"\begin{aligned}a\end{cases}", r"`\end{cases}` stands where `\end{aligned}` must"),
        ("a^b^c", "two indices or two exponents follow each other; put braces around the first"),
        ("a_", "an argument is missing at its end"),
        ("a & b", "`&` may stand only in an environment such as `aligned`"),
    ],
)
def test_a_refusal_says_what_is_wrong(tex: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        mathml(tex, display=True)
    assert str(refused.value) == said


def test_a_reason_nobody_has_put_into_words_is_said_as_it_comes() -> None:
    assert reason("12: Something else went wrong.") == "something else went wrong"


# Letters


def test_faces_are_as_unicode_names_them() -> None:
    assert (face("𝐱"), face("𝜽"), face("𝒩"), face("ℝ"), face("ℙ"), face("𝟙")) == (
        ("x", True, False),
        ("θ", True, True),
        ("N", False, True),
        ("ℝ", False, False),
        ("P", True, False),
        ("1", True, False),
    )


@given(st.characters(min_codepoint=0x1D400, max_codepoint=0x1D7FF))
def test_every_letter_of_mathematics_has_a_plain_one(char: str) -> None:
    if unicodedata.category(char) != "Cn" and unicodedata.normalize("NFKC", char).isalnum():
        assert face(char).plain == unicodedata.normalize("NFKC", char) or char in KEPT
