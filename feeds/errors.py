"""What can go wrong, as values and as one tree of exceptions.

A mistake in a post, a setting or a template is a `Problem`: a value with a place. Problems are collected, sorted and
printed at the end, so one run reports them all. Exceptions are for what stops a step; only `cli` turns either into
text.

    FeedsError            anything the person running `feeds` can fix
    ├── NotASite          the folder given is not a site: wrong usage
    ├── SettingsError     feeds.toml cannot be used: nothing is built
    ├── TemplateError     a template is wrong: what it makes is left out
    ├── Unreadable        a file is not to be read, or cannot be: whoever asked for it makes a problem of it
    ├── PostChanged       a post is not what it was when its front matter was read: the site is read again
    └── OutputError       a file could not be written: disk full, read-only, in the way
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from feeds.records import record
from feeds.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "note"]
"""An error: something was left out or not done. A warning: the author can do better. A note: nothing to do, as what the
program decided by itself; it is told to those who ask.
"""

ErrorCode = Literal[
    "configuration-invalid",
    "digest-empty",
    "email-character",
    "email-empty",
    "email-links",
    "email-placeholder",
    "setting-invalid",
    "template-invalid",
    "toml-invalid",
]
"""Kinds that are always errors, so that nobody can ignore them."""

WarningCode = Literal[
    "address-taken",
    "character-removed",
    "clock-early",
    "date-invalid",
    "date-missing",
    "date-odd",
    "email-alt",
    "email-contrast",
    "email-dark-mode",
    "email-heading",
    "email-image",
    "email-language",
    "email-preheader",
    "email-shortened",
    "email-size",
    "email-subject",
    "email-table",
    "email-unsupported",
    "email-url",
    "embed-linked",
    "encoding-invalid",
    "entry-invalid",
    "feed-address",
    "feed-invalid",
    "feed-replaced",
    "feed-shortened",
    "file-unreadable",
    "formula-unknown",
    "front-matter-fence",
    "front-matter-invalid",
    "front-matter-missing",
    "highlights-many",
    "id-invalid",
    "id-taken",
    "id-unconfirmed",
    "ignore-unused",
    "image-invalid",
    "image-missing",
    "include-missing",
    "issue-closed",
    "issue-unknown",
    "issued-conflict",
    "issued-damaged",
    "issued-invalid",
    "issued-repeated",
    "issued-unlisted",
    "key-repeated",
    "key-unknown",
    "language-missing",
    "language-unknown",
    "link-broken",
    "link-invalid",
    "lock-conflict",
    "lock-invalid",
    "lock-repeated",
    "mail-failed",
    "output-unwritable",
    "page-missing",
    "param-unknown",
    "post-changed",
    "post-format",
    "post-protected",
    "post-renamed",
    "posts-missing",
    "records-published",
    "review-issued",
    "review-repeated",
    "review-unknown",
    "sender-missing",
    "slug-invalid",
    "slug-missing",
    "tag-unclosed",
    "tag-unknown",
    "text-protected",
    "theme-unknown",
    "timezone-missing",
    "title-missing",
    "translation-taken",
    "unsubscribe-missing",
    "updated-early",
    "value-invalid",
    "value-type",
    "words-missing",
]
Code = ErrorCode | WarningCode
"""What kind of problem it is: a word that authors look up (`docs/problems.md`) and ignore (`[warnings]`). It stays."""


@record(order=True)
class Problem:
    """Something the author can fix.

    `path` is relative to the site and uses `/`; `line` counts from 1, and 0 means the whole file. `message` says what
    is wrong and what to write instead.
    """

    path: str
    line: int
    message: str
    severity: Severity = "error"
    code: Code = field(kw_only=True)

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        # What a post or a file name holds must not forge a line of a log or speak to a terminal.
        return one_line(f"{place}: {self.severity}: {self.message} [{self.code}]")


class FeedsError(Exception):
    """The root of the tree; its text is a complete message for the author."""


class NotASite(FeedsError):
    """There is no `feeds.toml` where it was expected."""


class SettingsError(FeedsError):
    """`feeds.toml` cannot be used; `problems` say why, sorted by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class OutputError(FeedsError):
    """The result could not be written; existing files are intact. `problem` names the file."""

    def __init__(self, path: str, message: str) -> None:
        self.problem = Problem(path, 0, message, code="output-unwritable")
        super().__init__(str(self.problem))


class TemplateError(FeedsError):
    """A template cannot be rendered; `problem` names its file and line."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


class Unreadable(FeedsError):
    """A file or a folder that is not read. `message` is for a problem, and never quotes any of its content.

    `reason` is what is wrong and `remedy` what to do, or ""; `missing`: it does not exist.
    """

    def __init__(self, reason: str, remedy: str = "", *, missing: bool = False) -> None:
        self.reason, self.remedy, self.missing = reason, remedy, missing
        self.message = f"{reason}; {remedy}" if remedy else reason
        super().__init__(self.message)


class PostChanged(FeedsError):
    """The file of the post `path` was changed or removed after its front matter was read."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)
