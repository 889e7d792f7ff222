"""Times of the ledger: pages on a large ledger, a bulletin in three formats, an import."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
CASES = tomllib.loads((HERE / "cases.toml").read_text())
FOLDER = tempfile.TemporaryDirectory(prefix="songhua-bench-")
os.environ["SONGHUA_DATA_DIR"] = FOLDER.name
os.environ["SONGHUA_SECRET_KEY"] = "bench"
os.environ["DJANGO_SETTINGS_MODULE"] = "songhua.console.settings"

import django  # noqa: E402

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

PAGES = {
    "wall": ("/wall/", "leader"), "grid": ("/ledger/", "office"),
    "grid, filtered and sorted": ("/ledger/?light=red&sort=-due&q=平台", "office"),
    "to-do (office)": ("/todo/", "office"), "to-do (unit)": ("/todo/", "staff"),
}  # fmt: skip


def say(text: str) -> None:
    """Progress goes to stderr; stdout carries the results."""
    sys.stderr.write(text + "\n")


def pages(day: object, users: dict[str, object]) -> list[dict[str, object]]:
    """Median over the repeats, and the number of queries, of each page."""
    from songhua.console import clock

    case, results = CASES["pages"], []
    for name, (url, role) in PAGES.items():
        client = Client(SERVER_NAME="localhost")
        client.force_login(users[role])
        times = []
        with clock.pinned(day):
            client.get(url)
            for _ in range(case["repeats"]):
                begun = time.perf_counter()
                answer = client.get(url)
                times.append(1000 * (time.perf_counter() - begun))
                assert answer.status_code == 200, (url, answer.status_code)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
        median = statistics.median(times)
        results.append(
            {
                "name": f"page: {name}",
                "median_ms": median,
                "worst_ms": max(times),
                "queries": len(queries),
                "goal": f"{case['goal_ms']} ms",
                "shown": f"{median:6.0f} ms median, {max(times):.0f} worst, {len(queries)} queries",
            }
        )
    return results


def bulletin(day: object) -> dict[str, object]:
    """A bulletin of 300 tasks as PDF, DOCX and XLSX, from the rows to the bytes."""
    from songhua.console import clock
    from songhua.console.ledger.models import Task
    from songhua.console.ledger.services.documents import draft
    from songhua.documents import render

    case = CASES["bulletin"]
    Task.objects.filter(code__gte=f"T{case['tasks']:05d}").update(state="cancelled")
    times = []
    with clock.pinned(day):
        for _ in range(case["repeats"]):
            begun = time.perf_counter()
            contents = render(draft("2024Q4"))
            times.append(time.perf_counter() - begun)
    sizes = ", ".join(f"{k} {len(v) // 1024} kB" for k, v in contents.items())
    return {
        "name": f"bulletin of {case['tasks']} tasks", "seconds": times,
        "goal": f"{case['goal_s']} s",
        "shown": f"first {times[0]:.2f} s, then {min(times[1:]):.2f} s ({sizes})",
    }  # fmt: skip


def bulk_import(day: object, office: object) -> dict[str, object]:
    """A GB18030 file of monthly reports through reading, checking, saving and lights."""
    from songhua.console import clock
    from songhua.console.ledger.models import ImportBatch
    from songhua.console.ledger.services import imports
    from songhua.governance.periods import add_months
    from songhua.tables import read

    month = add_months(day, -1)
    count = CASES["import"]["rows"]
    lines = ["任务编号,月份,完成进度(%),完成情况"]
    lines += [f"T{n:05d},{add_months(month, 1):%Y-%m},99,模拟" for n in range(count)]
    content = "\n".join(lines).encode("gb18030")
    with clock.pinned(add_months(day, 1).replace(day=3)):
        begun = time.perf_counter()
        read(content, "reports.csv")
        reading = time.perf_counter() - begun
        begun = time.perf_counter()
        batch = imports.receive(office, "reports", "reports.csv", [content])
        imports.process(batch.pk)
        seconds = time.perf_counter() - begun
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert batch.state == "done", batch.problems[:3]
    return {
        "name": f"import of {count} reports", "seconds": seconds,
        "shown": f"{seconds:.1f} s, of which reading {reading:.2f} s",
    }  # fmt: skip


def main() -> None:
    """Build, measure, print JSON."""
    from django.core.management import call_command
    from town import build

    from songhua.console.ledger.services.programme import load_programme
    from songhua.console.people.models import Unit
    from songhua.console.people.services import create_account

    call_command("migrate", verbosity=0)
    load_programme("bench")
    hashed, users = make_password("x"), {}
    for role in ("leader", "office", "staff"):
        unit = Unit.objects.first() if role == "staff" else None
        users[role] = create_account(
            "bench", username=role, name=role, role=role, unit=unit, password_hash=hashed
        )[0]
    case = CASES["pages"]
    say(f"building {case['tasks']} tasks over {case['months']} months…")
    begun = time.perf_counter()
    day = build(case["tasks"], case["months"], users["office"])
    say(f"built in {time.perf_counter() - begun:.0f} s")
    results = pages(day, users)
    results.append(bulk_import(day, users["office"]))
    results.append(bulletin(day))
    sys.stdout.write(json.dumps(results, ensure_ascii=False))


main()
