"""What a build need not do again: posts that are read already, texts that are rendered, tasks whose outputs lie there.

A post depends on its file. A text depends on its post and on its references. A task's outputs depend on the posts it
shows (their files, ids, translations), on what it says besides, and on the references of their texts. All of them
depend on the `basis`: program, settings, templates, and of a generator's blog the files that any post may ask for.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds import rendered
from feeds.build.cache import fingerprint
from feeds.build.cache.store import Store, dumps
from feeds.build.write import Unchanged
from feeds.errors import Problem
from feeds.model import Author, Image, Paper, Post
from feeds.rendered import References, Rendered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from feeds.build.render import Result
    from feeds.build.task import Task
    from feeds.model import Settings, Site

PARTS = ("html", "summary", "minutes")
"""What is kept of a text; an excerpt is only needed where the text is read again anyway."""

_UNSURE = " unsure"


class Finished(NamedTuple):
    """What a task left in the output folder, and what was wrong then."""

    outputs: list[Unchanged]
    problems: list[Problem]


@dataclass(eq=False, repr=False)
class BuildCache:
    """What earlier builds of a site made. `fingerprints` are those of its files as they were before this build read
    them, by path relative to the site; that of a file whose change might not show is one that never comes again.
    """

    store: Store
    basis: str
    fingerprints: Mapping[str, str]
    now: float
    """The time of the build, in seconds since 1970: a status may change by time alone."""

    _posts: dict[str, tuple[str, Any]] = field(default_factory=dict)
    _tasks: dict[str, tuple[str, Any]] = field(default_factory=dict)
    _finished: list[tuple[str, str, list[Any], list[str]]] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    @classmethod
    def begin(
        cls, store: Store, basis: str, inputs: Mapping[str, str], clocks: Mapping[str, int], now: float
    ) -> BuildCache:
        """The cache for one build; what was made on another basis is thrown away."""
        never = f"{_UNSURE} {os.urandom(8).hex()}"
        known = {path: one if fingerprint.sure(one, clocks) else one + never for path, one in inputs.items()}
        store.begin(basis)
        return cls(
            store,
            hashlib.sha256(basis.encode("utf-8", "surrogatepass")).hexdigest(),
            known,
            now,
            store.all("post"),
            store.all("task"),
        )

    def post(self, path: str, settings: Settings) -> tuple[Post, list[Problem]] | None:
        """The post of a file that is the same, and what is wrong with it; None when it must be read."""
        key, row = self._posts.pop(path, ("", None))
        if not row or key != self.fingerprints.get(path):
            return None
        try:
            then, values, problems = row
            if any((time <= then) is not (time <= self.now) for time in values[_CHANGES]):
                return None
            return _decoded(values, path, settings), _problems(problems)
        except (ValueError, TypeError, LookupError):  # no row of ours
            return None

    def encoded(self, post: Post, problems: list[Problem]) -> str:
        """A post for the next build, to be handed to `keep_post`; "" when that may come to another answer."""
        return dumps([self.now, _values(post), _rows(problems)]) if self.sure(post.path) else ""

    def keep_post(self, path: str, row: str) -> None:
        """Have a post for the next build."""
        self.store.put_encoded("post", path, self.fingerprints[path], row)

    def sure(self, path: str) -> bool:
        """Whether a later change of a file would show."""
        return _UNSURE not in self.fingerprints.get(path, _UNSURE)

    def same(self, post: Post, root: str) -> bool:
        """Whether the file of a post is still the one that was there before this build read it."""
        known = self.fingerprints.get(post.path, "").partition(_UNSURE)[0]
        now = fingerprint.of(os.path.join(root, post.path))
        return bool(now) and known.endswith(now)

    def text(self, post: Post, site: Site) -> Rendered:
        """What is known of a post's text: nothing, when its references get other answers now."""
        row = self.store.get("text", post.path, self.post_key(post))
        try:
            parts, asked, problems = row or ({}, [], [])
            found = rendered.loads(asked, self.fingerprints, site) if parts else None
            if found is None or not set(parts) <= set(PARTS):
                return Rendered()
            return Rendered(**parts, made=frozenset(parts), references=found, problems=tuple(_problems(problems)))
        except (ValueError, TypeError, KeyError):
            return Rendered()

    def keep_text(self, post: Post, text: Rendered, root: str) -> None:
        """Have a text for the next build, unless its file changed while it was read."""
        if self.sure(post.path) and self.same(post, root):
            parts = {part: getattr(text, part) for part in PARTS if part in text.made}
            row = [parts, text.references.dumps(self.fingerprints), _rows(text.problems)]
            self.store.put("text", post.path, self.post_key(post), row)

    def finished(self, task: Task, site: Site, out: str) -> Finished | None:
        """What a task left last time, when it would be the same again and lies there untouched."""
        self._names.add(task.name)
        key, row = self._tasks.get(task.name, ("", None))
        if row is None or key != self.task_key(task, site):
            return None
        try:
            asked, problems, outputs = row
            untouched = all(fingerprint.of(os.path.join(out, path)) == known for path, _, known in outputs)
            if not untouched or rendered.loads(asked, self.fingerprints, site) is None:
                return None
            return Finished([Unchanged(path, digest) for path, digest, _ in outputs], _problems(problems))
        except (ValueError, TypeError, KeyError):
            return None

    def finish(self, task: Task, site: Site, result: Result) -> None:
        """Note what a task made, to be kept when it is written."""
        if not all(self.fingerprints.get(path) for path in task.files):
            return  # a change of one would not show
        asked = with_places(result.references, result.problems).dumps(self.fingerprints)
        paths = [output.path for output in result.outputs]
        self._finished.append(
            (task.name, self.task_key(task, site), [asked, _rows(sorted(set(result.problems)))], paths)
        )

    def close(self, digests: Mapping[str, str], out: str, site: Site, texts: Collection[str]) -> None:
        """Write down what was made. `digests` are those of the files that are there, by path; `texts` the posts whose
        texts are worth keeping.
        """
        finished = [
            (name, key, row, [(path, digests.get(path), fingerprint.of(os.path.join(out, path))) for path in paths])
            for name, key, row, paths in self._finished
        ]
        # A change of an output within the tick in which it was written must show too.
        if fingerprint.settled([out], [known for *_, outputs in finished for _, _, known in outputs]):
            for name, key, row, outputs in finished:
                if all(digest and known for _, digest, known in outputs):
                    self.store.put("task", name, key, [*row, outputs])
        posts = {post.path for post in (*site.posts, *site.withheld)}
        self.store.close({"post": posts, "text": set(texts), "task": self._names})

    def post_key(self, post: Post) -> str:
        """What tells a post from another, and from itself before its file or its id changed."""
        image = post.image
        size = f"{image.file} {image.width} {image.height} {image.type}" if image else ""
        return f"{post.path}\t{self.fingerprints.get(post.path, '')}\t{post.id}\t{size}"

    def task_key(self, task: Task, site: Site) -> str:
        """What a task's outputs depend on."""
        lines = [self.basis, task.says]
        for post in task.posts:
            lines += [
                self.post_key(post),
                *(f"translation {self.post_key(other)}" for other in site.translations(post)),
            ]
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def with_places(asked: References, problems: Iterable[Problem]) -> References:
    """References with the files that problems are about: their lines are other ones when these files change."""
    return asked.union(References(files=dict.fromkeys(problem.path for problem in problems)))


def _rows(problems: Iterable[Problem]) -> list[Any]:
    return [(problem.path, problem.line, problem.message, problem.severity, problem.code) for problem in problems]


def _problems(rows: list[Any]) -> list[Problem]:
    return [Problem(path, line, message, severity, code=code) for path, line, message, severity, code in rows]


_PAPER = attrgetter(*(one.name for one in fields(Paper)))


def _paper(row: list[Any]) -> Paper:
    paper = Paper(**dict(zip((one.name for one in fields(Paper)), row, strict=True)))
    return replace(paper, authors=tuple(paper.authors))


# How the fields of a post that are no JSON types become some, and back. A field of another type wants a line in both.
_ENCODE: dict[str, Any] = {
    "language": lambda language: language.code,
    "published": datetime.isoformat,
    "authors": lambda authors: [(author.name, author.email, author.url) for author in authors],
    "paper": _PAPER,
    "image": lambda image: [image.src, image.alt, image.file],
}
_DECODE: dict[str, Any] = {
    "published": datetime.fromisoformat,
    "changes": tuple,
    "themes": tuple,
    "tags": tuple,
    "highlights": tuple,
    "authors": lambda rows: tuple(Author(name=name, email=email, url=url) for name, email, url in rows),
    "paper": _paper,
    "image": lambda row: Image(src=row[0], alt=row[1], file=row[2]),
}
_FIELDS = tuple(one.name for one in fields(Post) if one.name != "path")
_READ = attrgetter(*_FIELDS)
_ENCODERS = [(place, _ENCODE[name]) for place, name in enumerate(_FIELDS) if name in _ENCODE]
_DECODERS = [(place, _DECODE[name]) for place, name in enumerate(_FIELDS) if name in _DECODE]
_LANGUAGE, _PUBLISHED, _UPDATED, _CHANGES = map(_FIELDS.index, ("language", "published", "updated", "changes"))


def _values(post: Post) -> list[Any]:
    values = [*_READ(post)]
    for place, encode in _ENCODERS:
        if values[place]:
            values[place] = encode(values[place])
    values[_UPDATED] = None if post.updated is post.published else post.updated.isoformat()
    return values


def _decoded(values: list[Any], path: str, settings: Settings) -> Post:
    values[_LANGUAGE] = settings.languages[values[_LANGUAGE]]
    for place, decode in _DECODERS:
        if values[place] is not None:
            values[place] = decode(values[place])
    updated = values[_UPDATED]
    values[_UPDATED] = datetime.fromisoformat(updated) if updated else values[_PUBLISHED]
    return Post(path=path, **dict(zip(_FIELDS, values, strict=True)))
