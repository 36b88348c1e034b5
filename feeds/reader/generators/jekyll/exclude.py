"""Jekyll copies what lies beside its configuration into the site, unless `exclude` names it: our records too."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feeds.reader.fields import Fields

_RECORDS = ("feeds.lock", "feeds.issued")
"""What builds keep in the site for themselves."""
_DEFAULTS = ("Gemfile", "Gemfile.lock", "node_modules", "vendor")
"""What Jekyll excludes by itself: in version 3, the key replaces that."""


def complain(config: Fields) -> None:
    """Say so when the configuration lets our records out."""
    said = config.words("exclude")
    shown = [name for name in _RECORDS if not any(fnmatchcase(name, word.strip("/")) for word in said)]
    if not shown or posixpath.normpath(config.text("source") or ".") != ".":
        return
    names = " and ".join(shown)
    remedy = f"add {names}" if said else f"write exclude: [{', '.join((*shown, *_DEFAULTS))}]"
    message = f"does not name {names}, so Jekyll publishes what they hold; {remedy}"
    config.complain("exclude", message, "warning", code="records-published")
