"""At which address each document lies, and where copies of it do: nobody who subscribed to one is left behind.

Each address is one document's. In this order they are given out: `[feeds] paths`, what the blog's generator has, our
own layout; then copies: `[feeds] also`, and every address a document had before, which `feeds.lock` keeps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from feeds.errors import Problem
from feeds.model import SAFE, STYLESHEET
from feeds.places import KnownFeed, Place, wrong
from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feeds.errors import Severity
    from feeds.model import Format, Settings

OPML = "feeds.opml"
_OURS = ("archive", "digest", "subscribe")
"""Folders in which we write more than documents of feeds."""
_FEW = 6
"""Documents that a message names."""


class Wanted(NamedTuple):
    """A document that is to have an address: `name` is its path in our own layout, or the only one it ever had;
    `place` is where the generator has it, `id` the id its feed has there.
    """

    name: str
    form: Format
    place: Place | None = None
    id: str = ""


@record()
class Addresses:
    """The path of each document that has one, those of its copies, and the ids of feeds that are not addresses, all by
    the name of the document; what the lock is to keep; and what was asked for in vain.
    """

    paths: Mapping[str, str]
    copies: Mapping[str, tuple[str, ...]]
    ids: Mapping[str, str]
    known: Mapping[str, KnownFeed]
    problems: list[Problem]


def addresses(
    wanted: Sequence[Wanted], settings: Settings, known: Mapping[str, KnownFeed], *, is_new: bool
) -> Addresses:
    """Give out addresses. `known` is what the lock says; `is_new`: there is no lock, so nobody has subscribed yet."""
    work = _Addresses(settings, dict(reversed({one.name: one for one in reversed(wanted)}.items())))
    work.mains(wanted)
    work.asked_copies()
    lines = {**known, **work.kept_copies(known, is_new=is_new)}
    copies = {name: tuple(paths) for name, paths in work.copies.items()}
    return Addresses(work.paths, copies, {name: one.id for name, one in lines.items() if one.id}, lines, work.problems)


@dataclass(eq=False)
class _Addresses:
    """Addresses being given out. `files` has whose each is, as a file system that minds no capitals would say."""

    settings: Settings
    wanted: Mapping[str, Wanted]
    paths: dict[str, str] = field(default_factory=dict)
    copies: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def mains(self, wanted: Sequence[Wanted]) -> None:
        """The address of each document: what the settings say, else the generator's, else ours."""
        for said, place in self.settings.feeds.paths.items():
            if name := self._name(said, "paths", place):
                self.main(name, place, "warning")
        for one in wanted:
            if one.place and one.name not in self.paths:
                self.main(one.name, one.place, "warning")
        for name in self.wanted:
            if name not in self.paths:
                self.main(name, Place(name), "note")

    def asked_copies(self) -> None:
        """The copies that the settings ask for."""
        for said, copies in self.settings.feeds.also.items():
            for place in copies:
                name = self._name(said, "also", place)
                if name in self.paths and place.path != self.paths[name]:
                    self.copy(name, place)

    def kept_copies(self, known: Mapping[str, KnownFeed], *, is_new: bool) -> dict[str, KnownFeed]:
        """The copies at addresses that documents had before; what the lock is to say of them."""
        kept = {}
        for name, main in self.paths.items():
            line = self.kept(name, known.get(name), is_new=is_new)
            for path in line.paths:
                if path != main and path not in self.copies.get(name, ()):
                    self.copy(name, Place(path), told=False)
            if name in known or line.paths != (name,) or (line.id and is_new and self.wanted[name].id):
                kept[name] = line
        return kept

    def kept(self, name: str, known: KnownFeed | None, *, is_new: bool) -> KnownFeed:
        """The id of a document's feed and every address it had."""
        main, one = self.paths[name], self.wanted[name]
        before = known.paths if known else () if is_new else (name,)
        derived = one.id or self.settings.url + quote(main, safe=SAFE) if is_new else self.settings.url + name
        said = (known.id if known else derived) if one.form == "atom" else ""
        return KnownFeed(said, tuple(dict.fromkeys([*before, main])))

    def _name(self, said: str, key: str, place: Place) -> str:
        """The document that an address means, by its name or where the generator has it; "" if there is none."""
        if said in self.wanted:
            return said
        found = next((one.name for one in self.wanted.values() if one.place and one.place.path == said), "")
        if not found:
            few = ", ".join([*self.wanted][:_FEW])
            self.complain(place, f"`{key}` names no document of this site, {said}; there are {few}")
        return found

    def main(self, name: str, place: Place, severity: Severity) -> None:
        """The address of a document, unless it is taken."""
        if reason := self._taken(name, place.path):
            where = place if place.file else Place(place.path, name, 0)
            self.complain(where, f"{name} cannot lie at {place.path}: {reason}", severity)
        else:
            self._take(name, place.path)
            self.paths[name] = place.path

    def copy(self, name: str, place: Place, *, told: bool = True) -> None:
        """An address of a copy, unless it is taken."""
        if reason := self._taken(name, place.path):
            if told:
                self.complain(place, f"no copy of {name} can lie at {place.path}: {reason}")
        else:
            self._take(name, place.path)
            self.copies.setdefault(name, []).append(place.path)

    def complain(self, place: Place, message: str, severity: Severity = "warning") -> None:
        """Say what cannot be."""
        self.problems.append(Problem(place.file, place.line, message, severity, code="feed-address"))

    def _taken(self, name: str, path: str) -> str:
        """Why a document cannot have an address, "" if it can."""
        if reason := wrong(path):
            return reason
        if path != name and self._is_ours(path):
            return "feeds writes something else there; choose another address"
        folded = path.casefold()
        other = self.files.get(folded)
        if other is None and folded in self.folders:
            return "other files lie below it; choose another address"
        if other is None:
            other = next((self.files[one] for one in _above(folded) if one in self.files), None)
        return f"{other} lies there; choose another address for one of them" if other else ""

    def _is_ours(self, path: str) -> bool:
        """Whether we write something else at a path."""
        first, _, rest = path.partition("/")
        inner = rest if rest and first in self.settings.languages and len(self.settings.languages) > 1 else path
        folder, _, below = inner.partition("/")
        name = basename(path)
        return inner in (OPML, STYLESHEET) or bool(
            folder in _OURS and below and not re.match(r"index\.(?!html?$)", name)
        )

    def _take(self, name: str, path: str) -> None:
        folded = path.casefold()
        self.files[folded] = name
        self.folders.update(_above(folded))


def _above(path: str) -> Iterator[str]:
    """The folders of a path."""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)
