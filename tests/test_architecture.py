"""The house of docs/decisions.md, held by reading the imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds import reader
from tests.support import HERE, ROOT

PACKAGE = ROOT / "feeds"
FLOORS = (
    {"__main__"},
    {"cli"},
    {"build"},
    {"syndication", "digest"},
    {"site"},
    {"markup"},
    {"reader"},
    {"settings"},
    {"lockfile", "issued"},
    {"rendered"},
    {"model"},
    {"places"},
    {"paths"},
    {"errors"},
    {"periods"},
    {"text"},
    {"records"},
)
HOMES = {
    "click": "cli",
    "feedgen": "syndication",
    "lxml": "syndication",
    "premailer": "digest",
    "cssutils": "digest",
    "cssselect": "digest",
    "tinycss2": "digest",
    "email": "digest",
    "jinja2": "site",
    "babel": "site",
    "pygments": "markup",
    "ziamath": "markup",
    "resvg_py": "markup",
    "comrak": "markup",
    "nh3": "markup",
    "math_core": "markup",
    "frontmatter": "reader",
    "yaml": "reader",
    "dateutil": "reader",
    "imagesize": "reader",
    "sqlite3": "build",
    "watchfiles": "cli",
}
READS = {
    *("open", "fdopen", "open_code", "read_text", "read_bytes", "readlink", "realpath", "is_relative_to"),
    *("FileIO", "FileSystemLoader", "PackageLoader", "ModuleLoader", "fileinput", "load_from_path"),
    *("scandir", "listdir", "fwalk", "glob", "iglob", "rglob", "iterdir"),
}
"""What opens a file, looks into a folder, or asks where a link leads, as a function or as a method."""
OWN_WAYS = {
    "build/cache/fingerprint.py": {"os.open", "os.scandir"},  # what files are like, not what they hold
    "build/cache/uptodate.py": {"open", "os.path.realpath", "os.listdir"},  # the cache's own files
    "build/builder.py": {"os.listdir", "os.path.realpath"},  # what lies in the site's own folder, and its name
    "build/exclusive.py": {"os.open", "os.path.realpath"},  # folders, to lock them
    "build/write.py": {
        *("part.open", "path.read_bytes", "_inside(path, folder).open"),
        *("(self._out / MANIFEST).open", "os.listdir"),  # our own list, and what we may have left there
    },
    "build/parallel.py": {"open", "os.listdir"},  # the pipe between two processes of ours; how many threads there are
    "digest/lint/clients.py": {"files(__package__).joinpath('clients.toml').read_text"},  # a table of the package
    "site/templating.py": {"Path(frame.filename).is_relative_to"},  # whether a line of a traceback is a template's
    "reader/__init__.py": {"kind(said).open", "kind(name).open", "kind(NATIVE).open"},  # `Dialect.open` opens no file
    "__main__.py": {"open", "io.FileIO"},  # the standard streams
    "markup/text.py": {"self.open"},  # an element
}
"""What is no reading of a site's files; `writing` looks whether an output is there already."""
GUESTS = {("lxml", "digest/lint/page.py")}
"""One file in another home: the lint reads mails by what premailer brings; another parser is one more library."""
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(path for path in HERE.rglob("*.py") if "node_modules" not in path.parts)


def floor(name: str) -> int:
    return next(number for number, names in enumerate(FLOORS) if name in names)


def room(path: Path) -> str:
    """The module or package of the top level a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module in ("feeds", "tests", "tests.acceptance"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    here = room(path)
    if here in ("__init__", "__main__"):
        return
    rooms = {name.split(".")[1] for name in imports(path) if name.startswith("feeds.")} - {"__version__"}

    assert [other for other in rooms if other != here and floor(other) <= floor(here)] == []


def dependencies() -> dict[str, set[str]]:
    """Which module of ours imports which, for types too."""
    names = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__") for path in MODULES
    }
    found: dict[str, set[str]] = {}
    for path in MODULES:
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in names:
                several = {f"{node.module}.{alias.name}" for alias in node.names}
                found[name] |= (several & names) or {node.module}
    return {name: imported - {name, "feeds"} for name, imported in found.items()}


def test_no_modules_import_each_other_not_even_for_types() -> None:
    waiting = dependencies()
    while free := [name for name, imported in waiting.items() if not imported & set(waiting)]:
        for name in free:
            del waiting[name]

    assert sorted(waiting) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_lives_in_one_place(path: Path) -> None:
    file = path.relative_to(PACKAGE).as_posix()
    libraries = {name for name in (full.split(".")[0] for full in imports(path)) if (name, file) not in GUESTS}

    assert [name for name in libraries if HOMES.get(name, room(path)) != room(path)] == []


def test_the_page_on_the_architecture_has_these_floors_and_homes() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| .+ \|(.*)\|$", page, re.MULTILINE)
    floors: dict[int, set[str]] = {}
    for number, package, _ in rows:
        floors.setdefault(int(number), set()).add(package)

    assert floors == dict(enumerate(FLOORS, 1))
    assert {name.strip(): package for _, package, names in rows for name in names.split(",") if name.strip()} == HOMES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_line_asks_the_time(path: Path) -> None:
    calls = [
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]

    clocks = {"now", "today", "utcnow", "getmtime", "monotonic", "time", "time_ns", "perf_counter"}
    assert room(path) in ("cli", "__main__") or not clocks & set(calls)


def reads(tree: ast.AST) -> Iterator[str]:
    """The calls that read a file or look into a folder without asking `feeds.paths`."""
    opened: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and "paths.opened(" in ast.unparse(node.items[0].context_expr):
            opened |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            whole = ast.unparse(node)
            if name in READS or whole == "os.walk" or (whole == "imagesize.get" and id(node) not in opened):
                yield whole


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_is_read_is_opened_in_one_place(path: Path) -> None:
    file = path.relative_to(PACKAGE).as_posix()
    found = set(reads(ast.parse(path.read_text(encoding="utf-8"))))

    assert file == "paths.py" or found - OWN_WAYS.get(file, set()) == set()


@pytest.mark.parametrize(
    "code",
    [
        "open(name)",
        "io.open(name)",
        "os.open(name, 0)",
        "(root / name).open()",
        "path.read_text()",
        "path.read_bytes()",
        "FileSystemLoader(folder)",
        "imagesize.get(path)",
        "os.scandir(folder)",
        "os.walk(folder)",
        "folder.glob('*')",
        "map(open, names)",
    ],
)
def test_a_file_that_is_opened_elsewhere_is_noticed(code: str) -> None:
    assert list(reads(ast.parse(code)))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(HERE)))
def test_what_tests_share_lies_in_a_module_that_holds_no_tests(path: Path) -> None:
    assert [name for name in imports(path) if re.search(r"\.(test_\w+|conftest)$", name)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_is_too_long_to_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("name", ["hexo", "hugo", "jekyll"])
def test_a_dialect_is_known_to_the_table_alone(name: str) -> None:
    knows = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if any(one.startswith(f"feeds.reader.generators.{name}") for one in imports(path))
    }

    assert name in reader.DIALECTS
    assert {path for path in knows if not path.startswith(f"reader/generators/{name}/")} == set()


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, feeds.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {"premailer", "feedgen", "jinja2", "babel", "yaml", "comrak", "lxml"} & set(loaded) == set()
