"""Hugo: `content`, languages by suffix or by folder, page bundles, addresses by `permalinks`, shortcodes in `{{< >}}`.

The rules were checked against Hugo 0.168. Keys of front matter and of the configuration are read in any case, as Hugo
reads them.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from dataclasses import replace
from fnmatch import fnmatch, fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from feeds import paths
from feeds.errors import Problem, Unreadable
from feeds.reader import configuration, files, frontmatter, languages
from feeds.reader.dates import moment
from feeds.reader.dialect import MARKDOWN, Dialect
from feeds.reader.fields import Fields
from feeds.reader.generators.hugo.tags import Shortcodes, without_attributes
from feeds.rendered import Syntax

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from feeds.model import Language, Post, Status
    from feeds.rendered import Lookup

_ENDS = ("toml", "yaml", "yml", "json")
_DATES = ("date", "publishdate", "pubdate", "published", "lastmod", "modified")
_DATED = re.compile(r"(\d{4}-\d\d-\d\d)(?:[-_T](\d\d-\d\d-\d\d))?[-_ ]*+(.*)")
_GO = dict(zip(
    ("2006", "January", "Jan", "Monday", "Mon", "01", "02", "15", "04", "05", "06", "1", "2"),
    ("%Y", "%B", "%b", "%A", "%a", "%m", "%d", "%H", "%M", "%S", "%y", "%-m", "%-d"),
    strict=True,
))  # fmt: skip
"""How Go writes the parts of a date, each in strftime's words."""
_LONGEST_SIGN, _MOST_SIGNS = 20, 20
"""Of delimiters of formulas: nobody has longer ones, or more."""
_SIMPLE = re.compile(r"\^?(?:[\w/ -]|\\[.+$]|\.\*)+\$?")


class Hugo(Dialect):
    """A folder with `hugo.toml` (or `config.toml`, or `config/_default`) and content."""

    name = "hugo"
    has_pages = True
    signs = "Hugo (hugo.toml or config.toml, .yaml or .json, or config/_default, and content)"
    updated_keys = ("lastmod", "modified")
    group_keys = ("translationkey",)
    image_keys = ("image", "cover", "featured_image", "thumbnail")
    prints_html = False  # Go's templates escape them

    def __init__(self, root: Path, config: Fields) -> None:
        self.root, self.config = root, config
        self.content = posixpath.normpath(config.text("contentdir").strip("/") or "content")
        self.main = config.text("defaultcontentlanguage").lower() or "en"
        self.sections: dict[tuple[str, str], Fields] = {}
        every = {code: config.below("languages").below(code) for code in config.below("languages").data}
        self.disabled = {code for code, entry in every.items() if entry.flag("disabled")}
        order = sorted(every.keys() - self.disabled, key=lambda code: (every[code].number("weight") or 9999, code))
        self.languages = {code: every[code] for code in order}
        own = {
            posixpath.normpath(folder): code
            for code, entry in every.items()
            if (folder := entry.text("contentdir").strip("/"))
        }
        there = [folder for folder in (self.content, *own) if paths.is_folder(root / folder)]
        self.present = tuple(sorted(dict.fromkeys(there), key=lambda folder: (-folder.count("/"), folder)))
        self.content_folders = {self.content: "", **own}  # each with the code of its language; "": suffixes tell
        self.wanted = config.words("mainsections") or config.below("params").words("mainsections")
        self.keeps_future = config.flag("buildfuture")
        said = config.below("frontmatter").words("date") or (":default",)
        self.dates = [key for word in said for key in (_DATES if word == ":default" else (word.lower(),))]
        self.syntax = Syntax(flavor="goldmark", passthrough=_passthrough(config))
        self._find(config.below("params"))

    @classmethod
    def open(cls, root: Path) -> Hugo | None:
        """The blog of a Hugo configuration whose content folder is there."""
        config = configuration.layered(root, "config", ("hugo", "config"), _ENDS)
        if not config or ("base_url" in config.data and "baseurl" not in config.data):  # that is Zola's
            return None
        blog = cls(root, config)
        return blog if blog.present else None

    def _find(self, params: Fields) -> None:
        """The configuration in the words of `feeds.toml`."""
        config, found = self.config, configuration.Findings(self.config)
        titles = [config.text("title"), *(entry.text("title") for entry in self.languages.values()), ""]
        found.put("title", next(filter(None, titles), ""))
        found.put("description", params.text("description"), "params.description")
        found.put("url", config.text("baseurl"), "baseurl")
        found.put("author.name", ", ".join(params.names("author") or config.names("author")), "params.author")
        for code, entry in self.languages.items():
            said = languages.tag(entry.text("locale") or entry.text("languagecode")) or languages.tag(code)
            found.put_language(code, "tag", said or code, f"languages.{code}")
            found.put_language(code, "title", entry.text("title"), f"languages.{code}")
            found.put_language(code, "description", entry.below("params").text("description"), f"languages.{code}")
        if not self.languages:
            said = config.text("locale") or config.text("languagecode")
            here = languages.folders(self.root, self.content)
            for code in here or [self.main]:
                tag = languages.tag(code) if here else languages.tag(said) or languages.tag(self.main)
                found.put_language(code, "tag", tag or code, "languagecode")
            self.main = self.main if self.main in found.data["languages"] else next(iter(found.data["languages"]))
        found.put("default_language", self.main, "defaultcontentlanguage")
        found.put("timezone", config.text("timezone"))
        found.put("output", config.text("publishdir"), "publishdir")
        found.put("content.dir", self.content, "contentdir")
        self.found = found.found()
        self.problems = tuple(config.problems)

    def folders(self) -> tuple[str, ...]:
        """Every content folder that is there, inner ones first."""
        return self.present

    def is_shared(self, path: str) -> bool:
        """The configuration, and sections, which hand keys down and have a say in addresses."""
        return path.startswith(("hugo.", "config.", "config/")) or _base(path) == "_index"

    def sources(self, paths: Iterable[str]) -> list[str]:
        """Markdown pages: no sections, nothing from a page's bundle, and of the main sections if those are named."""
        every = [path for path in paths if PurePosixPath(path).suffix.lower() in MARKDOWN]
        bundles = {str(PurePosixPath(path).parent) for path in every if _base(path) == "index"}
        self.sections = {
            (str(PurePosixPath(path).parent), self._code(path)): self._read_section(path)
            for path in every
            if _base(path) == "_index"
        }
        ignored = [_glob(word) for word in self.config.words("ignorefiles") if _SIMPLE.fullmatch(word)]
        pages = [
            path
            for path in every
            if _base(path) not in ("_index", "")
            and not any(str(parent) in bundles for parent in PurePosixPath(path).parents[_base(path) == "index" :])
            and not any(fnmatchcase(path, pattern) for pattern in ignored)
            and PurePosixPath(PurePosixPath(path).stem).suffix[1:].lower() not in self.disabled
        ]
        return [path for path in pages if self._above(path)[:1] and self._above(path)[0][0] in self.wanted] or pages

    def _code(self, path: str) -> str:
        """The code of a file's language: a suffix of its name, else its content folder, else the site's own."""
        suffix = PurePosixPath(PurePosixPath(path).stem).suffix[1:].lower()
        if suffix and suffix in (*self.languages, self.main):
            return suffix
        folder = next((folder for folder in self.folders() if path.startswith(f"{folder}/")), "")
        top = PurePosixPath(path).relative_to(folder).parts[0].lower()
        return self.content_folders.get(folder) or (
            top if not self.languages and top in self.settings.languages else self.main
        )

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
        blank = len(text) - len(text.lstrip("\n"))
        front = frontmatter.parse(text[blank:], path, lenient=True).moved(blank)
        lines = {key.lower(): line for key, line in front.lines.items()}
        return replace(
            front, data=configuration.lower(front.data), lines=lines, quoted=frozenset(map(str.lower, front.quoted))
        )

    def data(self, front: frontmatter.FrontMatter, path: str) -> Mapping[str, Any]:
        """The post's keys over what the sections above and the configuration hand down (`cascade`)."""
        handed: dict[str, Any] = {}
        page = "/" + path.partition("/")[2]
        bundle = posixpath.dirname(page) if _base(path) == "index" else ""
        names = (page, page.rpartition(".")[0], bundle)  # as a file, and as Hugo names the page
        places = [(str(parent), self._code(path)) for parent in reversed(PurePosixPath(path).parents)]
        above = [self.sections[place] for place in places if place in self.sections]
        for owner in (self.config, *above):
            said = owner.data.get("cascade")
            for entry in said if isinstance(said, list) else [said]:
                if isinstance(entry, dict):
                    target = entry.get("_target") or entry.get("target") or {}
                    pattern = str(target.get("path") or "") if isinstance(target, dict) else ""
                    if not pattern or any(fnmatch(name, one) for name in names for one in _patterns(pattern)):
                        handed |= entry
        return {**handed, **front.data}

    def language(self, fields: Fields) -> tuple[Language | None, PurePosixPath]:
        """By suffix or content folder; a key of the front matter says nothing to Hugo."""
        inner, code = self.inner(fields.path), self._code(fields.path)
        if inner.stem.lower().endswith(f".{code}"):
            inner = inner.with_name(inner.stem[: -len(code) - 1] + inner.suffix)
        elif not self.languages and inner.parts[0].lower() == code and len(self.settings.languages) > 1:
            inner = inner.relative_to(inner.parts[0])
        return self.settings.languages.get(code, self.settings.languages[self.settings.default_language]), inner

    def published(self, fields: Fields) -> datetime | None:
        """The first date there is, in Hugo's order or in that of `frontmatter.date`."""
        for key in self.dates:
            if key == ":filename":
                if (name := self._dated(fields.path)) and name[0]:
                    return name[0]
            elif found := fields.moment(key, self.settings.timezone, strict=False):
                return found
        return None

    def _dated(self, path: str) -> tuple[datetime, str] | None:
        """Day and rest of a file's name, when the blog reads dates from names."""
        file = PurePosixPath(path)
        found = _DATED.fullmatch(file.parent.name if _base(path) == "index" else file.stem)
        if not found or ":filename" not in self.dates:
            return None
        try:
            clock = (found[2] or "00-00-00").replace("-", ":")
            return moment(f"{found[1]} {clock}", self.settings.timezone), found[3]
        except ValueError:
            return None

    def slug(self, fields: Fields, rest: PurePosixPath) -> str:
        """The key, else the rest of a dated name, else the name."""
        return fields.text("slug") or self._name(fields.path)

    def status(self, fields: Fields, published: datetime | None, now: datetime) -> Status:
        """Drafts, dates to come, expiry, and pages that are kept out of lists."""
        zone = self.settings.timezone
        build = {**fields.below("_build").data, **fields.below("build").data}
        lists = {str(build.get(key, "")).lower() for key in ("list", "render")}
        shown = fields.moment("publishdate", zone, strict=False) or published
        expires = fields.moment("expirydate", zone, strict=False)
        if fields.flag("draft") and not self.config.flag("builddrafts"):
            return "draft"
        if lists & {"never", "local", "link", "false"} or fields.flag("headless"):
            return "hidden"
        if expires and expires <= now and not self.config.flag("buildexpired"):
            return "hidden"
        return "future" if shown and shown > now and not self.keeps_future else "published"

    def changes(self, fields: Fields, published: datetime | None) -> tuple[datetime, ...]:
        """Publication, and the end of what expires."""
        zone = self.settings.timezone
        said = (fields.moment(key, zone, strict=False) for key in ("publishdate", "expirydate"))
        return tuple(moment for moment in (published, *said) if moment)

    def address(self, fields: Fields, post: Post) -> str:
        """`url`, else the pattern of its section, else folders and slug; a language's prefix before it."""
        code = post.language.code
        below = code != self.main or self.config.flag("defaultcontentlanguageinsubdir")
        prefix = f"{code}/" if below and len(self.languages) > 1 else ""
        above = self._above(post.path)
        top = above[0][0] if above else "/"
        if url := fields.text("url"):
            path = self._filled(url, fields, post) if ":" in url else url
            path = path if path.endswith("/") or "." in PurePosixPath(path).name else f"{path}/"
            return path if url.startswith("/") else prefix + path
        own = self.languages[code].below("permalinks").data if code in self.languages else {}
        said = own or self.config.below("permalinks").data
        pages = said.get("page")
        pattern = str({**said, **(pages if isinstance(pages, dict) else {})}.get(top) or "")
        if pattern:
            path = self._filled(pattern, fields, post).lower()
        else:
            last = _words(fields.text("slug")) or _path(self._name(post.path))
            path = "/".join([*(one[1] for one in above), last])
        ugly = self.config.data.get("uglyurls")
        ugly = ugly.get(top) if isinstance(ugly, dict) else ugly
        path = re.sub("/{2,}", "/", path).strip("/")
        if str(ugly).lower() == "true":
            return f"{prefix}{path}{'' if path.endswith('.html') else '.html'}"
        return f"{prefix}{path}/"

    def _name(self, path: str) -> str:
        """The name of a page's file, or of its bundle, without language and date."""
        file, code = PurePosixPath(path), self._code(path)
        name = file.parent.name if _base(path) == "index" else file.stem
        if name.lower().endswith(f".{code}"):
            name = name[: -len(code) - 1]
        dated = self._dated(path)
        return dated[1] or name if dated else name

    def _above(self, path: str) -> list[tuple[str, str, bool]]:
        """The folders of a page below its content folder: name, the slug its `_index.md` gives, whether it has one."""
        inner, code = self.inner(path), self._code(path)
        top = PurePosixPath(path[: len(path) - len(str(inner))])
        found = []
        for folder in inner.parts[:-2] if _base(path) == "index" else inner.parts[:-1]:
            top /= folder
            section = self.sections.get((str(top), code))
            found.append((_path(folder), _path((section.text("slug") if section else "") or folder), bool(section)))
        return found

    def _filled(self, pattern: str, fields: Fields, post: Post) -> str:
        """A pattern with its tokens filled in."""
        local = post.published  # in the zone its author wrote
        base, slug = _path(self._name(post.path)), _words(fields.text("slug"))
        sections = [
            one for number, one in enumerate(self._above(post.path)) if one[2] or number == 0
        ]  # others are none
        slices = {"sections": [one[0] for one in sections], "sectionslugs": [one[1] for one in sections]}
        values = {
            **{key: local.strftime(form) for key, form in _CALENDAR.items()},
            "yearday": f"{local:%-j}",
            "section": slices["sections"][0] if sections else "",
            "sectionslug": slices["sectionslugs"][-1] if sections else "",
            "title": _words(fields.text("title")),
            "slug": slug or _words(fields.text("title")),
            "filename": base,
            "contentbasename": base,
            **dict.fromkeys(("slugorfilename", "slugorcontentbasename"), slug or base),
            **{key: "/".join(names) for key, names in slices.items()},
        }

        def fill(found: re.Match[str]) -> str:
            name, cut = found[1], found[2]
            if cut and name in slices:
                return "/".join(_sliced(slices[name], cut[1:-1]))
            if name in values:
                return values[name] + (cut or "")
            return re.sub("|".join(_GO), lambda part: local.strftime(_GO[part[0]]), name) + (cut or "")

        return re.sub(r":([A-Za-z]+|\d+)(\[[\w:]*\])?", fill, pattern)

    def assets(self, post: Post) -> tuple[str, str]:
        """A bundle's own folder, served below the page's address."""
        if _base(post.path) != "index":
            return "", ""
        return str(PurePosixPath(post.path).parent), post.url.removesuffix(".html").rstrip("/") + "/"

    def markdown(self, text: str, post: Post, lookup: Lookup) -> tuple[str, list[Problem]]:
        """Shortcodes as Markdown, and headings without their attributes."""
        work = Shortcodes(post, lookup, self.config.below("params").data, self.inner)
        shown = work.run(text, post.body_line) if "{{" in text else text
        return without_attributes(shown), work.problems


_CALENDAR = {"year": "%Y", "month": "%m", "monthname": "%B", "day": "%d", "weekday": "%w", "weekdayname": "%A"}


def _sliced(names: list[str], cut: str) -> list[str]:
    """`1:`, `:2`, `0` or `last` of a list."""
    start, colon, end = (len(names) - 1 if word == "last" else word for word in cut.partition(":"))
    first, last = (int(word) if re.fullmatch(r"\d{1,9}", str(word)) else None for word in (start, end))
    return names[first:last] if colon else names[first or 0 :][:1]


def _patterns(said: str) -> list[str]:
    """What a target's path may be: `{a,b}` is one of these."""
    found = re.fullmatch(r"([^{}]*)\{([^{}]*)\}([^{}]*)", said.replace("**", "*"))
    return [f"{found[1]}{one}{found[3]}" for one in found[2].split(",")] if found else [said.replace("**", "*")]


def _glob(simple: str) -> str:
    """A simple expression, found anywhere in a path, as the pattern of a file name: that is never slow."""
    inner = simple.removeprefix("^")
    ends = inner.endswith("$") and not inner.endswith("\\$")
    inner = re.sub(r"\\(.)", r"\1", inner.removesuffix("$" if ends else "").replace(".*", "*"))
    return f"{'' if simple.startswith('^') else '*'}{inner}{'' if ends else '*'}"


def _passthrough(config: Fields) -> tuple[tuple[str, str, bool], ...]:
    """The delimiters of formulas that Markdown leaves alone, if Hugo's extension is on; longer ones first."""
    extension = config.below("markup").below("goldmark").below("extensions").below("passthrough")
    if not extension.flag("enable"):
        return ()
    found: list[tuple[str, str, bool]] = []
    for kind in ("block", "inline"):
        said = extension.below("delimiters").data.get(kind)
        for pair in said if isinstance(said, list) else ():
            match pair:
                case [str(begin), str(end)] if 0 < len(begin) < _LONGEST_SIGN and 0 < len(end) < _LONGEST_SIGN:
                    found.append((begin, end, kind == "block"))
    return tuple(sorted(found[:_MOST_SIGNS], key=lambda pair: -len(pair[0])))


def _base(path: str) -> str:
    """The name of a file up to its first dot: `index` for `index.en.md`."""
    return PurePosixPath(path).name.partition(".")[0]


def _path(text: str) -> str:
    """A text as Hugo puts it into an address: in small letters, blanks as hyphens, most signs dropped."""
    kept = "".join(
        "-" if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isalnum() or char in " ./_#+~-@\t" or unicodedata.category(char)[0] == "M"
    )
    return kept.lower()


def _words(text: str) -> str:
    """A title or a slug as Hugo puts it into an address: as `_path`, with one hyphen for any run of blanks."""
    plain = re.sub(r"[^\w\s./#~@-]", "", text).replace(" /", " ")
    return re.sub(r"(?<!-)-*+\s[\s-]*+", "-", plain.strip()).strip("/").lower()
