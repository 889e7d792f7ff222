"""Makes rules from JSON or plain values, and refuses with its place whatever makes no sense."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

import polars as pl

from songhua.exchange.quality.rules import (
    Compare,
    Freshness,
    Kind,
    Length,
    Pattern,
    Range,
    Rules,
    Type,
)
from songhua.kit.errors import InputError, Problem
from songhua.kit.params import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def read_rules(given: Mapping[str, Any] | str) -> Rules:
    """The rules in JSON or plain values; `InputError` with the place of everything wrong.

    >>> read_rules('{"table": "firms", "rules": [{"rule": "required", "colum": "name"}]}')
    Traceback (most recent call last):
    ...
    songhua.kit.errors.InputError: rules.0.required.column: param_missing ''; \
rules.0.required.colum: param_unknown 'name'
    """
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except json.JSONDecodeError as error:
            place = f"{error.lineno}:{error.colno}"
            raise InputError(Problem(place, "param_json", error.msg)) from error
    if not isinstance(given, dict):
        raise InputError(Problem("rules", "param_json"))
    rules = parse(Rules, given)
    problems = tuple(_contradictions(rules))
    if problems:
        raise InputError(problems)
    return rules


def _contradictions(rules: Rules) -> Iterator[Problem]:
    kinds: dict[str, str] = {}
    for number, rule in enumerate(rules.rules):
        where = f"rules.{number}"
        if isinstance(rule, Type) and kinds.setdefault(rule.column, rule.type) != rule.type:
            yield Problem(f"{where}.type", "rule_types_differ", rule.column)
        if isinstance(rule, Pattern) and not _usable(rule.pattern):
            yield Problem(f"{where}.pattern", "rule_pattern", rule.pattern)
        if isinstance(rule, Length) and rule.most is not None and rule.most < rule.least:
            yield Problem(where, "rule_limits", f"{rule.least} > {rule.most}")
    known = types(rules)
    for number, rule in enumerate(rules.rules):
        where = f"rules.{number}"
        if isinstance(rule, Range) and (flaw := _limits(rule, known[rule.column])):
            yield Problem(where, "rule_limits", flaw)
        if isinstance(rule, Compare) and {known[rule.left], known[rule.right]} not in _ALIKE:
            yield Problem(where, "rule_types_differ", f"{rule.left}, {rule.right}")
        if isinstance(rule, Freshness) and known[rule.column] not in ("date", "datetime"):
            yield Problem(where, "rule_types_differ", rule.column)


_ALIKE = (*({kind} for kind in get_args(Kind)), {"integer", "number"}, {"date", "datetime"})


def _usable(pattern: str) -> bool:
    try:
        pl.Series([""]).str.contains(f"^(?:{pattern})$")
    except pl.exceptions.ComputeError:
        return False
    return True


def _limits(rule: Range, kind: Kind) -> str:
    """What is wrong with the limits of a range over values of `kind`."""
    limits = [value for value in (rule.low, rule.high) if value is not None]
    wanted = Decimal if kind in ("integer", "number") else date
    if kind in ("text", "boolean") or not limits or not all(isinstance(v, wanted) for v in limits):
        return f"{rule.column}: {kind}"
    days = [v if isinstance(v, Decimal) else _instant(v) for v in limits]
    return f"{rule.low} > {rule.high}" if days[0] > days[-1] else ""  # type: ignore[operator]


def _instant(day: date) -> datetime:
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)  # noqa: DTZ001


def types(rules: Rules) -> dict[str, Kind]:
    """The type that each column is read in: as declared, or else as its other rules need it."""
    found: dict[str, Kind] = {r.column: r.type for r in rules.rules if isinstance(r, Type)}
    for rule in rules.rules:
        if isinstance(rule, Range):
            first = rule.low if rule.low is not None else rule.high
            needed: Kind = "number" if isinstance(first, Decimal) else (
                "datetime" if isinstance(first, datetime) else "date")  # fmt: skip
            found.setdefault(rule.column, needed)
        elif isinstance(rule, Freshness):
            found.setdefault(rule.column, "date")
    for rule in rules.rules:
        if isinstance(rule, Compare):
            kind = found.get(rule.left) or found.get(rule.right) or "text"
            found.setdefault(rule.left, kind)
            found.setdefault(rule.right, kind)
    return found
