"""From a question and grants to a plan: the text that may run, and what the log must know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from songhua.exchange.enforcement import names
from songhua.exchange.enforcement.binding import bind
from songhua.exchange.enforcement.cut import cut, misfits, parameters_for, source_columns
from songhua.exchange.enforcement.vocabulary import (
    COMMON,
    DIALECT,
    PARSE_FAILURES,
    STATEMENTS,
    deeper,
    refusals,
    text_of,
)
from songhua.exchange.enforcement.volume import Usage, left_today, limit
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from songhua.exchange.enforcement.grants import Grant

MOST_CHARACTERS = 10_000
_DEEPEST = 200


@dataclass(frozen=True)
class Plan:
    """What may run. `sql` is complete: over tables of the datasets it gives what the grants leave.

    `columns` are the name and DuckDB type of each result column; `touched` the granted columns of
    each dataset that the question could read (the log's and the lineage's record: `sql` holds no
    others); `sources` what `sql` needs of each dataset (column → type), those of row filters too.
    `most_rows` is in `sql` already, `most_bytes` is for `execute` to keep; None: unbounded.
    """

    sql: str
    parameters: Mapping[str, bytes] = field(repr=False)
    columns: tuple[tuple[str, str], ...]
    touched: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, Mapping[str, str]]
    most_rows: int | None
    most_bytes: int | None
    may_export: bool
    reasons: tuple[Problem, ...]


def plan(
    query: str,
    grants: Sequence[Grant],
    catalogue: Mapping[str, Mapping[str, str]],
    purpose: str,
    at: datetime,
    used: Usage,
) -> Plan:
    """The plan of one SELECT by the holder of `grants`, for `purpose`, at the aware instant `at`.

    `catalogue` maps dataset → column → DuckDB type. Where several grants of one dataset are in
    force the caller passes the one to be used, since it is the one to be metered. Raises
    `InputError` for a question that is not served, `NotAllowed` where today's volume is
    used up, `ValueError` for an instant without a zone.

    >>> from datetime import UTC, datetime
    >>> from songhua.exchange.enforcement import Grant
    >>> grant = Grant("bureau", "homes", frozenset({"rooms"}), "heat", rows="district = 'Daoli'")
    >>> homes = {"homes": {"owner": "TEXT", "rooms": "INTEGER", "district": "TEXT"}}
    >>> at = datetime(2026, 1, 5, tzinfo=UTC)
    >>> made = plan("SELECT * FROM homes", [grant], homes, "heat", at, Usage())
    >>> print(made.sql)  # doctest: +NORMALIZE_WHITESPACE
    SELECT * FROM (SELECT "source"."rooms" AS "rooms" FROM "homes" AS "source"
    WHERE "source"."district" = 'Daoli' OFFSET 0) AS "homes"
    """
    if at.tzinfo is None:
        raise ValueError("at: an instant with its zone is needed")
    tree = _read(query)
    granted = _granted(grants, catalogue, purpose, at)
    # From here on nothing knows of datasets or columns that are not granted.
    tables, problems = names.rename_common_tables(tree, granted)
    # Pairs, not a mapping: sqlglot holds two mentions of one table to be equal.
    found = [(table, _find(table.name, granted)) for table in tables]
    problems += [
        Problem("query", "query_name_unknown", table.name)
        for table, dataset in found
        if dataset is None
    ]
    chosen = {dataset: granted[dataset] for _, dataset in found if dataset}
    problems += [
        Problem("query", "query_grants_overlap", dataset)
        for dataset, several in chosen.items()
        if len(several) > 1
    ]
    visible = {name: _ordered(grant, catalogue[name]) for name, (grant, *_) in chosen.items()}
    if not problems:
        problems = list(names.unknown(tree, visible))
    if problems:
        raise InputError(problems)
    require(bool(chosen), "query", "query_without_dataset")
    return _planned(
        tree, [(table, name) for table, name in found if name], visible,
        {name: grant for name, (grant, *_) in chosen.items()}, catalogue, used,
    )  # fmt: skip


def _read(query: str) -> exp.Expr:
    """The tree of the one SELECT in `query`, made of words that are served."""
    clean = all(character.isprintable() or character in "\t\r\n　" for character in query)
    sound = clean and 0 < len(query.strip()) <= MOST_CHARACTERS
    require(sound, "query", "query_length", MOST_CHARACTERS)
    try:
        trees = sqlglot.parse(query, dialect=DIALECT)
        one = len(trees) == 1 and type(trees[0]) in STATEMENTS
        require(one, "query", "query_not_one_select")
        tree = trees[0]
        assert tree is not None
        require(not deeper(tree, _DEEPEST), "query", "query_too_deep", _DEEPEST)
        problems = tuple(dict.fromkeys(refusals(tree)))
    except PARSE_FAILURES:
        raise InputError(Problem("query", "query_unreadable")) from None
    if problems:
        raise InputError(problems)
    return tree


def _granted(
    grants: Sequence[Grant],
    catalogue: Mapping[str, Mapping[str, str]],
    purpose: str,
    at: datetime,
) -> dict[str, list[Grant]]:
    """The grants in force by dataset; one that no longer suits the catalogue opens nothing."""
    one = len({grant.grantee for grant in grants}) <= 1
    require(one, "grants", "query_grantees_mixed")
    found: dict[str, list[Grant]] = {}
    for grant in grants:
        schema = catalogue.get(grant.dataset, {})
        if grant.purpose == purpose and grant.in_force(at) and not any(misfits(grant, schema)):
            found.setdefault(grant.dataset, []).append(grant)
    return found


def _find(name: str, granted: Mapping[str, object]) -> str | None:
    """The dataset that SQL, blind to case, means by `name`."""
    return next((dataset for dataset in granted if dataset.lower() == name.lower()), None)


def _ordered(grant: Grant, schema: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(column for column in schema if column in grant.columns)


def _planned(
    tree: exp.Expr,
    tables: Sequence[tuple[exp.Table, str]],
    visible: Mapping[str, tuple[str, ...]],
    grants: Mapping[str, Grant],
    catalogue: Mapping[str, Mapping[str, str]],
    used: Usage,
) -> Plan:
    rows, most_bytes = left_today(grants, used)
    touched = {name: names.touched(tree, name, columns) for name, columns in visible.items()}
    parameters: dict[str, bytes] = {}
    cuts: dict[str, exp.Select] = {}
    for number, (name, grant) in enumerate(sorted(grants.items())):
        cuts[name] = cut(grant, name, touched[name], f"key_{number}")
        parameters |= parameters_for(grant, f"key_{number}")
    stand_ins = []
    for table, name in tables:
        alias = exp.to_identifier(table.alias_or_name, quoted=True)
        stand_ins.append(cuts[name].copy())
        table.replace(exp.Subquery(this=stand_ins[-1], alias=exp.TableAlias(this=alias)))
    for table in tree.find_all(exp.Table):
        inside = any(table.parent_select is stand_in for stand_in in stand_ins)
        if not table.name.startswith(COMMON) and not inside:
            raise RuntimeError("a table of the plan stands outside the cut of its grant")
    reasons = () if rows is None else (limit(tree, *rows),)
    spoken = {mark.name: parameters[mark.name] for mark in tree.find_all(exp.Placeholder)}
    sql = text_of(tree)
    columns = bind(sql, {name: catalogue[name] for name in grants}, spoken)
    if columns is None:
        raise InputError(Problem("query", "query_not_bound"))
    return Plan(
        sql,
        spoken,
        columns,
        touched,
        {name: _needed(cuts[name], catalogue[name]) for name in grants},
        None if rows is None else rows[0],
        most_bytes,
        all(grant.may_export for grant in grants.values()),
        reasons,
    )


def _needed(tree: exp.Select, schema: Mapping[str, str]) -> dict[str, str]:
    wanted = source_columns(tree)
    return {column: kind for column, kind in schema.items() if column.lower() in wanted}
