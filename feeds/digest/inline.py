"""CSS into style attributes, by premailer, with settings under which Chromium computes the same styles as before.

premailer's own defaults strip `!important`, which breaks dark mode. It would also fetch stylesheets by `<link>` (from
the network or from disk) and by `@import` (cssutils does, regardless of premailer's options). Both are refused.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import cssutils.util
from premailer import Premailer

from feeds.digest.lint import css
from feeds.digest.lint.page import for_outlook, parse
from feeds.text import expression

_MAY_FETCH = expression(r"\\|@import|<link\b", re.IGNORECASE)
_SHOWN = 80


class RefusedStyle(ValueError):
    """A template asks for an external stylesheet, has CSS that cannot be applied, or contains nothing to inline."""


def _refuse(url: str) -> None:
    raise RefusedStyle(f"an email cannot load {url}; put its rules in mail.css")


cssutils.util._defaultFetcher = _refuse  # noqa: SLF001  # whatever gets past the search below, nothing is fetched


class _Offline(Premailer):  # type: ignore[misc]  # premailer is untyped
    def _load_external(self, url: str) -> Any:
        _refuse(url)


def inline(html: str) -> str:
    """The email with its first style block inlined; the block marked `data-premailer="ignore"` is kept unchanged."""
    if not html.strip():
        raise RefusedStyle("is empty")
    if _MAY_FETCH.search(html) and _fetches(html):
        raise RefusedStyle("an email cannot import a stylesheet; put its rules in mail.css")
    try:
        return _inlined(html)
    except RefusedStyle:
        raise
    except Exception as error:
        # premailer, cssutils and cssselect raise whatever a wrong rule leads them to
        rule = _culprit(html)
        wrong = (
            f"has a CSS rule that cannot be applied, `{rule}`; correct it" if rule else f"cannot be inlined: {error}"
        )
        raise RefusedStyle(wrong) from error


def _fetches(html: str) -> bool:
    """Whether the CSS imports, or an element links, what lies elsewhere. Words may speak of both."""
    if (page := parse(html)) is None:
        return False
    return any(
        any(rule.prelude.startswith("@import") for rule in one.rules)
        or any(element.tag == "link" and "stylesheet" in element.get("rel", "").lower() for element in one.elements)
        for one in (page, *for_outlook(page))
    )


def _culprit(html: str) -> str:
    """The first rule that cannot be applied even alone, "" when there is none."""
    page = parse(html)
    for sheet in page.sheets if page else ():
        for said in css.apart(sheet):
            try:
                _inlined(f"<html><head><style>{said}</style></head><body></body></html>")
            except Exception:  # noqa: BLE001  # as above
                return said[:_SHOWN]
    return ""


def _inlined(html: str) -> str:
    inlined: str = _Offline(
        html,
        strip_important=False,
        keep_style_tags=False,
        allow_network=False,
        disable_validation=True,
        cache_css_parsing=True,
        cssutils_logging_level=logging.CRITICAL,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
    ).transform()
    return inlined
