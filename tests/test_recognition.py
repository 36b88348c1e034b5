"""What kind of blog lies in a folder, what its own configuration says, and what `feeds init` makes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import reader
from feeds.cli import main
from feeds.errors import NotASite, SettingsError
from feeds.reader import configuration
from feeds.reader.fields import Fields
from feeds.reader.generators.hugo import Hugo
from feeds.reader.generators.hugo.site import Configuration, Mount
from feeds.site import starter
from tests.support import BLOGS_NOW as NOW
from tests.support import HERE

BLOGS = HERE / "blogs"
MADE_UP = sorted(path.name for path in BLOGS.iterdir() if path.is_dir())
POST = "---\ntitle: A post\ndate: 2026-04-20\n---\n\nText.\n"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], env={"SOURCE_DATE_EPOCH": "1777593600"})


def put(root: Path, **files: str) -> Path:
    """Files by name, with `__` for `/` and `_dot_` for a dot."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def hexo(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BLOGS / "hexo-languages", tmp_path / "blog"))


@pytest.mark.parametrize("name", MADE_UP)
def test_a_blog_is_recognised_by_what_lies_in_it(name: str) -> None:
    blog = reader.open_blog(BLOGS / name)

    assert blog.dialect.name == name.partition("-")[0]
    assert blog.settings.output == ("_site" if blog.dialect.name == "jekyll" else "public")


def test_a_folder_without_a_blog_is_told_what_we_know(tmp_path: Path) -> None:
    result = run("build", tmp_path)

    assert result.exit_code == 2
    for word in ("feeds init", "feeds.toml", "Hexo", "Hugo", "Jekyll"):
        assert word in result.stderr


def test_a_blog_of_two_kinds_is_asked_which(tmp_path: Path) -> None:
    put(tmp_path, _config_dot_yml="title: T\nurl: https://example.org\n")
    for folder in ("source/_posts", "_posts"):
        (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(NotASite, match='dialect = "hexo" or dialect = "jekyll"'):
        reader.open_blog(tmp_path)

    put(tmp_path, feeds_dot_toml='[content]\ndialect = "jekyll"\n')

    assert reader.open_blog(tmp_path).dialect.name == "jekyll"


def test_a_dialect_that_is_none_or_not_there_is_refused(hexo: Path) -> None:
    put(hexo, feeds_dot_toml='[content]\ndialect = "hexxo"\n')
    assert "did you mean `hexo`?" in run("build", hexo).stderr

    put(hexo, feeds_dot_toml='[content]\ndialect = "hugo"\n')
    assert "there is no hugo blog here" in run("build", hexo).stderr


def test_the_configuration_of_zola_is_not_taken_for_hugos(tmp_path: Path) -> None:
    put(tmp_path, config_dot_toml='base_url = "https://example.org"\n', content__post_dot_md=POST)

    with pytest.raises(NotASite):
        reader.open_blog(tmp_path)


def test_feeds_toml_wins_key_by_key_over_the_blogs_own_configuration(hexo: Path) -> None:
    before = reader.open_blog(hexo).settings
    put(hexo, feeds_dot_toml='title = "Another title"\nauthor = { email = "me@example.org" }\n[languages.en]\n')

    after = reader.open_blog(hexo).settings

    assert (after.title["en"], after.url) == ("Another title", before.url)
    assert (after.author["en"].email, after.timezone) == ("me@example.org", before.timezone)
    assert (list(after.languages), after.default_language) == (["en"], "en")


def test_tabs_in_hexos_configuration_are_blanks_as_to_hexo(hexo: Path) -> None:
    config = (hexo / "_config.yml").read_text(
        encoding="utf-8"
    ) + "author:\n\tname: Ada\n\tlinks:\n\t\t- https://example.org/\n"
    put(hexo, _config_dot_yml=config)

    assert reader.open_blog(hexo).settings.author["en"].name == "Ada"


def test_a_hugo_site_split_into_files_has_the_words_of_each() -> None:
    settings = reader.open_blog(BLOGS / "hugo-config-split").settings

    assert settings.url == "https://www.example.org/"
    assert {code: settings.title[code] for code in settings.languages} == {"en": "Split", "pt-br": "Dividido"}
    assert settings.languages["pt-br"].tag == "pt-BR"
    assert settings.description["en"] == "In files of their own"
    assert settings.author["en"].name == "Ada Example"


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("config/production/hugo.toml", '# over it\ntimeZone = "Beijing"\n', 2),
        ("config/_default/more/hugo.yaml", "# here\n# and\ntimeZone: Paris\n", 3),
        ("hugo.toml", 'timeZone = "Nowhere"\n', 1),
    ],
)
def test_a_mistake_in_a_split_configuration_is_told_in_its_file(
    tmp_path: Path, path: str, text: str, line: int
) -> None:
    put(
        tmp_path,
        config___default__hugo_dot_toml='baseURL = "https://example.org/"\ntitle = "T"\n',
        content__a_dot_md=POST,
    )
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)

    with pytest.raises(SettingsError) as caught:
        reader.open_blog(tmp_path)

    assert str(caught.value).startswith(f"{path}:{line}: error: ")


def test_a_mistake_in_the_blogs_own_configuration_is_told_with_its_line(hexo: Path) -> None:
    config = (hexo / "_config.yml").read_text(encoding="utf-8") + "timezone: Beijing\n"
    put(hexo, _config_dot_yml=config)
    line = next(number for number, text in enumerate(config.splitlines(), 1) if "Beijing" in text)

    with pytest.raises(SettingsError) as caught:
        reader.open_blog(hexo)

    assert str(caught.value).startswith(f'_config.yml:{line}: error: `timezone` "Beijing" is not a time zone')


def test_a_blog_without_an_address_is_asked_for_it(tmp_path: Path) -> None:
    put(tmp_path, _config_dot_yml="title: T\n", _posts__2026_04_20_x_dot_md=POST)
    os.rename(tmp_path / "_posts/2026_04_20_x.md", tmp_path / "_posts/2026-04-20-x.md")
    assert "_config.yml:1: error: `url` is missing" in run("build", tmp_path).stderr

    put(tmp_path, CNAME="reviews.example.org\n")  # GitHub Pages: the blog's own host

    assert reader.open_blog(tmp_path).settings.url == "https://reviews.example.org/"


def test_one_language_may_have_an_address_rule_of_its_own(hexo: Path) -> None:
    put(hexo, feeds_dot_toml='[content]\npermalink = { en = "/en/{year}/{slug}/" }\n')
    rows = json.loads(run("posts", hexo, "--json").stdout)
    english = {row["path"]: row["url"] for row in rows if row["lang"] == "en" and row["url"]}
    chinese = {row["path"]: row["url"] for row in rows if row["lang"] == "zh-cn" and row["url"]}

    assert english
    for path, url in english.items():
        assert url.startswith("https://example.org/en/20"), path
        assert ".en" not in url
    plain = {row["path"]: row["url"] for row in json.loads(run("posts", BLOGS / "hexo-languages", "--json").stdout)}
    assert chinese == {path: plain[path] for path in chinese}


def test_suffixes_make_translations_of_each_other(hexo: Path) -> None:
    site = reader.open_blog(hexo).read(NOW)
    pairs = {tuple(post.path.removeprefix("source/_posts/") for post in members) for members in site.groups.values()}

    assert ("2024-05-01-kv-cache.md", "2024-05-01-kv-cache.en.md") in pairs
    assert ("2024-06-04-explicit.zh-CN.md", "2024-06-04-explicit.en.md") in pairs
    assert ("2024-06-05-in-a-folder.md", "en/2024-06-05-in-a-folder.md") in pairs
    assert not any("only" in path for pair in pairs for path in pair)


def test_outputs_lie_beside_those_of_the_generator_and_only_ours_are_removed(hexo: Path) -> None:
    theirs = put(hexo, public__index_dot_html="<p>theirs</p>", public__old__feed_dot_xml="<feed/>") / "public"
    put(hexo, feeds_dot_toml='[digest]\nsince = "2000-W01"\n')
    assert run("build", hexo).exit_code == 0
    assert (theirs / "atom.xml").is_file()
    shutil.rmtree(hexo / "source" / "_posts")
    put(hexo, source___posts__one_dot_md=POST)

    result = run("build", hexo, "--json")

    assert json.loads(result.stdout)["removed"]
    assert (theirs / "index.html").read_text() == "<p>theirs</p>"
    assert (theirs / "old/feed.xml").read_text() == "<feed/>"


@pytest.mark.parametrize("name", ["hexo-dates", "hugo-dates", "jekyll-dates", "jekyll-plain"])
def test_the_machines_time_zone_changes_no_address_and_no_date(name: str) -> None:
    command = [sys.executable, "-m", "feeds", "posts", str(BLOGS / name), "--json", "--now", "2026-11-21"]
    zones = ("America/Los_Angeles", "Asia/Tokyo")
    outputs = {
        subprocess.run(command, capture_output=True, check=False, env=os.environ | {"TZ": zone}).stdout
        for zone in zones
    }

    assert len(outputs) == 1
    assert b'"published"' in outputs.pop()


def test_init_in_an_empty_folder_writes_a_site_that_builds(tmp_path: Path) -> None:
    root = tmp_path / "new"

    result = run("init", root)

    assert result.exit_code == 0, result.output
    assert {line.removeprefix(f"{root}/") for line in result.stdout.splitlines()} == {
        "feeds.toml",
        "content/en/first-review.md",
        "content/zh/first-review.md",
    }
    built = run("build", root, "--strict", "--json")
    assert built.exit_code == 0, built.output
    assert json.loads(built.stdout)["languages"] == {"en": 1, "zh": 1}


@pytest.mark.parametrize("name", MADE_UP)
def test_init_in_a_known_blog_writes_settings_that_change_only_where_issues_begin(name: str, tmp_path: Path) -> None:
    root = Path(shutil.copytree(BLOGS / name, tmp_path / "blog"))
    before = reader.open_blog(root).settings

    result = run("init", root)

    assert result.stdout.splitlines() == [str(root / "feeds.toml")]
    now = reader.open_blog(root).settings
    assert now.digest.since
    assert replace(now, digest=replace(now.digest, since="")) == before
    text = (root / "feeds.toml").read_text(encoding="utf-8")
    said = text.partition("[content]")[0].splitlines()
    found = tomllib.loads("\n".join(line.removeprefix("# ") for line in said if " = " in line))
    assert found["url"].rstrip("/") + "/" == before.url


def test_init_changes_nothing_that_is_there(tmp_path: Path) -> None:
    put(tmp_path, feeds_dot_toml='title = "Mine"\nurl = "https://example.org/"\n')

    first, second = run("init", tmp_path), run("init", tmp_path)

    assert (tmp_path / "feeds.toml").read_text() == 'title = "Mine"\nurl = "https://example.org/"\n'
    assert (first.exit_code, second.exit_code) == (2, 2)


keys = st.sampled_from(("title", "baseurl", "timezone", "publishdate", "contentdir", "languages", "params", "author"))
texts = st.text(max_size=20) | st.sampled_from(
    (
        "en\noutput = 'content'\nurl = 'http://evil/'\n#",
        "]\n[x]",
        '"]\nurl = "x"\n["',
        "\r",
        "\x7f",
        "\u2028",
        "\\",
        "#",
        "",
    )
)
tables = st.dictionaries(keys | texts, texts | st.dictionaries(texts, texts, max_size=3), max_size=5)


@given(
    st.dictionaries(keys, texts | tables | st.lists(texts, max_size=2), max_size=5),
    st.dictionaries(texts, tables, min_size=1, max_size=3),
    texts,
)
@settings(max_examples=200)
def test_whatever_a_configuration_says_init_adds_no_setting_to_it(
    config: dict[str, Any], languages: dict[str, Any], path: str
) -> None:
    data = configuration.lower({**config, "languages": languages})
    config_of = Configuration(Fields(f"config/_default/{path}.toml", data, {}))
    found = Hugo(HERE / "blogs/hugo-plain", config_of, (Mount("content"),))

    (output,) = starter.known(found, date(2026, 5, 1))

    lines = output.data.decode().split("\n")
    live = tomllib.loads("\n".join(lines))
    assert live.keys() <= {"title", "url", "content", "feeds", "digest"}
    assert live.pop("digest") == {"since": "2026-W18"}
    assert {key: live[key] for key in live if live[key]}.items() <= {
        "title": "My blog",
        "url": "https://example.org/",
    }.items()
    shown = [line.removeprefix("# ") for line in lines[2 : lines.index("[content]")]]
    for key, value in tomllib.loads("\n".join(shown)).items():
        assert found.found.data.get(key, live.get(key)) == value
