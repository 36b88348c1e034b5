"""What would end the process that reads it is refused before: a full stack is no exception.

Each input goes to a process of its own, as it would be lost with it, and to a thread with a small stack.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress

import pytest

from feeds.markup.math import Refused
from feeds.markup.math.depth import ARGUMENTS, DEEPEST, UNCLOSED, too_deep
from feeds.markup.math.latex import prepared
from feeds.markup.math.rewriter import UnreadableError, rewritten
from feeds.markup.math.rewrites import ALL, ENVIRONMENTS, RENAMED
from tests.support import ROOT

READ = """
import json, sys, threading
from feeds.markup.math import Refused
from feeds.markup.math.tree import tree

def read(formulas):
    for tex in formulas:
        try:
            tree(tex, display=True)
            said.append("")
        except Refused as refused:
            said.append(str(refused))

said, formulas = [], json.load(sys.stdin)
read(formulas)
threading.stack_size(512 * 1024)
thread = threading.Thread(target=read, args=(formulas,))
thread.start()
thread.join()
print(json.dumps(said))
"""


def read(formulas: list[str]) -> list[str]:
    """Why each is refused, or that it is not; by the process, then by a thread."""
    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=json.dumps(formulas),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: list[str] = json.loads(done.stdout)
    return said


PUMPS = (
    "{", "x^{", "x_{", r"\sqrt{", r"\sqrt[", r"\sqrt ", r"\frac{", r"\frac{a}", r"\frac\frac", r"\mathbf ",
    r"\hat ", r"\not", r"\left(", r"\begin{matrix}", r"\begin{cases}", r"\begingroup ", r"\displaystyle ",
    r"\color{red}", r"\mathord ", r"\sum ", r"\sum_\sqrt", r"\overset{a}", r"\underbrace{", r"\xrightarrow[",
    r"\textcolor{red}{", r"{\sum}", r"\forall ", "|", "(", "(x", "[", r"\{", r"\langle ", r"\bigl(",
    r"\lvert ", "⟨", "⌈", r"\bra\sqrt ", r"\pmod\sqrt ", "{(}", "{%}\n", r"\pmb{", r"\text{", r"\substack{",
    r"\mathop{x+", r"\begin{split}", r"\text{$", r"\tag{", r"\mathchoice(){1pt}1", r"\ket\frac ",
)  # fmt: skip
"""What makes math-core call itself again, or take twice as long."""


def test_no_depth_ends_the_process_or_keeps_it_busy() -> None:
    read([pump * (900 // len(pump)) for pump in PUMPS])

    assert all(read([pump * (9_000 // len(pump)) for pump in PUMPS]))


@pytest.mark.parametrize("pump", ["{", r"\sqrt{", r"\left(", r"\frac{a}{", "x^{", r"\hat{"])
def test_what_is_less_deep_is_read(pump: str) -> None:
    end = {r"\left(": r"\right)"}.get(pump, "}")
    levels = 45 if pump == r"\frac{a}{" else 60
    formula = pump * levels + "x" + end * levels

    assert read([formula, r"\pmb{x}" + pump * 20 + "x" + end * 20]) == [""] * 4


def test_many_signs_are_not_deep() -> None:
    for formula in (
        r"\frac{a}{b}" * 500,
        "x_1^2" * 1_000,
        "(x)" * 1_000,
        r"\sum_{i=1}^n x" * 300,
        "]0,1[" * UNCLOSED,
        r"\begin{matrix}" + r"\displaystyle a & " * 300 + r"\end{matrix}",
        r"\alpha + " * 500,
        r"\ket{0}" * 100,
    ):
        assert too_deep(formula) == ""


def test_one_level_more_is_too_deep() -> None:
    assert too_deep("{" * DEEPEST) == ""
    assert too_deep("{" * (DEEPEST + 1)) == f"it is nested deeper than {DEEPEST} levels"
    assert too_deep("(x" * UNCLOSED) == ""
    assert too_deep("(x" * (UNCLOSED + 1)) == f"more than {UNCLOSED} of its brackets are not closed"


@pytest.mark.parametrize(
    "pump", [r"\substack{", r"\text{$", r"\begin{split}", r"\tag{$", r"\mathds ", r"\' ", r"\smash ", "{"]
)
def test_what_is_rewritten_nests_less_deep_than_python_calls(pump: str) -> None:
    end = {r"\text{$": "$}", r"\tag{$": "$}", r"\begin{split}": r"\end{split}"}.get(pump, "}" if "{" in pump else "")
    for levels in (10, 50, 90, *range(97, 104), 300):
        with suppress(UnreadableError):  # no RecursionError
            rewritten(pump * levels + "x" + end * levels, display=True)


@pytest.mark.parametrize(
    ("tex", "reason"),
    [
        (r"\pmb{x", "a `}` is missing"),
        (r"\text{if $x}", "a `$` is missing"),
        (r"\begin{split} a", r"a `\end` is missing"),
        (r"\sqrt[3 \pmb x", "a `]` is missing"),
        (r"\def\a{b}\a", r"it defines a command by `\def`"),
        ("x" * 10_001, "it is longer than 10,000 characters"),
    ],
)
def test_a_refusal_says_why(tex: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        prepared(tex, display=True)
    assert str(refused.value) == reason


def test_what_xml_forbids_is_left_out() -> None:
    assert prepared("a\x00\x0b\ufffeb") == "ab"


@pytest.mark.slow
def test_no_command_ends_the_process_however_often_it_stands() -> None:
    names = sorted({*ARGUMENTS, *ALL, *RENAMED.values(), *(rf"\begin{{{name}}}" for name in ENVIRONMENTS)})
    forms = (
        "%s ",
        "%s{a}",
        "%s(",
        "%s[",
        "%s{",
        "%s{a}{b}",
        "_%s ",
        "%s_",
        r"%s\sqrt ",
        "{%s}",
        r"\mathord{%s}",
        "%s x",
    )
    formulas = [form % name * 400 for name in names for form in forms]

    read([tex for tex in formulas if not too_deep(tex)])
