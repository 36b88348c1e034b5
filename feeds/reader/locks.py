"""Keys of front matter that lock a post: a password, or a flag of a plugin that encrypts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feeds.reader.fields import FALSE

if TYPE_CHECKING:
    from feeds.reader.fields import Fields

_LOCKS = ("encrypt", "encrypted")
"""Flags that lock a post besides `password` (hexo-blog-encrypt, FixIt): those of hexo-encrypt and of cryptoid."""
_LOCKED = frozenset(("password", *_LOCKS))
_MAY_LOCK = _LOCKED | {"params", "<<"}


def locked(fields: Fields, *, false_unlocks: bool) -> bool:
    """Whether the author locked a post; a note names the key."""
    if _MAY_LOCK.isdisjoint(map(str.casefold, fields.data)):  # most posts, of which there may be ten thousand
        return False
    inner = [fields.data[key] for key in fields.data if key.casefold() in ("params", "<<")]  # Hugo's, and YAML's merge
    tables = [fields.data, *(table for one in inner for table in (one if isinstance(one, list) else [one]))]
    keys = [(key, value) for table in tables if isinstance(table, dict) for key, value in table.items()]
    if _LOCKED.isdisjoint(str(key).casefold() for key, _ in keys):
        return False
    for key, value in keys:
        name = key.casefold()
        opened = _opens(fields, key, value, false_unlocks=false_unlocks)
        if (name == "password" and not opened) or (name in _LOCKS and _is_on(fields, key, value)):
            message = "locks this post, so it is in no feed, page or email; remove the key to publish it"
            fields.complain(key, message, "note", code="post-protected")
            return True
    return False


def _is_on(fields: Fields, key: str, value: Any) -> bool:
    """Whether a flag is true, in the front matter or in a table of it."""
    return fields.flag(key) if key in fields.data else str(value or "").casefold() not in FALSE


def _opens(fields: Fields, key: str, value: Any, *, false_unlocks: bool) -> bool:
    """Whether a password is none."""
    if value is None or value == "":
        return True
    no = value is False or (isinstance(value, str) and value.casefold() == "false" and key not in fields.quoted)
    return false_unlocks and no
