"""`songhua demo` reaches a sign-in page, and Ctrl-C stops both of its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

from .processes import free_port

BUILD = """
import django; django.setup()
from pathlib import Path
from songhua.console.demo import DEMO_DAY, PASSWORD, prepare
from songhua.console.simulate import play_demo
from django.conf import settings
prepare(); play_demo(1, "2022-10-20", PASSWORD, tasks=12)
(settings.DATA_DIR / "demo.ready").write_text(DEMO_DAY)
"""


def children(group: int) -> list[str]:
    """The command lines of the processes that a process has started."""
    done = subprocess.run(
        ["ps", "-o", "args=", "--ppid", str(group)], capture_output=True, text=True, check=False
    )
    return [line for line in done.stdout.splitlines() if "songhua" in line]


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_starts_says_where_and_stops_cleanly(tmp_path, stop):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SONGHUA_")} | {
        "SONGHUA_DATA_DIR": str(tmp_path / "demo"), "SONGHUA_SIMULATED": "1",
        "DJANGO_SETTINGS_MODULE": "songhua.console.settings",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", BUILD], env=environment, check=True)
    port = free_port()
    with (tmp_path / "said").open("w") as said:
        demo = subprocess.Popen(
            [sys.executable, "-m", "songhua.cli", "demo", "--port", str(port)],
            env=environment, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
    text = ""
    for _ in range(300):
        text = (tmp_path / "said").read_text()
        if "http://127.0.0.1" in text or demo.poll() is not None:
            break
        time.sleep(0.1)
    assert f"http://127.0.0.1:{port}/" in text and "office" in text, text
    with urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=10) as answer:
        assert answer.status == 200 and "登录" in answer.read().decode()
    started = children(demo.pid)
    assert len(started) == 2, started
    demo.send_signal(stop)
    assert demo.wait(20) == 0, (tmp_path / "said").read_text()
    with pytest.raises(OSError, match=r"refused|reset"):
        urlopen(f"http://127.0.0.1:{port}/live/", timeout=2)
