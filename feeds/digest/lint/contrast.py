"""Whether all text is readable: its colour on its background, in light and dark mode.

A small cascade: attributes, inherited values, style attributes, and the rules left in the head, by importance,
specificity and order. Where no colour is set, clients write black on white and, in dark mode, white on nearly black.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tinycss2 import parse_one_component_value
from tinycss2.color3 import RGBA, parse_color

from feeds.digest.lint import css
from feeds.digest.lint.page import Finding, shown
from feeds.site.color import NIGHT, TEXT, WHITE, contrast, readable
from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feeds.digest.lint.page import Page

Mode = Literal["light", "dark"]

LARGE = 3.0
"""The contrast that large text needs: 24 px, bold 18.66 px (WCAG 2.2, 1.4.3)."""

_PRINTED: Mapping[Mode, tuple[str, str]] = {"light": ("#000000", WHITE), "dark": (WHITE, NIGHT)}
_LINK = parse_color("#0000ee")  # roughly what email clients use in light mode; in dark mode they differ
_OTHER_MEDIA = expression(r"\(\s*(?!prefers-color-scheme)[a-z-]+|\bprint\b|\bnot\b|@keyframes")
_OWN_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17}
_LONGEST = 100  # characters of a colour; Python refuses numbers of over 4,300 digits
_BOLD = frozenset(("b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"))
_UNITS = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}
_INLINE: tuple[int, ...] = (1_000_000,)  # the specificity of a style attribute is above every selector's
_READ = frozenset(
    (
        *("color", "background", "background-color", "font", "font-size", "font-weight"),
        *("display", "visibility", "opacity", "max-height", "overflow"),  # ways to hide
    )
)
_KEPT = frozenset(("inherit", "unset", "revert", "currentcolor"))


class _Said(NamedTuple):
    token: Any
    dark: bool
    """Whether a dark mode rule set it."""


_Saying = dict[str, _Said]
_Matches = list[tuple[tuple[int, ...], int, css.Declaration, bool]]
_UNSAID = _Said(None, dark=False)


class _Look(NamedTuple):
    """How an element looks. Colours are None if unknown; `written` is the colour as written, "" if none is set."""

    ink: RGBA | None
    written: str
    dark: bool
    ground: RGBA | None
    ground_written: str
    size: float
    bold: bool
    opacity: float
    hidden: bool


def unreadable(page: Page) -> Iterator[Finding]:
    """A finding for each pair of text and background colours with too little contrast."""
    modes: tuple[Mode, ...] = ("light", "dark")
    for mode in modes:
        worst: dict[tuple[str, str], tuple[float, str, _Look]] = {}
        for element, look in _looks(page, mode):
            if look.hidden or look.ink is None or look.ground is None or not (text := shown(element)):
                continue
            ink = look.ink._replace(alpha=look.ink.alpha * look.opacity)
            pair = _hex(_over(ink, look.ground)), _hex(look.ground)
            needed = LARGE if look.size >= 24 or (look.bold and look.size >= 18.66) else TEXT  # noqa: PLR2004
            if pair not in worst or worst[pair][0] < needed:
                worst[pair] = needed, text, look
        for (front, ground), (needed, text, look) in worst.items():
            if (ratio := contrast(front, ground)) < needed:
                place = " under prefers-color-scheme: dark" if mode == "dark" and not look.dark else ""
                wrong = f"{mode}: {front} on {ground} has a contrast of {int(ratio * 100) / 100}; {needed:g} is needed"
                remedy = f'to read "{text[:40]}"; write color: {readable(front, ground, needed)}{place}'
                yield Finding(f"{wrong} {remedy}", look.written or look.ground_written, code="email-contrast")


def _looks(page: Page, mode: Mode) -> Iterator[tuple[Any, _Look]]:
    """Every element with its look, parents first."""
    matched = _matched(page, mode)
    ink, paper = map(parse_color, _PRINTED[mode])
    root = _Look(ink, "", True, paper, "", 16.0, bold=False, opacity=1.0, hidden=False)
    looks: dict[Any, _Look] = {}
    for element in page.elements:
        said = _cascade(element, matched.get(element, []))
        looks[element] = _look(element, said, looks.get(element.getparent(), root), mode)
        yield element, looks[element]


def _matched(page: Page, mode: Mode) -> dict[Any, _Matches]:
    """What the rules in the head set for each element in this mode: specificity, place, declaration, for dark mode."""
    found: dict[Any, _Matches] = defaultdict(list)
    for place, rule in enumerate(page.rules):
        wanted = [one for one in rule.declarations if one.name in _READ]
        if not wanted or not applies(rule, mode):
            continue
        for selector in rule.selectors:
            for weight, elements in page.select(selector):
                for element in elements:
                    found[element] += ((weight, place, one, "dark" in rule.at_rules) for one in wanted)
    return found


def applies(rule: css.Rule, mode: Mode) -> bool:
    """Whether a rule applies on a wide screen in this mode."""
    asked = re.findall(r"prefers-color-scheme\s*:\s*([a-z]+)", rule.at_rules)
    return all(one == mode for one in asked) and not _OTHER_MEDIA.search(rule.at_rules)


def _cascade(element: Any, matches: _Matches) -> _Saying:
    """The winning value of each property."""
    said: _Saying = {}
    for name, attribute in (("color", "color" if element.tag == "font" else "text"), ("background-color", "bgcolor")):
        if value := element.get(attribute):
            bare = re.fullmatch(r"[0-9a-fA-F]{6}", value)  # HTML accepts digits without #
            said[name] = _Said(parse_one_component_value(f"#{value}" if bare else value[:_LONGEST]), dark=False)
    inline = [one for one in css.declarations(element.get("style", "")) if one.name in _READ]
    ranked = [((one.important, _INLINE, place), one, False) for place, one in enumerate(inline)]
    ranked += [((one.important, weight, place), one, dark) for weight, place, one, dark in matches]
    for _, one, dark in sorted(ranked, key=lambda rank: rank[0]) if matches else ranked:
        said |= {name: _Said(token, dark) for name, token in _longhands(one)}
    return said


def _longhands(said: css.Declaration) -> Iterator[tuple[str, Any]]:
    """What a declaration sets, each by one token; nothing if no browser would accept it."""
    if said.name == "background":
        yield "background-color", next(filter(_is_color, said.tokens), None)
    elif said.name == "font":
        yield "font-weight", next((token for token in said.tokens if _is_bold(token)), None)
        yield from [("font-size", token) for token in said.tokens if token.type in ("dimension", "percentage")][:1]
    elif len(said.tokens) == 1 and ("color" not in said.name or _is_color(said.tokens[0])):
        yield said.name, said.tokens[0]


def _is_color(token: Any) -> bool:
    if token.type == "function":  # some are not a colour yet for the parser
        return not token.lower_name.endswith(("gradient", "url"))
    return parse_color(token) is not None or _name(token) in _KEPT


def _is_bold(token: Any) -> bool:
    return _name(token) in ("bold", "bolder") or (token.type == "number" and token.value >= 700)  # noqa: PLR2004


def _name(token: Any) -> str:
    return token.lower_value if token is not None and token.type == "ident" else ""


def _number(token: Any, otherwise: float) -> float:
    """A number, or a percentage of one."""
    if token is None or token.type not in ("number", "percentage", "dimension"):
        return otherwise
    return float(token.value) / (100 if token.type == "percentage" else 1)


def _look(element: Any, said: _Saying, above: _Look, mode: Mode) -> _Look:
    ink, written, dark = above.ink, above.written, above.dark
    if (front := said.get("color", _UNSAID)).token is None and element.tag == "a" and element.get("href"):
        ink, written, dark = _LINK if mode == "light" else None, "", True
    elif front.token is not None and _name(front.token) not in _KEPT:
        ink, written, dark = _rgba(front.token), front.token.serialize(), front.dark
    ground, ground_written = above.ground, above.ground_written
    if (back := said.get("background-color", _UNSAID).token) is not None and _name(back) not in _KEPT:
        own = _rgba(back)
        ground = _over(own, ground) if own and ground else own if own and own.alpha == 1 else None
        ground_written = back.serialize()
    size = _size(said.get("font-size", _UNSAID).token, element.tag, above.size)
    bold = _is_bold(said["font-weight"].token) if "font-weight" in said else above.bold or element.tag in _BOLD
    opacity = above.opacity * min(max(_number(said.get("opacity", _UNSAID).token, 1), 0), 1)
    hidden = above.hidden or element.get("hidden") is not None or opacity <= 0 or size <= 1 or _is_hidden(said)
    return _Look(ink, written, dark, ground, ground_written, size, bold, opacity, hidden)


def _is_hidden(said: _Saying) -> bool:
    """Whether an element is hidden, by the usual ways to hide a preheader."""
    display, visibility, overflow = (
        _name(said.get(name, _UNSAID).token) for name in ("display", "visibility", "overflow")
    )
    no_height = _number(said.get("max-height", _UNSAID).token, 1) == 0
    return display == "none" or visibility in ("hidden", "collapse") or (overflow == "hidden" and no_height)


def _size(token: Any, tag: str, above: float) -> float:
    """A font size in px."""
    if token is None:
        return above * _OWN_SIZES.get(tag, 1)
    unit = _UNITS.get(token.lower_unit, above) if token.type == "dimension" else above
    return min(unit * _number(token, 1), 1e6)


def _rgba(token: Any) -> RGBA | None:
    found = parse_color(token)
    return RGBA(*(min(max(part, 0.0), 1.0) for part in found)) if isinstance(found, RGBA) else None


def _over(color: RGBA, ground: RGBA) -> RGBA:
    """The colour that is seen when one colour lies on an opaque background."""
    mixed = (color.alpha * mine + (1 - color.alpha) * its for mine, its in zip(color[:3], ground[:3], strict=True))
    return RGBA(*mixed, 1.0)


def _hex(color: RGBA) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in color[:3])


def twins(page: Page) -> Iterator[Finding]:
    """A finding for each dark mode colour without a counterpart for Outlook.com, which needs [data-ogsc]."""
    own: dict[tuple[str, str], str] = {}
    for rule in page.rules:
        for selector in rule.selectors:
            plain, marks = re.subn(r"\[data-ogs[bc]\]\s*", "", selector, flags=re.IGNORECASE)
            for one in rule.declarations if marks else ():
                if "ogsc" in selector.lower() or one.name.startswith("background"):
                    own[plain, one.name] = one.value.lower()
    missing = [
        (one, selector, own.get((selector, one.name), ""))
        for rule in page.rules
        if "dark" in rule.at_rules and applies(rule, "dark")
        for one in rule.declarations
        if one.name != "color-scheme" and ("color" in one.name or one.name == "background")
        for selector in rule.selectors
        if own.get((selector, one.name)) != one.value.lower()
    ]
    for one, selector, twin in missing if own else missing[:1]:
        mark = "ogsb" if one.name.startswith("background") else "ogsc"
        wanted = f"[data-{mark}] {selector} {{ {one.name}: {one.value} !important }}"
        rest = f" instead of {twin}" if twin else "" if own else ", and the same for every rule for dark mode"
        yield Finding(
            f"this dark mode colour is missing for Outlook.com; write {wanted}{rest}",
            f"{one.name}: {one.value}",
            code="email-dark-mode",
        )
