"""Texts for tasks: each post's text is read and rendered when a task first shows it, and few are held at a time.

`run` makes one task. What comes of it is a value: outputs, problems, references, texts worth keeping; so another
process may make it.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from feeds.errors import PostChanged, Problem, TemplateError
from feeds.rendered import Lookup, Part, References, Rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from feeds.build.task import Task
    from feeds.markup import Body
    from feeds.model import Output, Post, Site
    from feeds.reader import Blog

AGAIN = 2_000
"""Texts kept besides, without what they were made of, of posts that the feeds of folders and tags show again."""
TEXTS = 200
"""Texts held at a time: more than the newest posts of all feeds of a language, far fewer than a long history."""


class Result(NamedTuple):
    """What came of a task: `complete` when nothing is missing; `references` are those of all its texts; `texts` what
    was rendered of those posts that the next build may show too, by path. `changed` is the path of a post that changed
    meanwhile, so that nothing was made.
    """

    outputs: list[Output]
    problems: list[Problem]
    references: References
    texts: dict[str, Rendered]
    complete: bool
    changed: str = ""


class Renderer:
    """The texts of a site's posts. `known(post)` says what an earlier build left of a text; `same(post)` whether its
    file is still what it was; `forget(post, text)` is told of each text that is no longer held.
    """

    def __init__(
        self,
        blog: Blog,
        site: Site,
        original: Callable[[str], str],
        known: Callable[[Post], Rendered] = lambda _: Rendered(),
        same: Callable[[Post], bool] = lambda _: True,
        forget: Callable[[Post, Rendered], None] = lambda _, __: None,
        *,
        held: int = TEXTS,
        again: Collection[str] = (),
    ) -> None:
        """`original(tag)` says "This post first appeared at" in a language; `again` are posts that many tasks show."""
        self._blog, self._site, self._original = blog, site, original
        self._known, self._same, self._forget, self._most = known, same, forget, held
        self._held: dict[str, tuple[Post, Rendered, Body | None]] = {}
        self._again, self._kept = again, dict[str, Rendered]()

    def render(self, post: Post, parts: Collection[Part]) -> Rendered:
        """A post's text with these parts at least. Raises `PostChanged`."""
        _, text, body = self._held.get(post.path) or (post, self._kept.get(post.path) or self._known(post), None)
        missing = [part for part in parts if part not in text.made]
        if missing:
            body = body or self._read(post)
            text = text.with_parts(body.rendered(missing))
        self._hold(post, text, body)
        return text

    def add(self, post: Post, text: Rendered) -> None:
        """Have what another process rendered."""
        _, known, body = self._held.get(post.path) or (post, self._known(post), None)
        self._hold(post, known.with_parts(text), body)

    def close(self) -> None:
        """Hold nothing any longer."""
        while self._held:
            self._let_go()

    def _hold(self, post: Post, text: Rendered, body: Body | None) -> None:
        self._held[post.path] = (post, text, body)
        if len(self._held) > self._most:
            self._let_go()

    def _let_go(self) -> None:
        post, text, _ = self._held.pop(next(iter(self._held)))
        if post.path in self._again and len(self._kept) < AGAIN:
            self._kept[post.path] = text
        self._forget(post, text)

    def _read(self, post: Post) -> Body:
        from feeds import markup

        lookup = Lookup(self._site)
        text, problems = self._blog.markdown(post, lookup)
        if not self._same(post):  # an editor may have emptied it, to fill it again
            raise PostChanged(post.path)
        return markup.Body(post, text, lookup, problems, self._closing(post), self._blog.dialect.syntax_of(post.path))

    def _closing(self, post: Post) -> str:
        """The last line of a legacy post: where it first appeared."""
        if not post.original:
            return ""
        words, url = escape(self._original(post.language.tag)), escape(post.original)
        return f'\n<p>{words} <a href="{url}">{url}</a></p>'


def run(task: Task, renderer: Renderer, kept: Collection[str]) -> Result:
    """Make a task. `kept` are the paths of posts whose texts are worth keeping."""
    asked = dict[str, tuple[References, tuple[Problem, ...]]]()
    texts = dict[str, Rendered]()

    def text(post: Post) -> Rendered:
        made = renderer.render(post, task.parts)
        asked[post.path] = made.references, made.problems
        if post.path in kept:
            texts[post.path] = made
        return made

    try:
        outputs, own = task.make(text)
    except PostChanged as error:
        problem = Problem(error.path, 0, "changed while it was read; save it and build again", code="post-changed")
        return Result([], [problem], References(), {}, complete=False, changed=error.path)
    except TemplateError as error:
        outputs, own = [], [error.problem]
    complete = not any(problem.severity == "error" for problem in own)
    references = References(files=dict.fromkeys(task.files))
    for of_text, problems in asked.values():
        references = references.union(of_text)
        own += problems
    texts = {path: made.without_excerpt() for path, made in texts.items()}
    return Result(outputs, own, references, texts, complete=complete)
