"""What a build need not do again: bodies that are rendered already, and outputs that would come out the same.

An output depends on the posts it shows (their files, ids, translations), on what their texts point to (whether a page
or a picture is there), and on program, settings and templates, which are the cache's basis. All of that makes its key.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from feeds.build import stamp
from feeds.errors import Problem
from feeds.model import Digest, Feed, Output, Post

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from feeds.build.cache import Cache
    from feeds.markup import Body
    from feeds.model import Excerpt, Site


@dataclass(slots=True)
class Looked:
    """What a text asked of the site: the addresses of pages by file, and whether pictures are there."""

    pages: dict[str, str | None] = field(default_factory=dict)
    assets: dict[str, bool] = field(default_factory=dict)

    def add(self, other: Looked) -> None:
        """Ask the same too."""
        self.pages.update(other.pages)
        self.assets.update(other.assets)

    def still(self, site: Site) -> bool:
        """Whether the answers are the same."""
        pages, assets = site.pages, site.assets
        return all(pages.get(path) == url for path, url in self.pages.items()) and all(
            (path in assets) == there for path, there in self.assets.items()
        )


class _Pages(Mapping[str, str]):
    """The pages of a site, noting what is asked for."""

    def __init__(self, pages: Mapping[str, str], looked: Looked) -> None:
        self._pages, self._looked = pages, looked

    def __getitem__(self, path: str) -> str:
        url = self._looked.pages[path] = self._pages.get(path)
        if url is None:
            raise KeyError(path)
        return url

    def __iter__(self) -> Iterator[str]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)


class _Assets(AbstractSet[str]):
    """The files of a site, noting what is asked for."""

    def __init__(self, assets: AbstractSet[str], looked: Looked) -> None:
        self._assets, self._looked = assets, looked

    def __contains__(self, path: object) -> bool:
        there = self._looked.assets[str(path)] = path in self._assets
        return there

    def __iter__(self) -> Iterator[str]:
        return iter(self._assets)

    def __len__(self) -> int:
        return len(self._assets)


Make = Callable[[Looked], "tuple[Body, list[Problem]]"]
"""Reads and renders a text, and says what was wrong when it was read."""


Known = tuple[dict[str, Any], Looked, "list[Problem]"]
"""What is known of a text: its parts, what they asked of the site, and what was wrong with them."""


class Remembered:
    """A body whose parts are taken from the cache, or from `make()` when one of them is not there."""

    def __init__(self, post: Post, parts: dict[str, Any], looked: Looked, make: Make) -> None:
        self.post, self.parts, self.looked, self._make = post, parts, looked, make
        self._body: Body | None = None
        self._problems: list[Problem] = [Problem(*problem) for problem in parts.get("problems", ())]

    @property
    def body(self) -> Body:
        """The text itself, read and rendered as far as is asked for."""
        if self._body is None:
            self._body, problems = self._make(self.looked)
            self._problems += problems
        return self._body

    @property
    def html(self) -> str:
        """As `Body.html`."""
        html: str = self._part("html")
        return html

    @property
    def summary(self) -> str:
        """As `Body.summary`."""
        summary: str = self._part("summary")
        return summary

    @property
    def minutes(self) -> int:
        """As `Body.minutes`."""
        minutes: int = self._part("minutes")
        return minutes

    @property
    def excerpt(self) -> Excerpt:
        """As `Body.excerpt`."""
        return self.body.excerpt

    @property
    def problems(self) -> list[Problem]:
        """What was wrong with the parts that were made, now or before."""
        return sorted({*self._problems, *(self._body.problems if self._body else ())})

    @property
    def known(self) -> Known:
        """What is known by now."""
        return self.parts, self.looked, self.problems

    def learn(self, known: Known) -> None:
        """Have what another process made."""
        parts, looked, problems = known
        if parts is not self.parts:
            self.parts |= parts
            self.looked.add(looked)
            self._problems += problems

    def _part(self, name: str) -> Any:
        if name not in self.parts:
            self.parts[name] = getattr(self.body, name)
        return self.parts[name]


@dataclass(frozen=True, slots=True)
class Kept(Output):
    """An output that lies there as it would be made again: without its data, with their SHA-256."""

    digest: str = ""


class Memory:
    """The cache, for one build of one site into one folder."""

    def __init__(self, cache: Cache, site: Site, root: Path, out: Path) -> None:
        self._cache, self._site, self._root, self._out = cache, site, root, str(out)
        self._jobs = cache.all("job")
        self._made: dict[str, tuple[str, dict[str, Any], list[str]]] = {}
        self._names: set[str] = set()

    def outputs(self, name: str, shows: tuple[object, ...]) -> tuple[list[Kept], list[Problem]] | None:
        """What a job left last time and what was wrong then, when it would be the same again."""
        self._names.add(name)
        key, row = self._jobs.get(name, ("", None))
        if row is None or key != self._key(shows):
            return None
        try:
            looked = Looked(*row["looked"])
            same = all(stamp.marked(os.path.join(self._out, path)) == mark for path, _, mark in row["outputs"])
            if not same or not looked.still(self._site):
                return None
            kept = [Kept(path, b"", digest) for path, digest, _ in row["outputs"]]
            problems = [Problem(*one) for one in row["problems"]]
        except (KeyError, TypeError, ValueError):
            return None
        return kept, problems

    def made(
        self, name: str, shows: tuple[object, ...], outputs: list[str], problems: Iterable[Problem], looked: Looked
    ) -> None:
        """Note what a job made, to be kept when the outputs are written."""
        told = [(problem.path, problem.line, problem.message, problem.severity) for problem in sorted(set(problems))]
        row = {"looked": [looked.pages, looked.assets], "problems": told}
        self._made[name] = (self._key(shows), row, outputs)

    def body(self, post: Post, make: Make) -> Remembered:
        """A post's text, with the parts of it that are known."""
        kept = self._cache.get("body", post.path, self._print(post))
        try:
            looked = Looked(*kept["looked"]) if kept else Looked()
            parts = kept["parts"] if kept and looked.still(self._site) else None
        except (KeyError, TypeError):
            parts = None
        return Remembered(post, parts, looked, make) if parts is not None else Remembered(post, {}, Looked(), make)

    def asking(self, looked: Looked) -> Site:
        """The site, noting what is asked of it."""
        site = self._site
        return replace(site, pages=_Pages(site.pages, looked), assets=_Assets(site.assets, looked))

    def keep_body(self, body: Remembered) -> None:
        """Keep the parts of a text that are known now, unless its file may have changed while it was read."""
        post = body.post
        mark = stamp.marked(os.path.join(self._root, post.path))
        if mark == self._site.marks.get(post.path):
            problems = [(problem.path, problem.line, problem.message, problem.severity) for problem in body.problems]
            value = {
                "parts": body.parts | {"problems": problems},
                "looked": [body.looked.pages, body.looked.assets],
            }
            self._cache.put("body", post.path, self._print(post), value)

    def close(self, digests: Mapping[str, str], bodies: Collection[str]) -> None:
        """Write down what was made. `digests` are those of the files that are there, by path; `bodies` the posts whose
        texts are worth keeping.
        """
        for name, (key, row, outputs) in self._made.items():
            marks = [(path, digests.get(path), stamp.marked(os.path.join(self._out, path))) for path in outputs]
            if all(digest and mark for _, digest, mark in marks):
                self._cache.put("job", name, key, row | {"outputs": marks})
        known = {post.path for post in (*self._site.posts, *self._site.withheld)}
        self._cache.close({"head": known, "body": set(bodies), "job": self._names})

    def _key(self, shows: tuple[object, ...]) -> str:
        """What a job's outputs depend on."""
        return hashlib.sha256("\n".join(self._tell(shows)).encode("utf-8", "surrogatepass")).hexdigest()

    def _tell(self, value: object) -> Iterator[str]:
        if isinstance(value, Post):
            yield self._print(value)
            yield from (f"translation {self._print(other)}" for other in self._site.translations(value))
        elif isinstance(value, Feed):
            yield repr((value.folder, value.updated.isoformat(), value.history, value.documents))
            yield from self._tell(value.posts)
        elif isinstance(value, Digest):
            yield repr((value.language.code, value.name))
            for section in value.sections:
                yield section.theme.id if section.theme else ""
                yield from self._tell(section.posts)
        elif isinstance(value, tuple):
            yield str(len(value))
            for part in value:
                yield from self._tell(part)
        else:
            yield repr(value)

    def _print(self, post: Post) -> str:
        """What tells a post from another, and from itself before its file or its id changed."""
        image = post.image
        size = f"{image.file} {image.width} {image.height} {image.type}" if image else ""
        return f"{post.path}\t{self._site.marks.get(post.path, '')}\t{post.id}\t{size}"
