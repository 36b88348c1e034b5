"""A site that was read and planned: its tasks are made here, and what is wrong with it is collected."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from feeds import rendered
from feeds.build.cache.incremental import with_places
from feeds.build.render import Renderer, run
from feeds.build.task import DIGEST, Task
from feeds.reader.mapping import serial_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from feeds.build.cache.incremental import BuildCache
    from feeds.build.plan import Planner
    from feeds.build.render import Result
    from feeds.build.write import Unchanged
    from feeds.digest import Draft
    from feeds.errors import Problem
    from feeds.model import Digest, Output, Post, Site
    from feeds.reader import Blog
    from feeds.reader.mapping import Map
    from feeds.rendered import Render, Rendered


@dataclass(eq=False, repr=False)
class Project:
    """One build under way. `found` is what was wrong with what was made so far, `changed` are the paths of posts that
    changed after they were read: what shows them is not made.
    """

    planner: Planner
    cache: BuildCache
    texts: int
    found: set[Problem] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    @property
    def site(self) -> Site:
        """What was read."""
        return self.planner.site

    @property
    def blog(self) -> Blog:
        """Where it was read from."""
        return self.planner.blog

    @cached_property
    def tasks(self) -> list[Task]:
        """Everything to be made."""
        return self.planner.tasks()

    @property
    def problems(self) -> list[Problem]:
        """What was wrong with the site and with the outputs made so far, sorted, each once."""
        return sorted({*self.site.problems, *self.planner.problems, *self.found})

    @property
    def has_errors(self) -> bool:
        """Whether something is missing among the outputs, perhaps by mistake."""
        return any(problem.severity == "error" for problem in self.problems)

    def outputs(self, mapping: Map, out: str) -> Iterator[Output | Unchanged]:
        """Every output, in an order that does not matter; what lies in the folder `out` as it would be made again is
        not made.
        """
        waiting = []
        for task in self.tasks:
            if finished := self.cache.finished(task, self.site, out):
                self.found.update(finished.problems)
                yield from finished.outputs
            else:
                waiting.append(task)
        for task, made in self._made(waiting, mapping):
            if made.complete:
                self.cache.finish(task, self.site, made)
            yield from made.outputs

    def values(self, mapping: Map, known: dict[str, tuple[str, list[Any], Result]]) -> list[Output]:
        """Every output; those of tasks that would make the same again are taken from `known`, which is brought up to
        date: by the name of a task, its key, its references and what came of it.
        """
        cache, site = self.cache, self.site
        made: dict[str, tuple[str, list[Any], Result]] = {}
        waiting = []
        for task in self.tasks:
            key, asked, result = known.get(task.name) or ("", [], None)
            if result and key == cache.task_key(task, site) and rendered.loads(asked, cache.fingerprints, site):
                made[task.name] = key, asked, result
                self.found.update(result.problems)
            else:
                waiting.append(task)
        for task, result in self._made(waiting, mapping):
            asked = with_places(result.references, result.problems).dumps(cache.fingerprints)
            made[task.name] = cache.task_key(task, site), asked, result
        known.clear()
        known.update(made)
        return [output for task in self.tasks for output in made[task.name][2].outputs]

    def make(self, tasks: Iterable[Task]) -> Iterator[Output]:
        """The outputs of these tasks."""
        for _, made in self._made([*tasks], serial_map):
            yield from made.outputs

    def draft(self, issue: Digest) -> Draft | None:
        """The email of an issue as it would be written; None when its templates are wrong."""
        drafts = []

        def make(render: Render) -> tuple[list[Output], list[Problem]]:
            draft, problems = self.planner.digests.draft(issue, render)
            drafts.append(draft)
            return [], problems

        task = Task(name="", posts=issue.posts, parts=DIGEST, make=make)
        for _ in self.make([task]):
            pass
        return drafts[0] if drafts else None

    def close(self, digests: Mapping[str, str] | None = None, out: str = "") -> None:
        """Keep what was made for the next build; `digests` are those of the files in the folder `out`, by path."""
        self.renderer.close()
        self.cache.close(digests or {}, out, self.site, self._recent)

    @cached_property
    def _recent(self) -> frozenset[str]:
        """The posts that the next build may show too, unless an old one is edited: their texts are worth keeping."""
        if not self.cache.store.works:
            return frozenset()
        return frozenset(post.path for task in self.tasks if not task.is_archive for post in task.posts)

    @cached_property
    def renderer(self) -> Renderer:
        """The texts of the site's posts."""

        def forget(post: Post, text: Rendered) -> None:
            if post.path in self._recent:
                self.cache.keep_text(post, text, str(self.blog.root))

        words = partial(self.planner.catalog.feed_word, "original")
        return Renderer(
            self.blog,
            self.site,
            words,
            known=lambda post: self.cache.text(post, self.site),
            same=lambda post: self.cache.same(post, str(self.blog.root)),
            forget=forget,
            held=self.texts,
            again={post.path for feed in self.planner.planned.further for post in feed.posts},
        )

    def _made(self, tasks: list[Task], mapping: Map) -> Iterator[tuple[Task, Result]]:
        paths = {post.path: post for post in self.site.posts}
        for task, made in mapping(tasks, partial(run, renderer=self.renderer, kept=self._recent)):
            self.found.update(made.problems)
            self.changed.update(filter(None, [made.changed]))
            for path, text in made.texts.items():
                self.renderer.add(paths[path], text)
            yield task, made
