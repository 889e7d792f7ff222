"""What every question to the door looks up: the tables that it names, and the grants in force. In
plain SQL, for writing it anew each time would take longer than all of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from django.db import connection
from django.db.models import Model

from songhua.console.exchange.models import Distribution, Entry, Grant, Version

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Sequence
    from datetime import date

    from songhua.console.people.models import Unit

M = TypeVar("M", bound=Model)
# In the order of the models, as `Model.from_db` wants it.
_TABLE = ("id", "entry_id", "sql_name", "current_id")
_ENTRY = ("id", "unit_id", "tier", "is_open", "state")
_VERSION = ("id", "number", "parts", "columns", "keys", "rows")
_GRANT = ("id", "distribution_id", "columns", "rows", "purpose", "valid_from", "valid_until",
          "daily_rows", "daily_bytes", "rules", "may_export")  # fmt: skip
_JSON = {"parts", "keys", "columns", "rules"}


def _listed(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f'{alias}."{name}"' for name in names)


_TABLES = (
    f"SELECT {_listed('d', _TABLE)}, {_listed('e', _ENTRY)}, {_listed('v', _VERSION)}"
    " FROM exchange_distribution d JOIN exchange_entry e ON e.id = d.entry_id"
    " JOIN exchange_version v ON v.id = d.current_id"
    " WHERE d.removed_at IS NULL AND {} ORDER BY d.position, d.id"
)
_GRANTS = (
    f"SELECT {_listed('g', _GRANT)} FROM exchange_grant g"
    " WHERE g.unit_id = %s AND g.revoked_at IS NULL AND g.distribution_id IN ({})"
    " AND (g.valid_from IS NULL OR g.valid_from <= %s)"
    " AND (g.valid_until IS NULL OR g.valid_until > %s) ORDER BY g.id DESC"
)


def table(uid: uuid.UUID) -> Distribution | None:
    """The table of a resource, if it has one."""
    value = Distribution._meta.get_field("uid").get_db_prep_value(uid, connection)
    return next(iter(_tables("d.uid = %s", [value])), None)


def named(names: Collection[str]) -> list[Distribution]:
    """The tables with these SQL names."""
    return _tables(f"d.sql_name IN ({_marks(names)})", list(names)) if names else []


def granted(unit: Unit, tables: Collection[int], day: date) -> list[Grant]:
    """The grants of `unit` on these tables that are in force on `day`, the newest first."""
    on = connection.ops.adapt_datefield_value(day)
    rows = _found(_GRANTS.format(_marks(tables)), [unit.pk, *tables, on, on])
    found = [_made(Grant, _GRANT, row) for row in rows]
    for grant in found:
        grant.unit = unit
    return found


def _tables(condition: str, values: list[Any]) -> list[Distribution]:
    one, two = len(_TABLE), len(_TABLE) + len(_ENTRY)
    found = []
    for row in _found(_TABLES.format(condition), values):
        made = _made(Distribution, _TABLE, row[:one])
        made.entry = _made(Entry, _ENTRY, row[one:two])
        made.current = _made(Version, _VERSION, row[two:])
        found.append(made)
    return found


def _found(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _made(kind: type[M], names: Sequence[str], values: Sequence[Any]) -> M:
    """A row with these fields; the others are fetched where somebody asks for them."""
    pairs = zip(names, values, strict=True)
    read = [orjson.loads(value) if name in _JSON else value for name, value in pairs]
    return kind.from_db(connection.alias, names, read)
