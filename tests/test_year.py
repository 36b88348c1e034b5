"""A year of issues on real builds: what was issued once is never issued again, never changes, and never goes away."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from lxml import etree
from lxml import html as lxml_html

from feeds import issued
from feeds.build.builder import build_site
from feeds.cli import main
from tests.support import open_build, tree

URL = "https://reviews.example.org/"
SETTINGS = """title = {{ en = "Small Reviews", zh = "小评论" }}
url = "{url}"
timezone = "{zone}"
[languages.en]
[languages.zh]
tag = "zh-Hans"
[themes.systems]
tags = ["a"]
[feeds]
limit = 0
[digest]
{digest}
from = "Small Reviews <digest@example.org>"
unsubscribe = "https://reviews.example.org/leave?t=RECIPIENT-TOKEN"
from_the_archive = 2
"""
POST = "---\ntitle: {title}\ndate: {date}\ntags: [{tag}]\n{more}---\n\nThe text of {title}{formula}. {words}\n"


@dataclass
class Year:
    """A site over a year, and what was seen of it."""

    root: Path
    zone: ZoneInfo
    random: random.Random
    frozen: dict[str, bytes] = field(default_factory=dict)
    """Every file that was issued, as it was then, by its path in the site."""
    sent: dict[str, set[str]] = field(default_factory=dict)
    """The addresses of posts when an email was made, by its path."""

    def feeds(self, now: datetime, *words: str) -> str:
        done = CliRunner().invoke(main, [words[0], str(self.root), *words[1:], "--now", now.isoformat()])
        assert done.exit_code == 0, done.output
        return done.output

    def write(self, code: str, name: str, when: datetime, **more: str) -> None:
        path = self.root / f"content/{code}/{name}.md"
        values = {"tag": "a", "more": "", "formula": "", "words": "", "title": f"Review {name}"} | more
        path.write_text(POST.format(date=when.isoformat(), **values), encoding="utf-8")

    def issue(self, now: datetime) -> None:
        """Monday, or whatever day it is: what is due is issued; nothing that was issued before has changed."""
        self.feeds(now, "digest", "--issue", "--due", "--quiet")
        folder = self.root / "issues"
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            name = path.relative_to(self.root).as_posix()
            if path.is_file() and name.count("/") > 2:
                assert self.frozen.setdefault(name, path.read_bytes()) == path.read_bytes(), name
                if name.endswith("mail.html") and name not in self.sent:
                    self.sent[name] = {post.url for post in open_build(self.root, now).site.posts}

    def publish(self, now: datetime, out: Path) -> dict[str, bytes]:
        """A fresh checkout is built: all that was issued is there, as it was."""
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.root, out, ignore=shutil.ignore_patterns("public"))
        result = build_site(out, now, cache=False)
        assert [str(one) for one in result.problems if one.severity == "error"] == []
        public = tree(out / "public")
        for name, data in self.frozen.items():
            _, code, issue, file = name.split("/")
            there = f"{code}/digest/{issue}/{file}"
            if file.startswith("mail.") or file.endswith(".png"):
                assert public[there] == data, name
            elif file == "page.html":
                assert data.strip() in public[f"{code}/digest/{issue}/index.html"], name
            elif file == "entry.xml":
                assert data in public[f"{code}/digest/atom.xml"], name
        return public


def begin(root: Path, digest: str, zone: str) -> Year:
    for code in ("en", "zh"):
        (root / f"content/{code}").mkdir(parents=True)
    (root / "feeds.toml").write_text(SETTINGS.format(url=URL, zone=zone, digest=digest), encoding="utf-8")
    return Year(root, ZoneInfo(zone), random.Random(f"{digest} {zone}"))


def live(year: Year, week: int, day: datetime) -> None:
    """What happens in a week: new reviews, late ones, edits, renames, other dates, another look."""
    pick = year.random
    for number in range(pick.choice([0, 1, 1, 2, 4])):
        code = pick.choice(["en", "en", "zh"])
        late = timedelta(days=pick.choice([0, 0, 0, 9, 20, 45]))
        formula = ", $$x^{%d}$$" % (week % 3) if pick.random() < 0.2 else ""  # noqa: UP031  # TeX has braces
        year.write(code, f"{week}-{number}", day - late, formula=formula, tag=pick.choice(["a", "b"]))
    posts = sorted((year.root / "content").rglob("*.md"))
    if posts and week % 3 == 0:
        old = pick.choice(posts)
        old.write_text(old.read_text("utf-8").replace("title: ", "title: New "), encoding="utf-8")
    if posts and week % 5 == 0:
        old = pick.choice(posts)
        old.rename(old.with_name(f"renamed-{old.name}"))
    if posts and week % 7 == 0:  # another week, before or after it was issued
        old = pick.choice(sorted((year.root / "content").rglob("*.md")))
        moved = (day - timedelta(days=pick.choice([1, 8, 15]))).isoformat()
        old.write_text(re.sub(r"(?m)^date: .*$", f"date: {moved}", old.read_text("utf-8")), encoding="utf-8")
    if week == 20:
        (year.root / "templates").mkdir()
        (year.root / "templates/page.css").write_text("body { color: #123456; }\n")
        (year.root / "templates/entry.html").write_text("<p>Another template.</p>\n")
    if week == 30:
        path = year.root / "feeds.toml"
        path.write_text(path.read_text("utf-8").replace('"Small Reviews"', '"Large Reviews"'), encoding="utf-8")


def accounted(year: Year) -> Counter[str]:
    """How often each review was issued, or left out for good, by id; and the reviews that still wait."""
    found: Counter[str] = Counter()
    ledger = issued.ledger((year.root / issued.FILE).read_text("utf-8"))
    assert ledger.problems == []
    for line in ledger.lines.values():
        folder = year.root / "issues" / line.language / line.name
        facts = json.loads((folder / "issue.json").read_text("utf-8"))
        if line.state != "skipped":
            ids = json.loads((folder / "reviews.json").read_text("utf-8"))["ids"]
            assert ids == [row["id"] for row in facts["reviews"]]
            found.update(ids)
        found.update(row["id"] for row in facts["skipped"])
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("digest", "zone", "days"),
    [
        ('day = "friday"\nhour = 7', "Europe/Berlin", 7),
        ('period = "month"\ngrace = 2', "Asia/Shanghai", 30),
    ],
)
def test_in_a_year_of_builds_every_review_is_issued_once_and_no_byte_of_an_issue_changes(
    digest: str, zone: str, days: int, tmp_path: Path
) -> None:
    year = begin(tmp_path / "site", digest, zone)
    start = datetime(2026, 1, 2, 8, 30, tzinfo=ZoneInfo(zone))
    asleep = {9, 10, 11, 12, 33}
    public: dict[str, bytes] = {}
    for week in range(52):
        now = start + timedelta(days=7 * week)
        live(year, week, now - timedelta(days=2, hours=week % 24))
        if week in asleep or (days == 30 and week % 4):
            continue
        year.feeds(now, "build", "--quiet")
        year.issue(now)
        while "due," in year.feeds(now, "digest", "--due"):  # several missed ones, one a call
            year.issue(now)
        if week % 12 == 0:
            public = year.publish(now, tmp_path / "checkout")
    end = start + timedelta(days=365)
    year.issue(end)
    public = year.publish(end, tmp_path / "checkout")

    found = accounted(year)
    site = open_build(year.root, end)
    waiting = {post.id for names in site.issues.values() for issue in names.values() for post in issue.posts}
    published = {post.id for post in site.site.posts}
    assert [known for known, times in found.items() if times > 1] == []
    assert published - set(found) == waiting
    assert len(found) > 60
    facts = [json.loads(path.read_text("utf-8")) for path in year.root.rglob("issue.json")]
    assert bool([one for one in facts if one["skipped"]]) is (days == 7)  # missed weeks beyond `grace` are listed
    links_lead_to_files(year, public)
    survives_git(year, tmp_path)


def links_lead_to_files(year: Year, public: dict[str, bytes]) -> None:
    """Every link of every email that was issued."""
    assert len(year.sent) > 10
    for name, posts in year.sent.items():
        page = lxml_html.fromstring(year.frozen[name])
        for link in {*page.xpath("//@href"), *page.xpath("//@src")}:
            path = str(link).removeprefix(URL).partition("#")[0]
            if link in posts or link == URL or "/leave?" in link:
                continue
            assert str(link).startswith(URL), link
            assert path in public or f"{path}index.html" in public, (name, link)


def survives_git(year: Year, tmp_path: Path) -> None:
    """A repository that changes line ends keeps every byte of what was issued."""
    (year.root / ".gitattributes").write_text("* text=auto\n")
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "core.autocrlf=true"]
    for words in (["init", "-q", "."], ["add", "-A"], ["commit", "-qm", "All"]):
        subprocess.run([*git, *words], cwd=year.root, check=True, capture_output=True)
    clone = tmp_path / "clone"
    subprocess.run([*git, "clone", "-q", str(year.root), str(clone)], check=True, capture_output=True)
    for name, data in year.frozen.items():
        assert (clone / name).read_bytes() == data, name
    assert b"\r\n" in year.frozen[next(name for name in year.frozen if name.endswith("mail.eml"))]
    atom = build_site(clone, datetime(2027, 2, 1, tzinfo=year.zone), cache=False)
    assert [str(one) for one in atom.problems if one.code.startswith("issued")] == []
    etree.fromstring((clone / "public/en/digest/atom.xml").read_bytes())
