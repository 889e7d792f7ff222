"""Where attempts are worked on: a warm process beside us, or one of a Ray cluster."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

from songhua.runtime.attempt import perform, report

if TYPE_CHECKING:
    from pathlib import Path

CONNECTION_PAUSES = (2.0, 5.0, 10.0)


class Lane(Protocol):
    """Does one attempt at a time. An attempt ends with a report in its folder, or by dying."""

    def start(self, folder: Path) -> None:
        """Begin the attempt that lies ready in `folder`."""

    def wait(self, folder: Path, seconds: float) -> bool:
        """Wait a little; whether the attempt is over (with a report, or without one: it died)."""

    def stop(self) -> None:
        """End whatever is being done, at once."""


class LocalLane:
    """One process of our own, started when first needed and again after it was stopped."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def start(self, folder: Path) -> None:
        """Begin the attempt that lies ready in `folder`."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "songhua.runtime.child"], stdin=subprocess.PIPE, text=True
            )
        assert self.process.stdin is not None
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()

    def wait(self, folder: Path, seconds: float) -> bool:
        """Wait a little; whether the attempt is over."""
        assert self.process is not None
        until = time.monotonic() + seconds
        while report(folder) is None and self.process.poll() is None:
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)
        return True

    def stop(self) -> None:
        """End the process, at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdin is not None:
                self.process.stdin.close()
            self.process = None


class RayLane:
    """A task of the Ray cluster at `address`. Its nodes must see our data folder at its path."""

    def __init__(self, address: str) -> None:
        import ray

        self._ray: Any = ray
        _connect(ray, address)
        self._perform: Any = ray.remote(max_retries=0)(perform)
        self._running: Any = None

    def start(self, folder: Path) -> None:
        """Begin the attempt that lies ready in `folder`."""
        self._running = self._perform.remote(folder)

    def wait(self, folder: Path, seconds: float) -> bool:
        """Wait a little; whether the attempt is over."""
        done, _ = self._ray.wait([self._running], timeout=seconds)
        return bool(done)

    def stop(self) -> None:
        """End the task, at once."""
        if self._running is not None:
            self._ray.cancel(self._running, force=True)
            self._running = None


def _connect(ray: Any, address: str) -> None:
    """Join the cluster. A busy one starts the door for a new client too late for its own patience,
    and refuses the first one or two who knock."""
    for pause in (*CONNECTION_PAUSES, None):
        try:
            ray.init(address=address, ignore_reinit_error=True, log_to_driver=False)
        except ConnectionError:
            ray.shutdown()
            if pause is None:
                raise
            time.sleep(pause)
        else:
            return


def lane(cluster: str = "") -> Lane:
    """A lane on the cluster at ``ray://host:port`` (or ``local`` for one on this machine), or
    beside us where none is named."""
    return RayLane(cluster) if cluster else LocalLane()
