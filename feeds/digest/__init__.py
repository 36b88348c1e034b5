"""Site -> issues -> mails and pages. What an issue holds is in `issues.py`, what a mail looks like in `templates/`.

`mail` makes the three files of one issue's mail; `page` and `archive` make the pages its links lead to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from feeds.digest.issues import Issues, gather, week_name
from feeds.errors import Problem, TemplateError
from feeds.model import OTHER, Digest, Email, Language, Output, Post, Render, Site
from feeds.templating import FOLDER, language_name

if TYPE_CHECKING:
    from feeds.templating import Templates

__all__ = ["Issues", "archive", "gather", "mail", "page", "week_name"]

_HAN = re.compile("[\u3400-\u9fff]")


def folder(site: Site, language: Language, week: str = "") -> str:
    """Where a language's issues lie, or one of them: `zh/digest/2026-W17/`."""
    return f"{site.settings.folder(language.code)}digest/" + (f"{week}/" if week else "")


def mail(
    digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates
) -> tuple[list[Output], list[Problem]]:
    """The mail of an issue as `mail.html`, `mail.txt` and `mail.eml`, and what is wrong with it.

    Raises `TemplateError`.
    """
    from feeds.digest.inline import RefusedStyle, inline  # premailer takes longer to import than a build takes
    from feeds.digest.message import encoded_size, message

    values = _values(digest, issues, site, render, templates)
    tag = digest.language.tag
    try:
        html = inline(templates.render("mail.html", tag, **values))
    except RefusedStyle as error:
        raise TemplateError(Problem(f"{FOLDER}/mail.html", 0, str(error))) from error
    email = Email(subject=values["issue"]["subject"], html=html, text=templates.render("mail.txt", tag, **values))
    octets = message(email, digest, site.settings, values["urls"])
    problems = []
    size, limit = encoded_size(html, tag), site.settings.digest.limit_bytes
    if limit and size > limit:
        text = f"{size:,} octets as sent, over `limit_bytes` {limit:,}: Gmail will clip it; shorten some summaries"
        problems.append(Problem(f"{folder(site, digest.language, digest.week)}mail.html", 0, text, "warning"))
    here = folder(site, digest.language, digest.week)
    files = {"mail.html": html.encode(), "mail.txt": email.text.encode(), "mail.eml": octets}
    return [Output(here + name, data) for name, data in files.items()], problems


def page(digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates) -> Output:
    """The issue as a web page. Raises `TemplateError`."""
    values = _values(digest, issues, site, render, templates)
    html = templates.render("issue.html", digest.language.tag, **values)
    return Output(f"{folder(site, digest.language, digest.week)}index.html", html.encode())


def archive(language: Language, issues: Issues, site: Site, templates: Templates) -> Output:
    """The page of all issues of a language, newest first. Raises `TemplateError`."""
    base = _base(language, site)
    rows = [
        {
            **_period(digest),
            "url": f"{base['urls']['archive']}{digest.week}/",
            "titles": [post.title for post in digest.posts],
        }
        for digest in issues[language.code].values()
    ]
    html = templates.render("issues.html", language.tag, **base, issues=rows)
    return Output(f"{folder(site, language)}index.html", html.encode())


def _values(digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates) -> dict[str, Any]:
    """Everything the templates of an issue may say; templates/mail.html lists it."""
    language = digest.language
    base = _base(language, site)
    reviews = {post.id: _review(post, site, render) for post in digest.posts}
    other = templates.word("other_theme", language.tag)
    issue = {
        **_period(digest),
        "minutes": sum(review["minutes"] for review in reviews.values()),
        "sections": [
            {
                "id": section.theme.id if section.theme else OTHER,
                "title": section.theme.titles[language.code] if section.theme else other,
                "reviews": [reviews[post.id] for post in section.posts],
            }
            for section in digest.sections
        ],
    }
    words = {"title": digest.posts[0].title, "publication": site.settings.title[language.code]}
    words |= {name: issue[name] for name in ("number", "year", "minutes")}
    count = issue["count"]
    more = count - 1
    issue["subject"] = templates.word("subject" if more else "subject_one", language.tag, n=more, more=more, **words)
    issue["preheader"] = templates.word("preheader", language.tag, n=count, **words)
    editions = [
        {
            "name": language_name(other.tag),
            "tag": other.tag,
            "url": f"{site.settings.url}{folder(site, other, digest.week)}",
        }
        for other in site.settings.languages.values()
        if other != language and digest.week in issues[other.code]
    ]
    urls = base["urls"] | {
        "web": f"{base['urls']['archive']}{digest.week}/",
        "unsubscribe": site.settings.digest.unsubscribe,
        "editions": editions,
    }
    return base | {"issue": issue, "urls": urls}


def _base(language: Language, site: Site) -> dict[str, Any]:
    """What all templates get: language, publication, addresses."""
    settings = site.settings
    home = settings.url + settings.folder(language.code)
    first = settings.feeds.formats[0]
    feed = {"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json"}[first]
    return {
        "lang": {
            "code": language.code,
            "tag": language.tag,
            "title": settings.title[language.code],
            "description": settings.description[language.code],
        },
        "publication": {
            "title": settings.title[language.code],
            "home": settings.url,
            "author": settings.author[language.code].name,
        },
        "urls": {
            "home": settings.url,
            "archive": f"{home}digest/",
            "subscribe": f"{home}subscribe/",
            "feed": home + feed,
            "feed_type": f"application/{'feed+json' if first == 'json' else f'{first}+xml'}",
        },
    }


def _period(digest: Digest) -> dict[str, Any]:
    year, week = digest.week.split("-W")
    since = digest.since.date()
    return {
        "week": digest.week,
        "number": int(week),
        "year": int(year),
        "since": since,
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
            "foreign": not post.language.tag.startswith("en") and not _HAN.search(paper.title),
        },
        "translations": [
            {
                "name": language_name(other.language.tag),
                "tag": other.language.tag,
                "title": other.title,
                "url": other.url,
            }
            for other in site.translations(post)
        ],
    }
