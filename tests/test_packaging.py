"""What is in the wheel, and that it works where nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "No matching distribution" in done.stdout + done.stderr:
        pytest.skip("no package registry to get hatchling from")
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_the_templates_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    modules = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "feeds").rglob("*")
        if path.suffix in (".py", ".typed", ".toml")
    }
    templates = {
        f"feeds/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "templates").rglob("*") if path.is_file()
    }
    assert held == modules | templates


def test_templates_are_data_only() -> None:
    """A .py file below templates/ would make editable installs fail."""
    assert list((ROOT / "templates").rglob("*.py")) == []


@pytest.mark.slow
def test_the_wheel_builds_a_site_of_five_lines_and_one_post(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = subprocess.run(
        [python, "-m", "pip", "install", "-q", str(wheel)], capture_output=True, text=True, check=False
    )
    if install.returncode and "No matching distribution" in install.stderr:
        pytest.skip("no package registry to install from")
    assert install.returncode == 0, install.stderr
    site = tmp_path / "blog"
    (site / "content").mkdir(parents=True)
    lines = ['title = "My blog"', 'url = "https://example.org/"', 'timezone = "Asia/Shanghai"', "[feeds]", "limit = 10"]
    (site / "feeds.toml").write_text("\n".join(lines))
    (site / "content/hello.md").write_text("---\ntitle: Hello\ndate: 2026-01-02\n---\nHello, $x^2$ world.\n")

    done = subprocess.run([python, "-m", "feeds", "build"], cwd=site, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    made = {path.relative_to(site / "public").as_posix() for path in (site / "public").rglob("*") if path.is_file()}
    assert made == {
        ".feeds-outputs",
        "atom.xml",
        "digest/2026-W01/index.html",
        "digest/2026-W01/mail.eml",
        "digest/2026-W01/mail.html",
        "digest/2026-W01/mail.txt",
        "digest/atom.xml",
        "digest/index.html",
        "feed.css",
        "feed.json",
        "feeds.opml",
        "rss.xml",
        "subscribe/autodiscovery.html",
        "subscribe/index.html",
    }
    assert "https://example.org/hello/" in (site / "public/atom.xml").read_text()
