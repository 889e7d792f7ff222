"""Lanes: the same attempt gives the same report beside us and on a cluster, and can be ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from songhua.kit.conform import conform
from songhua.runtime import attempt
from songhua.runtime.lanes import LocalLane, lane

from ..console.processes import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.kit.spec import Scenario
    from songhua.runtime.lanes import Lane


@pytest.fixture
def numbers(tmp_path, toy_scenario: Scenario) -> str:
    """The toy's sample as the Parquet file that an attempt reads."""
    import polars as pl

    given = pl.DataFrame(
        {"item": ["a", "b", "c"], "kind": ["red", "red", "blue"], "weight_kg": [1.0, 2.0, 4.0],
         "packed_on": [None, None, None]}
    )  # fmt: skip
    path = tmp_path / "numbers.parquet"
    conform(toy_scenario.dataset("numbers"), given).write_parquet(path)
    return str(path)


@pytest.fixture
def local() -> Iterator[Lane]:
    made = LocalLane()
    yield made
    made.stop()


def begin(tmp_path: Path, numbers: str, action: str, **params: object) -> Path:
    folder = tmp_path / uuid.uuid4().hex
    attempt.prepare(
        folder,
        {"task": "run_action", "scenario": "toy", "action": action,
         "inputs": {"numbers": numbers}, "params": params, "seed": 3},
    )  # fmt: skip
    return folder


def finish(lane: Lane, folder: Path) -> dict[str, object] | None:
    lane.start(folder)
    until(lambda: lane.wait(folder, 0.5), 60)
    return attempt.report(folder)


def test_a_report_has_tables_by_their_digest_and_the_process_stays_warm(local, tmp_path, numbers):
    first = begin(tmp_path, numbers, "count_slowly")
    report = finish(local, first)
    assert report["state"] == "done" and report["kpis"]["mean_kg"] == pytest.approx(7 / 3)
    table = report["tables"]["totals"]
    assert table["rows"] == 2 and (first / f"{table['digest']}.parquet").is_file()
    process = local.process.pid
    assert finish(local, begin(tmp_path, numbers, "count_slowly")) == report
    assert local.process.pid == process


def test_progress_is_seen_while_it_lasts_and_stopping_ends_it(local, tmp_path, numbers):
    folder = begin(tmp_path, numbers, "count_slowly", seconds=600, steps=2000)
    local.start(folder)
    until(lambda: attempt.progress(folder) > 0, 30)
    process = local.process.pid
    local.stop()
    assert attempt.report(folder) is None
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert finish(local, begin(tmp_path, numbers, "count_slowly"))["state"] == "done"


@pytest.mark.parametrize(
    ("how", "state", "told"),
    [("fail", "failed", "out_of_range"), ("infeasible", "failed", "out_of_range"),
     ("crash", "broken", "RuntimeError"), ("undeclared", "broken", "BrokenPromise"),
     ("not_finite", "broken", "BrokenPromise")],
)  # fmt: skip
def test_each_way_to_end_is_told_apart(local, tmp_path, numbers, how, state, told):
    report = finish(local, begin(tmp_path, numbers, "misbehave", how=how))
    assert report["state"] == state
    assert (report["kind"] if state == "broken" else report["problems"][0]["code"]) == told


def test_a_process_that_dies_ends_the_attempt_without_a_report(local, tmp_path, numbers):
    assert finish(local, begin(tmp_path, numbers, "misbehave", how="die")) is None
    assert finish(local, begin(tmp_path, numbers, "misbehave"))["state"] == "done"


def test_the_child_ends_with_the_one_who_started_it(tmp_path, numbers):
    folder = begin(tmp_path, numbers, "count_slowly", seconds=600, steps=2000)
    code = (
        "import sys, time; from pathlib import Path; from songhua.runtime.lanes import LocalLane\n"
        "made = LocalLane(); made.start(Path(sys.argv[1])); print(made.process.pid, flush=True)\n"
        "time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    until(lambda: attempt.progress(folder) > 0, 30)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not _alive(child), 10)


def _alive(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be buried."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_a_ray_cluster_gives_the_same_report(local, tmp_path, numbers, monkeypatch):
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed (requirements/cluster.lock): its lane cannot be tried")
    expected = finish(local, begin(tmp_path, numbers, "count_slowly"))
    ray = Path(sys.executable).with_name("ray")
    port, client = _free_port(), _free_port()
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    # Not within tmp_path: the names of its sockets must be short.
    folder = Path(tempfile.gettempdir()) / f"ray-{uuid.uuid4().hex[:8]}"
    subprocess.run(
        [ray, "start", "--head", f"--port={port}", f"--ray-client-server-port={client}",
         "--include-dashboard=false", "--num-cpus=1", "--disable-usage-stats",
         f"--temp-dir={folder}"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    try:
        cluster = lane(f"ray://127.0.0.1:{client}")
        assert finish(cluster, begin(tmp_path, numbers, "count_slowly")) == expected
        broken = finish(cluster, begin(tmp_path, numbers, "misbehave", how="crash"))
        assert broken["state"] == "broken"
        endless = begin(tmp_path, numbers, "count_slowly", seconds=600, steps=2000)
        cluster.start(endless)
        until(lambda: attempt.progress(endless) > 0, 60)
        cluster.stop()
        assert finish(cluster, begin(tmp_path, numbers, "count_slowly")) == expected
    finally:
        import ray as library

        library.shutdown()
        subprocess.run([ray, "stop", "--force"], check=False, capture_output=True, timeout=60)
        shutil.rmtree(folder, ignore_errors=True)
