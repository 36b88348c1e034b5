"""What Hugo's configuration and sections hand down to pages: their `cascade`."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def handed(cascades: Iterable[object], page: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The keys that a page gets, later ones over earlier ones. `page` is what targets may ask for: its `path`, as a
    file and as Hugo names it, its `lang`, its `kind`.
    """
    keys: dict[str, Any] = {}
    for said in cascades:
        for entry in said if isinstance(said, list) else [said]:
            if isinstance(entry, dict) and _fits(entry.get("_target") or entry.get("target"), page):
                keys |= entry
    return keys


def _fits(target: object, page: Mapping[str, tuple[str, ...]]) -> bool:
    said = target if isinstance(target, dict) else {}
    return all(
        any(fnmatch(value, one) for value in values for one in _patterns(str(said[key])))
        for key, values in page.items()
        if said.get(key)
    )


def _patterns(said: str) -> list[str]:
    """What a target's path may be: `{a,b}` is one of these."""
    found = re.fullmatch(r"([^{}]*)\{([^{}]*)\}([^{}]*)", said.replace("**", "*"))
    return [f"{found[1]}{one}{found[3]}" for one in found[2].split(",")] if found else [said.replace("**", "*")]
