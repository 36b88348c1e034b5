"""What the templates of an issue may say, as plain values: templates/mail.html lists them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feeds.markup import shorten
from feeds.model import OTHER, Digest, Language, Post, Render, Site
from feeds.templating import edition

if TYPE_CHECKING:
    from feeds.digest.issues import Issues
    from feeds.templating import Templates

SUBJECT_COLUMNS = 150
"""More than any inbox shows; a title of a thousand characters stays out of the header."""

_HAN = re.compile("[\u3400-\u9fff]")


def folder(site: Site, language: Language, week: str = "") -> str:
    """Where a language's issues lie, or one of them: `zh/digest/2026-W17/`."""
    return f"{site.settings.folder(language.code)}digest/" + (f"{week}/" if week else "")


def issue_values(digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates) -> dict[str, Any]:
    """`issue` with its sections and reviews, and the `urls` only an issue has."""
    language = digest.language
    other = templates.word("other_theme", language.tag)
    sections = []
    minutes = 0
    for section in digest.sections:
        reviews = [_review(post, site, render) for post in section.posts]
        minutes += sum(review["minutes"] for review in reviews)
        theme = section.theme
        title = theme.titles[language.code] if theme else other
        sections.append({"id": theme.id if theme else OTHER, "title": title, "reviews": reviews})
    issue = period(digest) | {"minutes": minutes, "sections": sections}
    words = {name: issue[name] for name in ("number", "year", "minutes")}
    words |= {"title": digest.posts[0].title, "publication": site.settings.title[language.code]}
    count, more = len(digest.posts), len(digest.posts) - 1
    subject = templates.word("subject" if more else "subject_one", language.tag, n=more, more=more, **words)
    issue["subject"] = shorten(subject, SUBJECT_COLUMNS)
    issue["preheader"] = templates.word("preheader", language.tag, n=count, **words)
    urls = {
        "web": site.settings.url + folder(site, language, digest.week),
        "unsubscribe": site.settings.digest.unsubscribe,
        "editions": [
            edition(other, site.settings.url + folder(site, other, digest.week))
            for other in site.settings.languages.values()
            if other != language and digest.week in issues[other.code]
        ],
    }
    return {"issue": issue, "urls": urls}


def period(digest: Digest) -> dict[str, Any]:
    """When an issue was and how much it holds."""
    year, week = digest.week.split("-W")
    return {
        "week": digest.week,
        "number": int(week),
        "year": int(year),
        "since": digest.since.date(),
        "until": digest.last_day,
        "count": len(digest.posts),
    }


def _review(post: Post, site: Site, render: Render) -> dict[str, Any]:
    body = render(post)
    paper = post.paper
    return {
        "title": post.title,
        "url": post.url,
        "date": post.published.astimezone(site.settings.timezone),
        "lang_tag": post.language.tag,
        "minutes": body.minutes,
        "summary": body.summary,
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
        "translations": [
            edition(other.language, other.url) | {"title": other.title} for other in site.translations(post)
        ],
    }
