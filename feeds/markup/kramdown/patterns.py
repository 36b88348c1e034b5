"""What kramdown's parsers look for: the names of HTML it knows, and where its blocks begin and end.

Checked against kramdown 2.4 with kramdown-parser-gfm 1.1, as Jekyll runs them. An attribute list ends on its line here.
"""

from __future__ import annotations

import re

from feeds.text import expression

RAW = frozenset("script style math option textarea pre code kbd samp var".split())  # noqa: SIM905
"""Elements in which Markdown is never read."""
_HOLDS_BLOCKS = """
    address applet article aside blockquote body dd details div dl fieldset figure figcaption footer form header hgroup
    iframe li main map menu nav noscript object section summary td
"""
_HOLDS_SPANS = """
    a abbr acronym b bdo big button cite caption del dfn dt em h1 h2 h3 h4 h5 h6 i ins label legend optgroup p q rb rbc
    rp rt rtc ruby select small span strong sub sup th tt
"""
MODELS = {**dict.fromkeys(_HOLDS_BLOCKS.split(), "block"), **dict.fromkeys(_HOLDS_SPANS.split(), "span")}
"""What Markdown inside an element is read as, where it is read."""
SPANS = frozenset(
    """
    a abbr acronym b big bdo br button cite code del dfn em i img input ins kbd label mark option q rb rbc rp rt rtc
    ruby samp select small span strong sub sup tt u var
    """.split()  # noqa: SIM905
)
"""Elements that stand in a line: they neither begin nor end a block."""
BLOCKS = frozenset(
    """
    address article aside applet body blockquote caption col colgroup dd div dl dt fieldset figcaption footer form h1
    h2 h3 h4 h5 h6 header hgroup hr html head iframe legend menu li main map nav ol optgroup p pre section summary table
    tbody td th thead tfoot tr ul
    """.split()  # noqa: SIM905
)
"""Elements that are text in the middle of a line."""
VOID = frozenset(
    "area base br col command embed hr img input keygen link meta param source track wbr".split()  # noqa: SIM905
)

NAME = r"[A-Za-z_][\w.:-]*+"
_VALUE = r"""(?:\s*+=\s*+(?:\w++|"[^"]*+"|'[^']*+'))?+"""
TAG = rf"<(?P<name>{NAME})\s*+(?P<attributes>(?:(?<=\s){NAME}{_VALUE}\s*+)*+)(?P<closed>/?+)>"
CLOSE = rf"</(?P<ended>{NAME})\s*+>"
_HTML = rf"<(?:/(?={NAME}\s*+>))?+(?!(?:{'|'.join(sorted(SPANS | {'script'}))})\b)[A-Za-z_]"
"""Where an element begins or ends that does not stand in a line."""
_LIST = r"\{:(?![:/])(?:\\\}|[^}\n])++\}[^\S\n]*+\n"
END_OF_BLOCK = r"\^[^\S\n]*+\n"
LISTED = r"(?:[+*-]|\d++\.)[\t| ]"
_NOT_WORDS = rf"[ ]{{0,3}}(?:{_LIST}|{_HTML})|{END_OF_BLOCK}"
_LAZY_END = rf"[^\S\n]*+(?:\n|\Z)|{_NOT_WORDS}"
_PARAGRAPH_END = rf"{_LAZY_END}|[ ]{{0,3}}(?:{LISTED}|:[\t| ]|>|[~`]{{3}})|\#{{1,6}}[\t ]"
INDENT = expression(r"^(?:\t|[ ]{4})", re.MULTILINE)

BLANK = expression(r"(?:[^\S\n]*+\n)++")
PARAGRAPH = expression(rf"[^\n]*+\n(?:(?!{_PARAGRAPH_END})[^\n]*+\n)*+")
QUOTE = expression(rf"[^\n]*+\n(?:(?!{_LAZY_END})[^\n]*+\n)*+")
ALERT = expression(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*+\n", re.IGNORECASE)
QUOTED = expression(r"^[ ]{0,3}>[ ]?", re.MULTILINE)
CODE = expression(
    rf"(?:(?:[^\S\n]*+\n)*+(?:(?:\t|[ ]{{4}})[ \t]*+\S[^\n]*+\n)++(?:(?!{_NOT_WORDS})[ \t]*+\S[^\n]*+\n)*+)*+"
)
FENCE = expression(r"[ ]{0,3}(?P<mark>(?P<sign>[~`])(?P=sign){2,}+)[^\S\n]*+(?P<language>\S*+)[^\S\n]*+\n")
HEADING = expression(r"(?P<level>#{1,6}+)[\t ]++(?P<words>[^\n]*+)\n")
UNDERLINED = expression(r"[ ]{0,3}(?P<words>[^ \t\n][^\n]*+)\n(?P<level>[-=])[-=]*+[ \t\r\f\v]*+\n")
HEADING_ID = expression(r"[\t ]\{#[A-Za-z_:][\w.:-]*+\}\Z")
RULE = expression(r"[ ]{0,3}([*_-])(?:[ \t]*+\1){2,}+[ \t]*+\n")
TABLE_LINE = expression(r"(?=\||[^\n]*?[^\\\n]\|)[^\n]*+\n")
ATTRIBUTES = expression(r"[ ]{0,3}\{:(?![:/])(?P<list>(?:\\\}|[^}\n])++)\}[^\S\n]*+\n")
NAMED_ATTRIBUTES = expression(r"[ ]{0,3}\{:\w[\w-]*+:(?:\\\}|[^}\n])++\}[^\S\n]*+\n")
EXTENSION = expression(
    r"[ ]{0,3}\{::(?P<name>\w++)(?P<options>(?:\s(?:\\\}|[^}\n/]|/(?!\}))*+)?+)(?P<closed>/?+)\}[^\S\n]*+\n"
)
ABBREVIATION = expression(r"[ ]{0,3}\*\[[^\]\n]++\]:[^\n]*+\n")
NOTE = expression(r"[ ]{0,3}\[\^(?P<name>\w[\w-]*+)\]:(?P<words>[^\n]*+\n)")
DEFINITION = expression(r"[ ]{0,3}\[(?P<name>[^\n\]]++)\]:[ \t]*+(?P<address>\S[^\n]*+)\n")
TITLE_BELOW = expression(r"[ \t]*+(?P<quote>[\"'])(?P<title>[^\n]++)\n")
LIST_ITEM = {"ul": r"[+*-]", "ol": r"\d++\.", "dl": ":"}
LIST_START = expression(rf"[ ]{{0,3}}{LISTED}")
ITEM_ATTRIBUTES = expression(r"\s*+\{:(?!(?:\w[\w-]*+)?:|/)(?:\\\}|[^}\n])++\}\s*+")
COMMENT = expression(r"<!--.*?-->", re.DOTALL)
HTML = expression(r"[ ]{0,3}<(?=[A-Za-z_/]|!--)")
TAG_HERE = expression(rf"[ ]{{0,3}}{TAG}")
CLOSE_HERE = expression(rf"[ ]{{0,3}}{CLOSE}")
END_OF_LINE = expression(r"[ \t]*+\n")


def lazy(indent: int) -> str:
    """A line of text that goes on with an item of a list, however little it is indented; `indent` counts up to 3."""
    words = rf"(?![ ]{{0,{indent}}}(?:{_LIST}|{_HTML}))"
    return rf"{words}[^\S\n]*+\S[^\n]*+\n"
