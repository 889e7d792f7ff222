"""How many opinions a second the public form takes on SQLite, and how fast they are read.

The server is a process of its own, the crowd another. Every opinion that was acknowledged is
looked for in the records afterwards; one that is missing ends the benchmark.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from crowd import PREPARE

from songhua.governance.consultation import apply, near_duplicates, parse, redline

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "cases.toml").read_text())
COUNT = """
import json
from songhua.console.consultation.models import Opinion
from songhua.console.ledger.models import AuditEntry
entries = AuditEntry.objects.filter(action__startswith="opinion").count()
print(json.dumps([list(Opinion.objects.values_list("receipt", flat=True)), entries]))
"""


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether the server is there."""
    try:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        line.request("GET", "/live/")
        return line.getresponse().status == 200
    except OSError:
        return False


def crowd(folder: str) -> dict[str, object]:
    """The rate over the whole time, and how long people waited."""
    case, port = CASES["crowd"], free_port()
    environment = os.environ | {
        "SONGHUA_DATA_DIR": folder, "SONGHUA_ORIGINS": "https://example.org",
        "DJANGO_SETTINGS_MODULE": "songhua.console.settings",
    }  # fmt: skip
    environment.pop("SONGHUA_DATABASE_URL", None)

    def inside(code: str) -> object:
        command = [sys.executable, "-c", "import django; django.setup()\n" + code]
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])

    songhua = [sys.executable, "-m", "songhua.cli"]
    subprocess.run([*songhua, "manage", "migrate", "--verbosity", "0"], env=environment, check=True)
    server = subprocess.Popen([*songhua, "serve", "--port", str(port)], env=environment)
    try:
        while not answers(port):
            time.sleep(0.1)
        forms = case["asked_a_second"] * case["seconds"]
        asked = inside(PREPARE.format(seconds=3600, forms=forms))
        time.sleep(4)  # a form that is sent at once is a robot's
        command = [sys.executable, str(HERE / "crowd.py"), str(port), str(case["asked_a_second"])]
        done = subprocess.run(
            command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True
        )
    finally:
        server.terminate()
        server.wait(15)
    told = json.loads(done.stdout)
    kept, entries = inside(COUNT)
    accepted = {receipt for *_, status, receipt in told if status == 302}
    assert accepted == set(kept) and len(accepted) == forms, (len(accepted), len(kept), forms)
    seconds = max(end for _, _, end, *_ in told) - min(begun for _, begun, *_ in told)
    waits = sorted(1000 * (end - begun) for _, begun, end, *_ in told)
    rate, p99 = forms / seconds, waits[int(len(waits) * 0.99)]
    return {
        "name": f"{forms} opinions at the public form", "a_second": rate, "waits_p99_ms": p99,
        "goal": f"{case['goal_a_second']} a second",
        "shown": f"{rate:.0f} a second over {seconds:.0f} s, none lost; waits"
        f" {statistics.median(waits):.0f} ms median, {p99:.0f} p99; {entries} audit entries",
    }  # fmt: skip


def alike() -> dict[str, object]:
    """Groups among many opinions."""
    case, chance = CASES["alike"], random.Random(1)
    characters = [chr(0x4E00 + n) for n in range(2000)]
    letter = "".join(chance.choices(characters, k=120))
    texts = []
    for number in range(case["opinions"]):
        own = "".join(chance.choices(characters, k=80 if number % 3 else 8))
        texts.append(own if number % 3 else letter + own)
    return timed(
        f"{len(texts)} opinions put together", case, lambda: near_duplicates(texts),
        lambda groups: f"{len(groups)} groups, the largest of {max(map(len, groups))}",
    )  # fmt: skip


def redlined() -> dict[str, object]:
    """A redline that is exact."""
    case, chance = CASES["redline"], random.Random(2)
    characters = [chr(0x4E00 + n) for n in range(2000)]
    bodies = ["".join(chance.choices(characters, k=150)) for _ in range(case["clauses"])]
    changed = [
        body[:40] + "五百万元" + body[60:] if number % 10 == 0 else body
        for number, body in enumerate(bodies)
    ]
    old = "".join(f"{body}。\n" for body in bodies)
    new = "".join(f"{body}。\n" for body in [*changed[500:], *changed[:500]])

    def work() -> tuple[object, ...]:
        before = parse(old)
        return redline(before, parse(new, before))

    def told(changes: tuple[object, ...]) -> str:
        assert apply(old, changes) == new
        return f"{sum(change.kind != 'kept' for change in changes)} clauses changed or moved"

    return timed(f"redline of {case['clauses']} clauses", case, work, told)


def timed(name: str, case: dict, work: object, told: object) -> dict[str, object]:
    """The median of five."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - begun)
    median = statistics.median(times)
    return {
        "name": name, "seconds": times, "goal": f"{case['goal_s']} s",
        "shown": f"{median:.2f} s median, {max(times):.2f} worst; {told(found)}",
    }  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="songhua-bench-") as made:
        results = [crowd(made), alike(), redlined()]
    sys.stdout.write(json.dumps(results))
