"""Scenarios on the command line: the console's answer without a console, and nothing half done."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import polars as pl
import pytest

from songhua.cli import main
from songhua.runtime.registry import scenarios
from songhua.runtime.schema import documents

SAMPLE = files("songhua.scenarios.fever_clinic") / "sample"
VISITS, ROSTER, SHIFTS = (str(SAMPLE / f"{n}.csv") for n in ("visits", "roster", "shifts"))


def run(out, *more: str, action: str = "simulate_waits", visits: str = VISITS) -> int:
    return main([
        "run", "fever_clinic", action, "--table", f"visits={visits}", "--table",
        f"roster={ROSTER}", "--param", "replications=20", "--out", str(out), *more,
    ])  # fmt: skip


def result(out) -> dict:
    return json.loads((out / "result.json").read_text("utf-8"))


def test_the_results_are_tables_in_both_forms_and_what_fixed_them(tmp_path, capsys):
    out = tmp_path / "deep" / "out"
    assert run(out, "--seed", "7") == 0
    told, action = result(out), scenarios()["fever_clinic"].action("simulate_waits")
    assert list(told["kpis"]) == list(action.kpis)
    for name in action.writes:
        packed, plain = (out / f"{name}.{form}" for form in ("parquet", "csv"))
        assert pl.read_parquet(packed).equals(pl.read_csv(plain))
        assert pl.read_parquet(packed).height == told["tables"][name]["rows"]
    assert told["provenance"]["seed"] == 7
    assert told["provenance"]["params"]["replications"] == 20
    said = capsys.readouterr().out
    assert all(name in said for name in action.kpis)
    assert [path.name for path in out.parent.iterdir()] == ["out"], "nothing else is left"


def test_the_same_question_has_the_same_answer_from_any_form_of_the_table(tmp_path):
    frame = pl.read_csv(VISITS, infer_schema=False)
    frame.write_parquet(tmp_path / "visits.parquet")
    (tmp_path / "gb.csv").write_text(frame.write_csv(), encoding="gb18030")
    answers = []
    for n, visits in enumerate((VISITS, tmp_path / "visits.parquet", tmp_path / "gb.csv")):
        assert run(tmp_path / str(n), visits=str(visits)) == 0
        answers.append(result(tmp_path / str(n)))
    first, *others = [(a["kpis"], a["tables"], a["provenance"]["digest"]) for a in answers]
    assert others == [first, first]
    assert run(tmp_path / "other", "--seed", "2") == 0
    assert result(tmp_path / "other")["provenance"]["digest"] != first[2]


def test_only_the_wanted_form_is_written(tmp_path):
    assert run(tmp_path / "out", "--format", "csv") == 0
    assert {p.suffix for p in (tmp_path / "out").iterdir()} == {".csv", ".json"}


def test_everything_wrong_is_said_with_table_row_and_column_and_nothing_is_left(tmp_path, capsys):
    bad = tmp_path / "bad.csv"
    lines = (SAMPLE / "visits.csv").read_text("utf-8").splitlines()
    head, cells = lines[0], lines[1].split(",")
    cells[head.split(",").index("triage_level")] = "９"
    bad.write_text("\n".join([head, ",".join(cells), lines[2]]), encoding="utf-8")
    code = run(
        tmp_path / "out", "--param", "turnaround_min=999", "--param", "turnaround=1", "--table",
        f"roster2={ROSTER}", visits=str(bad),
    )  # fmt: skip
    said = capsys.readouterr().err.splitlines()
    assert code == 1
    assert any("visits" in s and "row 2" in s and "triage_level" in s for s in said), said
    for word in ("turnaround_min", "turnaround", "roster2"):
        assert any(s.startswith(f"{word}:") for s in said), said
    assert all(" / " in s for s in said)
    assert [p.name for p in tmp_path.iterdir()] == ["bad.csv"]


def test_results_are_never_written_over(tmp_path, capsys):
    (tmp_path / "kept.txt").write_text("mine")
    assert run(tmp_path) == 1
    assert "out" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


def test_a_promise_that_cannot_be_kept_is_explained(tmp_path, capsys):
    shifts = tmp_path / "shifts.csv"
    table = pl.read_csv(SHIFTS)
    table.with_columns(pl.lit(0, pl.Int64).alias("most")).write_csv(shifts)
    code = run(tmp_path / "out", "--table", f"shifts={shifts}", action="plan_roster")
    said = capsys.readouterr().err
    assert code == 1 and "no answer" in said and "shifts" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("arguments", "said"), [
    (["run", "none", "x", "--out", "o"], "fever_clinic"),
    (["run", "fever_clinic", "none", "--out", "o"], "simulate_waits"),
    (["scenarios", "none"], "fever_clinic"),
    (["schema", "none", "--out", "o"], "fever_clinic"),
    (["run", "fever_clinic", "simulate_waits", "--table", "visits=none.csv", "--table",
      f"roster={ROSTER}", "--out", "o"], "none.csv"),
    (["run", "fever_clinic", "simulate_waits", "--table", "a=b", "--table", "a=c", "--out", "o"],
     "given twice"),
    (["run", "fever_clinic", "simulate_waits", "--seed", "-1", "--out", "o"], "seed"),
])  # fmt: skip
def test_what_is_not_there_is_named(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("pair", ["visits", "=x", ""])
def test_a_pair_without_its_halves_is_wrong_usage(tmp_path, pair):
    with pytest.raises(SystemExit) as stopped:
        main(["run", "fever_clinic", "simulate_waits", "--table", pair, "--out", str(tmp_path)])
    assert stopped.value.code == 2


def test_a_scenario_is_described_with_everything_it_asks_for(capsys):
    assert main(["scenarios"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in scenarios())
    for scenario in scenarios().values():
        assert main(["scenarios", scenario.name]) == 0
        said = capsys.readouterr().out
        for dataset in scenario.inputs:
            assert all(f"  {c.name}: " in said for c in dataset.columns)
        for action in scenario.actions:
            assert f"songhua run {scenario.name} {action.name}" in said
            assert all(f"--param {name} " in said for name in action.params.model_fields)


def test_the_schema_is_written_as_files(tmp_path):
    assert main(["schema", "fever_clinic", "--out", str(tmp_path)]) == 0
    written = {p.name: json.loads(p.read_text("utf-8")) for p in tmp_path.iterdir()}
    assert written == json.loads(json.dumps(documents(scenarios()["fever_clinic"])))


def test_no_command_for_scenarios_needs_django_and_help_needs_nothing(tmp_path):
    code = (
        "import sys\nfrom songhua.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'polars', 'pydantic', 'django', 'duckdb'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        f"assert main(['run', 'fever_clinic', 'simulate_waits', '--table', {f'visits={VISITS}'!r},"
        f" '--table', {f'roster={ROSTER}'!r}, '--param', 'replications=20', '--out',"
        f" {str(tmp_path / 'out')!r}]) == 0\n"
        "assert 'django' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_the_console_gives_the_same_digests(tmp_path, settings):
    from songhua.console.people.models import User
    from songhua.console.runs.services import runs, supervise, tables

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    office = User.objects.create_user("office", password="x", role="office")
    given = {n: tables.sample(office, "fever_clinic", n).pk for n in ("visits", "roster")}
    asked = {"tables": given, "params": {"replications": "20"}, "seed": 3}
    while supervise.next_work():
        pass
    made = runs.ask(office, "fever_clinic", "simulate_waits", **asked)
    supervise.next_work()
    made.refresh_from_db()
    assert made.state == "done", made.problems
    assert run(tmp_path / "out", "--seed", "3") == 0
    told = result(tmp_path / "out")
    assert told["provenance"]["digest"] == made.digest and told["kpis"] == made.kpis
    kept = {t.name: t.digest for t in made.outputs.all()}
    assert {name: t["digest"] for name, t in told["tables"].items()} == kept
