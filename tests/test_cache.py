"""A build with the cache says and writes what a build without it does, whatever happened in between.

Two copies of a site go through the same changes; one loses its cache before every build. FEEDS_CACHE_MINUTES=10 makes
the test go on for that long.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import sys
import time
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from feeds import __main__ as program
from feeds import cli, stamp
from feeds.cache import FILE, _sum
from tests.conftest import HERE
from tests.test_golden import tree

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTES = float(os.environ.get("FEEDS_CACHE_MINUTES", "0"))
STEPS = 6
LANGUAGES = ("en", "zh")
HEAD_LINES = (
    """
draft: true|hidden: yes|tags: [planning]|theme: systems|theme: odd|date: 2026-04-23|date: 2027-01-01|title: Another
summary: Short.|slug: other|translation: attention|original: https://old.example/x
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
SETTINGS = [
    ("Small Reviews", "Large Reviews"),
    ("[digest]\n", '[digest]\nfooter = "x"\n'),
    ("[feeds]\n", "[feeds]\npages = false\n"),
    ('"json"', '"jsn"'),
    ("limit = 2", "limit = 3"),
    ("systems]", "system]"),
]
"""Texts of feeds.toml and what stands for them; some are mistakes."""


@dataclass
class Twin:
    """One of the two copies."""

    root: Path
    cached: bool

    def build(self, now: str) -> tuple[int, str, dict[str, bytes]]:
        """Exit code, what was said, and the files that are there."""
        if not self.cached:
            shutil.rmtree(self.root / stamp.FOLDER, ignore_errors=True)
        code, said = run(self.root, now)
        return code, said.replace(str(self.root), "SITE"), tree(self.root / "public")

    def posts(self) -> list[Path]:
        return sorted(self.root.glob("content/*/*.md"))


def run(root: Path, now: str) -> tuple[int, str]:
    """`feeds build` as the program does it."""
    said = StringIO()
    os.environ["SOURCE_DATE_EPOCH"] = now
    with redirect_stdout(said), redirect_stderr(said):
        code = program._nothing_to_do(["build", str(root)])
    if code is not None:
        return code, said.getvalue()
    result = CliRunner().invoke(cli.main, ["build", str(root)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.stderr + result.stdout


def pick(twin: Twin, chance: random.Random) -> Path:
    posts = twin.posts()
    return chance.choice(posts) if posts else twin.root / "content/en/first.md"


def edit(twin: Twin, chance: random.Random) -> None:
    path = pick(twin, chance)
    path.write_text(
        path.read_text() + chance.choice(["\nMore.\n", "\n[x](search.md)\n", "\n![f](figure.svg)\n", "\n$x^2$ \x07\n"])
    )


def edit_and_keep_size_and_time(twin: Twin, chance: random.Random) -> None:
    path = pick(twin, chance)
    before, text = path.stat(), path.read_text()
    places = [place for place, char in enumerate(text) if char in "aeiou"]
    place = chance.choice(places)
    path.write_text(text[:place] + chance.choice("aeiou") + text[place + 1 :])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def head_line(twin: Twin, chance: random.Random) -> None:
    path = pick(twin, chance)
    line = chance.choice(HEAD_LINES)
    key = line.split(":")[0]
    lines = [old for old in path.read_text().split("\n") if not old.startswith(f"{key}:")]
    path.write_text("\n".join([lines[0], line, *lines[1:]]))


def retitle_a_translation(twin: Twin, chance: random.Random) -> None:
    path = twin.root / "content" / chance.choice(LANGUAGES) / "attention.md"
    if path.exists():
        path.write_text(re.sub("(?m)^title:.*", f"title: Version {chance.randrange(9)}", path.read_text(), count=1))


def rename(twin: Twin, chance: random.Random) -> None:
    path = pick(twin, chance)
    path.rename(path.with_name(f"renamed-{chance.randrange(5)}.md"))


def swap(twin: Twin, chance: random.Random) -> None:
    one, other = pick(twin, chance), pick(twin, chance)
    if one != other:
        spare = one.with_name("spare")
        one.rename(spare)
        other.rename(one)
        spare.rename(other)


def remove(twin: Twin, chance: random.Random) -> None:
    if len(twin.posts()) > 3:
        pick(twin, chance).unlink()


def add(twin: Twin, chance: random.Random) -> None:
    day, code, number = chance.randrange(1, 29), chance.choice(LANGUAGES), chance.randrange(9)
    head = f"---\ntitle: New {number}\ndate: 2026-04-{day:02}\n---\n"
    text = f"\nSee [it](new-{chance.randrange(9)}.md) and ![f](a.png).\n"
    (twin.root / f"content/{code}/new-{number}.md").write_text(head + text)


def picture(twin: Twin, chance: random.Random) -> None:
    path = twin.root / f"content/en/new-{chance.randrange(9)}/a.png"
    if path.exists():
        path.unlink()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no picture")


def settings(twin: Twin, chance: random.Random) -> None:
    path = twin.root / "feeds.toml"
    text = path.read_text()
    old, new = chance.choice(SETTINGS)
    path.write_text(text.replace(old, new, 1) if old in text else text.replace(new, old, 1))


def template(twin: Twin, chance: random.Random) -> None:
    folder = twin.root / "templates"
    name = chance.choice(["issue.html", "mail.txt", "words.toml"])
    path = folder / name
    if path.exists():
        path.unlink()
    else:
        folder.mkdir(exist_ok=True)
        own = (HERE.parent / "templates" / name).read_text()
        path.write_text(own.replace("Weekly digest", "The week").replace("<h1>", "<h1>! ").replace("----", "===="))


def damage_output(twin: Twin, chance: random.Random) -> None:
    files = sorted(path for path in (twin.root / "public").rglob("*") if path.is_file())
    if files:
        path = chance.choice(files)
        if chance.random() < 0.5:
            path.unlink()
        else:
            path.write_bytes(b"x" * path.stat().st_size)


def damage_cache(twin: Twin, chance: random.Random) -> None:
    name, places, ending = chance.choice([FILE, stamp.LAST]), [chance.random() for _ in range(9)], chance.random()
    path = twin.root / stamp.FOLDER / name
    if not path.is_file():
        return
    data = bytearray(path.read_bytes())
    if ending < 0.3:
        del data[int(len(data) * ending) :]
    for place in places if data else ():
        data[int(place * len(data))] ^= 1 + int(place * 250)
    path.write_bytes(data)


def old_cache(twin: Twin, chance: random.Random) -> None:
    """The cache of an earlier time comes back."""
    place, spare = twin.root / stamp.FOLDER, twin.root.with_name(f"{twin.root.name}-cache")
    if chance.random() < 0.5 and place.is_dir():
        shutil.rmtree(spare, ignore_errors=True)
        shutil.copytree(place, spare)
    elif spare.is_dir() and twin.cached:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(spare, place)


def nothing(twin: Twin, chance: random.Random) -> None:
    """Only time goes by."""


CHANGES: list[Callable[[Twin, random.Random], None]] = [
    *(
        edit,
        edit,
        edit_and_keep_size_and_time,
        edit_and_keep_size_and_time,
        head_line,
        head_line,
        head_line,
        rename,
        swap,
    ),
    *(
        remove,
        add,
        add,
        picture,
        settings,
        template,
        damage_output,
        damage_cache,
        damage_cache,
        old_cache,
        nothing,
        nothing,
    ),
]


def strain(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Have a small site built as a large one is, in two runs of three: by two processes, with few texts in memory."""
    large = seed % 3
    monkeypatch.setattr("feeds.build.BODIES", 2 if large else 200)
    monkeypatch.setattr("feeds.worker._FEW", 1 if large else 8)
    monkeypatch.setattr("feeds.reader._BUNDLE", 1 if large else 64)


def go_through(folder: Path, seed: int) -> None:
    """Some changes and builds, and what came of them."""
    chance = random.Random(seed)
    twins = [
        Twin(Path(shutil.copytree(HERE / "site", folder / f"{seed}-{name}")), name == "cached")
        for name in ("cached", "plain")
    ]
    now = 1_777_000_000  # April 2026
    history = []
    for _ in range(STEPS):
        for _ in range(chance.choice([0, 1, 1, 2])):
            change, mark = chance.choice(CHANGES), chance.random()
            history.append(change.__name__)
            for twin in twins:
                change(twin, random.Random(mark))
        now += chance.choice([0, 0, 3_600, 86_400 * 3, 86_400 * 30, -86_400 * 20])
        history.append(f"build at {now}")
        one, other = (twin.build(str(now)) for twin in twins)
        assert one[:2] == other[:2], (seed, history)
        assert sorted(one[2]) == sorted(other[2]), (seed, history)
        assert [name for name in one[2] if one[2][name] != other[2][name]] == [], (seed, history)
    shutil.rmtree(folder / f"{seed}-cached")
    shutil.rmtree(folder / f"{seed}-plain")


def test_a_database_that_holds_more_than_our_table_is_not_opened(site_folder: Path) -> None:
    """A view in it would be run: a pull request could bring one."""
    run(site_folder, "1777000000")
    path = site_folder / stamp.FOLDER / FILE
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE VIEW more AS SELECT 1")
        base.commit()
    (site_folder / stamp.FOLDER / stamp.LAST).unlink()

    run(site_folder, "1777000000")

    with closing(sqlite3.connect(path)) as base:
        assert [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'")] == []


@pytest.mark.parametrize("forged", ["[", "1],[2", "[" * 100_000, "{}", "[1]", "null"])
def test_rows_that_somebody_else_wrote_do_no_harm(site_folder: Path, forged: str) -> None:
    before = run(site_folder, "1777000000")
    with closing(sqlite3.connect(site_folder / stamp.FOLDER / FILE)) as base:
        for kind, name, key in base.execute("SELECT kind, name, key FROM kept").fetchall():
            if kind != "basis" or forged not in ("{}", "[1]", "null"):  # of another basis nothing is read
                change = "UPDATE kept SET data = ?, sum = ? WHERE kind = ? AND name = ?"
                base.execute(change, (forged, _sum(kind, name, key, forged), kind, name))
        base.commit()
    (site_folder / stamp.FOLDER / stamp.LAST).unlink()
    post = site_folder / "content/en/attention.md"
    post.write_text(post.read_text() + "\nMore.\n")

    assert run(site_folder, "1777000000")[0] == before[0]


def test_a_cache_that_is_a_link_is_not_used(site_folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (site_folder / stamp.FOLDER).symlink_to(elsewhere)

    assert run(site_folder, "1777000000")[0] == run(site_folder, "1777000000")[0] == 0
    assert list(elsewhere.iterdir()) == []


def test_what_the_last_build_said_is_not_repeated_from_a_damaged_file(site_folder: Path) -> None:
    run(site_folder, "1777000000")
    path = site_folder / stamp.FOLDER / stamp.LAST
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"0 files written", b"9 files written"))

    assert whole != path.read_bytes()
    assert "0 files written" in run(site_folder, "1777000000")[1]


def test_a_warning_about_a_text_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    monkeypatch.setattr("feeds.build.BODIES", 1)  # the newest text is let go while an archive of others is made
    (tmp_path / "feeds.toml").write_text(
        'title = "T"\nurl = "https://example.org/"\n[feeds]\nlimit = 1\narchive = 1\n[digest]\nenabled = false\n'
    )
    (tmp_path / "content").mkdir()
    for number in range(1, 5):
        text = "[x](gone.md)" if number == 4 else "x"
        (tmp_path / f"content/{number}.md").write_text(f"---\ntitle: T\ndate: 2026-04-{number:02}\n---\n{text}\n")
    assert "gone.md" in run(tmp_path, "1777000000")[1]

    newest = tmp_path / "content/4.md"
    newest.write_text(newest.read_text().replace("[x](gone.md)", "x"))

    assert "gone.md" not in run(tmp_path, "1777000000")[1]


def test_git_is_told_to_ignore_the_cache(site_folder: Path) -> None:
    run(site_folder, "1777000000")

    assert (site_folder / stamp.FOLDER / ".gitignore").read_text() == "*\n"


def test_wrong_usage_leaves_no_cache(tmp_path: Path) -> None:
    assert run(tmp_path, "1777000000")[0] == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_cache_changes_no_byte_and_no_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    strain(monkeypatch, seed)
    go_through(tmp_path, seed)


@pytest.mark.skipif(not MINUTES, reason="FEEDS_CACHE_MINUTES is not set: the short test has to do")
def test_a_cache_changes_no_byte_for_as_long_as_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    end, seed = time.monotonic() + 60 * MINUTES, 1_000
    while time.monotonic() < end:
        strain(monkeypatch, seed)
        go_through(tmp_path, seed)
        seed += 1
    sys.stdout.write(f"{seed - 1_000} runs of {STEPS} builds\n")
