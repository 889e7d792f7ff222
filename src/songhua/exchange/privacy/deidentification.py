"""De-identification: a policy's rules applied to a table, climbing only as far as is needed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import Field

from songhua.exchange.enforcement.deidentify import PLAIN
from songhua.exchange.privacy.anonymity import equivalence_classes
from songhua.exchange.privacy.lattice import Demand, search
from songhua.exchange.privacy.risk import Risk, coded, codes, measure
from songhua.exchange.privacy.rules import parse
from songhua.kit.errors import InputError, Problem
from songhua.kit.params import Params
from songhua.kit.time import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from songhua.exchange.enforcement.deidentify import Plain
    from songhua.exchange.privacy.anonymity import Codes

Ladder = tuple[str, ...]


class Policy(Params):
    """What leaves the table and how.

    `columns` gives each column that leaves its ladder: one rule, or, for a quasi-identifier,
    several from the finest to the coarsest. A column not named stays behind.
    `classifications` gives, for the rule "upper", each member of a column its superior.
    Rows up to the share `suppressed_at_most` may be left out to reach `k`, `l_distinct`,
    `l_entropy` and `t`.
    """

    columns: dict[str, Ladder]
    quasi_identifiers: tuple[str, ...]
    k: int = Field(ge=1)
    suppressed_at_most: float = Field(ge=0, lt=1)
    sensitive: tuple[str, ...] = ()
    l_distinct: int = Field(default=1, ge=1)
    l_entropy: float = Field(default=1, ge=1)
    t: float = Field(default=1, ge=0, le=1)
    classifications: dict[str, dict[str, str]] = Field(default_factory=dict)


@dataclass(frozen=True)
class RiskReport:
    """What was done and what it leaves: the rule chosen for each column, the share of the
    quasi-identifiers' bits lost, rows left out, cells emptied, and the risk of what remains."""

    rules: Mapping[str, str]
    loss: float
    suppressed_rows: int
    emptied_cells: int
    risk: Risk


def deidentify(frame: pl.DataFrame, policy: Policy, key: bytes) -> tuple[pl.DataFrame, RiskReport]:
    """The table as the recipient who owns `key` gets it, its rows in their order.

    Raises `InputError` with everything wrong with the policy for this table, `Infeasible` where
    its demands are not met even at the top of all ladders.

    >>> import polars as pl
    >>> table = pl.DataFrame({"age": [21, 22, 38, 39], "ill": list("abab")})
    >>> ladders = {"age": ("keep", "band 10", "hide"), "ill": ("keep",)}
    >>> policy = Policy(columns=ladders, quasi_identifiers=("age",), k=2, suppressed_at_most=0)
    >>> released, report = deidentify(table, policy, bytes(32))
    >>> released["age"].to_list(), report.rules["age"], report.risk.k
    ([20, 20, 30, 30], 'band 10', 2)
    """
    import polars as pl

    table = frame.fill_nan(None)
    rungs = _rungs(table, policy, key)
    quasi = policy.quasi_identifiers
    node = search(
        [codes(table[name]) for name in quasi],
        [[codes(rung) for rung in rungs[name]] for name in quasi],
        {name: coded(rungs[name][0]) for name in policy.sensitive},
        Demand(policy.k, policy.l_distinct, policy.l_entropy, policy.t),
        int(policy.suppressed_at_most * table.height),
        table.height,
    )
    chosen = dict.fromkeys(policy.columns, 0) | dict(zip(quasi, node.rungs, strict=True))
    kept = pl.Series(node.kept)
    released = pl.DataFrame([rungs[name][rung] for name, rung in chosen.items()]).filter(kept)
    before = table.select(list(policy.columns)).filter(kept)
    report = RiskReport(
        rules={name: policy.columns[name][rung] for name, rung in chosen.items()},
        loss=node.loss,
        suppressed_rows=table.height - released.height,
        emptied_cells=_empty(released) - _empty(before),
        risk=measure(released, quasi, policy.sensitive),
    )
    return released, report


def _empty(frame: pl.DataFrame) -> int:
    return sum(column.null_count() for column in frame)


def _rungs(table: pl.DataFrame, policy: Policy, key: bytes) -> dict[str, list[pl.Series]]:
    """Each column that leaves, once for every rung of its ladder."""
    problems = list(_problems(table, policy))
    rungs: dict[str, list[pl.Series]] = {}
    for name, ladder in policy.columns.items():
        if name not in table.columns:
            continue
        try:
            above = policy.classifications.get(name, {})
            rungs[name] = [_apply(parse(rule, name, key, above), table[name]) for rule in ladder]
        except InputError as error:
            problems += error.problems
            continue
        coded_rungs = [codes(rung) for rung in rungs[name]]
        for rule, (fine, coarse) in zip(ladder[1:], pairwise(coded_rungs), strict=True):
            if _count(fine, coarse) > _count(fine):
                problems.append(Problem(name, "privacy_ladder_not_nested", rule))
    if problems:
        raise InputError(problems)
    return rungs


def _count(*columns: Codes) -> int:
    return int(equivalence_classes(columns, len(columns[0])).max(initial=-1)) + 1


def _problems(table: pl.DataFrame, policy: Policy) -> Iterator[Problem]:
    if not policy.columns:
        yield Problem("columns", "empty")
    for name, ladder in policy.columns.items():
        if name not in table.columns:
            yield Problem(name, "privacy_column_unknown")
        if not ladder or (len(ladder) > 1 and name not in policy.quasi_identifiers):
            yield Problem(name, "privacy_ladder_misplaced", " → ".join(ladder))
    for name in (*policy.quasi_identifiers, *policy.sensitive):
        if name not in policy.columns:
            yield Problem(name, "privacy_role_without_column")


def _apply(rule: Plain, column: pl.Series) -> pl.Series:
    """The rule run over one column by the engine that also runs queries."""
    import duckdb

    if rule == PLAIN:
        return column
    numbered = column.to_frame("value").with_row_index("row")
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute(f"SET TimeZone='{ZONE}'")  # a month is one of the civil calendar
        connection.register("frame", numbered)
        query = f"SELECT {rule.sql('value', 'key')} AS value FROM frame ORDER BY row"
        try:
            found = connection.execute(query, rule.parameters("key") or None).pl()
        except duckdb.Error as error:
            raise InputError(Problem(column.name, "privacy_rule_unsuited")) from error
    return found["value"].alias(column.name)
