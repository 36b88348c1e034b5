"""Run one command and print what it cost: `wall cpu peak code`, in seconds and bytes.

A program of its own, started without `site`: to the kernel a process is at least as large as the one that started it,
so whoever measures must be small. What the command itself prints goes to stderr.
"""

from __future__ import annotations

import os
import sys
import time

KILOBYTES = 1 if sys.platform == "darwin" else 1024
"""The unit of `ru_maxrss`."""


def main(command: list[str]) -> None:
    """Peak memory is that of the largest process waited for; CPU time is that of all of them."""
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    cpu = usage.ru_utime + usage.ru_stime
    sys.stdout.write(f"{wall} {cpu} {usage.ru_maxrss * KILOBYTES} {os.waitstatus_to_exitcode(status)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
