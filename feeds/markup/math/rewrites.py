r"""What math-core does not know, or takes for something else, in LaTeX that it knows.

Authors write what MathJax and KaTeX show. Each table has its reason; what needs more than a table is in `latex.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.text import expression

if TYPE_CHECKING:
    from collections.abc import Iterator


def _rows(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a rows `names -> new`, one for each name."""
    for row in text.strip().splitlines():
        names, _, new = row.partition("->")
        for name in names.split():
            yield name, new.strip()


def _names(text: str, form: str = "%s") -> list[str]:
    return [form % name for name in text.split()]


RENAMED = dict(
    _rows(r"""
    \pmb -> \boldsymbol
    \centerdot \sdot -> \cdot
    \dotsb \dotsm \dotsi -> \cdots
    \dotsc \dotso \dotsx \mathellipsis \hdots -> \ldots
    \enskip -> \enspace
    \hspace* -> \hspace
    \smallint -> \int
    \mathds \mathbbm -> \mathbb
    \mathsfit -> \mathsf
    \mathpzc -> \mathscr
    \nshortmid -> \nmid
    \nshortparallel -> \nparallel
    \shortmid -> \mid
    \shortparallel -> \parallel
    \ordinarycolon -> \colon
    \overlinesegment -> \overline
    \underlinesegment \underbar -> \underline
    \smallfrown -> \frown
    \smallsmile -> \smile
    \smallsetminus -> \setminus
    \thickapprox -> \approx
    \thicksim -> \sim
    \varpropto -> \propto
    \varvdots -> \vdots
    \xleftequilibrium -> \xleftrightharpoons
    \xrightequilibrium -> \xrightleftharpoons
    \xrightleftarrows -> \xtofrom
    \eqno \leqno -> \qquad
    \sout -> \cancel
    """)
)
"""Commands by the name that math-core has for them, or for what comes nearest."""

WORDS = dict(
    _rows(r"""
    \intop -> \int\limits
    \det -> \operatorname*{det}
    \mapsfrom -> \mathrel{↤}
    \varlimsup -> \mathop{\overline{\mathrm{lim}}}
    \varliminf -> \mathop{\underline{\mathrm{lim}}}
    \varinjlim -> \mathop{\underrightarrow{\mathrm{lim}}}
    \varprojlim -> \mathop{\underleftarrow{\mathrm{lim}}}
    \LaTeX -> \text{LaTeX}
    \TeX -> \text{TeX}
    \KaTeX -> \text{KaTeX}
    \copyright \textcopyright -> \text{©}
    \textregistered -> \text{®}
    \AA -> \text{Å}
    \aa -> \text{å}
    """)
)
"""Commands without arguments, by what stands for them."""

ACCENTS = dict(
    _rows(r"""
    \^ -> \hat
    \~ -> \tilde
    \' -> \acute
    \` -> \grave
    \" -> \ddot
    \= -> \bar
    \. -> \dot
    \u -> \breve
    \v -> \check
    \r -> \mathring
    """)
)
"""Accents of text, which KaTeX takes in formulas too."""

_KATEX_COLORS = _names("blue teal green gold red maroon purple mint gray")

SHOWN: dict[str, tuple[int, int]] = {
    # What is only for typesetting, or numbers and labels of a paper.
    **dict.fromkeys(
        _names(r"""\DOTSB \DOTSI \DOTSX \allowbreak \nobreak \goodbreak \noindent \nonumber \notag \strut \null
        \hfill \hfil \tiny \scriptsize \sixptsize \footnotesize \small \normalsize \large \Large \LARGE \huge \Huge
        \bfseries \itshape \blue \red \green \orange \pink \purple \gray"""),
        (0, 0),
    ),
    **dict.fromkeys(
        (
            *_names("kaBlue kaGreen", r"\%s"),
            *(rf"\{color}{shade}" for color in _KATEX_COLORS for shade in "ABCDEFGHI"),
        ),
        (0, 0),
    ),
    **dict.fromkeys((r"\label", r"\vspace", r"\vspace*", r"\require", r"\color"), (1, 0)),
    # How or where an argument is shown, and boxes around it.
    **dict.fromkeys(
        _names(r"""\smash \llap \rlap \clap \mathllap \mathrlap \mathclap \vcenter \mathnormal \reflectbox
        \mathreflectbox \ensuremath \bbox"""),
        (1, 1),
    ),
    # Colours, links and classes are the reader's own.
    **dict.fromkeys(
        _names(r"\textcolor \href \class \cssId \style \htmlClass \htmlId \htmlStyle \htmlData \TextOrMath"),
        (2, 2),
    ),
    # Which of four depends on the size of letters.
    r"\mathchoice": (4, 1),
}
"""Commands that only their argument is shown of: how many they have, and which one; 0 for none."""

TEXT = {
    **{name: name for name in _names(r"\text \textbf \textit \textrm \textsf \texttt \textsc \emph \fbox")},
    **dict.fromkeys(_names(r"\mbox \hbox \textnormal \textup \textmd \textcircled"), r"\text"),
    r"\url": r"\texttt",
}  # fmt: skip
r"""Commands whose argument is text, by the one of math-core."""

IN_TEXT = frozenset(
    _names(r"""\_ \# \$ \% \& \{ \} \, \: \; \> \! \' \` \^ \" \~ \= \. \c \u \v \r \H \quad \enspace \thinspace
    \medspace \thickspace \dots \ldots \dag \ddag \S \P \textbackslash \textasciicircum \textasciitilde \textbar
    \textbardbl \textbraceleft \textbraceright \textdagger \textdaggerdbl \textdegree \textdollar \textellipsis
    \textemdash \textendash \textgreater \textless \textquotedblleft \textquotedblright \textquoteleft
    \textquoteright \textregistered \textsterling \textunderscore \textyen \aa \ae \i \j \l \o \oe \ss \AA \AE \L
    \O \OE \lq \rq \space \nobreakspace \degree \checkmark \yen""")
) | {"\\ "}
"""Commands that math-core knows within text; others become a formula there."""

TEXT_SWITCHES = dict(
    _rows(r"""
    \rm \normalfont \rmfamily -> \text
    \bf \bfseries -> \textbf
    \it \itshape \em \sl -> \textit
    \sf \sffamily -> \textsf
    \tt \ttfamily -> \texttt
    """)
)
"""Switches within text, by the command whose text follows."""
OF_TEXT = dict(
    _rows(r"""
    \qquad -> \quad\quad{}
    \tiny \scriptsize \footnotesize \small \large \Large \LARGE ->
    \displaystyle \textstyle \scriptstyle \scriptscriptstyle \relax \nonumber \notag \negthinspace \newline ->
    \- \/ ->
    """)
)
"""Commands within text, by what stands for them there."""

ENVIRONMENTS = {
    **dict.fromkeys(("split", "alignedat", "alignat", "alignat*", "xalignat", "xalignat*"), "aligned"),
    **dict.fromkeys(("flalign", "flalign*", "align"), "align*"),
    **dict.fromkeys(("eqnarray", "eqnarray*", "IEEEeqnarray", "IEEEeqnarray*"), "darray"),
    **{name: name + "*" for name in ("equation", "gather", "multline")},
    **{f"{name}*": name for name in _names("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix cases dcases")},
    "smallmatrix": "matrix",
    **dict.fromkeys(("displaymath", "math", "subequations", "center"), ""),
}  # fmt: skip
"""Environments by those of math-core that look the same, without the numbers that only a whole page can count."""

COLUMNS = frozenset(("alignat", "alignat*", "alignedat", "xalignat", "xalignat*"))
"""Environments with a number of columns as their argument."""
ARRAYS = frozenset(("array", "darray", "subarray"))
"""Environments of math-core that say how each column stands."""
RULED = ARRAYS | {"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix"}
"""Environments of math-core with lines between rows."""
DISPLAYED = frozenset(
    ("align*", "aligned", "gather*", "gathered", "equation*", "multline*", "darray", "dcases", "drcases", "")
)
"""Environments of math-core whose limits stand below and above."""

GREEK = dict(
    zip("ΓΔΘΛΞΠΣΥΦΨΩ", _names("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega", r"\%s "), strict=True)
)
"""Capitals as they are typed: they stand upright, as by their commands."""
LOWER_GREEK = frozenset(
    _names(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi "
        "chi psi omega varepsilon vartheta varpi varrho varsigma varphi varkappa digamma",
        r"\%s",
    )
)
r"""Letters that `\mathrm` leaves as they are."""

APART = frozenset(
    _names(r"""\not \slashed \vertoverlay \mathbin \mathclose \mathinner \mathopen \mathord \mathpunct \mathrel \genfrac
    \prescript \sideset \cramped _ ^""")
)
"""Commands whose arguments are left where they are: they may be signs without braces, or more than signs."""

DEFINING = _names(r"""\def \gdef \edef \xdef \let \global \newcommand \renewcommand \providecommand
    \DeclareMathOperator""")  # fmt: skip
"""Commands that define commands, and must have been replaced before: math-core would follow them without end."""

ALL = frozenset((
    *RENAMED, *WORDS, *ACCENTS, *SHOWN,
    *_names(r"""\mbox \hbox \textnormal \textup \textmd \url \textcircled \mathop \operatornamewithlimits \substack \tag
    \eqref \ref \textsf \colorbox \cr \newline \rm \hdashline"""),
    *DEFINING,
))  # fmt: skip
"""Commands that are always looked at."""

_COMMAND = expression(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
SIDES = [rf"\{big}{side}" for big in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")]
_LOOKED_AT = frozenset((
    *TEXT, *SIDES,
    *_names(r"""\\ \begin \operatorname \mathrm \boldsymbol \bm \left \right \middle \hskip \mskip \kern \mkern
    \limits \nolimits"""),
))  # fmt: skip
"""Commands that are rewritten, or not, by what follows them."""
_ELSE = expression(
    rf"""\\(?:\\(?:\s*\\(?:end|hline|hdashline)(?![A-Za-z])|[\[*])
    | begin\s*\{{(?:(?:{"|".join(map(re.escape, sorted(ENVIRONMENTS, reverse=True)))})\}}|[a-z]*array|[A-Za-z]+\}}\s*\[)
    | (?:text[a-z]*|mbox|fbox|emph)\s*\{{[^{{}}]*(?:[\\$_^#{{`]|--)
    | operatorname\s*\{{[A-Za-z]*[^A-Za-z}}]
    | mathrm\s*(?:\{{[^{{}}]*)?\\[a-z]
    | (?:boldsymbol|bm)\s*(?:\{{[^{{}}]*)?[0-9]
    | (?:left|right|middle|[bB]igg?[lrm]?)\s*(?:[<>]|\\[lg]t(?![A-Za-z]))
    | (?:[hm]skip|m?kern)\s*\{{)
    | [}})\]]\s*\\(?:no)?limits(?![A-Za-z])""",
    re.VERBOSE,
)
"""What must follow them."""
_STARRED = expression(r"\\[A-Za-z]+\*")


def needed(tex: str) -> bool:
    """Whether something may have to be rewritten; the everyday formula is not."""
    commands = _COMMAND.findall(tex)
    return (
        not ALL.isdisjoint(commands)
        or (not _LOOKED_AT.isdisjoint(commands) and (bool(_ELSE.search(tex)) or _breaks(tex)))
        or ("*" in tex and bool(_STARRED.search(tex)))
        or not (tex.isascii() or GREEK.keys().isdisjoint(tex))
    )


def _breaks(tex: str) -> bool:
    """Whether a row ends outside of every environment."""
    return r"\\" in tex and (r"\\" in tex.partition(r"\begin")[0] or r"\\" in tex.rpartition(r"\end")[2])


_ESCAPED = {"_": r"\_", "#": r"\#", "&": r"\&", "^": r"\textasciicircum "}
_SPACE = "\\ "
_LIGATURES = {"``": "“", "''": "”", "---": "—", "--": "–"}
"""What TeX's fonts make one sign of."""
_REPEATED = expression(r"\*\{(\d{1,2})\}\{([lcr|]{1,9})\}")


def in_text(part: str) -> str | None:
    """A token within a text; None if it is of formulas."""
    if part[0] != "\\":
        return "" if part in "{}" or part[0] == "%" else " " if part.isspace() else _ESCAPED.get(part, part)
    if part in IN_TEXT:
        return f"{part} " if part[-1].isalpha() else part
    return OF_TEXT.get(part)


def text_of(name: str, text: str) -> str:
    """A text as a command of math-core, which has no letters without serifs for texts."""
    if name == r"\textsf" and re.fullmatch(r"[A-Za-z0-9 ]+", text):
        return rf"\mathsf{{{text.replace(' ', _SPACE)}}}"
    for signs, sign in _LIGATURES.items():
        text = text.replace(signs, sign)
    return f"{name}{{{text}}}"


def columns_of(written: str) -> str:
    """The columns of an array without what math-core does not know: `@{}`, widths, repetitions."""
    written = _REPEATED.sub(lambda found: int(found[1]) * found[2], written)
    written = re.sub(r"[@!<>]\{[^{}]*\}", "", written)
    written = re.sub(r"[pmb]\{[^{}]*\}", "l", written)
    return re.sub(r"[^lcr|:]", "", written.lower().replace("x", "c")) or "c"
