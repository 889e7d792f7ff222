"""The language of a grant's rows: comparisons of columns with literals, and nothing else."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp

from songhua.exchange.enforcement.vocabulary import DIALECT, PARSE_FAILURES

_LITERALS = (exp.Literal, exp.Boolean, exp.Null)
_JOINERS = (exp.And, exp.Or, exp.Not, exp.Paren)
_TESTS = (
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between, exp.Like, exp.Is,
)  # fmt: skip


def read(rows: str) -> exp.Expr | None:
    """The tree of a row filter, or None where it is not a boolean of the closed language.

    >>> read("rooms >= 2 OR built < DATE '2000-01-01'").sql("duckdb")
    "rooms >= 2 OR built < CAST('2000-01-01' AS DATE)"
    >>> read("district = (SELECT 1)") is None
    True
    """
    try:
        tree = sqlglot.parse_one(rows, dialect=DIALECT)
    except PARSE_FAILURES:
        return None
    return tree if _is_boolean(tree) else None


@lru_cache(maxsize=1000)
def readable(rows: str) -> bool:
    """Whether `read` can read it."""
    return read(rows) is not None


def _is_boolean(node: exp.Expr) -> bool:
    if type(node) in _JOINERS:
        return all(_is_boolean(child) for child in node.iter_expressions())
    if type(node) not in _TESTS or node.args.get("query") or node.args.get("field"):
        return False
    first, *others = node.iter_expressions()
    return _is_column(first) and all(_is_literal(other) for other in others)


def _is_column(node: exp.Expr) -> bool:
    named = type(node) is exp.Column and type(node.this) is exp.Identifier
    return named and not node.args.get("table")


def _is_literal(node: exp.Expr) -> bool:
    if type(node) in (exp.Cast, exp.Neg):
        dated = type(node) is exp.Neg or node.args["to"].this in exp.DataType.TEMPORAL_TYPES
        return dated and type(node.this) is exp.Literal
    return type(node) in _LITERALS
