"""A build with the cache says and writes what a build without it does, whatever happened in between.

Two copies of a site go through the same changes; one loses its cache before every build. FEEDS_CACHE_MINUTES=10 makes
the test go on for that long.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import sqlite3
import struct
import sys
import time
from collections.abc import Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, cast, get_args, get_origin, get_type_hints

import pytest
from click.testing import CliRunner

from feeds import __main__ as program
from feeds import cli, model
from feeds.build.builder import Builder
from feeds.build.cache import fingerprint, incremental, uptodate
from feeds.build.cache.store import _sum, dumps
from feeds.model import Image, Language, Post
from tests import support
from tests.support import HERE, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WHEN = datetime(2026, 4, 20, 9, 30, 15, tzinfo=timezone(timedelta(hours=5, minutes=30)))
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
            shutil.rmtree(self.cache, ignore_errors=True)
        code, said = run(self.root, now)
        return code, said.replace(str(self.root), "SITE"), tree(self.root / "public") | tree(self.root / "_site")

    @property
    def cache(self) -> Path:
        return cache_of(self.root)

    def markdown(self) -> list[Path]:
        """The posts of a generator's blog, and what they include."""
        return sorted(path for path in self.root.rglob("*.md") if path.is_file())

    def posts(self) -> list[Path]:
        return sorted(self.root.glob("content/*/*.md"))


def cache_of(root: Path) -> Path:
    return Path(uptodate.place(str(root)))


def first_run(root: Path) -> tuple[int, str]:
    """A build of a site that has been there for a moment: of files that are just being changed, nothing is kept."""
    time.sleep(0.01)
    return run(root, "1777000000")


def run(root: Path, now: str) -> tuple[int, str]:
    """`feeds build` as the program does it, with all it has to say."""
    said = StringIO()
    os.environ["SOURCE_DATE_EPOCH"] = now
    with redirect_stdout(said), redirect_stderr(said):
        code = program._nothing_to_do(["build", "--verbose", str(root)])
    if code is not None:
        return code, said.getvalue()
    result = CliRunner().invoke(cli.main, ["build", "--verbose", str(root)])
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
    name, places, ending = (
        chance.choice([uptodate.DATABASE, uptodate.STATE]),
        [chance.random() for _ in range(9)],
        chance.random(),
    )
    path = twin.cache / name
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
    place, spare = twin.cache, twin.root.with_name(f"{twin.root.name}-cache")
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


def hold_few_texts(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    defaults = Builder.__init__.__kwdefaults__
    assert defaults
    monkeypatch.setitem(defaults, "texts", most)


def strain(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Have a small site built as a large one is, in two runs of three: by two processes, with few texts in memory."""
    large = seed % 3
    hold_few_texts(monkeypatch, 2 if large else 200)
    monkeypatch.setattr("feeds.build.parallel._FEW", 1 if large else 8)
    monkeypatch.setattr("feeds.reader._BUNDLE", 1 if large else 64)


def go_through(
    folder: Path,
    seed: int,
    site: Path = HERE / "site",
    changes: Sequence[Callable[[Twin, random.Random], None]] = CHANGES,
) -> None:
    """Some changes and builds, and what came of them."""
    chance = random.Random(seed)
    twins = [
        Twin(Path(shutil.copytree(site, folder / f"{seed}-{name}")), name == "cached") for name in ("cached", "plain")
    ]
    now = 1_777_000_000  # April 2026
    history = []
    for _ in range(STEPS):
        for _ in range(chance.choice([0, 1, 1, 2])):
            change, mark = chance.choice(changes), chance.random()
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


ASKS = (
    "{% post_link other %}",
    "{% post_url 2026-04-19-other %}",
    '{{< ref "other.md" >}}',
    "{% include words.md %}",
    "{% include_relative snippets/near.md %}",
    "{% link about.md %}",
    "{% asset_img tree.png %}",
    "![tree](tree.png)",
    '{{< param "subtitle" >}}',
    "{{ site.title }}",
    "{% for one in site.data.people %}{{ one.name }}{% endfor %}",
    "{{ site.data.deep.people.size }}",
    "{% for post in site.posts %}{{ post.title }} {{ post.date }}{% endfor %}",
    '{% include image.html src="/a.png" %}',
    "[other](other.md)",
)
"""What texts ask of their blog: of each dialect some, to the others they are text."""
LINES = ("title: Another", "date: 2026-04-23", "expirydate: 2026-05-20", "publishdate: 2026-05-01", "draft: true")


def ask(twin: Twin, chance: random.Random) -> None:
    path = chance.choice(twin.markdown())
    path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{chance.choice(ASKS)}\n", encoding="utf-8")


def line_of_a_post(twin: Twin, chance: random.Random) -> None:
    path = chance.choice(twin.markdown())
    text = path.read_text(encoding="utf-8")
    if text.startswith("---\n"):
        path.write_text(f"---\n{chance.choice(LINES)}\n{text[4:]}", encoding="utf-8")


def move_a_post(twin: Twin, chance: random.Random) -> None:
    path = chance.choice(twin.markdown())
    path.rename(path.with_name(f"2026-04-19-moved-{chance.randrange(3)}.md"))


def remove_a_file(twin: Twin, chance: random.Random) -> None:
    files = sorted(path for path in twin.root.rglob("*") if path.is_file() and path.suffix in (".md", ".png"))
    if len(files) > 3 and not chance.choice(files).is_relative_to(twin.root / "public"):
        chance.choice(files).unlink()


def configure(twin: Twin, chance: random.Random) -> None:
    path = next(path for name in ("hugo.toml", "_config.yml") if (path := twin.root / name).exists())
    title = f"Blog {chance.randrange(3)}"
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith("title")]
    path.write_text("\n".join([f"title = '{title}'" if path.suffix == ".toml" else f"title: {title}", *lines]))


def section(twin: Twin, chance: random.Random) -> None:
    folder = twin.root / "content/posts"
    if folder.is_dir():
        (folder / "_index.md").write_text(f"---\ncascade:\n  subtitle: s{chance.randrange(3)}\n---\n")


def data_file(twin: Twin, chance: random.Random) -> None:
    path = twin.root / chance.choice(["_data/people.yml", "_data/deep/people.yml", "_includes/image.html"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"- name: N{chance.randrange(9)}\n" for _ in range(chance.randrange(1, 3))))


BLOG_CHANGES = [
    ask,
    ask,
    ask,
    data_file,
    line_of_a_post,
    line_of_a_post,
    move_a_post,
    remove_a_file,
    configure,
    section,
]
BLOG_CHANGES += [damage_cache, old_cache, nothing, nothing]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["hexo", "hugo", "jekyll"])
def test_a_cache_changes_no_byte_and_no_word_of_a_generators_blog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, kind: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    strain(monkeypatch, seed)
    site = tmp_path / "blog"
    for part in ("torture", "tags"):
        shutil.copytree(HERE / part / kind, site, dirs_exist_ok=True)

    go_through(tmp_path, seed, site, BLOG_CHANGES)


def test_a_post_comes_back_from_the_cache_with_every_field_as_it_was() -> None:
    """Whatever fields it has: one whose type JSON does not know needs a line in `_ENCODE` or `_DECODE`."""
    post = filled(Post, "post")

    back = incremental._decoded(json.loads(dumps(incremental._values(post))), post.path, support.SETTINGS)

    for one in fields(Post):  # some are not compared by ==
        value = getattr(post, one.name)
        assert value, one.name
        assert (one.name, getattr(back, one.name)) == (one.name, value)


def filled(kind: Any, name: str) -> Any:
    """Some value of a type that is not the field's default."""
    simple = {
        str: f"{name} \u5b57",
        int: 7,
        bool: True,
        object: [name, {name: None}],
        float: 7.5,
        datetime: WHEN + timedelta(days=len(name)),  # `published` and `updated` are two
        Language: support.SETTINGS.languages["zh"],  # kept by its code
        Image: Image(src=f"https://example.org/{name}.png", alt=name, file=f"{name}.png"),  # measured by every build
    }
    origin, inner = get_origin(kind), get_args(kind)
    if kind in simple:
        value = simple[kind]
    elif is_dataclass(kind):
        hints = get_type_hints(kind, {**vars(model), "datetime": datetime})
        value = cast("Any", kind)(**{one.name: filled(hints[one.name], one.name) for one in fields(kind)})
    elif origin is Literal:
        value = inner[-1]
    elif origin is UnionType:
        value = filled(next(one for one in inner if one is not NoneType), name)
    elif origin is tuple:
        value = (filled(inner[0], f"{name} 1"), filled(inner[0], f"{name} 2"))
    else:
        assert origin is Mapping, f"{name}: give `filled` a value of its type, {kind}"
        value = {name: filled(inner[1], name)}
    return value


def test_a_database_that_holds_more_than_our_table_is_not_opened(site_folder: Path) -> None:
    """A view in it would be run: a pull request could bring one."""
    first_run(site_folder)
    path = cache_of(site_folder) / uptodate.DATABASE
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE VIEW more AS SELECT 1")
        base.commit()
    (cache_of(site_folder) / uptodate.STATE).unlink()

    run(site_folder, "1777000000")

    with closing(sqlite3.connect(path)) as base:
        assert [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'")] == []


@pytest.mark.parametrize("forged", ["[", "1],[2", "[" * 100_000, "{}", "[1]", "null"])
def test_rows_that_somebody_else_wrote_do_no_harm(site_folder: Path, forged: str) -> None:
    before = first_run(site_folder)
    with closing(sqlite3.connect(cache_of(site_folder) / uptodate.DATABASE)) as base:
        for kind, name, key in base.execute("SELECT kind, name, key FROM kept").fetchall():
            if kind != "basis" or forged not in ("{}", "[1]", "null"):  # of another basis nothing is read
                change = "UPDATE kept SET data = ?, sum = ? WHERE kind = ? AND name = ?"
                base.execute(change, (forged, _sum(kind, name, key, forged), kind, name))
        base.commit()
    (cache_of(site_folder) / uptodate.STATE).unlink()
    post = site_folder / "content/en/attention.md"
    post.write_text(post.read_text() + "\nMore.\n")

    assert run(site_folder, "1777000000")[0] == before[0]


def test_what_the_last_build_said_is_not_repeated_from_a_damaged_file(site_folder: Path) -> None:
    first_run(site_folder)
    path = cache_of(site_folder) / uptodate.STATE
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"0 files written", b"9 files written"))

    assert whole != path.read_bytes()
    assert "0 files written" in run(site_folder, "1777000000")[1]


def test_a_warning_about_a_text_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    hold_few_texts(monkeypatch, 1)  # the newest text is let go while an archive of others is made
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


def test_no_file_that_lies_beside_the_database_is_believed(site_folder: Path, tmp_path: Path) -> None:
    """A journal names a file that SQLite deletes when it rolls back (sqlite.org/atomiccommit.html, 5.7)."""
    victim = tmp_path / "victim.txt"
    victim.write_text("x")
    first_run(site_folder)
    folder = cache_of(site_folder)
    (folder / f"{uptodate.DATABASE}-journal").write_bytes(hot_journal(victim))
    for ending in ("-wal", "-shm"):
        (folder / f"{uptodate.DATABASE}{ending}").write_bytes(b"x" * 512)
    (folder / uptodate.STATE).unlink()

    assert run(site_folder, "1777000000")[0] == 0
    assert victim.exists()
    assert sorted(path.name for path in folder.iterdir()) == [uptodate.DATABASE, uptodate.STATE]


def hot_journal(victim: Path) -> bytes:
    """A rollback journal without pages, whose last record names a super-journal (sqlite.org/fileformat2.html, 3)."""
    magic, name = bytes.fromhex("d9d505f920a163d7"), os.fsencode(victim)
    record = name + struct.pack(">II", len(name), sum(name) & 0xFFFFFFFF) + magic
    header = magic + struct.pack(">IIIII", 0, 0, 1, 512, 4096)
    return header.ljust(512, b"\0") + struct.pack(">I", 4096 // 4096 + (1 << 30) // 4096) + record


def test_a_cache_in_the_site_is_neither_opened_nor_removed_and_told_once(site_folder: Path) -> None:
    """Earlier versions had it there; a pull request may bring one."""
    old = site_folder / uptodate.OLD_FOLDER
    old.mkdir()
    for name in uptodate.FILES:
        (old / name).write_bytes(b"x")
    os.mkfifo(old / "clock")

    code, said = first_run(site_folder)

    assert code == 0
    assert said.count("you can delete it") == 1
    assert {path.name: path.read_bytes() for path in old.iterdir() if path.is_file()} == dict.fromkeys(
        uptodate.FILES, b"x"
    )


@pytest.mark.parametrize("kind", ["writable for others", "readable for others", "a link", "a file"])
def test_a_cache_that_is_not_ours_alone_is_not_used_and_told_once(site_folder: Path, cache: Path, kind: str) -> None:
    place = cache_of(site_folder)
    match kind:
        case "writable for others":
            cache.chmod(0o777)
        case "readable for others":
            place.mkdir(mode=0o750)
        case "a link":
            (cache / "elsewhere").mkdir()
            place.symlink_to(cache / "elsewhere")
        case "a file":
            place.write_text("")
    before = {path: path.lstat().st_mode for path in cache.rglob("*")}

    for _ in range(2):
        code, said = first_run(site_folder)
        assert code == 0
        assert (said.startswith("note: "), said.count("nothing is cached")) == (True, 1)

    assert {path: path.lstat().st_mode for path in cache.rglob("*")} == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("which", ["of all sites", "of this site"])
def test_a_cache_of_somebody_else_is_not_used(site_folder: Path, cache: Path, which: str) -> None:
    folder = Path(uptodate.folder(str(site_folder)))
    os.chown(cache if which == "of all sites" else folder, 12345, 12345)

    assert "nothing is cached" in first_run(site_folder)[1]
    assert list(folder.iterdir()) == []


def test_a_cache_inside_the_site_is_not_used(site_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDS_CACHE_DIR", str(site_folder / ".cache"))

    assert "is inside the site" in first_run(site_folder)[1]
    assert not (site_folder / ".cache").exists()


HOMES = {
    "XDG_CACHE_HOME is used when it is absolute": ({"XDG_CACHE_HOME": "{tmp}"}, "feeds"),
    "a relative XDG_CACHE_HOME is ignored": ({"XDG_CACHE_HOME": "x", "HOME": "{tmp}"}, ".cache/feeds"),
    "else it lies in the home": ({"HOME": "{tmp}"}, ".cache/feeds"),
    "FEEDS_CACHE_DIR wins": ({"HOME": "/x", "XDG_CACHE_HOME": "/y", "FEEDS_CACHE_DIR": "{tmp}/a/b"}, "a/b"),
    "there is no home": ({"HOME": "{tmp}/missing"}, ""),
    "the home is no folder at all": ({"HOME": "~"}, ""),
}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other places")
@pytest.mark.parametrize("case", HOMES)
def test_the_cache_lies_in_the_users_cache_folder(
    site_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    said, where = HOMES[case]
    for name in ("HOME", "XDG_CACHE_HOME", "FEEDS_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value.format(tmp=home))

    code, words = first_run(site_folder)

    assert (code, words.startswith("note: ")) == (0, False)
    files = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert files == (
        {f"{where}/{cache_of(site_folder).name}/{name}" for name in uptodate.FILES[:3:2]} if where else set()
    )
    assert all(uptodate.private(path.stat()) for path in home.rglob("*/") if path.name.startswith("site-"))


def test_no_cache_is_neither_read_nor_written_when_it_is_not_wanted(site_folder: Path, cache: Path) -> None:
    first_run(site_folder)
    before = {path: path.read_bytes() for path in cache.rglob("*") if path.is_file()}
    (site_folder / "public/atom.xml").unlink()

    result = CliRunner().invoke(cli.main, ["build", str(site_folder), "--no-cache"])

    assert (result.exit_code, {path: path.read_bytes() for path in before}) == (0, before)
    assert "1 file written" in result.output


def test_two_sites_do_not_share_a_cache_and_one_site_by_two_names_does(site_folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(site_folder, tmp_path / "other"))
    link = tmp_path / "link"
    link.symlink_to(site_folder)

    assert uptodate.place(str(site_folder)) == uptodate.place(str(link)) != uptodate.place(str(other))


def test_caches_nobody_used_for_ninety_days_go_and_nothing_else_does(site_folder: Path, cache: Path) -> None:
    def folder(name: str, file: str, days: float) -> Path:
        (cache / name).mkdir(mode=0o700)
        (cache / name / file).write_text("x")
        for path in (cache / name / file, cache / name):
            os.utime(path, (time.time() - days * 86_400,) * 2)
        return cache / name

    old = folder("site-0000000000000000", uptodate.DATABASE, 91)
    kept = [
        folder("site-0000000000000001", uptodate.STATE, 89),
        folder("site-0000000000000002", "notes.txt", 91),  # whose is it?
        folder("somebody", uptodate.STATE, 91),
    ]

    first_run(site_folder)

    assert not old.exists()
    assert all(any(path.iterdir()) for path in kept)


def test_a_build_that_changes_nothing_keeps_its_cache_from_growing_old(site_folder: Path) -> None:
    first_run(site_folder)
    last = cache_of(site_folder) / uptodate.STATE
    os.utime(last, (0, 0))

    assert "0 files written" in run(site_folder, "1777000000")[1]
    assert last.stat().st_mtime > 0


def test_a_file_that_changes_as_fast_as_the_clock_ticks_is_read_again(site_folder: Path) -> None:
    """An edit of the same size within one tick shows in no time stamp: then nothing may be believed."""
    post = site_folder / "content/en/attention.md"
    text = post.read_text()
    for number in range(20):
        post.write_text(text.replace("attention", "attentiom" if number % 2 else "attention"))
        run(site_folder, "1777000000")
        post.write_text(text.replace("attention", "attention" if number % 2 else "attentiom"))
        run(site_folder, "1777000000")

        assert ("attentiom" in (site_folder / "public/en/atom.xml").read_text()) == (not number % 2)


def test_nothing_is_believed_of_a_file_system_whose_clock_cannot_be_read(
    site_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: str) -> int:
        raise OSError(30, "Read-only file system", folder)

    monkeypatch.setattr("feeds.build.cache.fingerprint.clock", broken)
    first_run(site_folder)

    assert not (cache_of(site_folder) / uptodate.STATE).exists()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second file system here")
def test_the_clock_is_that_of_the_file_system_that_holds_the_files(tmp_path: Path) -> None:
    with TemporaryDirectory(dir="/dev/shm") as other:
        found = fingerprint.clocks([str(tmp_path), other, str(tmp_path / "missing")])

    assert set(found) == {str(os.stat(path).st_dev) for path in (tmp_path, "/dev/shm")}


@pytest.mark.parametrize("nameless", [True, False])
def test_reading_the_clock_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, nameless: bool) -> None:
    if not nameless:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    before = tmp_path.stat().st_mtime_ns
    fingerprint.clock(str(tmp_path))

    assert list(tmp_path.iterdir()) == []
    assert not nameless or not hasattr(os, "O_TMPFILE") or tmp_path.stat().st_mtime_ns == before


def test_a_link_that_leads_nowhere_hides_no_change_of_the_files_beside_it(site_folder: Path) -> None:
    (site_folder / "content/en/a-link.svg").symlink_to("gone")
    post = site_folder / "content/en/attention.md"

    before = fingerprint.listing(str(site_folder), ["content"])
    post.write_text(post.read_text() + "More.\n")

    assert fingerprint.listing(str(site_folder), ["content"]) != before


def test_a_post_in_a_folder_of_any_name_is_not_served_stale(site_folder: Path) -> None:
    for name in ("node_modules", "__pycache__"):
        folder = site_folder / "content/en" / name
        folder.mkdir()
        (folder / "post.md").write_text(f"---\ntitle: In {name}\ndate: 2026-04-23\n---\nOld words.\n")
    first_run(site_folder)
    for name in ("node_modules", "__pycache__"):
        post = site_folder / "content/en" / name / "post.md"
        post.write_text(post.read_text().replace("Old", "New"))

    first_run(site_folder)

    assert "Old words" not in (site_folder / "public/en/atom.xml").read_text()


def test_a_pipe_in_place_of_the_last_state_is_not_waited_for(site_folder: Path) -> None:
    first_run(site_folder)
    state = cache_of(site_folder) / uptodate.STATE
    state.unlink()
    os.mkfifo(state)

    assert run(site_folder, "1777000000")[0] == 0


def test_wrong_usage_leaves_no_cache(tmp_path: Path, cache: Path) -> None:
    assert run(tmp_path, "1777000000")[0] == 2
    assert list(tmp_path.iterdir()) == list(cache.iterdir()) == []


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 20))])
def test_a_cache_changes_no_byte_and_no_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    strain(monkeypatch, seed)
    go_through(tmp_path, seed)


@pytest.mark.timeout(60 * MINUTES + 120)
@pytest.mark.skipif(not MINUTES, reason="FEEDS_CACHE_MINUTES is not set: the short test has to do")
def test_a_cache_changes_no_byte_for_as_long_as_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "")
    end, seed = time.monotonic() + 60 * MINUTES, 1_000
    while time.monotonic() < end:
        strain(monkeypatch, seed)
        go_through(tmp_path, seed)
        seed += 1
    sys.stdout.write(f"{seed - 1_000} runs of {STEPS} builds\n")
