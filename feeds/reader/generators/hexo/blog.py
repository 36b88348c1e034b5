"""Hexo: `source/_posts`, front matter that needs no opening `---`, addresses by `permalink`, tags in `{% %}`.

The rules were checked against Hexo 8: `hexo/dist/plugins/processor/post.js` reads a post, `filter/post_permalink.js`
makes its address, hexo-front-matter reads its keys. What Hexo takes from the machine that builds (its time zone, the
birth of a file) is not taken here.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from datetime import UTC
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from feeds import paths
from feeds.errors import Problem
from feeds.reader import configuration, covers, frontmatter, languages
from feeds.reader.dialect import Dialect
from feeds.reader.fields import Fields
from feeds.reader.generators import tags
from feeds.reader.generators.hexo import feeds, markdown
from feeds.reader.generators.hexo.tags import Nunjucks
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path

    from feeds.model import Channel, Post, Status
    from feeds.rendered import Lookup

_CONFIG = ("_config.yml", "_config.yaml", "_config.json")
_PARAMETER = expression(r":(\w*[^_\W])")
_SEGMENTS = {
    "year": r"\d{4}",
    "month": r"\d{2}",
    "day": r"\d{2}",
    "i_month": r"\d{1,2}",
    "i_day": r"\d{1,2}",
    "hash": r"[0-9a-f]{12}",
}
_SPECIAL = expression(r"[\s~`!@#$%^&*()\-_+=[\]{}|\\;:\"'<>,.?/]+")
_TIMESTAMP = expression(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)?"
)
"""What js-yaml takes for a date when it is not quoted."""


class Hexo(Dialect):
    """A folder with `_config.yml` and `source/_posts`."""

    name = "hexo"
    endings = (".md", ".markdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext")
    image_keys = covers.HEXO
    html = (".html", ".htm")
    foreign = frozenset((".adoc", ".asciidoc", ".ejs", ".njk", ".org", ".pug", ".rst", ".swig", ".textile"))
    signs = "Hexo (_config.yml and source/_posts)"
    summary_keys = ("summary", "description", "excerpt")
    false_unlocks = False  # hexo-blog-encrypt takes the word for the password

    def __init__(self, config: Fields, packages: frozenset[str] | None = None) -> None:
        """`packages` are those of `package.json`, None if it is not there."""
        self.config = config
        self.syntax = markdown.syntax(config, packages)
        self.source = posixpath.normpath(config.text("source_dir") or "source")
        self.pattern = config.text("permalink") or ":year/:month/:day/:title/"
        named = config.text("new_post_name") or ":title.md"
        self.suffix = posixpath.splitext(named)[1]
        name, self.in_name = _file_name(named)
        self.file_name = re.compile(name)
        self.skipped = (*config.words("skip_render"), *config.words("exclude"))
        self.assets_beside = config.flag("post_asset_folder")
        self.keeps_future = not config.text("future") or config.flag("future")
        self.zone = config.text("timezone")
        self.locking = _locking(config.below("encrypt").data.get("tags"))
        self._find()

    @classmethod
    def open(cls, root: Path) -> Hexo | None:
        """The blog of a `_config.yml` whose source folder has `_posts`."""
        name = configuration.first(root, _CONFIG)
        config = configuration.read(root, name, _untabbed) if name else None
        there = config and paths.is_folder(root / (config.text("source_dir") or "source") / "_posts")
        return cls(config, markdown.packages(root)) if config and there else None

    def _find(self) -> None:
        """`_config.yml` in the words of `feeds.toml`."""
        config, found = self.config, configuration.Findings(self.config)
        found.put("title", self.shown(config, "title"))
        found.put("description", self.shown(config, "description") or self.shown(config, "subtitle"), "description")
        found.put("url", config.text("url"))
        found.put("author.name", ", ".join(config.names("author")), "author")
        said = [tag for word in config.words("language") if (tag := languages.tag(word))]
        text = config.text("title") + config.text("subtitle") + config.text("description")
        for tag in said or [languages.of_text(text)]:
            found.put_language(tag.lower(), "tag", tag, "language")
        first = next(iter(found.data["languages"].values()))["tag"]
        found.put("default_language", first.lower(), "language")
        zone = self.zone or languages.zone(first)
        found.put("timezone", zone)
        feeds.find(config, found)
        found.put("output", config.text("public_dir"), "public_dir")
        found.put("content.dir", self.source, "source_dir")
        self.found = found.found()
        notes = [*config.problems]
        if not self.zone:
            line = config.lines.get("timezone", 0)
            message = f"`timezone` is not set; using {zone or 'UTC'}; set it in {config.path}"
            notes.append(Problem(config.path, line, message, "warning", code="timezone-missing"))
        self.problems = tuple(notes)

    def folders(self) -> tuple[str, ...]:
        """`_posts` and, when there are any, `_drafts`."""
        return tuple(posixpath.normpath(f"{self.settings.content_dir}/{name}") for name in ("_posts", "_drafts"))

    def is_shared(self, path: str) -> bool:
        """Hexo's configuration, those of themes beside it, and what the blog is made with."""
        return path.startswith("_config.") or path == markdown.PACKAGES

    def is_post(self, path: str) -> bool:
        """Nothing that begins with `_` or `.`, which Hexo passes over, and nothing of a post's own folder."""
        inner = self.inner(path)
        if any(part.startswith(("_", ".")) for part in inner.parts):
            return False
        if any(fnmatch(f"_posts/{inner}", pattern) for pattern in self.skipped):
            return False
        return inner.suffix == self.suffix if self.assets_beside else self.is_page(path)

    def front_matter(self, text: str, path: str) -> frontmatter.FrontMatter:
        """YAML before the first line of dashes, opened by one or not; or JSON without braces before `;;;`."""
        text = _untabbed(text)
        if blank := re.match(r"\n+", text):
            return self.front_matter(text[blank.end() :], path).moved(blank.end())
        if text.startswith((";;;", '"')):
            return frontmatter.parse_json_lines(text, path)
        if text.startswith("---"):
            return frontmatter.parse(text, path)
        return frontmatter.parse_unopened(text, path)

    def moment(self, fields: Fields, key: str) -> datetime | None:
        """An unquoted date is what js-yaml reads in UTC and Hexo then takes for local; a quoted day is UTC."""
        said = fields.text(key)
        zone: tzinfo = self.settings.timezone
        form = None if key in fields.quoted else _TIMESTAMP.fullmatch(said)
        if key in fields.quoted and re.fullmatch(r"\d{4}-\d\d-\d\d", said):
            zone = UTC
        moment = fields.moment(key, zone, strict=False)
        zoned = form and form[4] and re.search(r"(?:Z|[-+]\d\d?(?::\d\d)?)$", said[10:])
        return moment.astimezone(UTC).replace(tzinfo=self.settings.timezone) if moment and zoned else moment

    def published(self, fields: Fields) -> datetime | None:
        """The key, else the day in the name of the file."""
        if fields.text("date"):
            return self.moment(fields, "date")
        name = self._name(self.inner(fields.path))
        month, day = name.get("month") or name.get("i_month"), name.get("day") or name.get("i_day")
        if not ("year" in name and month and day):
            return None
        return self.day_of_name(fields, f"{name['year']}-{month}-{day}")

    def slug(self, fields: Fields, rest: PurePosixPath) -> str:
        """The `:title` of the file's name."""
        return self._name(rest)["title"]

    def tags(self, fields: Fields) -> tuple[str, ...]:
        """Hexo reads `category` and `tag` only when the plural is not there."""
        keys = (
            "categories" if fields.data.get("categories") else "category",
            "tags" if fields.data.get("tags") else "tag",
        )
        return tuple(dict.fromkeys(word for key in keys for word in fields.words(key)))

    def status(self, fields: Fields, published: datetime | None, now: datetime) -> Status:
        """A file in `_drafts` is a draft unless the blog renders them."""
        in_drafts = "/_drafts/" in f"/{fields.path}"
        if in_drafts and not self.config.flag("render_drafts") and not fields.flag("published"):
            return "draft"
        return super().status(fields, published, now)

    def locked(self, fields: Fields) -> bool:
        """Also by a tag, unless the front matter has an empty password (hexo-blog-encrypt 3 and 4)."""
        if super().locked(fields):
            return True
        key = "tags" if fields.data.get("tags") else "tag"
        own = Fields(fields.path, fields.data, fields.lines).words(key) if self.locking else ()  # was complained of
        tag = next((word for word in own if word in self.locking), "")
        if not tag or fields.data.get("password") == "":
            return False
        why = f"has `{tag}`, which `encrypt.tags` of {self.config.path} locks, so the post is in no feed, page or email"
        fields.complain(key, f"{why}; remove the tag to publish it", "note", code="post-protected")
        return True

    def address(self, fields: Fields, post: Post) -> str:
        """`permalink` of the front matter, else the blog's pattern filled in."""
        own = fields.text("permalink")
        if own:
            path = own
        else:
            values = self._values(fields, post)
            path = _PARAMETER.sub(lambda found: self._value(fields, post, found[1], values), self.pattern)
        if self.assets_beside and not path.endswith(("/", ".html")):
            path += "/"
        pretty = self.config.below("pretty_urls")
        if pretty.text("trailing_index") and not pretty.flag("trailing_index"):
            path = re.sub(r"index\.html$", "", path)
        keeps_html = not pretty.text("trailing_html") or pretty.flag("trailing_html")
        if not keeps_html and not path.endswith("index.html"):
            path = path.removesuffix(".html")
        return path

    def _value(self, fields: Fields, post: Post, key: str, values: Mapping[str, object]) -> str:
        """What stands for a key of `permalink`, as JavaScript writes it."""
        if key not in values:
            message = f"is missing; `permalink` of {self.config.path} needs it, so the address has `undefined` there"
            fields.complain(key, message, "note" if post.status == "draft" else "warning", code="slug-missing")
        value = values.get(key, "undefined")
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)

    def channels(self, posts: Sequence[Post]) -> tuple[list[Channel], list[Problem]]:
        """Those of hexo-generator-feed, as far as the configuration speaks of them."""
        return feeds.channels(self.config, posts, self.settings.url)

    def _values(self, fields: Fields, post: Post) -> dict[str, object]:
        """What may stand in `permalink`."""
        name = self._name(self.inner(post.path))
        slug, local = name["title"], self.local(post)
        stamp = int(post.published.timestamp())
        defaults = self.config.below("permalink_defaults")
        known: dict[str, object] = {
            "title": slug,
            "name": posixpath.basename(slug),
            "post_title": _slugize(fields.text("title")).lower(),
            "year": f"{local:%Y}",
            "month": f"{local:%m}",
            "day": f"{local:%d}",
            "hour": f"{local:%H}",
            "minute": f"{local:%M}",
            "second": f"{local:%S}",
            "i_month": local.month,
            "i_day": local.day,
            "timestamp": stamp,
            "hash": hashlib.sha1(f"{slug}{stamp}".encode(), usedforsecurity=False).hexdigest()[:12],
            "category": self._category(fields),
        }
        own = {
            key: value if isinstance(value, list) else fields.text(key)
            for key, value in fields.data.items()
            if not isinstance(value, dict) and value is not None
        }
        return {"lang": post.language.tag, **defaults.data, **own, **name, **known}

    def _category(self, fields: Fields) -> str:
        """The address part of the last category: its path from the top."""
        said = fields.data.get("categories") or fields.data.get("category")
        paths = said if isinstance(said, list) else [said]
        last = next((path for path in reversed(paths) if isinstance(path, list)), paths)
        renamed = self.config.below("category_map")
        names = [str(name) for name in last if name and isinstance(name, (str, int))]
        if not names:
            return self.config.text("default_category") or "uncategorized"
        slugs = (_slugize(renamed.text(name) or name) for name in names)
        case: Callable[[str], str] = {"1": str.lower, "2": str.upper}.get(self.config.text("filename_case"), str)
        return "/".join(case(slug) for slug in slugs)

    def _name(self, inner: PurePosixPath) -> dict[str, str]:
        """The parts of a file's name by `new_post_name`; Hexo makes a title of the whole path when it does not fit."""
        path = str(inner.with_suffix(""))
        found = self.file_name.fullmatch(path)
        parts = dict(zip(self.in_name, found.groups(), strict=True)) if found else {}
        return {**parts, "title": parts.get("title") or _slugize(path)}

    def picture_address(self, src: str, base: str) -> str:
        """As `url_for` has it: below the site's root."""
        return urljoin(self.settings.url, src.lstrip("/"))

    def assets(self, post: Post) -> tuple[str, str]:
        """With `post_asset_folder`, the folder of the file's name, served below the post's address."""
        if not self.assets_beside:
            return "", ""
        base = re.sub(r"\.html?$", "", post.url).rstrip("/") + "/"
        return str(PurePosixPath(post.path).with_suffix("")), base

    def markdown(self, text: str, post: Post, lookup: Lookup) -> tuple[str, list[Problem]]:
        """Hexo's tags as Markdown."""
        work = Nunjucks(post, lookup, self.source, self.config.text("code_dir").strip("/") or "downloads/code")
        shown = work.run(text, post.body_line) if "{%" in text or "{#" in text else text
        root = self.config.text("root").strip("/")
        if root and "](" in shown:  # hexo-renderer-marked puts the root before pictures, and not before links
            rooted = r"!\[(?:[^\[\]\\]|\\.)*\]\(<?/(?!/)"
            shown = tags.outside_code(shown, rooted, lambda found: f"{found[0]}{root}/")
        return shown, work.problems


def _untabbed(text: str) -> str:
    """YAML as Hexo hands it to its parser: tabs at the begin of a line are two blanks each."""
    return re.sub(r"\n(\t+)", lambda found: "\n" + "  " * len(found[1]), text) if "\n\t" in text else text


def _locking(tags: object) -> frozenset[str]:
    """The tags that hexo-blog-encrypt has a password for."""
    entries = [entry for entry in tags if isinstance(entry, dict)] if isinstance(tags, list) else []
    named = [entry.get("name") for entry in entries if entry.get("password") is not None]
    return frozenset(str(name) for name in named if isinstance(name, (str, int)))


def _file_name(pattern: str) -> tuple[str, list[str]]:
    """`new_post_name` as an expression, and the parameter of each group; one met twice is the first one's.

    Each parameter of any length ends as soon as what follows it fits, and is not tried again: the next takes the rest.
    """
    seen: list[str] = []
    whole = last = ""  # the last parameter of any length, and what follows it
    for number, part in enumerate(_PARAMETER.split(pattern.removesuffix(posixpath.splitext(pattern)[1]))):
        form = _SEGMENTS.get(part, ".+?") if number % 2 else re.escape(part)
        if form == ".+?":
            whole, last = f"{whole}(?>{last})", ""
        last += f"({form})" if number % 2 and part not in seen else form
        seen += [part] if number % 2 and part not in seen else []
    return whole + last, seen


def _slugize(text: str) -> str:
    """hexo-util's slug: no accents, and one hyphen for any run of blanks and signs."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return re.sub(
        r"-{2,}", "-", _SPECIAL.sub("-", re.sub(r"[\x00-\x1f]", "", unicodedata.normalize("NFC", plain)))
    ).strip("-")
