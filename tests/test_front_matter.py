"""YAML of front matter is what PyYAML's own tree of it says, with every line and every quote."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds.errors import Problem
from feeds.reader.fields import Fields
from feeds.reader.frontmatter import FrontMatterError, parse
from feeds.reader.frontmatter.yaml import load_yaml
from tests.support import HERE

PLAIN = """
title: "Attention: what it costs"
date: 2026-04-20 09:00
tags: [a, 'b c', "d"]
draft:
# a remark
paper:
  title: A Paper
  authors: [A. Author, B. Author]
  year: 2025

highlights:
  - 2x faster
  - "none"
more:
- one
- two
url: https://example.org/a:b#c
said: "a \\"quoted\\" word and a \\\\"
summary: >-
  One line
  and another: folded # whole.
last: x
"""
PIECES = [
    *(
        "key: ",
        "a: ",
        "b-1: ",
        "tags:",
        "paper:",
        "  - ",
        "- ",
        "  x: ",
        "    y: ",
        "\n",
        "\n\n",
        "1",
        "2020-01-01",
        "word",
    ),
    *(
        '"q"',
        "'s'",
        "''",
        '""',
        "[",
        "]",
        "[a, b]",
        ", ",
        " ",
        "  ",
        ":",
        ": ",
        " #",
        "#",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%",
        "@",
    ),
    *(
        "`",
        "?",
        "? ",
        "~",
        "null",
        "...",
        "---",
        "<<: ",
        "{",
        "}",
        "\\",
        "\t",
        "：",
        "字",
        "é",
        "\u00a0",
        "\u3000",
        "\u2028",
    ),
    *("\x85", "\ufeff", "😀", "\r", "=", "-"),
    *(
        "&b ",
        "*b",
        "*a : ",
        "<<: *a",
        "a: &a ",
        "- &a ",
        "? &b ",
        "!!str ",
        "!!binary ",
        "? [a]\n",
        "{a: b, a: c}",
        "|-\n",
    ),
]

LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""YAML 1.1, section 4.2."""


class Tree:
    """A text as PyYAML composes it: data of texts and None, the line of every key, what is quoted, keys given twice."""

    def __init__(self, text: str) -> None:
        node = yaml.compose(text, Loader=yaml.CSafeLoader) or yaml.MappingNode("", [])  # nothing but comments
        if not isinstance(node, yaml.MappingNode):
            raise yaml.YAMLError
        self.lines: dict[str, int] = {}
        self.quoted: set[str] = set()
        self.twice: list[tuple[str, int, int]] = []
        self.made: dict[int, Any] = {}
        self.data = self.value(node, "")

    def value(self, node: yaml.Node, path: str) -> Any:
        if isinstance(node, yaml.ScalarNode):
            if node.style:
                self.quoted.add(path)
            return None if not node.style and node.value in ("", "~", "null", "Null", "NULL") else node.value
        if id(node) in self.made:
            return self.made[id(node)]
        if isinstance(node, yaml.SequenceNode):
            items = self.made[id(node)] = []
            items.extend(self.value(item, f"{path}.") for item in node.value)
            return items
        table = self.made[id(node)] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError
            name = f"{path}.{key.value}" if path else key.value
            if key.value in table:
                self.twice.append((key.value, key.start_mark.line + 1, self.lines[name]))
            self.lines.setdefault(name, key.start_mark.line + 1)
            table[key.value] = self.value(value, name)
        return table


def shape(data: Any, seen: dict[int, int]) -> Any:
    """Data that may hold itself, to compare: a table or list that was there before is its number."""
    if not isinstance(data, (dict, list)):
        return data
    if id(data) in seen:
        return len(seen), seen[id(data)]
    seen[id(data)] = len(seen)
    if isinstance(data, dict):
        return {key: shape(value, seen) for key, value in data.items()}
    return [shape(value, seen) for value in data]


def agree(text: str) -> bool:
    """Whether a text was read; that its tree says the same, or is none either."""
    try:
        tree = Tree(text)
    except yaml.YAMLError:
        with pytest.raises(FrontMatterError):
            load_yaml(text)
        return False
    found = load_yaml(text)
    assert shape(found.data, {}) == shape(tree.data, {})
    assert found.quoted == tree.quoted
    source = LINE_END.split(text)
    for name, line in found.lines.items():  # of a key that is an alias, the tree has the line of what it stands for
        assert line == tree.lines[name] or "*" in source[line - 1]
    assert found.lines.keys() == tree.lines.keys()
    assert found.twice == tree.twice or "*" in text
    return True


@pytest.mark.parametrize("opening", ["---\n", "-----\n", "---  \n", "---\n\n \n"])
def test_lines_are_those_of_the_file(opening: str) -> None:
    found = parse(f"{opening}title: x\npaper:\n  year: 2020 # an unusual place\n---\n")

    first = opening.count("\n") + 1
    assert found.lines == {"title": first, "paper": first + 1, "paper.year": first + 2}
    assert found.body_line == first + 4


def test_front_matter_as_people_write_it_is_read() -> None:
    assert agree(PLAIN)


@settings(max_examples=2_000, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
@example(["a: &a 1\n", "*a : 2\n"])
def test_pieces_of_front_matter_are_read_as_yaml_reads_them(pieces: list[str]) -> None:
    agree("\n" + "".join(pieces) + "\n")


def test_real_front_matter_with_mistakes_in_it_is_read_as_yaml_reads_it() -> None:
    chance = random.Random(6)
    texts = [path.read_text(encoding="utf-8") for path in sorted((HERE.parent / "content").rglob("*.md"))]
    real = [PLAIN, *("\n" + text.split("---\n")[1] for text in texts if text.startswith("---"))]
    read = 0
    for _ in range(5_000):
        text = chance.choice(real)
        for _ in range(chance.randint(0, 3)):
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(PIECES) + text[place + chance.randint(0, 3) :]
        read += agree("\n" + text.lstrip("\n"))

    assert read > 1_000


@pytest.mark.parametrize(
    "text",
    [
        "x: " + "[" * 60_000,
        "x: " + "[" * 400 + "]" * 400,
        "x: " + "{a: " * 15_000,
        "x: [" * 15_000,
        "x:\n  " + "- " * 30_000,
        "".join(" " * depth + "x:\n" for depth in range(340)),
        "? " * 30_000,
    ],
    ids=lambda text: text[:12],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(FrontMatterError, match=r"nested too deeply|must be a word"):
        load_yaml(text)


@pytest.mark.parametrize("text", ["a: b" + "\n" * 60_000, "a: [" + "b, " * 20_000 + "]", "a: " + "b\n " * 20_000])
def test_long_front_matter_has_the_lines_of_its_keys(text: str) -> None:
    assert load_yaml(text).lines == {"a": 1}


def test_brackets_beside_each_other_are_not_nested() -> None:
    text = "links: [" + "[a, b], " * 300 + "]\nsummary: >-\n  " + "[a](b) " * 300

    assert len(load_yaml(text).data["links"]) == 300


def test_as_deep_as_is_allowed() -> None:
    deep: Any = load_yaml("x: " + "[" * 33 + "1" + "]" * 33).data["x"]
    for _ in range(33):
        (deep,) = deep

    assert deep == "1"
    with pytest.raises(FrontMatterError):
        load_yaml("x: " + "[" * 34 + "1" + "]" * 34)


def laughs(levels: int) -> str:
    rows = (f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]" for one in range(1, levels))
    return "\n".join(["a0: &a0 [x, x]", *rows])


def test_aliases_share_what_they_stand_for() -> None:
    data = load_yaml(laughs(4)).data

    assert all(item is data[f"a{one - 1}"] for one in range(1, 4) for item in data[f"a{one}"])


def test_aliases_do_not_multiply_without_end() -> None:
    with pytest.raises(FrontMatterError, match=r"`[*]a3` and the aliases before it stand for over") as caught:
        load_yaml(laughs(30))

    assert caught.value.line == 5


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
values = st.recursive(
    words | st.sampled_from(("null", "~", "yes", "2020-01-01", "1e3", "0x1f", "a: b", "- a", "#", "'", "")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    data=st.dictionaries(words, values, max_size=5),
    flow=st.sampled_from((None, True, False)),
    style=st.sampled_from(("", '"', "'", "|", ">")),
)
def test_what_yaml_writes_is_read_back(data: dict[str, Any], flow: bool | None, style: str) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, default_style=style, allow_unicode=True, sort_keys=False)

    assert load_yaml(text).data == data


def test_what_is_wrong_in_tables_on_one_line_is_said_of_that_line() -> None:
    keys = Fields("hugo.toml", {"params": {"author": {"name": []}}}, {"params": 3})

    keys.below("params").below("author").text("name")

    assert keys.problems == [
        Problem("hugo.toml", 3, "`params.author.name` must be text, not a list", code="value-type")
    ]
