"""A formula on one line, for emails and plain text: letters, scripts, brackets, and spaces by TeX's classes of signs.

Two forms are written this way (`Form`): HTML with `<sub>`, `<i>` and `<b>`, and plain text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from feeds.markup.math.tree import Node
from feeds.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_RELATIONS = frozenset("=<>≤≥⩽⩾≈≠≡∼~≪≫∈∉∋⊂⊆⊃⊇⊄⊊→←↔⇒⇐⇔⟶⟵⟹⟸⟺⟼↦∝≃≅≜≔∣⊨⊢⊥∥≺≻⪯⪰↑↓≲≳≍≐")
_BINARY = frozenset("+−-±∓×·⋅∗*∘⊕⊖⊗⊙∪∩∧∨∖÷⋆")
_OPENING = frozenset("([{⟨⌈⌊")
_CLOSING = frozenset(")]}⟩⌉⌋!%")
_PUNCTUATION = frozenset(",;:")
_LARGE = frozenset("∑∏∫∬∭∮⋃⋂⨁⨂∐⋁⋀")
_PRIMES = frozenset("′″‴⁗")
_SAME = str.maketrans({"~": "∼", "-": "−", "⋅": "·", "∗": "*", "∣": "|", "¯": "‾"})
_ACCENTS = {
    **dict.fromkeys("^ˆ\u0302", "\u0302"),
    **dict.fromkeys("~˜∼\u0303", "\u0303"),
    **dict.fromkeys("¯‾_―\u0305\u0332", "\u0305"),
    **dict.fromkeys("˙.\u0307", "\u0307"),
    **dict.fromkeys("¨\u0308", "\u0308"),
    **dict.fromkeys("→⃗\u20d7", "\u20d7"),
    **dict.fromkeys("ˇ\u030c", "\u030c"),
    **dict.fromkeys("´\u0301", "\u0301"),
    **dict.fromkeys("`\u0300", "\u0300"),
    **dict.fromkeys("˘\u0306", "\u0306"),
    **dict.fromkeys("˚\u030a", "\u030a"),
}
_BRACES = frozenset("⏞⏟⎴⎵⏜⏝︷︸")
_UNSEEN = ("", "0", "0em", "0.1667em")
"""Widths of spaces that stand for nothing; the last one is not an author's but between signs, as ours are."""


class Lost(Exception):  # not an error: an answer
    """The form cannot express this part."""


@record()
class Form:
    """How a formula is written. `letter` gets the text of an `<mi>` or `<mn>` and whether it stands upright, `script`
    "sub" or "sup" and what stands there. With `exact`, a part that has no form is `Lost`; else the nearest is taken.
    """

    escaped: Callable[[str], str]
    letter: Callable[[str, bool], str]
    script: Callable[[str, str], str]
    rows: str
    exact: bool


@record()
class _Sign:
    """A piece of a formula: `kind` decides what may be next to it; `single` says that it needs no brackets, `loose`
    that a letter right after it would be read with it.
    """

    text: str
    kind: str = "letter"
    single: bool = True
    loose: bool = False


def written(formula: Node, form: Form) -> str:
    """A formula in a form; `Lost` if it has none in it."""
    signs = _signs(formula, form)
    if signs and signs[-1].kind == "binary":  # 2×: to TeX it is no operation, since nothing follows
        signs[-1] = replace(signs[-1], kind="closing")
    return _row(signs, scripted=False).strip()


def _row(signs: Sequence[_Sign], *, scripted: bool) -> str:
    """Signs side by side; a script has spaces only between words."""
    parts: list[str] = []
    before = _Sign("", "")
    for place, sign in enumerate(signs):
        after = signs[place + 1].kind if place + 1 < len(signs) else ""
        text, kind = sign.text, sign.kind
        if kind == "binary" and before.kind in _BEFORE_SIGNS:
            kind = "prefix"
        if kind == "fraction" and (before.kind in _MULTIPLIED or after in _FACTORS):
            text = f"({text})"
        if kind == "space" and before.kind in ("", "prefix", "opening"):
            continue
        if _spaced(before.kind, kind, scripted=scripted) or (before.loose and kind in _FACTORS - {"opening"}):
            parts.append(" ")
        parts.append(text)
        before = sign if kind == sign.kind else replace(sign, kind=kind)
    return re.sub(r" {2,}", " ", "".join(parts))


_BEFORE_SIGNS = frozenset(("", "relation", "binary", "opening", "punctuation", "space", "large"))
"""After these, a plus or minus belongs to what follows."""
_FACTORS = frozenset(("letter", "word", "opening", "large", "fraction"))
_MULTIPLIED = frozenset(("letter", "word", "closing", "fraction"))
"""What multiplies a fraction next to it, so that 1/2 becomes (1/2)."""


def _spaced(before: str, kind: str, *, scripted: bool) -> bool:
    if not before or "space" in (before, kind):
        return False
    if scripted:
        return before == "word" and kind in ("letter", "word")
    if "relation" in (before, kind) or "binary" in (before, kind) or before == "punctuation":
        return kind not in ("closing", "punctuation") and before != "opening"
    if before in ("word", "large"):
        return kind in _FACTORS - {"opening"} or (before == "large" and kind == "opening") or kind == "prefix"
    return kind in ("word", "large") and before in ("letter", "closing", "fraction")


def _signs(node: Node, form: Form) -> list[_Sign]:
    """What an element shows, a row as its pieces."""
    shape = _SHAPES.get(node.tag)
    if shape:
        return list(shape(node, form))
    if form.exact:
        raise Lost
    return list(_children(node, form))


def _children(node: Node, form: Form) -> Iterator[_Sign]:
    signs = [sign for part in node for sign in _signs(part, form)]
    for place in _alone(signs):
        signs[place] = replace(signs[place], kind="relation")
    for place, sign in enumerate(signs):
        defined = sign.text == "=" and place and signs[place - 1].text == ":"
        if sign.text == ":" and [after.text for after in signs[place + 1 : place + 2]] == ["="]:
            continue
        yield replace(sign, text=":=") if defined else sign


def _alone(signs: Sequence[_Sign]) -> Iterator[int]:
    """Where a ‖ stands between two distributions, not around a vector: it is the only one in its brackets."""
    opened: list[list[int]] = [[]]
    for place, sign in enumerate(signs):
        if sign.text.startswith("‖"):
            opened[-1].append(place)
        elif sign.kind == "opening":
            opened.append([])
        elif sign.kind == "closing" and len(opened) > 1:
            inner = opened.pop()
            yield from inner if len(inner) == 1 and 0 < inner[0] < len(signs) - 1 else ()
    yield from (inner[0] for inner in opened if len(inner) == 1 and 0 < inner[0] < len(signs) - 1)


def _token(node: Node, form: Form) -> Iterator[_Sign]:
    text = " ".join(node.text.split())
    if not text:
        return
    shown = text.translate(_SAME)
    kind = _KINDS.get(text, "")
    if kind == "punctuation" and node.get("rspace") == "0":
        kind = "letter"  # 1{,}000: braces remove the space
    if text == "|" and node.get("lspace").strip("0") and node.get("rspace").strip("0"):
        kind = "relation"
    if kind and node.tag != "mi":
        yield _Sign(form.escaped(shown), kind)
    elif node.tag == "mo":
        yield _Sign(form.escaped(shown), "word" if text.isalpha() and len(text) > 1 else "letter")
    else:
        upright = node.get("mathvariant") == "normal" or node.tag == "mn"
        word = len(text) > 1 and node.tag == "mi" and text.replace(" ", "").isalpha()
        yield _Sign(form.letter(shown, upright), "punctuation" if text == ":" else "word" if word else "letter")


_KINDS = {
    **dict.fromkeys(_RELATIONS, "relation"),
    **dict.fromkeys(_BINARY, "binary"),
    **dict.fromkeys(_OPENING, "opening"),
    **dict.fromkeys(_CLOSING, "closing"),
    **dict.fromkeys(_PUNCTUATION, "punctuation"),
    **dict.fromkeys(_LARGE, "large"),
}


def _words(node: Node, form: Form) -> Iterator[_Sign]:
    text = re.sub(r"[ \t\n\r\u00a0]+", " ", node.text + "".join(child.text for child in node))
    said = text.strip(" ")
    if text[:1] == " ":
        yield _Sign(" ", "space")
    if said:
        shown = form.escaped(said)
        if form.exact and node and node[0].tag in ("b", "i"):
            shown = f"<{node[0].tag}>{shown}</{node[0].tag}>"
        yield _Sign(shown, "word" if said[0].isalnum() else "letter")
        if text[-1] == " ":
            yield _Sign(" ", "space")


def _space(node: Node, _: Form) -> Iterator[_Sign]:
    width = node.get("width")
    if width not in _UNSEEN and width[0] != "-":
        yield _Sign(" ", "space")


def _scripts(node: Node, form: Form) -> Iterator[_Sign]:
    base, *scripts = node
    if form.exact and _braced(node):
        raise Lost
    signs = _signs(base, form)
    signs = _grouped(signs, always=base.tag == "msqrt" or (_braced(base) and len(signs) > 1))
    last = signs[-1] if signs else _Sign("")
    shown = last
    for name, script in zip(_NAMES[node.tag], scripts, strict=True):
        if script.text not in _BRACES or not script.text:
            shown = _scripted(shown, name, _row(_signs(script, form), scripted=True).strip(), form)
    yield from signs[:-1]
    yield replace(shown, kind="letter" if last.kind in ("opening", "binary") else last.kind)


def _braced(node: Node) -> bool:
    """Whether a brace above or below says how far it goes."""
    return any(part.text in _BRACES for part in node if part.text)


def _grouped(signs: list[_Sign], *, always: bool) -> list[_Sign]:
    """What a script belongs to, in brackets if that would not be clear."""
    if always or (signs and signs[-1].kind == "fraction"):
        return [_Sign(f"({_row(signs, scripted=False)})")]
    return signs


def _scripted(sign: _Sign, place: str, inner: str, form: Form) -> _Sign:
    if not inner:
        return sign
    if place == "sup" and set(inner) <= _PRIMES:
        return replace(sign, text=sign.text + inner)
    script = form.script(place, inner)
    return replace(sign, text=sign.text + script, loose=script[0] in "_^" and script[-1] != ")")


def _around(node: Node, form: Form) -> Iterator[_Sign]:
    """Scripts on both sides."""
    places = [part.tag for part in node]
    middle = places.index("mprescripts") if "mprescripts" in places else len(node)
    before, after = _Sign(""), _grouped(_signs(node[0], form), always=False)
    for sides, nodes in (("before", node[middle + 1 :]), ("after", node[1:middle])):
        for place, part in enumerate(nodes):
            inner = _row(_signs(part, form), scripted=True).strip()
            name = ("sub", "sup")[place % 2]
            if sides == "before":
                before = _scripted(before, name, inner, form)
            else:
                after = [*after[:-1], _scripted(after[-1] if after else _Sign(""), name, inner, form)]
    first = after[0] if after else _Sign("")
    yield replace(first, text=before.text + first.text)
    yield from after[1:]


def _over(node: Node, form: Form) -> Iterator[_Sign]:
    """A sign above a letter is an accent, otherwise a script."""
    base, sign = node
    mark = _ACCENTS.get(sign.text.strip()) if sign.tag == "mo" and not sign else None
    if mark is None or (node.tag == "munder" and mark != "\u0305"):
        yield from _scripts(node, form)
        return
    while base.tag == "mrow" and len(base) == 1:
        base = base[0]
    if base.tag in ("msub", "msup", "msubsup"):  # the mark belongs to the letter
        over = Node.of(node.start, [base[0], sign])
        yield from _scripts(Node.of(base.start, [over, *base[1:]]), form)
        return
    if node.tag == "munder":
        mark = "\u0332"
    letters = _row(_signs(base, form), scripted=True)
    if form.exact and not re.sub(r"<[^<>]*>", "", letters).isalnum():
        raise Lost
    tags = r"<[^<>]*+>|(\w)" if form.exact else r"(\w)"
    yield _Sign(re.sub(tags, lambda found: found[0] + (mark if found[1] else ""), letters))


def _fraction(node: Node, form: Form) -> Iterator[_Sign]:
    over, under = (_signs(part, form) for part in node)
    if node.get("linethickness") == "0":
        if form.exact:
            raise Lost
        yield _Sign(f"{_row(over, scripted=False)} choose {_row(under, scripted=False)}", single=False)
    else:
        yield _Sign(f"{_operand(over, product=True)}/{_operand(under, product=False)}", "fraction", single=False)


def _operand(signs: Sequence[_Sign], *, product: bool) -> str:
    """One side of a fraction, in brackets where it would be misread without them: (a + b)/c, a/(bc)."""
    text = _row(signs, scripted=False).strip()
    kinds = [sign.kind for sign in signs]
    safe = {"letter", "word", "opening", "closing"} if product else {"letter"}
    alone = len(signs) == 1 and signs[0].single and kinds[0] in ("letter", "word")
    small = len(signs) == 2 and signs[0].text in ("∂", "∇", "<i>d</i>", "d", "−")  # noqa: PLR2004
    inner = {kind for level, kind in _levels(kinds) if level == 0}
    call = not product and kinds[:1] == ["letter"] and kinds[1:2] == ["opening"] and len(_outside(kinds)) == 1
    return text if alone or small or call or (product and inner <= safe and bool(kinds)) else f"({text})"


def _levels(kinds: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each kind with the number of brackets around it."""
    level = 0
    for kind in kinds:
        level -= kind == "closing"
        yield max(level, 0), kind
        level += kind == "opening"


def _outside(kinds: Sequence[str]) -> list[str]:
    return [kind for level, kind in _levels(kinds) if level == 0 and kind not in ("opening", "closing")]


def _root(node: Node, form: Form) -> Iterator[_Sign]:
    base = node[:1] if node.tag == "mroot" else node
    signs = [sign for part in base for sign in _signs(part, form)]
    degree = _row(_signs(node[1], form), scripted=True) if node.tag == "mroot" else ""
    text = _row(signs, scripted=False).strip()
    alone = len(signs) == 1 and signs[0].single
    before = form.script("sup", degree) if degree else ""
    yield _Sign(f"{before}√{text if alone else f'({text})'}")


def _table(node: Node, form: Form) -> Iterator[_Sign]:
    lines = []
    for row in node:
        line, before = "", ""
        for cell in row:
            signs = _signs(cell, form)
            shown = _row(signs, scripted=False).strip()
            if not shown:
                continue
            goes_on = {before, signs[0].kind} & {"relation", "binary"}
            line += (" " if goes_on or not line else ", ") + shown
            before = signs[-1].kind
        lines.append(line.strip())
    yield _Sign(form.rows.join(line for line in lines if line), single=False)


def _enclosed(node: Node, form: Form) -> Iterator[_Sign]:
    if form.exact and node.get("notation") != "box":  # a frame is decoration, a stroke is not
        raise Lost
    yield from _children(node, form)


def _nothing(_: Node, __: Form) -> Iterator[_Sign]:
    yield from ()


_NAMES = {
    "msub": ("sub",),
    "munder": ("sub",),
    "msup": ("sup",),
    "mover": ("sup",),
    "msubsup": ("sub", "sup"),
    "munderover": ("sub", "sup"),
}
_SHAPES: Mapping[str, Callable[[Node, Form], Iterator[_Sign]]] = {
    **dict.fromkeys(("math", "mrow", "mstyle", "mpadded", "mtd"), _children),
    **dict.fromkeys(("mi", "mo", "mn"), _token),
    **dict.fromkeys(("mtext", "ms"), _words),
    **dict.fromkeys(("msub", "msup", "msubsup", "munderover"), _scripts),
    **dict.fromkeys(("mover", "munder"), _over),
    **dict.fromkeys(("msqrt", "mroot"), _root),
    **dict.fromkeys(("mphantom", "none"), _nothing),
    "mmultiscripts": _around,
    "menclose": _enclosed,
    "mfrac": _fraction,
    "mspace": _space,
    "mtable": _table,
}
