"""An attempt leaves one report, whole or not at all, whatever becomes of the work."""

from __future__ import annotations

import signal
import subprocess
import sys

import polars as pl
import pytest

from songhua.runtime import attempt
from songhua.runtime.store import digest_of

PERFORM = "import sys, pathlib; from songhua.runtime.attempt import perform;"
PERFORM += " perform(pathlib.Path(sys.argv[1]))"


@pytest.fixture
def prepared(toy_scenario, tmp_path):
    """Makes the folder of an attempt at an action of the toy."""
    numbers = tmp_path / "numbers.parquet"
    pl.DataFrame({"item": ["a"], "kind": ["red"], "weight_kg": [1.5]}).write_parquet(numbers)

    def prepare(action="misbehave", inputs=None, **params):
        folder = tmp_path / "attempt"
        request = {
            "task": "run_action", "scenario": "toy", "action": action, "seed": 1,
            "inputs": {"numbers": str(numbers)} if inputs is None else inputs, "params": params,
        }  # fmt: skip
        attempt.prepare(folder, request)
        return folder

    return prepare


def performed(folder):
    attempt.perform(folder)
    return attempt.report(folder)


def test_before_the_work_is_done_there_is_no_report(prepared):
    folder = prepared()
    assert attempt.report(folder) is None
    assert attempt.progress(folder) == 0


def test_a_table_is_left_under_its_digest(prepared):
    folder = prepared()
    found = performed(folder)
    assert found["state"] == "done"
    totals = found["tables"]["totals"]
    assert (totals["rows"], totals["dataset"]) == (1, "totals")
    assert digest_of(folder / f"{totals['digest']}.parquet") == totals["digest"]
    assert found["kpis"]["mean_kg"] == 1.5


def test_nothing_else_is_left_in_the_folder(prepared):
    folder = prepared()
    digest = performed(folder)["tables"]["totals"]["digest"]
    left = {path.name for path in folder.iterdir()}
    assert left == {"request.json", "report.json", f"{digest}.parquet"}


@pytest.mark.parametrize(("how", "infeasible"), [("fail", False), ("infeasible", True)])
def test_what_the_asker_can_mend_comes_back_as_problems(prepared, how, infeasible):
    found = performed(prepared(how=how))
    assert (found["state"], found["infeasible"]) == ("failed", infeasible)
    (problem,) = attempt.problems(found)
    assert (problem.code, problem.value) == ("out_of_range", "7")
    assert problem.row == (None if infeasible else 1)


def test_a_bad_cell_and_a_bad_parameter_come_back_as_problems(prepared):
    (problem,) = attempt.problems(performed(prepared(how="otherwise")))
    assert (problem.where, problem.code) == ("how", "param_choice")


@pytest.mark.parametrize(
    ("how", "kind"),
    [("crash", "RuntimeError"), ("undeclared", "BrokenPromise"), ("not_finite", "BrokenPromise")],
)
def test_a_fault_of_ours_is_named_and_its_trace_is_kept(prepared, how, kind):
    found = performed(prepared(how=how))
    assert (found["state"], found["kind"]) == ("broken", kind)
    assert kind in found["trace"]
    assert attempt.problems(found) == []


def test_an_input_that_is_gone_is_a_fault_of_ours(prepared):
    folder = prepared(inputs={"numbers": "/nowhere.parquet"})
    assert performed(folder)["state"] == "broken"


def test_a_task_that_nobody_knows_is_a_fault_of_ours(tmp_path):
    attempt.prepare(tmp_path / "attempt", {"task": "dance"})
    assert performed(tmp_path / "attempt")["state"] == "broken"


def test_progress_is_there_to_be_read_while_the_work_lasts(prepared, monkeypatch):
    monkeypatch.setattr(attempt, "PROGRESS_EVERY_S", 0)
    folder, seen = prepared("count_slowly", steps=4), []
    write = attempt._write

    def spy(path, text, **given):
        write(path, text, **given)
        seen.append(attempt.progress(folder))

    monkeypatch.setattr(attempt, "_write", spy)
    performed(folder)
    assert seen[:4] == [0.25, 0.5, 0.75, 1.0]


def test_a_process_that_dies_leaves_no_report(prepared):
    folder = prepared(how="die")
    done = subprocess.run([sys.executable, "-c", PERFORM, str(folder)])
    assert done.returncode == -signal.SIGKILL
    assert attempt.report(folder) is None
    attempt.discard(folder)
    attempt.discard(folder)  # again: nothing happens
    assert not folder.exists()


def test_a_half_written_report_is_no_report(prepared):
    folder = prepared()
    (folder / ".report.json").write_text('{"state": "do')
    assert attempt.report(folder) is None
