"""Made-up reviews in English and Chinese, the same for every tool: a review's text depends on its number alone.

Corpora of several sizes share their first reviews. The words mean nothing; what counts is what tools must work on:
front matter like those in `content/`, 6 to 17 kB a body, formulas, code, tables, lists, quotes and links.
"""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zlib import crc32

from benchmarks import words
from benchmarks.words import CODE, DISPLAYS, FORMULAS, HEADINGS, LINES, TAGS, TITLES

LANGUAGES = ("en", "zh")
SEED = "reviews"
START = datetime(2017, 1, 2, 8, tzinfo=UTC)
SECONDS = 9 * 365 * 86_400
"""Reviews lie anywhere in nine years, all of them past: some tools leave out posts of the future."""

SMALLEST, LARGEST = 6_000, 14_000
"""Bytes of a body before its last section is complete."""

SENTENCES = 3_000
"""How many different ones a language has."""

LAYOUTS = {
    "ours": "content/{lang}/{slug}.md",
    "hugo": "content/{lang}/posts/{slug}.md",
    "hexo": "source/_posts/{lang}/{slug}.md",
    "eleventy": "posts/{lang}/{slug}.md",
    "pelican": "content/{lang}/{slug}.md",
    "jekyll": "{lang}/_posts/{day}-{slug}.md",
}
"""Where a tool expects a post."""


@dataclass(frozen=True, slots=True)
class Review:
    """What both languages share."""

    number: int
    slug: str
    when: datetime
    tags: tuple[str, ...]
    venue: str
    arxiv: str


def review(number: int) -> Review:
    """The review of that number."""
    dice = _dice("review", number)
    when = START + timedelta(seconds=dice.randrange(SECONDS))
    tags = dice.sample(TAGS, dice.randint(2, 4))
    month = f"{when.year % 100:02d}{when.month:02d}"
    return Review(
        number=number,
        slug=f"{tags[0].replace(' ', '-')}-{dice.choice(('notes', 'study', 'review', 'reading'))}-{number:06d}",
        when=when,
        tags=tuple(tags),
        venue=dice.choice(("NeurIPS", "ICLR", "ICML", "OSDI", "SOSP", "arXiv")),
        arxiv=f"{month}.{dice.randrange(100_000):05d}",
    )


def place(layout: str, one: Review, language: str) -> str:
    """The path of a post below the folder of the site."""
    return LAYOUTS[layout].format(lang=language, slug=one.slug, day=f"{one.when:%Y-%m-%d}")


def text(layout: str, one: Review, language: str) -> str:
    """The whole file."""
    head = _pelican_head(one, language) if layout == "pelican" else _head(one, language)
    return f"{head}\n{_body(one, language)}"


def write(folder: Path, layout: str, files: int) -> None:
    """Write that many files, half of them in each language, unless they are there already. What else is there goes."""
    mark = folder / ".corpus"
    version = crc32(b"".join(Path(module).read_bytes() for module in (__file__, words.__file__)))
    wanted = f"{layout} {files} {version}"
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(files // 2):
        one = review(number)
        for language in LANGUAGES:
            path = folder / place(layout, one, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(layout, one, language), encoding="utf-8", newline="\n")
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(wanted, encoding="utf-8")


@cache
def newest_and_oldest(files: int) -> tuple[Review, Review]:
    """The review every feed begins with, and one that no feed of twenty holds."""
    reviews = sorted(map(review, range(files // 2)), key=lambda one: one.when)
    return reviews[-1], reviews[0]


def _dice(*of: object) -> random.Random:
    return random.Random("/".join(map(str, (SEED, *of))))  # noqa: S311  # no secret; it must come out the same everywhere


def _title(one: Review, language: str) -> str:
    dice = _dice("title", one.number)
    return dice.choice(TITLES[language]).format(one.tags[0], one.tags[1], dice.randint(2, 99))


def _head(one: Review, language: str) -> str:
    dice = _dice("head", one.number)
    authors = (f"{dice.choice('ABCDEFGH')}. Author", f"{dice.choice('KLMNPRST')}. Writer")
    lines = [
        "---",
        f"title: {_quoted(_title(one, language))}",
        f"date: {one.when:%Y-%m-%d %H:%M:%S}",
        f"tags: [{', '.join(one.tags)}]",
        "paper:",
        f"  title: {_quoted(_title(one, 'en'))}",
        f"  authors: [{', '.join(map(_quoted, authors))}]",
        f"  venue: {one.venue}",
        f"  year: {one.when.year}",
        f"  url: https://arxiv.org/abs/{one.arxiv}",
        f"  arxiv: {_quoted(one.arxiv)}",
        "highlights:",
        f"  - {_quoted(f'{dice.uniform(1.1, 4):.1f}x faster on {one.tags[0]}')}",
        f"  - {_quoted(f'{dice.uniform(0.1, 2):.2f} points lost on {one.tags[1]}')}",
        "---",
        "",
    ]
    return "\n".join(lines)


def _quoted(said: str) -> str:
    return json.dumps(said, ensure_ascii=False)  # JSON's strings are YAML's


def _pelican_head(one: Review, language: str) -> str:
    """Pelican reads `Key: value` lines; tables within it knows not."""
    lines = {
        "Title": _title(one, language),
        "Date": f"{one.when:%Y-%m-%d %H:%M:%S}",
        "Lang": language,
        "Slug": one.slug,
        "Category": "reviews",
        "Tags": ", ".join(one.tags),
    }
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


@cache
def _sentences(language: str) -> list[str]:
    """Sentences to draw from; one of the things in each may be a formula, code, a link or emphasis."""
    dice, made = _dice("sentences", language), []
    for number in range(SENTENCES):
        shape = dice.choice(LINES[language]["shapes"])
        parts = [dice.choice(LINES[language]["things"]) for _ in range(3)]
        chosen = dice.randrange(3)
        parts[chosen] = dice.choice(
            (
                parts[chosen],
                _numbered(dice, FORMULAS),
                f"`{dice.choice(('beam', 'cache', 'batch', 'page'))}_{dice.choice(('width', 'size', 'limit'))}`",
                f"**{parts[chosen]}**",
                f"[{parts[chosen]}](https://example.org/notes/{number}?from=feed&page=2)",
            )
        )
        gap = "" if language == "en" else " "
        parts = [f"{gap}{part}{gap}" if part[0] in "$`" else part for part in parts]
        end = dice.choice(LINES[language]["tails"])
        made.append(f"{shape.format(*parts)}{end}".strip())
    return made


def _numbered(dice: random.Random, formulas: tuple[str, ...]) -> str:
    """A formula with a number of its own: as in `content/`, half of all formulas are different."""
    return dice.choice(formulas).replace("#", str(dice.randint(2, 60)))


def _paragraph(dice: random.Random, language: str, least: int = 3, most: int = 6) -> str:
    joint = " " if language == "en" else ""
    return joint.join(dice.choices(_sentences(language), k=dice.randint(least, most)))


def _table(dice: random.Random, language: str) -> str:
    rows = [LINES[language]["columns"], ["---", "---:", "---:"]]
    rows += [
        [f"`{dice.choice(TAGS)}`", f"{dice.uniform(1, 90):.2f}", f"${dice.randint(2, 9)}\\times$"]
        for _ in range(dice.randint(3, 7))
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _block(dice: random.Random, language: str) -> str:
    """What stands between the paragraphs of a section."""
    kind = dice.choice(("code", "code", "table", "formula", "list", "quote", "paragraph"))
    if kind == "code":
        name, code = dice.choice(CODE)
        return f"```{name}\n{code}\n```"
    if kind == "table":
        return _table(dice, language)
    if kind == "formula":
        return f"$$\n{_numbered(dice, DISPLAYS)}\n$$"
    if kind == "list":
        mark = dice.choice(("-", "1."))
        return "\n".join(f"{mark} {line}" for line in dice.choices(_sentences(language), k=dice.randint(3, 6)))
    if kind == "quote":
        return f"> {_paragraph(dice, language, 1, 2)}"
    return _paragraph(dice, language)


def _body(one: Review, language: str) -> str:
    dice = _dice("body", one.number, language)
    target = dice.randint(SMALLEST, LARGEST)
    blocks = [_paragraph(dice, language), "<!-- more -->"]
    size = section = 0
    while size < target:
        heading = HEADINGS[language][section % len(HEADINGS[language])]
        made = [f"## {heading}", _paragraph(dice, language), _block(dice, language), _paragraph(dice, language, 2, 4)]
        size += sum(len(block.encode()) + 2 for block in made)
        blocks += made
        section += 1
    return "\n\n".join(blocks) + "\n"
