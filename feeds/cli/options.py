"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

SITE = click.argument("site", type=click.Path(path_type=Path, file_okay=False), default=".")
OUT = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write to this folder instead of `output`."
)
NOW = click.option("--now", metavar="TIME", help="Build as of this time; later posts are left out.")
STRICT = click.option("--strict", is_flag=True, help="Treat warnings as errors.")
VERBOSE = click.option("--verbose", "-v", is_flag=True, help="Print every warning and note, not one line for many.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="Print only problems.")
CACHE = click.option(
    "--no-cache",
    "use_cache",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Build everything from scratch and cache nothing.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print a JSON value instead of text.")
