"""What stands in a generator's tag behind its name: words, quoted or not, and `name=value`."""

from __future__ import annotations

import re

_LONGEST = 2_000  # characters that are looked at
_NAME = re.compile(r"([\w-]++)\s*+=\s*+(?=\S)")
_QUOTED = {
    '"': re.compile(r'"((?:[^"\\]++|\\.?+)*+)("?+)', re.DOTALL),
    "'": re.compile(r"'((?:[^'\\]++|\\.?+)*+)('?+)", re.DOTALL),
    "`": re.compile(r"`([^`]*+)(`?+)"),
}
_BARE = re.compile(r"([^\s\"']++)")


def arguments(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The words, and the values by their names. A quote that is never closed is nothing."""
    words, named = list[str](), dict[str, str]()
    text, place = text[:_LONGEST], 0
    quoted = dict(_QUOTED)

    def value(begin: int) -> re.Match[str] | None:
        sign = text[begin : begin + 1]
        if sign in quoted:
            found = quoted[sign].match(text, begin)
            if found and found[2]:
                return found
            del quoted[sign]  # from here on none is closed
        return _BARE.match(text, begin)

    while place < len(text):
        name = _NAME.match(text, place)
        found = value(name.end()) if name else None
        if name and found:
            named[name[1]] = _unescaped(found[1])
        elif found := value(place):
            words.append(_unescaped(found[1]))
        place = found.end() if found else place + 1
    return tuple(words), named


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\"'\\])", r"\1", text)
