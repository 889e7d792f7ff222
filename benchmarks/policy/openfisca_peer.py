"""The peer: OpenFisca-Core, the engine of several countries' rules as code, on the same arrays.

Each clause is one simulation with the items of that clause only, conditions as plain yes and no and
kinds as codes, no reasons: the least that it needs. Money is its own ``float``, of 32 bits. Its
awards are compared with whole numbers and counted, wherever the amount is not left to a person.

OpenFisca-Core is not among our dependencies. Where this interpreter lacks it, the one named by
``OPENFISCA_PYTHON`` solves the cases; where there is none, the case says so.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import time
from functools import cache
from pathlib import Path

import numpy as np
from draw import Arrays, drawn, exact

PERIOD = "2023"


def solve(case: dict) -> dict:
    """Seconds from plain arrays to awards, and how many are not what whole numbers give."""
    if importlib.util.find_spec("openfisca_core"):
        return solve_here(case)
    other = os.environ.get("OPENFISCA_PYTHON")
    if not other:
        return {"absent": "OpenFisca-Core is not installed and OPENFISCA_PYTHON names no Python"}
    process = elsewhere(other)
    process.stdin.write(json.dumps(case) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@cache
def elsewhere(python: str) -> subprocess.Popen:
    """Another interpreter that solves our cases; it ends with us."""
    side = Path(__file__).parent.parent / "side.py"
    return subprocess.Popen(
        [python, str(side), __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def solve_here(case: dict) -> dict:
    given = drawn(case)
    begun = time.perf_counter()
    system = clauses()
    awards = {
        rule: calculated(system, rule, *parts, case["applicants"]) for rule, parts in given.items()
    }
    seconds = time.perf_counter() - begun
    wrong = {}
    for rule, yuan in awards.items():
        right = exact(rule, *given[rule])
        fen = np.rint(yuan.astype(np.float64) * 100).astype(np.int64)
        wrong[rule] = int((fen != right)[right >= 0].sum())
    note = f"OpenFisca, wrong by a fen or more: {', '.join(f'{r} {n:,}' for r, n in wrong.items())}"
    return {"seconds": seconds, "note": note}


def calculated(
    system: object, rule: str, facts: Arrays, items: Arrays, applicants: int
) -> np.ndarray:
    """Build the simulation of one clause, give it the facts, calculate the award in yuan."""
    from openfisca_core.simulations import SimulationBuilder

    builder = SimulationBuilder()
    builder.create_entities(system)
    owners = items.get("applicant", np.arange(applicants))
    builder.declare_person_entity("item", np.arange(owners.size))
    group = builder.declare_entity("applicant", np.arange(applicants))
    builder.join_with_persons(group, owners, np.zeros(owners.size, dtype=np.int64))
    simulation = builder.build(system)
    for name, values in (facts | items).items():
        if name != "applicant":
            money = values.dtype == np.int64 and name not in CODES
            simulation.set_input(name, PERIOD, values / 100 if money else values)
    return simulation.calculate(rule, PERIOD)


CODES = {"platform_kind", "carrier_kind", "field", "buyer"}


def clauses() -> object:
    """The three clauses, written as OpenFisca asks for them."""
    from openfisca_core.entities import build_entity
    from openfisca_core.periods import DateUnit
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    item = build_entity(key="item", plural="items", label="", is_person=True)
    roles = [{"key": "member", "plural": "members", "label": ""}]
    applicant = build_entity(key="applicant", plural="applicants", label="", roles=roles)
    system = TaxBenefitSystem([item, applicant])

    def variable(name: str, kind: type, of: object, formula: object = None) -> None:
        body = {"value_type": kind, "entity": of, "definition_period": DateUnit.YEAR, "label": name}
        if formula is not None:
            body["formula"] = formula
        system.add_variable(type(name, (Variable,), body))

    for name in ("amount", "revenue", "prev_revenue"):
        variable(name, float, item)
    for name in ("newly_purchased", "for_rd", "new"):
        variable(name, bool, item)
    variable("buyer", int, item)
    for name in ("prior_paid", "total_investment"):
        variable(name, float, applicant)
    for name in ("demo_effect", "shortlisted", "government_investment", "is_investor"):
        variable(name, bool, applicant)
    for name in ("platform_kind", "carrier_kind", "field"):
        variable(name, int, applicant)
    for rule, formula in (("P02a", equipment), ("P03b", tenants), ("P04", scene)):
        variable(rule, float, applicant, formula)
    return system


def equipment(applicant: object, period: object) -> np.ndarray:
    """二: a fifth of the new research machines that the builder bought, 10 million at most."""
    machine = applicant.members
    counts = machine("newly_purchased", period) & machine("for_rd", period)
    counts &= machine("buyer", period) == 0
    total = applicant.sum(machine("amount", period) * counts)
    left = np.maximum(10_000_000 - applicant("prior_paid", period), 0)
    return (applicant("platform_kind", period) == 0) * np.minimum(np.round(total * 0.2, 2), left)


def tenants(applicant: object, period: object) -> np.ndarray:
    """三: a hundredth of the growth of ten new firms of 10 million or more, 30 million at most."""
    firm = applicant.members
    revenue = firm("revenue", period)
    counts = firm("new", period) & (revenue >= 10_000_000)
    growth = applicant.sum((revenue - firm("prev_revenue", period)) * counts)
    good = applicant("demo_effect", period) & (applicant("prior_paid", period) == 0)
    good &= (applicant.sum(counts) >= 10) & (growth >= 500_000_000)
    return good * np.minimum(np.round(growth * 0.01, 2), 30_000_000)


def scene(applicant: object, period: object) -> np.ndarray:
    """四: three tenths of the investment in an accepted scene, 5 million at most."""
    good = applicant("shortlisted", period) & applicant("is_investor", period)
    good &= ~applicant("government_investment", period)
    left = np.maximum(5_000_000 - applicant("prior_paid", period), 0)
    return good * np.minimum(np.round(applicant("total_investment", period) * 0.3, 2), left)
