"""The addresses and the ids of one post's HTML, as they must be away from its page."""

from __future__ import annotations

import hashlib
import posixpath
import re
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, unquote, urljoin, urlsplit

from feeds.text import expression

if TYPE_CHECKING:
    from feeds.errors import Code, Severity
    from feeds.model import Post
    from feeds.rendered import Lookup

_SHOWN = 40
_MOST_DATA = 100_000
"""Characters of a picture that stands in the text itself: a post is in many feeds, and most have a limit."""

_DATA = expression(r"data:image/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]", re.IGNORECASE)
_AT_HOME = expression(r"file:|[A-Za-z]:|(?:\\|%5C){2}|/Users/[^/]+/", re.IGNORECASE)
"""What an editor leaves behind: files of its machine."""
_PICTURES = ("img", "source")


class About(Protocol):
    """Takes a problem at the first line of the text that contains `word`."""

    def __call__(self, word: str, message: str, severity: Severity = "warning", *, code: Code) -> None:
        """Tell it."""


class Links:
    """Makes the URLs of one post absolute: relative to the post's own URL, as on its page.

    A link to a place of the same text stays within it. Readers show many posts on one page, so its target gets an id
    that no other post has.
    """

    def __init__(self, post: Post, lookup: Lookup, about: About) -> None:
        self.post, self.lookup, self.about = post, lookup, about
        self._names = set[str]()

    def absolute(self, tag: str, address: str) -> str | None:
        """What stands for an address, which is no longer escaped in any way of HTML's; None for none."""
        page, sign, fragment = address.strip().partition("#")
        address = page + sign + fragment.replace("#", "%23")  # RFC 3986 section 3.5
        try:
            parts = urlsplit(address)
            if (parts.scheme in ("http", "https") and parts.netloc) or (parts.scheme == "mailto" and parts.path):
                return parts.scheme + address[len(parts.scheme) :]  # in lower case
            if parts.scheme or (tag in _PICTURES and (not address or _AT_HOME.match(address))):
                return self._other(tag, address) if address else None
            if parts.path.lower().endswith((".md", ".markdown")) and not parts.netloc:
                return self._page(address, parts.path, parts.fragment)
            here = self.post.url
            if tag in _PICTURES and parts.path and not parts.netloc:
                address, here = self._picture(address, parts.path)
            return urljoin(here, re.sub(r"\s", "%20", address))
        except ValueError:
            self.about(address, f"`{address}` is not a valid URL", code="link-invalid")
            return None

    def within(self, tag: str, address: str) -> str | None:
        """The same for a text that is shown as a whole: `settled` sees to links that turn out to have no target."""
        if tag == "a" and address.startswith("#") and (name := unquote(address[1:])):
            return f"#{quote(self._own(name), safe=':~')}"
        return self.absolute(tag, address)

    def target(self, name: str) -> str | None:
        """What stands for the id of an element, None for one that the text has already used."""
        name = unquote(name)  # comrak escapes the names of notes
        if not name or re.search(r"\s", name) or name in self._names:
            return None
        self._names.add(name)
        return self._own(name)

    def settled(self, html: str) -> str:
        """The HTML with links to places it does not have leading to those of the post's page."""
        if f'{self._mark}"' not in html:
            return html
        page = escape(self.post.url)

        def led(found: re.Match[str]) -> str:
            return found[0] if unquote(found[1]) in self._names else f'href="{page}#{found[1]}"'

        return re.sub(rf'href="#([^"]*?){self._mark}"', led, html)

    @cached_property
    def _mark(self) -> str:
        return f"-{hashlib.sha256(self.post.id.encode()).hexdigest()[:8]}"

    def _own(self, name: str) -> str:
        """An id of this post alone. What it begins with stays: readers know notes by the `fn` of their ids."""
        return name + self._mark

    def _other(self, tag: str, address: str) -> str | None:
        """An address that is none of the web's: a picture may stand in the text, anything else is left out."""
        if tag in _PICTURES and _DATA.match(address):
            if len(address) <= _MOST_DATA:
                return re.sub(r"\s", "", address)
            why = f"is {len(address):,} characters of text, which are left out"
        elif _AT_HOME.match(address):
            why = "is a file of your computer, which nobody else can see"
        else:
            why = "is not an address that readers follow, and is left out"
        whole = unquote(address[:200])
        shown = f"{whole[:_SHOWN]}…" if len(whole) > _SHOWN else whole
        remedy = "; save the picture in the blog, and name it here" if tag in _PICTURES else ""
        code: Code = "image-missing" if tag in _PICTURES else "link-invalid"
        self.about(address[:200], f"`{shown}` {why}{remedy}", code=code)
        return None

    def _page(self, address: str, path: str, fragment: str) -> str:
        """The URL of another post, given by its file."""
        target = posixpath.normpath(posixpath.join(posixpath.dirname(self.post.path), unquote(path)))
        url = self.lookup.page(target)
        if not url:
            self.about(address, f"links to `{unquote(path)}`, but {target} is not a published post", code="link-broken")
            return urljoin(self.post.url, address)
        return f"{url}#{fragment}" if fragment else url

    def _picture(self, address: str, path: str) -> tuple[str, str]:
        """An image's URL and what it is relative to; a warning if it is not among the post's own.

        A path from the root is the site's business, and so are images in a blog that keeps none with its posts.
        """
        if path.startswith("/") or not self.post.assets:
            return address, self.post.url
        own = posixpath.normpath(posixpath.join(self.post.assets, unquote(path)))
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(self.post.path), unquote(path)))
        if self.lookup.has_asset(own):
            return address, self.post.base
        if beside.startswith(f"{self.post.assets}/") and self.lookup.has_asset(beside):  # as an editor writes it
            return quote(beside[len(self.post.assets) + 1 :]), self.post.base
        self.about(address, f"image `{address}` is missing; put it at {own}", code="image-missing")
        return address, self.post.url
