"""Two MIME readers that share no line of code: Python's newer parser and npm's postal-mime."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).parent
_HAS_POSTAL_MIME = bool(shutil.which("node")) and (HERE / "node_modules" / "postal-mime").is_dir()


@dataclass(frozen=True, slots=True)
class Mail:
    """What a reader makes of a mail. `parts` are media type and Content-Language in the order of the wire; `headers`
    are those of the mail itself, unfolded and not decoded, names in small letters; `pictures` go by Content-ID.
    """

    subject: str
    sender: tuple[str, str]
    headers: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str | None], ...]
    text: str
    html: str
    pictures: tuple[tuple[str, bytes], ...]


def by_python(mails: Sequence[bytes]) -> list[Mail]:
    """As `email` with its newer policy reads them; a defect is an error."""
    return list(map(_by_python, mails))


def _by_python(octets: bytes) -> Mail:
    mail = message_from_bytes(octets, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    assert [part.defects for part in (mail, *leaves)] == [[] for _ in (mail, *leaves)]
    texts = {part.get_content_type(): part.get_content() for part in leaves if part.get_content_maintype() == "text"}
    address = mail["From"].addresses[0]
    return Mail(
        subject=str(mail["Subject"]),
        sender=(address.display_name, address.addr_spec),
        headers=tuple((name.lower(), re.sub(r"\r?\n", "", value).strip()) for name, value in mail.raw_items()),
        parts=tuple((part.get_content_type(), part["Content-Language"]) for part in mail.walk()),
        text=_lines(texts["text/plain"]),
        html=_lines(texts["text/html"]),
        pictures=tuple(
            (str(part["Content-ID"]), part.get_content()) for part in leaves if part.get_content_maintype() == "image"
        ),
    )


def by_postal_mime(mails: Sequence[bytes]) -> list[Mail]:
    """As postal-mime reads them, all in one process; skips the test when it is not installed."""
    if not _HAS_POSTAL_MIME:
        pytest.skip("postal-mime is not installed: npm install in tests/acceptance")
    given = json.dumps([b64encode(octets).decode() for octets in mails]).encode()
    done = subprocess.run(["node", "mail.mjs"], cwd=HERE, input=given, check=True, capture_output=True, timeout=120)
    return [_of_json(read) for read in json.loads(done.stdout)]


def _of_json(read: dict[str, Any]) -> Mail:
    return Mail(
        subject=read["subject"],
        sender=(read["sender"][0], read["sender"][1]),
        headers=tuple((name, value) for name, value in read["headers"]),
        parts=tuple((part["type"], part["language"]) for part in read["parts"]),
        text=_lines(read["text"]),
        html=_lines(read["html"]),
        pictures=tuple((name, b64decode(data)) for name, data in read["pictures"]),
    )


def _lines(text: str) -> str:
    """Text with line ends as we write them; what a reader adds or drops at the very end is its own affair."""
    return text.replace("\r\n", "\n").rstrip("\n")


READERS: dict[str, Callable[[Sequence[bytes]], list[Mail]]] = {"email": by_python, "postal-mime": by_postal_mime}


def installed() -> list[Callable[[Sequence[bytes]], list[Mail]]]:
    """The readers there are; that one is missing is said by the tests that skip it."""
    return [read for name, read in READERS.items() if name == "email" or _HAS_POSTAL_MIME]
