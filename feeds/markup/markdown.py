"""Markdown -> HTML, by comrak: CommonMark and what GitHub adds, raw HTML kept. Not safe yet: `safe.py` follows.

`cjk_friendly_emphasis` is why comrak: by CommonMark's own rule `**粗体。**后文` keeps its asterisks.
"""

from __future__ import annotations

import re
from functools import lru_cache

import comrak

_EXTENSIONS = ("strikethrough", "table", "autolink", "tasklist", "footnotes", "alerts", "cjk_friendly_emphasis")


def to_html(text: str) -> str:
    """HTML of a Markdown text. Task boxes are characters, since forms do not survive a feed; alerts are quotes."""
    html = comrak.render_markdown(text, *_options())
    html = re.sub(r'<input type="checkbox" (checked="" )?disabled="" />', lambda box: "☑" if box[1] else "☐", html)
    if "admonition" in html and "<aside" not in text:
        html = re.sub(r'<aside class="admonition \w+">\n<p class="admonition-title">(.*?)</p>', _quote, html)
        html = html.replace("</aside>", "</blockquote>")
    return html


def _quote(found: re.Match[str]) -> str:
    return f"<blockquote>\n<p><strong>{found[1]}</strong></p>"


@lru_cache(maxsize=1)
def _options() -> tuple[comrak.ExtensionOptions, comrak.ParseOptions, comrak.RenderOptions]:
    extensions = comrak.ExtensionOptions()
    for name in _EXTENSIONS:
        setattr(extensions, name, True)
    render = comrak.RenderOptions()
    render.unsafe_ = True
    render.alert_style = comrak.AlertStyle.Semantic
    return extensions, comrak.ParseOptions(), render
