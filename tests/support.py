"""What test modules share: sites to build, cases of three parts, and how a file of expectations is renewed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings

from feeds import settings as feeds_settings
from feeds.build.builder import Builder
from feeds.build.render import TEXTS
from feeds.markup import Body
from feeds.model import Post, Site
from feeds.reader.mapping import serial_map
from feeds.rendered import Lookup

if TYPE_CHECKING:
    from feeds.build.project import Project
    from feeds.digest import Draft, Issues
    from feeds.errors import Problem
    from feeds.model import Digest, Output
    from feeds.reader.mapping import Map
    from feeds.rendered import Rendered

HERE = Path(__file__).parent
ROOT = HERE.parent
CORPUS = ROOT.parent / "shared" / "corpus"
"""Real blogs, where they lie beside the project; tests that read them are skipped where they do not."""

NOW = datetime(2026, 5, 1, tzinfo=UTC)
"""When `tests/site` is built."""
BLOGS_NOW = datetime(2026, 11, 21, tzinfo=UTC)
"""When the real generators built `tests/blogs`."""

calm = settings(max_examples=60, deadline=None, derandomize=True)
"""For properties whose every example builds something."""


# Sites


class Build:
    """A site read and planned, with what tests ask of it."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @property
    def site(self) -> Site:
        return self.project.site

    @property
    def issues(self) -> Issues:
        return self.project.planner.issues

    @property
    def problems(self) -> list[Problem]:
        return self.project.problems

    def outputs(self, mapping: Map = serial_map) -> list[Output]:
        return self.project.values(mapping, {})

    def outputs_of(self, issues: Iterable[Digest]) -> list[Output]:
        return [*self.project.make(self.project.planner.digests.issue(issues))]

    def drafts(self, issues: Iterable[Digest]) -> Iterator[tuple[Digest, Draft]]:
        for issue in issues:
            if draft := self.project.draft(issue):
                yield issue, draft

    def render(self, post: Post) -> Rendered:
        """Every part of a text."""
        text = self.project.renderer.render(post, ("html", "summary", "minutes", "excerpt"))
        self.project.found.update(text.problems)
        return text


def open_site(root: Path, now: datetime = NOW) -> Site:
    """The site in a folder, as of the tests' time."""
    return open_build(root, now).site


def open_build(root: Path, now: datetime = NOW, texts: int = TEXTS) -> Build:
    return Build(Builder(root=root, texts=texts).project(lambda _: now))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# Texts of a site that lies in no folder

SETTINGS = feeds_settings.parse(
    'title = "Deep Technical Reviews"\nurl = "https://example.org/"\n'
    '[languages.en]\ntag = "en"\n[languages.zh]\ntag = "zh-Hans"\n'
)
DAY = datetime(2026, 4, 20, tzinfo=UTC)


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
    return Body(POSTS[0], text, Lookup(SITE))


# Expectations in files


@dataclass(frozen=True)
class Case:
    """One case of a file that holds many: title, `.`, given, `.`, expected, `.`, blank line."""

    path: Path
    number: int  # in its file, from 0
    line: int  # of its title
    title: str
    given: str
    expected: str

    @property
    def file(self) -> str:
        return self.path.name

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.title}"


def cases(path: Path) -> Iterator[Case]:
    """The cases of a file, in order."""
    lines = path.read_text(encoding="utf-8").split("\n")
    place = number = 0
    while place < len(lines):
        if not lines[place]:
            place += 1
            continue
        opening, middle, closing = _dots(lines, place)
        given, expected = ("\n".join(lines[a + 1 : b]) for a, b in ((opening, middle), (middle, closing)))
        yield Case(path, number, place + 1, lines[place], given, expected)
        place, number = closing + 1, number + 1


def renew(case: Case, actual: str) -> None:
    """Write what came out into the case's file. Others of that file may have grown since it was read: `line` is old."""
    if "." in actual.split("\n"):
        raise ValueError(f"{case}: a line of a single dot would end the case")
    lines = case.path.read_text(encoding="utf-8").split("\n")
    now = next(one for one in cases(case.path) if one.number == case.number)
    _, middle, closing = _dots(lines, now.line - 1)
    lines[middle + 1 : closing] = actual.split("\n") if actual else []
    case.path.write_text("\n".join(lines), encoding="utf-8", newline="")


def _dots(lines: list[str], place: int) -> tuple[int, int, int]:
    """Where the three dots of a case are, whose title is at a place."""
    opening = lines.index(".", place)
    middle = lines.index(".", opening + 1)
    return opening, middle, lines.index(".", middle + 1)


Expected = Callable[[Path | Case, str], str]
"""The fixture `expected`: what a file or a case says that a test compares with what came out."""


def listed(lines: Iterable[str]) -> str:
    """A file of one line each."""
    return "".join(f"{line}\n" for line in lines)


def table(path: Path) -> Iterator[list[str]]:
    """The rows of a file of tabs; lines that begin with `#` are remarks."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(
            (line for line in file if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE
        )
