"""Our side: whole frames through `songhua.policy.batch`, with every reason."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import polars as pl
from draw import BUYERS, CARRIERS, FIELDS, MILLION, PLATFORMS, clause_3b, drawn, exact, money, yes

from songhua.policy import bundled
from songhua.policy.batch import assess_batch
from songhua.policy.model import ListFact, TextFact

DAY = date(2023, 3, 1)
POLICY = next(policy for policy in bundled() if policy.version == "draft-2022")
WORDS = {"platform_kind": PLATFORMS, "carrier_kind": CARRIERS, "field": FIELDS, "buyer": BUYERS}
LISTS = {"P02a": "equipment", "P03b": "tenants"}


def solve(case: dict) -> dict:
    """The three clauses of the peer, or all of the policy."""
    return everything(case) if case.get("alone") else shared(case)


def shared(case: dict) -> dict:
    """Seconds from plain arrays to awards, and how many are not what whole numbers give."""
    given = drawn(case)
    begun = time.perf_counter()
    awards = {}
    for rule, (facts, items) in given.items():
        facts = {"applicant": np.arange(case["applicants"]), **facts}
        lists = {LISTS[rule]: frame(items)} if items else {}
        awards[rule] = assess_batch(POLICY, rule, frame(facts), DAY, items=lists)
    seconds = time.perf_counter() - begun
    wrong = {
        rule: int((found["amount_fen"].fill_null(-1).to_numpy() != exact(rule, *given[rule])).sum())
        for rule, found in awards.items()
    }
    note = f"ours, wrong by a fen or more: {', '.join(f'{r} {n}' for r, n in wrong.items())}"
    answer = {"ours_wrong": sum(wrong.values())}
    return {"seconds": seconds, "answer": answer, "work": 3 * case["applicants"], "note": note}


def frame(arrays: dict[str, np.ndarray]) -> pl.DataFrame:
    """The columns that a rule asks for: amounts in fen, codes as words."""
    return pl.DataFrame([column(name, values) for name, values in arrays.items()])


def column(name: str, values: np.ndarray) -> pl.Series:
    if name in WORDS:
        return pl.Series(name, values.astype(np.uint8)).cat.to(pl.Enum(WORDS[name]))
    if name == "applicant" or values.dtype == bool:
        return pl.Series(name, values)
    return pl.Series(f"{name}_fen", values)


def everything(case: dict) -> dict:
    """Every rule of the ten clauses, one after the other, with all reasons; the answers are kept.

    Drawing is not timed. Lists have one to three items, those of tenants as `clause_3b` says.
    """
    seconds, kept = 0.0, []
    applicants = pl.Series("applicant", np.arange(case["applicants"]))
    for place, rule in enumerate(POLICY.rules):
        rng = np.random.default_rng([case["seed"], place])
        facts, items = applications(rng, rule, applicants)
        begun = time.perf_counter()
        kept.append(assess_batch(POLICY, rule, facts, DAY, items=items))
        seconds += time.perf_counter() - begun
    given = sum(int(found["reasons"].list.len().sum()) for found in kept)
    note = f"{len(kept)} rules, {given:,} reasons"
    return {"seconds": seconds, "answer": {}, "work": case["applicants"], "note": note}


def applications(
    rng: np.random.Generator, rule: str, applicants: pl.Series
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """A frame of applications of any rule, by the types of its facts, and its lists."""
    columns, lists, size = [applicants], {}, len(applicants)
    for name, fact in POLICY.rules[rule].facts.items():
        if name == "tenants":
            lists[name] = frame(clause_3b(rng, size)[1])
        elif isinstance(fact, ListFact):
            owners = np.repeat(np.arange(size), rng.integers(1, 4, size))
            fields = [any_column(rng, n, f, owners.size) for n, f in fact.fields.items()]
            lists[name] = pl.DataFrame([pl.Series("applicant", owners), *fields])
        elif fact.type != "table":
            columns.append(any_column(rng, name, fact, size))
    return pl.DataFrame(columns), lists


def any_column(rng: np.random.Generator, name: str, fact: object, size: int) -> pl.Series:
    """Plausible values of a fact, close to its thresholds."""
    if isinstance(fact, TextFact):
        return pl.Series(name, [*fact.options, "其他"]).gather(
            rng.integers(0, len(fact.options) + 1, size)
        )
    if fact.type == "amount":
        edges = (0, 2 * MILLION, 5 * MILLION, 10 * MILLION, 100 * MILLION)
        paid = money(rng, size, 20 * MILLION, edges)
        paid = np.where(yes(rng, size, 0.8), 0, paid) if name.startswith("prior") else paid
        return pl.Series(f"{name.removesuffix('_yuan')}_fen", paid)
    if fact.type == "integer":
        return pl.Series(name, rng.integers(2022, 2024, size))
    return pl.Series(name, yes(rng, size, 0.8))
