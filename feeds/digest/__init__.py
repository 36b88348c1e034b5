"""Site -> issues -> emails and pages. `issues.py` decides what is in an issue, `templates/` how an email looks.

`draft` makes an issue's email and finds what is wrong with it, `mail` makes its files; `page` and `archive` make the
pages that its links lead to. `frozen.py` is what stays of an issue, `due.py` says which comes next.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds.digest import frozen
from feeds.digest.context import Shown, editions, folder, issue_values, period, place
from feeds.digest.fit import WHOLE, Cut, fit
from feeds.digest.frozen import Frozen
from feeds.digest.issues import Issues, calendar, filled, gather, of_period, only, period_of
from feeds.digest.placeholders import Marks, harmless, strays, with_addresses
from feeds.errors import Problem, TemplateError
from feeds.lockfile import tag_uri
from feeds.model import Digest, Email, Language, Output, Post, Site
from feeds.records import record
from feeds.rendered import Render, Rendered
from feeds.site.i18n import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feeds.digest.lint import Finding
    from feeds.model import Placeholders
    from feeds.site.templating import Templates

__all__ = [
    "Body",
    "Draft",
    "Frozen",
    "Issues",
    "Shown",
    "archive",
    "body",
    "calendar",
    "draft",
    "editions",
    "entry",
    "filled",
    "frozen_entry",
    "gather",
    "mail",
    "neighbours",
    "of_period",
    "only",
    "page",
    "period_of",
    "place",
    "problem",
    "reviews",
]


@record(kw_only=True)
class Draft:
    """An email before it becomes files: what was cut to make it fit, the size of its encoded HTML part in bytes,
    problems for the author about that, and what clients and readers would find wrong with it.
    """

    email: Email
    cut: Cut
    size: int
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()


def draft(
    digest: Digest,
    shown: Shown,
    site: Site,
    render: Render,
    templates: Templates,
    pictures: Mapping[str, bytes] | None = None,
) -> Draft:
    """The email for an issue, under `limit_bytes` if possible; `pictures` are its own, by name.

    Raises `TemplateError`.
    """
    from feeds.digest import lint
    from feeds.digest.message import encoded_size

    limit = site.settings.digest.limit_bytes

    def make(cut: Cut) -> Draft:
        email, found = _email(digest, shown, site, render, templates, cut)
        email = replace(email, pictures={**(pictures or {}), **email.pictures})
        return Draft(email=email, cut=cut, size=encoded_size(email, digest, site.settings), findings=found)

    made = fit(digest, make, lambda trial: not limit or trial.size <= limit)
    email = with_addresses(made.email, site.settings.digest.placeholders)
    found = lint.findings(email, made.size, limit, digest.language.tag)
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
    digest: Digest, shown: Shown, site: Site, render: Render, templates: Templates, cut: Cut
) -> tuple[Email, tuple[Finding, ...]]:
    """Both parts of an email, and the placeholders in it that are not meant for the sender. Raises `TemplateError`."""
    from feeds.digest.inline import RefusedStyle, inline  # importing premailer takes longer than a whole build

    values = issue_values(digest, shown, site, render, templates, cut)
    own = site.settings.digest.placeholders
    marks = Marks(values, own)
    unsubscribe = {"unsubscribe": marks.put(site.settings.digest.unsubscribe)}

    def through(told: dict[str, Any]) -> dict[str, Any]:
        safe: dict[str, Any] = harmless(told, own)
        return safe | {"urls": safe["urls"] | unsubscribe}

    try:
        html = inline(templates.render("mail.html", digest.language, through=through, **values))
    except RefusedStyle as error:
        raise TemplateError(Problem(f"{FOLDER}/mail.html", 0, str(error), code="template-invalid")) from error
    text = templates.render("mail.txt", digest.language, through=through, **values)
    full = [post for post in digest.posts if post.id not in cut.short | cut.left_out]
    if digest.editorial and digest.editorial.text:
        full.append(digest.editorial.text)
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
        _strays({"HTML": html, "text": text}, site.settings.digest.sender[digest.language.code], templates, own)
    )


def _strays(parts: Mapping[str, str], sender: str, templates: Templates, own: Placeholders | None) -> Iterator[Finding]:
    """Placeholders where nobody meant them: what a sender fills in there may reach a stranger. `parts` are by name."""
    from feeds.digest.lint import Finding

    for part, text in parts.items():
        for word in strays(text, own):
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


class Body(NamedTuple):
    """What the web page of an issue shows, as HTML, and its subject and preheader."""

    html: str
    subject: str
    preheader: str


def body(digest: Digest, shown: Shown, site: Site, render: Render, templates: Templates) -> Body:
    """What the page of an issue shows; it stays once the issue is issued. Raises `TemplateError`."""
    values = issue_values(digest, shown, site, render, templates)
    html = templates.render("issue.body.html", digest.language, **values)
    return Body(html, values["issue"]["subject"], values["issue"]["preheader"])


def page(issue: Digest | Frozen, body: Body, shown: Shown, site: Site, templates: Templates) -> Output:
    """The web page of an issue around its body: head, navigation, footer. Raises `TemplateError`."""
    language = issue.language
    if language.code not in site.settings.languages:  # the site has dropped it since
        language = replace(language, code=site.settings.default_language)
    here = place(site, issue)
    before, after = neighbours(issue, shown)
    urls: dict[str, Any] = {
        "web": site.settings.url + here,
        "editions": editions(issue, shown, site),
        "previous": before and _linked(before, site, templates),
        "next": after and _linked(after, site, templates),
    }
    facts = {"name": issue.name, "subject": body.subject, "preheader": body.preheader}
    html = templates.render("issue.html", language, issue=facts, body=body.html, urls=urls)
    return Output(f"{here}index.html", html.encode())


def neighbours(issue: Digest | Frozen, shown: Shown) -> tuple[Digest | Frozen | None, Digest | Frozen | None]:
    """The issues before and after an issue, None where there is none."""
    names = [*shown.get(issue.language.code, ())]
    if issue.name not in names:
        return None, None
    at, own = names.index(issue.name), shown[issue.language.code]
    return own[names[at + 1]] if at + 1 < len(names) else None, own[names[at - 1]] if at else None


def _linked(issue: Digest | Frozen, site: Site, templates: Templates) -> dict[str, str]:
    return {"url": site.settings.url + place(site, issue), "title": period(issue, templates)["week_year"]}


def reviews(digest: Digest, shown: Shown, site: Site, render: Render, templates: Templates) -> bytes:
    """`reviews.json` of an issue. Raises `TemplateError`."""
    values = issue_values(digest, shown, site, render, templates, WHOLE)
    texts = {post.id: render(post).excerpt for post in digest.posts}
    return frozen.reviews(
        values,
        {known: text.page for known, text in texts.items()},
        {known: sorted(text.pictures) for known, text in texts.items()},
    )


def entry(digest: Digest, shown: Shown, site: Site, render: Render, templates: Templates) -> tuple[Post, Rendered]:
    """An issue as an entry of the feed of issues: a post without a file, and its text. Raises `TemplateError`."""
    language = digest.language
    values = issue_values(digest, shown, site, render, templates)
    issue, slug = values["issue"], f"digest-{digest.name}"
    post = Post(
        path=f"{folder(site, language, digest.name)}index.html",
        language=language,
        slug=slug,
        title=issue["subject"],
        published=digest.until,
        updated=digest.until,
        url=values["urls"]["web"],
        id=tag_uri(site.settings.url, digest.until, language.code, slug),
        group="",
        status="published",
        body_line=1,
    )
    html = templates.render("entry.html", language, **values)
    return post, Rendered(html=html, summary=issue["preheader"], minutes=issue["minutes"])


def frozen_entry(issue: Frozen) -> Post:
    """An issued issue as a post without a file; its entry is written already."""
    return Post(
        path=f"{issue.folder}index.html",
        language=issue.language,
        slug=f"digest-{issue.name}",
        title=issue.subject,
        published=issue.until,
        updated=issue.until,
        url=issue.url,
        id=issue.id,
        group="",
        status="published",
        body_line=1,
    )


def archive(language: Language, shown: Shown, site: Site, templates: Templates) -> Output:
    """The page listing all issues of a language, newest first. Raises `TemplateError`."""
    rows = [
        period(issue, templates) | {"url": site.settings.url + place(site, issue), "titles": issue.titles}
        for issue in shown[language.code].values()
    ]
    html = templates.render("issues.html", language, issues=rows)
    return Output(f"{folder(site, language)}index.html", html.encode())
