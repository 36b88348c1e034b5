"""KaTeX reads the same formulas: what ours lose, or show in other letters, is found by comparing.

A formula is compared as subscribers get it, after everything that is done to it. How is in `katex.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from feeds import reader
from feeds.markup.math import find
from feeds.markup.math.mathml import Refused, mathml
from feeds.markup.sanitize import clean
from feeds.rendered import COMMONMARK
from tests.acceptance.katex import HERE, MODULE, by_katex, made, same_letters
from tests.support import CORPUS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.katex import Made

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MODULE.is_dir(), reason="KaTeX is not installed: npm install in tests/acceptance"),
]

Given = tuple[str, bool]

COMMANDS = (r"a \%s b", r"\%s{x}", r"\%s{x}{y}", r"\left\%s x \right.", r"\text{a \%s b}")
"""How each command of KaTeX is tried."""
EXCEPT = {
    "above cr expandafter futurelet includegraphics noexpand": "programs and pictures",
    "def edef gdef xdef let global long newcommand renewcommand providecommand": "what a post defines is put in before",
    "c H": "accents of texts",
    "message errmessage show": "write to the log",
    "coloneq Coloneq eqcolon Eqcolon": "mathtools has changed what these are since KaTeX took them over",
    "cdotp surd ncong textcircled set underlinesegment overlinesegment": "KaTeX's MathML has other signs than its HTML",
    "varinjlim varprojlim varliminf varlimsup": "KaTeX's MathML has no line below or above these",
    "overset underset stackrel angl angln clap llap rlap ddddot dddot reflectbox": "KaTeX's MathML loses styles there",
    "pmb": "KaTeX prints a letter twice instead of a bold one",
    "mathsfit": "Unicode's slanted letters without serifs are in few fonts",
    "tag": "KaTeX puts a tag behind the formula, ours stays where it is",
    "newline": "a row to us in every formula",
    "TextOrMath color": "takes a letter as an argument that is none",
    "u v r AA aa": "accents that KaTeX puts beside letters within texts",
    "lt gt": "KaTeX's MathML has signs of order as brackets",
    "underbar": "KaTeX takes a text",
    "mathclap mathllap mathrlap smash sout underline cal": "formulas within texts",
}
"""Commands that are not compared."""


def ours(tex: str, *, display: bool) -> Made | None:
    """What subscribers get."""
    try:
        return made(clean(mathml(tex, display=display), lambda _tag, _address: None))
    except Refused:
        return None


def difference(theirs: Made, own: Made | None) -> str:
    """In what a formula of ours differs first."""
    if own is None:
        return "refused"
    if own.words != theirs.words:
        return "words"
    if not same_letters(theirs, own):
        return "letters"
    return "" if own.parts == theirs.parts else "parts"


def compare(formulas: list[Given]) -> list[tuple[Given, str]]:
    """Formulas that KaTeX knows, and in what ours differs."""
    return [
        ((tex, display), difference(theirs, ours(tex, display=display)))
        for (tex, display), theirs in zip(formulas, by_katex(formulas), strict=True)
        if theirs
    ]


def test_formulas_of_all_kinds_are_as_katex_has_them() -> None:
    lines = (HERE / "formulas.txt").read_text(encoding="utf-8").splitlines()
    formulas = [(line.removeprefix("$$"), line.startswith("$$")) for line in lines if not line.startswith("# ")]

    compared = compare(formulas)

    assert [tex for tex, _ in formulas if tex not in {tex for (tex, _), _ in compared}] == []
    assert [(tex, kind) for (tex, _), kind in compared if kind] == []


@pytest.mark.parametrize(
    ("theirs", "own", "kind"),
    [
        ("x+y", "x+", "words"),
        (r"\mathbf{x}", "x", "letters"),
        (r"\mathrm{x}", "x", "letters"),
        (r"\mathbb{R}", r"\mathrm{R}", "letters"),
        (r"\mathcal{L}", r"\mathfrak{L}", "letters"),
        (r"\frac{a}{b}", "ab", "parts"),
        (r"\sqrt{a}", "a", "parts"),
        (r"\begin{matrix}a\\b\end{matrix}", "ab", "parts"),
        (r"\max_x f", r"\operatorname{max}_x f", "parts"),
        (r"\sum_{i} x", r"\sum\nolimits_{i} x", "parts"),
        (r"\text{a}", "b", "words"),
        (r"\overline{a}", "a", "words"),
    ],
)
def test_what_differs_is_seen(theirs: str, own: str, kind: str) -> None:
    [made_by_katex] = by_katex([(theirs, True)])
    assert made_by_katex
    assert difference(made_by_katex, ours(theirs, display=True)) == ""
    assert difference(made_by_katex, ours(own, display=True)) == kind


def test_every_command_of_katex_is_known() -> None:
    source = (MODULE / "dist" / "katex.mjs").read_text(encoding="utf-8")
    known = {name for names in EXCEPT for name in names.split()}
    names = sorted({*re.findall(r'"\\\\([a-zA-Z]+)"', source)} - known)
    assert len(names) > 900

    compared = compare([(form % name, True) for name in names for form in COMMANDS])

    assert len({tex for (tex, _), _ in compared}) > 1500
    assert [(tex, kind) for (tex, _), kind in compared if kind] == []


# Real blogs

KINDS = {
    # KaTeX ends a switch of letters with the cell of a table, LaTeX with its group.
    "letters": r"\\rm",
    # A row that ends outside of a table: KaTeX breaks the line, ours goes on with it in a line of text. The limits of
    # `\mathop`, and of a sum that was asked for both in a line of text, are beside the sign in KaTeX's MathML.
    "parts": r"\\\\|\\mathop|\\limits",
}
"""What may differ from KaTeX in real posts, by what is in such a formula."""


def formulas_of(blog: Path) -> list[Given]:
    """The distinct formulas of a blog, as its kind of blog finds them."""
    dialect = reader.recognise(blog)
    found: dict[Given, None] = {}
    for path in sorted(blog.rglob("*.md")):
        if path.is_file():
            syntax = dialect.syntax_of(path.name) if dialect else COMMONMARK
            text = path.read_text(encoding="utf-8", errors="replace")
            found |= {(one.tex, one.display): None for one in find.protect(text, syntax).formulas}
    return [*found]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of real posts beside the project")
def test_formulas_of_real_posts_are_as_katex_has_them() -> None:
    measured = 0
    for blog in sorted(path for path in CORPUS.iterdir() if path.is_dir()):
        compared = compare(formulas_of(blog))
        if len(compared) <= 200:
            continue
        measured += 1
        wrong = Counter(kind for _, kind in compared if kind)
        for kind in ("refused", "words", "letters"):
            assert wrong[kind] <= 0.005 * len(compared), (blog.name, kind, wrong)
        assert [
            (blog.name, kind, tex) for (tex, _), kind in compared if kind and not re.search(KINDS.get(kind, "$^"), tex)
        ] == []
    assert measured >= 3
