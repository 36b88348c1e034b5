"""Texts for tasks: each post's text is read and rendered when a task first shows it, and few are held at a time.

`run` makes one task. What comes of it is a value: outputs, problems, references, texts worth keeping; so another
process may make it.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from feeds import syndication
from feeds.errors import Problem, TemplateError
from feeds.rendered import Lookup, Part, References, Rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from feeds.build.plan import Task
    from feeds.markup import Body
    from feeds.model import Output, Post, Site
    from feeds.reader import Blog

TEXTS = 200
"""Texts held at a time: more than the newest posts of all feeds of a language, far fewer than a long history."""


class Result(NamedTuple):
    """What came of a task: `complete` when nothing is missing; `references` are those of all its texts; `texts` what
    was rendered of those posts that the next build may show too, by path.
    """

    outputs: list[Output]
    problems: list[Problem]
    references: References
    texts: dict[str, Rendered]
    complete: bool


class Renderer:
    """The texts of a site's posts. `known(post)` says what an earlier build left of a text; `forget(post, text)` is
    told of each text that is no longer held.
    """

    def __init__(
        self,
        blog: Blog,
        site: Site,
        original: Callable[[str], str],
        known: Callable[[Post], Rendered] = lambda _: Rendered(),
        forget: Callable[[Post, Rendered], None] = lambda _, __: None,
        *,
        held: int = TEXTS,
    ) -> None:
        """`original(tag)` says "This post first appeared at" in a language."""
        self._blog, self._site, self._original = blog, site, original
        self._known, self._forget, self._most = known, forget, held
        self._held: dict[str, tuple[Post, Rendered, Body | None]] = {}

    def render(self, post: Post, parts: Collection[Part]) -> Rendered:
        """A post's text with these parts at least."""
        _, text, body = self._held.get(post.path) or (post, self._known(post), None)
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
        self._forget(post, text)

    def _read(self, post: Post) -> Body:
        from feeds import markup

        lookup = Lookup(self._site)
        text, problems = self._blog.markdown(post, lookup)
        return markup.Body(post, text, lookup, problems, self._closing(post))

    def _closing(self, post: Post) -> str:
        """The last line of a legacy post: where it first appeared."""
        if not post.original:
            return ""
        words, url = escape(self._original(post.language.tag)), escape(post.original)
        return f'\n<p>{words} <a href="{url}">{url}</a></p>'


def run(task: Task, renderer: Renderer, kept: Collection[str], posts: Mapping[str, Post]) -> Result:
    """Make a task. `kept` are the paths of posts whose texts are worth keeping, `posts` the published ones by id."""
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
    except TemplateError as error:
        outputs, own = [], [error.problem]
        whole = False
    else:
        whole = True
    sound = []
    for output in outputs:
        wrong = checked(output, posts)
        own += wrong
        if not wrong:
            sound.append(output)
    references = References()
    for of_text, problems in asked.values():
        references = references.union(of_text)
        own += problems
    texts = {path: made.without_excerpt() for path, made in texts.items()}
    return Result(sound, own, references, texts, complete=whole and len(sound) == len(outputs))


def checked(output: Output, posts: Mapping[str, Post]) -> list[Problem]:
    """What is wrong with a feed by the rules of its format: it is not written, the last good one stays.

    That plain words look like HTML is no news here: a post about HTML says so, and our writers escape it.
    """
    if not output.path.endswith((".xml", ".json", ".opml")):
        return []
    found = syndication.findings(output.path, output.data)
    findings = [finding for finding in found if finding.severity == "error"]
    of_feed = {finding.message for finding in findings if not finding.entry}  # what holds for all is said once
    problems = []
    for finding in findings:
        if finding.entry and finding.message in of_feed:
            continue
        post = posts.get(finding.entry)
        path, line = (post.path, post.line("title")) if post else (output.path, 0)
        message = finding.message if not post else f"in {output.path}: {finding.message}"
        problems.append(Problem(path, line, message, code="feed-invalid"))
    return problems
