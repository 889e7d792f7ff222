"""Killing a process loses nothing and leaves nothing half done: real servers, real kills."""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest

from .processes import Browser, Installation, own_database, until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

TASKS, MONTHS = 600, 9
FOUND = f"""
from datetime import date
from songhua.console.ledger.models import Obligation, Task
town = city.people()
row = Obligation.objects.get(code="OB-001")
Task.objects.bulk_create(
    Task(code=f"K-{{n:04d}}", title=f"任务 {{n}}", obligation=row, state="active",
         lead_unit=town.units["harbour_bureau"], start=date(2024, 1, 1), due=date(2024, 12, 31))
    for n in range({TASKS})
)
"""
COUNTS = """
import json
from songhua.console import files
from songhua.console.ledger.models import AuditEntry, ImportBatch, MonthlyReport, Task
from songhua.console.ledger.services import audit
print(json.dumps({
    "batches": [
        {"state": b.state, "rows": b.rows, "sha256": b.sha256, "damaged": files.damaged(b.sha256),
         "reports": b.reports.count()}
        for b in ImportBatch.objects.order_by("pk")
    ],
    "reports": MonthlyReport.objects.count(),
    "current": MonthlyReport.objects.filter(is_current=True).count(),
    "tasks_reported": Task.objects.filter(last_month__isnull=False).count(),
    "done": AuditEntry.objects.filter(action="import_done").count(),
    "received": AuditEntry.objects.filter(action="import_received").count(),
    "findings": len(audit.verify()),
}))
"""


def table(mark: str = "") -> bytes:
    """Nine months of reports for every task: thousands of rows."""
    rows = ["任务编号,月份,完成进度,完成情况"]
    for number in range(TASKS):
        rows += [
            f"K-{number:04d},2024-{month:02d},{month * 8},累计完成{mark}，设备安装与调试按计划进行"
            for month in range(1, MONTHS + 1)
        ]
    return "\n".join(rows).encode()


@pytest.fixture
def home(tmp_path) -> Iterator[Installation]:
    """An installation with six hundred tasks, on the engine under test."""
    with own_database(bool(os.environ.get("SONGHUA_DATABASE_URL"))) as url:
        made = Installation(tmp_path / "home", url)
        made.run("manage", "migrate", "--verbosity", "0")
        made.inside(FOUND)
        try:
            yield made
        finally:
            made.stop()


def browser(home: Installation) -> Browser:
    found = Browser(home.port)
    found.sign_in("office", "Harbour-2024")
    return found


def counts(home: Installation) -> dict[str, object]:
    return json.loads(home.inside(COUNTS))


def states(home: Installation) -> list[str]:
    found = home.inside(
        "from songhua.console.ledger.models import ImportBatch\n"
        "print(','.join(ImportBatch.objects.order_by('pk').values_list('state', flat=True)))"
    )
    return [state for state in found.strip().split(",") if state]


def whole_files(home: Installation) -> set[str]:
    """The names of kept files, each of which must be the digest of its content."""
    root = home.folder / "files"
    found = set()
    for path in root.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
            found.add(path.name)
    return found


def finished(found: dict[str, object], batches: int) -> None:
    """Every row exactly once, and the log agrees."""
    rows = TASKS * MONTHS
    assert [b["state"] for b in found["batches"]] == ["done"] * batches
    assert [b["rows"] for b in found["batches"]] == [b["reports"] for b in found["batches"]]
    assert not any(b["damaged"] for b in found["batches"])
    assert (found["reports"], found["current"], found["tasks_reported"]) == (rows, rows, TASKS)
    assert found["done"] == found["received"] == batches
    assert found["findings"] == 0


def test_a_web_process_killed_in_the_middle_of_an_upload_keeps_nothing_half(home):
    web = home.web()
    person = browser(home)
    content = table()
    given = {"kind": "reports", "csrfmiddlewaretoken": person.token("/imports/")}
    body, kind = person.multipart("月报.csv", content, **given)
    line = person.begin("/imports/upload/", body, kind, len(body) // 2)
    time.sleep(0.3)
    home.kill(web)
    line.close()
    found = counts(home)
    assert found["batches"] == [] and found["reports"] == 0 and found["findings"] == 0
    assert whole_files(home) == set()

    home.web()  # the session was kept, so the person sends the file again
    home.start("worker")
    status, headers, _ = person.request("POST", "/imports/upload/", body, kind)
    assert status == 302
    until(lambda: "done" in person.request("GET", headers["location"])[2].decode()
          or states(home) == ["done"], 120)  # fmt: skip
    until(lambda: states(home) == ["done"], 120)
    finished(counts(home), 1)
    assert whole_files(home) == {hashlib.sha256(content).hexdigest()}


def test_a_web_process_killed_while_it_takes_a_file_in_has_it_whole_or_not_at_all(home):
    draw = random.Random(7)
    content = table()
    sha256 = hashlib.sha256(content).hexdigest()
    received = 0
    for pause in (0.0, 0.01, draw.uniform(0.01, 0.08), 0.25):
        web = home.web()
        person = browser(home)
        given = {"kind": "reports", "csrfmiddlewaretoken": person.token("/imports/")}
        body, kind = person.multipart("月报.csv", content, **given)
        line = person.begin("/imports/upload/", body, kind, len(body))
        time.sleep(pause)
        home.kill(web)
        line.close()
        found = counts(home)
        assert len(found["batches"]) - received in {0, 1}
        received = len(found["batches"])
        assert all(b["sha256"] == sha256 and not b["damaged"] for b in found["batches"])
        assert found["received"] == received and found["reports"] == 0
        assert whole_files(home) <= {sha256}
        if received:
            break
    if not received:
        home.web()
        person = browser(home)
        given = {"kind": "reports", "csrfmiddlewaretoken": person.token("/imports/")}
        body, kind = person.multipart("月报.csv", content, **given)
        assert person.request("POST", "/imports/upload/", body, kind)[0] == 302
    home.start("worker")  # also takes up what was received and never queued
    until(lambda: states(home) == ["done"], 120)
    finished(counts(home), 1)


def test_a_worker_killed_in_the_middle_of_an_import_finishes_it_once_when_it_starts_again(home):
    home.web()
    person = browser(home)
    given = {"kind": "reports", "csrfmiddlewaretoken": person.token("/imports/")}
    body, kind = person.multipart("月报.csv", table(), **given)
    assert person.request("POST", "/imports/upload/", body, kind)[0] == 302
    killed = 0
    for pause in (0.0, 0.2):
        killed_at_work(home, pause)
        found = counts(home)
        [batch] = found["batches"]
        if batch["state"] == "done":
            break
        killed += 1
        assert batch["state"] == "running" and batch["rows"] is None
        assert (found["reports"], found["tasks_reported"], found["done"]) == (0, 0, 0)
        assert found["findings"] == 0
    assert killed, "the import was over before the worker could be killed"
    home.start("worker")
    until(lambda: states(home) == ["done"], 120)
    finished(counts(home), 1)
    assert person.request("GET", "/ledger/")[0] == 200


WAIT = """
import os, signal, time
from songhua.console.ledger.models import ImportBatch
for _ in range(6000):
    if ImportBatch.objects.values_list("state", flat=True).get() != "received":
        break
    time.sleep(0.005)
"""
# Waits beside the worker and kills it itself: by the time another process had been told, a quick
# machine would have finished.
KILL = (
    """
import pathlib
here = pathlib.Path({folder!r})
here.joinpath("killer.ready").touch()
while not here.joinpath("worker.pid").exists():
    pass
"""
    + WAIT
    + """
time.sleep({pause})
os.killpg(int(here.joinpath("worker.pid").read_text()), signal.SIGKILL)
"""
)


def killed_at_work(home, pause: float) -> None:
    """Start a worker and kill it `pause` seconds after it has taken the import up."""
    ready, pid = home.folder / "killer.ready", home.folder / "worker.pid"
    ready.unlink(missing_ok=True)
    pid.unlink(missing_ok=True)
    code = KILL.format(folder=str(home.folder), pause=pause)
    killer = threading.Thread(target=home.inside, args=(code,))
    killer.start()
    until(ready.exists, 60)
    worker = home.start("worker")
    pid.with_suffix(".new").write_text(str(worker.pid))
    pid.with_suffix(".new").rename(pid)
    killer.join()
    home.kill(worker)


def test_two_workers_save_a_file_once(home):
    home.web()
    person = browser(home)
    home.start("worker")
    home.start("worker")
    given = {"kind": "reports", "csrfmiddlewaretoken": person.token("/imports/")}
    body, kind = person.multipart("月报.csv", table(), **given)
    assert person.request("POST", "/imports/upload/", body, kind)[0] == 302
    home.inside(WAIT)
    home.start("worker")  # thinks that the running import was left behind, and takes it up again
    until(lambda: states(home) == ["done"], 120)
    time.sleep(3)
    finished(counts(home), 1)


def test_processes_that_correct_one_figure_at_once_leave_one_current_row(home):
    home.inside(
        "town = city.City({}, {u.username: u for u in city.User.objects.all()})\n"
        "with city.on('2024-02-02'):\n    town.report('K-0000', '2024-01', 8)"
    )
    code = (
        "import sys\n"
        "town = city.City({{}}, {{u.username: u for u in city.User.objects.all()}})\n"
        "for step in range(5):\n"
        "    with city.on('2024-02-05'):\n"
        "        town.report('K-0000', '2024-01', {n} + step, correction=True, reason='核对')\n"
    )
    import subprocess
    import sys

    from .processes import BEFORE, HERE

    running = [
        subprocess.Popen(
            [sys.executable, "-c", BEFORE.format(here=str(HERE)) + code.format(n=n)],
            env=home.environment,
        )
        for n in (10, 20, 30)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    found = counts(home)
    assert (found["reports"], found["current"], found["findings"]) == (16, 1, 0)
