"""The file in which a cache keeps values: SQLite with a checksum in every row, safe to delete.

Nothing in it is believed unless it was made by this program with these settings and templates (`basis`), from files
that are still the same, and has the checksum it was written with. What cannot be read is thrown away.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from feeds.build.cache import uptodate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_TABLE = (
    "CREATE TABLE kept (kind TEXT, name TEXT, key TEXT, data TEXT, sum INTEGER, PRIMARY KEY (kind, name)) WITHOUT ROWID"
)


MEMORY = ":memory:"
"""Instead of a folder: a database for as long as the program lives."""

_WAITING = 1_000
"""Values that are written or read at a time, a few megabytes."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: Any) -> str:
    """A value of JSON types as it is kept, "" for what JSON does not know."""
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError):
        return ""


class Store:
    """Values by kind and name, each good for one key. Without a database nothing is kept and nothing found."""

    def __init__(self, folder: str) -> None:
        """Opens the database in the folder of a site's cache, or in memory; "" is no folder."""
        self._folder = folder
        self._new: dict[tuple[str, str], tuple[str, str]] = {}
        self._seen: dict[str, set[str]] = {}
        self._base: sqlite3.Connection | None = None
        self._process = os.getpid()
        if folder:
            with suppress(OSError, sqlite3.Error):
                self._base = _open(folder if folder == MEMORY else os.path.join(folder, uptodate.DATABASE))

    @property
    def works(self) -> bool:
        """Whether there is a database."""
        return self._base is not None

    def begin(self, basis: str) -> None:
        """Throw away what was made on another basis."""
        if self.get("basis", "", "") != basis:
            self._do("DELETE FROM kept")
            self.put("basis", "", "", basis)

    def get(self, kind: str, name: str, key: str) -> Any:
        """What was kept under this name for this key, else None."""
        if (kind, name) in self._new:
            kept, data = self._new[kind, name]
            return _loads(data) if kept == key else None
        rows = self._do("SELECT key, data, sum FROM kept WHERE kind = ? AND name = ?", kind, name)
        return _value(kind, name, key, rows[0]) if rows else None

    def all(self, kind: str) -> dict[str, tuple[str, Any]]:
        """Everything of a kind: key and value by name."""
        rows = self._do("SELECT name, key, data, sum FROM kept WHERE kind = ?", kind)
        self._seen[kind] = {row[0] for row in rows}
        sound = [row for row in rows if isinstance(row[2], str) and _sum(kind, *row[:3]) == row[3]]
        found: dict[str, tuple[str, Any]] = {}
        for start in range(0, len(sound), _WAITING):  # many at once take a third less time than one by one
            some = sound[start : start + _WAITING]
            values = _loads(f"[{','.join([row[2] for row in some])}]") or []
            if len(values) == len(some):
                found |= {row[0]: (row[1], value) for row, value in zip(some, values, strict=True)}
        return found

    def put(self, kind: str, name: str, key: str, value: Any) -> None:
        """Keep a value; what JSON does not know is not kept."""
        self.put_encoded(kind, name, key, dumps(value))

    def put_encoded(self, kind: str, name: str, key: str, text: str) -> None:
        """Keep what `dumps` made of a value."""
        if self._base and text:
            self._new[kind, name] = key, text
        if len(self._new) > _WAITING:
            self._write()

    def close(self, names: dict[str, Collection[str]]) -> None:
        """Write everything down. `names` are all there are of some kinds; others of these kinds are forgotten."""
        self._write()
        for kind, known in names.items():
            there = self._seen.get(kind)
            if there is None:
                there = {row[0] for row in self._do("SELECT name FROM kept WHERE kind = ?", kind)}
            gone = ((kind, name) for name in there if name not in known)
            self._do_all("DELETE FROM kept WHERE kind = ? AND name = ?", gone)
        if self._base is not None and self._folder != MEMORY:
            with suppress(sqlite3.Error):
                self._base.execute("COMMIT")
            self._base.close()
            self._base = None

    def abandon(self) -> None:
        """Leave the file as it was."""
        if self._base is not None and self._folder != MEMORY:
            self._base.close()
            self._base = None

    def _write(self) -> None:
        rows = ((kind, name, key, data, _sum(kind, name, key, data)) for (kind, name), (key, data) in self._new.items())
        self._do_all("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?)", rows)
        self._new = {}

    @property
    def _ours(self) -> sqlite3.Connection | None:
        """The connection, which a copy of this process may not use (sqlite.org/howtocorrupt.html, 2.6)."""
        return self._base if self._process == os.getpid() else None

    def _do(self, statement: str, *values: str | int) -> list[Any]:
        """The rows a statement gives; when the file turns out to be damaged, it is gone and there are none."""
        try:
            return self._ours.execute(statement, values).fetchall() if self._ours else []
        except (sqlite3.Error, UnicodeError):
            self._throw_away()
            return []

    def _do_all(self, statement: str, rows: Iterable[tuple[str | int, ...]]) -> None:
        """A statement for each row."""
        try:
            if self._ours:
                self._ours.executemany(statement, rows)
        except (sqlite3.Error, UnicodeError):
            self._throw_away()

    def _throw_away(self) -> None:
        if self._base:
            self._base.close()
        self._base = None
        with suppress(OSError):
            os.unlink(os.path.join(self._folder, uptodate.DATABASE))


def _open(path: str) -> sqlite3.Connection:
    """The database, a new one when there is none or another than ours. Raises OSError or sqlite3.Error."""
    if path != MEMORY:
        for name in uptodate.BESIDE:
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(os.path.dirname(path), name))
        if os.path.lexists(path) and (os.path.islink(path) or not _is_ours(path)):
            os.unlink(path)
    base = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        base.execute("PRAGMA synchronous = OFF")  # a cache that a power cut damages is thrown away
        base.execute("PRAGMA journal_mode = MEMORY")
        if not base.execute("SELECT 1 FROM sqlite_master").fetchall():
            base.execute(_TABLE)
        base.execute("BEGIN IMMEDIATE")  # of two builds at once, the second does without
    except sqlite3.Error:
        base.close()
        raise
    return base


def _is_ours(path: str) -> bool:
    """Whether a database holds our table and nothing else: a view or a trigger would be run by it."""
    try:
        base = sqlite3.connect(path, timeout=0)
        try:
            return [sql for (sql,) in base.execute("SELECT sql FROM sqlite_master")] in ([_TABLE], [])
        finally:
            base.close()
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except (sqlite3.Error, UnicodeError):
        return False


def _sum(kind: str, name: str, key: str, data: str) -> int:
    return zlib.crc32(f"{kind}\0{name}\0{key}\0{data}".encode("utf-8", "surrogatepass"))


def _value(kind: str, name: str, key: str, row: tuple[Any, Any, Any]) -> Any:
    """The value of a row when it is good for the key, else None."""
    kept, data, check = row
    if kept != key or not isinstance(data, str) or _sum(kind, name, key, data) != check:
        return None
    return _loads(data)


def _loads(text: str) -> Any:
    """What a text says in JSON, None when it is none: a checksum can be forged."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
