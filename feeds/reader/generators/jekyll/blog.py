"""Jekyll: `_posts` in any folder, dates in file names, addresses by `permalink`, Liquid in the text.

The rules were checked against Jekyll 4: `document.rb` and `frontmatter_defaults.rb` read a post, `drops/url_drop.rb`
makes its address. Liquid is not run: the few tags and values that posts use are known by name.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from feeds import paths
from feeds.errors import Problem, Unreadable
from feeds.model import SAFE
from feeds.reader import configuration, covers, frontmatter, languages
from feeds.reader.dialect import MARKDOWN, Dialect
from feeds.reader.fields import Fields
from feeds.reader.generators import tags
from feeds.reader.generators.jekyll import authors, exclude, feeds
from feeds.reader.generators.jekyll.folders import globbed, posts_folders
from feeds.reader.generators.jekyll.tags import Liquid
from feeds.reader.generators.jekyll.values import Surroundings
from feeds.rendered import HTML, Syntax
from feeds.settings import inside
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from feeds.model import Author, Channel, Image, Post, Status
    from feeds.reader.frontmatter import FrontMatter
    from feeds.rendered import Lookup

_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_NAME = expression(r"(\d{2,4}-\d{1,2}-\d{1,2})-(.*)")
_YEAR_LAST = expression(r"(:\d\d(?: ?[A-Z]{1,4}| [-+]\d\d:?\d\d)?)( \d{4})(?: [-+]\d\d:?\d\d| [A-Z]{1,4})?$")
_TIME = expression(r"\d{4}-\d\d?-\d\d?(?:[Tt]|\s+)\d\d?:\d\d:\d\d(?:\.\d*)?")
"""What Ruby's Psych takes for a time when it is not quoted, and then for UTC."""


class Jekyll(Dialect):
    """A folder with `_config.yml` and posts in a `_posts` folder."""

    name = "jekyll"
    issues = "_issues"
    image_keys = covers.JEKYLL
    html = (".html", ".htm", ".xhtml")
    foreign = frozenset(
        (
            *(".ad", ".adoc", ".asciidoc", ".erb", ".haml", ".ipynb", ".mdown", ".mdx", ".org", ".pug", ".qmd"),
            *(".rmarkdown", ".rmd", ".rst", ".slim", ".textile", ".txt", ".wiki"),
        )
    )
    signs = "Jekyll (_config.yml and a _posts folder)"
    updated_keys = ("last_modified_at", "updated", "modified")
    language_keys = ("lang", "locale", "language")
    summary_keys = ("description", "excerpt", "summary")
    newest_wins = True  # it writes the newest last

    def __init__(self, root: Path, config: Fields, home: str, posts: tuple[str, ...]) -> None:
        """`home` is the blog's address when the configuration has none; `posts` are its `_posts` and `_drafts`."""
        self.root, self.config, self.posts = root, config, posts
        own = config.below("collections").below("posts").text("permalink")
        style = own or config.text("permalink") or "date"
        self.pattern = _STYLES.get(style, style)
        self.source = str(PurePosixPath(config.text("source") or ".", config.text("collections_dir").strip("/")))
        self.keeps_future = config.flag("future")
        named = config.text("markdown_ext") or "markdown,mkdown,mkdn,mkd,md"
        self.endings = tuple(f".{end.strip().lower()}" for end in named.split(",") if end.strip()) or MARKDOWN
        self.base = config.text("baseurl").strip("/")
        self.name_of_host = config.text("url").rstrip("/") or home
        self.syntax = syntax(config)
        data = posixpath.join(config.text("source") or ".", config.text("data_dir").strip("/") or "_data")
        self.data_folder = posixpath.normpath(data)
        self.people, wrong = authors.read(root, self.data_folder) if not inside(self.data_folder) else ({}, [])
        config.problems += wrong
        self.has_feeds = feeds.is_used(config, root)
        self._find()

    @classmethod
    def open(cls, root: Path) -> Jekyll | None:
        """The blog of a `_config.yml` that has a `_posts` folder somewhere below."""
        name = configuration.first(root, ("_config.yml", "_config.yaml", "_config.toml"))
        if not name:
            return None
        config = configuration.read(root, name)
        excluded = {word.strip("/") for word in config.words("exclude")} | {
            config.text("destination").strip("./") or "_site"
        }
        source = str(PurePosixPath(config.text("source") or ".", config.text("collections_dir").strip("/")))
        posts = () if inside(source) else tuple(sorted(posts_folders(root, source, excluded, config.problems)))
        if not config.text("source") and all(folder.startswith("source/") for folder in posts):
            return None  # that is Hexo's
        return cls(root, config, _home(root, config), posts) if posts else None

    def _find(self) -> None:
        """`_config.yml` in the words of `feeds.toml`."""
        config, found = self.config, configuration.Findings(self.config)
        found.put("title", self.shown(config, "title") or self.shown(config, "name"))
        found.put("description", self.shown(config, "description"))
        found.put("url", self.name_of_host and f"{self.name_of_host}/{self.base}".rstrip("/") + "/")
        people = [*authors.named(config, self.people)]
        found.put("author.name", ", ".join(name for name, *_ in people), "author")
        for _name, email, page in people if len(people) == 1 else ():
            found.put("author.email", email, "author")
            found.put("author.url", page, "author")
        feeds.find(config, found)
        said = [tag for word in config.words("languages") if (tag := languages.tag(word))]
        one = languages.tag(config.text("lang") or config.text("locale") or config.text("default_lang"))
        for tag in said or [one or languages.of_text(config.text("title") + config.text("description"))]:
            found.put_language(tag.lower(), "tag", tag, "languages")
        if one.lower() in found.data["languages"]:
            found.put("default_language", one.lower(), "lang")
        else:
            found.put("default_language", next(iter(found.data["languages"])), "lang")
        found.put("timezone", config.text("timezone"))
        found.put("output", config.text("destination").removeprefix("./") or "_site", "destination")
        found.put("content.dir", ".", "source")
        found.put("content.hidden", "publish", "source")  # only jekyll-paginate asks for the key
        self.found = found.found()
        exclude.complain(config)
        self.problems = tuple(config.problems)

    def folders(self) -> tuple[str, ...]:
        """Every `_posts` and `_drafts` there is."""
        return self.posts

    def is_shared(self, path: str) -> bool:
        """The configuration, the host that GitHub Pages serves, and the table of authors."""
        return path.startswith("_config.") or path in ("CNAME", *(f"{self.data_folder}/{one}" for one in authors.FILES))

    def is_post(self, path: str) -> bool:
        """Markdown or HTML whose name begins with a date; a draft needs none."""
        file = PurePosixPath(path)
        place = next(number for number, part in enumerate(file.parts) if part in ("_posts", "_drafts"))
        drafts = file.parts[place] == "_drafts"
        if any(part.startswith(("_", ".", "#", "~")) for part in file.parts[place + 1 :]):
            return False
        return self.is_page(path.lower()) and bool(drafts or _NAME.fullmatch(file.stem))

    def inner(self, path: str) -> PurePosixPath:
        """The path without `_posts`, the date and the way to the source."""
        file = PurePosixPath(path)
        name = _NAME.fullmatch(file.stem)
        parts = [part for part in file.parent.relative_to(self.source).parts if part not in ("_posts", "_drafts")]
        return PurePosixPath(*parts, (name[2] if name else file.stem) + file.suffix)

    def front_matter(self, text: str, path: str) -> FrontMatter:
        """YAML between lines of just three dashes, the last of which may be three dots; anything else is text."""
        found = re.match(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", text, re.DOTALL | re.MULTILINE)
        if not found:
            message = "has no front matter; start the file with `---`, then `title:`, then `---`"
            raise frontmatter.NoFrontMatter(1, message, code=frontmatter.missing(text))
        if not found[1].strip():
            return frontmatter.FrontMatter({}, {}, text.count("\n", 0, found.end()) + 1)
        front = frontmatter.parse(f"---\n{found[1]}---\n", path, lenient=True)
        return replace(front, body_line=text.count("\n", 0, found.end()) + 1)

    def data(self, front: FrontMatter, path: str) -> Mapping[str, Any]:
        """The post's keys over the `defaults` of the configuration; the longest scope wins, then one with a type."""
        kind = "drafts" if "_drafts" in PurePosixPath(path).parts else "posts"
        sets = self.config.data.get("defaults")
        chosen: list[tuple[int, bool, int, dict[str, Any]]] = []
        for number, entry in enumerate(sets if isinstance(sets, list) else []):
            scope, values = (entry.get("scope") or {}, entry.get("values")) if isinstance(entry, dict) else ({}, None)
            if not isinstance(scope, dict) or not isinstance(values, dict):
                continue
            where = str(scope.get("path") or "").strip("/")
            fits = globbed(where, path) if "*" in where else path.startswith(where)
            if fits and scope.get("type") in (None, kind, kind.rstrip("s")):
                chosen.append((len(where), "type" in scope, number, values))
        merged: dict[str, Any] = {}
        for *_, values in sorted(chosen, key=lambda one: one[:3]):
            merged |= values
        both = {**front.data, **{key: merged[key] for key in merged if front.data.get(key) is None}}  # nil says nothing
        if merged.get("categories") and front.data.get("categories"):  # alone of all keys, these add up
            both["categories"] = [*_words(merged["categories"]), *_words(front.data["categories"])]
        return both

    def moment(self, fields: Fields, key: str) -> datetime | None:
        """An unquoted time without a zone is UTC to Ruby; a quoted one, and a day, are the site's. A zone counts right
        behind the time, not behind a year there.
        """
        said = fields.text(key)
        naive = key not in fields.quoted and bool(_TIME.fullmatch(said))
        meant = _YEAR_LAST.sub(lambda found: found[1] + ("" if said[:4].isdecimal() else found[2]), said)
        return fields.moment(key, UTC if naive else self.settings.timezone, strict=False, said=meant)

    def published(self, fields: Fields) -> datetime | None:
        """The key, else the day in the name of the file."""
        if fields.text("date"):
            return self.moment(fields, "date")
        name = _NAME.fullmatch(PurePosixPath(fields.path).stem)
        return self.day_of_name(fields, name[1] if name[1][2:3] != "-" else f"20{name[1]}") if name else None

    def slug(self, fields: Fields, rest: PurePosixPath) -> str:
        """The name without its date."""
        return fields.text("slug") or rest.stem

    def title(self, fields: Fields, slug: str) -> str:
        """As Jekyll titles a post without a title: the words of its name."""
        words = " ".join(word.capitalize() for word in slug.split("-"))
        return self.shown(fields, "title") or fields.clean("title", words) or "?"

    def tags(self, fields: Fields) -> tuple[str, ...]:
        """Categories and tags; text alone is cut at blanks where the key is in the plural."""
        own, folders = self._categories(fields)
        return tuple(dict.fromkeys([*folders, *own, *self._tags(fields)]))

    def _tags(self, fields: Fields) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*fields.words("tag"), *fields.words("tags", split=True)]))

    def authors(self, fields: Fields) -> tuple[Author, ...]:
        """With what the table of authors knows of them."""
        people = authors.named(fields, self.people)
        return tuple(replace(self._author(name), email=email, url=page) for name, email, page in people)

    def brief(self, fields: Fields) -> bool:
        """`feed: excerpt_only`."""
        return fields.below("feed").flag("excerpt_only")

    def channels(self, posts: Sequence[Post]) -> tuple[list[Channel], list[Problem]]:
        """Those of jekyll-feed, if the blog has it."""
        if not self.has_feeds:
            return [], []

        def keys(post: Post) -> Fields:
            return Fields(post.path, post.extra, {})

        return feeds.channels(
            self.config,
            posts,
            categories=lambda post: [word for words in self._categories(keys(post)) for word in words],
            tags=lambda post: self._tags(keys(post)),
            has_file=lambda path: paths.readable(self.root / self.source, path),
        )

    def _categories(self, fields: Fields) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The post's own categories, and those of the folders above `_posts`."""
        own = (*fields.words("categories", split=True), *fields.words("category"))
        path = PurePosixPath(fields.path).relative_to(self.source)
        place = next((number for number, part in enumerate(path.parts) if part in ("_posts", "_drafts")), 0)
        return tuple(dict.fromkeys(own)), path.parts[:place]

    def status(self, fields: Fields, published: datetime | None, now: datetime) -> Status:
        """A file in `_drafts` is a draft."""
        if "_drafts" in PurePosixPath(fields.path).parts and not self.config.flag("show_drafts"):
            return "draft"
        return super().status(fields, published, now)

    def address(self, fields: Fields, post: Post) -> str:
        """`permalink` of the front matter, else the blog's pattern filled in."""
        local = self.local(post)
        own, folders = self._categories(fields)
        file = PurePosixPath(post.path)
        values: dict[str, str] = {
            **{key: local.strftime(form) for key, form in _CALENDAR.items()},
            "i_day": str(local.day),
            "i_month": str(local.month),
            "categories": "/".join(dict.fromkeys(word.lower() for word in (*folders, *own))),
            "slugified_categories": "/".join(dict.fromkeys(_slugify(word) for word in (*folders, *own))),
            "title": _slugify(post.slug.rstrip("."), "._~!$&'()+,;=@", cased=True),
            "slug": _slugify(post.slug),
            "name": _slugify(file.stem),
            "path": "/".join(part for part in file.with_suffix("").relative_to(self.source).parts if part != "_posts"),
            "basename": file.stem,
            "collection": "posts",
            "output_ext": file.suffix if self.syntax_of(post.path) is HTML else ".html",
        }

        def fill(found: re.Match[str]) -> str:
            name = found[1] if found[1] in values or not found[1].endswith("_") else found[1].rstrip("_")
            return values.get(name, f":{name}") + found[1][len(name) :]

        path = re.sub(r":([a-z_]+)", fill, fields.text("permalink") or self.pattern)
        return re.sub(r"/{2,}", "/", f"/{path}".replace("..", "/").replace("./", ""))

    def cover(self, fields: Fields) -> Image | None:
        """Below the folder that Chirpy has for all media of a post."""
        found = super().cover(fields)
        folder = (fields.text("media_subpath") or fields.text("img_path")).strip("/")
        if not found or not folder or found.src.startswith("/") or "://" in found.src:
            return found
        return replace(found, src=f"/{quote(folder)}/{found.src}")

    def picture_address(self, src: str, base: str) -> str:
        """As `absolute_url` has it: below the site's root, which some write and some leave to the filter."""
        inner = src.lstrip("/")
        return urljoin(self.settings.url, inner.removeprefix(f"{self.base}/") if self.base else inner)

    def id(self, post: Post) -> str:
        """What jekyll-feed gives: the address with the slug for its last part; slashes at the end of `url` stay."""
        derived = f"{post.url.rstrip('/').rpartition('/')[0]}/{quote(post.slug, safe=SAFE)}"
        said, host = self.config.text("url"), f"{self.name_of_host}/"
        if said.endswith("/") and derived.startswith(host):
            return f"{said}{derived[len(host) - 1 :]}"
        return derived

    def markdown(self, text: str, post: Post, lookup: Lookup) -> tuple[str, list[Problem]]:
        """What Liquid would change, as Markdown."""
        separator = str(post.extra.get("excerpt_separator") or self.config.text("excerpt_separator")).strip()
        if separator and "more" not in separator:
            marks = iter(["<!-- more -->"])
            text = tags.outside_code(text, re.escape(separator), lambda found: next(marks, found[0]))
        work = Liquid(post, lookup, Surroundings(self.root, self.config, self.name_of_host, self.base, self.local))
        if "{%" in text or "{{" in text:
            text = work.all(text)
        return text, work.problems


def syntax(config: Fields) -> Syntax:
    """How Jekyll calls kramdown, unless `markdown` names another parser: those are CommonMark's."""
    if (config.text("markdown") or "kramdown").lower() != "kramdown":
        return Syntax(breaks="HARDBREAKS" in config.below("commonmark").words("options"))
    said = config.below("kramdown")
    extensions = {"strikethrough", "footnotes"}
    if "jekyll-gfm-admonitions" in (*config.words("plugins"), *config.words("gems")):
        extensions.add("alerts")
    return Syntax(
        flavor="kramdown",
        extensions=frozenset(extensions),
        breaks=said.flag("hard_wrap"),
        reads_html=said.flag("parse_block_html"),
    )


_CALENDAR = {
    "year": "%Y",
    "month": "%m",
    "day": "%d",
    "hour": "%H",
    "minute": "%M",
    "second": "%S",
    "short_month": "%b",
    "long_month": "%B",
    "short_year": "%y",
    "w_year": "%G",
    "week": "%V",
    "w_day": "%u",
    "short_day": "%a",
    "long_day": "%A",
    "y_day": "%j",
}
"""Jekyll's names of what strftime gives; the names of days and months are English, since no locale is ever set."""


def _slugify(text: str, kept: str = "", *, cased: bool = False) -> str:
    """One hyphen for each run of what is no letter, no digit and not `kept`."""
    chars = (char if char.isalnum() or unicodedata.category(char)[0] == "M" or char in kept else "-" for char in text)
    slug = re.sub(r"-{2,}", "-", "".join(chars)).strip("-")
    return slug if cased else slug.lower()


def _words(value: Any) -> list[Any]:
    return value.split() if isinstance(value, str) else value if isinstance(value, list) else [value]


def _home(root: Path, config: Fields) -> str:
    """The URL of the host in CNAME, where GitHub Pages stores a blog's own; "" if `url` is set, or if there is none."""
    if config.text("url").rstrip("/"):
        return ""
    try:
        host = paths.read(root, "CNAME").decode("utf-8", "replace").strip()
    except Unreadable as error:
        if not error.missing:
            config.problems.append(Problem("CNAME", 0, error.message, "warning", code="file-unreadable"))
        return ""
    return f"https://{host}" if re.fullmatch(r"[\w.-]+", host) else ""
