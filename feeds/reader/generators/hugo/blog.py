"""Hugo: `content`, languages by suffix or by folder, page bundles, addresses by `permalinks`, shortcodes in `{{< >}}`.

The rules were checked against Hugo 0.168. Keys of front matter and of the configuration are read in any case, as Hugo
reads them.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from feeds.errors import Problem, Unreadable
from feeds.reader import configuration, covers, files, frontmatter, languages
from feeds.reader.dates import moment, zone_named
from feeds.reader.dialect import Dialect
from feeds.reader.fields import Fields
from feeds.reader.generators.hugo import feeds, front_matter, markdown
from feeds.reader.generators.hugo.cascade import handed
from feeds.reader.generators.hugo.detected import detected, own_codes
from feeds.reader.generators.hugo.permalinks import Folder, filled, path_words, title_words
from feeds.reader.generators.hugo.site import Configuration
from feeds.reader.generators.hugo.tags import Shortcodes
from feeds.text import expression, is_http

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path

    from feeds.model import Channel, Image, Language, Post, Status
    from feeds.reader.generators.hugo.site import Mount
    from feeds.rendered import Lookup

_DATES: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "publishdate", "pubdate", "published", "lastmod", "modified"),
    "publishdate": ("publishdate", "pubdate", "published", "date"),
    "expirydate": ("expirydate", "unpublishdate"),
}
"""The keys of each of a page's dates, in their order, as far as `frontmatter` says no others."""
_DATED = expression(r"(\d{4}-\d\d-\d\d)(?:[-_T](\d\d-\d\d-\d\d))?[-_ ]*+(.*)")


class Hugo(Dialect):
    """A folder with `hugo.toml` (or `config.toml`, or `config/_default`) and content."""

    name = "hugo"
    endings = (".md", ".markdown", ".mdown")
    html = (".html", ".htm")
    foreign = frozenset((".ad", ".adoc", ".asciidoc", ".org", ".pandoc", ".pdc", ".rst"))
    has_pages = True
    signs = "Hugo (hugo.toml or config.toml, .yaml or .json, or config/_default, and content)"
    updated_keys = ("lastmod", "modified")
    group_keys = ("translationkey",)
    image_keys = covers.HUGO
    names_pictures = True
    prints_html = False  # Go's templates escape them

    def __init__(self, root: Path, config: Configuration, mounts: tuple[Mount, ...]) -> None:
        self.root, self.config, self.mounts = root, config, mounts
        self.bundles: set[str] = set()
        self.sections: dict[tuple[str, str], Fields] = {}
        whole = config.whole
        self.syntax = markdown.syntax(whole, config.passthrough)
        self.wanted = whole.words("mainsections") or whole.below("params").words("mainsections")
        self.keeps_future = whole.flag("buildfuture")
        self.guessed = (
            [] if config.named or any(mount.language for mount in mounts) else languages.folders(root, config.content)
        )
        self.codes = own_codes(config)
        self._codes: dict[str, str] = {}  # a file is asked for many times
        self._dates: dict[tuple[str, str], tuple[str, ...]] = {}
        self._zones: dict[str, tzinfo | None] = {}
        self.found = detected(config, mounts, self.guessed)
        self.problems = tuple(whole.problems)

    @classmethod
    def open(cls, root: Path) -> Hugo | None:
        """The blog of a Hugo configuration whose content folder is there."""
        config = Configuration.of_site(root)
        mounts = config.mounts(root) if config else ()
        return cls(root, config, mounts) if config and mounts else None

    def folders(self) -> tuple[str, ...]:
        """Every content folder that is there, inner ones first."""
        return tuple(dict.fromkeys(mount.folder for mount in self.mounts))

    def below(self, path: str) -> str:
        """A file's path below Hugo's content, which may be mounted from elsewhere."""
        return next((inner for mount in self.mounts if (inner := mount.below(path)) is not None), path)

    def is_shared(self, path: str) -> bool:
        """The configuration, and sections, which hand keys down and have a say in addresses."""
        return path.startswith(("hugo.", "config.", "config/")) or _base(path) == "_index"

    def sources(self, paths: Iterable[str]) -> list[str]:
        """Pages: no sections, nothing from a page's bundle, and of the main sections if those are named."""
        every = [path for path in paths if self.is_page(path.lower()) and self._mount(path)]
        self.bundles = {posixpath.dirname(path) for path in every if _base(path) == "index"}
        self.sections = {
            (str(self.inner(path).parent), self._code(path)): self._read_section(path)
            for path in every
            if _base(path) == "_index"
        }
        pages = [path for path in every if self.is_post(path) and not self.config.ignores(path)]
        return [path for path in pages if self._above(path)[:1] and self._above(path)[0].name in self.wanted] or pages

    def is_post(self, path: str) -> bool:
        """Whether a file is a page of a language that is switched on: no section, and not of another's bundle."""
        base = _base(path)
        above = (str(parent) for parent in PurePosixPath(path).parents[base == "index" :])
        own = base not in ("_index", "") and _suffix(path) not in self.config.disabled and self._mount(path)
        return bool(own) and self.bundles.isdisjoint(above)

    def _mount(self, path: str) -> Mount | None:
        return next((mount for mount in self.mounts if mount.below(path) is not None), None)

    def _code(self, path: str) -> str:
        """Hugo's code of a file's language: a suffix of its name, that of its content folder, or the main one."""
        if path not in self._codes:
            suffix, mount = _suffix(path), self._mount(path)
            own = (mount and mount.language) or self.config.main
            self._codes[path] = suffix if suffix in self.config.own else own
        return self._codes[path]

    def _guess(self, path: str) -> str:
        """The folder that tells a file's language where the configuration says nothing of any."""
        top = self.below(path).partition("/")[0].lower()
        return top if top in self.guessed and _suffix(path) != self.config.main else ""

    def _read_section(self, path: str) -> Fields:
        """The front matter of an `_index.md`; one with mistakes says nothing."""
        front = frontmatter.FrontMatter({}, {}, 1)
        try:
            front, _ = files.read_front_matter(self.root, path, lambda text: self.front_matter(text, path))
        except frontmatter.FrontMatterError:
            pass
        except Unreadable as error:
            self.problems += (Problem(path, 0, error.message, code="file-unreadable"),)
        return Fields(path, front.data, front.lines)

    def front_matter(self, text: str, path: str) -> frontmatter.FrontMatter:
        """YAML, TOML or JSON, with keys in any case."""
        front = front_matter.parse(text, path)
        lines = {key.lower(): line for key, line in front.lines.items()}
        return replace(
            front, data=configuration.lower(front.data), lines=lines, quoted=frozenset(map(str.lower, front.quoted))
        )

    def body(self, text: str, line: int) -> list[str]:
        """From the last line of the front matter on, if there is text behind it."""
        lines = super().body(text, line)
        rest = front_matter.behind(text, line)
        return [rest, *lines[1:]] if rest else lines

    def data(self, front: frontmatter.FrontMatter, path: str) -> Mapping[str, Any]:
        """The post's keys over what the sections above and the configuration hand down (`cascade`)."""
        inner, code = self.inner(path), self._code(path)
        page = f"/{inner}"
        bundle = posixpath.dirname(page) if _base(path) == "index" else ""
        names = (page, page.rpartition(".")[0], bundle)  # as a file, and as Hugo names the page
        is_so = {"path": names, "languages": (code,), "kind": ("page",), "environment": ("production",)}
        above = [self.sections.get((str(parent), code)) for parent in reversed(inner.parents)]
        owners = (self.config.whole, self.config.own.get(code), *above)
        return {**handed((owner.data.get("cascade") for owner in owners if owner), is_so), **front.data}

    def language(self, fields: Fields) -> tuple[Language | None, PurePosixPath]:
        """By suffix or content folder; a key of the front matter says nothing to Hugo."""
        inner, code, guess = self.inner(fields.path), self._code(fields.path), self._guess(fields.path)
        if _suffix(fields.path) == code:
            inner = inner.with_name(inner.stem[: -len(code) - 1] + inner.suffix)
        elif guess and len(self.settings.languages) > 1:
            inner = inner.relative_to(inner.parts[0])
        known = self.settings.languages
        return known.get(guess or self.codes[code], known[self.settings.default_language]), inner

    def _zone(self, path: str) -> tzinfo:
        """The time zone of a file's language, where that has one of its own."""
        code = self._code(path)
        if code not in self._zones:
            said = self.config.own[code].text("timezone")
            self._zones[code] = zone_named(said) if said else None
        return self._zones[code] or self.settings.timezone

    def moment(self, fields: Fields, key: str) -> datetime | None:
        """The instant a key names."""
        return fields.moment(key, self._zone(fields.path), strict=False)

    def _keys(self, path: str, date: str) -> tuple[str, ...]:
        """Where a date of a page may stand, in Hugo's order or in that of `frontmatter`."""
        code = self._code(path)
        if (code, date) not in self._dates:
            said = self.config.of(code).below("frontmatter").words(date) or (":default",)
            words = (_DATES[date] if word == ":default" else (word.lower(),) for word in said)
            self._dates[code, date] = tuple(key for keys in words for key in keys)
        return self._dates[code, date]

    def _date(self, fields: Fields, date: str) -> datetime | None:
        for key in self._keys(fields.path, date):
            if key == ":filename":
                if name := self._dated(fields.path):
                    return name[0]
            elif found := self.moment(fields, key):
                return found
        return None

    def published(self, fields: Fields) -> datetime | None:
        """The first date there is."""
        return self._date(fields, "date")

    def _dated(self, path: str) -> tuple[datetime, str] | None:
        """Day and rest of the name of a file."""
        found = _DATED.fullmatch(self._name(path))
        if not found:
            return None
        try:
            clock = (found[2] or "00-00-00").replace("-", ":")
            return moment(f"{found[1]} {clock}", self._zone(path)), found[3]
        except ValueError:
            return None

    def _slug(self, fields: Fields) -> str:
        """The key, else the rest of a name whose day is the page's date; "" when there is neither."""
        if said := fields.text("slug"):
            return said
        keys = self._keys(fields.path, "date")
        before = keys[: keys.index(":filename")] if ":filename" in keys else None
        if before is None or any(self.moment(fields, key) for key in before):
            return ""
        dated = self._dated(fields.path)
        return dated[1] if dated else ""

    def slug(self, fields: Fields, rest: PurePosixPath) -> str:
        """As above, else the name."""
        return self._slug(fields) or self._name(fields.path)

    def status(self, fields: Fields, published: datetime | None, now: datetime) -> Status:
        """Drafts, dates to come, expiry, and pages that are kept out of lists."""
        build = {**fields.below("_build").data, **fields.below("build").data}
        lists = {str(build.get(key, "")).lower() for key in ("list", "render")}
        shown = self._date(fields, "publishdate") or published
        expires = self._date(fields, "expirydate")
        if fields.flag("draft") and not self.config.whole.flag("builddrafts"):
            return "draft"
        if lists & {"never", "local", "link", "false"} or fields.flag("headless"):
            return "hidden"
        if expires and expires <= now and not self.config.whole.flag("buildexpired"):
            return "hidden"
        return "future" if shown and shown > now and not self.keeps_future else "published"

    def changes(self, fields: Fields, published: datetime | None) -> tuple[datetime, ...]:
        """Publication, and the end of what expires."""
        said = (self._date(fields, date) for date in ("publishdate", "expirydate"))
        return tuple(moment for moment in (published, *said) if moment)

    def address(self, fields: Fields, post: Post) -> str:
        """`url`, else the pattern of its section, else folders and slug; a language's prefix before it."""
        code = self._code(post.path)
        config = self.config.of(code)
        prefix = "" if self.config.has_hosts else self.config.prefix(code)
        above = self._above(post.path)
        top = above[0].name if above else "/"
        if url := fields.text("url"):
            path = self._filled(url, fields, post) if ":" in url else url
            path = path if path.endswith("/") or "." in PurePosixPath(path).name else f"{path}/"
            return path if url.startswith("/") else prefix + path
        said = config.below("permalinks").data
        pages = said.get("page")
        pattern = str({**said, **(pages if isinstance(pages, dict) else {})}.get(top) or "")
        if pattern:
            path = self._filled(pattern, fields, post).lower()
        else:
            last = title_words(self._slug(fields)) or path_words(self._name(post.path))
            path = "/".join([*(folder.slug for folder in above), last])
        ugly = self.config.whole.data.get("uglyurls")
        ugly = ugly.get(top) if isinstance(ugly, dict) else ugly
        path = re.sub("/{2,}", "/", path).strip("/")
        if str(ugly).lower() == "true":
            return f"{prefix}{path}{'' if path.endswith('.html') else '.html'}"
        return f"{prefix}{path}/"

    def channels(self, posts: Sequence[Post]) -> tuple[list[Channel], list[Problem]]:
        """Of the site, its sections and its terms."""
        return feeds.channels(feeds.Layout(self.config, self.codes, self.sections, self._code, self._above), posts)

    def home(self, post: Post) -> str:
        """The address of the site, or that of the post's language, where each has a host of its own."""
        own = self.config.own[self._code(post.path)].text("baseurl") if self.config.has_hosts else ""
        return f"{own.rstrip('/')}/" if is_http(own) else super().home(post)

    def _name(self, path: str, *, cased: bool = False) -> str:
        """The name of a page's file, or of its bundle, without its language; `cased`: in the same capitals."""
        file, end = PurePosixPath(path), f".{self._code(path)}"
        name = file.parent.name if _base(path) == "index" else file.stem
        return name[: -len(end)] if (name if cased else name.lower()).endswith(end) else name

    def _above(self, path: str) -> list[Folder]:
        """The folders of a page below Hugo's content."""
        inner, code = self.inner(path), self._code(path)
        top, found = PurePosixPath(), []
        for folder in inner.parts[:-2] if _base(path) == "index" else inner.parts[:-1]:
            top /= folder
            section = self.sections.get((str(top), code))
            slug = (section.text("slug") if section else "") or folder
            found.append(Folder(path_words(folder), path_words(slug), bool(section)))
        return found

    def _filled(self, pattern: str, fields: Fields, post: Post) -> str:
        return filled(
            pattern,
            date=post.published,
            title=fields.text("title"),
            slug=self._slug(fields),
            name=self._name(post.path, cased=True),
            folders=self._above(post.path),
        )

    def cover(self, fields: Fields) -> Image | None:
        """Also from the table in which parameters may stand."""
        return super().cover(fields) or super().cover(fields.below("params"))

    def picture_address(self, src: str, base: str) -> str:
        """As `absURL` has it: below the site, unless it begins at the host's root."""
        return urljoin(base if src.startswith(("/", "./")) else self.settings.url, src)

    def assets(self, post: Post) -> tuple[str, str]:
        """A bundle's own folder, served below the page's address."""
        if _base(post.path) != "index":
            return "", ""
        return str(PurePosixPath(post.path).parent), post.url.removesuffix(".html").rstrip("/") + "/"

    def markdown(self, text: str, post: Post, lookup: Lookup) -> tuple[str, list[Problem]]:
        """Shortcodes as Markdown."""
        work = Shortcodes(post, lookup, self.config.params(self._code(post.path)), self.inner)
        return work.run(text, post.body_line) if "{{" in text else text, work.problems


def _base(path: str) -> str:
    """The name of a file up to its first dot: `index` for `index.en.md`."""
    return path.rpartition("/")[2].partition(".")[0]


def _suffix(path: str) -> str:
    """What may be a language in the name of a file: `en` of `index.en.md`."""
    parts = path.rpartition("/")[2].split(".")
    return parts[-2].lower() if len(parts) > 2 else ""  # noqa: PLR2004  # a name, a language, an ending
