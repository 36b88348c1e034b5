"""What `feeds digest --draft` writes: the editor's file of an issue, with what the issue would hold as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.model import Output
from feeds.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.build.project import Project
    from feeds.model import Digest, Language
    from feeds.periods import Period

_BEFORE = "<!-- What you write here stands before the reviews, and what follows the next line behind them. -->"


def files(project: Project, period: Period) -> list[Output]:
    """A file for each language of the site."""
    digests = project.planner.digests
    made = []
    for code, language in project.site.settings.languages.items():
        issue = digests.issues[code].get(period.name)
        text = "\n".join([*_lines(project, language, period, issue), ""])
        made.append(Output(f"{digests.issued.folder}/{code}/{period.name}.md", text.encode()))
    return made


def _lines(project: Project, language: Language, period: Period, issue: Digest | None) -> Iterator[str]:
    draft = project.draft(issue) if issue else None
    yield "---"
    yield f"# The issue {period.name} ({language.code}), {period.first} to {period.last}."
    yield "# To use a line, remove its `#`. README.md and docs/weekly-email.md say what it does."
    yield f"# subject: {_quoted(draft.email.subject if draft else '')}"
    yield f"# preheader: {_quoted(draft.email.preheader if draft else '')}"
    yield '# headline: ""'
    yield '# cover: { src: cover.png, alt: "What it shows" }   # a picture beside this file'
    yield "# from_the_archive: 2"
    yield "# The first of these leads, unless you name another:" if issue else "# No reviews yet."
    for post in issue.posts if issue else ():
        yield f"# lead: {one_line(post.path)}   # {one_line(post.title)}"
    yield "# skip: [a review that comes in no issue]"
    yield "# add: [a review of another time]"
    yield "---"
    yield ""
    yield _BEFORE
    yield ""
    yield "<!-- more -->"


def _quoted(text: str) -> str:
    """A text as a string of YAML."""
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
