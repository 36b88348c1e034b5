#!/usr/bin/env python3
"""Make the pictures of docs/mail anew from the newest mails of this project's own blog.

    .venv/bin/python docs/mail/shoot.py [FOLDER]

It needs Chromium with the fonts of .ci/run and a minute, writes LANGUAGE-WIDTH-LIGHT.png into FOLDER (docs/mail
without one) and says what each weighs. `off` is a client that shows no pictures.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from feeds import build, reader  # noqa: E402  # found by the line above
from tests.acceptance.browser import Browser  # noqa: E402  # same

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LOOKS = {
    f"{width}-{light}": (width, light == "dark") for width in (600, 375) for light in ("light", "dark")
}  # name: width in CSS pixels, dark


def main(folder: Path) -> None:
    """Build the blog into a scratch folder and take the pictures."""
    with tempfile.TemporaryDirectory() as scratch, Browser() as browser:
        blog = reader.open_blog(ROOT)
        site = blog.read(NOW)
        made = build.Build(blog, site, NOW)
        build.write(made.outputs(), Path(scratch), complete=True)
        here = Path(scratch).as_uri() + "/"
        for code, issues in made.issues.items():
            mail = (Path(scratch) / code / "digest" / next(iter(issues)) / "mail.html").read_text(encoding="utf-8")
            shown = mail.replace(f'src="{site.settings.url}', f'src="{here}')  # pictures are read from the folder
            for name, (width, dark) in LOOKS.items():
                browser.show(shown, width, dark=dark)
                save(folder / f"{code}-{name}.png", browser.picture(width))
            browser.show(mail, 600)  # and here they are not found
            save(folder / f"{code}-600-off.png", browser.picture(600))


def save(path: Path, picture: bytes) -> None:
    """Write a picture and say so."""
    path.write_bytes(picture)
    print(f"{path.name}  {len(picture) // 1000} kB")  # noqa: T201  # a script's output


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
