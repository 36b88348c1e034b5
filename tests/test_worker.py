"""A second process changes nothing but the time: all work is done once, whatever becomes of that process."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from functools import partial
from mmap import mmap
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.build.builder import Builder
from feeds.build.parallel import parallel_map
from feeds.reader.mapping import serial_map
from tests.support import Build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from feeds.reader.mapping import Map

R = TypeVar("R")
TWO_CORES = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1, reason="there is no second core, or no Linux"
)
HERE = os.getpid()


def by_whom(number: int) -> tuple[int, bool]:
    """Work that tells who did it; it takes us so long that a copy of a large process has begun before the end."""
    own = os.getpid() == HERE
    if own:
        time.sleep(0.005)
    return number, own


def done(count: int, work: Callable[[int], R], at_once: int = 1) -> list[R]:
    """What came of each number, in order."""
    results = list(parallel_map(range(count), work, at_once))
    assert sorted(item for item, _ in results) == [*range(count)], "each once"
    return [result for _, result in sorted(results, key=lambda one: one[0])]


@given(count=st.integers(0, 60), at_once=st.integers(1, 9))
def test_every_item_is_done_once(count: int, at_once: int) -> None:
    assert done(count, lambda number: number * number, at_once) == [number * number for number in range(count)]


@TWO_CORES
def test_both_processes_work_each_on_neighbours() -> None:
    begun = mmap(-1, 2)  # seen by both

    def work(number: int) -> tuple[int, bool]:
        """As `by_whom`; each keeps its first item until the other has one too, however busy the machine is."""
        own = os.getpid() == HERE
        begun[own] = 1
        end = time.monotonic() + 60
        while not begun[not own] and time.monotonic() < end:
            time.sleep(0.001)
        return number, own

    here = [own for _, own in done(300, work)]

    assert here == sorted(here, reverse=True)
    assert {*here} == {True, False}


@TWO_CORES
def test_what_a_process_that_died_did_not_bring_is_done_here() -> None:
    def work(number: int) -> int:
        if os.getpid() != HERE and number < 180:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert done(200, work) == [*range(200)]


@TWO_CORES
def test_what_cannot_be_handed_over_is_done_here() -> None:
    made = done(50, lambda number: (number, threading.Lock()))

    assert [number for number, _ in made] == [*range(50)]


def test_an_exception_is_raised_here() -> None:
    def work(number: int) -> int:
        if number == 70:
            raise LookupError(number)
        return number

    with pytest.raises(LookupError, match="70"):
        done(100, work)


@TWO_CORES
def test_large_results_come_whole() -> None:
    made = done(40, lambda number: bytes([number]) * 3_000_000)

    assert made == [bytes([number]) * 3_000_000 for number in range(40)]


@TWO_CORES
def test_a_process_with_threads_is_not_copied() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert all(own for _, own in done(100, by_whom))
    finally:
        over.set()
        thread.join()


@TWO_CORES
def test_no_process_is_left_when_nobody_wants_the_rest() -> None:
    results = parallel_map(range(100), by_whom)
    next(results)
    results.close()  # type: ignore[attr-defined]

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


MAPS: list[Map] = [serial_map, parallel_map]


def keep(mapping: Map, _: str) -> Map:
    return mapping


SITE = """
title = { en = "Reviews", zh = "评论" }
url = "https://example.org/"
[languages.en]
[languages.zh]
[feeds]
limit = 5
archive = 7
"""
POST = """---
title: "Number {number}"
date: 2024-{month:02}-{day:02}
{mistake}
---
See [the one before](./{before}.md): $x^{number}$.
"""


@TWO_CORES
def test_a_site_comes_out_the_same(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text(SITE, encoding="utf-8")
    for number in range(600):
        path = tmp_path / f"content/{('en', 'zh')[number % 2]}/{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        mistake = {0: "titel: x", 1: "date: never", 2: "draft: true"}.get(number % 50, "")
        day = {"month": number % 12 + 1, "day": number % 28 + 1}
        path.write_text(POST.format(number=number, mistake=mistake, before=number - 2, **day))

    now = datetime(2026, 4, 20, tzinfo=UTC)
    one, both = (Build(Builder(root=tmp_path, mapping=partial(keep, each)).project(lambda _: now)) for each in MAPS)

    assert one.site == both.site
    assert {out.path: out.data for out in one.outputs(serial_map)} == {
        out.path: out.data for out in both.outputs(parallel_map)
    }
    assert one.problems == both.problems
    assert one.problems
