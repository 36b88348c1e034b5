r"""Commands that a post defines for its formulas: `\newcommand{\R}{\mathbb{R}}`, and then `\R` in all that follow.

As in MathJax a definition counts from where it stands to the end of the post, in whatever formula it is. Commands are
replaced by tokens, as TeX does it. What grows beyond all use (`\def\a{\a\a}`) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from feeds.markup.math import Refused
from feeds.records import record
from feeds.text import expression

_TOKEN = expression(r"\\(?:[A-Za-z@]+|.)|.", re.DOTALL)
_DEFINITIONS = frozenset(
    r"""
    \newcommand \renewcommand \providecommand \def \gdef \edef \xdef \let \DeclareMathOperator \DeclarePairedDelimiter
    \require \definecolor
    """.split()  # noqa: SIM905
)
_MAY_DEFINE = expression(r"\\(?:[a-z]*command|[gex]?def|let|require|Declare[A-Z])")
_LONGEST = 20_000
"""Tokens that the commands of one formula may become."""
_ROOM = 1_000_000
"""Tokens that the commands of all formulas of a post may become."""
_STEPS = 5_000
"""Commands that are replaced in one formula, those included that become nothing."""
_ONE = r"""
    sqrt hat check tilde acute grave dot ddot breve bar vec mathring widehat widetilde overline underline overbrace
    underbrace overrightarrow overleftarrow mathrm mathbf mathit mathsf mathtt mathcal mathscr mathbb mathfrak
    boldsymbol bm pmb operatorname text textbf textit textrm mbox mathop mathbin mathrel mathord mathopen mathclose
    mathinner boxed cancel bcancel xcancel phantom hphantom vphantom substack xrightarrow xleftarrow tag pmod
"""
_TWO = "frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel textcolor"
_TAKES = {**dict.fromkeys("^_", 1), **{f"\\{name}": 1 for name in _ONE.split()}}
_TAKES |= {f"\\{name}": 2 for name in _TWO.split()}
r"""How many arguments LaTeX's own commands take: in `\frac\a\b` each is all that `\a` stands for."""

Tokens = tuple[str, ...]


@record()
class Macro:
    r"""What a command stands for: tokens in which `#1` is the first argument.

    `default` is the first argument if it is not given in brackets. `final`: the tokens are LaTeX's own, whatever else
    they may mean by now, as after `\let`.
    """

    body: Tokens
    arguments: int = 0
    default: Tokens | None = None
    final: bool = False


@dataclass(slots=True)
class Macros:
    """The commands that a post has defined so far, and how many tokens they may still become."""

    known: dict[str, Macro] = field(default_factory=dict)
    room: int = _ROOM


def may_define(text: str) -> bool:
    """Whether a formula of this text may define a command."""
    return bool(_MAY_DEFINE.search(text))


def expand(tex: str, macros: Macros) -> str:  # scanner
    """A formula without its definitions, which `macros` takes, and with what its commands stand for in their place.

    Raises `Refused`.
    """
    commands = re.findall(r"\\(?:[A-Za-z@]+|.)", tex, re.DOTALL)
    if _DEFINITIONS.isdisjoint(commands) and macros.known.keys().isdisjoint(commands):
        return tex
    return _Reader(tex, macros).run()


class _Reader:
    """Goes through the tokens of one formula from left to right, the next one being the last of `_rest`."""

    def __init__(self, tex: str, macros: Macros) -> None:
        self._macros = macros
        self._rest = _TOKEN.findall(tex)[::-1]
        self._out: list[str] = []
        self._room, self._steps = min(_LONGEST, macros.room), 0
        self._wanted = [0]
        """Arguments that the last command waits for, in each open group."""

    def run(self) -> str:
        while self._rest:
            sign = self._rest.pop()
            if sign in _DEFINITIONS:
                self._define(sign)
            elif macro := self._macros.known.get(sign):
                self._replace(macro)
            else:
                self._put(sign)
        return _joined(self._out).strip()

    def _put(self, sign: str) -> None:
        """A sign that stays, counted among the arguments of the command before it."""
        self._out.append(sign)
        wanted = self._wanted
        if sign.isspace():
            return
        if sign in ("}", "]"):
            if len(wanted) > 1 and (sign == "}") == (wanted[-1] >= 0):
                wanted.pop()
            return
        if sign == "[" and wanted[-1] > 0 and _TAKES.get(self._before(), 0):
            wanted.append(-1)  # an option, which is none of them
            return
        if takes := _TAKES.get(sign):
            wanted[-1] = takes
        elif wanted[-1] > 0:
            wanted[-1] -= 1
        if sign == "{":
            wanted.append(0)

    def _before(self) -> str:
        """The sign before the last one."""
        return next((sign for sign in self._out[-2:-4:-1] if not sign.isspace()), "")

    def _replace(self, macro: Macro) -> None:
        arguments = self._arguments(macro)
        shown: list[str] = []
        place = 0
        while place < len(macro.body):
            sign, place = macro.body[place], place + 1
            if sign == "#" and place < len(macro.body):
                sign, place = macro.body[place], place + 1
                number = int(sign) if sign in "123456789" else 0
                shown += arguments[number - 1] if 0 < number <= len(arguments) else ["#"]
            else:
                shown.append(sign)
            if len(shown) > self._room:
                break
        self._steps += 1
        self._room -= len(shown)
        self._macros.room -= len(shown)
        if self._room < 0 or self._steps > _STEPS:
            raise Refused("the commands it defines never come to an end, or make it too long")
        if macro.final:
            for sign in shown:
                self._put(sign)
            return
        if self._wanted[-1] > 0:
            shown = ["{", *shown, "}"]
        self._rest += shown[::-1]

    def _arguments(self, macro: Macro) -> list[list[str]]:
        if not macro.arguments:
            return []
        found: list[list[str]] = []
        if macro.default is not None:
            option = self._option()
            found.append([*macro.default] if option is None else option)
        while len(found) < macro.arguments:
            found.append(self._argument())
        return found

    def _argument(self) -> list[str]:
        """The next sign, or the group that it begins, without its braces."""
        self._blank()
        if not self._rest:
            raise Refused("an argument is missing at its end")
        sign = self._rest.pop()
        if sign == "}":
            raise Refused("an argument is missing before `}`")
        return self._until("}") if sign == "{" else [sign]

    def _option(self) -> list[str] | None:
        """What stands in brackets, if that comes next."""
        self._blank()
        if self._rest[-1:] != ["["]:
            return None
        self._rest.pop()
        return self._until("]")

    def _until(self, end: str) -> list[str]:
        found: list[str] = []
        depth = 0
        while self._rest:
            sign = self._rest.pop()
            if sign == end and not depth:
                return found
            depth += {"{": 1, "}": -1}.get(sign, 0)
            found.append(sign)
        raise Refused(f"`{end}` is missing")

    def _blank(self) -> None:
        while self._rest and self._rest[-1].isspace():
            self._rest.pop()

    def _star(self) -> bool:
        self._blank()
        starred = self._rest[-1:] == ["*"]
        if starred:
            self._rest.pop()
        return starred

    def _define(self, command: str) -> None:
        match command:
            case r"\let":
                self._let(command)
            case r"\def" | r"\gdef" | r"\edef" | r"\xdef":
                self._def(command)
            case r"\DeclareMathOperator":
                self._operator(command)
            case r"\DeclarePairedDelimiter":
                self._delimiters(command)
            case r"\require":
                self._argument()  # a package of MathJax
            case r"\definecolor":
                for _ in range(3):
                    self._argument()
            case _:
                self._newcommand(command)

    def _name(self, command: str) -> str:
        """The command that is being defined."""
        name = "".join(self._argument()).strip()
        if not re.fullmatch(r"\\(?:[A-Za-z@]+|[^A-Za-z@])", name, re.DOTALL):
            raise Refused(f"`{command}` must be followed by the command that it defines")
        return name

    def _newcommand(self, command: str) -> None:
        self._star()
        name = self._name(command)
        count = "".join(self._option() or "0").strip()
        if count not in tuple("0123456789"):
            raise Refused(f"`{command}{{{name}}}` takes from 0 to 9 arguments")
        default = self._option() if count != "0" else None
        body = tuple(self._argument())
        if command != r"\providecommand" or name not in self._macros.known:
            self._know(name, Macro(body, int(count), None if default is None else tuple(default)))

    def _def(self, command: str) -> None:
        name, parameters = self._name(command), ""
        while self._rest and self._rest[-1] != "{":
            parameters += self._rest.pop()
            if len(parameters) > 2 * 9:
                break
        count = parameters.count("#")
        if parameters.strip() != "".join(f"#{number}" for number in range(1, count + 1)):
            raise Refused(f"`{command}{name}` must be followed by `#1` and so on, and by what it means in braces")
        self._know(name, Macro(tuple(self._argument()), count))

    def _let(self, command: str) -> None:
        name = self._name(command)
        self._blank()
        if self._rest[-1:] == ["="]:
            self._rest.pop()
        self._blank()
        if not self._rest:
            raise Refused(f"`{command}{name}` must be followed by another command")
        other = self._rest.pop()
        self._know(name, self._macros.known.get(other) or Macro((other,), final=True))

    def _operator(self, command: str) -> None:
        starred = self._star()
        name = self._name(command)
        operator = (r"\operatorname", *("*" * starred), "{", *self._argument(), "}")
        self._know(name, Macro(operator))

    def _delimiters(self, command: str) -> None:
        name, left, right = self._name(command), self._argument(), self._argument()
        self._know(name, Macro((*left, "#", "1", *right), 1))

    def _know(self, name: str, macro: Macro) -> None:
        self._macros.known[name] = macro


def _joined(tokens: list[str]) -> str:
    r"""Tokens as text: the letter after `\alpha` must not become a part of its name."""
    parts: list[str] = []
    named = False
    for sign in tokens:
        if named and (sign[0].isalpha() or sign[0] == "@"):
            parts.append(" ")
        parts.append(sign)
        named = len(sign) > 1 and (sign[1].isalpha() or sign[1] == "@")
    return "".join(parts)
