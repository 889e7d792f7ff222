"""Our console in a folder of its own that is thrown away afterwards, as `songhua serve` runs it,
with everything switched on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ckan_site import answers, free_port, process

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = """
import django
django.setup()
from songhua.console.api import tokens
from songhua.console.people.models import Unit, User
for code, name in (("weather", "气象局"), ("harbour", "港务局")):
    Unit.objects.create(code=code, name_zh=name, name_en=code, kind="bureau")
admin = User.objects.create_user("admin", password=None, role="office")
print(tokens.make(admin, name="bench", scopes=["read", "exchange"], days="30")[1])
"""


@dataclass(frozen=True)
class Site:
    """A running console: its address, the office's token and its settings."""

    url: str
    token: str
    environment: dict[str, str]

    def inside(self, code: str) -> str:
        """Run `code` within the installation; what it printed."""
        return _output([sys.executable, "-c", code], self.environment)


def _output(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


SERVE = ("-m", "songhua.cli", "serve", "--port")


@contextmanager
def running(serve: tuple[str, ...] = SERVE) -> Iterator[Site]:
    """A new console without datasets, behind the web server that `serve` starts."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="songhua-bench-") as home:
        environment = {
            "SONGHUA_DATA_DIR": home, "SONGHUA_API_RATE": "1000000000",
            "SONGHUA_PORTAL_RATE": "1000000000",
            "DJANGO_SETTINGS_MODULE": "songhua.console.settings",
        }  # fmt: skip
        _output([sys.executable, "-m", "songhua.cli", "manage", "migrate", "-v", "0"], environment)
        token = _output([sys.executable, "-c", PEOPLE], environment).split()[-1]
        command = [sys.executable, *serve, str(port)]
        with process(command, Path(home) / "serve.log", **environment):
            url = f"http://127.0.0.1:{port}"
            answers(f"{url}/live/")
            yield Site(url, token, environment)


if __name__ == "__main__":
    with running() as site:
        sys.stdout.write(f"{site.url} {site.token} {site.environment['SONGHUA_DATA_DIR']}\n")
        sys.stdout.flush()
        sys.stdin.readline()
