"""`make test`: the suite on SQLite, the console's again on PostgreSQL where it is found, and the
pages in a real browser where there is one. With ``--all`` (`make check`) the slow tests too. Says
plainly what was left out and what this machine could not run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest(*arguments: str, **environment: str) -> int:
    """Run pytest in its own process; its exit code (5, no test chosen, counts as a failure)."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *arguments]
    return subprocess.call(command, cwd=ROOT, env=os.environ | environment)


def postgresql_programs() -> Path | None:
    """The folder with initdb and pg_ctl, or None."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@contextmanager
def postgresql(programs: Path) -> Iterator[str]:
    """The URL of a throw-away cluster that listens on a socket in its own folder only."""
    folder = Path(tempfile.mkdtemp(prefix="songhua-pg-"))
    prefix: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        prefix = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"
    options = f"-c listen_addresses='' -k {folder} -c fsync=off -c synchronous_commit=off"

    def run(*command: str) -> None:
        subprocess.run([*prefix, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run(str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "songhua", "-E", "UTF8")
    run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"),
        "-o", options, "start")  # fmt: skip
    try:
        yield f"postgresql://songhua@/postgres?host={folder}"
    finally:
        run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """0 where everything that could run has passed."""
    started, skipped, failed = time.monotonic(), [], []
    chosen = "not browser" if "--all" in sys.argv else "not browser and not slow"
    if "--all" not in sys.argv:
        skipped.append("slow tests: make check runs them")
    if pytest("-m", chosen):
        failed.append("SQLite")
    programs = postgresql_programs()
    if programs is None:
        skipped.append("PostgreSQL: initdb not found (Debian: apt-get install postgresql)")
    else:
        with postgresql(programs) as url:
            if pytest("tests/console", "-m", chosen, SONGHUA_DATABASE_URL=url):
                failed.append("PostgreSQL")
    if not any(shutil.which(name) for name in BROWSERS):
        skipped.append("browser: chromium not found (Debian: apt-get install chromium)")
    elif pytest("tests/browser", "-m", "browser"):
        failed.append("browser")
    if not (ROOT.parent / "shared" / "data").is_dir():
        skipped.append("shared worked cases: ../shared/data is not here")
    for line in skipped:
        sys.stdout.write(f"SKIPPED {line}\n")
    sys.stdout.write(f"{time.monotonic() - started:.0f} s; failed: {', '.join(failed) or 'none'}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
