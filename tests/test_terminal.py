"""What a terminal gets: nothing it would obey, and no traceback when nobody can read what is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feeds.cli import main
from feeds.text import NOT_IN_A_LINE, one_line

NOW = ("--now", "2026-05-01")
HOSTILE = "\x1b]0;owned\x07 \x9b2J \u202efdp\u2066.exe"
"""Sets a terminal's title, clears its screen, turns the words behind it around."""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def program(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "feeds", *map(str, words)]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "content").mkdir()
    (tmp_path / "feeds.toml").write_text('title = "T"\nurl = "https://example.org/"\n')
    (tmp_path / "content/good.md").write_text("---\ntitle: Good\ndate: 2026-04-20\n---\n\nText.\n")
    return tmp_path


@pytest.fixture
def hostile(site: Path) -> Path:
    post = f"---\ntitle: {json.dumps(HOSTILE)}\ndate: 2026-04-20\n---\n\nText.\n"
    (site / f"content/{HOSTILE}.md").write_text(post)
    (site / f"content/{HOSTILE}-bad.md").write_text("no front matter")
    return site


@pytest.mark.parametrize(
    "words", [("build",), ("posts",), ("posts", "--json"), ("build", "--json"), ("digest", "--list")]
)
def test_no_name_and_no_title_speaks_to_the_terminal(hostile: Path, words: tuple[str, ...]) -> None:
    done = run(words[0], hostile, *NOW, *words[1:])

    assert "owned" in done.output
    assert not NOT_IN_A_LINE.search(done.output.replace("\n", ""))


def test_json_says_names_as_they_are(hostile: Path) -> None:
    rows = json.loads(run("posts", hostile, *NOW, "--json").stdout)

    assert f"content/{HOSTILE}.md" in [row["path"] for row in rows]


def test_marks_that_arabic_and_hebrew_need_stay(site: Path) -> None:
    title = "\u05e9\u05dc\u05d5\u05dd\u200f! \u200eC++ \u061c\u0663"
    (site / "content/marks.md").write_text(f"---\ntitle: {title}\ndate: 2026-04-20\n---\n\nText.\n")

    assert title in run("posts", site, *NOW).stdout


def test_one_line_is_one_line() -> None:
    assert one_line("a\r\n\u2028b\u202ec\ufdd0d") == "a bc d"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("words", [("--help",), ("posts", "SITE"), ("build", "SITE"), ("build", "SITE", "--json")])
def test_a_full_disk_below_standard_output_is_a_message(site: Path, words: tuple[str, ...]) -> None:
    run("build", site)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            program(*(site if word == "SITE" else word for word in words)),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr == "feeds: cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("build", *NOW), ("build",)])
def test_a_reader_who_stops_reading_gets_no_traceback(site: Path, words: tuple[str, ...], unbuffered: str) -> None:
    run("build", site)
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    command = program(words[0], site, *words[1:])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()

        assert process.stderr.read() == ""
    assert process.returncode == 1


@pytest.mark.skipif(os.name != "posix", reason="takes a shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_without_standard_output_the_work_is_done(site: Path, closed: str) -> None:
    command = ["sh", "-c", f'"$@" {closed}', "sh", *program("build", site)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert (site / "public/atom.xml").exists()


def test_what_the_terminals_encoding_lacks_is_escaped(site: Path) -> None:
    (site / "content/han.md").write_text("---\ntitle: 中文\ndate: 2026-04-20\n---\n\nText.\n", encoding="utf-8")
    env = os.environ | {"PYTHONIOENCODING": "latin-1"}

    done = subprocess.run(program("posts", site, *NOW), capture_output=True, env=env, check=True)

    assert rb"\u4e2d\u6587" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "0001-01-01"),
        ("--since", "0001-01-01", "--until", "9999-12-31"),
        ("--until", "0001-01-02"),
        ("--since", "2026-01-01", "--until", "9999-12-31"),
        ("--week", "9999-W52"),
        ("--week", "0001-W01"),
    ],
)
def test_days_of_years_that_no_post_has_are_wrong_usage(site: Path, words: tuple[str, ...]) -> None:
    done = run("digest", site, *words)

    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == (1 if words == ("--week", "0001-W01") else 2)  # a week that is over, and empty


@pytest.mark.parametrize("said", ["9" * 5000, "253402300799", "-62135596800", "1e3", "²", "nan"])
def test_a_time_that_no_post_has_is_wrong_usage(site: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", said)

    assert run("build", site).exit_code == 2


def test_init_follows_no_link_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site/content").symlink_to(tmp_path / "elsewhere")

    done = run("init", tmp_path / "site")

    assert done.exit_code == 1
    assert "leads out of the site through a link" in done.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["content"]


def folder(place: bytes) -> Path:
    """A folder whose name is not UTF-8, where the system has such names."""
    try:
        os.makedirs(place)
    except OSError:
        pytest.skip("every name is UTF-8 here")
    return Path(os.fsdecode(place))


def test_a_site_in_a_folder_whose_name_is_not_utf8_is_built(site: Path) -> None:
    other = folder(os.fsencode(site) + b"/x\xff")
    for name in ("feeds.toml", "content"):
        (site / name).rename(other / name)

    done = run("build", other, *NOW)

    assert done.exit_code == 0, done.exception
    assert (other / "public/atom.xml").exists()
    assert run("posts", other).exit_code == 0
    assert run("build", other, "--out", other / "out").exit_code == 0


def test_a_folder_of_posts_whose_name_is_not_utf8_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: T\nurl: https://example.org\n")
    for posts in (tmp_path / "_posts", folder(os.fsencode(tmp_path) + b"/x\xff/_posts")):
        posts.mkdir(exist_ok=True)
        (posts / "2026-04-20-a.md").write_text("---\ntitle: A\n---\n\nText.\n")

    done = run("posts", tmp_path, *NOW)

    assert "error: has a name that is not UTF-8; rename it" in done.stderr
    assert "_posts/2026-04-20-a.md" in done.stdout
