"""The subscribe page: for people who were told "there is a feed" and want to know what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feeds.model import Language, Output, Site
from feeds.templating import Templates, edition, language_name

if TYPE_CHECKING:
    from feeds.model import Feed

NEWEST = 5


def subscribe(site: Site, feeds: tuple[Feed, ...], opml: str, templates: Templates) -> list[Output]:
    """`subscribe/index.html` with every feed, and one page for each language of several. Raises `TemplateError`."""
    pages: list[Language | None] = [None]
    if len(site.settings.languages) > 1:
        pages += site.settings.languages.values()
    return [_page(site, feeds, opml, templates, only) for only in pages]


def _page(site: Site, feeds: tuple[Feed, ...], opml: str, templates: Templates, only: Language | None) -> Output:
    """The page of one language in that language, or of all in the default language."""
    settings = site.settings
    language = only or settings.languages[settings.default_language]
    here = f"{settings.folder(only.code) if only else ''}subscribe/"
    groups: list[dict[str, Any]] = []
    for group in [only] if only else [None, *settings.languages.values()]:
        members = [_feed(feed) for feed in feeds if feed.language == group]
        title = language_name(group.tag) if group else templates.word("all_languages", language.tag)
        if members:
            groups.append({"title": title, "tag": (group or language).tag, "feeds": members})
    others = [other for other in settings.languages.values() if other != only] if len(settings.languages) > 1 else []
    posts = site.select(only.code if only else None)[:NEWEST]
    urls = {"self": settings.url + here, "opml": settings.url + opml}
    if not site.select(language.code):
        urls["archive"] = ""
    html = templates.render(
        "subscribe.html",
        language,
        groups=groups,
        editions=[edition(other, f"{settings.url}{settings.folder(other.code)}subscribe/") for other in others],
        newest=[
            {
                "title": post.title,
                "url": post.url,
                "date": post.published.astimezone(settings.timezone),
                "lang_tag": post.language.tag,
            }
            for post in posts
        ],
        urls=urls,
    )
    return Output(f"{here}index.html", html.encode())


def _feed(feed: Feed) -> dict[str, str]:
    addresses = {name: feed.documents.get(name, "") for name in ("atom", "rss", "json")}
    return {"title": feed.title, "description": "" if feed.theme else feed.description, **addresses}
