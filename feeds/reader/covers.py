"""The picture of a post, where its front matter, which is written for a theme, keeps it.

Themes keep many things in such keys that are no picture: flags, colours, gradients, names of CSS classes.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urljoin

from feeds.model import Image
from feeds.reader.fields import FALSE
from feeds.text import expression, is_http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from feeds.reader.fields import Fields

HEXO = (
    *("cover", "image", "thumbnail", "index_img", "img", "cover_image", "coverimage", "thumbnailimage", "headimg"),
    *(
        "featured_image",
        "feature_image",
        "feature",
        "pic",
        "images",
        "banner_img",
        "banner",
        "header-img",
        "header_img",
    ),
    *("top_img", "photos", "og_image", "poster"),
)
"""Butterfly, Fluid, Icarus, Matery, NexT, Redefine, Stellar, Volantis, Tranquilpeak, Landscape and their like."""

HUGO = (
    *("image", "cover", "featured_image", "featuredimage", "featureimage", "feature_image", "featured", "feature"),
    *("thumbnail", "thumbnailimage", "coverimage", "cover_image", "images", "hero", "banner", "bigimg", "header"),
    *("img", "resources", "featuredimagepreview", "shareimage", "share_img", "og_image"),
)
"""Stack, PaperMod, Ananke, LoveIt and FixIt, Clarity, Mainroad, Hugo's own `images`, Toha, Beautiful Hugo, HugoBlox."""

JEKYLL = (
    *("image", "cover-img", "cover", "thumbnail-img", "thumbnail", "header", "header-img", "header_img", "feature-img"),
    *("feature_image", "featured-image", "featured_image", "featuredimage", "feature", "img", "cover_image"),
    *("coverimage", "hero_image", "background", "bigimg", "banner", "banner_image", "teaser", "photos", "images"),
    *("article_header", "og_image", "share-img"),
)
"""jekyll-seo-tag and Chirpy, Beautiful Jekyll, TeXt, Minimal Mistakes, Hux, Type on Strap, So Simple, Clean Blog."""

_INNER = (
    *("src", "path", "url", "image", "filename", "file", "teaser", "feature", "overlay_image", "thumbnail", "thumb"),
    *("og_image",),
)
"""Where a table has it."""

_FILE = expression(r"\.(?:png|jpe?g|gif|webp|svg|avif|bmp|tiff?|jxl|heic)\b", re.IGNORECASE)
_CSS_ADDRESS = expression(r"url\(\s*+[\"']?+([^\"'()]*+)[\"']?+\s*+\)", re.IGNORECASE)
_NO_PICTURE = expression(
    r"""\#[0-9a-f]{3,8} | [\w-]+(?:[ ,]+[\w-]+)* | [^*]*\*.*
    | (?:[a-z-]*gradient|rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|var|image-set|env|url)\(.*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""A colour, words, a pattern of file names, what CSS calculates; YAML may have taken its end for a comment."""
_BY_NAME = expression(r"feature|cover|thumbnail", re.IGNORECASE)
"""How Hugo's own templates, and themes after them, call the picture among a page's files."""
_NO_ADDRESS = expression(r'[<>"{}|\\^`]')
_ABSOLUTE = expression(r"([A-Za-z][A-Za-z0-9+.-]*:)|//")
_DEEPEST = 4
_MOST = 20


def cover(fields: Fields, keys: Iterable[str]) -> Image | None:
    """The first picture that these keys name: an address, or a file name. `src` is percent-encoded, and begins with
    `./` when the theme is told that it is relative to the page.
    """
    named = {key.lower(): key for key in fields.data}
    for key in [named[key] for key in keys if key in named]:
        said = fields.data[key]
        if key == "resources" and isinstance(said, list):
            said = [one for one in said if isinstance(one, dict) and _BY_NAME.search(str(one.get("name")))]
        for src, alt in islice(_said(said, ""), _MOST):
            if picture := _picture(fields, key, src, alt):
                return picture
    return None


def image(fields: Fields) -> Image | None:
    """Our own key `image`: an address or a file name, or a table with `src` and `alt`."""
    table = fields.table("image") if isinstance(fields.data.get("image"), dict) else None
    src, alt = (table.text("src") or table.text("path"), table.text("alt")) if table else (fields.text("image"), "")
    return None if src.casefold() in FALSE else _image(fields, "image", src, alt)


def placed(picture: Image, folder: str, base: str, elsewhere: Callable[[str, str], str]) -> Image:
    """A picture with its whole address, and its file if it may be one of the post's own, which lie in `folder` and are
    served below `base`.
    """
    if "://" in picture.src or picture.src.startswith("//"):
        return replace(picture, src=urljoin(base, picture.src))
    if folder and not picture.src.startswith("/"):
        file = posixpath.normpath(posixpath.join(folder, unquote(picture.src)))
        return replace(picture, src=urljoin(base, picture.src), file=file)
    return replace(picture, src=elsewhere(picture.src, base))


def missing(picture: Image, folder: str, base: str, elsewhere: Callable[[str, str], str]) -> Image:
    """A picture that could have been among the post's own files, and is not."""
    return replace(picture, src=elsewhere(quote(picture.file.removeprefix(f"{folder}/")), base), file="")


def by_name(files: Iterable[str]) -> dict[str, str]:
    """The picture of each folder whose name says that it is that of the page in this folder."""
    found: dict[str, str] = {}
    for path in sorted(path for path in files if _FILE.search(path) and _BY_NAME.search(path)):
        folder, name = posixpath.split(path)
        first = _BY_NAME.search(name)
        if first and (folder not in found or _rank(first[0]) < _rank(posixpath.basename(found[folder]))):
            found[folder] = path
    return found


def _rank(name: str) -> bool:
    """Hugo looks for a feature before it looks for anything else."""
    return "feature" not in name.lower()


def _said(value: Any, alt: str, depth: int = _DEEPEST) -> Iterator[tuple[str, str]]:
    """Texts that may be a picture, each with what it shows, in a value as themes write them."""
    if isinstance(value, list):
        for one in value[:_MOST] if depth else ():
            yield from _said(one, alt, depth - 1)
    elif isinstance(value, dict):
        own = str(value.get("alt") or alt)
        before = "./" if str(value.get("relative")).lower() == "true" else ""
        for key in _INNER if depth else ():
            yield from ((before + src, alt) for src, alt in _said(value.get(key), own, depth - 1))
        yield from ((key, str(words or "")) for key, words in value.items() if _FILE.search(key))  # its caption
    elif value is not None:
        yield str(value), alt


def _picture(fields: Fields, key: str, said: str, alt: str) -> Image | None:
    """The picture that a text names; None, and nothing to complain of, for what themes keep there instead."""
    src = fields.clean(key, said)
    if css := _CSS_ADDRESS.fullmatch(src):
        src = css[1].strip()
    return _image(fields, key, src, fields.clean(key, alt)) if src and not _NO_PICTURE.fullmatch(src) else None


def _image(fields: Fields, key: str, src: str, alt: str) -> Image | None:
    if not src:
        return None
    address = quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", src), safe="/:?#[]@!$&'()*+,;=%~")
    if not _leads_somewhere(src, address):
        fields.complain(key, f'is "{src}"; write a file name or an http(s) URL', code="image-invalid")
        return None
    return Image(src=address, alt=alt)


def _leads_somewhere(src: str, address: str) -> bool:
    """Whether a text is the address of a picture, relative or http(s), and not HTML, a template or another scheme."""
    if _NO_ADDRESS.search(src):
        return False
    start = _ABSOLUTE.match(src)
    return not start or is_http(address if start[1] else f"https:{address}")
