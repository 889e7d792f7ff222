"""The machinery itself: what it adds to a run, how it lists many, and what large tables cost.

Large tables go through a real server and a real worker; memory is the peak of each process as
the system reports it (VmHWM).
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "cases.toml").read_text())
KEPT = tempfile.TemporaryDirectory(prefix="songhua-bench-")
FOLDER = Path(KEPT.name)
os.environ |= {
    "SONGHUA_DATA_DIR": str(FOLDER / "data"),
    "SONGHUA_SECRET_KEY": "bench",
    "SONGHUA_API_RATE": "1000000",
    "DJANGO_SETTINGS_MODULE": "songhua.console.settings",
    "PYTHONPATH": f"{HERE}{os.pathsep}{FOLDER}",
}
sys.path[:0] = [str(HERE), str(FOLDER)]
announced = FOLDER / "songhua_bench-1.dist-info"
announced.mkdir()
(announced / "METADATA").write_text("Name: songhua_bench\nVersion: 1\n")
(announced / "entry_points.txt").write_text("[songhua.scenarios]\nbench = songhua_bench:scenario\n")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402


def say(text: str) -> None:
    """Progress goes to stderr; stdout carries the results."""
    sys.stderr.write(text + "\n")


def readings(rows: int) -> object:
    """A frame of made-up readings."""
    import numpy as np
    import polars as pl

    rng, number = np.random.default_rng(1), np.arange(rows)
    at = np.datetime64("2023-01-01T00:00:00", "us") + number * np.timedelta64(1_000_000, "us")
    return pl.DataFrame(
        {
            "reading": number,
            "read_at": pl.Series(at).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "station": pl.Series(number % 200).cast(pl.String),
            "supply_c": rng.normal(80, 10, rows).clip(-60, 200),
            "return_c": rng.normal(45, 5, rows).clip(-60, 200),
        }
    )


def overhead(office: object) -> dict[str, object]:
    """From the question to the recorded answer of an action that returns what it is given."""
    from songhua.console.runs.models import Run, Table
    from songhua.console.runs.services import runs, supervise, tables

    case = CASES["overhead"]
    path = FOLDER / "small.parquet"
    readings(case["rows"]).write_parquet(path)
    made = tables.receive(office, "bench", "readings", "small.parquet", [path.read_bytes()])
    supervise.next_work()
    assert Table.objects.get(pk=made.pk).state == "done"
    times = []
    for _ in range(case["repeats"] + 1):  # the first one starts the child and is not counted
        begun = time.perf_counter()
        run = runs.ask(office, "bench", "check_readings", tables={"readings": made.pk}, params={})
        supervise.next_work()
        times.append(time.perf_counter() - begun)
        assert Run.objects.get(pk=run.pk).state == "done"
    counted = times[1:]
    return {
        "name": f"run on {case['rows']:,} rows", "seconds": counted, "goal": f"{case['goal_s']} s",
        "shown": f"{statistics.median(counted):.3f} s conform + store + record"
        f" (first, with the start of its process: {times[0]:.2f} s)",
    }  # fmt: skip


def listed(office: object) -> list[dict[str, object]]:
    """The list of runs, from its first page to a late one."""
    from django.urls import reverse

    from songhua.console.runs.models import Run

    case, pattern, results = CASES["list"], Run.objects.order_by("pk").last(), []
    missing = case["runs"] - Run.objects.count()
    fields = {
        f.attname: getattr(pattern, f.attname) for f in Run._meta.concrete_fields if f.name != "id"
    }
    Run.objects.bulk_create((Run(**fields) for _ in range(missing)), batch_size=1000)
    client = Client(SERVER_NAME="localhost")
    client.force_login(office)
    for name, query in (("first page", ""), ("one scenario, done", "?scenario=bench&state=done")):
        times, url = [], reverse("runs") + query
        client.get(url)
        for _ in range(case["repeats"]):
            begun = time.perf_counter()
            assert client.get(url).status_code == 200
            times.append(1000 * (time.perf_counter() - begun))
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        shown = f"{statistics.median(times):6.0f} ms median, {max(times):.0f} worst"
        results.append(
            {"name": f"{case['runs']:,} runs: {name}", "milliseconds": times,
             "goal": f"{case['goal_ms']} ms", "shown": f"{shown}, {len(queries)} queries"}
        )  # fmt: skip
    return results


class Server:
    """A real web server and a real worker on this data folder."""

    def __init__(self, token: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.headers = {"Authorization": f"Bearer {token}"}
        command = [sys.executable, "-m", "songhua.cli"]
        self.web = subprocess.Popen([*command, "serve", "--port", str(self.port)])
        self.worker = subprocess.Popen([*command, "worker"])
        until(self._answers)

    def _answers(self) -> bool:
        try:
            return self.call("GET", "/live/")[0] == 200
        except OSError:
            return False

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        kind: str = "application/json",
        **headers: str,
    ) -> tuple[int, bytes]:
        """Status and body of one request."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        given = {**self.headers, **headers} | ({"Content-Type": kind} if body is not None else {})
        link.request(method, path, body, given)
        answer = link.getresponse()
        size, content = 0, b""
        while piece := answer.read(1 << 20):
            size += len(piece)
            content = piece if size <= 1 << 20 else b""
        link.close()
        return answer.status, content

    def json(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """The answer to a request that must succeed."""
        sent = None if body is None else json.dumps(body).encode()
        status, content = self.call(method, "/api/v1/" + path, sent)
        assert status < 300, (status, content[:500])
        return json.loads(content)

    def peak_mb(self, process: subprocess.Popen[bytes]) -> float:
        """The largest peak among a process and those that it started."""
        family, peaks = [process.pid], []
        for pid in family:
            try:
                family += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            peaks.append(int(status.split("VmHWM:")[1].split()[0]) / 1024)
        return max(peaks)

    def stop(self) -> None:
        """End both."""
        for process in (self.web, self.worker):
            process.terminate()
        for process in (self.web, self.worker):
            process.wait(60)


def until(holds: object, seconds: float = 900) -> None:
    """Wait for something true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def bring(server: Server, body: object, name: str, size: int) -> tuple[dict, float, float]:
    """Upload and wait for the check: the table, seconds of the upload, seconds of the check."""
    begun = time.perf_counter()
    path = f"/api/v1/tables?scenario=bench&dataset=readings&filename={name}"
    status, content = server.call(
        "POST", path, body, "application/octet-stream", **{"Content-Length": str(size)}
    )
    assert status == 201, (status, content[:500])
    sent = time.perf_counter()
    found = json.loads(content)

    def over() -> bool:
        found.update(server.json("GET", f"tables/{found['id']}"))
        return found["state"] not in {"queued", "running"}

    until(over)
    assert found["state"] == "done", found["problems"][:3]
    return found, sent - begun, time.perf_counter() - sent


def large(server: Server, client: Client) -> list[dict[str, object]]:
    """Five million rows from the upload to the pages that show them."""
    case = CASES["large"]
    path = FOLDER / "large.parquet"
    readings(case["rows"]).write_parquet(path)
    with path.open("rb") as body:
        table, sent, checked = bring(server, body, "large.parquet", path.stat().st_size)
    begun = time.perf_counter()
    run = server.json(
        "POST", "runs",
        {"scenario": "bench", "action": "check_readings", "tables": {"readings": table["id"]},
         "params": {}, "seed": 1},
    )  # fmt: skip

    def over() -> bool:
        run.update(server.json("GET", f"runs/{run['id']}"))
        return run["state"] not in {"queued", "running"}

    until(over)
    assert run["state"] == "done", run
    ran = time.perf_counter() - begun
    cookie = f"songhua_session={client.cookies['songhua_session'].value}"
    begun = time.perf_counter()
    pages = (f"/tables/{table['id']}/", f"/runs/{run['id']}/")
    answered = [server.call("GET", page, Cookie=cookie)[0] for page in pages]
    assert set(answered) == {200}, answered
    shown = time.perf_counter() - begun
    outcome = run["outputs"]["checked_readings"]["table"]
    server.json("GET", f"tables/{outcome}/rows?offset={case['rows'] - 100}&limit=100")
    begun = time.perf_counter()
    for form in ("csv", "parquet"):
        assert server.call("GET", f"/api/v1/tables/{outcome}/content?format={form}")[0] == 200
    fetched = time.perf_counter() - begun
    return [
        {
            "name": f"{case['rows']:,} rows through API and pages",
            "goal": f"web {case['goal_mb']} MB",
            "shown": f"web peak {server.peak_mb(server.web):.0f} MB; upload {sent:.1f} s, check "
            f"{checked:.1f} s, run {ran:.1f} s, both pages {shown:.1f} s, CSV and Parquet back "
            f"{fetched:.1f} s; worker peak {server.peak_mb(server.worker):.0f} MB",
        }
    ]


def lines(size: int) -> Iterator[bytes]:
    """CSV of about `size` bytes, never whole in memory."""
    yield "读数编号,读数时刻,换热站,供水温度,回水温度\n".encode()
    sent, number = 0, 0
    while sent < size:
        block = "".join(
            f"{n},2023-01-{n % 28 + 1:02} {n % 24:02}:{n % 60:02}:00,第{n % 200}换热站,"
            f"{70 + n % 300 / 10:.1f},{40 + n % 90 / 10:.1f}\n"
            for n in range(number, number + 20_000)
        ).encode()
        number += 20_000
        sent += len(block)
        yield block


def upload(server: Server) -> dict[str, object]:
    """A large CSV as a stream."""
    case = CASES["upload"]
    path = FOLDER / "large.csv"
    with path.open("wb") as stream:
        stream.writelines(lines(case["megabytes"] * 1_000_000))
    size = path.stat().st_size
    with path.open("rb") as body:
        table, sent, checked = bring(server, body, "large.csv", size)
    path.unlink()
    return {
        "name": f"CSV of {size / 1e9:.2f} GB, {table['rows']:,} rows",
        "shown": f"upload {sent:.0f} s, check {checked:.0f} s; web peak "
        f"{server.peak_mb(server.web):.0f} MB, worker peak {server.peak_mb(server.worker):.0f} MB",
    }


def main() -> None:
    """Measure, print JSON."""
    from songhua.console.api import tokens
    from songhua.console.people.models import User
    from songhua.console.runs.services import supervise

    call_command("migrate", verbosity=0)
    office = User.objects.create_user("office", password="x", role="office")
    results = [overhead(office), *listed(office)]
    supervise.our_lane().stop()
    _, secret = tokens.make(office, name="bench", scopes=["read", "tables", "runs"], days="1")
    client = Client(SERVER_NAME="localhost")
    client.force_login(office)
    connection.close()
    server = Server(secret)
    try:
        say("five million rows…")
        results += large(server, client)
        say("two gigabytes…")
        results.append(upload(server))
    finally:
        server.stop()
    sys.stdout.write(json.dumps(results, ensure_ascii=False))


main()
