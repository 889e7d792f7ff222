"""Worked cases from a CSV, played and compared. Two forms are known by their columns.

The full form has facts in JSON and every expected part of the answer; the short form has a base
and an amount. A case names its rule; among versions that hold the rule, the newest whose text has
wholly been seen answers, unless the columns ``policy`` and ``version`` name another.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem, SonghuaError, require
from songhua.kit.money import yuan
from songhua.policy.amounts import read_fen
from songhua.policy.assessment import assess
from songhua.policy.combination import COMBINATIONS, combine
from songhua.policy.loading import bundled
from songhua.policy.model import ScalarFact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from songhua.policy.award import Award
    from songhua.policy.combination import Combination
    from songhua.policy.model import Policy

    Row = Mapping[str, str]

SHORT = {"case_id", "rule", "base_yuan", "expected_amount_yuan"}
FULL = {"case_id", "rule", "application_date", "inputs_json", "expected_status"}
FULL |= {"expected_amount_yuan", "expected_ceiling_yuan", "expected_binding"}


@dataclass(frozen=True)
class CaseRun:
    """How many cases passed, of how many, and one line for each that did not."""

    passed: int
    total: int
    mismatches: tuple[str, ...]


def run_cases(path: Path, policies: Sequence[Policy] | None = None) -> CaseRun:
    """Play every case of the file on `policies` (those that ship, where none are given).

    Raises `InputError` where the file cannot be read as cases.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream, restval="", strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            Problem(path.name, "programme_file_unreadable", type(error).__name__)
        ) from error
    require(bool(rows), path.name, "programme_file_empty")
    columns = set(rows[0])
    full = "base_yuan" not in columns
    missing = sorted((FULL if full else SHORT) - columns)
    if missing:
        raise InputError([Problem(path.name, "programme_column_missing", c) for c in missing])
    loaded = bundled() if policies is None else tuple(policies)
    wrong = []
    for row in rows:
        try:
            differences = _full(row, loaded) if full else _short(row, loaded)
        except (SonghuaError, ValueError, TypeError) as error:
            differences = [f"{type(error).__name__}: {error}"]
        if differences:
            wrong.append(f"{row['case_id']} {row['rule']}: {'; '.join(differences)}")
    return CaseRun(len(rows) - len(wrong), len(rows), tuple(wrong))


def _full(row: Row, policies: Sequence[Policy]) -> list[str]:
    policy = _policy(row, policies)
    facts, reading = json.loads(row["inputs_json"]), json.loads(row.get("reading_json") or "{}")
    on = date.fromisoformat(row["application_date"])
    answer: Award | Combination
    if row["rule"] in COMBINATIONS:
        answer = combine(policy, row["rule"], facts, on, reading)
    else:
        answer = assess(policy, row["rule"], facts, on, reading)
    got = {
        "status": answer.status,
        "amount_yuan": _written(answer.amount),
        "ceiling_yuan": _written(answer.ceiling),
        "binding": answer.binding,
    }
    found = [
        f"{name} {value or 'None'}, expected {_same_form(row[f'expected_{name}']) or 'None'}"
        for name, value in got.items()
        if value != _same_form(row[f"expected_{name}"])
    ]
    expected = json.loads(row.get("expected_reasons_json") or "[]")
    absent = [code for code in expected if code not in answer.codes]
    if absent:
        found.append(f"reasons {list(answer.codes)}, expected also {absent}")
    wanted = {tuple(sorted(one)) for one in json.loads(row.get("expected_sets_json") or "[]")}
    if wanted and row["rule"] == "PX":  # of PXI any tie is right; its amount says that it is one
        best = {tuple(one) for one in getattr(answer, "sets", ())}
        if best != wanted:
            found.append(f"sets {sorted(best)}, expected {sorted(wanted)}")
    return found


def _short(row: Row, policies: Sequence[Policy]) -> list[str]:
    """A base for the one amount that the rule needs, on its first day in force."""
    policy = _policy(row, policies)
    facts = policy.rules[row["rule"]].facts
    needed = [n for n, f in facts.items() if isinstance(f, ScalarFact) and f.required]
    require(len(needed) == 1, row["rule"], "policy_case_base")
    on = policy.validity.starts or policy.validity.ends or date.min
    amount = _written(assess(policy, row["rule"], {needed[0]: row["base_yuan"]}, on).amount)
    wanted = _same_form(row["expected_amount_yuan"])
    return [f"amount_yuan {amount or 'None'}, expected {wanted or 'None'}"] * (amount != wanted)


def answering(policies: Sequence[Policy], rule: str, policy: str = "", version: str = "") -> Policy:
    """The version that answers for `rule`: as named, else the newest whose text is all seen."""
    found = [
        p
        for p in policies
        if (p.no_double_support is not None if rule in COMBINATIONS else rule in p.rules)
        and policy in ("", p.policy)
        and version in ("", p.version)
    ]
    require(bool(found), "rule", "policy_rule_unknown", rule)
    return max(found, key=lambda p: (p.complete, p.version))


def _policy(row: Row, policies: Sequence[Policy]) -> Policy:
    named = (row.get("policy") or "", row.get("version") or "")
    return answering(policies, row["rule"], *named)


def _written(fen: int | None) -> str:
    return "" if fen is None else yuan(fen)


def _same_form(text: str) -> str:
    """An expected amount with two decimals; other words as they are."""
    fen = read_fen(text)
    return yuan(fen) if isinstance(fen, int) else text
