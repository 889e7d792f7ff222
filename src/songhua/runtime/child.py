"""A process beside the worker that does attempts one after another, kept warm between them.

It is told a folder on each line of its input. When the input ends (the worker stopped or was
killed) it ends at once, in the middle of whatever it does: nobody waits for the answer.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from songhua.runtime.attempt import perform


def _listen(folders: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        folders.put(line.rstrip("\n"))
    os._exit(0)


def _die_with_parent() -> None:
    """Linux ends us with the thread that started us, even inside code that never yields."""
    with suppress(OSError, AttributeError):  # elsewhere the end of the input says it, a bit later
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def main() -> None:
    """Work until the input ends."""
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's to answer
    folders: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(folders,), daemon=True).start()
    while True:
        perform(Path(folders.get()))


if __name__ == "__main__":
    main()
