"""Kinds of problems: how they are told, which are ignored, and that neither depends on the cache."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from feeds import __main__ as program
from feeds import paths, reader
from feeds import settings as feeds_settings
from feeds.cli import main, report
from feeds.errors import Code, ErrorCode, Problem, SettingsError, Severity, WarningCode
from feeds.settings.ignore import without_ignored
from tests.support import HERE, NOW, Case, Expected, cases, tree

if TYPE_CHECKING:
    from pathlib import Path

TIME = "1777593600"
MANY = "".join(f"![figure](missing-{number}.png)\n\n" for number in range(5))


# How they are told


def parsed(line: str) -> Problem:
    found = re.fullmatch(r"([^:]+)(?::(\d+))?: (\w+): (.*) \[([a-z-]+)\]", line)
    assert found
    path, number, severity, message, code = found.groups()
    return Problem(path, int(number or 0), message, severity, code=code)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [*cases(HERE / "told/warnings.txt")], ids=str)
def test_alike_warnings_are_told_as_one(case: Case, expected: Expected) -> None:
    problems = sorted(map(parsed, case.given.splitlines()))

    assert "\n".join(report.lines(problems, verbose=True)) == case.given
    told = "\n".join(report.lines(problems, verbose=False))
    assert told == expected(case, told)


some: st.SearchStrategy[Severity] = st.sampled_from(["error", "warning", "note"])
codes: st.SearchStrategy[Code] = st.sampled_from(["image-missing", "date-missing", "feed-shortened"])
problems_ = st.lists(
    st.builds(
        Problem, st.sampled_from(["a.md", "b.md"]), st.integers(0, 30), st.sampled_from("xyz…"), some, code=codes
    ),
    unique=True,
).map(sorted)


@given(problems=problems_)
def test_of_any_problems_each_error_is_told_and_each_warning_is_told_or_counted(problems: list[Problem]) -> None:
    lines = [*report.lines(problems, verbose=False)]
    told = [parsed(line) for line in lines]
    counted = Counter[str]()
    for problem in told:
        found = re.search(r"\((\d+) like this in \d+ files?; --verbose lists all\)", problem.message)
        counted[problem.code] += int(found[1]) if found and problem.severity == "warning" else 1

    assert {one for one in problems if one.severity == "error"} <= set(told)
    assert counted == Counter(one.code for one in problems if one.severity != "note")
    assert [(one.path, one.line) for one in told] == sorted((one.path, one.line) for one in told)
    assert all(
        number <= report.FEW for number in Counter(one.code for one in told if one.severity == "warning").values()
    )


# Which are ignored


@pytest.mark.parametrize(
    ("ignore", "ignored"),
    [
        ("image-missing", "warning"),
        ("image-missing content/en/2019-*", "warning"),
        ("image-missing   content/*", "warning"),
        ("image-missing content/?n/*.md", "warning"),
        ("image-missing content/en/2020-*", ""),
        ("image-missing content/en", ""),
        ("image-missing CONTENT/*", ""),
        ("formula-unknown", ""),
        ("formula-unknown content/*", ""),
        ("file-unreadable", ""),
        ("character-removed", "note"),
    ],
)
def test_what_is_ignored_is_that_code_in_the_paths_of_the_pattern(ignore: str, ignored: str) -> None:
    given = [
        Problem("content/en/2019-x.md", 3, "m", "warning", code="image-missing"),
        Problem("content/en/2019-x.md", 4, "m", "note", code="character-removed"),
        Problem("content/en/2019-x.md", 5, "m", code="file-unreadable"),
    ]

    kept = without_ignored(given, with_ignored(ignore).ignore)

    assert [problem.severity for problem in given if problem not in kept] == [ignored][: len(ignored)]


def with_ignored(*entries: str) -> Any:
    return feeds_settings.parse(
        f'title = "T"\nurl = "https://example.org/"\n\n[warnings]\nignore = {json.dumps(entries)}\n'
    )


@pytest.mark.parametrize("code", get_args(WarningCode))
def test_every_code_that_may_be_a_warning_can_be_ignored(code: Code) -> None:
    assert without_ignored([Problem("a.md", 1, "m", "warning", code=code)], with_ignored(code).ignore) == []


@pytest.mark.parametrize("code", get_args(ErrorCode))
def test_a_code_that_is_always_an_error_cannot_be_ignored(code: Code) -> None:
    with pytest.raises(SettingsError, match=f"names `{code}`, which is always an error"):
        with_ignored(code)


def test_an_ignore_that_ignored_nothing_is_told_at_its_line_by_a_build_alone(site_folder: Path) -> None:
    ignore = '[warnings]\nignore = [\n  "image-missing content/zh/*",\n  "image-missing content/en/*",\n]\n'
    file = site_folder / "feeds.toml"
    file.write_text(f"{file.read_text()}\n{ignore}")
    line = file.read_text().splitlines().index('  "image-missing content/zh/*",') + 1
    warn(site_folder)

    unused = "`warnings.ignore` lists `image-missing content/zh/*`, which ignored nothing in this build; remove it"
    assert run("build", site_folder).stderr == f"feeds.toml:{line}: warning: {unused} [ignore-unused]\n"
    assert run("build", site_folder, "--strict").exit_code == 1
    assert run("digest", site_folder, "--strict").stderr == ""
    assert run("posts", site_folder, "--strict").stderr == ""

    file.write_text(file.read_text().replace('  "image-missing content/zh/*",\n', '  "ignore-unused",\n'))
    assert run("build", site_folder, "--strict").exit_code == 0


def test_an_error_hides_whether_an_ignore_is_of_use(site_folder: Path) -> None:
    ignoring(site_folder, "image-missing")
    (site_folder / "content/en/search.md").write_text("---\ntitle: a: b\n---\n")

    assert "ignore-unused" not in run("build", site_folder).stderr


def test_what_is_ignored_does_not_count_and_is_told_nowhere(site_folder: Path) -> None:
    warn(site_folder)
    file = site_folder / "content/en/search.md"
    file.write_text(file.read_text().replace("\ndate:", "\nupdated: 2020-01-01\ndate:"))
    assert [run(command, site_folder, "--strict").exit_code for command in ("build", "digest", "posts")] == [1, 1, 1]

    ignoring(site_folder, "image-missing content/en/s*.md", "updated-early")

    for words in (("build", "--verbose"), ("build", "--json"), ("build", "--no-cache"), ("digest",), ("posts",)):
        result = run(words[0], site_folder, "--strict", *words[1:])
        assert (result.exit_code, "search.md:" in result.stderr) == (0, False), words


def test_what_is_ignored_changes_nothing_that_is_cached(site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warn(site_folder)
    time.sleep(0.01)
    run("build", site_folder)
    before = tree(site_folder / "public")
    asked: list[str] = []
    opened = paths._descriptor
    monkeypatch.setattr(paths, "_descriptor", lambda root, path, **how: asked.append(path) or opened(root, path, **how))  # type: ignore[func-returns-value]

    ignoring(site_folder, "image-missing")

    assert run("build", site_folder).stderr == ""
    assert ("content/en/search.md" in asked, "feeds.toml" in asked) == (False, True)
    assert tree(site_folder / "public") == before


# With and without a cache


def run(command: str, *words: str | Path) -> Result:
    return CliRunner().invoke(main, [command, *map(str, words)], env={"SOURCE_DATE_EPOCH": TIME})


def warn(root: Path, name: str = "search") -> None:
    """Five warnings of one kind, in a post of this week."""
    file = root / f"content/en/{name}.md"
    file.write_text(f"{file.read_text()}\n{MANY}")


def ignoring(root: Path, *entries: str) -> None:
    file = root / "feeds.toml"
    file.write_text(f"{file.read_text()}\n[warnings]\nignore = {json.dumps(entries)}\n")


class Terminal(io.StringIO):
    """Where people read."""

    def isatty(self) -> bool:
        return True


def again(
    monkeypatch: pytest.MonkeyPatch, root: Path, *words: str, kind: type[io.StringIO] = io.StringIO
) -> tuple[int | None, str, str]:
    """A build of what did not change, as the program does it: its exit code, stdout and stderr."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", TIME)
    out, err = io.StringIO(), kind()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = program._nothing_to_do(["build", str(root), *words])
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def built(site_folder: Path) -> Path:
    """A site with five warnings, a note and an error, that was built."""
    warn(site_folder)
    (site_folder / "content/en/bad.md").write_text("no front matter")
    time.sleep(0.01)
    run("build", site_folder)
    return site_folder


ERROR = (
    "content/en/bad.md:1: error: has no front matter; start the file with `---`, then `title:` and `date:`, then `---` "
    "[front-matter-missing]\n"
)


def test_a_build_that_changes_nothing_repeats_errors_and_counts_warnings(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, told = again(monkeypatch, built)

    assert (code, told) == (1, f"{ERROR}5 warnings as before; --verbose lists them\n")


@pytest.mark.parametrize("flag", ["--verbose", "-v"])
def test_with_verbose_it_says_all_that_a_build_without_a_cache_says(
    flag: str, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, told = again(monkeypatch, built, flag)

    assert told == run("build", built, flag, "--no-cache").stderr
    assert (told.count("[image-missing]"), told.count(": note: ")) == (5, 1)


@pytest.mark.parametrize("words", [(), ("--strict",), ("--json",), ("--json", "--strict", "--verbose")], ids=" ".join)
def test_exit_code_and_json_do_not_depend_on_the_cache(
    words: tuple[str, ...], built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, told, _ = again(monkeypatch, built, *words)
    result = run("build", built, *words, "--no-cache")

    assert code == result.exit_code
    if "--json" in words:
        assert json.loads(told)["problems"] == json.loads(result.stdout)["problems"]


def test_one_warning_as_before_is_told_in_the_singular(site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site_folder / "content/en/search.md").write_text(
        "---\ntitle: T\ndate: 2026-04-20\nupdated: 2026-04-19\n---\n\nText.\n"
    )
    time.sleep(0.01)
    run("build", site_folder)

    assert again(monkeypatch, site_folder)[2] == "1 warning as before; --verbose shows it\n"


def test_no_program_for_terminals_is_loaded_to_say_it_again(built: Path) -> None:
    code = (
        "import sys\n"
        "from feeds import __main__ as program\n"
        "program._nothing_to_do(sys.argv[1:])\n"
        "print(*[name for name in ('click', 'feeds.cli', 'feeds.errors') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, "build", str(built), "--verbose", "--quiet"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": TIME}
    )

    assert (done.stdout, done.stderr.count("[image-missing]")) == ("\n", 5)


def test_on_a_terminal_it_is_told_in_colour(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, plain = again(monkeypatch, built)
    _, _, told = again(monkeypatch, built, kind=Terminal)

    assert click.unstyle(told) == plain == f"{ERROR}5 warnings as before; --verbose lists them\n"
    assert told.startswith(f"content/en/bad.md:1: {click.style('error', fg='red')}: has no")


# What is told


def test_many_warnings_of_a_build_are_one_line_and_notes_none(site_folder: Path) -> None:
    warn(site_folder)

    result, whole = run("build", site_folder), run("build", site_folder, "--verbose", "--no-cache")

    first = whole.stderr.splitlines()[1].removesuffix(" [image-missing]")
    assert result.stderr == f"{first} (5 like this in 1 file; --verbose lists all) [image-missing]\n"
    assert result.stdout.splitlines()[-1] == "5 warnings"
    assert (whole.stderr.count("[image-missing]"), whole.stderr.count(": note: ")) == (5, 1)


@pytest.mark.parametrize("command", ["digest", "posts"])
def test_other_commands_tell_notes_to_those_who_ask(command: str, site_folder: Path) -> None:
    assert run(command, site_folder, "--strict").stderr == ""
    assert "draft.md:1: note: `date` is missing" in run(command, site_folder, "--strict", "-v").stderr


def test_notes_are_for_programs_too_and_never_count(site_folder: Path) -> None:
    result = run("build", site_folder, "--json", "--strict")

    assert (result.exit_code, [one["severity"] for one in json.loads(result.stdout)["problems"]]) == (0, ["note"])
    assert {"path", "line", "severity", "code", "message"} == set(json.loads(result.stdout)["problems"][0])


HUGO = {"hugo.toml": 'baseURL = "https://example.org/"\ntitle = "T"\n'}
HEXO = {"_config.yml": "title: T\nurl: https://example.org/\ntimezone: UTC\n"}
JEKYLL = {"_config.yml": "title: T\nurl: https://example.org\n"}
NATIVE = {"feeds.toml": 'title = "T"\nurl = "https://example.org/"\n'}
NO_ZONE = {
    "_config.yml": "title: T\nurl: https://example.org/\n",
    "source/_posts/a.md": "---\ntitle: A\ndate: 2026-04-20\n---\n",
}
DATED = "---\ntitle: A\ndate: 2026-04-20\n---\nText.\n"
UNDATED = "---\ntitle: A\n---\nText.\n"
NO_ZONE = {"_config.yml": "title: T\nurl: https://example.org/\n", "source/_posts/a.md": DATED}


def put(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def test_a_page_of_a_hugo_site_is_no_post_that_was_left_out(tmp_path: Path) -> None:
    put(
        tmp_path, HUGO | {"content/post/a.md": DATED, "content/about.md": UNDATED, "content/part.md": "---\n# x\n---\n"}
    )

    result = CliRunner().invoke(main, ["build", str(tmp_path), "--now", "2026-05-01"])
    rows = json.loads(CliRunner().invoke(main, ["posts", str(tmp_path), "--json", "--now", "2026-05-01"]).stdout)

    assert (result.exit_code, "content" in result.stderr, "left out" in result.stdout) == (0, False, False)
    assert [row["path"] for row in rows] == ["content/post/a.md"]


UNBUILT = ("id-unconfirmed", "records-published")
"""What is told of every blog that its generator has not built, or of every Jekyll blog."""


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param(
            HUGO | {"content/post/a.md": DATED, "content/about.md": UNDATED, "content/page/b.md": UNDATED},
            ["note date-missing", "note date-missing"],
            id="pages of a Hugo site have no date",
        ),
        pytest.param(
            HUGO | {"content/post/a.md": DATED, "content/post/b.md": DATED, "content/post/c.md": UNDATED},
            ["warning date-missing"],
            id="a post among others has",
        ),
        pytest.param(
            HUGO | {f"content/post/{name}/index.md": DATED for name in "ab"} | {"content/post/c/index.md": UNDATED},
            ["warning date-missing"],
            id="so has a bundle",
        ),
        pytest.param(HEXO | {"source/_posts/a.md": UNDATED}, ["warning date-missing"], id="Hexo's posts are no pages"),
        pytest.param(
            HUGO | {"content/post/a.md": "---\ntitle: A\ndate: 2026-04-20\ntheme: dark\n---\n"},
            [],
            id="a theme is not ours in a blog without themes",
        ),
        pytest.param(
            HUGO
            | {"content/post/a.md": "---\ntitle: A\ndate: 2026-04-20\ntheme: dark\n---\n"}
            | {"feeds.toml": "[themes.systems]\n"},
            ["warning theme-unknown"],
            id="and is in one with themes",
        ),
        pytest.param(NO_ZONE, ["warning timezone-missing"], id="a time zone that was guessed"),
        pytest.param(NO_ZONE | {"feeds.toml": 'timezone = "UTC"\n'}, [], id="and one that feeds.toml has"),
        pytest.param(
            JEKYLL | {f"_posts/2026-04-{day}-notes.md": "---\ntitle: A\n---\n" for day in (20, 21)},
            [],
            id="two posts of one name are not said to be translations",
        ),
        pytest.param(
            JEKYLL | {f"_posts/2026-04-{day}-notes.md": "---\ntitle: A\nref: notes\n---\n" for day in (20, 21)},
            ["warning translation-taken"],
            id="two posts of one reference are",
        ),
        pytest.param(
            JEKYLL | {"_posts/2026-04-20-a.md": "Only text.\n"}, ["note front-matter-missing"], id="a text without keys"
        ),
        pytest.param(
            JEKYLL | {"_posts/2026-04-20-a.md": "title: A\nlayout: post\n---\nText.\n"},
            ["warning front-matter-fence"],
            id="a text with keys and no first fence",
        ),
        pytest.param(
            JEKYLL | {"_posts/2026-04-20-a.md": "---\ntitle: A\n\nText.\n"},
            ["warning front-matter-fence"],
            id="a text with keys and no last fence",
        ),
        pytest.param(
            HEXO | {"source/_posts/a.md": "---\ndate: 2026-04-20\ntitle:\n---\n"},
            ["note title-missing"],
            id="a title that the name of the file replaces",
        ),
        pytest.param(
            NATIVE | {"content/a.md": "---\ntheme: x\npaper: y\ndraft: true\n---\n"},
            ["note date-missing", "note theme-unknown", "note title-missing", "note value-type"],
            id="in a draft nothing is wrong yet",
        ),
        pytest.param(
            NATIVE | {"content/a.md": "---\ntitle: A\ndate: 2026-04-20\ndraft: maybe\n---\n"},
            ["warning value-invalid"],
            id="but what makes it one",
        ),
        pytest.param(
            NATIVE | {"content/a.md": "---\ntitle: A\x08\ndate: 2026-04-20\n---\n"},
            ["note character-removed"],
            id="an invisible character",
        ),
        pytest.param(
            NATIVE | {"content/a.md": "---\ntitle: A\ndate: 2026-04-20\npassword: x\n---\n"},
            ["note post-protected"],
            id="a post that its author locked",
        ),
    ],
)
def test_what_nobody_has_to_put_right_is_a_note_or_nothing(
    files: dict[str, str], told: list[str], tmp_path: Path
) -> None:
    put(tmp_path, files)

    problems = [one for one in reader.open_blog(tmp_path).read(NOW).problems if one.code not in UNBUILT]

    assert sorted(f"{problem.severity} {problem.code}" for problem in problems) == told
