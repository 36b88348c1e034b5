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

_IMPORT = re.compile("@import", re.IGNORECASE)
_LINK = re.compile(r"<link\b[^>]*+", re.IGNORECASE)
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")


class RefusedStyle(ValueError):
    """A template asks for an external stylesheet, or contains nothing to inline."""


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
    plain = _CSS_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), html).replace("\\", "")
    if _IMPORT.search(plain) or any("stylesheet" in link.lower() for link in _LINK.findall(plain)):
        raise RefusedStyle("an email cannot import a stylesheet; put its rules in mail.css")
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
