"""What a build depends on, and what it leaves for the next one to see that nothing changed (`stamp.unchanged`)."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from feeds import lockfile, settings
from feeds.build import stamp
from feeds.site import i18n

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.build.cache import Cache
    from feeds.model import Settings


class Seal:
    """The inputs of a build as they are before it reads them: what changes later is another input for the next one.

    `clocks` are those of the site before anything was read: what changes afterwards has a later time than they say.
    `remembers` is `Dialect.remembers`: the site depends on its posts, its settings and its templates alone, and not on
    any file of the blog.
    """

    def __init__(
        self, site: Path, settings: Settings, cache: Cache, clocks: dict[str, int], *, remembers: bool
    ) -> None:
        self._cache, self._output = cache, settings.output
        folders = (settings.content_dir, i18n.FOLDER) if remembers else (".",)
        self._head: dict[str, Any] = {
            "site": os.path.realpath(site),
            "program": stamp.program(),
            "folders": folders,
            "skip": [settings.output, lockfile.FILE],
            "files": [settings.FILE],
            "written": [lockfile.FILE],
        }
        self._names = set(os.listdir(site))
        self.clocks = stamp.clocks(os.path.join(site, folder) for folder in folders) | clocks
        self.marks = stamp.inputs(str(site), self._head)

    @property
    def basis(self) -> str:
        """What everything that is made depends on: this program, the settings, the site's own templates.

        Never the same again when one of them may have changed while it was read.
        """
        own = {path: mark for path, mark in self.marks.items() if path.startswith((f"{i18n.FOLDER}/", settings.FILE))}
        sure = all(stamp.sure(mark, self.clocks) for mark in own.values())
        return "\n".join([self._head["site"], self._head["program"], repr(own), "" if sure else os.urandom(8).hex()])

    def close(self, moment: float, moments: set[float], said: dict[str, Any]) -> None:
        """Have the next build compare before it begins.

        `moment` is when the site was read, of `moments` at which the passing of time changes something. `said` is what
        a build says that changes nothing, and where its outputs are (`asked`, `out`, `outputs`). Nothing is kept when a
        change could not be seen.
        """
        head = self._head | said
        head["now"] = [
            max((one for one in moments if one <= moment), default=0),
            min((one for one in moments if one > moment), default=None),
        ]
        head["names"] = sorted(os.listdir(head["site"]))
        ours = {lockfile.FILE, self._output.split("/", 1)[0]}
        if (
            self._cache.folder
            and self._names ^ set(head["names"]) <= ours
            and all(stamp.sure(mark, self.clocks) for mark in self.marks.values())
        ):
            outputs = stamp.outputs(head)
            if stamp.settled((head["site"], head["out"]), outputs.values()):
                with suppress(OSError):
                    stamp.keep(self._cache.folder, head, self.marks, outputs)
                    stamp.forget_unused(self._cache.folder)
