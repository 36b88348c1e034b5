"""What Hugo's configuration and sections hand down to pages: their `cascade`."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def handed(cascades: Iterable[object], page: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The keys that a page gets, later ones over earlier ones. `page` is what targets may ask for: its `path`, as a
    file and as Hugo names it, its `languages`, its `kind`.
    """
    keys: dict[str, Any] = {}
    for said in cascades:
        for entry in said if isinstance(said, list) else [said]:
            if isinstance(entry, dict) and _fits(entry.get("_target") or entry.get("target"), page):
                keys |= entry
    return keys


def _fits(target: object, page: Mapping[str, tuple[str, ...]]) -> bool:
    said = _dict(target)
    matrix = _dict(_dict(said.get("sites")).get("matrix"))
    asked = {**said, "languages": matrix.get("languages") or said.get("lang")}
    return all(_fit(asked[key], values) for key, values in page.items() if asked.get(key))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _fit(said: object, values: Iterable[str]) -> bool:
    patterns = [one for word in (said if isinstance(said, list) else [said]) for one in _patterns(str(word))]
    return any(fnmatch(value, one) for value in values for one in patterns)


def _patterns(said: str) -> list[str]:
    """What a target's path may be: `{a,b}` is one of these."""
    found = re.fullmatch(r"([^{}]*)\{([^{}]*)\}([^{}]*)", said.replace("**", "*"))
    return [f"{found[1]}{one}{found[3]}" for one in found[2].split(",")] if found else [said.replace("**", "*")]
