"""A Hugo site's configuration in the words of `feeds.toml`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.reader import configuration, languages
from feeds.reader.generators.hugo import feeds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from feeds.reader.generators.hugo.site import Configuration, Mount
    from feeds.settings import DetectedSettings


def own_codes(config: Configuration) -> Mapping[str, str]:
    """Our code for each of Hugo's, which may be `zh_cn`."""
    return {code: re.sub(r"[^a-z0-9]+", "-", code).strip("-") or "en" for code in config.own}


def detected(config: Configuration, mounts: Sequence[Mount], guessed: Collection[str]) -> DetectedSettings:
    """The settings of a site with this content; `guessed` are folders that tell languages it is silent about."""
    whole, found = config.whole, configuration.Findings(config.whole)
    tables = [config.own[config.main], *config.own.values()]
    titled = next((table for table in (whole, *tables) if table.text("title")), whole)
    found.put("title", titled.text("title"), f"{titled.prefix}title")
    found.put("description", whole.below("params").text("description"), "params.description")
    host = next((table for table in (whole, *tables) if table.text("baseurl")), whole)
    found.put("url", host.text("baseurl"), f"{host.prefix}baseurl")
    authors = (table.below("params").names("author") or table.names("author") for table in (whole, *tables))
    found.put("author.name", ", ".join(next(filter(None, authors), ())), "params.author")
    for folder in guessed:
        found.put_language(folder, "tag", languages.tag(folder) or folder, "languagecode")
    if not guessed:
        _languages(config, found)
    known, main = found.data["languages"], own_codes(config)[config.main]
    found.put("default_language", main if main in known else next(iter(known)), "defaultcontentlanguage")
    found.put("timezone", whole.text("timezone"))
    found.put("feeds.limit", feeds.limit(whole), "services.rss.limit")
    found.put("output", whole.text("publishdir"), "publishdir")
    folders = [mount.folder for mount in mounts]
    found.put("content.dir", config.content if config.content in folders else folders[0], "contentdir")
    return found.found()


def _languages(config: Configuration, found: configuration.Findings) -> None:
    """Each language with its tag, its title and its description."""
    whole = config.whole
    for code, ours in own_codes(config).items():
        own, place = config.own[code], f"languages.{code}"
        said = own.text("locale") or own.text("languagecode")
        if code == config.main:
            said = own.text("locale") or whole.text("locale") or said or whole.text("languagecode")
        found.put_language(ours, "tag", languages.tag(said) or languages.tag(code) or ours, place)
        found.put_language(ours, "title", own.text("title"), f"{place}.title")
        description = own.below("params").text("description")
        found.put_language(ours, "description", description, f"{place}.params.description")
