"""Site -> issues -> mails and pages. What an issue holds is in `issues.py`, what a mail looks like in `templates/`.

`mail` makes the three files of one issue's mail; `page` and `archive` make the pages its links lead to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from feeds.digest.issues import Issues, gather, week_name
from feeds.digest.view import folder, issue_values, period
from feeds.errors import Problem, TemplateError
from feeds.ledger import tag_uri
from feeds.model import Digest, Email, Language, Output, Post, Render, Site
from feeds.templating import FOLDER

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.templating import Templates

__all__ = ["Entry", "Issues", "archive", "entries", "gather", "mail", "page", "week_name"]


def mail(
    digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates
) -> tuple[list[Output], list[Problem]]:
    """The mail of an issue as `mail.html`, `mail.txt` and `mail.eml`, and what is wrong with it.

    Raises `TemplateError`.
    """
    from feeds.digest.inline import RefusedStyle, inline  # premailer takes longer to import than a build takes
    from feeds.digest.message import encoded_size, message

    language, here = digest.language, folder(site, digest.language, digest.week)
    values = issue_values(digest, issues, site, render, templates)
    try:
        html = inline(templates.render("mail.html", language, **values))
    except RefusedStyle as error:
        raise TemplateError(Problem(f"{FOLDER}/mail.html", 0, str(error))) from error
    text = templates.render("mail.txt", language, **values)
    email = Email(subject=values["issue"]["subject"], html=html, text=text)
    addresses = {"web": values["urls"]["web"], "archive": site.settings.url + folder(site, language)}
    files = {
        "mail.html": html.encode(),
        "mail.txt": text.encode(),
        "mail.eml": message(email, digest, site.settings, addresses),
    }
    problems = []
    size, limit = encoded_size(html, language.tag), site.settings.digest.limit_bytes
    if limit and size > limit:
        wrong = f"{size:,} octets as sent, over `limit_bytes` {limit:,}: Gmail will clip it; shorten some summaries"
        problems.append(Problem(f"{here}mail.html", 0, wrong, "warning"))
    return [Output(here + name, data) for name, data in files.items()], problems


def page(digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates) -> Output:
    """The issue as a web page. Raises `TemplateError`."""
    values = issue_values(digest, issues, site, render, templates)
    html = templates.render("issue.html", digest.language, **values)
    return Output(f"{folder(site, digest.language, digest.week)}index.html", html.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An issue as an entry of the feed of issues: a post without a file, and its text."""

    post: Post
    html: str
    summary: str
    minutes: int


def entries(
    language: Language, issues: Issues, site: Site, render: Render, templates: Templates, now: datetime
) -> list[Entry]:
    """The newest issues whose week is over, as entries; a week still open would change after readers took it.

    Raises `TemplateError`.
    """
    over = [digest for digest in issues[language.code].values() if digest.until <= now]
    found = []
    for digest in over[: site.settings.feeds.limit or None]:
        values = issue_values(digest, issues, site, render, templates)
        slug = f"digest-{digest.week}"
        post = Post(
            path=f"{folder(site, language, digest.week)}index.html",
            language=language,
            slug=slug,
            title=values["issue"]["subject"],
            published=digest.until,
            updated=digest.until,
            url=values["urls"]["web"],
            id=tag_uri(site.settings.url, digest.until, language.code, slug),
            group="",
            status="published",
            body_line=1,
        )
        html = templates.render("entry.html", language, **values)
        issue = values["issue"]
        found.append(Entry(post=post, html=html, summary=issue["preheader"], minutes=issue["minutes"]))
    return found


def archive(language: Language, issues: Issues, site: Site, templates: Templates) -> Output:
    """The page of all issues of a language, newest first. Raises `TemplateError`."""
    rows = [
        period(digest)
        | {
            "url": site.settings.url + folder(site, language, digest.week),
            "titles": [post.title for post in digest.posts],
        }
        for digest in issues[language.code].values()
    ]
    html = templates.render("issues.html", language, issues=rows)
    return Output(f"{folder(site, language)}index.html", html.encode())
