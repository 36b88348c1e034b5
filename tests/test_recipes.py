"""Every recipe of the page on the weekly email is run, with programs and a server of ours in the place of real ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner

from feeds import issued
from feeds.cli import main
from tests.support import HERE, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs/weekly-email.md").read_text(encoding="utf-8")
MONDAY = "1777248000"  # 2026-04-27 in Shanghai


def block(language: str, word: str) -> str:
    """The only block in a language that has a word."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (found,) = [text for text in blocks if word in text]
    return str(found)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The site of the tests as a repository with a remote, and stand-ins for what a server has."""
    root = Path(shutil.copytree(HERE / "site", tmp_path / "site", ignore=shutil.ignore_patterns("public")))
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {
        "feeds": f'exec {sys.executable} -m feeds "$@"',
        "rsync": 'shift 2; cp -r "$1" "$2"',
        "sendmail": 'cat > "$SENT/$3"',
        "pip": "true",
        "mailer": 'echo "$@" >> "$SENT/mailer"',
    }.items():
        (programs / name).write_text(f"#!/bin/bash\n{text}\n")
        (programs / name).chmod(0o755)
    (tmp_path / "sent").mkdir()
    run(root, "git init -q --bare ../remote.git; git init -q -b main .; git add -A; git commit -qm Begin")
    run(root, "git remote add origin ../remote.git; git push -qu origin main")
    return root


def run(root: Path, script: str, *, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    place = root.parent
    env = os.environ | {
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "SOURCE_DATE_EPOCH": MONDAY,
        "SENT": str(place / "sent"),
        "DEPLOY": str(place / "www"),
        "PYTHONPATH": str(ROOT),
        **dict.fromkeys(
            ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), "t@t.org"
        ),
        **more,
    }
    done = subprocess.run(["bash", "-c", script], cwd=root, env=env, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def states(root: Path) -> set[str]:
    return {line.state for line in issued.ledger((root / issued.FILE).read_text("utf-8")).lines.values()}


def test_cron_issues_publishes_and_mails_once_and_goes_on_where_it_failed(site: Path) -> None:
    (site / "monday.sh").write_text(block("bash", "monday.sh"))
    run(site, "git add -A; git commit -qm Script; git push -q")
    failed = run(site, "bash monday.sh", check=False, MAILER="false {eml}")
    assert failed.returncode == 1
    assert states(site) == {"issued"}
    for _ in range(2):
        run(site, "bash monday.sh", MAILER="mailer {eml}")

    assert states(site) == {"mailed"}
    assert len((site.parent / "sent/mailer").read_text().splitlines()) == 2  # a language each
    assert (site.parent / "www/public/en/digest/2026-W17/mail.html").exists() or (
        site.parent / "www/en/digest/2026-W17/mail.html"
    ).exists()
    log = run(site, "git log --format=%s origin/main").stdout.splitlines()
    assert log == ["The weekly issue was mailed", "The weekly issue", "Script", "Begin"]
    assert run(site, "git status --porcelain").stdout.replace("?? public/\n", "") == ""


BLOGS = {
    "hugo": {
        "hugo.toml": 'title = "A"\nbaseURL = "https://example.org/"\n',
        "content/posts/x.md": "date: 2026-04-22\n",
    },
    "jekyll": {"_config.yml": "title: A\nurl: https://example.org\n", "_posts/2026-04-22-x.md": ""},
}


@pytest.mark.parametrize("name", BLOGS)
def test_cron_commits_the_issues_of_a_blog_of_another_generator_and_mails_them_once(site: Path, name: str) -> None:
    run(site, "git rm -rq .; git clean -qfdx")
    for file, text in BLOGS[name].items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text(f"---\ntitle: X\n{text}---\n\nText.\n" if file.endswith(".md") else text)
    (site / ".gitignore").write_text("/public/\n/_site/\n")
    output = {"hugo": "public", "jekyll": "_site"}[name]
    (site / "monday.sh").write_text(block("bash", "monday.sh").replace("public/", f"{output}/"))
    run(site, "git add -A; git commit -qm Blog; git push -q")
    run(site, "bash monday.sh", MAILER="mailer {eml}")
    run(site, "git clone -qb main ../remote.git ../fresh; cd ../fresh; bash monday.sh", MAILER="mailer {eml}")

    assert states(site) == {"mailed"}
    assert len((site.parent / "sent/mailer").read_text().splitlines()) == 1
    assert run(site, "git status --porcelain").stdout == ""


def test_the_steps_of_the_workflow_do_the_same(site: Path) -> None:
    workflow = yaml.safe_load(block("yaml", "schedule"))
    steps = [step["run"] for step in workflow["jobs"]["issue"]["steps"] if "run" in step]
    assert workflow[True]["schedule"] == [{"cron": "0 8 * * 1"}]  # YAML 1.1 reads `on` as true
    for step in steps:
        run(site, f"set -e\n{step}", MAILER="mailer {json}")

    assert states(site) == {"mailed"}
    assert run(site, "git log --format=%s origin/main").stdout.splitlines()[0] == "The weekly issue was mailed"


def test_the_list_gets_a_copy_each(site: Path, tmp_path: Path) -> None:
    path = site / "feeds.toml"
    path.write_text(path.read_text("utf-8").replace("org/unsubscribe", "org/leave?t=RECIPIENT-TOKEN"), encoding="utf-8")
    (site / "mail-list.py").write_text(block("python", "mail-list.py"))
    (site / "readers.csv").write_text("ada@example.org,t-1\ngrace@example.org,t-2\n")
    run(site, "feeds digest --issue -q")
    run(site, f"{sys.executable} mail-list.py issues/en/2026-W17/mail.eml readers.csv")

    for name, token in (("ada", "t-1"), ("grace", "t-2")):
        mail = (tmp_path / f"sent/{name}@example.org").read_bytes()
        assert f"To: {name}@example.org\r\n".encode() in mail
        assert f"org/leave?t={token}>".encode() in mail
        assert b"RECIPIENT" not in mail


class Sink(BaseHTTPRequestHandler):
    """A server that writes down what it is asked, and answers as listmonk would."""

    asked: list[tuple[str, str, bytes]]
    campaigns: list[dict[str, object]]
    answer = 200

    def do_GET(self) -> None:  # the name is the library's
        self.take({"results": self.campaigns})

    def do_POST(self) -> None:
        self.take({"id": 7})

    def do_PUT(self) -> None:
        self.take({})

    def take(self, data: object) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, body))
        if self.path == "/api/campaigns" and self.command == "POST":
            self.campaigns.append({"id": 7, "name": json.loads(body)["name"], "status": "running"})
        self.send_response(self.answer)
        self.end_headers()
        self.wfile.write(json.dumps({"data": data}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        del format, args


@pytest.fixture
def sink() -> Iterator[tuple[type[Sink], str]]:
    kind = type("Handler", (Sink,), {"asked": [], "campaigns": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kind, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def service(site: Path, placeholders: str) -> None:
    path = site / "feeds.toml"
    text = re.sub(r"(?m)^unsubscribe = .*$", f"placeholders = {placeholders}", path.read_text("utf-8"))
    path.write_text(text, encoding="utf-8")


def test_listmonk_gets_a_campaign_a_language_and_none_twice(site: Path, sink: tuple[type[Sink], str]) -> None:
    kind, url = sink
    service(site, '"listmonk"')
    (site / "mail-listmonk.py").write_text(block("python", "mail-listmonk.py: "))
    run(site, "feeds digest --issue -q")
    mail = f"{sys.executable} mail-listmonk.py {{json}} {{html}} {{text}}"
    run(site, f"feeds digest --mail all --exec '{mail}'", LISTMONK_URL=url, LISTMONK_TOKEN="u:t")

    posts = [json.loads(body) for method, path, body in kind.asked if method == "POST"]
    assert [(post["name"], post["lists"]) for post in posts] == [("2026-W17 en", [1]), ("2026-W17 zh", [2])]
    assert all('href="{{ UnsubscribeURL }}"' in post["body"] for post in posts)
    assert [json.loads(body) for method, _, body in kind.asked if method == "PUT"] == [{"status": "running"}] * 2
    assert states(site) == {"mailed"}
    kind.asked.clear()
    again = mail.format(json="issues/en/2026-W17/issue.json", html="issues/en/2026-W17/mail.html", text="feeds.toml")
    run(site, again, LISTMONK_URL=url, LISTMONK_TOKEN="u:t")
    assert [method for method, *_ in kind.asked] == ["GET"]


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
def test_mailgun_gets_the_email_as_it_is(site: Path, sink: tuple[type[Sink], str]) -> None:
    kind, url = sink
    service(site, '{ unsubscribe = "%mailing_list_unsubscribe_url%" }')
    (site / "mail-mailgun.sh").write_text(block("bash", "mail-mailgun.sh"))
    run(site, "feeds digest --issue -q")
    command = "feeds digest --mail all --exec 'bash mail-mailgun.sh {eml}'"
    run(site, command, MAILGUN_KEY="k", MAILGUN_URL=f"{url}/v3/example.org", MAILGUN_DOMAIN="example.org")

    assert [path for _, path, _ in kind.asked] == ["/v3/example.org/messages.mime"] * 2
    for code, (*_, body) in zip(("en", "zh"), kind.asked, strict=True):
        assert f"digest-{code}@example.org".encode() in body
        assert (site / f"issues/{code}/2026-W17/mail.eml").read_bytes() in body
        assert b"%mailing_list_unsubscribe_url%" in body


@pytest.mark.parametrize(("answer", "state"), [(201, "mailed"), (409, "mailed"), (500, "issued")])
def test_buttondown_gets_the_html_and_its_answer_counts(
    site: Path, sink: tuple[type[Sink], str], answer: int, state: str
) -> None:
    kind, url = sink
    kind.answer = answer
    service(site, '"buttondown"')
    (site / "mail-buttondown.py").write_text(block("python", "mail-buttondown.py: "))
    run(site, "feeds digest --issue -q")
    command = f"feeds digest --mail all --exec '{sys.executable} mail-buttondown.py {{json}} {{html}}'"
    run(site, command, check=answer < 500, BUTTONDOWN_URL=url, BUTTONDOWN_KEY="k")

    assert len(kind.asked) == 2
    assert all('href="{{ unsubscribe_url }}"' in json.loads(body)["body"] for *_, body in kind.asked)
    assert states(site) == {state}


def test_the_editors_file_of_the_page_says_what_it_should(site: Path) -> None:
    text = block("markdown", "preheader").replace("skip: [draft-notes]", "skip: [search]")
    text = text.replace("add: [an-older-review]", "add: [theory]")
    (site / "issues/en").mkdir(parents=True)
    (site / "issues/en/2026-W17.md").write_text(text, encoding="utf-8")
    shutil.copy(next((ROOT / "docs").rglob("*.png")), site / "issues/en/cover.png")
    (site / "issues/en/cover.png").write_bytes((site / "issues/en/cover.png").read_bytes()[: 1 << 19])
    done = CliRunner().invoke(main, ["digest", str(site), "--issue"], env={"SOURCE_DATE_EPOCH": MONDAY})

    assert done.exit_code == 0, done.output
    html = (site / "issues/en/2026-W17/mail.html").read_text("utf-8")
    assert "The price of attention" in html
    assert html.index("This week is about") < html.index("had two columns swapped")


def test_every_command_of_the_page_is_one_there_is() -> None:
    known = {option for command in main.commands.values() for param in command.params for option in param.opts}
    said = {word for line in re.findall(r"feeds \w+ [^\n`|]*", PAGE) for word in re.findall(r"--[a-z]+", line)}

    assert said - known - {"--quiet"} == set()
