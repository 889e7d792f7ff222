"""The second look: DuckDB's own parser and binder on empty tables. No row is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.exchange.enforcement.pool import Pool
from songhua.exchange.enforcement.vocabulary import COMMON, known_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb


def bind(
    sql: str, schemas: Mapping[str, Mapping[str, str]], parameters: Mapping[str, bytes]
) -> tuple[tuple[str, str], ...] | None:
    """The name and DuckDB type of each column that `sql` gives over tables of `schemas`; None
    where it is not one SELECT over those tables alone, or a name or a type does not fit.

    Raises `ValueError` for a schema whose names or types are not plain.

    >>> bind("SELECT sum(n) AS total FROM t", {"t": {"n": "DOUBLE"}}, {})
    (('total', 'DOUBLE'),)
    >>> bind("SELECT m FROM t", {"t": {"n": "DOUBLE"}}, {}) is None
    True
    """
    import duckdb

    tables = tuple(
        f'CREATE TABLE "{name}" ({_declared(name, schema)})' for name, schema in schemas.items()
    )
    try:
        with _empty.connection(tables, lambda: _opened(tables)) as connection:
            statements = connection.extract_statements(sql)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                return None
            named = connection.get_table_names(_bare(sql, parameters))
            if any(name not in schemas and not name.startswith(COMMON) for name in named):
                return None
            described = connection.execute(sql, dict(parameters)).description
            return tuple((name, str(kind)) for name, kind, *_ in described)
    except duckdb.Error:
        return None


_empty = Pool(32)
"""Databases of empty tables; one SELECT leaves them as they were."""


def _opened(tables: Sequence[str]) -> duckdb.DuckDBPyConnection:
    connection = confined()
    for table in tables:
        connection.execute(table)
    connection.execute("SET enable_external_access=false; SET lock_configuration=true")
    return connection


def confined(memory: str = "256MiB") -> duckdb.DuckDBPyConnection:
    """A database in memory that looks up no extension, spills nothing and knows no variable of
    the caller's. One thread: the same question then gives rows in the same order."""
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": memory,
            "temp_directory": "",
            "python_enable_replacements": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
        },
    )


def _bare(sql: str, parameters: Mapping[str, bytes]) -> str:
    """The text without its parameters, which DuckDB's list of tables does not take."""
    for name in parameters:
        sql = sql.replace(f"${name}", "NULL")
    return sql


def _declared(name: str, schema: Mapping[str, str]) -> str:
    for word in (name, *schema):
        if not word.isidentifier():
            raise ValueError(f"{word!r} cannot name a dataset or a column: letters, digits and _")
    for column, kind in schema.items():
        if not known_type(kind):
            raise ValueError(f"{name}.{column}: the type {kind} is not served")
    return ", ".join(f'"{column}" {kind}' for column, kind in schema.items())
