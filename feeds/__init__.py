"""Feeds and a weekly email from a folder of Markdown posts.

The names below are the public interface, for programs that build sites themselves:

    from datetime import UTC, datetime
    from pathlib import Path
    import feeds

    result = feeds.build_site(Path("my-blog"), datetime.now(UTC))
    for problem in result.problems:
        print(problem)

Everything else may change without notice. Names are loaded when they are first used: importing `feeds` costs nothing.
"""

TYPE_CHECKING = False  # what typing has, without its 3 ms: this is loaded when nothing has changed
if TYPE_CHECKING:
    from feeds.build.builder import Builder, Result, build_site
    from feeds.digest.placeholders import personal
    from feeds.errors import FeedsError, NotASite, OutputError, Problem, SettingsError
    from feeds.model import Output, Post, Site

__version__ = "0.1.0"

__all__ = [
    "Builder",
    "FeedsError",
    "NotASite",
    "Output",
    "OutputError",
    "Post",
    "Problem",
    "Result",
    "SettingsError",
    "Site",
    "build_site",
    "personal",
]

_HOMES = {
    **dict.fromkeys(("Builder", "Result", "build_site"), "feeds.build.builder"),
    "personal": "feeds.digest.placeholders",
    **dict.fromkeys(("FeedsError", "NotASite", "OutputError", "Problem", "SettingsError"), "feeds.errors"),
    **dict.fromkeys(("Output", "Post", "Site"), "feeds.model"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'feeds' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
