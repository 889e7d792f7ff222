"""What somebody may see now: the grants that hold for a caller, as the enforcement point reads
them. Four ways lead to a table, the widest first: it is the caller's own department's, it is shared
with every department without conditions, it was granted, it is open to everybody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from songhua.console.exchange import lookups
from songhua.console.exchange.models import Entry
from songhua.console.people.models import Role
from songhua.exchange import enforcement
from songhua.exchange.privacy.keys import recipient_key
from songhua.kit.errors import InputError, Problem
from songhua.kit.time import ZONE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime
    from pathlib import Path

    from songhua.console.exchange.models import Distribution, Grant, Version
    from songhua.console.people.models import User

OPEN = "open"
ROW = "_id"  # numbers the rows of a table
RULES: dict[str, type[enforcement.Plain]] = {
    "mask": enforcement.Mask,
    "year": enforcement.Year,
    "prefix": enforcement.Prefix,
    "band": enforcement.Band,
}


@dataclass(frozen=True)
class Held:
    """A grant in force with the version of the table that it opens."""

    grant: enforcement.Grant
    version: Version
    distribution_id: int
    holder: str  # under which it is metered
    grant_id: int | None
    files: tuple[Path, ...] | None = None  # of the rows, where they are not the version's own

    @property
    def metered(self) -> bool:
        """Whether the grant bounds a day's volume."""
        return self.grant.daily_rows is not None or self.grant.daily_bytes is not None


def held(
    caller: User | None, purpose: str, at: datetime, tables: Iterable[Distribution]
) -> list[Held]:
    """The grants of `caller` (None: the public) at `at` on `tables`; others are left out. Where
    `purpose` is empty, the one purpose of the explicit grants is meant.

    Raises ``exchange_purpose_needed`` where those name several.
    """
    unit = _unit(caller)
    shown = [t for t in tables if t.current and t.entry.state == Entry.State.ACTIVE]
    narrow = [t.pk for t in shown if not _wide(t, unit)]
    explicit = _explicit(unit, narrow, at.astimezone(ZONE).date()) if narrow else {}
    purposes = {grant.purpose for several in explicit.values() for grant in several}
    if not purpose and len(purposes) > 1:
        raise InputError(Problem("purpose", "exchange_purpose_needed", "、".join(sorted(purposes))))
    meant = purpose or next(iter(purposes), OPEN)
    found = (_widest(t, unit, meant, explicit.get(t.pk, [])) for t in shown)
    return [one for one in found if one is not None]


def _wide(table: Distribution, unit: Any) -> bool:
    """Whether the people of `unit` see all of a table: it is their own, or shared with every
    department without conditions."""
    entry = table.entry
    return unit is not None and (entry.unit_id == unit.pk or entry.tier == Entry.Tier.UNCONDITIONAL)


def _unit(caller: User | None) -> Any:
    """The department that `caller` acts for; enterprises and the public act for none."""
    acts = caller is not None and caller.role in {Role.STAFF, Role.OFFICE, Role.LEADER}
    return caller.unit if acts and caller else None


def _explicit(unit: Any, tables: Collection[int], day: date) -> dict[int, list[Grant]]:
    if unit is None:
        return {}
    found: dict[int, list[Grant]] = {}
    for grant in lookups.granted(unit, tables, day):
        found.setdefault(grant.distribution_id, []).append(grant)
    return found


def _widest(table: Distribution, unit: Any, purpose: str, explicit: list[Grant]) -> Held | None:
    entry, version = table.entry, table.current
    every = frozenset(version.schema())
    grantee = unit.code if unit else "public"
    granted = next((grant for grant in explicit if grant.purpose == purpose), None)
    if _wide(table, unit):
        return _whole(table, grantee, every, purpose, f"unit:{grantee}")
    if granted is not None:
        return _granted(table, granted, every)
    if entry.is_open:
        shown = frozenset(c["name"] for c in version.columns if c.get("open"))
        return _whole(table, grantee, shown | {ROW}, purpose, "public") if shown else None
    return None


def _whole(
    table: Distribution, grantee: str, columns: frozenset[str], purpose: str, holder: str
) -> Held:
    grant = enforcement.Grant(grantee, table.sql_name, columns, purpose, may_export=True)
    return Held(grant, table.current, table.pk, holder, None)


def _granted(table: Distribution, row: Grant, every: frozenset[str]) -> Held | None:
    """An explicit grant; None where the table no longer has a column of it: it opens nothing."""
    if not set(row.columns) <= every:
        return None
    return Held(enforced(row, table.sql_name), table.current, table.pk, f"grant:{row.pk}", row.pk)


def enforced(row: Grant, name: str) -> enforcement.Grant:
    """A recorded grant as the enforcement point reads it. The row number is part of every grant; of
    one for some of the rows alone, these are numbered by themselves.

    Raises `InputError` with every problem of the record.
    """
    rules = {column: _rule(rule, row.unit.code) for column, rule in row.rules.items()}
    if row.rows:
        rules[ROW] = enforcement.Numbered()
    return enforcement.Grant(
        row.unit.code, name, frozenset(row.columns) | {ROW}, row.purpose, row.rows,
        row.valid_from, row.valid_until, row.daily_rows, row.daily_bytes, rules, row.may_export,
    )  # fmt: skip


def _rule(given: dict[str, Any], recipient: str) -> enforcement.Plain:
    """A rule from its record ``{"rule": name, …}``. A pseudonym's key is the recipient's own."""
    settings_of = {key: value for key, value in given.items() if key != "rule"}
    name = given.get("rule", "")
    try:
        if name == "pseudonym":
            return enforcement.Pseudonym(recipient_key(root_secret(), recipient, "pseudonym"))
        return RULES[name](**settings_of)
    except (KeyError, TypeError):
        raise InputError(Problem("rules", "exchange_rule_unknown", str(given))) from None


def root_secret() -> bytes:
    """32 bytes from which the keys of recipients are derived, so that none of them is kept."""
    return hashlib.sha256(settings.SECRET_KEY.encode()).digest()
