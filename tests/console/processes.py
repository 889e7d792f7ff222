"""Installations of their own, run as real processes: what a server is, seen from outside."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
ICE_HARBOUR = HERE.parent / "programmes" / "ice_harbour"
DAY = "2024-11-04"
BEFORE = """
import sys
sys.path.insert(0, {here!r})
import django
django.setup()
import city
"""


def free_port() -> int:
    """A port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_database(postgresql: bool) -> Iterator[str]:
    """The URL of a new database in the cluster under test; "" for SQLite in the data folder."""
    if not postgresql:
        yield ""
        return
    import psycopg

    given = os.environ["SONGHUA_DATABASE_URL"]
    name = f"songhua_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(given)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Installation:
    """A data folder with its own settings, and the processes started on it."""

    def __init__(self, folder: Path, url: str, day: str = DAY) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {
            "SONGHUA_DATA_DIR": str(folder),
            "SONGHUA_DATABASE_URL": url,
            "SONGHUA_PROGRAMME": str(ICE_HARBOUR),
            "SONGHUA_TODAY": day,
            "DJANGO_SETTINGS_MODULE": "songhua.console.settings",
        }
        self.port = free_port()
        self.running: list[subprocess.Popen[bytes]] = []

    def run(self, *arguments: str) -> str:
        """One command of `songhua`, to its end; what it said."""
        command = [sys.executable, "-m", "songhua.cli", *arguments]
        return self._output(command)

    def inside(self, code: str) -> str:
        """Run `code` within the installation; what it printed."""
        return self._output([sys.executable, "-c", BEFORE.format(here=str(HERE)) + code])

    def _output(self, command: list[str]) -> str:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A process in a session of its own, so that killing it kills its children too."""
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "songhua.cli", *arguments],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.running.append(process)
        return process

    def web(self, *more: str) -> subprocess.Popen[bytes]:
        """The web server, once it answers."""
        process = self.start("serve", "--port", str(self.port), *more)
        until(lambda: self._live(process), 60)
        return process

    def _live(self, process: subprocess.Popen[bytes]) -> bool:
        assert process.poll() is None, (self.folder / "serve.log").read_text()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/live/")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As a power cut does: at once, with its children, without a word."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        self.running.remove(process)

    def stop(self) -> None:
        """Kill whatever still runs."""
        for process in list(self.running):
            self.kill(process)


def until(holds: Callable[[], object], seconds: float) -> object:
    """Wait for something true; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


class Browser:
    """A person's browser: cookies, the form token, and uploads that can stop halfway."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def request(
        self, method: str, path: str, body: bytes = b"", kind: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        connection = self._connect()
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        content = response.read()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
        connection.close()
        return response.status, dict(response.getheaders()), content

    def token(self, path: str) -> str:
        """The hidden token of the form on a page."""
        page = self.request("GET", path)[2].decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page[:2000]
        return found[1]

    def post(self, path: str, form: str, **given: str) -> int:
        """Send the form found on the page `form`; the status."""
        data = urlencode({**given, "csrfmiddlewaretoken": self.token(form)}).encode()
        return self.request("POST", path, data, "application/x-www-form-urlencoded")[0]

    def sign_in(self, username: str, password: str) -> None:
        """Through the door, as a person does."""
        status = self.post("/sign-in/", "/sign-in/", username=username, password=password)
        assert status == 302, status

    def multipart(self, name: str, content: bytes, **given: str) -> tuple[bytes, str]:
        """The body of an upload and its content type."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in given.items()
        ]
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        parts.append(f"--{mark}\r\n{head}\r\nContent-Type: text/csv\r\n\r\n".encode())
        parts += [content, f"\r\n--{mark}--\r\n".encode()]
        return b"".join(parts), f"multipart/form-data; boundary={mark}"

    def begin(self, path: str, body: bytes, kind: str, part: int) -> socket.socket:
        """Send the head and the first `part` bytes of a body; the socket waits for the rest."""
        cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookies}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        line = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        line.sendall(head.encode() + body[:part])
        return line
