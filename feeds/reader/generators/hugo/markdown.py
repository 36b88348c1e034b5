"""How a Hugo site reads its Markdown: by goldmark, with the options under `markup.goldmark`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.rendered import Syntax

if TYPE_CHECKING:
    from feeds.reader.fields import Fields

_EXTENSIONS = {
    "table": "table",
    "strikethrough": "strikethrough",
    "linkify": "autolink",
    "tasklist": "tasklist",
    "footnote": "footnotes",
    "definitionlist": "description_lists",
}
"""Hugo's names of what is on unless it is turned off, and comrak's."""
_EXTRAS = {
    "delete": "strikethrough",
    "subscript": "subscript",
    "superscript": "superscript",
    "insert": "insert",
    "mark": "highlight",
}
"""Of what is off unless it is turned on."""


def syntax(config: Fields, passthrough: tuple[tuple[str, str, bool], ...] = ()) -> Syntax:
    """The syntax of a site. Raw HTML counts whether `renderer.unsafe` is set or not: what Hugo would leave out is
    shown.
    """
    said = config.below("markup").below("goldmark")
    options, extras = said.below("extensions"), said.below("extensions").below("extras")
    on = {ours for name, ours in _EXTENSIONS.items() if _is_on(options, name, unless=True)}
    on |= {ours for name, ours in _EXTRAS.items() if _is_on(extras, name, unless=False)}
    attributes = said.below("parser").below("attribute")
    places = [name for name, usual in (("title", True), ("block", False)) if _is_on(attributes, name, unless=usual)]
    return Syntax(
        flavor="goldmark",
        extensions=frozenset(on),
        passthrough=passthrough,
        breaks=said.below("renderer").flag("hardwraps"),
        attributes=frozenset(places),
    )


def _is_on(said: Fields, name: str, *, unless: bool) -> bool:
    """An option, which may be a table with `enable`."""
    if isinstance(said.data.get(name), dict):
        return _is_on(said.below(name), "enable", unless=unless)
    return unless if said.data.get(name) is None else said.flag(name)
