"""tests/site builds to tests/golden, byte for byte.

To add a case, write or change a post of tests/site and run `pytest --update-golden`; read the difference.
"""

from __future__ import annotations

import html
import os
import random
import re
import shutil
from pathlib import Path

from feeds.build.write import write
from tests.support import HERE, Build, open_build, tree

GOLDEN = HERE / "golden"


def made(build: Build) -> dict[str, bytes]:
    return {output.path: output.data for output in build.outputs()}


def test_the_sample_site_builds_to_the_golden_tree(build: Build, *, updating: bool) -> None:
    outputs = made(build)
    if updating:
        shutil.rmtree(GOLDEN, ignore_errors=True)
        for name, data in outputs.items():
            path = GOLDEN / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    golden = tree(GOLDEN)

    assert sorted(golden) == sorted(outputs)
    for name, data in golden.items():
        assert data == outputs[name], name


def test_the_sample_site_has_nothing_to_put_right(build: Build) -> None:
    made(build)

    assert [problem for problem in build.problems if "draft.md" not in problem.path] == []


def test_no_output_holds_a_relative_address(build: Build) -> None:
    for name, data in made(build).items():
        if name.endswith(".png"):
            continue
        text = html.unescape(data.decode()) if name.endswith(".xml") else data.decode().replace('\\"', '"')
        relative = re.findall(r"""\s(?:href|src|xmlUrl|htmlUrl)=["'](?!https?://|mailto:)[^"']*""", text)

        assert relative == [], name


def test_another_folder_and_touched_files_give_the_same_bytes(site_folder: Path, build: Build) -> None:
    for path in site_folder.rglob("*.md"):
        os.utime(path, (1, random.Random(str(path)).randrange(2_000_000_000)))

    assert made(build) == made(open_build(site_folder))


def test_a_second_build_leaves_every_file_untouched(site_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = write(open_build(site_folder).outputs(), out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}

    second = write(open_build(site_folder).outputs(), out)

    assert second.written == second.removed == ()
    assert first.written == second.unchanged
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*")}
