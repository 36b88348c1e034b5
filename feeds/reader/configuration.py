"""A generator's own configuration files, read with the line of each key, and turned into the terms of `feeds.toml`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feeds import paths
from feeds.errors import Problem, SettingsError, Unreadable
from feeds.reader import frontmatter
from feeds.reader.fields import Fields
from feeds.settings import DetectedSettings, inside
from feeds.settings.toml import NESTING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def first(root: Path, names: Iterable[str]) -> str:
    """The first of these files that exists, whatever it is, or ""."""
    return next((name for name in names if os.path.lexists(root / name)), "")


def read(root: Path, name: str) -> Fields:
    """The keys of a configuration file. Raises `SettingsError`."""
    try:
        text = frontmatter.decode(paths.read(root, name))
        found = frontmatter.load(text, name) if text.strip() else frontmatter.FrontMatter({}, {}, 1)
    except frontmatter.FrontMatterError as error:
        raise SettingsError([Problem(name, error.line, error.message, code="configuration-invalid")]) from error
    except Unreadable as error:
        raise SettingsError([Problem(name, 0, error.message, code="file-unreadable")]) from error
    if not isinstance(found.data, dict):
        raise SettingsError([Problem(name, 1, "must contain `key: value` lines", code="configuration-invalid")])
    return Fields(name, found.data, found.lines, problems=[*found.problems])


def layered(root: Path, folder: str, stems: tuple[str, ...], ends: tuple[str, ...]) -> Fields | None:
    """Hugo's configuration: one file at the root, or those of `config/_default` with `config/production` over them.

    Keys are in lower case, since Hugo reads `baseURL` and `baseurl` alike. A file with another name contains the table
    of that name: `languages.toml`.
    """
    if name := first(root, (f"{stem}.{end}" for stem in stems for end in ends)):
        return _lower(read(root, name))
    whole = Fields(f"{folder}/_default", {}, {})
    for place in (f"{folder}/_default", f"{folder}/production"):
        for name in _names(root, place):
            if "." not in name or not name.endswith(ends):
                continue
            part = _lower(read(root, f"{place}/{name}"))
            stem = name.rpartition(".")[0].lower()
            main = stem in stems
            table = part.data if main else {stem: part.data}
            path, lines = (part.path, part.lines) if main else (whole.path, whole.lines)
            whole = Fields(path, _over(whole.data, table), lines, problems=[*whole.problems, *part.problems])
    return whole if whole.data else None


def _names(root: Path, folder: str) -> list[str]:
    """The files of a configuration folder, none if it does not exist. Raises `SettingsError`."""
    try:
        return sorted(entry.name for entry in paths.entries(root, folder) if entry.name[0] != ".")
    except Unreadable as error:
        if error.missing:
            return []
        raise SettingsError([Problem(folder, 0, error.message, code="file-unreadable")]) from error


def _lower(config: Fields) -> Fields:
    lines = {key.lower(): line for key, line in config.lines.items()}
    return Fields(config.path, lower(config.data), lines, problems=config.problems)


def _over(one: Mapping[str, Any], other: Mapping[str, Any], depth: int = NESTING) -> dict[str, Any]:
    """Both tables, the second overriding the first, at every depth; an alias may put a table into itself."""
    both = {**one, **other}
    for key in one.keys() & other.keys() if depth else ():
        if isinstance(one[key], dict) and isinstance(other[key], dict):
            both[key] = _over(one[key], other[key], depth - 1)
    return both


def lower(value: Any, seen: dict[int, Any] | None = None) -> Any:
    """The same keys in lower case, at every depth: to Hugo `baseURL` is `baseurl`. An alias stays one object."""
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    if isinstance(value, dict):
        table: dict[str, Any] = {}
        seen[id(value)] = table
        table.update((str(key).lower(), lower(item, seen)) for key, item in value.items())
        return table
    if isinstance(value, list):
        items: list[Any] = []
        seen[id(value)] = items
        items.extend(lower(item, seen) for item in value)
        return items
    return value


class Findings:
    """Collects what is found, key by key, with its line; nothing empty is kept."""

    def __init__(self, config: Fields) -> None:
        self.config = config
        self.data: dict[str, Any] = {}
        self.lines: dict[str, int] = {}

    def put(self, place: str, value: Any, key: str = "") -> None:
        """Note a value under a key of `feeds.toml`, like `author.name`; `key` is where the configuration has it."""
        if not (place in ("output", "content.dir") and inside(value)):
            self._put(place.split("."), value, key)

    def put_language(self, code: str, name: str, value: Any, key: str) -> None:
        """Note a value of a language, whose code may be any text."""
        self._put(["languages", code, name], value, key)

    def _put(self, place: list[str], value: Any, key: str) -> None:
        if value in ("", None, {}):
            return
        table = self.data
        for part in place[:-1]:
            table = table.setdefault(part, {})
        table[place[-1]] = value
        self.lines[".".join(place)] = self.config.lines.get(key or place[-1], 1)

    def found(self) -> DetectedSettings:
        """All of it; a blog without a title is named after its host."""
        if "title" not in self.data:
            self.put("title", urlsplit(str(self.data.get("url", ""))).hostname, "url")
        return DetectedSettings(path=self.config.path, data=self.data, lines=self.lines, own_addresses=True)
