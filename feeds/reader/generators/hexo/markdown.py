"""How a Hexo blog reads its Markdown: by one of several renderers, which `package.json` names, with options.

Checked against hexo-renderer-marked 7.0.1 and hexo-renderer-markdown-it 7.1.1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from feeds import paths
from feeds.errors import Unreadable
from feeds.rendered import Syntax

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.reader.fields import Fields

PACKAGES = "package.json"
_MARKDOWN_IT = {"hexo-renderer-markdown-it": "markdown", "hexo-renderer-markdown-it-plus": "markdown_it_plus"}
"""Renderers built on markdown-it, and where the configuration has their options."""
_PLUGINS = {
    "markdown-it-footnote": "footnotes",
    "markdown-it-deflist": "description_lists",
    "markdown-it-sub": "subscript",
    "markdown-it-sup": "superscript",
    "markdown-it-ins": "insert",
    "markdown-it-mark": "highlight",
    "markdown-it-task-lists": "tasklist",
    "markdown-it-task-checkbox": "tasklist",
    "markdown-it-checkbox": "tasklist",
}
"""Plugins of markdown-it, and comrak's name for what they do."""
_BUILT_IN = ("footnotes", "description_lists", "subscript", "superscript", "insert", "highlight")
"""What the plus renderer does unasked."""
_FOOTNOTES = frozenset(("hexo-footnotes", "hexo-footnote", "hexo-reference", "hexo-reference-plus", "marked-footnote"))


def packages(root: Path) -> frozenset[str] | None:
    """The packages that a blog is made with, None if nobody knows."""
    try:
        found = json.loads(paths.read(root, PACKAGES))
    except (Unreadable, ValueError, RecursionError):
        return None
    tables = [found.get(key) for key in ("dependencies", "devDependencies")] if isinstance(found, dict) else []
    return frozenset(name for table in tables if isinstance(table, dict) for name in table) if found else None


def syntax(config: Fields, used: frozenset[str] | None) -> Syntax:
    """The syntax of a blog with these packages, or of one whose packages nobody knows."""
    for name, key in _MARKDOWN_IT.items():
        if name in used if used is not None else config.data.get(key):
            return _by_markdown_it(config, key)
    if used and "hexo-renderer-pandoc" in used:
        return Syntax()
    said = config.below("kramed" if used and "hexo-renderer-kramed" in used else "marked")
    github = _on(said, "gfm")
    names = ("strikethrough", "table", "tasklist", *(["autolink"] if _on(said, "autolink") else [])) if github else ()
    extensions = {*names, *(["description_lists"] if _on(said, "descriptionLists") else [])}
    if used is None or not used.isdisjoint(_FOOTNOTES):
        extensions.add("footnotes")
    return Syntax(flavor="marked", extensions=frozenset(extensions), breaks=github and _on(said, "breaks"))


def _by_markdown_it(config: Fields, key: str) -> Syntax:
    options = config.below(key)
    render, named = (options, _BUILT_IN) if key == "markdown_it_plus" else (options.below("render"), ())
    plugins = options.data.get("plugins")
    names = [
        one.get("name") if isinstance(one, dict) else one for one in (plugins if isinstance(plugins, list) else [])
    ]
    extensions = {_PLUGINS[name] for name in names if isinstance(name, str) and name in _PLUGINS} | {*named}
    if options.text("preset") in ("", "default"):
        extensions |= {"strikethrough", "table"}
    if _on(render, "linkify"):
        extensions.add("autolink")
    return Syntax(extensions=frozenset(extensions), breaks=_on(render, "breaks"))


def _on(said: Fields, key: str) -> bool:
    """An option that is on unless it is turned off."""
    return said.data.get(key) is None or said.flag(key)
