"""Hostile inputs: texts that keep a regular expression busy, made from the expression itself, and how time grows with
their length.
"""

from __future__ import annotations

import ast
import builtins
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

_parser, _compiler, _op = (import_module(f"re.{name}") for name in ("_parser", "_compiler", "_constants"))

RATIO = 3.0
"""Twice the text may take this many times as long: twice is what is wanted, four times is the square."""

_TIMES = 5
_LONG = 0.03
"""Seconds. What still grows too fast when it takes this long does so for good, and not up to some limit of its own."""
_STEPS = 8
"""From n to 2n: what doubles with every sign is not to be waited for."""


# Time


def seconds(work: Callable[[Any], object], text: str | bytes, times: int = 1) -> float:
    """Of the processor, the fewest of several tries."""
    fewest = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work(text)
        fewest = min(fewest, time.process_time() - begun)
    return fewest


def growth(
    work: Callable[[Any], object], make: Callable[[int], str | bytes], sizes: Iterable[int], matters: float
) -> float:
    """How many times as long twice the text takes, from the first of these sizes that takes longer than `matters`; 0.0
    when none does.

    More than `RATIO` must come out again, where the text takes long. Sizes must rise slowly.
    """
    size = next((size for size in sizes if seconds(work, make(size)) > matters), 0)
    if not size or (ratio := _doubled(work, make, size)) <= RATIO:
        return ratio if size else 0.0
    while seconds(work, make(size)) < _LONG:
        size += max(size // _STEPS, 1)
    return min(_doubled(work, make, size) for _ in range(2))


def _doubled(work: Callable[[Any], object], make: Callable[[int], str | bytes], size: int) -> float:
    """The ratio at this size, or at a smaller step when that is too much already."""
    once, ratio = seconds(work, make(size), _TIMES), 0.0
    for part in range(max(size // _STEPS, 1), size + 1, max(size // _STEPS, 1)):
        if (ratio := seconds(work, make(size + part)) / once) > RATIO:
            ratio = seconds(work, make(size + part), _TIMES) / once if ratio < 2 * RATIO else ratio
        if ratio > RATIO:
            return ratio
    return seconds(work, make(2 * size), _TIMES) / once


# Expressions in the source


class Expression(NamedTuple):
    """A regular expression and a way it is used: "match", "fullmatch", or "search", which goes through a whole text.

    `open`: what it is made of is known only while the program runs, and nobody said what that may be.
    """

    where: str
    pattern: str | bytes
    flags: int
    use: str
    open: bool = False

    @property
    def work(self) -> Callable[[Any], object]:
        """A function that uses it on a text."""
        compiled: Any = re.compile(self.pattern, self.flags)
        if self.use == "search":
            return lambda text: sum(1 for _ in compiled.finditer(text))
        found: Callable[[Any], object] = getattr(compiled, self.use)
        return found


Wrapper = Mapping[int, Callable[[str], Iterable[tuple[str, int]]]]
"""Which arguments of a function are patterns, and what expressions become of each, with their flags."""

_COMPILED = ("compile", "expression", "bytes_expression")
_USES = {
    **dict.fromkeys(("search", "sub", "subn", "split", "findall", "finditer"), "search"),
    **{name: name for name in ("match", "fullmatch")},
}
_FLAGS = {**dict.fromkeys(_COMPILED, 1), **dict.fromkeys(_USES, 2), "split": 3, "sub": 4, "subn": 4}
"""Which argument of a call the flags are."""


class _Unknown(str):
    """The value of a name that exists only while a function runs: a letter, whatever is asked of it."""

    __slots__ = ()

    def __getattr__(self, name: str) -> _Unknown:
        return self

    def __call__(self, *_: object) -> _Unknown:
        return self


class _Names(dict[str, Any]):
    """The names of a function: those that are given, what it assigns as far as that can be told, or a letter."""

    def __init__(self, given: Mapping[str, Any], module: Mapping[str, Any], function: ast.AST) -> None:
        super().__init__(given)
        self.module, self.unknown = module, False
        self.assigned = {
            node.targets[0].id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }

    def __missing__(self, name: str) -> Any:
        if name in self.module or hasattr(builtins, name):
            raise KeyError(name)
        if value := self.assigned.pop(name, None):
            return self.value(value)
        self.unknown = True
        return _Unknown("x")

    def value(self, node: ast.expr) -> Any:
        """What an expression of Python is worth."""
        code = compile(ast.Expression(node), "<pattern>", "eval")
        try:
            return eval(code, {**self.module, **self}, self)
        except NameError:  # inside a generator
            return self["nobody knows"]


def expressions(
    package: Path, wrappers: Mapping[str, Wrapper], given: Mapping[str, list[dict[str, Any]]]
) -> Iterator[Expression]:
    """Every regular expression in the modules of a package, in every way it is used.

    `given` are names that exist only while a function runs: by file, as many sets of them as are to be tried.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))}
    uses = _Uses(trees)
    for path, tree in trees.items():
        file = path.relative_to(package).as_posix()
        inside = {id(node): function for function in _functions(tree) for node in ast.walk(function)}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            name = _name(call, wrappers)
            if not name or isinstance(call.args[0], ast.Starred):  # a wrapper itself
                continue
            module = vars(import_module(".".join(path.relative_to(package.parent).with_suffix("").parts)))
            for known in given.get(file, [{}]):
                names = _Names(known, module, inside.get(id(call), ast.Pass()))
                for pattern, flags, is_open in _patterns(call, name, names, wrappers.get(name)):
                    for use in uses.of(path, call, name):
                        yield Expression(f"{file}:{call.lineno}", pattern, flags, use, is_open)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        yield from (part for part in (node, *getattr(node, "body", ())) if isinstance(part, ast.FunctionDef))


def _name(call: ast.Call, wrappers: Mapping[str, Wrapper]) -> str:
    """The name of a function that takes a pattern, "" for any other."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    of_re = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "re"
    return name if name in wrappers or name in _COMPILED[1:] or (of_re and name in _FLAGS) else ""


def _patterns(
    call: ast.Call, name: str, names: _Names, wrapper: Wrapper | None
) -> Iterator[tuple[str | bytes, int, bool]]:
    """The patterns of a call, their flags, and whether they are open."""
    flags = 0
    if not wrapper:
        place = _FLAGS[name]
        said = [word.value for word in call.keywords if word.arg == "flags"] or call.args[place : place + 1]
        flags = int(names.value(said[0])) if said else 0
    for place in wrapper or (0,):
        node, names.unknown = call.args[place], False
        pattern = names.value(node)
        filled = isinstance(node, ast.JoinedStr) or ast.unparse(node).startswith("re.escape(")
        for whole, own in wrapper[place](pattern) if wrapper else ((pattern, flags),):
            yield whole, own, names.unknown and not filled


class _Uses:
    """How compiled expressions are used, by the names they are stored under."""

    def __init__(self, trees: Mapping[Path, ast.Module]) -> None:
        self._stored: dict[int, str] = {}
        self._found: dict[tuple[Path | None, str], set[str]] = defaultdict(set)
        for path, tree in trees.items():
            own = dict(_stored(tree))
            self._stored |= own
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and node.attr in _USES:
                    name = getattr(node.value, "id", getattr(node.value, "attr", ""))
                    self._found[path if name in own.values() else None, name].add(_USES[node.attr])

    def of(self, path: Path, call: ast.Call, function: str) -> list[str]:
        """How what a call makes is used: in its own module, and wherever its name comes from elsewhere."""
        name = self._stored.get(id(call), "")
        return (
            [_USES[function]]
            if function in _USES
            else sorted(self._found[path, name] | (self._found[None, name] if name else set()) or {"search"})
        )


def _stored(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The calls whose values get names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                several = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                places = target.elts if isinstance(target, ast.Tuple) and several else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) and several else [node.value]
                for place, value in zip(places, values, strict=True):
                    yield id(value), getattr(place, "id", getattr(place, "attr", ""))


# Hostile inputs


class Input(NamedTuple):
    """A text of any length: what comes first, what comes again and again, and what comes last."""

    before: str
    pump: str
    after: str

    def make(self, times: int) -> str:
        """The text with so many pumps."""
        return self.before + self.pump * times + self.after


_USUAL = "a0 \n\t-_.:,;<>\"'`/\\=[](){}#%&*+!?@$^|~AzZ9é中\u2028\u00a0\u2060\x00\x7f\u0300。\ue000"
_REPEATS = (_op.MAX_REPEAT, _op.MIN_REPEAT, _op.POSSESSIVE_REPEAT)
_SIGNS = (_op.LITERAL, _op.NOT_LITERAL, _op.IN, _op.ANY)
_MANY = 50
"""Repeats of so many count as without end."""
_ROW = 3
_BEFORES, _PUMPS, _PAIRS = 12, 40, 60
"""How many of each are tried."""


def _parts(node: tuple[Any, Any]) -> list[Any]:
    """The sequences inside a node of a parsed expression."""
    kind, value = node
    if kind in _REPEATS:
        return [value[2]]
    if kind is _op.SUBPATTERN:
        return [value[3]]
    if kind is _op.BRANCH:
        return list(value[1])
    if kind in (_op.ASSERT, _op.ASSERT_NOT):
        return [value[1]]
    return [value] if kind is _op.ATOMIC_GROUP else []


def _nodes(sequence: Any) -> Iterator[tuple[Any, Any]]:
    for node in sequence:
        yield node
        for part in _parts(node):
            yield from _nodes(part)


class Hostile:
    """Makes inputs for one expression.

    Pumps are signs of each kind that the expression tells apart, texts that match one to three of its parts in a row,
    and pairs of signs. Before them stands what leads the expression to one of its parts, behind them what it may not
    expect.
    """

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._encoding = "latin-1" if isinstance(pattern, bytes) else ""
        self._tree = _parser.parse(pattern, flags)
        self._flags = self._tree.state.flags & ~re.DEBUG
        signs = [node for node in _nodes(self._tree) if node[0] in _SIGNS]
        self._kinds = {repr(node): self._kind(node) for node in signs}
        chars = dict.fromkeys([*_USUAL, *(char for node in signs for char in _named(node))])
        self._chars = [char for char in chars if not self._encoding or char < "\u0100"]
        self._befores: dict[str, None] = {"": None}
        self._rows: dict[int, dict[str, None]] = {length: {} for length in range(1, _ROW + 1)}

    @property
    def endless(self) -> bool:
        """Whether the expression repeats anything without end: no other can take long."""
        return any(kind in _REPEATS and value[1] > _MANY for kind, value in _nodes(self._tree))

    def __iter__(self) -> Iterator[Input]:
        told_apart = [*{self._fits(char): char for char in reversed(self._chars)}.values()][::-1]
        least = min(told_apart, key=lambda char: sum(self._fits(char)))
        self._walk(self._tree, "", "")
        afters = [*dict.fromkeys(["", least, " b", "\n"])]
        befores = _spread(self._befores, _BEFORES)
        rows = [row for length in self._rows for row in self._rows[length]]
        pairs = [one + other for one in told_apart for other in told_apart if one != other]
        for pump in dict.fromkeys([*told_apart, *_spread(filter(None, rows), _PUMPS)]):
            yield from (Input(before, pump, after) for before in befores for after in afters)
        for pump in _spread(pairs, _PAIRS):
            yield from (Input(before, pump, after) for before in befores[:3] for after in afters[:2])

    def encoded(self, text: str) -> str | bytes:
        """A text as the expression takes it."""
        return text.encode(self._encoding) if self._encoding else text

    def _kind(self, node: tuple[Any, Any]) -> Any:
        """An expression for one sign."""
        return _compiler.compile(_parser.SubPattern(self._tree.state, [node]), self._flags)

    def _fits(self, char: str) -> tuple[bool, ...]:
        """Which of the kinds of signs in the expression a character is."""
        return tuple(bool(kind.fullmatch(self.encoded(char))) for kind in self._kinds.values())

    def _walk(self, sequence: Any, least: str, most: str) -> None:
        """Collect what leads to each part of a sequence, and what matches a few in a row."""
        items = _items(sequence)
        samples = [self._sample(item, most=True) for item in items]
        for place, item in enumerate(items):
            self._befores |= dict.fromkeys((least, most))
            for length, rows in self._rows.items():
                rows["".join(samples[place : place + length])] = None
            for part in _parts(item[0]):
                self._walk(part, least, most)
            least, most = least + self._sample(item, most=False), most + samples[place]
        self._befores |= dict.fromkeys((least, most))

    def _sample(self, sequence: Any, *, most: bool) -> str:
        """A text that matches, with nothing or something in the place of what may be missing."""
        text, groups = "", dict[int, str]()
        for kind, value in sequence:
            if kind in _SIGNS:
                fitting = self._kinds[repr((kind, value))]
                text += next((char for char in self._chars if fitting.fullmatch(self.encoded(char))), "")
            elif kind in _REPEATS:
                text += self._sample(value[2], most=most) * max(value[0], int(most))
            elif kind is _op.GROUPREF:
                text += groups.get(value, "")
            elif kind not in (_op.ASSERT, _op.ASSERT_NOT):
                for part in _parts((kind, value))[:1]:
                    groups[value[0] if kind is _op.SUBPATTERN else 0] = found = self._sample(part, most=most)
                    text += found
        return text


def _named(node: tuple[Any, Any]) -> Iterator[str]:
    """The characters that a sign of an expression names."""
    kind, value = node
    if kind in (_op.LITERAL, _op.NOT_LITERAL):
        yield chr(value)
    elif kind is _op.IN:
        for inner, number in value:
            yield from map(chr, number if inner is _op.RANGE else [number] if inner is _op.LITERAL else [])


def _items(sequence: Any) -> list[list[tuple[Any, Any]]]:
    """A sequence in its parts, letters that follow each other in one."""
    items: list[list[tuple[Any, Any]]] = []
    for node in sequence:
        if node[0] is _op.LITERAL and items and items[-1][-1][0] is _op.LITERAL:
            items[-1].append(node)
        elif node[0] not in (_op.AT, _op.ASSERT_NOT):
            items.append([node])
    return items


def _spread(found: Iterable[str], most: int) -> list[str]:
    """Up to so many of them, from the first to the last."""
    every = [*found]
    return every if len(every) <= most else [every[place * len(every) // most] for place in range(most)]
