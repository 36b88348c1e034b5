"""Chromium without a window, told what to do over a pipe: the Chrome DevTools Protocol, without a library.

Only the protocol gives what mails need: an exact width (a window of the new headless mode is 500 px wide at least),
`prefers-color-scheme` as a phone at night answers it, and pictures of a whole page. Nothing is fetched: every host
name is unknown to this browser, so a picture on the web is a picture that a mail client blocks.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS = 60
"""No answer of the browser takes so long; a test must not hang when it died."""

_OPTIONS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)

# The protocol wants its pipes as 3 and 4, and Popen passes them under their own numbers.
_AS_3_AND_4 = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One tab. `show` a page, then `ask` it or take its `picture`. A context manager."""

    def __init__(self) -> None:
        if not PROGRAM:
            raise FileNotFoundError("chromium is not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="mail-browser-", ignore_cleanup_errors=True)
        self._number, self._read = 0, b""
        theirs_in, ours_out = _pipe()
        ours_in, theirs_out = _pipe()
        root = ("--no-sandbox",) if os.geteuid() == 0 else ()  # Chromium refuses root with a sandbox
        command = (PROGRAM, *_OPTIONS, *root, f"--user-data-dir={self._folder.name}", "about:blank")
        self._process = subprocess.Popen(
            [sys.executable, "-IS", "-c", _AS_3_AND_4, str(theirs_in), str(theirs_out), *command],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = ours_in, ours_out
        try:
            target = self._send("Target.createTarget", url="about:blank")["targetId"]
            self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self._tell("Page.enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and remove its profile."""
        os.close(self._out)  # a browser whose pipe closes leaves
        try:
            self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        self._folder.cleanup()

    def show(self, page: str | Path, width: int, *, dark: bool = False) -> None:
        """A page, HTML or a file, in a column so many CSS pixels wide; returns when it has loaded."""
        if isinstance(page, str):
            file = Path(self._folder.name, "page.html")
            file.write_text(page, encoding="utf-8")
            page = file
        self._size(width, 800)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._tell("Emulation.setEmulatedMedia", features=[scheme])
        self._tell("Page.navigate", url=page.resolve().as_uri())
        self._until(lambda heard: heard.get("method") == "Page.loadEventFired")

    def ask(self, script: str) -> Any:
        """What an expression of JavaScript is in the page, as JSON has it."""
        answer = self._tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise ValueError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def picture(self, width: int) -> bytes:
        """The whole page as PNG, from its top to its last line."""
        self._size(width, self.ask("Math.ceil(document.documentElement.getBoundingClientRect().height)"))
        return b64decode(self._tell("Page.captureScreenshot", format="png")["data"])

    def _size(self, width: int, height: int) -> None:
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def _tell(self, method: str, **values: object) -> Any:
        return self._send(method, self._session, **values)

    def _send(self, method: str, session: str = "", /, **values: object) -> Any:
        self._number += 1
        number = self._number
        said = {"id": number, "method": method, "params": values} | ({"sessionId": session} if session else {})
        os.write(self._out, json.dumps(said).encode() + b"\0")
        heard = self._until(lambda heard: heard.get("id") == number)
        if "error" in heard:
            raise ValueError(f"{method}: {heard['error']['message']}")
        return heard["result"]

    def _until(self, wanted: Any) -> Any:
        """The first message that is wanted; those before it are dropped."""
        while True:
            message, found, rest = self._read.partition(b"\0")
            if not found:
                if not select.select([self._in], [], [], SECONDS)[0]:
                    raise TimeoutError(f"chromium says nothing for {SECONDS} s")
                octets = os.read(self._in, 1 << 20)
                if not octets:
                    raise EOFError("chromium ended")
                self._read += octets
                continue
            self._read = rest
            heard = json.loads(message)
            if wanted(heard):
                return heard


def _pipe() -> tuple[int, int]:
    """Two ends with numbers above 3 and 4."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]
