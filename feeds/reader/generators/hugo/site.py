"""A Hugo site's configuration as each of its languages has it, and the folders that are its content.

To Hugo, each language is a site of its own: whatever a language says in its table stands over what all of them say.
"""

from __future__ import annotations

import posixpath
import re
from collections import ChainMap
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from feeds import paths
from feeds.reader import configuration
from feeds.reader.fields import Fields
from feeds.settings import inside
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Table = dict[str, Any]

_SIMPLE = expression(r"\^?(?:[\w/ -]|\\[.+$]|\.\*)+\$?")
_ENDS = ("toml", "yaml", "yml", "json")
_LONGEST_SIGN, _MOST_SIGNS = 20, 20
"""Of delimiters of formulas: nobody has longer ones, or more."""


class Mount(NamedTuple):
    """A folder of the site that Hugo has below `target` of its content. All files are in one `language`, unless their
    names say otherwise; "" is the site's own language. `only` and `never` are patterns of files.
    """

    folder: str
    target: str = ""
    language: str = ""
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def below(self, path: str) -> str | None:
        """A file's path below Hugo's content, None if it does not lie in this folder."""
        inner = path if self.folder == "." else path.removeprefix(f"{self.folder}/")
        if self.folder != "." and inner == path:
            return None
        if any(fnmatchcase(inner, pattern) for pattern in self.never):
            return None
        if self.only and not any(fnmatchcase(inner, pattern) for pattern in self.only):
            return None
        return f"{self.target}/{inner}" if self.target else inner


class Configuration:
    """The whole configuration, and that of each language, in Hugo's order.

    `named`: it has a table of languages; without one there is only the main language. `disabled` are codes of languages
    that are switched off.
    """

    def __init__(self, whole: Fields) -> None:
        self.whole = whole
        table = whole.below("languages")
        every = {code: table.below(code) for code in table.data}
        off = {word.lower() for word in whole.words("disablelanguages")}
        self.disabled = frozenset(code for code, own in every.items() if code in off or own.flag("disabled"))
        on = sorted(every.keys() - self.disabled, key=lambda code: (every[code].number("weight") or 10**9, code))
        self.own: Mapping[str, Fields] = {code: every[code] for code in on}
        self.named = bool(on)
        self.main = self._main()
        if not self.named:
            self.own = {self.main: Fields(whole.path, {}, {}, f"languages.{self.main}.", whole.problems, whole.files)}
        self.has_hosts = any("baseurl" in own.data for own in self.own.values())
        self._known: dict[str, Fields] = {}
        self._params: dict[str, Mapping[str, Any]] = {}

    @classmethod
    def of_site(cls, root: Path) -> Configuration | None:
        """The configuration in a folder, None if it has none of Hugo's."""
        whole = configuration.layered(root, "config", ("hugo", "config"), _ENDS)
        if not whole or ("base_url" in whole.data and "baseurl" not in whole.data):  # that is Zola's
            return None
        return cls(whole)

    def _main(self) -> str:
        said = self.whole.text("defaultcontentlanguage").lower()
        if said in self.own or (said and not self.named):
            return said
        first = "en" if "en" in self.own or not self.named else next(iter(self.own))
        if said:
            wrong = f'is "{said}", which is none of the languages; using {first}'
            self.whole.complain("defaultcontentlanguage", wrong, "warning", code="language-unknown")
        return first

    def of(self, code: str) -> Fields:
        """What a language says itself, over what is said for all."""
        if code not in self._known:
            whole, own = self.whole, self.own.get(code)
            self._known[code] = (
                Fields(
                    whole.path,
                    ChainMap(cast("Table", own.data), cast("Table", whole.data)),
                    ChainMap(self._lines.get(code, {}), cast("dict[str, int]", whole.lines)),
                    problems=whole.problems,
                    files=whole.files,
                )
                if own
                else whole
            )
        return self._known[code]

    @cached_property
    def _lines(self) -> Mapping[str, dict[str, int]]:
        """The lines of the keys of each language, by their names within it."""
        found: dict[str, dict[str, int]] = {}
        for key, line in self.whole.lines.items():
            if key.startswith("languages."):
                code, _, inner = key.removeprefix("languages.").partition(".")
                found.setdefault(code, {})[inner] = line
        return found

    def prefix(self, code: str) -> str:
        """The folder in which the pages of a language lie, in the output folder."""
        below = code != self.main or self.whole.flag("defaultcontentlanguageinsubdir")
        return f"{code}/" if below or self.has_hosts else ""

    def params(self, code: str) -> Mapping[str, Any]:
        """A language's parameters over those of all."""
        if code not in self._params:
            own = self.own[code].below("params").data if code in self.own else {}
            self._params[code] = configuration.over(self.whole.below("params").data, own)
        return self._params[code]

    @cached_property
    def _ignored(self) -> tuple[str, ...]:
        return tuple([_glob(word) for word in self.whole.words("ignorefiles") if _SIMPLE.fullmatch(word)])

    def ignores(self, path: str) -> bool:
        """Whether `ignoreFiles` names a file."""
        return any(fnmatchcase(path, pattern) for pattern in self._ignored)

    def mounts(self, root: Path) -> tuple[Mount, ...]:
        """The folders with content that are there, inner ones first: those that are mounted, else each language's
        `contentDir`. Where all languages have one of their own, `content` itself is none.
        """
        found = [*self._mounted()] or [*self._folders()]
        there = {mount: None for mount in found if not inside(mount.folder) and paths.is_folder(root / mount.folder)}
        if not there:  # what is mounted and does not exist does not count
            there = {mount: None for mount in self._folders() if paths.is_folder(root / mount.folder)}
        return tuple(sorted(there, key=lambda mount: (mount.folder == ".", -mount.folder.count("/"), mount.folder)))

    @property
    def passthrough(self) -> tuple[tuple[str, str, bool], ...]:
        """The delimiters of formulas that Markdown leaves alone (`Syntax`), if Hugo's extension is on; longer ones
        first.
        """
        extension = self.whole.below("markup").below("goldmark").below("extensions").below("passthrough")
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

    @property
    def content(self) -> str:
        """The folder of languages that do not have one of their own."""
        return _folder(self.whole) or "content"

    def _folders(self) -> list[Mount]:
        own = {code: folder for code, table in self.own.items() if (folder := _folder(table))}
        shared = [Mount(self.content)] if own.keys() != self.own.keys() else []
        first = {folder: code for code, folder in reversed(own.items())}
        return shared + [Mount(folder, language=code) for folder, code in first.items()]

    def _mounted(self) -> list[Mount]:
        """Those of `module.mounts` that are content."""
        said = self.whole.below("module").data.get("mounts")
        tables = [Fields("", one, {}) for one in said if isinstance(one, dict)] if isinstance(said, list) else []
        found = []
        for table in tables:
            target = posixpath.normpath(table.text("target"))
            matrix = table.below("sites").below("matrix")
            wanted = [word.lower() for word in table.words("lang") or matrix.words("languages")]
            language = next((code for code in wanted if code in self.own), "")
            if (target == "content" or target.startswith("content/")) and (language or not wanted):
                files = table.words("files")
                found.append(
                    Mount(
                        posixpath.normpath(table.text("source")),
                        target[len("content/") :],
                        language,
                        (*table.words("includefiles"), *(word for word in files if word[0] != "!")),
                        (*table.words("excludefiles"), *(word[1:].strip() for word in files if word[0] == "!")),
                    )
                )
        return found


def _folder(config: Fields) -> str:
    """The `contentDir` of a table, "" when it says none."""
    said = config.text("contentdir")
    return posixpath.normpath(said) if said else ""


def _glob(simple: str) -> str:
    """A simple expression, found anywhere in a path, as the pattern of a file name: that is never slow."""
    inner = simple.removeprefix("^")
    ends = inner.endswith("$") and not inner.endswith("\\$")
    inner = re.sub(r"\\(.)", r"\1", inner.removesuffix("$" if ends else "").replace(".*", "*"))
    return f"{'' if simple.startswith('^') else '*'}{inner}{'' if ends else '*'}"
