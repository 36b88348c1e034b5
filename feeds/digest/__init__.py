"""Site -> issues -> emails and pages. `issues.py` decides what is in an issue, `templates/` how an email looks.

`draft` makes an issue's email and finds what is wrong with it, `mail` makes its files; `page` and `archive` make the
pages that its links lead to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from feeds.digest.context import folder, issue_values, period
from feeds.digest.fit import Cut, fit
from feeds.digest.issues import Issues, gather, only, period_of, week_name
from feeds.digest.placeholders import Marks, harmless, strays
from feeds.errors import Problem, TemplateError
from feeds.lockfile import tag_uri
from feeds.model import Digest, Email, Language, Output, Post, Site
from feeds.rendered import Render, Rendered
from feeds.site.i18n import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from feeds.digest.lint import Finding
    from feeds.site.templating import Templates

__all__ = [
    "Draft",
    "Issues",
    "archive",
    "draft",
    "entries",
    "gather",
    "mail",
    "only",
    "page",
    "period_of",
    "problem",
    "week_name",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An email before it becomes files: what was cut to make it fit, the size of its encoded HTML part in bytes,
    problems for the author about that, and what clients and readers would find wrong with it.
    """

    email: Email
    cut: Cut
    size: int
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()


def draft(digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates) -> Draft:
    """The email for an issue, under `limit_bytes` if possible. Raises `TemplateError`."""
    from feeds.digest import lint
    from feeds.digest.message import encoded_size

    limit = site.settings.digest.limit_bytes

    def make(cut: Cut) -> Draft:
        email, found = _email(digest, issues, site, render, templates, cut)
        return Draft(email=email, cut=cut, size=encoded_size(email, digest, site.settings), findings=found)

    made = fit(digest, make, lambda trial: not limit or trial.size <= limit)
    found = lint.findings(made.email, made.size, limit, digest.language.tag)
    return replace(made, problems=tuple(_problems(made, digest, site)), findings=(*made.findings, *found))


def problem(finding: Finding, digest: Digest, site: Site, sources: Sequence[tuple[str, str]]) -> Problem:
    """A finding as a problem in the file whose text caused it; `sources` are pairs of path and text."""
    from feeds.digest import lint

    mail = f"{folder(site, digest.language, digest.name)}mail.html"
    path, line = lint.place(finding, sources)
    return Problem(
        path or mail,
        line,
        f"in {mail}: {finding.message}" if path else finding.message,
        finding.severity,
        code=finding.code,
    )


def mail(made: Draft, digest: Digest, site: Site) -> list[Output]:
    """The files of an email: `mail.html`, `mail.txt` and `mail.eml`, and the images in `mail.html`."""
    from feeds.digest.message import message

    home, here, email = site.settings.url, folder(site, digest.language, digest.name), made.email
    archive = home + folder(site, digest.language)
    files = {
        "mail.html": email.html.encode(),
        "mail.txt": email.text.encode(),
        "mail.eml": message(email, digest, site.settings, web=home + here, archive=archive),
        **email.pictures,
    }
    return [Output(here + name, data) for name, data in files.items()]


def _email(
    digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates, cut: Cut
) -> tuple[Email, tuple[Finding, ...]]:
    """Both parts of an email, and the placeholders in it that are not meant for the sender. Raises `TemplateError`."""
    from feeds.digest.inline import RefusedStyle, inline  # importing premailer takes longer than a whole build

    values = issue_values(digest, issues, site, render, templates, cut)
    marks = Marks(values)
    unsubscribe = {"unsubscribe": marks.put(site.settings.digest.unsubscribe)}

    def through(told: dict[str, Any]) -> dict[str, Any]:
        safe: dict[str, Any] = harmless(told)
        return safe | {"urls": safe["urls"] | unsubscribe}

    try:
        html = inline(templates.render("mail.html", digest.language, through=through, **values))
    except RefusedStyle as error:
        raise TemplateError(Problem(f"{FOLDER}/mail.html", 0, str(error), code="template-invalid")) from error
    text = templates.render("mail.txt", digest.language, through=through, **values)
    full = (post for post in digest.posts if post.id not in cut.short | cut.left_out)
    pictures = {name: data for post in full for name, data in render(post).excerpt.pictures.items()}
    issue = values["issue"]
    email = Email(
        subject=issue["subject"],
        preheader=issue["preheader"],
        html=marks.fill(html),
        text=marks.fill(text),
        pictures=pictures,
    )
    return email, tuple(
        _strays({"HTML": html, "text": text}, site.settings.digest.sender[digest.language.code], templates)
    )


def _strays(parts: Mapping[str, str], sender: str, templates: Templates) -> Iterator[Finding]:
    """Placeholders where nobody meant them: what a sender fills in there may reach a stranger. `parts` are by name."""
    from feeds.digest.lint import Finding

    for part, text in parts.items():
        for word in strays(text):
            if not templates.say(word):
                yield Finding(
                    f"a sender would fill in {word} in the {part} part; spell the word differently",
                    word,
                    "error",
                    code="email-placeholder",
                )
    address = sender.rpartition("<")[2].rstrip(">")
    for word in strays(address):
        yield Finding(
            f"a sender would fill in {word} in `digest.from`; use another address",
            address,
            "error",
            code="email-placeholder",
        )


def _problems(made: Draft, digest: Digest, site: Site) -> Iterator[Problem]:
    """Problems of an email for the author."""
    place, limit = f"{folder(site, digest.language, digest.name)}mail.html", site.settings.digest.limit_bytes
    if short := len(made.cut.short):
        shown = f"{short} by title only" + (
            f", {left} on the web page only" if (left := len(made.cut.left_out)) else ""
        )
        message = f"{len(digest.posts)} posts are too many for `limit_bytes` {limit:,}: the email shows {shown}"
        yield Problem(place, 0, message, "note", code="email-shortened")


def page(digest: Digest, issues: Issues, site: Site, render: Render, templates: Templates) -> Output:
    """The issue as a web page. Raises `TemplateError`."""
    values = issue_values(digest, issues, site, render, templates)
    html = templates.render("issue.html", digest.language, **values)
    return Output(f"{folder(site, digest.language, digest.name)}index.html", html.encode())


def entries(
    language: Language, issues: Issues, site: Site, render: Render, templates: Templates, now: datetime
) -> list[tuple[Post, Rendered]]:
    """The newest issues whose week is over, as entries: posts without a file, and their texts. An open week would
    change after readers fetched it.

    Raises `TemplateError`.
    """
    over = [digest for digest in issues[language.code].values() if digest.until <= now]
    found = []
    for digest in over[: site.settings.feeds.limit or None]:
        values = issue_values(digest, issues, site, render, templates)
        slug = f"digest-{digest.name}"
        post = Post(
            path=f"{folder(site, language, digest.name)}index.html",
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
        found.append((post, Rendered(html=html, summary=issue["preheader"], minutes=issue["minutes"])))
    return found


def archive(language: Language, issues: Issues, site: Site, templates: Templates) -> Output:
    """The page listing all issues of a language, newest first. Raises `TemplateError`."""
    rows = [
        period(digest, templates)
        | {
            "url": site.settings.url + folder(site, language, digest.name),
            "titles": [post.title for post in digest.posts],
        }
        for digest in issues[language.code].values()
    ]
    html = templates.render("issues.html", language, issues=rows)
    return Output(f"{folder(site, language)}index.html", html.encode())
