"""Putting outputs on disk: whole files only, our own files only."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from feeds import reader, syndication
from feeds.build.builder import Builder, build_site
from feeds.build.exclusive import alone
from feeds.build.write import MANIFEST, write
from feeds.cli import main
from feeds.errors import OutputError, Problem, SettingsError
from feeds.model import Output
from tests.support import NOW, ROOT, open_build, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.model import Post
    from feeds.rendered import Lookup


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_file_without_a_source_is_removed_with_its_empty_folders(tmp_path: Path) -> None:
    write([Output("a/b/old.xml", b"old"), Output("new.xml", b"new")], tmp_path)

    report = write([Output("new.xml", b"new")], tmp_path)

    assert report.removed == ("a/b/old.xml",)
    assert names(tmp_path) == [MANIFEST, "new.xml"]
    assert not (tmp_path / "a").exists()


def test_files_of_others_are_never_removed(tmp_path: Path) -> None:
    write([Output("ours.xml", b"ours"), Output("taken.xml", b"ours")], tmp_path)
    (tmp_path / "theirs.html").write_text("theirs")
    (tmp_path / "taken.xml").write_text("somebody else wrote this since")

    report = write([], tmp_path)

    assert report.removed == ("ours.xml",)
    assert names(tmp_path) == [MANIFEST, "taken.xml", "theirs.html"]


def test_a_manifest_cannot_make_us_remove_what_lies_outside(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    out = tmp_path / "out"
    write([Output("a", b"a")], out)
    mark = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # sha256 of x
    (out / MANIFEST).write_text(f"{mark}  ../outside.txt\n{mark}  {outside}\n")

    write([], out)

    assert outside.exists()


def test_an_incomplete_build_keeps_the_last_good_files(tmp_path: Path) -> None:
    write([Output("good.xml", b"good")], tmp_path)

    report = write([Output("new.xml", b"new")], tmp_path, lambda: False)

    assert report.removed == ()
    assert names(tmp_path) == [MANIFEST, "good.xml", "new.xml"]
    assert write([Output("new.xml", b"new")], tmp_path).removed == ("good.xml",)


def test_two_outputs_with_one_path_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="two outputs"):
        write([Output("a", b"1"), Output("a", b"2")], tmp_path)


def test_a_file_in_the_way_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "en").write_text("a file, not a folder")

    with pytest.raises(OutputError, match=r"en.*cannot be written"):
        write([Output("en/atom.xml", b"x")], tmp_path)


def test_a_disk_that_takes_no_more_leaves_the_old_file_whole(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="needs a limit on the size of files")
    write([Output("atom.xml", b"old")], tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"atom\.xml: error: cannot be written: File too large"):
            write([Output("atom.xml", b"new" * 1000)], tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "atom.xml").read_bytes() == b"old"
    assert names(tmp_path) == [MANIFEST, "atom.xml"]


def test_a_link_laid_in_our_way_is_not_followed(tmp_path: Path) -> None:
    out, target = tmp_path / "out", tmp_path / "target"
    out.mkdir()
    target.mkdir()
    (target / "victim").write_text("theirs")
    (out / ".atom.xml.part").symlink_to(target / "victim")
    (out / "rss.xml").symlink_to(target / "victim")

    write([Output("atom.xml", b"ours"), Output("rss.xml", b"ours")], out)
    (out / "en").symlink_to(target)

    with pytest.raises(OutputError, match="leads out of"):
        write([Output("en/atom.xml", b"ours")], out)
    assert names(target) == ["victim"]
    assert (target / "victim").read_text() == "theirs"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(OutputError, match="Permission denied"):
        write([Output("atom.xml", b"new")], tmp_path)


@pytest.mark.parametrize(
    ("template", "text", "problem"),
    [
        ("mail.html", "{{ nothing_of_the_kind }}", (1, "'nothing_of_the_kind' is undefined")),
        ("issue.html", "\n\n{% if %}", (3, "Expected an expression, got 'end of statement block'")),
        ("mail.html", "{% include 'x.css' %}", (0, "template x.css does not exist")),
        (
            "mail.html",
            "\n{{ ''.__class__.__mro__ }}",
            (2, "access to attribute '__class__' of 'str' object is unsafe."),
        ),
        (
            "mail.html",
            "<style>@import url(https://x.example/)</style>",
            (0, "an email cannot import a stylesheet; put its rules in mail.css"),
        ),
        (
            "mail.html",
            "<style>@\\69mport url(https://x.example/)</style>",
            (0, "an email cannot import a stylesheet; put its rules in mail.css"),
        ),
        (
            "mail.html",
            "<link href=/etc/passwd rel=stylesheet>",
            (0, "an email cannot import a stylesheet; put its rules in mail.css"),
        ),
        ("words.toml", "[en]\nx = ", (2, "not valid TOML: invalid value; put text in quotes")),
    ],
)
def test_a_template_error_costs_what_it_makes_and_nothing_else(
    site_folder: Path, template: str, text: str, problem: tuple[int, str]
) -> None:
    (site_folder / "templates").mkdir()
    (site_folder / "templates" / template).write_text(text)
    build = open_build(site_folder)

    paths = {output.path for output in build.outputs()}

    found = {item for item in build.problems if item.path.startswith("templates/")}
    assert found == {
        Problem(
            f"templates/{template}", *problem, code="toml-invalid" if template.endswith(".toml") else "template-invalid"
        )
    }
    assert {"atom.xml", "en/rss.xml", "zh/systems/feed.json", "feeds.opml"} <= paths


def test_a_template_that_is_a_link_out_of_the_site_is_not_read(site_folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (site_folder / "templates").mkdir()
    (site_folder / "templates" / "page.css").symlink_to(secret)
    build = open_build(site_folder)

    pages = [output.data for output in build.outputs() if output.path.endswith(".html")]

    assert not any(b"secret" in page for page in pages)


def test_words_that_are_a_link_out_of_the_site_are_not_read(site_folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.toml"
    secret.write_text('[en]\npreheader = "SECRET"\n')
    (site_folder / "templates").mkdir()
    (site_folder / "templates/words.toml").symlink_to(secret)
    build = open_build(site_folder)

    made = b"".join(output.data for output in build.outputs())

    assert b"SECRET" not in made
    assert (
        Problem(
            "templates/words.toml",
            0,
            "is a link that leads out of the site; copy the file instead",
            code="file-unreadable",
        )
        in build.problems
    )


def test_a_templates_folder_that_is_a_link_out_of_the_site_is_not_read(site_folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "page.css").write_text("SECRET")
    (site_folder / "templates").symlink_to(outside)
    build = open_build(site_folder)

    made = b"".join(output.data for output in build.outputs())

    assert b"SECRET" not in made
    wrong = "is a link that leads out of the site; copy the folder instead"
    assert Problem("templates", 0, wrong, code="file-unreadable") in build.problems


@pytest.mark.parametrize(
    "rule", ['@import url("{}");', '@\\import url("{}");', '@imp\\ort "{}";', "@\\69 mport url({});"]
)
def test_no_spelling_of_import_reaches_a_file_or_the_network(site_folder: Path, tmp_path: Path, rule: str) -> None:
    style = tmp_path / "style.css"
    style.write_text("p { color: #123456 }")
    (site_folder / "templates").mkdir()
    (site_folder / "templates/mail.css").write_text(rule.format(style.as_uri()))
    build = open_build(site_folder)

    paths = {output.path for output in build.outputs()}

    assert "en/digest/2026-W17/mail.html" not in paths
    assert any("cannot" in problem.message for problem in build.problems if problem.path == "templates/mail.html")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("mail.html", b"", "is empty"),
        ("issue.html", b"caf\xe9", "is not UTF-8 text; save it as UTF-8"),
        ("words.toml", b"[en]\nx = 'caf\xe9'", "is not UTF-8 text; save it as UTF-8"),
        ("words.toml", b"[en]\nx = " + b"[" * 3000, "is nested too deeply; use fewer levels"),
        ("words.toml", b"[en]\nx = " + b"9" * 5000, "not valid TOML: a number is too long"),
        ("issue.html", b"{{ " + b"(" * 20000 + b" }}", "is nested too deeply: "),
        ("words.toml", b'[en]\nday = "HH:mm"', '"HH:mm" is not a pattern of a day'),
        ("words.toml", b'[en]\nsince_in_month = "ccccccc"', '"ccccccc" is not a pattern of a day'),
        ("words.toml", b"[en]\nsince_in_month = '''HH\n'''", '"HH\n" is not a pattern of a day'),
        ("issues.html", b"{{ date(1, 'HH') }}", "AssertionError"),
        (
            "mail.txt",
            b"{{ date(issue.sections[0].reviews[0].date, 'ccccccc') }}",
            '"ccccccc" is not a pattern of a day',
        ),
        ("mail.txt", b"{{ 10**5000 }}", "cannot be compiled: Exceeds the limit"),
        ("mail.txt", b"{% set x = 10**5000 %}{{ x }}", "cannot be compiled: Exceeds the limit"),
        ("mail.txt", b"{% for x in [5000] %}{{ 10**x }}{% endfor %}", "Exceeds the limit"),
        ("mail.txt", b'{{ "\\ud800" }}', "writes U+D800, which is half of a character; remove it"),
        ("issues.html", b'{{ "\\udfff" }}', "writes U+DFFF, which is half of a character; remove it"),
        ("subscribe.html", b"{% macro x() %}{{ x() }}{% endmacro %}{{ x() }}", "maximum recursion depth exceeded"),
    ],
)
def test_an_odd_template_is_a_problem_and_no_traceback(site_folder: Path, name: str, data: bytes, message: str) -> None:
    (site_folder / "templates").mkdir()
    (site_folder / "templates" / name).write_bytes(data)
    build = open_build(site_folder)

    paths = {output.path for output in build.outputs()}

    found = [problem.message for problem in build.problems if problem.path == f"templates/{name}"]
    assert [text for text in found if not text.startswith(message)] == []
    assert found
    assert "en/atom.xml" in paths


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("mail.css", "p { color: rgb(1, 2) }"),
        ("mail.css", "a" + " a" * 3000 + " { color: red }"),
        ("mail.css", "@media screen { @media print { p { color: red } } }"),
        ("mail.css", "p { width: " + "(" * 3000 + "}"),
        ("mail.css", "p { z-index: " + "9" * 5000 + " }"),
        ("mail.css", "@namespace x url(y); x|p { color: red }"),
        ("mail.css", "é" * 300 + " { color: red }"),
        ("mail.head.css", "p { z-index: " + "9" * 5000 + " }"),
        ("mail.head.css", "p { width: " + "(" * 3000 + "}"),
        ("mail.head.css", "@media screen {" * 3000),
    ],
)
def test_no_css_is_a_traceback(site_folder: Path, name: str, rule: str) -> None:
    (site_folder / "templates").mkdir()
    (site_folder / "templates" / name).write_text(rule)
    build = open_build(site_folder)

    made = {output.path for output in build.outputs()}

    said = {problem.message for problem in build.problems if problem.path.startswith("templates/mail")}
    assert "en/atom.xml" in made
    assert "en/digest/2026-W17/mail.eml" in made or any("cannot be" in message for message in said)


def test_every_word_is_there_in_every_language_we_have() -> None:
    """At run time English stands in for a word that is missing, and nobody notices."""
    tables = tomllib.loads((ROOT / "templates/words.toml").read_text(encoding="utf-8"))

    assert len(tables) > 1
    assert {tag: missing for tag, words in tables.items() if (missing := tables["en"].keys() - words.keys())} == {}


def test_a_language_without_words_is_said_once(site_folder: Path) -> None:
    settings = site_folder / "feeds.toml"
    text = settings.read_text().replace("[languages.zh]", "[languages.fr]\n[languages.zh]")
    settings.write_text(text.replace('{ en = "', '{ fr = "f <f@example.org>", en = "'))
    (site_folder / "content/fr").mkdir()
    (site_folder / "content/fr/a.md").write_text("---\ntitle: Une\ndate: 2026-04-20\n---\nTexte.\n")
    build = open_build(site_folder)
    list(build.outputs())

    assert [problem.message for problem in build.problems if problem.path.startswith("templates")] == [
        "has no words for language fr, so English is used; add a table [fr] to your own words.toml"
    ]


def test_a_failed_write_is_remembered_and_cleaned_up_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "b.xml").mkdir()

    with pytest.raises(OutputError):
        write([Output("a.xml", b"a"), Output("b.xml", b"b")], tmp_path)
    report = write([], tmp_path)

    assert report.removed == ("a.xml",)


def test_what_gets_past_the_search_is_not_fetched_either(tmp_path: Path) -> None:
    """cssutils reads the file when nobody stops it; it keeps our refusal to itself and goes on without."""
    import cssutils

    import feeds.digest.inline  # noqa: F401  # its import is what stops it

    style = tmp_path / "style.css"
    style.write_text("p { color: #123456 }")
    rule = cssutils.parseString(f'@import url("{style.as_uri()}");').cssRules[0]

    assert (rule.hrefFound, rule.styleSheet.cssText) == (False, b"")


def test_a_feed_that_is_itself_wrong_is_not_written_and_the_last_good_one_stays(
    site_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = CliRunner()
    assert run.invoke(main, ["build", str(site_folder), "--now", "2026-05-01"]).exit_code == 0
    before = (site_folder / "public/en/atom.xml").read_bytes()
    monkeypatch.setitem(
        syndication.FORMATS, "atom", lambda *given: syndication.xml.atom(*given).replace(b"<updated>", b"<updated>x", 1)
    )

    result = run.invoke(main, ["build", str(site_folder), "--now", "2026-05-02", "--no-cache"])

    assert result.exit_code == 1
    assert "en/atom.xml: error: <updated>" in result.stderr
    assert "RFC 4287" in result.stderr
    assert (site_folder / "public/en/atom.xml").read_bytes() == before


def test_a_list_of_outputs_that_a_commit_brought_removes_nothing_hidden(site_folder: Path) -> None:
    secret = site_folder / "public/.git/HEAD"
    secret.parent.mkdir(parents=True)
    secret.write_bytes(b"ref: refs/heads/main\n")
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    names = (".git/HEAD", "./.git/HEAD", "en/../.git/HEAD", "a//.git/HEAD")
    (site_folder / "public" / MANIFEST).write_text("".join(f"{digest}  {name}\n" for name in names))

    build_site(site_folder, NOW)

    assert secret.exists()


@pytest.mark.parametrize("name", [".", ".git", ".git/x", "a/.b", "content", "content/en", "templates"])
@pytest.mark.parametrize("by", ["settings", "link"])
def test_outputs_go_into_a_folder_of_their_own(site_folder: Path, name: str, by: str) -> None:
    (site_folder / name).mkdir(parents=True, exist_ok=True)
    if by == "link":
        (site_folder / "public").symlink_to(site_folder / name)
    else:
        settings = site_folder / "feeds.toml"
        settings.write_text(f'output = "{name}"\n{settings.read_text()}')
    before = tree(site_folder)

    with pytest.raises((OutputError, SettingsError)):
        build_site(site_folder, NOW)

    assert tree(site_folder) == before


def test_a_killed_build_leaves_no_file_that_nobody_knows(tmp_path: Path) -> None:
    """A build that dies after a file: what it wrote is listed, so a later build removes it."""

    def dying() -> Iterator[Output]:
        yield Output("kept.xml", b"new")
        yield Output("en/gone.xml", b"secret")
        os._exit(1)

    write([Output("kept.xml", b"old")], tmp_path)
    if not (child := os.fork()):
        write(dying(), tmp_path)
    os.waitpid(child, 0)
    assert (tmp_path / "en/gone.xml").read_bytes() == b"secret"
    assert (tmp_path / "kept.xml").read_bytes() == b"new"

    report = write([], tmp_path)

    assert report.removed == ("en/gone.xml", "kept.xml")
    assert names(tmp_path) == [MANIFEST]


def test_what_a_killed_build_had_half_written_is_removed_by_the_next_and_nothing_else(tmp_path: Path) -> None:
    write([Output("en/atom.xml", b"old")], tmp_path)
    half, theirs = tmp_path / "en/.atom.xml.0123456789abcdef.part", tmp_path / "en/.theirs.part"
    for path in (half, theirs):
        path.write_bytes(b"half")
    write([Output("en/atom.xml", b"old")], tmp_path)
    assert half.exists()  # nobody was killed: it may be another build's

    with (tmp_path / MANIFEST).open("a") as manifest:
        manifest.write("# a build is writing, or was killed: see the lines at the end\n")
    write([Output("en/atom.xml", b"old")], tmp_path)

    assert names(tmp_path) == [MANIFEST, "en/.theirs.part", "en/atom.xml"]
    assert "#" not in (tmp_path / MANIFEST).read_text()


def test_a_manifest_that_cannot_be_read_is_told_and_left_alone(tmp_path: Path) -> None:
    write([Output("old.xml", b"old")], tmp_path)
    (tmp_path / MANIFEST).rename(tmp_path / "manifest")
    (tmp_path / MANIFEST).mkdir()

    report = write([Output("new.xml", b"new")], tmp_path)

    assert [problem.path for problem in report.problems] == [str(tmp_path / MANIFEST)]
    assert (tmp_path / "old.xml").exists()
    assert (tmp_path / MANIFEST).is_dir()


@pytest.mark.parametrize("name", ["a\0b", "", "x\ud800"])
def test_a_line_of_the_manifest_that_is_no_path_is_not_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / MANIFEST).write_bytes(f"{'0' * 64}  {name}\n".encode("utf-8", "surrogatepass"))

    assert write([Output("new.xml", b"new")], tmp_path).written == ("new.xml",)


def test_the_lock_is_written_before_any_output(site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.build.write.write", lambda *_: pytest.fail("killed"))

    with pytest.raises(pytest.fail.Exception):
        build_site(site_folder, NOW)

    assert "content/en/" in (site_folder / "feeds.lock").read_text()


def test_of_two_builds_of_a_site_the_second_waits_and_says_so(site_folder: Path) -> None:
    waited: list[str] = []

    def waiting() -> None:
        waited.append("waits")
        held.release()

    held = threading.Semaphore(0)
    inside = threading.Event()

    def hold() -> None:
        with alone(site_folder, lambda: None):
            inside.set()
            held.acquire(timeout=60)

    other = threading.Thread(target=hold)
    other.start()
    inside.wait(60)
    result = Builder(root=site_folder, waiting=waiting).build(lambda _: NOW)
    other.join()

    assert waited == ["waits"]
    assert result.report.written


def test_builds_of_a_site_at_the_same_time_lose_no_id_and_no_file(site_folder: Path, tmp_path: Path) -> None:
    def build(out: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "feeds", "build", str(site_folder), "--now", "2026-05-01", "--out", str(out)]
        return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)

    outs = [tmp_path / "out", tmp_path / "out", tmp_path / "other"]
    ends = [(one.communicate()[1], one.returncode) for one in [build(out) for out in outs]]

    assert [code for _, code in ends] == [0, 0, 0], ends
    assert any(b"another build" in said for said, _ in ends)
    assert tree(tmp_path / "out") == tree(tmp_path / "other")
    locked = (site_folder / "feeds.lock").read_text()
    assert all(post.path in locked for post in reader.open_blog(site_folder).read(NOW).posts)


@pytest.mark.parametrize("what", ["removed", "emptied", "replaced"])
@pytest.mark.parametrize("cache", [True, False])
def test_a_post_that_changes_while_it_is_read_is_read_again(
    site_folder: Path, monkeypatch: pytest.MonkeyPatch, what: str, cache: bool
) -> None:
    [post, *_] = reader.open_blog(site_folder).read(NOW).posts
    file, real = site_folder / post.path, reader.Blog.markdown

    def racing(blog: reader.Blog, post: Post, lookup: Lookup) -> tuple[str, list[Problem]]:
        if post.path == file.relative_to(site_folder).as_posix() and not changed:
            changed.append(what)
            if what == "removed":
                file.unlink()
            else:
                file.write_text("" if what == "emptied" else "---\ntitle: New\ndate: 2026-04-30\n---\n\nNew text.\n")
        return real(blog, post, lookup)

    changed: list[str] = []
    monkeypatch.setattr(reader.Blog, "markdown", racing)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})

    result = Builder(root=site_folder, cache=cache).build(lambda _: NOW)

    shown = json.loads((site_folder / "public/feed.json").read_bytes())["items"]
    assert all(item["content_html"] for item in shown)
    assert ("New" in {item["title"] for item in shown}) is (what == "replaced")
    assert post.title not in {item["title"] for item in shown}
    assert any(problem.path == post.path for problem in result.problems) is (what == "emptied")


def test_a_post_that_never_stops_changing_costs_what_shows_it(
    site_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_site(site_folder, NOW)
    before = tree(site_folder / "public")
    [post, *_] = reader.open_blog(site_folder).read(NOW).posts
    real = reader.Blog.markdown

    def racing(blog: reader.Blog, post: Post, lookup: Lookup) -> tuple[str, list[Problem]]:
        with (site_folder / post.path).open("a") as file:
            file.write("More.\n")
        return real(blog, post, lookup)

    monkeypatch.setattr(reader.Blog, "markdown", racing)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})

    result = build_site(site_folder, NOW, cache=False)

    assert f"{post.path}: error: changed while it was read; save it and build again [post-changed]" in map(
        str, result.problems
    )
    assert tree(site_folder / "public") == before


def test_outputs_do_not_go_among_the_posts_of_a_generator(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("title: T\nurl: https://example.org\n")
    (tmp_path / "_posts").mkdir()
    (tmp_path / "feeds.toml").write_text('output = "_posts/out"\n')

    with pytest.raises(OutputError, match="holds the site's sources"):
        build_site(tmp_path, NOW)
