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
from urllib.parse import unquote

from feeds.build.write import write
from feeds.markup import Body
from feeds.rendered import Lookup
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
        relative = re.findall(r"""\s(?:href|src|xmlUrl|htmlUrl)=["'](?!https?://|mailto:|#)[^"']*""", text)

        assert relative == [], name


NOTES = """
One[^a], two[^中 文], one[^a], [above](#top), [nowhere](#x). <a name="top"></a>

<p id="top">again</p>

[^a]: A note.
"""


def test_a_link_within_a_post_has_its_target_there_and_no_other_post_has_one_of_that_name(build: Build) -> None:
    """Readers show many posts on one page: this is such a page."""
    owners: dict[str, str] = {}
    for post in build.site.posts:
        text = Body(post, NOTES, Lookup(build.site)).html
        ids = re.findall(r'\sid="([^"]*)"', text)
        links = [unquote(link) for link in re.findall(r'\shref="#([^"]*)"', text)]
        assert len(links) == 5
        assert len({*ids}) == len(ids)
        assert [link for link in links if link not in ids] == []
        assert [name for name in ids if owners.setdefault(name, post.path) != post.path] == []
        assert f'<a href="{post.url}#x">' in text


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
