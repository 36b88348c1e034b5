"""What is wrong with a finished email, before it is written: what clients do not show, and what readers cannot read.

`findings` never raises, whatever the email contains; `place` says where its author can fix it. The parts: `clients`
(CSS and HTML that a client does not support), `contrast` (colours, light and dark), `structure` (links, images,
language), and here subject, preheader, size and characters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feeds.digest.lint import clients, contrast, structure
from feeds.digest.lint.page import Finding, parse
from feeds.text import expression, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feeds.model import Email

__all__ = ["Finding", "findings", "place", "sought"]

PREHEADER = (20, 140)
"""Columns: inboxes show 40 to 110 next to the subject, and fill what is left with the email's first words."""

SUBJECT_COLUMNS = 110
"""Inboxes show 40 to 70 columns."""

_BREAKS = expression(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL = expression(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BEGIN = 12  # enough characters to find a subject: it starts with a title and continues with the template's words
_LATIN = 4  # letters; up to this many are an abbreviation
_BLANKS = " \t\r\n"  # fewer than Python's, which include U+0085
_PIECES = expression(
    r"(#[0-9a-f]{6}(?![0-9a-f])|#[0-9a-f]{3}(?![0-9a-f])|[ \t\r\n]*[:;{},][ \t\r\n]*|[ \t\r\n]+)", re.IGNORECASE
)


def findings(email: Email, size: int, limit: int, tag: str) -> list[Finding]:
    """What is wrong with an email, each thing once, errors first.

    `email.html` is as sent, with CSS inlined; `size` is the bytes of its encoded part and `limit` the allowed number
    (0: any); `tag` is its language.
    """
    found = [*_envelope(email.subject, email.preheader, size, limit)]
    for part, text in (("HTML", email.html), ("text", email.text)):
        found += _characters(part, text)
    if page := parse(email.html):
        found += [
            *structure.language(page, tag),
            *structure.elements(page),
            *structure.links(page),
            *structure.pictures(page),
            *structure.both_parts(page, email.text),
            *clients.unsupported(page),
            *contrast.unreadable(page),
            *contrast.twins(page),
        ]
    return sorted(dict.fromkeys(found), key=lambda one: one.severity != "error")


def place(finding: Finding, sources: Sequence[tuple[str, str]]) -> tuple[str, int]:
    """Path and line (from 1) of the first source with the text that caused a finding, ("", 0) if there is none.

    `sources` are pairs of path and text, the more likely ones first.
    """
    if finding.word.strip(_BLANKS):
        pattern = sought(finding.word)
        for path, text in sources:
            if found := pattern.search(text):
                return path, text.count("\n", 0, found.start()) + 1
    return "", 0


def sought(word: str) -> re.Pattern[str]:
    """A pattern for a finding's word in a template or front matter, however its author wrote spaces, capitals, colours
    and URLs: inlining turns `#abc` into `#aabbcc`, `display: flex` into `display:flex`, 字 into `%E5%AD%97`.
    """
    word = word.strip(_BLANKS)
    forms = dict.fromkeys((word, unquote(word)))
    loose = "|".join("".join(map(_loose, _PIECES.split(form))).removeprefix(r"\s*") for form in forms)
    return re.compile((r"(?<![\w-])" if word[:1].isalnum() else "") + f"(?:{loose})", re.IGNORECASE)


def _loose(piece: str) -> str:
    if re.fullmatch(r"#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6}", piece):
        digits = piece[1:] if len(piece) > 4 else "".join(digit * 2 for digit in piece[1:])  # noqa: PLR2004  # #abc
        short = f"|{digits[::2]}" if digits[::2] == digits[1::2] else ""
        return f"#(?:{digits}{short})(?![0-9a-f])"
    if piece.strip(_BLANKS) in (":", ";", "{", "}", ","):
        return rf"\s*{re.escape(piece.strip(_BLANKS))}\s*"
    if piece and not piece.strip(_BLANKS):
        return r"\s+"
    return re.escape(piece)


def _envelope(subject: str, preheader: str, size: int, limit: int) -> Iterator[Finding]:
    """Size, subject, preheader."""
    if limit and size > limit:
        yield Finding(
            f"{size:,} bytes as sent, over `limit_bytes` {limit:,}, so Gmail will clip it; shorten some summaries",
            code="email-size",
        )
    begins = subject.split("｜", maxsplit=1)[0][:_BEGIN].strip()
    if not subject.strip():
        yield Finding("the subject is empty; write one", "", "error", code="email-subject")
    if control := _BREAKS.search(subject):
        yield Finding(
            f"the subject contains the control character {_name(control[0])}; remove it",
            control[0],
            "error",
            code="email-subject",
        )
    if (columns := width(subject)) > SUBJECT_COLUMNS:
        wrong = f"the subject is {columns} columns wide, but inboxes show 40 to 70; write at most {SUBJECT_COLUMNS}"
        yield Finding(wrong, begins, code="email-subject")
    letters = [letter for letter in subject if letter.isalpha()]
    latin = "".join(letter for letter in letters if letter.isascii())
    if len(latin) > _LATIN and latin.isupper() and 2 * len(latin) > len(letters):
        yield Finding(
            "the subject is in capitals, which spam filters penalise; use lowercase letters",
            begins,
            code="email-subject",
        )
    columns = width(preheader)
    if not preheader.strip():
        yield Finding(
            "the preheader is empty, so inboxes show the email's first words instead; write one", code="email-preheader"
        )
    elif not PREHEADER[0] <= columns <= PREHEADER[1]:
        wrong = f"the preheader is {columns} columns wide; write {PREHEADER[0]} to {PREHEADER[1]}"
        yield Finding(wrong, preheader, code="email-preheader")


def _characters(part: str, text: str) -> Iterator[Finding]:
    """Control characters, one of which makes Gmail clip an email (hteumeuleu/email-bugs#41); and empty parts."""
    if not text.strip():
        yield Finding(f"the {part} part is empty", "", "error", code="email-empty")
    for control in dict.fromkeys(_CONTROL.findall(text)):
        start = text.index(control)
        before = " ".join(re.sub(r"<[^<>]*>", " ", text[max(0, start - 200) : start]).split())
        wrong = f'the control character {_name(control)} after "{before[-20:]}" in the {part} part; remove it'
        yield Finding(wrong, control, "error", code="email-character")


def _name(character: str) -> str:
    return f"U+{ord(character):04X}" + (" (a line break)" if character in "\r\n\u2028\u2029" else "")
