"""One attempt at a piece of work, in a folder of its own.

The folder is all that the one who asks and the one who works share: ``request.json`` goes in;
``progress`` (a share from 0 to 1) is written while the work lasts; ``report.json`` appears whole
or not at all. So the work may be done by a process beside us or by one of a cluster that sees the
same folder, and what a killed process leaves behind is one folder to delete.
"""

from __future__ import annotations

import json
import os
import time
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import Infeasible, Problem, SonghuaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from songhua.kit.spec import Dataset, Outcome

PROGRESS_EVERY_S = 0.2


def prepare(folder: Path, request: dict[str, Any]) -> None:
    """Make the folder of an attempt. `request` names its `task` and what that task wants."""
    folder.mkdir(parents=True)
    _write(folder / "request.json", json.dumps(request, ensure_ascii=False))


def progress(folder: Path) -> float:
    """The share done so far."""
    try:
        return float((folder / "progress").read_text())
    except (OSError, ValueError):
        return 0.0


def report(folder: Path) -> dict[str, Any] | None:
    """What came of it, or None as long as nothing has.

    ``{"state": "done", …}`` with what the task returns, ``{"state": "failed", "problems": […]}``
    for what the asker can mend, or ``{"state": "broken", "trace": "…"}`` for a fault of ours.
    """
    try:
        found = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    assert isinstance(found, dict)
    return found


def perform(folder: Path) -> None:
    """Do what the request of `folder` asks, and leave the report there. Never raises what the
    work raises."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    try:
        answer = TASKS[request.pop("task")](folder, _reporter(folder), **request)
        answer["state"] = "done"
    except SonghuaError as error:
        answer = {
            "state": "failed",
            "infeasible": isinstance(error, Infeasible),
            "problems": [asdict(p) for p in error.problems],
        }
    except Exception as error:
        # Every other error of the work is ours: it is kept for us, and named without detail.
        answer = {"state": "broken", "kind": type(error).__name__, "trace": traceback.format_exc()}
    _write(folder / "report.json", json.dumps(answer, ensure_ascii=False))


def _reporter(folder: Path) -> Callable[[float], None]:
    last = 0.0

    def say(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PROGRESS_EVERY_S:
            last = now
            _write(folder / "progress", f"{min(max(share, 0.0), 1.0):.4f}", durable=False)

    return say


def _write(path: Path, text: str, *, durable: bool = True) -> None:
    beside = path.with_name(f".{path.name}")
    with beside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        if durable:
            stream.flush()
            os.fsync(stream.fileno())
    beside.replace(path)


def run_action(
    folder: Path,
    progress: Callable[[float], None],
    *,
    scenario: str,
    action: str,
    inputs: dict[str, str],
    params: dict[str, Any],
    seed: int,
) -> dict[str, Any]:
    """Run an action on the Parquet files `inputs`; its tables are left in `folder` under their
    digests."""
    import polars as pl

    from songhua.kit.params import parse
    from songhua.runtime.execute import execute
    from songhua.runtime.registry import find

    declared, asked = find(scenario, action)
    frames = {name: pl.read_parquet(path) for name, path in inputs.items()}
    outcome = execute(declared, asked, frames, parse(asked.params, params), seed, progress)
    return {
        "tables": {
            name: _keep(folder, declared.dataset(name), outcome, name) for name in asked.writes
        },
        "kpis": dict(outcome.kpis),
    }


def _keep(folder: Path, dataset: Dataset, outcome: Outcome, name: str) -> dict[str, Any]:
    from songhua.runtime.store import digest_of

    frame, path = outcome.tables[name], folder / f"{name}.parquet"
    frame.write_parquet(path, compression="zstd")
    digest = digest_of(path)
    path.replace(folder / f"{digest}.parquet")
    return {"digest": digest, "rows": frame.height, "dataset": dataset.name}


def check_upload(
    folder: Path,
    progress: Callable[[float], None],
    *,
    scenario: str,
    dataset: str,
    source: str,
    filename: str,
) -> dict[str, Any]:
    """Bring an uploaded file to a Parquet file in `folder`; `InputError` with all its problems."""
    from songhua.kit.errors import InputError
    from songhua.kit.terms import terms
    from songhua.runtime.ingest import ingest
    from songhua.runtime.registry import scenarios

    declared = scenarios()[scenario]
    found = ingest(
        Path(source), filename, declared.dataset(dataset), terms(declared.package), folder,
        progress=progress,
    )  # fmt: skip
    if found.problems:
        raise InputError(found.problems)
    return {
        "digest": found.digest,
        "rows": found.rows,
        "left_out": list(found.columns_left_out),
        "encoding": found.encoding,
    }


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "run_action": run_action,
    "check_upload": check_upload,
}


def problems(found: dict[str, Any]) -> list[Problem]:
    """The problems of a report that failed."""
    return [Problem(**p) for p in found.get("problems", ())]


def discard(folder: Path) -> None:
    """Delete an attempt's folder and everything in it; nothing happens where it is gone."""
    import shutil

    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
