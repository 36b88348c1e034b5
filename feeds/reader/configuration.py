"""A generator's own configuration files, read with the line of each key, and turned into the terms of `feeds.toml`."""

from __future__ import annotations

import os
import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feeds import paths
from feeds.errors import Problem, SettingsError, Unreadable
from feeds.reader import frontmatter
from feeds.reader.fields import Fields
from feeds.settings import DetectedSettings, inside
from feeds.settings.toml import NESTING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path


def first(root: Path, names: Iterable[str]) -> str:
    """The first of these files that exists, whatever it is, or ""."""
    return next((name for name in names if os.path.lexists(root / name)), "")


def read(root: Path, name: str, prepared: Callable[[str], str] = str) -> Fields:
    """The keys of a configuration file, whose text is `prepared` as its generator does. Raises `SettingsError`."""
    try:
        text = prepared(frontmatter.decode(paths.read(root, name)))
        found = frontmatter.load(text, name) if text.strip() else frontmatter.FrontMatter({}, {}, 1)
    except frontmatter.FrontMatterError as error:
        raise SettingsError([Problem(name, error.line, error.message, code="configuration-invalid")]) from error
    except Unreadable as error:
        raise SettingsError([Problem(name, 0, error.message, code="file-unreadable")]) from error
    if not isinstance(found.data, dict):
        raise SettingsError([Problem(name, 1, "must contain `key: value` lines", code="configuration-invalid")])
    return Fields(name, found.data, found.lines, problems=[*found.problems])


def layered(root: Path, folder: str, stems: tuple[str, ...], ends: tuple[str, ...]) -> Fields | None:
    """Hugo's configuration: the file at the root, over it those of `config/_default`, over these `config/production`.

    Keys are in lower case, since Hugo reads `baseURL` and `baseurl` alike.
    """
    name = first(root, (f"{stem}.{end}" for stem in stems for end in ends))
    whole, parts = Fields("", {}, {}), [("", "", read(root, name))] if name else []
    for place in (f"{folder}/_default", f"{folder}/production"):
        for path in _files(root, place, ends):
            stem = posixpath.basename(path).rpartition(".")[0]
            parts.append((*(("", "") if stem in stems else _table(stem.lower())), read(root, path)))
    for table, wrapped, part in parts:
        whole = _with(whole, table, wrapped, _lower(part))
    main = next((part.path for table, _, part in parts if not table), f"{folder}/_default")
    return replace(whole, path=main) if whole.data else None


def _table(stem: str) -> tuple[str, str]:
    """The table that a file of this name holds, and the key it may be wrapped in: `permalinks.toml` holds that table,
    `params.de.toml` that of a language, and `languages.de.toml`, or anything else `.de.toml`, the language itself.
    """
    name, dot, language = stem.rpartition(".")
    if not dot:
        return stem, stem
    inner = {"params": ".params", "menu": ".menus", "menus": ".menus"}.get(name, "")
    return f"languages.{language}{inner}", name


def _with(whole: Fields, table: str, wrapped: str, part: Fields) -> Fields:
    """A configuration with the keys of another file over its own; what the file holds belongs below `table`."""
    data: Any = part.data
    unwrapped = wrapped in data and len(data) == 1
    data = data[wrapped] if unwrapped else data
    for name in reversed(table.split(".") if table else []):
        data = {name: data}
    below = f"{table}." if table else ""
    cut = f"{wrapped}." if unwrapped else ""
    places = {below + key.removeprefix(cut): line for key, line in part.lines.items()}
    return Fields(
        whole.path,
        over(whole.data, data),
        {**whole.lines, **places},
        problems=[*whole.problems, *part.problems],
        files={**whole.files, **dict.fromkeys(places, part.path)},
    )


def _files(root: Path, folder: str, ends: tuple[str, ...]) -> list[str]:
    """What is named like a file of these kinds in a configuration folder and in those inside it, as Hugo goes through
    them; none if it does not exist. Raises `SettingsError`.
    """
    found, waiting, named = list[str](), [folder], tuple(f".{end}" for end in ends)
    while waiting:
        place = waiting.pop()
        if place.lower().endswith(named):
            found.append(place)
            continue
        try:
            there = sorted(paths.entries(root, place), key=lambda entry: entry.name, reverse=True)
        except Unreadable as error:
            if error.missing:
                continue
            raise SettingsError([Problem(place, 0, error.message, code="file-unreadable")]) from error
        for entry in there:
            is_inner = paths.is_folder(entry) and not entry.is_symlink()
            if entry.name[0] != "." and (is_inner or entry.name.lower().endswith(named)):
                waiting.append(f"{place}/{entry.name}")
    return found


def _lower(config: Fields) -> Fields:
    lines = {key.lower(): line for key, line in config.lines.items()}
    return Fields(config.path, lower(config.data), lines, problems=config.problems)


def over(one: Mapping[str, Any], other: Mapping[str, Any], depth: int = NESTING) -> dict[str, Any]:
    """Both tables, the second overriding the first, at every depth; an alias may put a table into itself."""
    both = {**one, **other}
    for key in one.keys() & other.keys() if depth else ():
        if isinstance(one[key], dict) and isinstance(other[key], dict):
            both[key] = over(one[key], other[key], depth - 1)
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
        self.files: dict[str, str] = {}

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
        name, key = ".".join(place), key or place[-1]
        self.lines[name] = self.config.lines.get(key, 1)
        self.files[name] = self.config.files.get(key, self.config.path)

    def found(self) -> DetectedSettings:
        """All of it; a blog without a title is named after its host."""
        if "title" not in self.data:
            self.put("title", urlsplit(str(self.data.get("url", ""))).hostname, "url")
        return DetectedSettings(
            path=self.config.path, data=self.data, lines=self.lines, files=self.files, own_addresses=True
        )
