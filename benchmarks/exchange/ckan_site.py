"""CKAN 2.12 as its makers say to run it, in a folder of its own that is thrown away afterwards:
PostgreSQL, Redis, the datastore, two gunicorn workers; for Solr there is `solr_stand_in`.

``SONGHUA_CKAN_PYTHON`` names an interpreter that has `ckan` 2.12 with its requirements, and
`gunicorn`. PostgreSQL's and Redis's programs are looked for on the machine. PostgreSQL runs without
waiting for the disk, which makes CKAN's writes faster than they would be.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from run import postgresql, postgresql_programs  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("ckan", "datastore")
WSGI = """
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
application = make_app(CKANConfigLoader({ini!r}).get_config())
"""


@dataclass(frozen=True)
class Site:
    """A running CKAN: its address, a sysadmin's token, its database and its Solr."""

    url: str
    token: str
    database: str  # as `psycopg` reads it
    solr: str


def missing() -> str:
    """What this machine lacks to run CKAN; "" where it lacks nothing."""
    if "SONGHUA_CKAN_PYTHON" not in os.environ:
        return "SONGHUA_CKAN_PYTHON is not set"
    if postgresql_programs() is None:
        return "PostgreSQL is not installed"
    return "" if shutil.which("redis-server") else "Redis is not installed"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    """A process that is ended afterwards."""
    with log.open("ab") as out:
        made = subprocess.Popen(
            command, stdout=out, stderr=out, env=os.environ | environment, cwd=log.parent
        )
    try:
        yield
    finally:
        made.terminate()
        try:
            made.wait(10)
        except subprocess.TimeoutExpired:
            made.kill()


def answers(url: str, seconds: float = 120) -> None:
    """Wait until something answers there."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=30).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


@contextmanager
def running() -> Iterator[Site]:
    """A new CKAN without datasets."""
    import psycopg

    python = os.environ["SONGHUA_CKAN_PYTHON"]
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="songhua-ckan-")))
        cluster = stack.enter_context(postgresql(postgresql_programs()))
        folder = cluster.partition("host=")[2]
        with psycopg.connect(cluster, autocommit=True) as connection:
            connection.execute("CREATE ROLE reader LOGIN")
            for name in NAMES:
                connection.execute(f"CREATE DATABASE {name} OWNER songhua ENCODING 'UTF8'")
        redis, solr, web = free_port(), free_port(), free_port()
        stack.enter_context(
            process(["redis-server", "--port", str(redis), "--save", "", "--dir", str(home)],
                    home / "redis.log")
        )  # fmt: skip
        schema = subprocess.run(
            [python, "-c", "import ckan; print(ckan.__path__[0])"],
            check=True, capture_output=True, text=True, cwd=home,
        ).stdout.split()[-1]  # fmt: skip
        stack.enter_context(
            process([sys.executable, str(Path(__file__).with_name("solr_stand_in.py")), str(solr),
                     f"{schema}/config/solr/schema.xml"], home / "solr.log")
        )  # fmt: skip
        answers(f"http://127.0.0.1:{solr}/solr/ckan/select?q=*:*")
        settings = {
            "sqlalchemy.url": f"postgresql://songhua@/ckan?host={folder}",
            "ckan.datastore.write_url": f"postgresql://songhua@/datastore?host={folder}",
            "ckan.datastore.read_url": f"postgresql://reader@/datastore?host={folder}",
            "ckan.datastore.sqlsearch.enabled": "true",
            "ckan.plugins": "datastore",
            "ckan.site_url": f"http://127.0.0.1:{web}",
            "ckan.redis.url": f"redis://127.0.0.1:{redis}/0",
            "solr_url": f"http://127.0.0.1:{solr}/solr/ckan",
            "ckan.storage_path": str(home / "files"),
            "ckan.auth.create_unowned_dataset": "true",
        }
        ini = home / "ckan.ini"

        def ckan(*command: str) -> str:
            done = subprocess.run(
                [str(Path(python).with_name("ckan")), *command], cwd=home, text=True,
                capture_output=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise SystemExit(f"ckan {' '.join(command)}: {done.stdout}{done.stderr}")
            return done.stdout

        ckan("generate", "config", str(ini))
        written = [f"{key} = {value}" for key, value in settings.items()]
        ckan("config-tool", str(ini), *written)
        ckan("-c", str(ini), "db", "init")
        rights = ckan("-c", str(ini), "datastore", "set-permissions")
        body = rights[rights.index("-- revoke") :]
        with psycopg.connect(cluster.replace("/postgres?", "/datastore?")) as connection:
            connection.execute(body)
        ckan("-c", str(ini), "user", "add", "admin", "email=admin@example.org",
             "password=a-long-password")  # fmt: skip
        ckan("-c", str(ini), "sysadmin", "add", "admin")
        token = ckan("-c", str(ini), "user", "token", "add", "admin", "bench", "-q").split()[-1]
        (home / "wsgi.py").write_text(WSGI.format(ini=str(ini)))
        stack.enter_context(
            process([python, "-m", "gunicorn", "-w", "2", "-k", "gthread", "--threads", "2",
                     "-b", f"127.0.0.1:{web}", "--keep-alive", "60", "wsgi:application"],
                    home / "web.log")
        )  # fmt: skip
        url = f"http://127.0.0.1:{web}"
        answers(f"{url}/api/3/action/status_show")
        yield Site(url, token, cluster.replace("/postgres?", "/ckan?"),
                   f"http://127.0.0.1:{solr}/solr/ckan")  # fmt: skip


if __name__ == "__main__":
    with running() as site:
        sys.stdout.write(f"{site.url} {site.token}\n")
        sys.stdout.flush()
        sys.stdin.readline()
