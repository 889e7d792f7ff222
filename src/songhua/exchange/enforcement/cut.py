"""What a grant leaves of a dataset, as one SELECT over it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from songhua.exchange.enforcement.binding import bind
from songhua.exchange.enforcement.predicate import read
from songhua.exchange.enforcement.vocabulary import DIALECT, text_of
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from songhua.exchange.enforcement.grants import Grant

SOURCE = "source"
"""What the dataset is called inside its cut."""


def quoted(name: str) -> str:
    """A name as DuckDB text."""
    return '"' + name.replace('"', '""') + '"'


def columns_for(grant: Grant, key: str = "key") -> dict[str, str]:
    """Each granted column and the SQL expression over ``source`` that the grantee sees.

    Pseudonyms refer to the parameters that `parameters_for` gives for the same `key`.
    """
    return {
        column: grant.rule(column).sql(f"{SOURCE}.{quoted(column)}", f"{key}_{number}")
        for number, column in enumerate(sorted(grant.columns))
    }


def parameters_for(grant: Grant, key: str = "key") -> dict[str, bytes]:
    """The keys of the grant's pseudonyms, by the names that `columns_for` uses."""
    found: dict[str, bytes] = {}
    for number, column in enumerate(sorted(grant.columns)):
        found |= grant.rule(column).parameters(f"{key}_{number}")
    return found


def row_filter(grant: Grant) -> str:
    """The granted rows as an SQL boolean over ``source``; TRUE where every row is granted."""
    tree = read(grant.rows) if grant.rows else None
    if tree is None:
        return "TRUE"
    for column in tree.find_all(exp.Column):
        column.set("table", exp.to_identifier(SOURCE))
    return text_of(tree)


def cut(grant: Grant, dataset: str, columns: Sequence[str], key: str) -> exp.Select:
    """The SELECT that stands for `dataset`: `columns` as the grantee sees them, granted rows only.
    To be copied, never changed.

    OFFSET 0 keeps the optimizer from merging the question's conditions with the grant's: a
    conversion that fails on a row outside the grant would tell of that row.
    """
    shown = columns_for(grant, key)
    listed = [f"{shown[column]} AS {quoted(column)}" for column in columns] or ["TRUE AS present"]
    return _parsed(
        f"SELECT {', '.join(listed)} FROM {quoted(dataset)} AS {SOURCE}"
        f" WHERE {row_filter(grant)} OFFSET 0"
    )


@lru_cache(maxsize=1000)
def _parsed(text: str) -> exp.Select:
    tree = sqlglot.parse_one(text, dialect=DIALECT)
    assert isinstance(tree, exp.Select)
    return tree


def source_columns(tree: exp.Select) -> list[str]:
    """The dataset's own columns that a cut reads."""
    return sorted({c.name.lower() for c in tree.find_all(exp.Column) if c.table == SOURCE})


def check_grant(grant: Grant, schema: Mapping[str, str]) -> None:
    """Raise `InputError` with every way in which `grant` does not suit a dataset of `schema`
    (column → DuckDB type)."""
    problems = list(misfits(grant, schema))
    if not problems:
        tree = cut(grant, grant.dataset, sorted(grant.columns), "key")
        schemas = {grant.dataset: schema}
        if bind(text_of(tree), schemas, parameters_for(grant)) is None:
            problems = [Problem("rows", "grant_does_not_fit")]
    if problems:
        raise InputError(problems)


def misfits(grant: Grant, schema: Mapping[str, str]) -> Iterator[Problem]:
    """One problem for each column that the grant names and `schema` has not."""
    for column in sorted(grant.columns - schema.keys()):
        yield Problem("columns", "grant_column_unknown", column)
    tree = read(grant.rows) if grant.rows else None
    known = {column.lower() for column in schema}
    for tested in tree.find_all(exp.Column) if tree else ():
        if tested.name.lower() not in known:
            yield Problem("rows", "grant_column_unknown", tested.name)
