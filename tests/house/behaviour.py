"""The actions: they answer on the sample, repeat, leave their inputs alone, and never crash."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhua.kit.conform import dtype
from songhua.kit.errors import Infeasible, InputError
from songhua.kit.messages import catalogue
from songhua.runtime import attempt
from songhua.runtime.execute import execute

from .samples import tables
from .tables import random_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from songhua.kit.spec import Action, Outcome, Scenario

SEED = 1
RANDOM_TABLES = 25
PERFORM = """
import sys, pathlib
from songhua.runtime.attempt import perform
perform(pathlib.Path(sys.argv[1]))
"""


def every_action_answers_and_repeats(scenario: Scenario) -> Iterator[str]:
    """With default parameters and one seed: the same indicators and the same bytes, also in
    another process."""
    for action in scenario.actions:
        with tempfile.TemporaryDirectory() as folder:
            reports = [_attempt(scenario, action, Path(folder), name) for name in ("1", "2", "3")]
        first, again, elsewhere = reports
        if first["state"] != "done":
            yield f"{action.name}: {first.get('trace') or first['problems']}"
        elif again != first:
            yield f"{action.name}: answers otherwise when it is asked again"
        elif elsewhere != first:
            yield f"{action.name}: answers otherwise in another process"


def _attempt(scenario: Scenario, action: Action, folder: Path, name: str) -> dict[str, Any]:
    """The report of one attempt; the third is made in another process, which hashes otherwise."""
    inputs = {}
    for table, frame in tables(scenario, action).items():
        inputs[table] = str(folder / f"{table}.parquet")
        frame.write_parquet(inputs[table])
    work = folder / name
    request = {
        "task": "run_action", "scenario": scenario.name, "action": action.name,
        "inputs": inputs, "params": action.params().model_dump(mode="json"), "seed": SEED,
    }  # fmt: skip
    attempt.prepare(work, request)
    if name == "3":
        environment = os.environ | {"PYTHONHASHSEED": "7"}
        subprocess.run([sys.executable, "-c", PERFORM, str(work)], check=True, env=environment)
    else:
        attempt.perform(work)
    report = attempt.report(work)
    assert report is not None
    return report


def no_action_changes_its_inputs_or_goes_back(scenario: Scenario) -> Iterator[str]:
    """The tables given are as they were, the ones handed back hold no undeclared column, and
    progress grows from 0 to 1 at most."""
    for action in scenario.actions:
        complaints: list[str] = []
        shares = [0.0]

        @functools.wraps(action.function)
        def watched(action: Action = action, said: list[str] = complaints, **given: Any) -> Outcome:
            before = {name: given[name].clone() for name in action.reads}
            outcome = action.function(**given)
            said += [f"changes {n}" for n, f in before.items() if not f.equals(given[n])]
            for name, frame in outcome.tables.items():
                declared = {c.name for c in scenario.dataset(name).columns}
                said += [f"{name}.{c} is not declared" for c in set(frame.columns) - declared]
            return outcome

        spied = replace(action, function=watched)
        given_tables = tables(scenario, action)
        execute(scenario, spied, given_tables, action.params(), SEED, shares.append)
        if shares != sorted(shares) or shares[-1] > 1:
            complaints.append(f"progress goes {shares[:10]}")
        yield from (f"{action.name}: {text}" for text in complaints)


def any_table_is_answered_or_refused(scenario: Scenario) -> Iterator[str]:
    """Whatever conforms, even a single row, gets an `Outcome`, an `InputError` or `Infeasible`,
    with a sentence for each problem. Nothing else is ever raised."""
    for action in scenario.actions:
        single = {name: frame.head(1) for name, frame in tables(scenario, action).items()}
        try:
            _answered(scenario, action, single)
            _random(scenario, action)
        except Exception as error:  # whatever it is: that is what the rule forbids
            notes = " ".join(getattr(error, "__notes__", ()))
            yield f"{action.name}: {type(error).__name__}: {error} {notes}"


def _random(scenario: Scenario, action: Action) -> None:
    drawn = st.fixed_dictionaries({n: random_table(scenario.dataset(n)) for n in action.reads})

    @settings(
        max_examples=RANDOM_TABLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(drawn)
    def try_one(given_tables: dict[str, pl.DataFrame]) -> None:
        _answered(scenario, action, given_tables)

    try_one()


def _answered(scenario: Scenario, action: Action, given_tables: dict[str, pl.DataFrame]) -> None:
    for name, frame in given_tables.items():
        assert frame.schema == {c.name: dtype(c) for c in scenario.dataset(name).columns}
    try:
        execute(scenario, action, given_tables, action.params(), SEED)
    except (InputError, Infeasible) as error:
        silent = {p.code for p in error.problems} - catalogue().keys()
        assert not silent, f"no sentence in a messages.csv for {silent}"


RULES = (
    every_action_answers_and_repeats,
    no_action_changes_its_inputs_or_goes_back,
    any_table_is_answered_or_refused,
)
