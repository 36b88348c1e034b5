"""Markdown and formulas. Each file of `markup/` holds cases: title, `.`, input, `.`, expected, `.`, blank line."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from feeds import config, templating
from feeds.markup import Body, unicode_math
from feeds.model import Post, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CASES = Path(__file__).parent / "markup"
SETTINGS = config.parse(
    'title = "Deep Technical Reviews"\nurl = "https://example.org/"\n'
    '[languages.en]\ntag = "en"\n[languages.zh]\ntag = "zh-Hans"\n'
)
DAY = datetime(2026, 4, 20, tzinfo=UTC)
COLUMNS = 20


@dataclass(frozen=True)
class Case:
    """One case of a file; `line` is its title's."""

    file: str
    line: int
    title: str
    given: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.title}"


def cases(path: Path) -> Iterator[Case]:
    lines = path.read_text(encoding="utf-8").split("\n")
    place = 0
    while place < len(lines):
        if not lines[place]:
            place += 1
            continue
        opening = lines.index(".", place)
        middle = lines.index(".", opening + 1)
        closing = lines.index(".", middle + 1)
        given, expected = ("\n".join(lines[a + 1 : b]) for a, b in ((opening, middle), (middle, closing)))
        yield Case(path.name, place + 1, lines[place], given, expected)
        place = closing + 1


def post(path: str, summary: str = "") -> Post:
    _, code, name = path.removesuffix(".md").split("/")
    url = f"https://example.org/{code}/{name}/"
    return Post(
        path=path,
        language=SETTINGS.languages[code],
        slug=name,
        title="What the paper shows",
        published=DAY,
        updated=DAY,
        url=url,
        assets=path.removesuffix(".md"),
        base=url,
        id=url,
        group=name,
        status="published",
        body_line=5,
        summary=summary,
    )


POSTS = tuple(map(post, ("content/en/lats.md", "content/en/layerskip.md", "content/zh/lats.md")))
SITE = Site(
    settings=SETTINGS,
    posts=POSTS,
    assets=frozenset({"content/en/lats/figure.png"}),
    pages={post.path: post.url for post in POSTS},
)


def render(text: str) -> Body:
    return Body(POSTS[0], text, SITE)


def summary_of_head(text: str) -> str:
    return Body(post("content/en/lats.md", text), "The body.", SITE).summary


def warnings(text: str) -> str:
    body = render(text)
    assert body.html == render(text).html  # a body warns of the parts that were made
    return "\n".join(map(str, body.problems))


def without_tags(text: str) -> str:
    """What a reader shows that knows no MathML."""
    return html.unescape(re.sub("<[^<>]*>", "", text)).replace("\N{NO-BREAK SPACE}", " ")


SHOW: dict[str, Callable[[str], str]] = {
    "html.txt": lambda text: render(text).html,
    "summary.txt": lambda text: render(text).summary,
    "summary_of_head.txt": summary_of_head,
    "warnings.txt": warnings,
    "formulas.txt": lambda text: unicode_math.plain(text).replace(unicode_math.NO_BREAK, " "),
    "linear.txt": lambda text: without_tags(render(text).html),
    "excerpt_mail.txt": lambda text: render(text).excerpt.mail("https://example.org/issue/").replace("\u00a0", "⍽"),
    "excerpt_page.txt": lambda text: render(text).excerpt.page.replace("\u00a0", "⍽"),
    "wrap.txt": lambda text: templating.wrap(text, COLUMNS),
}


@pytest.mark.parametrize("case", [case for path in sorted(CASES.glob("*.txt")) for case in cases(path)], ids=str)
def test_a_text_is_shown_as_its_case_says(case: Case) -> None:
    assert case.expected == SHOW[case.file](case.given)


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
