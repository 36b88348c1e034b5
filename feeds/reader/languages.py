"""Languages as people write them -> BCP 47, and what a language tells of a blog that does not say more itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds import paths
from feeds.errors import Unreadable
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from feeds.model import Language

_NAMES = {
    "cn": "zh-CN",
    "zh-cn": "zh-CN",
    "chs": "zh-Hans",
    "cht": "zh-Hant",
    "tw": "zh-TW",
    "chinese": "zh",
    "jp": "ja",
    "japanese": "ja",
    "kr": "ko",
    "korean": "ko",
    "english": "en",
    "default": "",
}
"""Words that stand where a language tag should. Hexo's starter blog says `default`."""

FOLDERS = frozenset(
    ("en", "zh", "cn", "zh-cn", "zh-tw", "zh-hans", "zh-hant", "ja", "jp", "ko", "de", "fr", "es", "pt", "ru")
)
"""Names of folders that are languages when a blog has two such folders."""

_ZONES = {
    "zh": "Asia/Shanghai",
    "zh-tw": "Asia/Taipei",
    "zh-hk": "Asia/Hong_Kong",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "vi": "Asia/Ho_Chi_Minh",
    "th": "Asia/Bangkok",
    "de": "Europe/Berlin",
    "it": "Europe/Rome",
    "pl": "Europe/Warsaw",
    "tr": "Europe/Istanbul",
    "sv": "Europe/Stockholm",
    "cs": "Europe/Prague",
    "uk": "Europe/Kyiv",
}
"""Where nearly all who write a language live in one zone."""

_TAG = expression(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_HAN, _KANA = re.compile("[\u4e00-\u9fff]"), re.compile("[\u3040-\u30ff]")
_SHARE = 10


def tag(said: str) -> str:
    """The BCP 47 tag of a language's name: `zh_cn` is zh-CN, `jp` is ja; "" for what is no language."""
    word = said.strip().replace("_", "-").casefold()
    word = _NAMES.get(word, word).casefold()
    if not _TAG.fullmatch(word):
        return ""
    first, *rest = word.split("-")
    return "-".join([first, *(_cased(part) for part in rest)])


def folders(root: Path, content: str) -> list[str]:
    """Folders of a folder of the site that are named by languages, when there are two or more of different ones."""
    try:
        there = paths.entries(root, content)
    except Unreadable:  # which is told when it is looked into for posts
        return []
    found = sorted(entry.name for entry in there if entry.name in FOLDERS and paths.is_folder(entry))
    return found if len({tag(name) for name in found}) > 1 else []


def _cased(part: str) -> str:
    return part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part  # noqa: PLR2004  # RFC 5646 2.1.1


def same(one: str, other: str) -> bool:
    """Whether two tags mean one language, as far as the less exact of them says: zh is zh-CN, en-GB is not en-US."""
    a, b = one.casefold().split("-"), other.casefold().split("-")
    return a[: len(b)] == b[: len(a)]


def named(word: str, known: Mapping[str, Language]) -> Language | None:
    """The language a word names: by its code, its tag, or a tag that means the same."""
    folded, said = word.replace("_", "-").casefold(), tag(word)
    for language in known.values():
        if folded in (language.code, language.tag.casefold()):
            return language
    return next((language for language in known.values() if said and same(said, language.tag)), None)


def code(said: str) -> str:
    """A language code for what somebody called a language."""
    return (tag(said) or re.sub(r"[^A-Za-z0-9]+", "-", said)).lower()


def zone(language: str) -> str:
    """The time zone most who write a language live in, "" when there is no such."""
    word = language.casefold()
    return _ZONES.get(word) or _ZONES.get(word.split("-")[0], "")


def of_text(text: str) -> str:
    """The language of a text by its script alone; English when nothing speaks against it."""
    if _KANA.search(text):
        return "ja"
    letters = sum(char.isalpha() for char in text)
    return "zh-CN" if len(_HAN.findall(text)) * _SHARE > letters else "en"
