"""What may be read: every reader of a file or folder, against everything that may lie or lead there."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import paths
from feeds.cli import main
from feeds.errors import Unreadable

resource = pytest.importorskip("resource", reason="links and pipes of Unix")

FEW = """
[feeds]
formats = ["atom"]
archive = 0
pages = false
[digest]
enabled = false
"""
SETTINGS = f"""
title = "WORD"
url = "https://example.org/"
{FEW}
"""
POST = "---\ntitle: WORD\ndate: 2026-04-20\n---\n\nWORD.\n"
OTHER = "---\ntitle: Good\ndate: 2026-04-19\nslug: good\n---\n\nGood.\n"
NATIVE = {"feeds.toml": SETTINGS, "content/good.md": OTHER}
WITH_PAGES = NATIVE | {"feeds.toml": SETTINGS.replace("pages = false", "")}
JEKYLL = {
    "feeds.toml": FEW,
    "_config.yml": "title: WORD\nurl: https://example.org\n",
    "_posts/2026-04-19-good.md": OTHER,
}
HUGO = {"feeds.toml": FEW, "hugo.toml": 'title = "WORD"\nbaseURL = "https://example.org/"\n', "content/good.md": OTHER}
HEXO = {
    "feeds.toml": FEW,
    "_config.yml": "title: WORD\nurl: https://example.org\ntimezone: UTC\n",
    "source/_posts/good.md": OTHER,
}
LAYERED = {"feeds.toml": FEW, "config/_default/hugo.toml": HUGO["hugo.toml"], "content/good.md": OTHER}
PICTURED = POST.replace("date", "image: x.png\ndate")
LOCK = "content/good.md\ttag:example.org,2026-04-19:WORD\ten\tgood\tgood\t0123456789abcdef\n"


class Reader(NamedTuple):
    """A file that is read: the site it is read in, what stands in it, and how a message about it reads."""

    path: str
    site: dict[str, str]
    text: str
    told: str = "{path}: error: {message} [file-unreadable]"
    builds: bool = True
    most: int = paths.MOST
    root: str = "."


READERS = {
    "settings": Reader("feeds.toml", NATIVE, SETTINGS, builds=False),
    "post": Reader("content/post.md", NATIVE, POST),
    "lock": Reader(
        "feeds.lock",
        NATIVE,
        LOCK,
        "{path}: error: {message}; until then, a renamed post is a new one to readers [file-unreadable]",
        most=paths.RECORD,
    ),
    "manifest": Reader(
        "public/.feeds-outputs",
        NATIVE,
        "",
        "{site}/{path}: warning: {reason}; remove it; until then, files from earlier builds are not removed"
        " [file-unreadable]",
        most=paths.RECORD,
        root="public",
    ),
    "template": Reader("templates/page.css", WITH_PAGES, "p { color: WORD }"),
    "words": Reader("templates/words.toml", WITH_PAGES, '[en]\nsubscribe_title = "WORD"\n'),
    "Jekyll's configuration": Reader("_config.yml", JEKYLL, JEKYLL["_config.yml"], builds=False),
    "Jekyll's post": Reader("_posts/2026-04-20-post.md", JEKYLL, POST),
    "Jekyll's post without a head": Reader("_posts/2026-04-20-post.md", JEKYLL, "WORD\n"),
    "Jekyll's host": Reader(
        "CNAME",
        JEKYLL | {"_config.yml": "title: T\n"},
        "word.example",
        "{path}: warning: {message} [file-unreadable]",
        builds=False,
    ),
    "Jekyll's include": Reader(
        "_includes/part.md",
        JEKYLL | {"_posts/2026-04-20-post.md": POST + "{% include part.md %}\n"},
        "WORD",
        "_posts/2026-04-20-post.md:7: warning: includes `part.md`, which {message} [include-missing]",
    ),
    "Jekyll's file beside": Reader(
        "_posts/part.md",
        JEKYLL | {"_posts/2026-04-20-post.md": POST + "{% include_relative part.md %}\n"},
        "WORD",
        "_posts/2026-04-20-post.md:7: warning: includes `part.md`, which {message} [include-missing]",
    ),
    "Hugo's configuration": Reader("hugo.toml", HUGO, HUGO["hugo.toml"], builds=False),
    "Hugo's layered configuration": Reader(
        "config/_default/hugo.toml", LAYERED, LAYERED["config/_default/hugo.toml"], builds=False
    ),
    "Hugo's configuration of production": Reader(
        "config/production/params.toml", LAYERED, 'description = "WORD"', builds=False
    ),
    "Hugo's section": Reader("content/_index.md", HUGO, "---\ncascade:\n  title: WORD\n---\n"),
    "Hexo's configuration": Reader("_config.yml", HEXO, HEXO["_config.yml"], builds=False),
    "Hexo's post": Reader("source/_posts/post.md", HEXO, POST),
}

OUT = ("is a link that leads out of the site", "copy the file instead")
HIDDEN = ("is a link to a hidden file", "remove the link")
IRREGULAR = ("is not a regular file", "remove it")


class Target(NamedTuple):
    """What is put in place of a file, and what is said of it."""

    make: Callable[[Path, Path, Reader], None]
    reason: str
    remedy: str = ""


def _link(to: str) -> Callable[[Path, Path, Reader], None]:
    def make(site: Path, place: Path, reader: Reader) -> None:
        target = site / reader.root / to
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(secret(reader))
        place.symlink_to(os.path.relpath(target, place.parent))

    return make


def _chain(site: Path, place: Path, reader: Reader) -> None:
    _link("../secret")(site, site / "between", reader)
    place.symlink_to(site / "between")


def _through(site: Path, place: Path, reader: Reader) -> None:
    (site / "../folder").mkdir()
    (site / "../folder/secret").write_text(secret(reader))
    (site / "between").symlink_to("../folder")
    place.symlink_to(site / "between/secret")


def _socket(_: Path, place: Path, __: Reader) -> None:
    here = Path.cwd()
    os.chdir(place.parent)  # the path of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(here)


def _large(_: Path, place: Path, reader: Reader) -> None:
    place.write_text(secret(reader))
    os.truncate(place, reader.most + 1)


def _denied(_: Path, place: Path, reader: Reader) -> None:
    place.write_text(secret(reader))
    place.chmod(0)


TARGETS = {
    "a link out": Target(_link("../secret"), *OUT),
    "a link to git's own": Target(_link(".git/config"), *HIDDEN),
    "a link to zeros without end": Target(lambda _, place, __: place.symlink_to("/dev/zero"), *OUT),
    "a link to itself": Target(
        lambda _, place, __: place.symlink_to(place), "cannot be read: Too many levels of symbolic links"
    ),
    "a link to nothing": Target(
        lambda _, place, __: place.symlink_to("nowhere"), "cannot be read: No such file or directory"
    ),
    "a pipe": Target(lambda _, place, __: os.mkfifo(place), *IRREGULAR),
    "a folder": Target(lambda _, place, __: place.mkdir(), "is a folder, not a file", "rename it"),
    "too much": Target(_large, "is larger than {most} MB", "make it smaller"),
    "what may not be read": Target(_denied, "cannot be read: Permission denied"),
}
MORE = {
    "a link to a link out": Target(_chain, *OUT),
    "a link through a folder that leads out": Target(_through, *OUT),
    "a link to a terminal": Target(lambda _, place, __: place.symlink_to("/dev/tty"), *OUT),
    "a link to hidden words": Target(_link(".env"), *HIDDEN),
    "a link to a hidden folder deep down": Target(_link("elsewhere/.hidden/x/secret"), *HIDDEN),
    "a socket": Target(_socket, *IRREGULAR),
}
CASES = {
    f"{reader}: {target}": (READERS[reader], (TARGETS | MORE)[target])
    for reader in READERS
    for target in (*TARGETS, *(MORE if reader in ("settings", "post", "Jekyll's include") else ()))
}

FOLDERS = {
    "posts": Reader("content", NATIVE, ""),
    "a language": Reader("content/en", NATIVE, ""),
    "templates": Reader("templates", WITH_PAGES, ""),
    "Hugo's configuration": Reader(
        "config", LAYERED, "", "config/_default: error: {message} [file-unreadable]", builds=False
    ),
    "Hugo's layer": Reader("config/_default", LAYERED, "", builds=False),
    "Hugo's production": Reader("config/production", LAYERED, "", builds=False),
    "Hugo's posts": Reader("content", HUGO, ""),
    "Jekyll's posts": Reader("_posts", JEKYLL, ""),
    "Jekyll's source": Reader(
        "src", JEKYLL | {"_config.yml": JEKYLL["_config.yml"] + "source: src\n"}, "", builds=False
    ),
    "Hexo's posts": Reader("source/_posts", HEXO, ""),
    "Hexo's source": Reader("source", HEXO, "", "source/_posts: error: {message} [file-unreadable]"),
}


def secret(reader: Reader) -> str:
    return reader.text.replace("WORD", "SECRET").replace("word", "secret")


def put(site: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text.replace("WORD", "word"))


def build(site: Path) -> Result:
    """A build; what is neither done nor told is raised."""
    result = CliRunner().invoke(main, ["build", str(site), "--now", "2026-05-01"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def published(site: Path) -> str:
    files = sorted(path for path in (site / "public").rglob("*") if path.is_file() and not path.is_symlink())
    files += sorted((site / "_site").rglob("*.xml"))
    return "".join(path.read_text(errors="replace") for path in files if path.name != ".feeds-outputs")


@pytest.fixture(autouse=True)
def _ends() -> Iterator[None]:
    """Whoever waits for a pipe, or reads zeros without end, fails instead."""

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, limits[1]))
    signal.alarm(60)
    yield
    signal.alarm(0)
    resource.setrlimit(resource.RLIMIT_AS, limits)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


@pytest.mark.parametrize(("reader", "target"), CASES.values(), ids=CASES)
def test_what_must_not_be_read_is_told_and_costs_itself_alone(site: Path, reader: Reader, target: Target) -> None:
    if target.make is _denied and os.geteuid() == 0:
        pytest.skip("root may read every file")
    if target.reason.startswith("is a folder") and reader.path.startswith(("content/", "_posts/2", "source/")):
        pytest.skip("a folder of posts, whatever its name")
    put(site, reader.site)
    place = site / reader.path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    target.make(site, place, reader)

    result = build(site)

    reason = target.reason.format(most=reader.most >> 20)
    if reader.root != ".":
        reason = reason.replace("the site", "the output folder")
    message = f"{reason}; {target.remedy}" if target.remedy else reason
    told = reader.told.format(path=reader.path, site=site, reason=reason, message=message)
    assert told in result.stderr.splitlines()
    assert result.exit_code == (": error: " in result.stderr)
    made = published(site)
    assert "SECRET" not in (made + result.stderr + result.stdout).upper()
    assert ("Good" in made) == reader.builds


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_link_to_another_file_of_the_site_is_followed(site: Path, reader: Reader) -> None:
    put(site, reader.site)
    place = site / reader.path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    _link("elsewhere/file")(site, place, reader)

    result = build(site)

    assert "link" not in result.stderr
    assert result.exit_code == 0
    assert "Good" in published(site)
    if reader.path != "public/.feeds-outputs" and "_index" not in reader.path:
        assert "SECRET" in (published(site) + (site / "feeds.lock").read_text()).upper()


@pytest.mark.parametrize("hidden", [False, True], ids=["out", "hidden"])
@pytest.mark.parametrize("reader", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_leads_to_what_must_not_be_read_is_told_and_not_looked_into(
    site: Path, reader: Reader, hidden: bool
) -> None:
    put(site, NATIVE | {"content/de/x.md": OTHER} if reader.path.startswith("content/") else reader.site)
    place, target = site / reader.path, (site / ".git" if hidden else site / "../outside")
    target.mkdir()
    if place.exists():
        for file in [*place.iterdir()]:
            shutil.move(file, target)
        place.rmdir()
    for path in ("_posts/2026-04-20-x.md", "2026-04-20-x.md", "page.css", "_default/params.toml", "params.toml"):
        (target / path).parent.mkdir(exist_ok=True)
        (target / path).write_text(POST.replace("WORD", "SECRET") if path.endswith(".md") else 'x = "SECRET"')
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(target)

    result = build(site)

    message = (
        "is a link to a hidden folder; remove the link"
        if hidden
        else "is a link that leads out of the site; copy the folder instead"
    )
    assert reader.told.format(path=reader.path, message=message) in result.stderr.splitlines()
    assert result.exit_code == 1
    assert "SECRET" not in published(site) + result.stderr + result.stdout


def test_a_site_may_lie_in_a_hidden_folder_and_be_reached_by_a_link(tmp_path: Path) -> None:
    put(tmp_path / ".blog/site", WITH_PAGES | {"templates/page.css": "p { margin: 1px }"})
    (tmp_path / "link").symlink_to(".blog/site")

    for site in (tmp_path / ".blog/site", tmp_path / "link"):
        result = build(site)

        assert (result.exit_code, result.stderr) == (0, "")
        assert "Good" in published(site)


def test_what_is_hidden_is_not_read_by_its_name_either(site: Path) -> None:
    put(site, NATIVE | {".posts/good.md": OTHER, "feeds.toml": f'{SETTINGS}[content]\ndir = ".posts"\n'})

    result = build(site)

    message = "is hidden; rename it, so that no part of its path begins with a dot"
    assert result.stderr.splitlines() == [f".posts: error: {message} [file-unreadable]"]


@pytest.mark.parametrize("size", [paths.MOST + 1, None], ids=["too much", "a pipe"])
def test_a_picture_that_must_not_be_read_has_no_size_and_is_told(site: Path, size: int | None) -> None:
    put(site, NATIVE | {"content/post.md": PICTURED, "content/post/y.png": ""})
    picture = site / "content/post/x.png"
    if size:
        picture.write_bytes(b"")
        os.truncate(picture, size)
    else:
        os.mkfifo(picture)

    result = build(site)

    message = "is larger than 16 MB; make it smaller" if size else "is not a regular file; remove it"
    assert result.stderr.splitlines() == [f"content/post/x.png: warning: {message} [file-unreadable]"]
    assert "post/x.png" in published(site)


def test_a_lock_that_cannot_be_read_is_left_as_it_is(site: Path) -> None:
    put(site, NATIVE)
    (site / "../lock").write_text(LOCK)
    (site / "feeds.lock").symlink_to("../lock")

    build(site)

    assert (site / "feeds.lock").is_symlink()
    assert (site / "../lock").read_text() == LOCK


def test_a_file_that_grows_while_it_is_read_is_read_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * 90_000)
    with paths.opened(tmp_path, "log", most=100_000) as file:
        assert file.read(10) == b"x" * 10
        with (tmp_path / "log").open("ab") as log:
            log.write(b"y" * 10_000)
        assert len(file.readall()) == 99_990

    with paths.opened(tmp_path, "log", most=100_000) as file:
        with (tmp_path / "log").open("ab") as log:
            log.write(b"z")
        with pytest.raises(Unreadable, match="is larger than"):
            file.readall()


@pytest.mark.parametrize("path", ["../outside", "a/../../outside", "a\0b", "x" * 300, "\ud800"])
def test_an_impossible_path_is_not_read(site: Path, path: str) -> None:
    (site / "../outside").write_text("SECRET")
    (site / "a").mkdir()

    with pytest.raises(Unreadable):
        paths.read(site, path)
    with pytest.raises(Unreadable):
        paths.entries(site, path)


NAMES = ("a", "b", ".h")
PLACES = [*NAMES, *(f"{x}/{y}" for x in NAMES for y in NAMES), *(f"a/{x}/{y}" for x in NAMES for y in NAMES)]
WAYS = st.sampled_from([*PLACES, "..", "../outside", "../outside/a", ".", "nowhere"])


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.none() | WAYS, st.booleans()), max_size=12))
def test_a_file_is_read_just_when_its_real_path_lies_in_the_root_without_a_hidden_part(
    made: list[tuple[str, str | None, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, ".hidden", "root")
        root.mkdir(parents=True)
        (root / "../outside").mkdir()
        (root / "../outside/a").write_text("outside")
        for place, way, whole in made:
            with suppress(OSError):  # something is in the way
                if way is None:
                    (root / place).parent.mkdir(parents=True, exist_ok=True)
                    (root / place).write_text(place)
                else:
                    target = str(root / way) if whole else os.path.relpath(root / way, (root / place).parent)
                    (root / place).symlink_to(target)
        for place in PLACES:
            try:
                real = (root / place).resolve(strict=True)
                below = real.relative_to(root.resolve()).parts
                kind = "hidden" if any(part[0] == "." for part in below) else "file" if real.is_file() else "folder"
            except (OSError, RuntimeError, ValueError):
                kind = "none"
            try:
                assert (paths.read(root, place), "file") == (real.read_bytes(), kind)
            except Unreadable:
                assert kind != "file"
            try:
                assert ({entry.name for entry in paths.entries(root, place)}, "folder") == (set(os.listdir(real)), kind)
            except Unreadable:
                assert kind != "folder"


def test_a_folder_config_that_is_not_hugos_is_let_alone(site: Path) -> None:
    put(site, JEKYLL)
    put(site / "..", {"settings/other.toml": "x = 1"})
    (site / "config").symlink_to("../settings")

    result = build(site)

    assert result.exit_code == 0
    assert "settings" not in result.stderr
    assert "config/" not in result.stderr
