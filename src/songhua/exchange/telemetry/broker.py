"""A Mosquitto of our own, for a demonstration, a trial or a benchmark on one machine.

Mosquitto tells a publisher that it has a message before it has saved it: what it took in since its
last save, once a second, and had not passed on is lost when it is killed. Who publishes asks
`intake` for receipts, and sends again what has none; the store keeps each reading once.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from getpass import getuser
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS = """\
listener {port} 127.0.0.1
allow_anonymous true
user {user}
persistence true
persistence_location {folder}/
autosave_interval 1
max_inflight_messages 0
max_queued_messages 0
"""


def program() -> str | None:
    """Where Mosquitto is on this machine, if it is."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


class Broker:
    """Mosquitto on a free port of this machine only, for anyone on it; its state is in `folder`."""

    def __init__(self, folder: Path, settings: str = _SETTINGS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._settings = folder / "mosquitto.conf"
        written = settings.format(port=self.port, folder=folder, user=getuser())
        self._settings.write_text(written, encoding="utf-8")
        self.start()

    def start(self) -> None:
        """Start, or start again with what was saved; returns when it listens."""
        found = program()
        if found is None:
            raise FileNotFoundError("mosquitto")
        self.process = subprocess.Popen(
            [found, "-c", str(self._settings)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(100):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("mosquitto does not listen")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
