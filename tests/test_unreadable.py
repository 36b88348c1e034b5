"""Files and folders that may not be read: each is named, by itself, and nothing else is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support import ROOT

HEXO = {
    "_config.yml": "title: T\nurl: https://example.org\ntimezone: UTC\n",
    "source/_posts/a.md": "",
    "source/_posts/b/c.md": "",
}
JEKYLL = {
    "_config.yml": "title: T\nurl: https://example.org\n",
    "_posts/2026-04-20-a.md": "",
    "x/_posts/2026-04-20-b.md": "",
}
HUGO = {
    "config/_default/hugo.toml": 'title = "T"\nbaseURL = "https://example.org"\n',
    "config/_default/params.toml": "",
    "content/a.md": "",
    "content/b/_index.md": "",
    "content/b/c.md": "",
}
NATIVE = {
    "feeds.toml": 'title = "T"\nurl = "https://example.org/"\n',
    "feeds.lock": "",
    "content/a.md": "image: x.png\n",
    "content/a/x.png": "",
    "content/b/index.md": "",
    "templates/mail.html": (ROOT / "templates/mail.html").read_text(encoding="utf-8"),
    "templates/words.toml": "[en]\n",
}
CASES = [
    (NATIVE, "feeds.toml", "feeds.toml", "error"),
    (NATIVE, "feeds.lock", "feeds.lock", "error"),
    (NATIVE, "content/a.md", "content/a.md", "error"),
    (NATIVE, "content", "content", "error"),
    (NATIVE, "content/b", "content/b", "error"),
    (NATIVE, "content/a/x.png", "content/a/x.png", "warning"),
    (NATIVE, "templates/mail.html", "templates/mail.html", "error"),
    (NATIVE, "templates/words.toml", "templates/words.toml", "error"),
    (NATIVE, "templates", "templates/words.toml", "error"),
    (HEXO, "_config.yml", "_config.yml", "error"),
    (HEXO, "source/_posts/b", "source/_posts/b", "error"),
    (JEKYLL, "_config.yml", "_config.yml", "error"),
    (JEKYLL, "_posts/2026-04-20-a.md", "_posts/2026-04-20-a.md", "error"),
    (JEKYLL, "x", "x", "warning"),
    (HUGO, "config/_default", "config/_default", "error"),
    (HUGO, "config/_default/params.toml", "config/_default/params.toml", "error"),
    (HUGO, "content/b/_index.md", "content/b/_index.md", "error"),
]
DROPPED = "-dac_override,-dac_read_search"


@cache
def unprivileged() -> tuple[str, ...] | None:
    """What runs a command to which permissions apply, None where nothing does."""
    if not hasattr(os, "geteuid"):
        return None
    if os.geteuid() != 0:
        return ()
    command = ("setpriv", "--bounding-set", DROPPED, "--inh-caps", DROPPED)
    if not shutil.which("setpriv") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        return None
    return command


@pytest.fixture
def locked() -> Iterator[list[Path]]:
    """What to make readable again."""
    found: list[Path] = []
    yield found
    for path in found:
        path.chmod(0o755)


@pytest.mark.parametrize(
    ("site", "path", "named", "severity"), CASES, ids=[f"{case[2]}-{number}" for number, case in enumerate(CASES)]
)
def test_what_may_not_be_read_is_named(
    site: dict[str, str], path: str, named: str, severity: str, tmp_path: Path, locked: list[Path]
) -> None:
    command = unprivileged()
    if command is None:
        pytest.skip("permissions hold nobody back here")
    for name, text in site.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        front = f"---\ntitle: {name}\ndate: 2026-04-20\n{text}---\n\nText.\n"
        (tmp_path / name).write_text(front if name.endswith(".md") else text, encoding="utf-8")
    (tmp_path / path).chmod(0)
    locked.append(tmp_path / path)

    done = subprocess.run(
        [*command, sys.executable, "-m", "feeds", "build", str(tmp_path), "--now", "2026-05-01"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    assert done.returncode == (1 if severity == "error" else 0)
    assert "Traceback" not in done.stderr
    assert f"{named}: {severity}: cannot be read: Permission denied" in done.stderr
    assert {line.partition(":")[0] for line in done.stderr.splitlines() if ": error: " in line} <= {named}
