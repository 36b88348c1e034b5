"""The values that the templates of an issue can use; templates/mail.html lists them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from feeds.digest.fit import WHOLE, Cut
from feeds.digest.frozen import Frozen
from feeds.digest.placeholders import in_html
from feeds.markup import shorten
from feeds.model import OTHER, Digest, Language, Post, Site
from feeds.site.i18n import edition
from feeds.text import expression, width

if TYPE_CHECKING:
    from feeds.rendered import Excerpt, Render
    from feeds.site.templating import Templates

SUBJECT_COLUMNS = 100
"""Inboxes show 40 to 70 columns; the title is shortened, so that what follows it is not lost."""

HEADLINE_COLUMNS = 52
PREHEADER_COLUMNS = 110
"""Columns with the publication and the few words around it."""

_HAN = expression("[\u3400-\u9fff]")
_NAME = expression("：|: ")


Shown = Mapping[str, Mapping[str, Digest | Frozen]]
"""The issues that readers find on the site: language code, then name, newest first."""


def folder(site: Site, language: Language, name: str = "") -> str:
    """The folder of a language's issues, or of one of them: `zh/digest/2026-W17/`."""
    return f"{site.settings.folder(language.code)}digest/" + (f"{name}/" if name else "")


def place(site: Site, issue: Digest | Frozen) -> str:
    """The folder of an issue among the outputs: once it is issued, it stays."""
    return issue.folder if isinstance(issue, Frozen) else folder(site, issue.language, issue.name)


def editions(issue: Digest | Frozen, shown: Shown, site: Site) -> list[dict[str, str]]:
    """The same issue in the other languages."""
    others = [other for other in site.settings.languages.values() if other.code != issue.language.code]
    return [
        edition(other, site.settings.url + place(site, shown[other.code][issue.name]))
        for other in others
        if issue.name in shown.get(other.code, {})
    ]


def issue_values(
    digest: Digest, shown: Shown, site: Site, render: Render, templates: Templates, cut: Cut | None = None
) -> dict[str, Any]:
    """`issue` with its sections and reviews, and the `urls` only an issue has. For an email, also what was cut."""
    language = digest.language
    web = site.settings.url + folder(site, language, digest.name)
    is_mail = cut is not None
    full = partial(_review, digest=digest, site=site, render=render, mail=web if is_mail else "")
    cut = cut or WHOLE
    other = templates.words.word("other_theme", language.tag)
    sections = []
    for section in digest.sections:
        theme = section.theme
        kept = [post for post in section.posts if post.id not in cut.left_out]
        sections.append(
            {
                "id": theme.id if theme else OTHER,
                "title": theme.titles[language.code] if theme else other,
                "count": len(section.posts),
                "more": len(section.posts) - len(kept),
                "reviews": [full(post) for post in kept if post.id not in cut.short],
                "short": [_title(post, render) for post in kept if post.id in cut.short],
            }
        )
    issue = period(digest, templates) | {"sections": sections} | _editorial(digest, site, render, web, is_mail=is_mail)
    issue["minutes"] = sum(render(post).minutes for post in digest.posts)
    urls = {
        "web": web,
        "unsubscribe": site.settings.digest.unsubscribe,
        "editions": editions(digest, shown, site),
    }
    return {"issue": issue | _lines(digest, issue, site, templates), "urls": urls}


def _editorial(digest: Digest, site: Site, render: Render, web: str, *, is_mail: bool) -> dict[str, Any]:
    """What the editor put around the reviews: `cover`, `foreword` and `afterword`, each as HTML and as plain text, with
    its links; and old reviews from the archive.
    """
    said = digest.editorial
    cover, whole = said.cover if said else None, render(said.text).excerpt if said and said.text else None

    def shown(part: Excerpt | None) -> dict[str, Any] | None:
        if not part or not part.words:
            return None
        return {
            "html": in_html(part.mail(web), site.settings.digest.placeholders) if is_mail else part.page,
            "words": part.words,
            "links": [{"text": text, "url": url} for text, url in part.links],
        }

    return {
        "cover": cover and {"src": web + cover.src, "alt": cover.alt, "width": cover.width, "height": cover.height},
        "foreword": shown(whole),
        "afterword": shown(whole.behind if whole else None),
        "archive": [
            {"title": post.title, "url": post.url, "date": post.published.astimezone(site.settings.timezone)}
            for post in digest.archive
        ],
    }


def period(digest: Digest | Frozen, templates: Templates) -> dict[str, Any]:
    """When an issue was and how much it contains."""
    tag = digest.language.tag
    since, until = digest.since.date(), digest.last_day
    case = "across" if since.year != until.year else "in_year" if since.month != until.month else "in_month"
    days = templates.words.word(
        "period",
        tag,
        since=templates.words.date(since, templates.words.word(f"since_{case}", tag), tag),
        until=templates.words.date(until, templates.words.word(f"until_{case}", tag), tag),
        dash=templates.words.word("dash_days" if case == "in_month" else "dash_months", tag),
    )
    year, _, number = digest.week.partition("-W")
    return {
        "name": digest.name,
        "period": days,
        "week": templates.words.word("week", tag, number=int(number)) if digest.week else "",
        "week_year": templates.words.word("week_year", tag, number=int(number), year=year) if digest.week else days,
        "count": len(digest.titles),
    }


def _lines(digest: Digest, issue: dict[str, Any], site: Site, templates: Templates) -> dict[str, str]:
    """What an inbox shows of an email, `subject` and `preheader`, and its `headline`."""
    tag = digest.language.tag
    titles = [post.title for post in digest.posts]
    words = {
        "when": issue["week"] or issue["period"],
        "minutes": issue["minutes"],
        "publication": site.settings.title[digest.language.code],
        "n": len(titles) - 1,
    }

    def subject(title: str) -> str:
        return templates.words.word("subject" if words["n"] else "subject_one", tag, title=title, **words)

    rest = titles[1:]
    key = "preheader" if rest else "preheader_one"
    room = max(PREHEADER_COLUMNS - width(words["publication"]), PREHEADER_COLUMNS // 3)
    names = _names(rest, room, templates, tag) if rest else ""
    said = digest.editorial
    return {
        "subject": (said and said.subject)
        or subject(shorten(titles[0], max(SUBJECT_COLUMNS - width(subject("")), SUBJECT_COLUMNS // 2))),
        "preheader": (said and said.preheader) or templates.words.word(key, tag, names=names, **words),
        "headline": (said and said.headline) or _names(titles, HEADLINE_COLUMNS, templates, tag) if rest else titles[0],
    }


def _names(titles: list[str], columns: int, templates: Templates, tag: str) -> str:
    """The part of each title before its colon, as many as fit; the rest are counted."""
    names: list[str] = []
    used = 0
    for title in titles:
        name = shorten(_NAME.split(title)[0], columns)
        used += width(name) + 2
        if names and used > columns:
            break
        names.append(name)
    said, more = templates.words.word("comma", tag).join(names), len(titles) - len(names)
    return templates.words.word("headline", tag, names=said, n=more) if more else said


def _title(post: Post, render: Render) -> dict[str, Any]:
    return {"id": post.id, "title": post.title, "url": post.url, "minutes": render(post).minutes}


def _review(post: Post, *, digest: Digest, site: Site, render: Render, mail: str) -> dict[str, Any]:
    """A review in full, for an email whose images are under the URL `mail`, or for a page. Only translations that
    existed when the issue closed count, so later ones do not change it.
    """
    body, own = render(post), site.settings.digest.placeholders
    paper = post.paper
    known = [other for other in site.translations(post) if other.published < digest.until]
    return _title(post, render) | {
        "date": post.published.astimezone(site.settings.timezone),
        "lang_tag": post.language.tag,
        "summary": body.summary,
        "excerpt": in_html(body.excerpt.mail(mail), own) if mail else body.excerpt.page,
        "links": [{"text": text, "url": url} for text, url in body.excerpt.links],
        "highlights": post.highlights,
        "tags": post.tags,
        "paper": paper
        and {
            "title": paper.title,
            "authors": paper.authors,
            "venue": paper.venue,
            "year": paper.year,
            "url": paper.link,
            "code": paper.code,
            "foreign": not post.language.tag.startswith("en") and not _HAN.search(paper.title),
        },
        "translations": [edition(other.language, other.url) | {"title": other.title} for other in known],
    }
