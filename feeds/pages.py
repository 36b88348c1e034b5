"""The subscribe page: for people who were told "there is a feed" and want to know what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feeds.model import Language, Output, Site
from feeds.templating import Templates, language_name

if TYPE_CHECKING:
    from feeds.model import Feed

NEWEST = 5


def subscribe(site: Site, feeds: tuple[Feed, ...], opml: str, templates: Templates) -> list[Output]:
    """`subscribe/index.html` with every feed, and one page for each language of several. Raises `TemplateError`."""
    languages = list(site.settings.languages.values())
    default = site.settings.languages[site.settings.default_language]
    pages = [_page(site, feeds, opml, templates, default, None)]
    if len(languages) > 1:
        pages += [_page(site, feeds, opml, templates, language, language) for language in languages]
    return pages


def _page(
    site: Site, feeds: tuple[Feed, ...], opml: str, templates: Templates, language: Language, only: Language | None
) -> Output:
    """The page in `language`, listing the feeds of one language or all."""
    settings = site.settings
    here = settings.folder(only.code) if only else ""
    groups: list[dict[str, Any]] = []
    for code in (None, *settings.languages):
        mine = [feed for feed in feeds if (feed.language.code if feed.language else None) == code]
        if mine and (not only or code == only.code):
            tag = settings.languages[code].tag if code else ""
            title = language_name(tag) if code else templates.word("all_languages", language.tag)
            groups.append({"title": title, "tag": tag or language.tag, "feeds": [_feed(feed) for feed in mine]})
    editions = [
        {
            "name": language_name(other.tag),
            "tag": other.tag,
            "url": f"{settings.url}{settings.folder(other.code)}subscribe/",
        }
        for other in settings.languages.values()
        if other != only and len(settings.languages) > 1
    ]
    posts = site.select(only.code if only else None)[:NEWEST]
    html = templates.render(
        "subscribe.html",
        language.tag,
        lang={
            "code": language.code,
            "tag": language.tag,
            "title": settings.title[language.code],
            "description": settings.description[language.code],
        },
        publication={
            "title": settings.title[language.code],
            "home": settings.url,
            "author": settings.author[language.code].name,
        },
        groups=groups,
        editions=editions,
        newest=[
            {
                "title": post.title,
                "url": post.url,
                "date": post.published.astimezone(settings.timezone),
                "lang_tag": post.language.tag,
            }
            for post in posts
        ],
        urls={
            "home": settings.url,
            "self": f"{settings.url}{here}subscribe/",
            "opml": settings.url + opml,
            "archive": f"{settings.url}{settings.folder(language.code)}digest/" if posts else "",
        },
    )
    return Output(f"{here}subscribe/index.html", html.encode())


def _feed(feed: Feed) -> dict[str, str]:
    addresses = {name: feed.documents.get(name, "") for name in ("atom", "rss", "json")}
    return {"title": feed.title, "description": "" if feed.theme else feed.description, **addresses}
