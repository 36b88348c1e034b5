"""Write into `cases.txt` what Jekyll makes of each case: `python -m tests.liquid.renew`, with `jekyll` installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support import cases, renew

HERE = Path(__file__).parent


def main() -> None:
    """Build a page for each case, and write what stands on it behind the case."""
    head = (HERE / "_posts/2026-04-20-case.md").read_text().split("---\n")[1]
    path = HERE / "cases.txt"
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        for name in ("_data", "_includes"):
            shutil.copytree(HERE / name, site / name)
        shutil.copy(HERE / "_config.yml", site)
        for case in cases(path):
            (site / f"{case.number}.txt").write_text(f"---\n{head}---\n{case.given}\n<end>")
        subprocess.run(["jekyll", "build", "-q"], cwd=site, check=True)
        for case in [*cases(path)]:
            renew(case, (site / f"_site/{case.number}.txt").read_text().removesuffix("\n<end>"))


if __name__ == "__main__":
    main()
