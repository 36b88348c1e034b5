"""What a build depends on, and what it leaves for the next one to see that nothing changed (`stamp.unchanged`)."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from feeds import config, ledger, stamp, words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from feeds.cache import Cache
    from feeds.reader import Blog


def basis(root: Path, cache: Cache) -> str:
    """What everything that is made depends on: this program, the settings, the site's own templates.

    Never the same again when one of them may have changed while it was read.
    """
    own = stamp.listing(str(root), (words.FOLDER,)) if (root / words.FOLDER).is_dir() else []
    mark, changed = stamp.marked(str(root / config.FILE))
    sure = max(changed, stamp.newest(own)) < cache.clock
    return "\n".join([stamp.program(), *own, mark, "" if sure else f"unsure at {cache.clock}"])


def seal(
    cache: Cache, blog: Blog, names: Iterable[str], moment: float, moments: set[float], said: dict[str, Any]
) -> None:
    """Have the next build compare before it begins.

    `names` are those in the site's root before anything was read; `moment` is when it was, of `moments` at which the
    passing of time changes something. `said` is what a build says that changes nothing, and where its outputs are
    (`asked`, `out`, `outputs`). Nothing is kept when something changed meanwhile, or cannot be told from what it was.
    """
    root, output = str(blog.root), blog.settings.output
    head = said | {
        "site": os.path.realpath(root),
        "now": [
            max((one for one in moments if one <= moment), default=0),
            min((one for one in moments if one > moment), default=None),
        ],
        "names": sorted(os.listdir(root)),
        "program": stamp.program(),
        "folders": (blog.settings.content_dir, words.FOLDER) if blog.dialect.remembers else (".",),
        "skip": [output, ledger.FILE],
        "files": [config.FILE],
        "written": [ledger.FILE],
    }
    ours = {stamp.FOLDER, ledger.FILE, output.split("/", 1)[0]}
    inputs, outputs = stamp.inputs(root, head), stamp.outputs(head)
    if set(names) ^ set(head["names"]) <= ours and stamp.newest(inputs) < cache.clock:
        with suppress(OSError):
            stamp.clock_after(cache.folder, stamp.newest(outputs))
            stamp.keep(cache.folder, head, [*inputs, *outputs])
