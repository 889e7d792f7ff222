"""A table of applications, read as a rule declares its facts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.errors import InputError, Problem
from songhua.kit.money import yuan
from songhua.policy.amounts import read_fen
from songhua.policy.batch.columns import fault, read_columns
from songhua.policy.batch.items import Items, gather, of_item, rows_of, runs
from songhua.policy.model import ListFact, TableFact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.policy.model import Rule

Faults = list[tuple[int, tuple[int, ...], tuple[str, ...]]]
"""Bad amounts: the row, what orders them within the row, and the codes of the reasons."""


@dataclass
class Applications:
    """Typed facts: a column each and ``@on``, the day; items by list; tables by fact, in fen.

    `bad` holds the codes of the bad amounts by row.
    """

    frame: pl.DataFrame
    items: dict[str, Items] = field(default_factory=dict)
    tables: dict[str, dict[str, int] | None] = field(default_factory=dict)
    bad: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def part(self, first: int, height: int) -> Applications:
        """At most `height` applications from row `first` on."""
        frame = self.frame.slice(first, height)
        items = {name: items.part(first, frame.height) for name, items in self.items.items()}
        bad = {row - first: c for row, c in self.bad.items() if 0 <= row - first < frame.height}
        return Applications(frame, items, self.tables, bad)


def read(
    rule: Rule, frame: pl.DataFrame, on: date | str, given: Mapping[str, pl.DataFrame]
) -> Applications:
    """The applications in `frame` with what is `given` beside it; `InputError` with every fault."""
    facts = read_columns(frame, rule.facts, {"applicant", str(on)})
    problems = facts.problems
    applicants = _applicants(frame, problems)
    found = Applications(pl.DataFrame([applicants, _days(frame, on, problems), *facts.typed]))
    faults: Faults = [(row, (place,), codes) for row, place, codes in facts.bad]
    tables = {n: f for n, f in rule.facts.items() if isinstance(f, ListFact | TableFact)}
    problems += [Problem("items", "unknown_key", name) for name in given if name not in tables]
    problems += [
        Problem(name, "policy_fact_missing")
        for name, fact in tables.items()
        if fact.required and name not in given
    ]
    for place, (name, fact) in enumerate(rule.facts.items()):
        if isinstance(fact, ListFact):
            frame_of = given.get(name, pl.DataFrame(schema={"applicant": applicants.dtype}))
            read_items = _items(applicants, frame_of, fact, name, problems)
            if read_items:
                found.items[name], own = read_items
                faults += [(row, (place, *rest), codes) for row, rest, codes in own]
        elif isinstance(fact, TableFact) and name in given:
            found.tables[name], wrong = _table(given[name], name, problems)
            faults += [(row, (place,), wrong) for row in range(frame.height) if wrong]
        elif isinstance(fact, TableFact):
            found.tables[name] = None
    if problems:
        raise InputError(problems)
    codes: defaultdict[int, list[str]] = defaultdict(list)
    for row, _, said in sorted(faults):
        codes[row] += said
    found.bad = {row: tuple(said) for row, said in codes.items()}
    return found


def _applicants(frame: pl.DataFrame, problems: list[Problem]) -> pl.Series:
    if "applicant" not in frame.columns:
        problems.append(Problem("applicant", "policy_fact_missing"))
        return pl.Series("applicant", range(frame.height))
    applicants = frame["applicant"]
    if applicants.null_count():
        problems.append(fault("applicant", "policy_fact_missing", applicants.is_null(), applicants))
    elif applicants.n_unique() < frame.height:
        again = ~applicants.is_first_distinct()
        problems.append(fault("applicant", "policy_applicant_twice", again, applicants))
    return applicants


def _days(frame: pl.DataFrame, on: date | str, problems: list[Problem]) -> pl.Series:
    """The day of each application."""
    if isinstance(on, date) and not isinstance(on, datetime):
        return pl.Series([on], dtype=pl.Date).new_from_index(0, frame.height).alias("@on")
    if isinstance(on, str) and on in frame.columns and frame[on].dtype == pl.Date:
        if frame[on].null_count():
            problems.append(fault("on", "not_a_date", frame[on].is_null(), frame[on]))
        return frame[on].alias("@on")
    problems.append(Problem("on", "not_a_date", str(on)[:40]))
    return pl.Series("@on", [None], dtype=pl.Date).new_from_index(0, frame.height)


def _items(
    applicants: pl.Series, frame: pl.DataFrame, fact: ListFact, name: str, problems: list[Problem]
) -> tuple[Items, Faults] | None:
    """The items of a list, and their bad amounts in the order of the items."""
    read_fields = read_columns(frame, fact.fields, {"applicant"}, f"{name}.")
    problems += read_fields.problems
    if "applicant" not in frame.columns:
        problems.append(Problem(f"{name}.applicant", "policy_fact_missing"))
    if problems:
        return None
    keys = frame["applicant"].cast(applicants.dtype, strict=False)
    edges, owners = runs(keys)
    rows = rows_of(owners, applicants)
    if rows.null_count():
        unknown = of_item(rows, edges).is_null()
        where = f"{name}.applicant"
        problems.append(fault(where, "policy_applicant_unknown", unknown, frame["applicant"]))
        return None
    bad = read_fields.bad
    row = of_item(rows, edges) if bad else rows
    faults: Faults = [(row[at], (at, place), codes) for at, place, codes in bad]
    return gather(rows, edges, pl.DataFrame(read_fields.typed), len(applicants)), faults


def _table(
    frame: pl.DataFrame, name: str, problems: list[Problem]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Another document's table by its key, and the codes of its bad amounts."""
    in_fen = "fen" in frame.columns and frame["fen"].dtype.is_integer()
    if set(frame.columns) != {"key", "fen" if in_fen else "yuan"}:
        problems.append(Problem(name, "policy_table_columns", "、".join(frame.columns)))
        return {}, ()
    read_rows = {}
    for key, amount in frame.select("key", "fen" if in_fen else "yuan").iter_rows():
        read_rows[str(key)] = read_fen(yuan(amount) if in_fen and amount is not None else amount)
    wrong = [code for fen in read_rows.values() if isinstance(fen, tuple) for code in fen]
    return {k: fen for k, fen in read_rows.items() if isinstance(fen, int)}, tuple(wrong)
