"""An issue that was issued: the files of its folder, and what a build reads of them.

The folder is source. `mail.eml`, `mail.html`, `mail.txt` and pictures are published as they are; `page.html` is what
the page of the issue shows, around which every build renders the frame; `entry.xml` is its entry in the feed of issues;
`issue.json` has the facts, and `reviews.json` what the email says of each review, so that an email of some of them can
be made without the posts.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds.model import Language
from feeds.records import record
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feeds.issued import Line
    from feeds.model import Digest, Email, Post

FORMAT = 1
"""Of `issue.json`; a build refuses any other."""

FACTS, REVIEWS, PAGE, ENTRY = "issue.json", "reviews.json", "page.html", "entry.xml"
MAIL = ("mail.eml", "mail.html", "mail.txt")
PRIVATE = (FACTS, REVIEWS, PAGE, ENTRY)
"""Not published."""

_OURS = expression(r"mail\.(?:eml|html|txt)|(?:issue|reviews)\.json|page\.html|entry\.xml|[\w-]+\.(?:png|jpe?g|gif)")
_FOLDER = expression(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*/)?digest/[0-9W-]+/")


class Held(NamedTuple):
    """A review as an issue names it."""

    id: str
    title: str
    url: str


@record(kw_only=True)
class Frozen:
    """An issue in its folder `place`, which is relative to the site; `folder` is where it is published. `editor` is the
    digest of the editor's file that it was made with.

    `published` and `id` are those of its entry in the feed of issues.
    """

    line: Line
    place: str
    language: Language
    name: str
    week: str
    since: datetime
    until: datetime
    last_day: date
    folder: str
    subject: str
    preheader: str
    url: str
    id: str
    reviews: tuple[Held, ...]
    archive: tuple[str, ...] = ()
    skipped: tuple[Held, ...] = ()
    editor: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """Those of its reviews."""
        return tuple(review.title for review in self.reviews)

    @property
    def held(self) -> frozenset[str]:
        """The ids of the reviews that need no issue any more."""
        return frozenset(review.id for review in (*self.reviews, *self.skipped))


class Damaged(Exception):
    """The facts of an issue cannot be used; the text says why."""


def is_ours(name: str) -> bool:
    """Whether a file of an issue's folder may have this name."""
    return bool(_OURS.fullmatch(name))


def facts(issue: Digest, folder: str, entry: Post, email: Email, skipped: Iterable[Post] = ()) -> bytes:
    """`issue.json`."""
    return _json(
        {
            "format": FORMAT,
            "language": issue.language.code,
            "tag": issue.language.tag,
            "name": issue.name,
            "since": issue.since.isoformat(),
            "until": issue.until.isoformat(),
            "last_day": issue.last_day.isoformat(),
            "issued": issue.issued.isoformat() if issue.issued else None,
            "folder": folder,
            "url": entry.url,
            "id": entry.id,
            "subject": email.subject,
            "preheader": email.preheader,
            "reviews": [_held(post) for post in issue.posts],
            "archive": [post.id for post in issue.archive],
            "skipped": [_held(post) for post in skipped],
            "editor": issue.editorial.digest if issue.editorial else "",
        }
    )


def left_out(language: Language, name: str, skipped: Iterable[Post], editor: str = "") -> bytes:
    """`issue.json` of a period whose reviews come in no issue."""
    said = {"format": FORMAT, "language": language.code, "tag": language.tag, "name": name}
    return _json(said | {"skipped": [_held(post) for post in skipped], "editor": editor})


def reviews(values: Mapping[str, Any], pages: Mapping[str, str], pictures: Mapping[str, list[str]]) -> bytes:
    """`reviews.json`: the values that the templates of an email got. Of each review, by its id, also what the page
    shows of it, `pages`, and the names of its pictures.
    """
    issue = values["issue"]
    ids = [review["id"] for section in issue["sections"] for review in section["reviews"]]
    sections = [
        section
        | {
            "reviews": [
                review | {"page": pages[review["id"]], "pictures": pictures[review["id"]]}
                for review in section["reviews"]
            ]
        }
        for section in issue["sections"]
    ]
    return _json({"format": FORMAT, "ids": ids, "issue": dict(issue) | {"sections": sections}, "urls": values["urls"]})


def load(text: str, line: Line, place: str) -> Frozen:
    """What `issue.json` says of a line's issue. Raises `Damaged`."""
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            raise Damaged(f"has the format {said['format']}, which this version cannot read; install a newer one")
        if (said["language"], said["name"]) != line.key:
            raise Damaged(f"is the issue {said['name']} ({said['language']})")
        return _skipped(said, line, place) if line.state == "skipped" else _frozen(said, line, place)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise Damaged("cannot be read") from error


def _skipped(said: dict[str, Any], line: Line, place: str) -> Frozen:
    """A period that has no issue: only what it left out is of interest."""
    return Frozen(
        line=line,
        place=place,
        language=Language(code=line.language, tag=_text(said["tag"])),
        name=line.name,
        week="",
        since=line.time,
        until=line.time,
        last_day=line.time.date(),
        **dict.fromkeys(("folder", "subject", "preheader", "url", "id"), ""),  # type: ignore[arg-type]  # all texts
        reviews=(),
        skipped=_all_held(said["skipped"]),
        editor=_text(said["editor"]),
    )


def _frozen(said: dict[str, Any], line: Line, place: str) -> Frozen:
    if not _FOLDER.fullmatch(said["folder"]):
        raise Damaged("names a folder that is none of ours")
    since, until = datetime.fromisoformat(said["since"]), datetime.fromisoformat(said["until"])
    if not since.tzinfo or not until.tzinfo:
        raise Damaged("has times without a zone")
    texts = {key: _text(said[key]) for key in ("folder", "subject", "preheader", "url", "id", "editor")}
    return Frozen(
        line=line,
        place=place,
        language=Language(code=line.language, tag=_text(said["tag"])),
        name=line.name,
        week=line.name if "W" in line.name else "",
        since=since,
        until=until,
        last_day=date.fromisoformat(said["last_day"]),
        reviews=_all_held(said["reviews"]),
        archive=tuple(map(_text, said["archive"])),
        skipped=_all_held(said["skipped"]),
        **texts,
    )


def _all_held(rows: list[dict[str, str]]) -> tuple[Held, ...]:
    return tuple(Held(*(_text(row[key]) for key in Held._fields)) for row in rows)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _held(post: Post) -> dict[str, str]:
    return {"id": post.id, "title": post.title, "url": post.url}


def _json(value: dict[str, Any]) -> bytes:
    """As text that a person can read and git can compare; times as RFC 3339."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_plain)
    return f"{text}\n".encode("utf-8", "replace")


def _plain(value: object) -> object:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
