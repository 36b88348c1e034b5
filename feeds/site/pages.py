"""The subscribe pages, for people who heard "there is a feed" and want to know what that is; the links that let
programs find the feeds; the stylesheet that makes a feed readable in a browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feeds.model import DOCUMENTS, OTHER, STYLESHEET, Output
from feeds.site.i18n import edition, language_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from feeds.model import Feed, Format, Language, Post, Site
    from feeds.site.templating import Templates

NEWEST = 5
SNIPPET = "autodiscovery.html"

_NAMES: Mapping[Format, str] = {"atom": "Atom", "rss": "RSS", "json": "JSON"}


def subscribe(
    site: Site, feeds: tuple[Feed, ...], opml: str, templates: Templates, with_issues: Collection[str]
) -> Iterator[Output]:
    """`subscribe/` with every feed, and one page per language if there are several. `with_issues` are the languages
    that have a digest.

    Each has an `index.html`, and its feed links once more in `autodiscovery.html`, for authors to include in their own
    pages. Raises `TemplateError`.
    """
    languages: list[Language | None] = [*site.settings.languages.values()]
    for only in [None, *languages] if len(languages) > 1 else languages:
        yield from _page(site, feeds, opml, templates, only, with_issues)


def stylesheet(site: Site, templates: Templates) -> Output:
    """`feed.css`, which styles feeds in a browser: one for all, so it explains what a feed is in every language."""
    languages = site.settings.languages
    said = dict.fromkeys(templates.words.word("feed_banner", language.tag) for language in languages.values())
    css = templates.render(STYLESHEET, languages[site.settings.default_language], banner=_css_string(" / ".join(said)))
    return Output(STYLESHEET, css.encode())


def _css_string(text: str) -> str:
    escaped = "".join(f"\\{ord(char):x} " if char in '"\\' or char < " " else char for char in text)
    return f'"{escaped}"'


def _page(
    site: Site,
    feeds: tuple[Feed, ...],
    opml: str,
    templates: Templates,
    only: Language | None,
    with_issues: Collection[str],
) -> Iterator[Output]:
    """The page for one language in that language, or for all in the default language; and its snippet."""
    settings = site.settings
    language = only or settings.languages[settings.default_language]
    others = [other for other in settings.languages.values() if other != language]
    shown = [language] if only else [language, *others]
    main, *themes = [_feed(feed) for feed in feeds if feed.language == only]
    groups = [] if only else [_group(group, feeds) for group in shown]
    digests = [_digest(site, group, templates) for group in shown if group.code in with_issues]
    if only:  # the page's own language first: some readers take the first link without asking
        rest = [*themes, *digests, *(_feed(feed) for feed in feeds if feed.language != only and not feed.theme)]
    else:
        rest = [feed for group in groups for feed in group["feeds"]] + digests
    newest = site.select(only.code if only else None)[:NEWEST]
    values: dict[str, Any] = {
        "main": main,
        "themes": themes,
        "groups": groups,
        "alternates": _alternates(main, rest),
        "digests": digests,
        "themed": bool(settings.themes),
        "newest": [_post(post, site, language, templates) for post in newest],
        "editions": [edition(other, _address(site, other)) for other in (others if only else shown)],
        "urls": {
            "self": _address(site, only),
            "opml": f"{settings.url}{settings.folder(only.code) if only else ''}{opml}",
            "all": _address(site, None) if only and others else "",
        },
    }
    here = _address(site, only).removeprefix(settings.url)
    yield Output(f"{here}index.html", templates.render("subscribe.html", language, **values).encode())
    yield Output(here + SNIPPET, templates.render("parts.html", language, **values).lstrip().encode())


def _address(site: Site, only: Language | None) -> str:
    return site.settings.subscribe(only.code if only else None)


def _group(language: Language, feeds: tuple[Feed, ...]) -> dict[str, Any]:
    """The feeds of a language on the page for all languages."""
    members = [_feed(feed) for feed in feeds if feed.language == language]
    return {"title": language_name(language.tag), "tag": language.tag, "feeds": members}


def _feed(feed: Feed) -> dict[str, Any]:
    theme, language = feed.theme, feed.language
    return {
        "title": feed.title,
        "name": theme.titles[language.code] if theme and language else feed.title,
        "theme": theme.id if theme else "",
        "documents": [
            {"name": _NAMES[form], "type": DOCUMENTS[form][1], "url": url} for form, url in feed.documents.items()
        ],
    }


def _digest(site: Site, language: Language, templates: Templates) -> dict[str, Any]:
    """The page of a language's past issues, and their feed, if Atom is among the formats."""
    settings = site.settings
    colon, digest = (templates.words.word(key, language.tag) for key in ("colon", "digest"))
    archive = f"{settings.url}{settings.folder(language.code)}digest/"
    file, media_type = DOCUMENTS["atom"]
    return {
        "title": f"{settings.title[language.code]}{colon}{digest}",
        "name": language_name(language.tag),
        "tag": language.tag,
        "archive": archive,
        "documents": [
            {"name": _NAMES[form], "type": media_type, "url": archive + file}
            for form in settings.feeds.formats
            if form == "atom"
        ],
    }


def _post(post: Post, site: Site, language: Language, templates: Templates) -> dict[str, Any]:
    """A post as the page lists it; its theme is named in the language of the page."""
    themes = site.settings.themes
    theme = next((theme for theme in post.themes if theme in themes), OTHER) if themes else ""
    other = templates.words.word("other_theme", language.tag)
    return {
        "title": post.title,
        "url": post.url,
        "date": post.published.astimezone(site.settings.timezone),
        "tag": post.language.tag,
        "theme": theme,
        "theme_title": themes[theme].titles[language.code] if theme in themes else other,
    }


def _alternates(main: Mapping[str, Any], rest: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Feed links for programs: the page's main feed in every format, every other feed once, in its first."""
    several = len(main["documents"]) > 1
    lines = [(f"{main['title']} ({form['name']})" if several else main["title"], form) for form in main["documents"]]
    lines += [(feed["title"], form) for feed in rest for form in feed["documents"][:1]]
    return [{"title": title, "type": form["type"], "url": form["url"]} for title, form in lines]
