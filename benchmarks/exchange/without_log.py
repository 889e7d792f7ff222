"""Our console as `songhua serve` runs it, but that nothing is written to the evidence log: what the
log costs is the difference. The installation itself has no such switch."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from unittest import mock

from granian import Granian
from granian.constants import Interfaces

from songhua.console.wsgi import application  # sets Django up

__all__ = ["application"]

mock.patch("songhua.console.exchange.services.evidence.record", return_value=0).start()

if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    Granian(
        "without_log:application", address="127.0.0.1", port=int(sys.argv[1]),
        interface=Interfaces.WSGI, workers=1, blocking_threads=4,
    ).serve()  # fmt: skip
