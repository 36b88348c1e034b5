"""Mails as Chromium shows them: moving CSS into style attributes changes nothing, and nothing is wider than a phone.

Skipped visibly where Chromium is missing; `.ci/run` installs it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from feeds.digest import inline as inlining
from tests.acceptance import mail_cases
from tests.acceptance.browser import PROGRAM, Browser
from tests.acceptance.mail_site import LONG_WEEK, copied, long_week
from tests.support import CORPUS, ROOT, open_build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support import Build

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PROGRAM, reason="chromium is not installed")]

PHONE, DESK = 375, 600
LOOKS = ("light", "dark", "outlook")
NO_MEDIA = 700
"""A width at which no rule of the mail's head applies."""

MAILS = {
    "sample-en": ("sample", "en", ""),
    "sample-zh": ("sample", "zh", ""),
    "formulas-and-code": ("showcase", "en", "2026-W17"),
    "long-week": ("corpus", "en", LONG_WEEK),
}
STYLES = """
    background-color border-bottom-color border-bottom-style border-bottom-width border-left-color border-left-style
    border-left-width border-right-width border-top-color border-top-style border-top-width border-collapse color
    display filter font-family font-size font-style font-weight height letter-spacing line-height list-style-type
    margin-bottom margin-left margin-right margin-top max-width opacity overflow-wrap padding-bottom padding-left
    padding-right padding-top text-align text-decoration-line text-transform vertical-align visibility white-space
    width word-break
""".split()  # noqa: SIM905  # no easier to read as forty strings
COMPUTED = """
    [...document.body.querySelectorAll("*"), document.body].map(element => {
        const style = getComputedStyle(element);
        return [element.tagName, ...%s.map(name => style.getPropertyValue(name))];
    })
"""
WIDER = """
    (() => {
        const page = document.documentElement;
        const wide = [...document.body.querySelectorAll("*")]
            .filter(element => element.getBoundingClientRect().right > page.clientWidth + 0.5)
            .map(element => element.tagName + " " + element.textContent.slice(0, 40));
        return page.scrollWidth > page.clientWidth ? [page.scrollWidth, ...wide.slice(-3)] : null;
    })()
"""
SHOWCASE = r"""---
title: What a summary may hold
date: 2026-04-23
theme: systems
highlights: [2.5x faster, 12% less memory]
summary: >-
  Inline $O(n^2)$, *emphasis*, **weight**, `code`, [a link](https://example.org/) and a formula:
  $$\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d}}\right) V$$
---

It costs $O(n^2)$, *really*, says [the paper](https://example.org/); in short

$$
\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d}}\right) V
$$

```python
def attention(q, k, v):
    return softmax(q @ k.T) @ v  # "all" of it
```

<!-- more -->

The rest.
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Build]:
    """The sites of MAILS; without the corpus, without its long week."""
    folder = tmp_path_factory.mktemp("sites")
    own = copied(folder / "showcase")
    (own / "content/en/showcase.md").write_text(SHOWCASE, encoding="utf-8")
    found = {"sample": open_build(ROOT), "showcase": open_build(own)}
    if CORPUS.is_dir():
        found["corpus"] = long_week(folder / "corpus", limit=0)
    return found


def twins(name: str, builds: dict[str, Build], monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A mail as its template makes it, styles in its head, and as it is after inlining."""
    site, code, week = MAILS[name]
    if site not in builds:
        pytest.skip("no corpus of real posts beside the project")
    issues = builds[site].issues[code]
    seen: list[tuple[str, str]] = []
    real = inlining.inline

    def watched(html: str) -> str:
        seen.append((html, real(html)))
        return seen[-1][1]

    monkeypatch.setattr(inlining, "inline", watched)
    list(builds[site].drafts([issues[week or next(iter(issues))]]))
    return seen[0]


def computed(browser: Browser, html: str, width: int, look: str = "light") -> list[list[str]]:
    browser.show(html, width, dark=look == "dark")
    if look == "outlook":  # which marks what it darkens
        browser.ask('["ogsc", "ogsb"].map(mark => document.documentElement.dataset[mark] = "")')
    found: list[list[str]] = browser.ask(COMPUTED % STYLES)
    return found


def differences(before: list[list[str]], after: list[list[str]]) -> list[str]:
    """The first few, readable."""
    assert [row[0] for row in before] == [row[0] for row in after]
    found = [
        f"element {place} {one[0]}: {name} {was} -> {now}"
        for place, (one, other) in enumerate(zip(before, after, strict=True))
        for name, was, now in zip(STYLES, one[1:], other[1:], strict=True)
        if was != now
    ]
    return found[:10]


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_looks_the_same_before_and_after_inlining(
    name: str, builds: dict[str, Build], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = twins(name, builds, monkeypatch)
    assert before.count('style="') < 5 < after.count('style="')

    for width in (DESK, PHONE):
        looks = {look: computed(browser, before, width, look) for look in LOOKS}
        assert looks["dark"] != looks["light"] != looks["outlook"], "dark is not dark"
        for look, styles in looks.items():
            assert differences(styles, computed(browser, after, width, look)) == [], (width, look)


@pytest.mark.parametrize("name", MAILS)
def test_a_client_that_drops_the_head_shows_the_same(
    name: str, builds: dict[str, Build], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = twins(name, builds, monkeypatch)
    bare = re.sub(r"<style.*?</style>", "", after, flags=re.DOTALL)

    assert differences(computed(browser, before, NO_MEDIA), computed(browser, bare, NO_MEDIA)) == []


@pytest.mark.parametrize("site", ["sample", "showcase", "corpus"])
def test_no_mail_is_wider_than_a_phone(site: str, builds: dict[str, Build], browser: Browser) -> None:
    if site not in builds:
        pytest.skip("no corpus of real posts beside the project")
    build = builds[site]
    issues = [issue for weeks in build.issues.values() for issue in list(weeks.values())[:4]]
    assert issues

    wide = {}
    for issue, made in build.drafts(issues):
        browser.show(made.email.html, PHONE)
        wide[f"{issue.language.code}/{issue.name}"] = browser.ask(WIDER)

    assert {name: found for name, found in wide.items() if found} == {}


@pytest.mark.parametrize("case", mail_cases.CASES, ids=lambda path: path.stem)
def test_whatever_an_author_writes_fits_a_phone_and_is_seen(case: Path, browser: Browser, tmp_path: Path) -> None:
    built = mail_cases.built(mail_cases.read(case), tmp_path / "site")

    for place, lines in built.case.shown.items():
        browser.show(built.files[f"{place}/mail.html"].decode(), PHONE)
        seen = "".join(str(browser.ask("document.body.innerText")).split()).casefold()

        assert browser.ask(WIDER) is None, place
        assert [line for line in lines if "".join(line.split()).casefold() not in seen] == []


def test_pictures_that_a_client_blocks_leave_their_words(browser: Browser, builds: dict[str, Build]) -> None:
    build = builds["showcase"]
    ((_, made),) = build.drafts([build.issues["en"]["2026-W17"]])
    assert "<img" in made.email.html

    browser.show(made.email.html, DESK)

    assert browser.ask("[...document.images].filter(image => !image.alt || image.naturalWidth).length") == 0
    assert browser.ask(WIDER) is None
