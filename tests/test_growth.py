"""Time grows with the length of a text and no faster, however hostile it is: the one test that measures time.

Every regular expression of the program is found in its source and tried with inputs made from the expression itself
(`tests/growth.py`), so a new one is covered as it is written. Functions that go through a text by hand carry the
comment `# scanner` behind their `def` and have a row in `SCANNERS`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from feeds import issued, lockfile, reader
from feeds import settings as feeds_settings
from feeds.errors import SettingsError
from feeds.markup import Body
from feeds.markup.embedded import replaced
from feeds.markup.markdown import to_html
from feeds.markup.math import Refused, find, macros, reasons
from feeds.markup.math.depth import too_deep
from feeds.markup.math.rewriter import UnreadableError, rewritten
from feeds.markup.nesting import shallow
from feeds.reader.code import FENCE, FLAGS, SPAN
from feeds.reader.frontmatter import yaml
from feeds.reader.generators.arguments import arguments
from feeds.reader.generators.hexo import blog as hexo
from feeds.reader.generators.hugo import front_matter
from feeds.reader.generators.hugo.tags import Shortcodes
from feeds.rendered import Lookup, Syntax
from feeds.settings.toml import toml_lines
from tests import growth
from tests.support import HERE

PACKAGE = HERE.parent / "feeds"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
MATTERS = 0.0015
"""Seconds: what takes less at the longest is not measured."""
SIZES = (4, 6, 9, 13, 19, 28, 42, 63, 94, 141, 211)
MOST = 2_000

WRAPPERS: dict[str, growth.Wrapper] = {
    "outside_code": {1: lambda pattern: [(rf"{FENCE}|{pattern}|{SPAN}", FLAGS)]},
    "Syntax": {
        0: lambda tag: [(rf"{FENCE}|{tag}|{SPAN}", FLAGS), (tag, FLAGS)],
        1: lambda end: [(end.replace("NAME", name), 0) for name in ("raw", r"([A-Za-z][\w./-]*+)")],
    },
}
"""Functions that make an expression of what they are given."""
GIVEN: dict[str, list[dict[str, Any]]] = {
    "reader/generators/hugo/tags.py": [{"self": Shortcodes}],
    "reader/generators/hexo/blog.py": [
        {"name": hexo._file_name(name)[0]} for name in (":title.md", ":a-:b-:title.md", ":year-:month-:day-:title.md")
    ],
    "reader/frontmatter/__init__.py": [{"signs": signs} for signs in ("-{3,}", r"\+{3,}", "[{}]")],
    "reader/frontmatter/yaml.py": [{"slip": slip} for slip, _ in [*yaml._SLIPS, yaml._OPEN_QUOTE]],
    "markup/kramdown/lists.py": [
        {"kind": kind, "indent": indent, "fours": indent // 4, "rest": indent % 4}
        for kind, indent in (("ul", 2), ("ol", 7), ("dl", 4))
    ],
    "markup/titles.py": [{"found": SimpleNamespace(mark="\ue000")}],
    "markup/math/reasons.py": [{"pattern": pattern} for pattern, _ in reasons._REASONS],
    "markup/math/find.py": [
        {
            "self": SimpleNamespace(_numbered="\ue000(\\d+)\ue000", _text=r"\def\a{b}\let\c\d"),
            "listed": f"{find._between(0, '@(', '@)', display=False)}|",
            "signs": r"|@\(",
        }
    ],
}
"""Parts of expressions that exist only while the program runs."""


OPEN = {
    *("digest/lint/__init__.py", "digest/placeholders.py", "markup/math/linear.py"),
    *("reader/generators/syntax.py", "reader/generators/tags.py"),
}
"""Whose expressions are given: escaped words, accents, and those of `WRAPPERS`, which are tried where they
are written.
"""


def grows_too_fast(expression: growth.Expression) -> list[str]:
    """Inputs on which an expression takes more than twice as long for twice the length, about."""
    hostile = growth.Hostile(expression.pattern, expression.flags)
    if not hostile.endless:
        return []
    work = expression.work
    for given in hostile:

        def make(times: int, given: growth.Input = given) -> str | bytes:
            return hostile.encoded(given.make(times))

        most = MOST // len(given.pump) or 1
        sizes = [size for size in SIZES if size < most] + [most]
        ratio = growth.growth(work, make, sizes, MATTERS)
        if ratio > growth.RATIO:
            return [f"{expression.where} {expression.use}: {given!r} takes {ratio:.1f} times as long twice"]
    return []


def found() -> list[growth.Expression]:
    every = {(one.pattern, one.flags, one.use): one for one in growth.expressions(PACKAGE, WRAPPERS, GIVEN)}
    return [*every.values()]


@pytest.mark.slow
def test_no_regular_expression_takes_more_than_the_length_of_a_text() -> None:
    expressions = found()

    assert len(expressions) > 200
    assert {one.where.partition(":")[0] for one in expressions if one.open} <= OPEN
    assert [wrong for one in expressions for wrong in grows_too_fast(one)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        r'(?:""|")*!',  # exponential
        r"\{\{\s*(?:(?!\}\}).)*?\s*\}\}",  # cubic
        r"<img\b[^<>]*\sdata-[^<>]*>",  # square
        r"\s*(\S+)\s*=",
        r"(a|a)*b",
        r"(\w+\s?)*!",
    ],
)
def test_an_expression_that_is_slow_is_found(pattern: str) -> None:
    assert grows_too_fast(growth.Expression("here", pattern, 0, "search"))


def prepared(tex: str) -> None:
    """A formula that is rewritten, however long it is."""
    with suppress(UnreadableError):
        rewritten(tex, display=True)


def expanded(tex: str) -> None:
    """A formula whose commands are those of a post."""
    known = {
        r"\f": macros.Macro(tuple("(#1)"), 1),
        r"\g": macros.Macro(("x",) * 10),
        r"\o": macros.Macro((), 1, ("y",)),
    }
    with suppress(Refused):
        macros.expand(tex, macros.Macros(known, room=10**9))


def protected(text: str) -> None:
    """The formulas of a text, as each kind of blog writes them."""
    for syntax in (*(Syntax(flavor=flavor) for flavor in ("commonmark", "kramdown", "marked")), PASSTHROUGH):
        find.protect(text, syntax)


PASSTHROUGH = Syntax(flavor="goldmark", passthrough=(("\\(", "\\)", False), ("@@", "@@", True)))
FORMULAS = (
    *(
        "$",
        "$$",
        "\\(",
        "`",
        "$a$",
        "\\$",
        "$$\n",
        "```\n",
        "$1",
        "\\\\(",
        "\\\\[",
        "@@",
        "$`",
        "- $$\n",
        "|$a|$",
        "$a|",
    ),
    *("\\begin{align}\n\\begin{gather}\n", "\\def\\a{b}\n", "$a\\_i$", "|-|\n", "|-|\n\n", "$a b$ ", "$$\n\n", "$a{$"),
)


SCANNERS: dict[str, tuple[Callable[[Any], object], tuple[str, ...]]] = {
    "arguments": (arguments, ('""', '"', "'\\", "a=", "a = '", "`", "\\")),
    "shallow": (shallow, ("<b>", "<p><b>", "<table><b>", "</b>", "<a>", "<td>", "<!--", "<i")),
    "replaced": (
        lambda text: replaced(text, "https://example.org/", lambda *_, **__: None),
        (
            "<svg>",
            "</svg>",
            "<svg",
            "<svg></svg>",
            "<object>",
            "<embed src=x>",
            "<param name=src value=x>",
            "<a name ",
            "<svg><title>",
        ),
    ),
    "toml_lines": (toml_lines, (" ", "a.", "[a]\n", '"""', "x = 1\n", "a." * 50 + "b = 1\n", "#")),
    "ledger": (issued.ledger, ("\t", "en\t2026-W18\t", "<<<<<<<\n", "a b c d e\n", "2026-W18\n")),
    "parse": (lockfile.parse, ("\t", "%", "a\ttag:x\t", "<<<<<<<\n", "a b c d e f\n", "%00\n")),
    "too_deep": (
        too_deep,
        (
            "{",
            "}",
            "(",
            ")",
            "[",
            r"\sqrt[",
            r"\frac",
            r"\left(",
            "_",
            "^",
            "x",
            "&",
            r"\sum",
            "%\n",
            r"\bra",
            "{(}",
            r"\color{red}",
        ),
    ),
    "rewritten": (
        prepared,
        (
            *(
                r"\pmb{",
                r"\pmb x",
                r"\text{a_b}",
                r"\text{$x$}",
                r"\text{",
                "$",
                r"\\[4pt]",
                r"\\[",
                r"\substack{a\\b}",
                r"\tag{1}",
            ),
            *(
                r"\mathop{x}_a",
                r"\mathop{x+}\limits_a^b",
                r"\begin{split}a",
                r"\begin{split}a\end{split}",
                r"\rm\alpha",
                r"\sqrt[",
            ),
            *(
                r"\operatorname*{a b}",
                "Γ",
                r"\hline",
                r"\color{red}",
                r"\mathchoice abcd",
                r"\kern{1pt}",
                "%",
                " ",
                r"\left<",
            ),
        ),
    ),
    "expand": (
        expanded,
        ("\\f{", "\\f{x}", "{", "[", "\\sqrt[", "\\g", "\\def\\a{", "\\def\\a{\\g\\g}\\a", "\\let\\a=", "x "),
    ),
    "_end_of_json": (lambda text: front_matter._end_of_json(text, 0), ("{", "}", '"', "\\", '{"a":', '"\\')),
    "protect": (protected, FORMULAS),
    "read": (
        lambda text: to_html(text, Syntax(flavor="kramdown")),
        (
            *(
                "<div markdown=1>\n",
                "<p>",
                "</b>",
                "<!--",
                "<code>",
                "> ",
                "- a\n",
                "  - a\n",
                "1. a\n\n",
                "|a|\n",
                "a|",
            ),
            *(
                "`",
                "` ",
                "```a\n",
                "{:",
                "{: .a}\n",
                "{::comment}",
                "{::comment}\n",
                "[a]: b\n",
                "[^a]: b\n",
                "[a] [b] ",
            ),
            *("](a b", "    a\n", "a\n: b\n", "a\n---\n", "\\", "~", "<a b='", "<script>\n"),
        ),
    ),
}
"""Functions that go through a text by hand, and what keeps them busy."""


def test_every_scanner_has_a_row_and_every_row_a_scanner() -> None:
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    marked = {
        node.name
        for text in sources
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and "# scanner" in text.split("\n")[node.lineno - 1]
    }

    assert marked == {*SCANNERS}


def assert_linear(work: Callable[[Any], object], pump: str, before: str = "", after: str = "") -> None:
    def make(times: int) -> str:
        return before + pump * times + after

    sizes = [size for size in (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192) if size * len(pump) < 60_000]
    assert growth.growth(work, make, sizes, 0.02) <= growth.RATIO, (before, pump, after)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCANNERS)
def test_no_scanner_takes_more_than_the_length_of_a_text(name: str) -> None:
    work, pumps = SCANNERS[name]
    for pump in pumps:
        assert_linear(work, pump)


BLOGS = {
    "native": ("feeds.toml", 'title = "T"\nurl = "https://example.org/"\n', "content/a.md"),
    "hexo": ("_config.yml", "title: T\nurl: https://example.org\ntimezone: UTC\n", "source/_posts/a.md"),
    "hugo": ("hugo.toml", 'title = "T"\nbaseURL = "https://example.org/"\n', "content/a.md"),
    "jekyll": ("_config.yml", "title: T\nurl: https://example.org\n", "_posts/2026-04-20-a.md"),
}
TEXTS = (
    *('{{< fig "" ', '""', "{{< a >}}", "{{%", "{{", "{{ ", "{%", "{% raw %}", "{# ", "<!--", "{{</* "),
    *("<pre>", "<b>", "<img data-x ", '<img srcset="a b, ', "<table><b>", "<p><b>", "</p>", "<a href='", "<![CDATA["),
    *("```\n", "`", "~~~\n", "$", "$$", "\\(", "[", "](", "![", "[a][", "[^1]", "> ", "- ", "|", "*", "_", "**a", "~~"),
    *("{% if x %}", "{% for i in (1..9) %}x{% endfor %}", "{% note %}\n", "<!-- tab ", "{{< note >}}\n"),
    *("&", "&#", "\\", "\n", " ", "\t", "字", "字\n", "{% post_url x %}", "{% link x.md %}", "{:", "{::comment}"),
)
"""What a text of 60,000 characters may be made of, again and again."""
FRONT_MATTER = (
    *("---\n%s", "---\ntitle: %s\n---\n", "+++\n%s", '+++\ntitle = "%s', "{\n%s", '{\n"title": "%s', ";;;\n%s"),
)


@pytest.fixture(params=BLOGS)
def blog(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    name, text, post = BLOGS[request.param]
    (tmp_path / name).write_text(text)
    (tmp_path / post).parent.mkdir(parents=True)
    (tmp_path / post).write_text("---\ntitle: A\ndate: 2026-04-20\n---\n\nWords.\n")
    return request.param, tmp_path / post


@pytest.mark.slow
@pytest.mark.usefixtures("blog")
def test_no_text_of_a_post_takes_more_than_its_length(tmp_path: Path) -> None:
    opened = reader.open_blog(tmp_path)
    site = opened.read(NOW)
    [post] = site.posts

    def rendered(text: str) -> None:
        markdown, _ = opened.dialect.markdown(text, post, Lookup(site))
        Body(post, markdown, Lookup(site), syntax=opened.dialect.syntax).rendered(
            ("html", "summary", "minutes", "excerpt")
        )

    for pump in TEXTS:
        assert_linear(rendered, pump, "Words.\n\n")


@pytest.mark.slow
def test_no_front_matter_takes_more_than_its_length(blog: tuple[str, Path], tmp_path: Path) -> None:
    opened, path = reader.open_blog(tmp_path), blog[1].relative_to(tmp_path).as_posix()

    def read(text: str) -> None:
        with suppress(reader.frontmatter.FrontMatterError):
            opened.dialect.post(path, opened.dialect.front_matter(text, path), NOW)

    for frame in FRONT_MATTER:
        before, _, after = frame.partition("%s")
        for pump in ('\\"', " ", "\n", "a: ", "- ", "[", "{", '"', "'", "a.", "&a ", "*a ", "# ", '"a":', ",", "\t"):
            assert_linear(read, pump, before, after)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["feeds.toml", "_config.yml", "hugo.toml", "hugo.json"])
def test_no_configuration_takes_more_than_its_length(name: str, tmp_path: Path) -> None:
    def opened(text: str) -> None:
        (tmp_path / name).write_text(text)
        with suppress(SettingsError):
            if name == "feeds.toml":
                feeds_settings.parse(text)
            else:
                reader.recognise(tmp_path)

    (tmp_path / "_posts").mkdir()
    (tmp_path / "content").mkdir()
    start = {"hugo.json": '{"baseURL": "https://example.org/", '}.get(name, "")
    for pump in (" ", "\n", "[", "a.", '"a": 1,\n', "a = 1\n", "[a]\n", "# ", '"', "- ", "a: ", "\t"):
        assert_linear(opened, pump, start)


def test_a_lock_of_deleted_posts_costs_no_new_post_more(tmp_path: Path) -> None:
    """Two hundred new posts beside thousands of lines whose files are gone."""
    (tmp_path / "feeds.toml").write_text('title = "T"\nurl = "https://example.org/"\n')
    (tmp_path / "content").mkdir()
    for number in range(200):
        text = f"---\ntitle: T\ndate: 2026-04-20\n---\n\nText {number}.\n"
        (tmp_path / f"content/{number}.md").write_text(text)
    opened = reader.open_blog(tmp_path)

    def read(lines: str) -> None:
        (tmp_path / "feeds.lock").write_text(re.sub("#", lambda _: f"{next(numbers)}", lines))
        opened.read(NOW)

    numbers = iter(range(10_000_000))
    assert_linear(read, "gone/#.md\turn:xx:#\ten\ta\tb\tc\n")
