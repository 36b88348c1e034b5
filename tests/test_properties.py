"""What holds for every input, tried with inputs nobody thought of. The same ones each time: a failure repeats."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import feedparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from feeds import reader, syndication
from feeds import settings as feeds_settings
from feeds.build.task import ALL
from feeds.markup import Body
from feeds.markup import text as plain_text
from feeds.markup.math import unicode
from feeds.markup.math.unicode import WHOLE
from feeds.markup.sanitize import clean
from feeds.reader.dates import moment
from feeds.reader.generators.native import Native
from feeds.rendered import Lookup
from feeds.text import width
from tests.support import HERE, calm

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.model import Post, Site

NOW = datetime(2026, 4, 27, tzinfo=UTC)
SETTINGS = feeds_settings.parse(
    'title = "Deep Technical Reviews"\nurl = "https://example.org/"\ntimezone = "Asia/Shanghai"\n'
    '[languages.en]\ntag = "en"\n[languages.zh]\ntag = "zh-Hans"\n'
    '[themes.systems]\ntags = ["training"]\n'
)
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""XML 1.0, section 2.2."""
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What would break a line of the report in two, or speak to the terminal it is shown on."""

HEAD = "---\ntitle: What the paper shows\ndate: 2026-04-20\n---\n"

# Heads: keys we know and do not, with values people and their tools write, and with any text at all.
KEYS = (
    *("title", "date", "updated", "lang", "slug", "theme", "themes", "tags", "authors", "summary", "paper"),
    *("highlights", "image", "original", "id", "translation", "draft", "hidden", "Title", "sumary", "<<", "? x", ""),
)
VALUES = (
    *("2026-04-20", "0001-01-01 00:00 +09:00", "9999-12-31 23:59 -09:00", "2026-02-30", "null", "~", "", "yes", "no"),
    *("[a, b]", "{a: b}", "[", "{", "&a [*a]", "*b", "!!binary x", "|", ">", "'", '"', '"a\\nb"', '"\\e[31m"', "en"),
    *("javascript:alert(1)", "https://example.org/", "https://[", "../..", "a/b", "系统", "systems", "1e999", "- a"),
    *("\n  title: x\n  year: 2024\n  arxiv: 1", "\n  - one\n  - two: three", "\n\tx", "%", "@", "`", "#", "\\", "𝕏"),
)
values = st.sampled_from(VALUES) | st.text(max_size=20)
head_lines = st.lists(st.tuples(st.sampled_from(KEYS) | st.text(max_size=8), values), max_size=8)
yaml_heads = head_lines.map(lambda lines: "---\n" + "".join(f"{key}: {value}\n" for key, value in lines) + "---\n")
toml_heads = head_lines.map(lambda lines: "+++\n" + "".join(f"{key} = {value}\n" for key, value in lines) + "+++\n")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
json_heads = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), json_values, max_size=8).map(
    lambda data: json.dumps(data, indent=1) + "\n"
)
files = (
    st.text().map(str.encode)
    | st.binary()
    | st.tuples(yaml_heads | toml_heads | json_heads, st.text(max_size=40)).map(lambda parts: "".join(parts).encode())
)

# Texts: what Markdown, HTML and LaTeX give a meaning to, in any order, and any text at all between.
PIECES = (
    *("$", "$$", "\\(", "`", "```\n", "~~~\n", "    ", "\n", "\n\n", "> ", "- ", "- [ ] ", "1. ", "# ", "|", "|---|\n"),
    *("**", "*", "_", "~~", "[", "](", ")", "![", "[^1]", "[^1]: ", "<", ">", "&", "&lt;", "&#x0;", "&#8;", "]]>"),
    *("<!-- more -->", "<!--", "-->", "<![CDATA[", "<script>", "</script>", "<style>", "</style>", "<svg>", "<math>"),
    *("<img src=x onerror=alert(1)>", '<a href="javascript:x">', "<a href='//x'>", "<p onclick=a>", "<iframe src=x>"),
    *("<mask>", "</p>", "<table>", "<details>", "<mtext>", "<mglyph>", '<img srcset="a 1x, b 2x">', "<base href=/>"),
    *("javascript:alert(1)", "data:text/html,x", "//host/x", "/x", "../x", "#x", "x.md", "mailto:a@b.org", "http://["),
    *(r"\frac{a}{b}", r"\text{<b>}", r"\href{javascript:x}{y}", r"\def\a{\a\a}\a", r"\left(", r"\begin{aligned}"),
    *("x_1", "^", "{", "}", "\\", "\\\\", "& ", "字", "。", "…", "a\u0300", "\x08", "\x9d", "\u2028", "\ufffe", "🙂"),
)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=25).map("".join)


def put(root: Path, name: str, data: bytes) -> None:
    file = root / "content" / "en" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def blog(root: Path) -> reader.Blog:
    return reader.Blog(root, Native(SETTINGS))


def read(root: Path) -> Site:
    return blog(root).read(NOW)


def render(root: Path, post: Post, site: Site) -> Body:
    lookup = Lookup(site)
    text, _ = blog(root).markdown(post, lookup)
    return Body(post, text, lookup)


@calm
@given(data=files)
@example(data=b"---\ntitle: T\ndate: 0001-01-01 00:00 +09:00\n---\n")
@example(data=b'---\ntitle: T\ndate: "a\\nb"\n---\n')
@example(data=b'---\ntitle: T\ndate: 2026-04-20\n"summar\\ny": x\n---\n')
def test_any_file_gives_a_post_or_problems_each_a_line(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("site")
    put(root, "any.md", data)
    site = read(root)
    assert len(site.posts) + len(site.withheld) + len(site.broken) == 1
    assert [problem for problem in site.problems if problem.line < 0] == []
    assert [problem for problem in site.problems if problem.line > len(data.splitlines()) + 1] == []
    assert [problem for problem in site.problems if CONTROL.search(str(problem))] == []
    for post in (*site.posts, *site.withheld):
        assert [word for word in (post.title, post.url, post.id, *post.tags) if CONTROL.search(word)] == []
        assert post.url.isascii()


@calm
@given(text=texts)
@example(text="[a](https://e.org/$x$/b)")
@example(text="\x00")
@example(text='<a title="x>y $a$" href="https://e.org/">z</a> <img src=x alt="<svg>$x<y>z$">')
@example(text="<title>$x$ <xmp>$x<y>z$</xmp> <math><mi>$a$</mi>$b$</math> <table>$c$<tr>$d$</table>")
@example(text="<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>")
def test_any_text_becomes_html_that_is_safe_and_absolute(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("site")
    put(root, "any.md", (HEAD + text).encode())
    site = read(root)
    assert len(site.posts) == 1
    body = render(root, site.posts[0], site)
    assert FORBIDDEN.findall(body.html + body.summary) == []
    assert "<script" not in body.html.lower()
    assert [char for char in body.html if "\ue000" <= char <= "\uf8ff" and char not in text] == []
    assert "%EE%80%80" not in body.html
    elements = lxml_html.fragment_fromstring(body.html, create_parent=True).iter()
    attributes = [(name, value) for part in elements for name, value in part.attrib.items()]
    assert [name for name, _ in attributes if name.startswith("on") or name in ("style", "srcdoc")] == []
    addresses = [value for name, value in attributes if name in ("href", "src", "cite", "poster")]
    assert [value for value in addresses if not re.match(r"https?://[^/\s]|mailto:", value)] == []


TAGS = (
    *(
        "{% ",
        "%}",
        "{%- ",
        " -%}",
        "{{ ",
        "}}",
        "{{< ",
        " >}}",
        "{{% ",
        " %}}",
        "{{</* ",
        " */>}}",
        "{#",
        "#}",
        "{: ",
        "}",
    ),
    *(
        "raw",
        "endraw",
        "quote",
        "endquote",
        "highlight py",
        "endhighlight",
        "capture a",
        "endcapture",
        "a",
        "details",
        "/",
    ),
    *("asset_img tree.png", "post_link other", "figure src=tree.png", 'ref "other.md"', "include loop.md", "youtube x"),
    *(
        "site.baseurl",
        "page.url | relative_url",
        "'x' | append: a",
        "link ",
        "<script>",
        "javascript:alert(1)",
        '"',
        "'",
    ),
)
tagged = st.lists(st.sampled_from(TAGS) | st.sampled_from(PIECES), max_size=25).map("".join)


@calm
@given(text=tagged, name=st.sampled_from(["hexo", "hugo", "jekyll"]))
@example(text='{% asset_img "x onerror=alert(1)" %}', name="hexo")
@example(text='{{< details summary="<script>x</script>" >}}', name="hugo")
def test_any_text_with_a_generators_tags_becomes_safe_html_of_the_same_post(text: str, name: str) -> None:
    blog = reader.open_blog(HERE / "tags" / name)
    site = blog.read(NOW)
    post = next(post for post in site.posts if "case" in post.path)
    markdown, problems = blog.dialect.markdown(text, post, Lookup(site))
    body = Body(post, markdown, Lookup(site), syntax=blog.dialect.syntax)
    tags = re.findall(r"<[a-zA-Z][^<>]*>", body.html)
    assert [tag for tag in tags if re.match(r"<(script|style|iframe|form|object)|.*\son\w+=", tag)] == []
    assert [tag for tag in tags if re.search(r'\s(href|src)="(?!https?://[^/\s]|mailto:)', tag)] == []
    assert [one for one in problems if not post.body_line <= one.line <= post.body_line + text.count("\n")] == []


@pytest.mark.slow
def test_hostile_texts_take_no_longer_than_their_length() -> None:
    """Each would take hours if anything looked through it once for each of its tags."""
    many = 50_000
    texts = [
        *("{% raw %}", "{% quote %}", "{% a ", "{{ ", "{{< ", "{#", "![", "*{: ", "`", "{% code %}x{% endcode %}"),
        *("{% comment %}", "{% # ", "{# x", '{{ "', "{% endencrypt %}\n", "{{< /encrypt >}}", "{::comment}"),
    ]
    for begin, end in (("{% {} %}", "{% end{} %}"), ("{{< {} >}}", "{{< /{} >}}")):
        for names in (("encrypt",), ("secret", "encrypt"), ("comment",)):
            half = many // 2 // len(names)
            texts += ["".join(sign.replace("{}", name) * half for sign in (begin, end) for name in names)]
    for name in ("hexo", "hugo", "jekyll"):
        blog = reader.open_blog(HERE / "tags" / name)
        site = blog.read(NOW)
        post = next(post for post in site.posts if "case" in post.path)
        for text in texts:
            whole = text * (many if len(text) < many else 1)
            assert len(blog.dialect.markdown(whole, post, Lookup(site))[0]) <= len(whole)


@calm
@given(text=texts)
def test_safe_html_is_safe_again(text: str) -> None:
    once = clean(text, lambda _, address: address)
    assert once == clean(once, lambda _, address: address)


@calm
@given(title=st.text(min_size=1) | texts)
@example(title="Use <mask> & <b>bold</b> ]]> &amp; “quotes” 'x'")
@example(title="a < b > c")
def test_any_title_survives_every_format(title: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("site")
    title = f"深{title}"  # feedparser takes a Latin-1 title for badly decoded UTF-8 when it can be; this one it leaves
    head = json.dumps({"title": title, "date": "2026-04-20"}, indent=1)
    put(root, "any.md", f"{head}\n\nText.\n".encode())
    site = read(root)
    for post in site.posts:
        feed = syndication.parts(syndication.plan(site, lambda key, _: key).feeds[0], site)[0]
        outputs = syndication.documents(feed, site, lambda shown: render(root, shown, site).rendered(ALL))[0]
        found = {output.path: output.data for output in outputs}
        assert post.title == json.loads(found["feed.json"])["items"][0]["title"]
        for name in ("atom.xml", "rss.xml"):
            parsed = feedparser.parse(found[name], sanitize_html=False, resolve_relative_uris=False)
            assert (name, False) == (name, bool(parsed.bozo))
            assert (name, post.title) == (name, parsed.entries[0].title)


ORDERED = {
    "a.md": HEAD,
    "b.md": HEAD,
    "c.md": HEAD.replace("---\n", "---\nslug: b\n", 1),
    "d.md": HEAD.replace("---\n", "---\ntranslation: a\n", 1),
    "e.md": "no head",
    "f.md": HEAD.replace("date", "dat"),
    "a/figure.png": "",
}


@calm
@given(names=st.permutations(sorted(ORDERED)))
def test_the_order_of_files_changes_nothing(names: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    first, second = (tmp_path_factory.mktemp("site") for _ in range(2))
    for root, order in ((first, sorted(ORDERED)), (second, names)):
        for name in order:
            put(root, name, ORDERED[name].encode())
    assert read(first) == read(second)


# Sentences: words, marks and formulas, so that every cut has a formula near.
FORMULAS = tuple(
    map(
        unicode.plain,
        (r"x", r"a = b + c", r"x_1, \ldots, x_n", r"\frac{a}{b} = c", r"p. q", r"\text{准确率} = 1", r"f(x)! = 1"),
    )
)


@dataclass(frozen=True)
class Piece:
    """Words, or a formula that must stay whole."""

    text: str
    formula: bool


pieces = st.lists(
    st.sampled_from(FORMULAS).map(lambda text: Piece(text, formula=True))
    | st.sampled_from(
        ("word", "words and more", "End.", "字", "很多汉字", "完。", " ", ", ", "，", "？", "a" * 15, "é")
    ).map(lambda text: Piece(text, formula=False)),
    min_size=1,
    max_size=40,
)


@calm
@given(parts=pieces, columns=st.integers(40, 100))
def test_a_text_is_cut_within_its_columns_and_never_in_a_formula(parts: list[Piece], columns: int) -> None:
    text = "".join(f"{WHOLE}{part.text}{WHOLE}" if part.formula else part.text for part in parts)
    short = plain_text.shorten(text, columns)
    assert width(short) <= columns
    whole = text.replace(unicode.NO_BREAK, " ").replace(WHOLE, "")
    cut = len(short) if whole.startswith(short) else len(short.removesuffix("…"))
    assert whole[:cut] == short[:cut]
    begin, inside = 0, []
    for part in parts:
        end = begin + len(part.text)
        if part.formula and begin < cut < end:
            inside.append(part.text)
        begin = end
    assert inside == []


@calm
@given(text=st.text(max_size=200), columns=st.integers(2, 60))
def test_no_text_is_cut_to_more_than_its_columns(text: str, columns: int) -> None:
    assert width(plain_text.shorten(text, columns)) <= columns


zones = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@calm
@given(value=st.datetimes(datetime(1000, 1, 1), datetime(9000, 12, 31), timezones=zones | st.just(UTC)))
@example(value=datetime(2026, 4, 20, 9, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30))))
def test_any_date_written_in_iso_8601_is_read_back(value: datetime) -> None:
    found = moment(value.isoformat(), ZoneInfo("Asia/Shanghai"))
    assert value.replace(microsecond=0) == found
    assert value.utcoffset() == found.utcoffset()


@calm
@given(value=st.datetimes(datetime(1000, 1, 1), datetime(9000, 12, 31)))
def test_any_date_without_a_zone_is_local_time_of_the_site(value: datetime) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    expected = value.replace(microsecond=0, tzinfo=zone)
    assert expected == moment(value.isoformat(), zone)
    assert expected == moment(value.isoformat(" ", "seconds").replace("-", "/"), zone)
