"""The editor's file of an issue, `issues/<language>/2026-W18.md` -> `Editorial`.

Its front matter changes what the issue says and holds; its text stands before the reviews, and what follows
`<!-- more -->` behind them. What cannot be done is an error with its line, and the issue is then not issued.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from feeds import periods
from feeds.errors import Problem
from feeds.model import Editorial, Image, Post
from feeds.reader import frontmatter
from feeds.reader.fields import Fields
from feeds.records import record
from feeds.rendered import WHOLE
from feeds.settings.toml import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from feeds.errors import Code
    from feeds.model import Language, Settings
    from feeds.reader.frontmatter import FrontMatter

KEYS = ("subject", "preheader", "cover", "headline", "lead", "skip", "add", "from_the_archive")
ENDINGS = (".md", ".markdown")
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
"""What email clients show."""

BEGINNINGS = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
"""The first bytes of each."""

LARGEST = 1 << 20
"""Bytes of a cover: it travels in every email."""


class File(NamedTuple):
    """An editor's file: its path, the name of its period, and its text."""

    path: str
    name: str
    text: str

    @property
    def digest(self) -> str:
        """What tells it from itself before it was edited."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@record()
class Desk:
    """What an editor of one language can refer to: all published reviews, which of them need no issue any more, and the
    issue that held each of these.
    """

    settings: Settings
    language: Language
    posts: Sequence[Post]
    held: Mapping[str, str]

    def named(self, said: str) -> list[Post]:
        """The reviews somebody means: by path, file name, slug, address or id."""
        wanted = said.strip()
        return [
            post
            for post in self.posts
            if wanted in (post.id, post.path, post.url, post.slug, (base := posixpath.basename(post.path)), _stem(base))
        ]


def read(file: File, desk: Desk) -> tuple[Editorial, list[Problem]]:
    """What an editor's file says, as far as it can be done, and what is wrong with it."""
    try:
        front = frontmatter.parse(file.text, file.path)
    except frontmatter.NoFrontMatter as error:
        if error.code != "front-matter-missing":
            return _empty(file), [Problem(file.path, error.line, error.message, code=error.code)]
        front = frontmatter.FrontMatter({}, {}, 1)
    except frontmatter.FrontMatterError as error:
        body = _below_comments(file.text)
        if not body:
            return _empty(file), [Problem(file.path, error.line, error.message, code=error.code)]
        front = frontmatter.FrontMatter({}, {}, body)
    fields = Fields(file.path, front.data, front.lines, problems=[*front.problems], quoted=front.quoted)
    for key in front.data:
        if key not in KEYS:
            message = f"is not a key of an editor's file{did_you_mean(key, KEYS)}"
            fields.complain(key, message, "warning", code="key-unknown")
    own = _Reader(file, desk, fields)
    added = own.several("add")
    return (
        Editorial(
            path=file.path,
            digest=file.digest,
            subject=fields.text("subject"),
            preheader=fields.text("preheader"),
            headline=fields.text("headline"),
            cover=_cover(fields, file.path),
            text=_text(file, front, desk),
            lead=next(iter(own.several("lead")), ""),
            added=added,
            skipped=own.several("skip"),
            archive=fields.number("from_the_archive"),
            lines=front.lines,
        ),
        fields.problems,
    )


class _Reader:
    """The keys that name reviews."""

    def __init__(self, file: File, desk: Desk, fields: Fields) -> None:
        self._file, self._desk, self._fields = file, desk, fields
        self._lines = file.text.split("\n")

    def several(self, key: str) -> tuple[str, ...]:
        """The ids of the reviews under a key; what is wrong with a name is noted at its line."""
        found = []
        for said in self._fields.texts(key):
            posts = self._desk.named(said)
            if len(posts) == 1 and not self._is_held(key, said, posts[0]):
                found.append(posts[0].id)
            elif len(posts) > 1:
                choices = " or ".join(post.path for post in posts)
                self._complain(key, said, f'"{said}" may be {choices}; write one of these', code="review-unknown")
            elif not posts:
                names = {_stem(posixpath.basename(post.path)): None for post in self._desk.posts}
                hint = did_you_mean(said, names) or "; write the name of its file"
                code = self._desk.language.code
                self._complain(key, said, f'"{said}" is no published review ({code}){hint}', code="review-unknown")
        return tuple(found)

    def _is_held(self, key: str, said: str, post: Post) -> bool:
        """Whether a review was issued before, so that nothing can be done with it any more."""
        if post.id not in self._desk.held:
            return False
        message = f'"{said}" was issued in {self._desk.held[post.id]}; no review is issued twice, so remove it here'
        self._complain(key, said, message, code="review-issued")
        return True

    def _complain(self, key: str, said: str, message: str, *, code: Code) -> None:
        """Note what is wrong at the line where it is said, of a list with a line each."""
        first = self._fields.lines.get(key, 1)
        lines = enumerate(self._lines[first - 1 : first + 200], first)
        line = next((number for number, text in lines if said in text), first)
        self._fields.problems.append(Problem(self._file.path, line, f"`{key}`: {message}", code=code))


def says_nothing(file: File) -> bool:
    """Whether a file is a draft that nobody wrote in: comments alone."""
    start = _below_comments(file.text)
    text = "\n".join(file.text.split("\n")[start - 1 :]) if start else file.text
    return not re.sub(r"<!--[^<>]*-->", "", text).strip()


def moved(editorials: Mapping[str, Editorial]) -> tuple[dict[str, str], dict[str, str]]:
    """Which reviews are added to which period, and which are left out for good, by id."""
    added = {known: name for name, said in editorials.items() for known in said.added}
    skipped = {known: name for name, said in editorials.items() for known in said.skipped}
    return added, skipped


def agreed(
    read: Mapping[str, tuple[Editorial, list[Problem]]], desk: Desk
) -> dict[str, tuple[Editorial, list[Problem]]]:
    """The editors' files of a language, by period, with each review moved once: where it is named first counts, and the
    other place is told.
    """
    found = {}
    said: dict[str, tuple[str, str]] = {}
    paths = {post.id: post.path for post in desk.posts}
    for name, (editorial, problems) in sorted(read.items()):
        kept: dict[str, tuple[str, ...]] = {}
        told = [*problems]
        for key, ids in (("add", editorial.added), ("skip", editorial.skipped)):
            here = (editorial.path, key)
            for known in ids:
                path, other = said.setdefault(known, here)
                if (path, other) != here:
                    message = f"`{key}`: {paths[known]} stands under `{other}` of {path} already; keep one of them"
                    told.append(Problem(editorial.path, editorial.lines.get(key, 1), message, code="review-repeated"))
            kept[key] = tuple(known for known in ids if said[known] == here)
        found[name] = replace(editorial, added=kept["add"], skipped=kept["skip"]), told
    return found


def name_of(path: str, settings: Settings, known: Container[str] = ()) -> str:
    """The name of the period an editor's file is about: one of the setting `period`, or one that is `known` to be
    closed, of whatever kind. Raises ValueError with a message for the author.
    """
    stem, rule = _stem(posixpath.basename(path)), settings.digest.rule
    period = periods.of_either_kind(stem, rule)
    return period.name if period and period.name in known else periods.named(stem, rule).name


def _stem(name: str) -> str:
    return name[: -len(ending)] if (ending := posixpath.splitext(name)[1]).lower() in ENDINGS else name


def _cover(fields: Fields, path: str) -> Image | None:
    """The picture at the top of the issue: a file beside the editor's, which is kept with the issue."""
    table = fields.table("cover") if isinstance(fields.data.get("cover"), dict) else None
    said = table.text("src") if table else fields.text("cover")
    if not said:
        return None
    ending = posixpath.splitext(said)[1].lower()
    wrong = ""
    if "/" in said or "\\" in said or said.startswith("."):
        wrong = f'is "{said}"; write the name of a file that lies beside this one, so that it is kept with the issue'
    elif ending not in PICTURES:
        wrong = f'is "{said}"; write the name of a picture that emails can show: {", ".join(PICTURES)}'
    if wrong:
        fields.complain("cover", wrong, code="image-invalid")
        return None
    file = posixpath.join(posixpath.dirname(path), said)
    return Image(src=f"cover{ending}", alt=table.text("alt") if table else "", file=file, type=PICTURES[ending])


def _text(file: File, front: FrontMatter, desk: Desk) -> Post | None:
    """The text as a post of its own: its links are relative to the site, as those of an address of no post."""
    if not "\n".join(file.text.split("\n")[front.body_line - 1 :]).strip():
        return None
    period = periods.of_either_kind(file.name, desk.settings.digest.rule)
    if not period:
        return None
    moment = periods.start(period.first, desk.settings.timezone)
    return Post(
        path=file.path,
        language=desk.language,
        slug=file.name,
        title=file.name,
        published=moment,
        updated=moment,
        url=desk.settings.url,
        id=file.path,
        group="",
        status="published",
        body_line=front.body_line,
        extra={WHOLE: True},
    )


def _below_comments(text: str) -> int:
    """The line where the text begins below front matter of comments alone, as a draft has it; 0 if there is more."""
    for number, line in enumerate(text.split("\n"), 1):
        if number > 1 and line.rstrip() == "---":
            return number + 1
        if line.strip() and not line.startswith("#" if number > 1 else "---"):
            return 0
    return 0


def _empty(file: File) -> Editorial:
    return Editorial(path=file.path, digest=file.digest)
