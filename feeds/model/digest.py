"""`[digest]` as a type."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from feeds.periods import Rule
from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Mapping


@record(kw_only=True)
class DigestOptions:
    """`[digest]`: an issue covers the seven days before weekday `day` (Monday is 0), or a month. `footer` is the
    author's own last line. `unsubscribe` is where readers leave, `unsubscribe_mailto` another address beside it.

    What is not in the representation only decides which reviews an issue holds, and outputs depend on those.
    """

    day: int
    sender: Mapping[str, str]
    footer: Mapping[str, str]
    unsubscribe: str
    limit_bytes: int = 102_400
    enabled: bool = True
    unsubscribe_mailto: str = ""
    placeholders: Placeholders | None = None
    period: Literal["week", "month"] = field(default="week", repr=False)
    hour: int = field(default=0, repr=False)
    grace: int = field(default=1, repr=False)
    since: str = field(default="", repr=False)
    from_the_archive: int = field(default=0, repr=False)
    chosen_sender: bool = field(default=True, repr=False)
    """Whether somebody wrote the address that emails come from."""

    @property
    def rule(self) -> Rule:
        """How time is divided into issues."""
        return Rule(self.period, self.day)


@record(kw_only=True)
class Placeholders:
    """The words that a mail service replaces for each reader, and `signs`, which begin what it takes for one."""

    service: str
    words: tuple[str, ...]
    signs: tuple[str, ...] = ()
