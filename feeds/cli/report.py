"""What the command line prints about a site, a build and an issue: values for programs, lines for people."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from feeds.errors import Problem
from feeds.model import OTHER
from feeds.settings import FILE
from feeds.text import NOT_IN_A_LINE, expression, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from feeds.build.builder import Result
    from feeds.build.cache.state import Said
    from feeds.build.issue import Issuing
    from feeds.build.write import Report
    from feeds.digest import Draft, Frozen
    from feeds.issued import Line
    from feeds.model import Digest, Settings, Site

_OBEYED = expression(f"(?!\n){NOT_IN_A_LINE.pattern}")
_FEEDS = (".xml", ".json", ".atom", ".rss")
FEW = 3
"""Up to so many warnings of one kind are printed one by one."""


def said(result: Result) -> Said:
    """What the command line will print next time if nothing changes."""
    report = result.report
    same = replace(report, written=(), unchanged=tuple(sorted(report.digests)), removed=())
    return {
        "text": [*map(one_line, summary(result.site, same, result.problems, result.out))],
        "json": as_json(build_json(result.site, same, result.problems)),
        "errors": [str(problem) for problem in result.problems if problem.severity == "error"],
        "warnings": sum(problem.severity == "warning" for problem in result.problems),
        "problems": [str(problem) for problem in result.problems],
        "codes": [exit_code(result.problems, strict=strict) for strict in (False, True)],
    }


def exit_code(problems: list[Problem], *, strict: bool) -> int:
    """1 if there is something to fix; with `strict`, warnings count too."""
    count = ("error", "warning") if strict else ("error",)
    return int(any(problem.severity in count for problem in problems))


def lines(problems: Iterable[Problem], *, verbose: bool) -> Iterator[str]:
    """Problems as they are printed, in their order: every error, and warnings of one kind as one line when they are
    many; with `verbose` everything.
    """
    problems = list(problems)
    if verbose:
        yield from map(str, problems)
        return
    alike = _alike([problem for problem in problems if problem.severity == "warning"])
    for problem in problems:
        if problem.severity == "error":
            yield str(problem)
        elif problem in alike:
            yield _together(problem, alike[problem])


def _alike(warnings: list[Problem]) -> dict[Problem, list[Problem]]:
    """The warnings that share a line, by the first of them: those with the same words, or when these are many all of
    one code; each for itself when there are few.
    """
    by_code: dict[str, list[Problem]] = {}
    for warning in warnings:
        by_code.setdefault(warning.code, []).append(warning)
    groups: list[list[Problem]] = []
    for found in by_code.values():
        by_words: dict[str, list[Problem]] = {}
        for warning in found:
            by_words.setdefault(warning.message, []).append(warning)
        if len(found) <= FEW:
            groups += [[warning] for warning in found]
        elif len(by_words) <= FEW:
            groups += by_words.values()
        else:
            groups.append(found)
    return {group[0]: group for group in groups}


def _together(first: Problem, group: list[Problem]) -> str:
    """One line for warnings that are alike: the first, and how many more there are."""
    if len(group) == 1:
        return str(first)
    places = _count(len({problem.path for problem in group}), "file")
    return str(replace(first, message=f"{first.message} ({len(group)} like this in {places}; --verbose lists all)"))


def as_json(value: object) -> str:
    """A value as JSON, for programs; what a terminal would obey is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def rows(site: Site) -> Iterator[dict[str, Any]]:
    """A row for each post file: readable ones newest first, then those with mistakes."""
    for post in sorted((*site.posts, *site.withheld), key=lambda post: post.published, reverse=True):
        yield {
            "path": post.path,
            "url": post.url,
            "id": post.id,
            "lang": post.language.code,
            "slug": post.slug,
            "title": post.title,
            "date": post.published.isoformat(),
            "updated": post.updated.isoformat(),
            "themes": list(post.themes),
            "tags": list(post.tags),
            "translations": {other.language.code: other.url for other in site.translations(post)},
            "status": post.status,
        }
    nothing = dict.fromkeys(("url", "id", "lang", "slug", "title", "date", "updated"))
    for path, status in site.broken.items():
        row: dict[str, Any] = {"path": path, **nothing, "themes": [], "tags": [], "translations": {}}
        yield {**row, "status": status}


def line(row: dict[str, Any]) -> str:
    """A row as `feeds posts` prints it."""
    day = (row["date"] or "")[:10]
    return f"{row['status']:<10} {day:<10} {row['lang'] or '':<6} {row['path']}  {row['title'] or ''}".rstrip()


def statuses(site: Site) -> Counter[str]:
    """The number of post files by status."""
    return Counter([*(post.status for post in (*site.posts, *site.withheld)), *site.broken.values()])


def build_json(site: Site, report: Report, problems: list[Problem]) -> dict[str, Any]:
    """`feeds build --json`."""
    return {
        "posts": dict(sorted(statuses(site).items())),
        "languages": {code: len(site.select(code)) for code in site.settings.languages},
        "written": list(report.written),
        "unchanged": list(report.unchanged),
        "removed": list(report.removed),
        "problems": [
            {
                "path": problem.path,
                "line": problem.line or None,
                "severity": problem.severity,
                "message": problem.message,
                "code": problem.code,
            }
            for problem in problems
        ],
    }


def summary(site: Site, report: Report, problems: list[Problem], folder: Path) -> Iterator[str]:
    """What a person wants to know after a build."""
    settings = site.settings
    for code in settings.languages:
        themes = [(theme, len(site.select(code, theme))) for theme in (*settings.themes, OTHER)]
        parts = ", ".join(f"{count} {theme}" for theme, count in themes if count) if settings.themes else ""
        yield f"{code:<6} {_count(len(site.select(code)), 'post')}{f': {parts}' if parts else ''}"
    withheld = sorted((status, number) for status, number in statuses(site).items() if status != "published")
    if withheld:
        yield "left out: " + ", ".join(f"{number} {status}" for status, number in withheld)
    files = (*report.written, *report.unchanged)
    feeds = sum(name.endswith(_FEEDS) and "archive/" not in name and name != "sitemap.xml" for name in files)
    mails = sum(name.endswith("mail.eml") for name in files)
    removed = f", {len(report.removed)} removed" if report.removed else ""
    yield (
        f"{folder}: {_count(feeds, 'feed document')}, {_count(mails, 'email')}; "
        f"{_count(len(report.written), 'file')} written, {len(report.unchanged)} unchanged{removed}"
    )
    found = Counter(problem.severity for problem in problems if problem.severity != "note")
    if found:
        yield ", ".join(_count(number, kind) for kind, number in sorted(found.items()))


def issue(digest: Digest, made: Draft, settings: Settings) -> Iterator[str]:
    """What an email would contain."""
    code, limit = digest.language.code, settings.digest.limit_bytes
    size = f"{made.size:,} bytes" + (f" of {limit:,}" if limit else "")
    yield f"{code}  {digest.name}  {made.email.subject}"
    yield f"    {digest.since.date()} to {digest.last_day}, {_count(len(digest.posts), 'post')}, {size}"
    for section in digest.sections:
        yield f"    {section.theme.titles[code] if section.theme else OTHER}"
        for post in section.posts:
            short, left_out = post.id in made.cut.short, post.id in made.cut.left_out
            cut = "  (title only)" if short else "  (web page only)" if left_out else ""
            yield f"      {post.published.astimezone(settings.timezone).date()}  {post.path}  {post.title}{cut}"


FILES = {"eml": "mail.eml", "html": "mail.html", "text": "mail.txt", "json": "issue.json"}
"""What a mailer gets of an issue, by what `--exec` calls it."""


def files(site: Path, folder: str, language: str, name: str) -> dict[str, Path]:
    """The files of an issue that are of use to a mailer."""
    return {key: site / folder / language / name / file for key, file in FILES.items()}


def frozen(issue: Frozen) -> Iterator[str]:
    """What an issue contains that was issued."""
    yield f"{issue.language.code}  {issue.name}  {issue.subject}"
    yield f"    {issue.since.date()} to {issue.last_day}, {_count(len(issue.reviews), 'post')}, {issue.line.state}"
    for title in issue.titles:
        yield f"      {title}"


def frozen_row(line: Line, site: Path, folder: str) -> dict[str, Any]:
    """An issue that was issued, for programs."""
    return {
        "language": line.language,
        "name": line.name,
        "state": line.state,
        "when": line.when,
        "files": {key: str(path) for key, path in files(site, folder, line.language, line.name).items()},
    }


def due(issuing: Issuing, site: Path, *, known: bool) -> dict[str, Any]:
    """`feeds digest --due --json`: what was issued and waits for a mailer, then what is to be issued. Unless it is
    `known` what was issued, nothing is.
    """
    from feeds.digest.due import Due, unmailed

    digests = issuing.project.planner.digests
    found = issuing.due() if known else Due()
    rows = [digests.issues[code][found.period.name] for code in found.languages] if found.period else []
    return {
        "unmailed": [frozen_row(line, site, digests.issued.folder) for line in unmailed(digests.issued.record)],
        "due": [
            {
                "language": issue.language.code,
                "name": issue.name,
                "since": issue.since.isoformat(),
                "until": issue.until.isoformat(),
                "reviews": [
                    {"path": post.path, "id": post.id, "title": post.title, "url": post.url} for post in issue.posts
                ],
            }
            for issue in rows
        ],
        "later": [period.name for period in found.later],
        "skipped": [
            {
                "language": code,
                "name": period.name,
                "reviews": [post.id for post in digests.issues[code][period.name].posts],
            }
            for period, codes in found.skipped
            for code in codes
        ],
    }


def due_lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for people; nothing if there is nothing to do."""
    for row in found["unmailed"]:
        yield f"{row['name']}  {row['language']}  unmailed, issued {row['when']}; {row['files']['eml']}"
    for row in found["due"]:
        yield f"{row['name']}  {row['language']}  due, {_count(len(row['reviews']), 'post')}"
        yield from (f"    {review['path']}  {review['title']}" for review in row["reviews"])
    if found["later"]:
        yield f"then {', '.join(found['later'])}"
    for row in found["skipped"]:
        yield f"{row['name']}  {row['language']}  too old, {_count(len(row['reviews']), 'post')}; --issue leaves it out"


def sender(settings: Settings) -> Iterator[Problem]:
    """What is missing for emails that are going to be sent."""
    options = settings.digest
    ask = "Gmail and Yahoo ask senders of bulk email for"
    if not options.unsubscribe:
        message = f"[digest] has no `unsubscribe`; {ask} a link by which readers leave with one click"
        example = 'unsubscribe = "https://example.org/leave?t=RECIPIENT-TOKEN"'
        yield Problem(FILE, 0, f"{message}, so write one like {example}", "warning", code="unsubscribe-missing")
    if not options.chosen_sender:
        address = next(iter(options.sender.values()), "").rpartition("<")[2].rstrip(">")
        message = f"[digest] has no `from`, so emails come from {address}; {ask} a domain of yours with SPF and DKIM"
        yield Problem(FILE, 0, f"{message}, so write the address you send from", "warning", code="sender-missing")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
