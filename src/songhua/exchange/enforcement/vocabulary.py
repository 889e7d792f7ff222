"""The part of SQL that is served: a closed list of words of sqlglot's tree and what each may hold.

A word, or a part of a word, that is not listed is refused; so a construct that a newer parser
learns, or one that sqlglot reads otherwise than DuckDB, stays out until somebody has thought
about it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlglot import errors, exp

from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

DIALECT = "duckdb"
COMMON = "common "
"""What the name of each WITH begins with in a plan; no dataset's name holds a space."""
PARSE_FAILURES = (errors.SqlglotError, RecursionError)
STATEMENTS = (exp.Select, exp.Union, exp.Intersect, exp.Except)

_SET = "this expression with_ distinct order limit offset"
_PAIR = "this expression"
_STRUCTURE: dict[type[exp.Expr], str] = {
    exp.Select: "with_ expressions from_ joins where group having qualify windows order limit"
    " offset distinct",
    exp.Union: _SET, exp.Intersect: _SET, exp.Except: _SET,
    exp.With: "expressions", exp.CTE: "this alias", exp.TableAlias: "this columns",
    exp.From: "this", exp.Join: "this on using side kind", exp.Table: "this alias",
    exp.Subquery: "this alias", exp.Where: "this", exp.Having: "this", exp.Qualify: "this",
    exp.Group: "expressions all", exp.Order: "expressions", exp.Ordered: "this desc nulls_first",
    exp.Limit: "expression", exp.Offset: "expression", exp.Distinct: "expressions",
    exp.Window: "this partition_by order spec over alias",
    exp.WindowSpec: "kind start start_side end end_side", exp.Filter: _PAIR,
    exp.Alias: "this alias", exp.Column: "this table", exp.Identifier: "this quoted",
    exp.Star: "", exp.Literal: "this is_string", exp.Boolean: "this", exp.Null: "",
    exp.Paren: "this", exp.Not: "this", exp.Neg: "this", exp.Exists: "this",
    exp.In: "this expressions query", exp.Between: "this low high", exp.Is: _PAIR,
    exp.Case: "this ifs default", exp.If: "this true false",
    exp.Cast: "this to", exp.TryCast: "this to safe", exp.DataType: "this expressions",
    exp.DataTypeParam: "this", exp.Interval: "this unit", exp.Var: "this",
    exp.Div: "this expression typed safe",
    exp.Max: "this", exp.Min: "this",  # with a count they would list many rows in one cell
}  # fmt: skip
_PAIRS = (
    exp.And, exp.Or, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ,
    exp.NullSafeNEQ, exp.Like, exp.ILike, exp.Add, exp.Sub, exp.Mul, exp.Mod,
)  # fmt: skip
_PARTS = {word: frozenset(parts.split()) for word, parts in _STRUCTURE.items()} | {
    word: frozenset(_PAIR.split()) for word in _PAIRS
}
# Values only, one from each row or group: nothing here folds many rows into one cell, draws lots,
# reads a clock, a setting or a file, or looks at the database itself.
_FUNCTIONS: frozenset[type[exp.Expr]] = frozenset({
    exp.Count, exp.Sum, exp.Avg, exp.StddevSamp, exp.Stddev, exp.Variance,
    exp.Median, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.Ntile,
    exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Sign, exp.Sqrt, exp.Ln, exp.Exp, exp.Greatest,
    exp.Least, exp.Coalesce, exp.Nullif, exp.Lower, exp.Upper, exp.Length, exp.Trim,
    exp.Substring, exp.Left, exp.Right, exp.Concat, exp.DPipe, exp.StartsWith,
    exp.Year, exp.Month, exp.Day, exp.Extract, exp.TimestampTrunc, exp.DateTrunc,
})  # fmt: skip
_UNITS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"})
_TYPES = frozenset({
    "BOOLEAN", "SMALLINT", "INT", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL", "TEXT", "VARCHAR",
    "DATE", "TIMESTAMP", "TIMESTAMPNTZ",
})  # fmt: skip
_JOINS = frozenset(("", "INNER", "CROSS", "OUTER", "SEMI", "ANTI"))


def text_of(tree: exp.Expr) -> str:
    """The tree as DuckDB text: every name quoted, no comment kept."""
    return tree.sql(dialect=DIALECT, identify=True, comments=False)


@cache
def known_type(name: str) -> bool:
    """Whether a column may have this type: one plain value, and instants without a zone, in UTC.

    >>> known_type("DECIMAL(10, 2)"), known_type("INTEGER[]"), known_type("TIMESTAMPTZ")
    (True, False, False)
    """
    try:
        return not any(refusals(exp.DataType.build(name, dialect=DIALECT)))
    except PARSE_FAILURES:
        return False


def deeper(tree: exp.Expr, most: int) -> bool:
    """Whether the tree has more than `most` levels; neither parser bears any depth."""
    level: list[exp.Expr] = [tree]
    for _ in range(most):
        level = [child for node in level for child in node.iter_expressions()]
    return bool(level)


def refusals(tree: exp.Expr) -> Iterator[Problem]:
    """One `Problem` for each word of the tree that is not served."""
    for node in tree.walk():
        if type(node) in _FUNCTIONS:
            continue
        if isinstance(node, exp.Func) and type(node) not in _PARTS:
            yield Problem("query", "query_function_refused", _called(node))
        elif not _served(node):
            yield Problem("query", "query_form_refused", node.key.upper())


def _called(node: exp.Func) -> str:
    return node.name if isinstance(node, exp.Anonymous) else node.sql_name().lower()


def _served(node: exp.Expr) -> bool:
    parts = _PARTS.get(type(node))
    if parts is None or any(held and part not in parts for part, held in node.args.items()):
        return False
    match node:
        case exp.Table():
            # A list of new column names goes by position, and the cut leaves columns out.
            alias = node.args.get("alias")
            return type(node.this) is exp.Identifier and not (alias and alias.columns)
        case exp.Join():
            return (node.args.get("kind") or "") in _JOINS
        case exp.Limit() | exp.Offset():
            return type(node.expression) is exp.Literal and node.expression.is_int
        case exp.DataType():
            return node.this.name in _TYPES
        case exp.Var():
            return node.name.upper() in _UNITS
        case exp.Star():
            return isinstance(node.parent, exp.Select | exp.Column | exp.Count)
    return True
