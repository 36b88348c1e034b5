"""The command line: streams, exit codes, words. What is written is tested elsewhere."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feeds import __version__
from feeds.cli import main
from feeds.cli.terminal import with_bar

NOW = ("--now", "2026-05-01")


def run(*words: str | Path, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], env=env)


@pytest.fixture
def warned(site_folder: Path) -> Path:
    """The site, with one warning."""
    with (site_folder / "content/en/search.md").open("a") as file:
        file.write("\n![figure](missing.png)\n")
    return site_folder


def test_a_build_ends_with_a_summary(warned: Path) -> None:
    result = run("build", warned, *NOW)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "en     4 posts: 2 systems, 1 agents, 1 other",
        "zh     2 posts: 2 systems, 1 agents",
        "left out: 1 draft, 1 future",
        f"{warned / 'public'}: 26 feed documents, 2 emails; 52 files written, 0 unchanged",
        "1 warning",
    ]
    assert result.stderr == (
        "content/en/search.md:30: warning: image `missing.png` is missing; put it at content/en/search/missing.png "
        "[image-missing]\n"
    )


def test_json_says_the_same_for_programs(site_folder: Path) -> None:
    run("build", site_folder, *NOW)
    (site_folder / "content/en/search.md").unlink()

    result = run("build", site_folder, *NOW, "--json")

    report = json.loads(result.stdout)
    assert report["posts"] == {"draft": 1, "future": 1, "published": 5}
    assert report["languages"] == {"en": 3, "zh": 2}
    assert "zh/systems/atom.xml" in report["unchanged"]
    assert "en/agents/atom.xml" in report["written"]
    assert [problem["path"] for problem in report["problems"]] == ["content/en/attention.md", "content/en/draft.md"]


def test_quiet_prints_problems_only(warned: Path) -> None:
    result = run("build", warned, *NOW, "--quiet")

    assert result.stdout == ""
    assert "warning" in result.stderr


def test_one_bad_post_is_reported_and_the_others_are_built(site_folder: Path) -> None:
    (site_folder / "content/en/search.md").write_text("---\ntitle: a: b\n---\n")

    result = run("build", site_folder, *NOW)

    assert result.exit_code == 1
    assert "content/en/search.md:2: error: not valid YAML: a second `: ` on this line" in result.stderr
    assert "left out: 1 draft, 1 error, 1 future" in result.stdout
    assert (site_folder / "public/en/atom.xml").exists()


def test_strict_makes_warnings_count(warned: Path) -> None:
    assert run("build", warned, *NOW, "--strict").exit_code == 1


def test_wrong_settings_build_nothing(site_folder: Path) -> None:
    (site_folder / "feeds.toml").write_text('titel = "x"\nurl = "https://example.org/"\n')

    result = run("build", site_folder)

    assert result.exit_code == 1
    assert "feeds.toml:1: error: `titel` is not a known setting; did you mean `title`?" in result.stderr
    assert not (site_folder / "public").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("build", "."),
        ("build", "no-such-folder"),
        ("build", "--nonsense"),
        ("build", "SITE", "--now", "yesterday"),
        ("digest", "SITE", "--week", "17"),
        ("digest", "SITE", "--lang", "fr"),
        ("digest", "SITE", "--theme", "cooking"),
        ("digest", "SITE", "--since", "yesterday"),
        ("digest", "SITE", "--since", "2026-04-02", "--until", "2026-04-01"),
        ("digest", "SITE", "--week", "2026-W17", "--since", "2026-04-01"),
        ("nonsense",),
    ],
)
def test_wrong_usage_is_exit_code_2(site_folder: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site_folder.parent)

    assert run(*(str(site_folder) if word == "SITE" else word for word in words)).exit_code == 2


def test_posts_lists_every_file_as_json(site_folder: Path) -> None:
    (site_folder / "content/en/bad.md").write_text("no head")

    result = run("posts", site_folder, *NOW, "--json")

    rows = {row["path"]: row for row in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert {path: row["status"] for path, row in rows.items() if row["status"] != "published"} == {
        "content/en/bad.md": "error",
        "content/en/draft.md": "draft",
        "content/en/later.md": "future",
    }
    assert rows["content/en/attention.md"] == {
        "path": "content/en/attention.md",
        "url": "https://reviews.example.org/en/attention/",
        "id": "tag:reviews.example.org,2026-04-20:en/attention",
        "lang": "en",
        "slug": "attention",
        "title": "Attention & <mask>: what it costs",
        "date": "2026-04-20T09:00:00+08:00",
        "updated": "2026-04-21T10:30:00+08:00",
        "themes": ["systems"],
        "tags": ["inference", "transformers"],
        "translations": {"zh": "https://reviews.example.org/zh/attention/"},
        "status": "published",
    }
    assert rows["content/zh/notes.md"]["url"] == "https://reviews.example.org/zh/%E4%B8%AD%E6%96%87%E7%AC%94%E8%AE%B0/"


def test_posts_for_people_has_a_line_for_each(site_folder: Path) -> None:
    lines = run("posts", site_folder, *NOW).stdout.splitlines()

    assert lines[0] == "future     2030-01-01 en     content/en/later.md  From the future"
    assert len(lines) == 8


def test_digest_writes_the_issue_of_a_week_and_names_the_files(site_folder: Path, tmp_path: Path) -> None:
    result = run("digest", site_folder, "--week", "2026-W10", "--lang", "en", "--out", tmp_path / "out", *NOW)

    here = tmp_path / "out/en/digest/2026-W10"
    assert result.exit_code == 0
    assert result.stdout.split() == [str(here / name) for name in ("index.html", "mail.eml", "mail.html", "mail.txt")]


def test_digest_without_a_week_takes_the_newest_of_each_language(site_folder: Path) -> None:
    result = run("digest", site_folder, *NOW)

    weeks = {Path(line).parent.relative_to(site_folder / "public").as_posix() for line in result.stdout.split()}
    assert weeks == {"en/digest/2026-W17", "zh/digest/2026-W17"}


def test_digest_lists_what_a_mail_would_hold_and_writes_nothing(site_folder: Path) -> None:
    result = run("digest", site_folder, "--list", "--lang", "en", *NOW)

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == "en  2026-W17  Attention & <mask>: what it costs and 1 more"
    assert "2026-04-20 to 2026-04-26, 2 posts, " in result.stdout
    assert "content/en/attention.md" in result.stdout
    assert not (site_folder / "public").exists()


def test_digest_takes_days_and_a_theme_instead_of_a_week(site_folder: Path) -> None:
    result = run("digest", site_folder, "--since", "2026-01-01", "--until", "2026-04-30", "--theme", "systems", *NOW)

    assert result.exit_code == 0, result.output
    mails = {path.parent.name for path in (site_folder / "public").rglob("mail.eml")}
    assert mails == {"2026-01-01--2026-04-30-systems"}


def test_digest_without_since_takes_seven_days(site_folder: Path) -> None:
    result = run("digest", site_folder, "--until", "2026-04-26", "--lang", "en", "--list", *NOW)

    assert "en  2026-04-20--2026-04-26  " in result.stdout


def test_digest_of_an_empty_week_says_so(site_folder: Path) -> None:
    result = run("digest", site_folder, "--week", "2026-W16", "--lang", "zh", *NOW)

    assert result.exit_code == 1
    assert "no zh posts in 2026-W16; newest issue: 2026-W17 (zh)" in result.stderr


def test_source_date_epoch_stands_for_now(site_folder: Path) -> None:
    early = run("posts", site_folder, "--json", env={"SOURCE_DATE_EPOCH": "1735689600"})  # 2025-01-01

    assert {row["status"] for row in json.loads(early.stdout)} == {"future", "draft"}
    assert run("posts", site_folder, env={"SOURCE_DATE_EPOCH": "soon"}).exit_code == 2


def test_a_full_disk_is_a_message_and_no_traceback(site_folder: Path) -> None:
    (site_folder / "public").write_text("a file in the way")

    result = run("build", site_folder, *NOW)

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bug_keeps_its_traceback(site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("feeds.reader.open_blog", broken)

    assert isinstance(run("build", site_folder).exception, ZeroDivisionError)


def test_it_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "feeds", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"feeds, version {__version__}\n"


def test_the_machines_time_zone_and_hash_seed_change_nothing(site_folder: Path, tmp_path: Path) -> None:
    trees = []
    for number, (zone, seed) in enumerate([("America/Los_Angeles", "1"), ("Asia/Tokyo", "2")]):
        out = tmp_path / str(number)
        env = os.environ | {"TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        subprocess.run(
            [sys.executable, "-m", "feeds", "build", str(site_folder), "--out", str(out), *NOW],
            check=True,
            capture_output=True,
            env=env,
        )
        trees.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()})

    assert trees[0] == trees[1]


def test_an_output_folder_that_links_out_of_the_site_is_refused(site_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (site_folder / "public").symlink_to(tmp_path / "elsewhere")

    result = run("build", site_folder, *NOW)

    assert result.exit_code == 2
    assert "leads out of the site; name another folder in `output`, or with --out" in result.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert run("build", site_folder, *NOW, "--out", site_folder / "public").exit_code == 0


@pytest.mark.parametrize(
    ("data", "message"), [(b"\xff\xfet\x00", "is not UTF-8 text"), (b"title = ", "not valid TOML: invalid value")]
)
def test_settings_that_cannot_be_read_are_a_message(site_folder: Path, data: bytes, message: str) -> None:
    (site_folder / "feeds.toml").write_bytes(data)

    result = run("build", site_folder)

    assert result.exit_code == 1
    assert message in result.stderr


def test_a_long_build_on_a_terminal_shows_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)

    assert dict(with_bar("reading")(range(600), str)) == {number: str(number) for number in range(600)}
    assert re.search(r"reading.*600/600", capsys.readouterr().err)


def test_a_pipe_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(dict(with_bar("reading")(range(600), str))) == 600
    assert capsys.readouterr().err == ""


@pytest.fixture
def watched(site_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`feeds build --watch` of the site, ended whatever becomes of its test."""
    command = [sys.executable, "-u", "-m", "feeds", "build", str(site_folder), "--watch", *NOW]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs with & ignores it, heirs too
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        signal.signal(signal.SIGINT, before)
        try:
            yield process
        finally:
            process.kill()


def test_a_watched_site_is_built_again_when_a_post_changes_and_says_which(
    site_folder: Path, watched: subprocess.Popen[str]
) -> None:
    atom = site_folder / "public" / "en" / "atom.xml"
    said = watched.stdout
    assert said

    def until(beginning: str) -> str:
        return next(line for line in said if line.startswith(beginning))

    until("watching ")
    before = atom.read_text()
    post = site_folder / "content" / "en" / "search.md"
    post.write_text(post.read_text() + "\nOne thing more.\n")
    changed = until("changed: ")
    summary = until(str(site_folder / "public"))
    (site_folder / "feeds.toml").write_text("title = ")
    broken = until("changed: ")
    watched.send_signal(signal.SIGINT)
    code = watched.wait(20)

    assert changed == "changed: content/en/search.md\n"
    assert "0 files written" not in summary
    assert before != atom.read_text()
    assert "One thing more." in atom.read_text()
    assert broken == "changed: feeds.toml\n"
    assert code == 0
