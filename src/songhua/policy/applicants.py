"""Applications as records of facts, brought into the frames that `sandbox` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from songhua.kit.errors import InputError
from songhua.policy.batch.columns import DTYPES, fen_name
from songhua.policy.facts import read_facts
from songhua.policy.model import ListFact, ScalarFact, TextFact
from songhua.policy.sandbox import Applicants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from songhua.policy.model import Fact, Rule


def applicants_of(
    rule: Rule, applications: Mapping[str, Mapping[str, object]], on: date
) -> tuple[Applicants, tuple[str, ...]]:
    """The applications, by name, whose facts can be read, and the names of the others.

    Facts are those of `assess`; all are judged on the day `on`. Tables of other documents are left
    out: what needs one waits for it.
    """
    read: dict[str, dict[str, Any]] = {}
    for name, facts in applications.items():
        try:
            found, bad = read_facts(rule, facts)
        except InputError:
            continue
        if not bad:
            read[name] = found
    frame = _frame(list(read), rule.facts, list(read.values()))
    items = {}
    for name, fact in rule.facts.items():
        if isinstance(fact, ListFact):
            owned = [(who, item) for who, facts in read.items() for item in facts[name] or ()]
            owners, records = [who for who, _ in owned], [item for _, item in owned]
            items[name] = _frame(owners, fact.fields, records)
    return Applicants(frame, on, items), tuple(n for n in applications if n not in read)


def _frame(
    names: Sequence[str], declared: Mapping[str, Fact], records: Sequence[Mapping[str, Any]]
) -> pl.DataFrame:
    named = pl.Series("applicant", names, pl.String)
    return pl.DataFrame([named, *_columns(declared, records)])


def _columns(
    declared: Mapping[str, Fact], records: Sequence[Mapping[str, Any]]
) -> Iterator[pl.Series]:
    for name, fact in declared.items():
        if isinstance(fact, ScalarFact | TextFact):
            column = fen_name(name) if fact.type == "amount" else name
            values = [record[name] for record in records]
            yield pl.Series(column, values, DTYPES.get(fact.type, pl.String))
