"""A hundred kills of the workers at random moments: every piece of work still ends exactly once."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .processes import Installation, own_database, until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ON_POSTGRESQL = bool(os.environ.get("SONGHUA_DATABASE_URL"))
KILLS = 20 if ON_POSTGRESQL else 100
RUNS = 60
ASKED = f"""
from songhua.console.people.models import User
from songhua.console.runs.services import runs, supervise, tables
office = User.objects.create_user("office", password="x", role="office")
made = tables.sample(office, "toy", "numbers")
supervise.next_work()
for number in range({RUNS}):
    how = ("fail", "crash", "die")[number % 3] if number % 6 == 5 else ""
    action = "misbehave" if how else "count_slowly"
    given = {{"how": how}} if how else {{"seconds": 0.1 * (number % 9), "steps": 20}}
    runs.ask(office, "toy", action, tables={{"numbers": made.pk}}, params=given, seed=number)
    if number % 10 == 9:
        tables.sample(office, "toy", "numbers")
        tables.receive(office, "toy", "numbers", "bad.csv", [b"item,kind\\n1,red\\n"])
"""
LEFT = """
from songhua.console.runs.models import Run, Table
open_states = ["queued", "running"]
print(sum(kind.objects.filter(state__in=open_states).count() for kind in (Run, Table)))
"""
ENDS = """
import json
from collections import Counter
from songhua.console.ledger.models import AuditEntry
from songhua.console.ledger.services import audit
from songhua.console.runs.models import Run, Table
from songhua.console.runs.services import work
work.sweep()
ends = Counter(
    e.subject for e in AuditEntry.objects.filter(actor="worker")
    if e.action.startswith(("run_", "table_")) and e.action != "table_written"
)
print(json.dumps({
    "runs": [
        {"state": r.state, "reason": [p["code"] for p in r.problems], "attempts": r.attempts,
         "outputs": r.outputs.count(), "kpis": len(r.kpis), "ends": ends[f"run:{r.pk}"]}
        for r in Run.objects.order_by("pk")
    ],
    "tables": [
        {"state": t.state, "reason": [p["code"] for p in t.problems], "attempts": t.attempts,
         "kept": bool(t.digest) and work.store().path(t.digest).is_file(),
         "ends": ends[f"table:{t.pk}"]}
        for t in Table.objects.filter(run=None).order_by("pk")
    ],
    "kept": sorted(work.store().digests()),
    "named": sorted(set(Table.objects.exclude(digest="").values_list("digest", flat=True))),
    "findings": [f.subject for f in audit.verify()],
}))
"""


@pytest.fixture
def home(tmp_path, toy_scenario, monkeypatch) -> Iterator[Installation]:
    """An installation that knows the toy scenario, with short leases, on the engine under test."""
    monkeypatch.setenv("SONGHUA_LEASE_SECONDS", "2")
    with own_database(ON_POSTGRESQL) as url:
        made = Installation(tmp_path / "home", url)
        made.run("manage", "migrate", "--verbosity", "0")
        made.inside(ASKED)
        try:
            yield made
        finally:
            made.stop()


def test_every_piece_of_work_ends_once_whatever_is_killed(home):
    chance = random.Random(20230712)
    workers = [home.start("worker"), home.start("worker")]
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 1.6))
        which = chance.randrange(2)
        # The process alone, as the system does it; its child has to notice by itself.
        os.kill(workers[which].pid, signal.SIGKILL)
        workers[which].wait(10)
        home.running.remove(workers[which])
        workers[which] = home.start("worker")
    until(lambda: home.inside(LEFT).strip() == "0", 240)
    for worker in workers:
        os.kill(worker.pid, signal.SIGTERM)
        # One that was started a moment ago may not have come as far as its signal handler.
        assert worker.wait(30) in {0, -signal.SIGTERM}
        home.running.remove(worker)
    found = json.loads(home.inside(ENDS).splitlines()[-1])
    assert len(found["runs"]) == RUNS
    for number, run in enumerate(found["runs"]):
        assert run["ends"] == 1, (number, run)
        assert run["state"] in {"done", "failed"}, (number, run)
        assert bool(run["reason"]) is (run["state"] == "failed")
        assert (run["outputs"], run["kpis"]) == ((1, 2) if run["state"] == "done" else (0, 0))
    for table in found["tables"]:
        assert table["ends"] == 1, table
        assert table["kept"] is (table["state"] == "done")
        assert bool(table["reason"]) is (table["state"] == "failed")
    assert found["kept"] == found["named"] and found["findings"] == []
    for folder in ("attempts", "uploads"):
        left = home.folder / folder
        assert not left.is_dir() or not list(left.iterdir())
    retried = [run["attempts"] for run in found["runs"] if run["attempts"] > 1]
    assert retried, "no kill ever met a run: the moments are badly chosen"
    until(lambda: not _children(home.folder), 10)


def _children(folder: Path) -> list[str]:
    """Processes of this installation that are still alive."""
    mark, alive = f"SONGHUA_DATA_DIR={folder}".encode(), []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in entry.read_bytes():
                alive.append((entry.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has just ended, or is another's
    return alive
