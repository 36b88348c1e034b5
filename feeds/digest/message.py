"""Email -> the bytes of an `.eml` file that any mailer can send as it is, using the standard library.

If `unsubscribe` contains a placeholder, the email is for one reader each: a sender replaces these words in the bytes
and nothing else, so they appear in one piece and unencoded; see `placeholders`.

Nothing here is left to chance: the boundary and the Message-ID come from the issue, the Date is the issue's, the
transfer encoding follows the language (quoted-printable reads well in English, base64 is smaller in Chinese).
`email.header.Header` folds the subject: the newer EmailMessage writes encoded words of 76 characters, one too many
(RFC 2047 section 2), and loses the spaces between them.
"""

from __future__ import annotations

import hashlib
import re
from email.charset import BASE64, QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.quoprimime import body_encode
from email.utils import format_datetime
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds.digest.placeholders import ADDRESS, ID, PLACEHOLDER, TOKEN, in_text, word_of
from feeds.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feeds.model import Digest, Email, Placeholders, Settings

_LINE = 76
_SUBTYPES = {"jpg": "jpeg", "jpeg": "jpeg", "gif": "gif"}
_POLICY = compat32.clone(linesep="\r\n")
_BASE64_LANGUAGES = ("zh", "ja", "ko", "ru", "ar", "fa", "he", "el", "th", "hi", "uk")


class _Line(Header):
    """A header's value with its own width, 0 for one line.

    The generator folds at 78 whatever a Header says: encoded words of 76 (RFC 2047 section 2 allows 75), and a long
    address alone on a second line, so that its value is read with a leading space.
    """

    def encode(self, splitchars: str = ";, \t", maxlinelen: int | None = None, linesep: str = "\n") -> str:  # noqa: ARG002
        return super().encode(splitchars, None, linesep)


def message(email: Email, digest: Digest, settings: Settings, *, web: str, archive: str) -> bytes:
    """The email as RFC 5322 bytes with CRLF. `web` and `archive` are absolute URLs."""
    language = digest.language
    host = urlsplit(settings.url).hostname or "localhost"
    issue = f"{digest.name.lower()}-{language.code}"
    unsubscribe = settings.digest.unsubscribe
    own = settings.digest.placeholders
    each, whole = bool(PLACEHOLDER.search(unsubscribe)), _words(settings)
    mail = MIMEMultipart("alternative", boundary=f"=_digest-{issue}")
    _set(mail, "From", _mailbox(settings.digest.sender[language.code], own))
    mail["To"] = ADDRESS if each else "undisclosed-recipients:;"
    _set(mail, "Subject", _header(email.subject, own))
    mail["Date"] = format_datetime(digest.issued or digest.until)
    mark = hashlib.sha256(web.encode()).hexdigest()[:16]
    reader = f".{ID}" if each else ""  # mailboxes hide a second copy of one Message-ID
    _set(mail, "Message-ID", _Line(f"<digest-{issue}.{mark}{reader}@{host}>", maxlinelen=0))
    _set(mail, "List-Id", _header(settings.title[language.code], own, f"<digest-{language.code}.{host}>"))
    _set(mail, "List-Archive", _Line(f"<{in_text(archive)}>", maxlinelen=0))
    _set(mail, "Archived-At", _Line(f"<{in_text(web)}>", maxlinelen=0))
    if leave := [one for one in (unsubscribe, settings.digest.unsubscribe_mailto) if one and not _is_service(one, own)]:
        _set(mail, "List-Unsubscribe", _Line(", ".join(f"<{one}>" for one in leave), maxlinelen=0))
        if leave[0].startswith("https:") and TOKEN in leave[0]:  # RFC 8058 section 3.1: it must say who leaves
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic replies
    mail["Content-Language"] = language.tag
    mail.attach(_text("plain", email.text, language.tag, whole))
    html = _text("html", _with_ids(email, host), language.tag, whole)
    mail.attach(_related(html, email.pictures, f"=_pictures-{issue}", host) if email.pictures else html)
    file = BytesIO()
    BytesGenerator(file, mangle_from_=False, policy=_POLICY).flatten(mail)
    return file.getvalue()


def encoded_size(email: Email, digest: Digest, settings: Settings) -> int:
    """Bytes of the encoded HTML part: Gmail clips by what arrives."""
    return len(_text("html", email.html, digest.language.tag, _words(settings)).as_bytes(policy=_POLICY))


def _words(settings: Settings) -> re.Pattern[str] | None:
    """What a sender replaces in the text, None for nothing."""
    words = word_of(settings.digest.placeholders)
    return words if words.search(settings.digest.unsubscribe) else None


def _is_service(address: str, own: Placeholders | None) -> bool:
    """Whether a service puts the address in, which then sets the header itself."""
    return bool(own and any(word in address for word in own.words))


def _text(subtype: str, text: str, tag: str, whole: re.Pattern[str] | None) -> MIMENonMultipart:
    """A part. With words that stay `whole`, quoted-printable in every language, in pieces around them."""
    part = MIMENonMultipart("text", subtype)
    charset = _charset(tag)
    if whole:
        part.set_param("charset", "utf-8")
        part["Content-Transfer-Encoding"] = "quoted-printable"
        pieces = whole.split(text.encode().decode("latin-1"))
        part.set_payload("=\n".join(body_encode(piece, _LINE - 1) for piece in pieces))
    else:
        # base64 hides line ends from the generator, and text travels with CRLF (RFC 2045 section 6.8)
        part.set_payload(text.replace("\n", "\r\n") if charset.body_encoding == BASE64 else text, charset)
    part["Content-Language"] = tag
    return part


def _with_ids(email: Email, host: str) -> str:
    """The HTML with images named as parts of the email instead of files on the site."""
    return re.sub(
        r'(<img\b[^<>]*\ssrc=")[^"<>]*/([^"/<>]+)"',
        lambda found: f'{found[1]}cid:{found[2]}@{host}"' if found[2] in email.pictures else found[0],
        email.html,
    )


def _related(html: MIMENonMultipart, pictures: Mapping[str, bytes], boundary: str, host: str) -> MIMEMultipart:
    """The HTML with its images (RFC 2387), found by Content-ID (RFC 2392): nothing has to be fetched."""
    related = MIMEMultipart("related", boundary=boundary, type="text/html")
    related.attach(html)
    for name, data in sorted(pictures.items()):
        part = MIMEImage(data, _SUBTYPES.get(name.rpartition(".")[2].lower(), "png"), name=name)
        part["Content-ID"] = f"<{name}@{host}>"
        part.add_header("Content-Disposition", "inline", filename=name)
        related.attach(part)
    return related


def _set(mail: MIMEMultipart, name: str, value: Header | str) -> None:
    mail[name] = value  # type: ignore[assignment]  # the stubs know of text only


def _charset(tag: str) -> Charset:
    charset = Charset("utf-8")
    charset.body_encoding = BASE64 if tag.split("-", maxsplit=1)[0].lower() in _BASE64_LANGUAGES else QP
    return charset


def _header(text: str, own: Placeholders | None, behind: str = "") -> Header | str:
    """One line of text as a header's value, encoded only when it must be; `behind` is appended as it is."""
    line = in_text(" ".join(one_line(text).split()), own)
    # What looks like an encoded word would be decoded by the mailer, so it is encoded once more.
    # So is a word that fits no line: folded before it, the value would begin with a blank.
    if line.isascii() and "=?" not in line and max(map(len, line.split(" "))) < _LINE - len("Subject: "):
        value = f"{_quoted(line)} {behind}" if behind else line
        return value if len(value) < _LINE - len("Subject: ") else _Line(value, "us-ascii", _LINE, "Subject")
    header = _Line(line, "utf-8", maxlinelen=_LINE, header_name="Subject")
    if behind:
        header.append(behind, "us-ascii")
    return header


def _mailbox(text: str, own: Placeholders | None) -> Header | str:
    """`Name <address>`, the name quoted or encoded as needed; the settings have checked the address."""
    name, _, address = text.rpartition("<")
    return _header(name.strip().strip('"'), own, f"<{address}") if name.strip() else address.rstrip(">")


def _quoted(name: str) -> str:
    """A display name, quoted if it contains characters that RFC 5322 reserves."""
    if re.fullmatch(r"[\w !#$%&'*+/=?^`{|}~-]*", name, re.ASCII):
        return name
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
