r"""Pages as Chromium shows them: a formula has the room it needs. Skipped visibly where Chromium is missing."""

from __future__ import annotations

import pytest

from feeds.markup.math.mathml import mathml
from tests.acceptance.browser import PROGRAM, Browser
from tests.support import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PROGRAM, reason="chromium is not installed")]

TALL = (
    r"\mathcal{L}(\theta) = -\frac{1}{N}\sum_{i=1}^N \log p_\theta(y_i \mid \mathbf{x}_i)",
    r"\lim_{n\to\infty}\left(1+\frac{1}{n}\right)^n = e",
    r"\underbrace{D_{\mathrm{KL}}(q\,\|\,p)}_{\ge 0} \xrightarrow{n\to\infty} 0",
    r"\mathbf{h}_t = \sigma\bigl(\mathbf{W}\mathbf{h}_{t-1}\bigr),\quad \widetilde{x}\in\mathbb{R}^{d\times d}",
)
HIGHER = "[...document.querySelectorAll('p')].map(p => p.scrollHeight - p.clientHeight)"


def test_a_display_formula_does_not_scroll_up_and_down() -> None:
    style = (ROOT / "templates/page.css").read_text(encoding="utf-8")
    shown = "".join(f"<p>{mathml(tex, display=True)}</p>" for tex in TALL)
    with Browser() as browser:
        browser.show(f"<!doctype html><style>{style}</style>{shown}", 700)
        assert browser.ask(HIGHER) == [0] * len(TALL)
