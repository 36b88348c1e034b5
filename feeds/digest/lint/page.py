"""The HTML part of an email, parsed once for all checks; and the findings of a check."""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cssselect import HTMLTranslator, SelectorError
from cssselect import parse as parse_selector
from lxml import etree

from feeds.digest.lint import css
from feeds.records import record
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.errors import Code, Severity

_LONGEST = 400  # characters of a selector: nobody writes more, and hostile text could
_SILENT = frozenset(("head", "title", "style", "script", "template", "noscript", "object", "select", "textarea"))
_UNPRINTED = expression(r"[\s\u00a0\u034f\u00ad\u200b-\u200f\u2060\ufeff]+")  # fills up a preheader


@record()
class Finding:
    """What is wrong with an email.

    `message` says what to write instead. `word` is what caused it, as written in a template, front matter or
    feeds.toml, or ""; `sought` finds it there. An email with an "error" must not be sent.
    """

    message: str
    word: str = ""
    severity: Severity = "warning"
    code: Code = field(kw_only=True)


@record()
class Page:
    """`elements` are in document order, without comments, so without what is only for Outlook.

    `sheets` are the texts of the style elements, `rules` the rules in them.
    """

    root: Any
    elements: tuple[Any, ...]
    sheets: tuple[str, ...]
    rules: tuple[css.Rule, ...]
    _selected: dict[str, list[tuple[tuple[int, ...], list[Any]]]] = field(default_factory=dict, repr=False)

    def select(self, selector: str) -> list[tuple[tuple[int, ...], list[Any]]]:
        """What a selector matches, as pairs of specificity and elements; nothing if it is not understood."""
        if selector not in self._selected:
            self._selected[selector] = [(weight, find(self.root)) for weight, find in _compiled(selector)]
        return self._selected[selector]


def parse(html: str) -> Page | None:
    """The page, or None if it is empty."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(html.replace("\0", "").encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None
    if root is None:
        return None
    elements = tuple(element for element in root.iter() if isinstance(element.tag, str))
    sheets = tuple(element.text or "" for element in elements if element.tag == "style")
    return Page(root, elements, sheets, tuple(rule for sheet in sheets for rule in css.rules(sheet)))


def for_outlook(page: Page) -> Iterator[Page]:
    """What comments hold, which Outlook reads under a condition."""
    for comment in page.root.iter(etree.Comment):
        if (inner := parse(comment.text or "")) is not None:
            yield inner


def shown(element: Any) -> str:
    """The text directly in the element, not in elements inside it."""
    if element.tag in _SILENT:
        return ""
    pieces = [element.text, *(child.tail for child in element)]
    return " ".join(_UNPRINTED.sub(" ", "".join(piece for piece in pieces if piece)).split())


def start_tag(element: Any) -> str:
    """How an element starts, as a template would have it: its name and its first attribute."""
    name, value = next(iter(element.attrib.items()), ("style", ""))
    return f"<{element.tag}" if name == "style" or len(value) > 80 else f'<{element.tag} {name}="{value}"'  # noqa: PLR2004


@lru_cache(maxsize=1024)
def _compiled(selector: str) -> list[tuple[tuple[int, ...], etree.XPath]]:
    if len(selector) > _LONGEST:
        return []
    try:
        return [
            (one.specificity(), etree.XPath(HTMLTranslator().selector_to_xpath(one)))
            for one in parse_selector(selector)
            if not one.pseudo_element
        ]
    except (SelectorError, etree.LxmlError, ValueError, RecursionError):
        return []
