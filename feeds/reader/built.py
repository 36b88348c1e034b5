"""The pages that a blog's own generator has put into the output folder: they prove that addresses of posts are right.

An id that is kept for a wrong address would stay wrong. So a post of a generator's blog is kept in `feeds.lock` once
its page is there. Nothing here is opened: the names of files are enough.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feeds import lockfile, paths
from feeds.errors import Problem, Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from feeds.model import Post, Settings

_FEW = 20
"""Posts by which a built site is known: the newest may not be built yet."""
_MOST = 50_000
"""Files that are looked through for a page of another address."""
_TRIED = 60
"""Posts that a permalink is tried on, and how many of them it must fit."""
_FIT = 0.8


class Built:
    """The output folder of one blog, as it was before this build."""

    def __init__(self, root: Path, settings: Settings, generator: str) -> None:
        self.folder, self.settings, self.generator = root / settings.output, settings, generator
        self._known: dict[str, bool] = {}

    def has(self, post: Post) -> bool:
        """Whether a post's page is there; one on another host is."""
        if post.url not in self._known:
            self._known[post.url] = self._has(post.url)
        return self._known[post.url]

    def _has(self, url: str) -> bool:
        home = self.settings.url
        if not url.startswith(home):
            return self._is_file("index.html")
        path = unquote(url[len(home) :])
        if path.endswith("/") or not path:
            return self._is_file(f"{path}index.html")
        return any(map(self._is_file, (path, f"{path}.html", f"{path}/index.html")))

    def _is_file(self, path: str) -> bool:
        return os.path.isfile(f"{self.folder}/{path}")

    def problems(self, posts: Sequence[Post], kept: Collection[str]) -> Iterator[Problem]:
        """What is wrong with addresses, in one line for each language; `kept` are the paths of posts in the lock."""
        is_there = self._is_file("index.html") or any(self.has(post) for post in posts[:_FEW])
        missing = [post for post in posts if not self.has(post)] if is_there else []
        if not is_there and (loose := sum(post.path not in kept for post in posts)):
            many = "1 post has" if loose == 1 else f"{loose} posts have"
            message = (
                f"{many} no line yet, since {self.settings.output} has no pages: build the site with {self.generator} "
                "first, or run `feeds ids --confirm`; until then, readers see a renamed post as new"
            )
            yield Problem(lockfile.FILE, 0, message, "warning", code="id-unconfirmed")
        for code, number in Counter(post.language.code for post in missing).items():
            yield self._of_language(code, number, [post for post in missing if post.language.code == code])

    def _of_language(self, code: str, number: int, missing: list[Post]) -> Problem:
        first = missing[0]
        tag = f"{code} " if len(self.settings.languages) > 1 else ""
        many = f"{number} {tag}posts: no page" if number > 1 else f"no page of this {tag}post"
        here = "/" + unquote(first.url[len(self.settings.url) :])
        message = f"{many} at {here} in {self.settings.output}"
        if found := self._elsewhere(first):
            message = f"{message}; there is one at {found}"
            if pattern := self._permalink(found, missing):
                message = f'{message}: write permalink = {{ {code} = "{pattern}" }} under [content]'
        else:
            message = f"{message}; build the site with {self.generator} again, or correct the post's address"
        return Problem(first.path, 1, message, "warning", code="page-missing")

    def _elsewhere(self, post: Post) -> str:
        """The address of a page that may be this post's, by its last name; the one most like the post's own."""
        names = {post.slug, unquote(posixpath.basename(post.url.rstrip("/"))).removesuffix(".html")}
        found = [page for page in self._pages() if posixpath.basename(page.rstrip("/")).removesuffix(".html") in names]
        own = set(unquote(post.url).split("/"))
        return max(found, key=lambda page: (len(own & set(page.split("/"))), page), default="")

    def _pages(self) -> Iterator[str]:
        """The addresses of all pages below the output folder."""
        waiting, number = [""], 0
        while waiting and number < _MOST:
            base = waiting.pop()
            try:
                entries = sorted(paths.entries(self.folder, base or "."), key=lambda entry: entry.name)
            except Unreadable:
                continue
            for entry in entries:
                number += 1
                if paths.is_folder(entry):
                    waiting += [] if entry.is_symlink() or entry.name.startswith(".") else [f"{base}{entry.name}/"]
                elif entry.name.endswith(".html"):
                    yield f"/{base}{entry.name.removesuffix('index.html')}"

    def _permalink(self, found: str, missing: list[Post]) -> str:
        """The pattern by which the page of the first of these posts lies there, if it fits most of them."""
        first = missing[0]
        if first.slug not in found or "{" in found:
            return ""
        start, _, end = found.rpartition(first.slug)
        local = first.published.astimezone(self.settings.timezone)
        for form, field in (
            (f"/{local:%Y}/", "/{year}/"),
            (f"/{local:%m}/", "/{month}/"),
            (f"/{local:%d}/", "/{day}/"),
        ):
            start = start.replace(form, field, 1)
        pattern = f"{start}{{slug}}{end}"
        tried = missing[:_TRIED]
        fit = sum(self._has(self.settings.url + self._filled(pattern, post).lstrip("/")) for post in tried)
        return pattern if fit >= len(tried) * _FIT else ""

    def _filled(self, pattern: str, post: Post) -> str:
        local = post.published.astimezone(self.settings.timezone)
        values = {"slug": post.slug, "year": f"{local:%Y}", "month": f"{local:%m}", "day": f"{local:%d}"}
        return re.sub(r"\{(\w+)\}", lambda name: values[name[1]], pattern)
