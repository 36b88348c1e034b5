"""Builds that are killed: what they leave can be read, no id is lost or changed, and the next build makes all as new.

`FEEDS_KILLS=500 pytest -m '' tests/test_kills.py` kills that many instead of 40.
"""

from __future__ import annotations

import email
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from email import policy
from pathlib import Path

import pytest
from lxml import etree

from feeds import lockfile
from feeds.build.builder import build_site
from tests.support import HERE, NOW, tree

KILLS = int(os.environ.get("FEEDS_KILLS", "40"))
POST = "---\ntitle: {title}\ndate: {date}\ntags: [{tag}]\n---\n\nThe text of {title}.\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of our own: what is changed in it goes into feeds, archives and issues of several weeks."""
    folder = tmp_path / "site"
    shutil.copytree(HERE / "site", folder, ignore=shutil.ignore_patterns("public", "feeds.lock"))
    return folder


def start(site: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "feeds", "build", str(site), "--now", NOW.isoformat(), "--quiet", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def ids(site: Path) -> dict[str, str]:
    """The id of each post by its path, as the lock has it."""
    lock = lockfile.parse((site / "feeds.lock").read_text(encoding="utf-8"))
    assert lock.problems == []
    return {path: line.id for path, line in lock.lines.items()}


def published(public: Path) -> set[str]:
    """Every id of a post in a feed that subscribers may have fetched; all documents can be read."""
    found: set[str] = set()
    for path in public.rglob("*.*"):
        if path.suffix in (".xml", ".opml"):
            root = etree.parse(path).getroot()
            if "digest" not in path.parts:
                found |= {*root.xpath("//*[local-name()='entry']/*[local-name()='id']/text() | //item/guid/text()")}
        elif path.suffix == ".json":
            found |= {item["id"] for item in json.loads(path.read_bytes())["items"]}
        elif path.suffix == ".eml":
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            assert message["Subject"]
            assert [part for part in message.walk() if part.defects] == []
    return found


def assert_sound(site: Path, before: dict[str, str]) -> None:
    """What a killed build left behind can be read; each id that was published is in the lock, and none has changed."""
    public = site / "public"
    now = ids(site) if (site / "feeds.lock").exists() else {}
    assert published(public) <= {*now.values(), *before.values()}
    assert {path: now.get(path, one) for path, one in before.items()} == before


def assert_healed(site: Path, clean: Path) -> None:
    """The next build makes what a build from nothing makes, and leaves nothing else."""
    build_site(site, NOW)
    shutil.rmtree(clean, ignore_errors=True)
    build_site(site, NOW, out=clean, cache=False)
    assert tree(site / "public") == tree(clean)
    assert [path.name for path in site.iterdir() if path.suffix == ".part"] == []


def change(site: Path, number: int, choice: random.Random) -> None:
    """What an author does between two builds."""
    posts = sorted((site / "content").rglob("*.md"))
    what = choice.choice(["edit", "edit", "edit", "add", "remove", "theme", "forget"])
    if what == "edit":
        with choice.choice(posts).open("a") as file:
            file.write(f"\nMore, {number}.\n")
    elif what == "add":
        day = f"2026-0{choice.randint(1, 4)}-{choice.randint(10, 25)}"
        text = POST.format(title=f"New {number}", date=day, tag=choice.choice(["inference", "planning"]))
        (site / f"content/en/new-{number}.md").write_text(text)
    elif what == "remove":
        for path in [path for path in posts if path.name.startswith("new-")][:1]:
            path.unlink()
    elif what == "theme":
        with (site / "feeds.toml").open("a") as file:
            file.write(f'\n[themes.new-{number}]\ntags = ["planning-{number}"]\n')
    elif "FEEDS_CACHE_DIR" in os.environ:
        shutil.rmtree(os.environ["FEEDS_CACHE_DIR"], ignore_errors=True)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_builds_that_are_killed_at_any_moment_lose_nothing(site: Path, tmp_path: Path) -> None:
    choice, hit, number = random.Random(1), 0, 0
    begin = time.monotonic()
    start(site, "--no-cache").wait()
    whole = time.monotonic() - begin
    known: dict[str, str] = {}
    while hit < KILLS:
        number += 1
        assert number < 20 * KILLS, "hardly a build was killed"
        change(site, number, choice)
        known |= {path: one for path, one in ids(site).items() if (site / path).exists()}
        build = start(site)
        time.sleep(choice.random() * whole * 0.8)
        killed = build.poll() is None
        if killed:
            os.killpg(build.pid, signal.SIGKILL)
        build.wait()
        hit += killed
        assert_sound(site, known)
        if number % 10 == 0:
            assert_healed(site, tmp_path / "clean")
    assert_healed(site, tmp_path / "clean")


STEPS = 80
"""More than a build of the small site below has."""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a copy of the process")
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_build_that_dies_at_any_of_its_writes_loses_nothing(
    tmp_path: Path, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, clean = tmp_path / "site", tmp_path / "clean"
    (site / "content").mkdir(parents=True)
    (site / "feeds.toml").write_text('title = "T"\nurl = "https://example.org/"\n[themes.a]\n')
    (site / "content/old.md").write_text(POST.format(title="Old", date="2026-04-01", tag="a"))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    for step in range(STEPS):
        shutil.rmtree(site / "public", ignore_errors=True)
        (site / "content/embargoed.md").unlink(missing_ok=True)
        (site / "feeds.lock").unlink(missing_ok=True)
        build_site(site, NOW)
        (site / "content/embargoed.md").write_text(POST.format(title="Embargoed", date="2026-04-20", tag="a"))
        if not (child := os.fork()):
            die_at(step, before=before)
            build_site(site, NOW)
            os._exit(0)
        died = os.waitpid(child, 0)[1] != 0
        assert_sound(site, {"content/old.md": "tag:example.org,2026-04-01:en/old"})
        (site / "content/embargoed.md").unlink()
        assert_healed(site, clean)
        assert not any("Embargoed" in path.read_text(errors="replace") for path in files(site / "public"))
        if not died:
            break
    assert step > 10
    assert not died


def die_at(step: int, *, before: bool) -> None:
    """Have this process end at its `step`th change of a file: before it, or right after it."""
    left = iter(range(step, -1, -1))

    def dying(real: object) -> object:
        def change(*given: object, **more: object) -> object:
            last = next(left, 0) == 0
            if last and before:
                os._exit(1)
            done = real(*given, **more)  # type: ignore[operator]
            if last:
                os._exit(1)
            return done

        return change

    for name in ("replace", "unlink", "rmdir"):
        setattr(os, name, dying(getattr(os, name)))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
