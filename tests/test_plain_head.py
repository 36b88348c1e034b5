"""The fast way to read a head says what the YAML library says, or nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.reader import plain_head
from feeds.reader.frontmatter import FrontMatterError
from feeds.reader.frontmatter.yaml import load_yaml
from tests.conftest import HERE

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
]


def by_yaml(text: str) -> tuple[Any, Any, Any] | None:
    """What libyaml makes of a head; None for what it refuses."""
    try:
        loaded = load_yaml(text)
    except FrontMatterError:
        return None
    return None if loaded.twice else (loaded.data, loaded.lines, loaded.quoted)


def agree(text: str) -> bool:
    """Whether the head was read; that both say the same when it was."""
    found = plain_head.load(text)
    assert found is None or found == by_yaml(text)
    return found is not None


def test_a_head_as_people_write_it_is_read() -> None:
    assert agree(PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "\na: b # c\n",
        "\na: >-\n  b\n   c\n",
        "\na: >-\n  b\n\n  c\n",
        "\na: >-\n",
        "\na: >-\nb: c\n",
        "\na: >\n  b\n",
        "\na: >-\n  b \n",
        "\na: b: c\n",
        "\na:\tb\n",
        "\na: 1\na: 2\n",
        '\na: "\\n"\n',
        "\na: [b, ]\n",
        "\na: b:\n",
        "\n- a\n",
        "\n",
    ],
)
def test_what_is_unusual_is_left_to_yaml(text: str) -> None:
    assert not agree(text)


@settings(max_examples=2_000)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_pieces_of_heads_are_read_as_yaml_reads_them(pieces: list[str]) -> None:
    agree("\n" + "".join(pieces) + "\n")


def test_real_heads_with_mistakes_in_them_are_read_as_yaml_reads_them() -> None:
    chance = random.Random(6)
    texts = [path.read_text(encoding="utf-8") for path in sorted((HERE.parent / "content").rglob("*.md"))]
    heads = [PLAIN, *("\n" + text.split("---\n")[1] for text in texts if text.startswith("---"))]
    read = 0
    for _ in range(5_000):
        text = chance.choice(heads)
        for _ in range(chance.randint(0, 3)):
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(PIECES) + text[place + chance.randint(0, 3) :]
        read += agree("\n" + text.lstrip("\n"))

    assert read > 1_000
