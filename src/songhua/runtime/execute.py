"""Runs one action of one scenario, and holds it to what it declared."""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import platform
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from songhua.kit.conform import conform
from songhua.kit.errors import InputError, Problem
from songhua.kit.random import generator
from songhua.kit.spec import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from importlib.resources.abc import Traversable

    import polars as pl

    from songhua.kit.params import Params
    from songhua.kit.spec import Action, Scenario

# Where the code lies whose change may change a scenario's answer, beside its own folder.
_SHARED_CODE = ("songhua.kit", "songhua.engines", "songhua.policy", "songhua.governance")


class BrokenPromise(Exception):
    """An action returned something other than it declares: our fault, never the user's."""


def execute(
    scenario: Scenario,
    action: Action,
    tables: Mapping[str, pl.DataFrame],
    params: Params,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> Outcome:
    """Check the inputs, call the action, check the outputs.

    Raises `InputError` for the tables given, whatever the action raises, and `BrokenPromise`
    where the outcome is not what the action declares.
    """
    problems = [Problem(name, "table_missing", name) for name in action.reads if name not in tables]
    problems += [
        Problem(name, "table_unknown", name) for name in tables if name not in action.reads
    ]
    conformed = {}
    for name in action.reads:
        if name in tables:
            try:
                conformed[name] = conform(scenario.dataset(name), tables[name])
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)
    extra: dict[str, Any] = {}
    if "progress" in inspect.signature(action.function).parameters:
        extra["progress"] = progress or (lambda share: None)
    rng = generator(seed, scenario.name, action.name)
    return _held(
        scenario, action, action.function(**conformed, params=params, rng=rng, **extra)
    )  # fmt: skip


def _held(scenario: Scenario, action: Action, outcome: Outcome) -> Outcome:
    who = f"{scenario.name}.{action.name}"
    if set(outcome.tables) != set(action.writes) or set(outcome.kpis) != set(action.kpis):
        raise BrokenPromise(f"{who} returned undeclared results")
    for name, value in outcome.kpis.items():
        if value is not None and not math.isfinite(value):
            raise BrokenPromise(f"{who}: indicator {name} is {value}")
    try:
        kept = {
            name: conform(scenario.dataset(name), outcome.tables[name], may_be_empty=True)
            for name in action.writes
        }
    except InputError as error:
        raise BrokenPromise(f"{who}: {error}") from error
    kpis = {name: outcome.kpis[name] for name in action.kpis}
    return Outcome(kept, {n: None if v is None else float(v) for n, v in kpis.items()})


@cache
def code_version(package: str) -> str:
    """A digest of the code that a scenario's answers depend on: its own folder, the floors below,
    and the Python that runs it."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in (*_SHARED_CODE, package):
        for path, entry in _sources(files(name), name):
            digest.update(path.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()[:16]


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _sources(entry, f"{path}/{entry.name}")
        elif entry.name.endswith((".py", ".yaml", ".npz", ".csv")):
            yield f"{path}/{entry.name}", entry


def provenance(
    scenario: Scenario, action: Action, inputs: Mapping[str, str], params: Params, seed: int
) -> dict[str, Any]:
    """What fixes a run's answer: digests of the inputs, parameters, seed and code, and one digest
    over them all, `digest`. Two runs with the same digest answer alike."""
    facts = {
        "scenario": scenario.name,
        "action": action.name,
        "inputs": dict(sorted(inputs.items())),
        "params": params.model_dump(mode="json"),
        "seed": seed,
        "code": code_version(scenario.package),
    }
    packed = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return facts | {"digest": hashlib.sha256(packed.encode()).hexdigest()}
