"""Markdown and formulas. Each file of `markup/` holds cases: title, `.`, input, `.`, expected, `.`, blank line.

To add one, write it without the expected lines and run `pytest --update-golden`.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

from feeds.markup import Body
from feeds.markup.math import Refused, find, latex, macros, unicode
from feeds.markup.titles import formulas_as_text
from feeds.rendered import Lookup, Syntax
from feeds.site import templating
from tests.support import HERE, SITE, Case, Expected, cases, post, render

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = HERE / "markup"
COLUMNS = 20


def summary_of_head(text: str) -> str:
    return Body(post("content/en/lats.md", text), "The body.", Lookup(SITE)).summary


def warnings(text: str) -> str:
    body = render(text)
    assert body.html == render(text).html  # a body warns of the parts that were made
    return "\n".join(map(str, body.problems))


def without_tags(text: str) -> str:
    """What a reader shows that knows no MathML."""
    return html.unescape(re.sub("<[^<>]*>", "", text)).replace("\N{NO-BREAK SPACE}", " ")


def expanded(text: str) -> str:
    """The formulas of a post, one a line."""
    defined, shown = macros.Macros(), list[str]()
    for line in text.split("\n"):
        try:
            shown.append(macros.expand(line, defined))
        except Refused as reason:
            shown.append(f"refused: {reason}")
    return "\n".join(shown)


FLAVORS = {
    **{flavor: Syntax(flavor=flavor) for flavor in ("commonmark", "kramdown", "marked", "goldmark", "html")},
    "passthrough": Syntax(
        flavor="goldmark", passthrough=(("\\[", "\\]", True), ("\\(", "\\)", False), ("@@", "@@", False))
    ),
}


def found(flavor: str) -> Callable[[str], str]:
    """Shows a text with its formulas in ⟦ ⟧, display formulas in ⟦⟦ ⟧⟧, and those refused with the reason."""

    def show(text: str) -> str:
        protected = find.protect(text, FLAVORS[flavor])

        def shown(number: re.Match[str]) -> str:
            formula = protected.formulas[int(number[1])]
            inner = f"⟦{formula.tex}{f' REFUSED: {formula.refused}' if formula.refused else ''}⟧"
            return f"⟦{inner}⟧" if formula.display else inner

        return re.sub(rf"{protected.mark}(\d+){protected.mark}", shown, protected.text) if protected.mark else text

    return show


def found_nowhere(text: str) -> str:
    """The text as it is, unless some kind of blog has a formula in it."""
    shown = {flavor: found(flavor)(text) for flavor in FLAVORS if flavor != "html"}
    return "\n".join(f"{flavor}: {words}" for flavor, words in shown.items() if words != text) or text


def prepared(text: str) -> str:
    """LaTeX as math-core gets it, as a formula of its own; or why it does not."""
    try:
        return latex.prepared(text, display=True)
    except Refused as refused:
        return f"REFUSED: {refused}"


SHOW: dict[str, Callable[[str], str]] = {
    "html.txt": lambda text: render(text).html,
    "summary.txt": lambda text: render(text).summary,
    "summary_of_head.txt": summary_of_head,
    "warnings.txt": warnings,
    "formulas.txt": lambda text: unicode.plain(text).replace(unicode.NO_BREAK, " "),
    "latex.txt": prepared,
    "macros.txt": expanded,
    "titles.txt": formulas_as_text,
    "found_nowhere.txt": found_nowhere,
    **{f"found_{flavor}.txt": found(flavor) for flavor in FLAVORS},
    "linear.txt": lambda text: without_tags(render(text).html),
    "excerpt_mail.txt": lambda text: render(text).excerpt.mail("https://example.org/issue/").replace("\u00a0", "⍽"),
    "excerpt_page.txt": lambda text: render(text).excerpt.page.replace("\u00a0", "⍽"),
    "wrap.txt": lambda text: templating.wrap(text, COLUMNS),
}


@pytest.mark.parametrize("case", [case for path in sorted(CASES.glob("*.txt")) for case in cases(path)], ids=str)
def test_a_text_is_shown_as_its_case_says(case: Case, expected: Expected) -> None:
    actual = SHOW[case.file](case.given)

    assert expected(case, actual) == actual


def test_each_file_of_cases_is_shown_by_something() -> None:
    assert set(SHOW) == {path.name for path in CASES.glob("*.txt")}


def test_no_two_cases_of_a_file_have_one_title() -> None:
    titles = [(case.file, case.title) for path in CASES.glob("*.txt") for case in cases(path)]
    assert len(set(titles)) == len(titles)


def test_a_text_without_words_takes_a_minute() -> None:
    assert render("").minutes == 1


def test_four_hundred_characters_and_two_hundred_and_thirty_words_take_a_minute_each() -> None:
    assert render(f"{'字' * 400}\n\n{'word ' * 230}").minutes == 2


def test_code_takes_no_time() -> None:
    assert render(f"```\n{'word ' * 2300}\n```").minutes == 1
