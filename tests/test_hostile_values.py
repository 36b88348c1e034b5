"""A table of keys and values: whatever a post, a setting or a line of the lock says, it costs itself alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from lxml import etree

from feeds import lockfile, settings
from feeds.build.builder import build_site
from feeds.errors import FeedsError, OutputError, Problem, SettingsError
from tests.hostile import TEXTS, VALUES, forms, front, text
from tests.support import open_build

NOW = datetime(2026, 5, 1, tzinfo=UTC)
KEYS = (
    *(
        "title",
        "date",
        "updated",
        "lang",
        "language",
        "slug",
        "theme",
        "themes",
        "tags",
        "tag",
        "categories",
        "category",
    ),
    *(
        "author",
        "authors",
        "summary",
        "description",
        "excerpt",
        "paper",
        "highlights",
        "image",
        "cover",
        "original",
        "id",
    ),
    *("translation", "draft", "hidden", "published", "password", "encrypt", "link", "permalink", "url", "lastmod"),
    *(
        "publishdate",
        "expirydate",
        "build",
        "params",
        "cascade",
        "last_modified_at",
        "excerpt_separator",
        "locale",
        "<<",
    ),
    *(
        "paper.title",
        "paper.authors",
        "paper.venue",
        "paper.year",
        "paper.url",
        "paper.arxiv",
        "paper.doi",
        "paper.code",
    ),
)
SETTINGS = (
    'url = "https://example.org/"\n[feeds]\nlimit = 0\nlimit_bytes = 0\narchive = 0\n[digest]\nenabled = false\n'
    '[themes.systems]\ntags = ["training"]\n'
)


class Blog(NamedTuple):
    """A blog of a generator: its configuration, where a post lies, and the formats its front matter may have."""

    name: str
    config: dict[str, str]
    post: str
    forms: dict[str, str]

    def put(self, root: Path, number: int | str, text: str) -> str:
        path = self.post.format(number)
        (root / path).write_text(text, encoding="utf-8", newline="")
        return path

    def start(self, root: Path) -> None:
        for name, said in {"feeds.toml": f'title = "T"\n{SETTINGS}', **self.config}.items():
            (root / name).write_text(said, encoding="utf-8")
        (root / self.post).parent.mkdir(parents=True)


ALL = {"yaml": "yaml", "toml": "toml", "json": "json"}
BLOGS = (
    Blog("native", {}, "content/{}.md", ALL),
    Blog(
        "hexo",
        {"_config.yml": "permalink: :category/:title/\nfuture: true\n"},
        "source/_posts/{}.md",
        {"yaml": "yaml", "json": "json lines"},
    ),
    Blog("hugo", {"hugo.toml": "[permalinks]\n'/' = '/:year/:title/:slug/'\n"}, "content/{}.md", ALL),
    Blog("jekyll", {"_config.yml": "permalink: /:categories/:title/\n"}, "_posts/2026-01-01-{}.md", {"yaml": "yaml"}),
)


class Case(NamedTuple):
    blog: Blog
    form: str
    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.blog.name} {self.form} {self.key}: {self.value[:60]!r}"


def cases() -> Iterator[Case]:
    """Every key with every value, in a blog and a format that change from one to the next."""
    for number, (key, value) in enumerate(product(KEYS, VALUES)):
        alike = [
            Case(blog, blog.forms[form], key, said)
            for blog in BLOGS
            for form, said in forms(value)
            if form in blog.forms
        ]
        yield alike[number % len(alike)]


def check(tmp_path: Path, blog: Blog, chosen: list[Case]) -> None:
    """A good post among bad ones is in every feed; each bad one is there too, or told of."""
    blog.start(tmp_path)
    good = blog.put(tmp_path, "good", front(blog.forms["yaml"], "title", '"Good"', date="2026-04-20"))
    paths = {}
    for number, case in enumerate(chosen):
        date = (NOW - timedelta(hours=number + 1)).isoformat()
        text = front(case.form, case.key, case.value, title=f"T {number}", date=date)
        paths[blog.put(tmp_path, number, f"{text}\nText.\n")] = case

    done = build_site(tmp_path, NOW, cache=False)

    documents = {
        path.name: path.read_bytes() for path in done.out.iterdir() if path.suffix in (".xml", ".json", ".opml")
    }
    rss = "index.xml" if blog.name == "hugo" else "rss.xml"
    assert documents.keys() == {"atom.xml", rss, "feed.json", "feeds.opml"}
    feed = json.loads(documents.pop("feed.json"))
    trees = {name: etree.fromstring(data, etree.XMLParser(huge_tree=True)) for name, data in documents.items()}
    ids = {item["id"] for item in feed["items"]}
    assert ids == set(trees["atom.xml"].xpath("//*[local-name() = 'entry']/*[local-name() = 'id']/text()"))
    assert ids == set(trees[rss].xpath("//guid/text()"))
    posts = {post.path: post for post in done.site.posts}
    assert posts[good].id in ids
    told = {problem.path for problem in done.problems} | {post.path for post in done.site.withheld}
    silent = [str(case) for path, case in paths.items() if path not in told and posts[path].id not in ids]
    assert silent == []


@pytest.mark.parametrize("blog", BLOGS, ids=lambda blog: blog.name)
def test_no_value_of_front_matter_costs_more_than_its_post(tmp_path: Path, blog: Blog) -> None:
    check(tmp_path, blog, [case for case in islice(cases(), 0, None, 4) if case.blog is blog])


@pytest.mark.slow
@pytest.mark.parametrize("blog", BLOGS, ids=lambda blog: blog.name)
def test_no_value_of_any_key_costs_more_than_its_post(tmp_path: Path, blog: Blog) -> None:
    check(tmp_path, blog, [case for number, case in enumerate(cases()) if case.blog is blog and number % 4])


@pytest.mark.parametrize("said", ["&#8;", "&#x1F;", "&#xFFFF;", "a &#11; b"])
def test_a_reference_to_what_xml_forbids_costs_itself(tmp_path: Path, said: str) -> None:
    check(tmp_path, BLOGS[0], [Case(BLOGS[0], "json", "summary", json.dumps(said))])


def test_no_text_costs_an_issue(tmp_path: Path) -> None:
    """Every text, wherever an email shows texts of front matter; ten posts in each issue."""
    BLOGS[0].start(tmp_path)
    (tmp_path / "feeds.toml").write_text(f'title = "T"\n{SETTINGS}'.replace("enabled = false", "enabled = true"))
    for number, said in enumerate(TEXTS):
        (value, *_) = text(said)
        keys = "".join(f"{key}: {value}\n" for key in ("title", "summary", "author"))
        keys += "".join(f"{key}: [{value}]\n" for key in ("tags", "highlights"))
        paper = "".join(f"\n  {key}: {value}" for key in ("title", "venue"))
        date = NOW - timedelta(days=7 * (number // 10), hours=number)
        post = f"---\n{keys}date: {date.isoformat()}\npaper:{paper}\n  authors: [{value}]\n---\n\nText.\n"
        BLOGS[0].put(tmp_path, number, post)
    build = open_build(tmp_path, NOW)

    issues = build.issues["en"]
    made = {output.path: output.data for output in build.outputs_of(issues.values())}

    errors = [str(problem) for problem in build.problems if problem.severity == "error"]
    assert [error for error in errors if not error.startswith("content/")] == []
    assert {f"digest/{name}/{file}" for name in issues for file in ("mail.eml", "index.html")} <= made.keys()
    for path, data in made.items():
        if path.endswith(".eml"):
            mail = message_from_bytes(data, policy=default)
            assert mail.defects == []
            assert "\n" not in mail["Subject"]
            assert mail.keys().count("Subject") == 1
            assert "Bcc" not in mail


# Settings

SETTING_KEYS = (
    *("title", "title.en", "description", "rights", "url", "timezone", "default_language", "output", "author", "x"),
    *("author.name", "author.email", "author.url", "content", "content.dir", "content.dialect", "content.permalink"),
    *(
        "languages",
        "languages.en",
        "languages.en.tag",
        "languages.en.title",
        "languages.en.description",
        "languages.a-b",
    ),
    *(
        "themes",
        "themes.x",
        "themes.x.title",
        "themes.x.color",
        "themes.x.tags",
        "feeds",
        "feeds.formats",
        "feeds.limit",
    ),
    *("feeds.limit_bytes", "feeds.content", "feeds.hubs", "feeds.archive", "feeds.icon", "feeds.logo", "feeds.pages"),
    *("digest", "digest.day", "digest.from", "digest.footer", "digest.unsubscribe", "digest.limit_bytes", "look"),
    *("digest.enabled", "look.accent", "look.logo", "look.logo.src", "look.logo.width", "look.logo.height"),
)
TOML_VALUES = [value.toml for value in VALUES if value.toml is not None]


def settings_text(key: str, value: str) -> str:
    lines = {"title": '"T"', "url": '"https://example.org/"', "languages.zh.tag": '"zh"'}
    others = (f"{name} = {said}\n" for name, said in lines.items() if name.partition(".")[0] != key.partition(".")[0])
    return "".join([*others, f"{key} = {value}\n"])


def accepted(every: int) -> dict[str, str]:
    """The text of settings that are taken, each kind once."""
    found: dict[str, str] = {}
    told: list[Problem] = []
    for key, value in islice(product(SETTING_KEYS, TOML_VALUES), 0, None, every):
        said = settings_text(key, value)
        try:
            found.setdefault(repr(settings.parse(said)), said)
        except SettingsError as error:
            told += error.problems
    assert {problem.path for problem in told} == {"feeds.toml"}
    assert all(problem.line for problem in told)
    return found


def test_every_setting_is_taken_or_told_of_with_its_line() -> None:
    assert len(accepted(every=13)) > 90


@pytest.mark.slow
def test_a_setting_that_is_taken_can_be_built_with(tmp_path: Path) -> None:
    for number, said in enumerate(islice(accepted(every=1).values(), 0, None, 12)):
        site = tmp_path / str(number)
        for folder in ("content", "x", "0", "true"):
            (site / folder / "en").mkdir(parents=True)
            (site / folder / "en/a.md").write_text("---\ntitle: A\ndate: 2026-04-20\ntheme: x\n---\n\nText.\n")
        (site / "feeds.toml").write_text(said, encoding="utf-8")
        with suppress(OutputError):
            done = build_site(site, NOW, cache=False)
            assert done.is_written or "cannot be written" in str(done.problems[0])
            for path in (site / "public").glob("*.xml"):
                etree.parse(path)


# The lock


@pytest.mark.parametrize("column", range(6))
@pytest.mark.parametrize("quoted", [False, True])
def test_every_line_of_a_lock_is_read_or_told_of(column: int, quoted: bool) -> None:
    for said in TEXTS:
        fields = ["content/a.md", "tag:e.org,2026:a", "en", "a", "a", "0123456789abcdef"]
        fields[column] = quote(said, safe="", errors="replace") if quoted else said
        lines, problems, *_ = lockfile.parse(f"{lockfile.HEADER}{chr(9).join(fields)}\nb.md\ta:b\ten\tb\tb\tb\n")

        assert "b.md" in lines
        assert all(problem.path == lockfile.FILE and problem.line > 1 for problem in problems)
        assert all(map(str.isprintable, map(str, problems)))


# Configuration of generators

HEXO_KEYS = (
    *("title", "subtitle", "description", "author", "language", "timezone", "url", "root", "permalink", "encrypt"),
    *("permalink_defaults", "permalink_defaults.x", "source_dir", "public_dir", "new_post_name", "post_asset_folder"),
    *("skip_render", "exclude", "future", "render_drafts", "category_map", "category_map.c", "default_category"),
    *("filename_case", "pretty_urls", "pretty_urls.trailing_html", "encrypt.tags", "code_dir"),
    *("feed", "feed.type", "feed.path", "feed.limit", "feed.content", "feed.order_by", "feed.hub", "feed.icon"),
    *("feed.enable", "feed.template"),
)
HUGO_KEYS = (
    *("title", "baseURL", "timezone", "languageCode", "contentDir", "publishDir", "defaultContentLanguage", "params"),
    *("languages", "languages.en", "languages.en.weight", "languages.en.contentDir", "languages.en.title", "cascade"),
    *("permalinks", "permalinks./", "uglyURLs", "mainSections", "params.author", "params.description", "ignoreFiles"),
    *("frontmatter", "frontmatter.date", "buildFuture", "buildDrafts", "defaultContentLanguageInSubdir", "_build"),
    *("outputs", "outputs.home", "outputFormats", "outputFormats.rss", "outputFormats.rss.baseName", "disableKinds"),
    *("outputFormats.rss.mediaType", "outputFormats.rss.path", "mediaTypes", "services", "services.rss.limit"),
    *(
        "taxonomies",
        "taxonomies.tag",
        "permalinks.term",
        "permalinks.term.categories",
        "permalinks.section",
        "rssLimit",
    ),
)
JEKYLL_KEYS = (
    *("title", "name", "description", "url", "baseurl", "author", "lang", "locale", "languages", "timezone", "source"),
    *("permalink", "collections", "collections.posts.permalink", "collections_dir", "destination", "exclude", "future"),
    *("show_drafts", "defaults", "excerpt_separator", "defaults.values", "plugins", "data_dir", "author.email"),
    *("feed", "feed.path", "feed.posts_limit", "feed.excerpt_only", "feed.categories", "feed.tags", "feed.tags.only"),
    *("feed.tags.path", "feed.collections", "feed.collections.posts", "feed.collections.posts.path", "feed.icon"),
)
YAML_VALUES = [value.yaml for value in VALUES if value.yaml is not None]
CONFIGURATIONS = [("hexo", HEXO_KEYS), ("hugo", HUGO_KEYS), ("jekyll", JEKYLL_KEYS)]


def configure(root: Path, name: str, keys: tuple[str, ...], every: int) -> None:
    """A blog with each value of each key: it is opened and read, or what is wrong is told."""
    blog = next(blog for blog in BLOGS if blog.name == name)
    (root / blog.post).parent.mkdir(parents=True)
    good = blog.put(root, "good", "---\ntitle: Good\ndate: 2026-04-20\ncategories: [c]\n---\n\nText.\n")
    file = root / ("hugo.yaml" if name == "hugo" else "_config.yml")
    address = "baseURL" if name == "hugo" else "url"
    for key, value in islice(product(keys, YAML_VALUES), 0, None, every):
        base = {"title": "title: T\n", address: f"{address}: https://example.org/\n"}
        parts = key.split(".")
        nested = "".join(f"{'  ' * depth}{part}:\n" for depth, part in enumerate(parts[:-1]))
        said = f"{nested}{'  ' * (len(parts) - 1)}{parts[-1]}: {value}\n"
        file.write_text("".join(line for one, line in base.items() if one != key) + said, encoding="utf-8")
        with suppress(FeedsError):
            project = open_build(root, NOW).project
            site = project.site
            assert good in {post.path for post in (*site.posts, *site.withheld)} or site.problems
            assert project.planner.planned.feeds


@pytest.mark.slow
@pytest.mark.parametrize(("name", "keys"), CONFIGURATIONS, ids=[name for name, _ in CONFIGURATIONS])
def test_no_value_of_a_configuration_is_a_traceback(tmp_path: Path, name: str, keys: tuple[str, ...]) -> None:
    configure(tmp_path, name, keys, every=13)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "keys"), CONFIGURATIONS, ids=[name for name, _ in CONFIGURATIONS])
def test_no_value_of_any_key_of_a_configuration_is_one(tmp_path: Path, name: str, keys: tuple[str, ...]) -> None:
    configure(tmp_path, name, keys, every=5)
