"""The one door to the exchange's rows: every route writes its question as SQL and asks here.

    caller → what is granted now → `plan` → rows → metered and logged, together

The grants are looked up for every question, so a revocation bites with the next one. A plan may be
taken from memory only where the same question meets grants and columns of the same content.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from songhua.console import clock
from songhua.console.exchange import grants, lookups
from songhua.console.exchange.models import Use
from songhua.console.exchange.services import contents, evidence
from songhua.exchange.enforcement import Limits, Pages, Readers, Usage, execute, plan
from songhua.exchange.enforcement.execution import size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from songhua.console.exchange.grants import Held
    from songhua.console.exchange.models import Distribution
    from songhua.console.people.models import User
    from songhua.exchange.enforcement.planning import Plan

_readers = Readers()
_pages = Pages(_readers)


@dataclass(frozen=True)
class Answer:
    """The rows of a question, in batches to be read once, and what they were delivered under."""

    columns: tuple[tuple[str, str], ...]
    batches: Iterator[list[tuple[Any, ...]]]
    held: tuple[Held, ...]
    shortened: bool  # the volume of the day cut rows off
    may_export: bool
    total: int | None = None  # of the rows that a page is of, where it is known


@dataclass(frozen=True)
class Delivered:
    """An answer as a whole, and the index of its event in the evidence log."""

    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]
    receipt: int
    total: int | None = None


@dataclass(frozen=True)
class Opened:
    """What a caller may see of some tables at one moment; lasts for one request."""

    caller: User | None
    held: tuple[Held, ...]

    @property
    def columns(self) -> dict[str, list[dict[str, Any]]]:
        """The columns that may be seen, by the SQL name of their table."""
        return {
            h.grant.dataset: [c for c in h.version.columns if c["name"] in h.grant.columns]
            for h in self.held
        }

    def ask(self, query: str, limits: Limits | None = None) -> Answer:
        """The rows of a question. Nothing is metered or logged: whoever reads them calls
        `settle`."""
        made = _plan(query, self.held)
        used = self._used(made)
        batches = execute(made, _files(used), limits, _readers)
        return Answer(made.columns, batches, used, bool(made.reasons), made.may_export)

    def page(self, query: str, limit: int, offset: int) -> Answer:
        """At most `limit` rows from `offset` on of a question that has no limit of its own; nothing
        is metered or logged. What is bound to a volume is asked anew for each page."""
        if any(h.metered for h in self.held):
            return self.ask(f"{query} LIMIT {limit} OFFSET {offset}")
        made = _plan(query, self.held)
        used = self._used(made)
        rows, total = _pages.read(made, _files(used), limit, offset)
        return Answer(made.columns, iter([rows]), used, False, made.may_export, total)

    def _used(self, made: Plan) -> tuple[Held, ...]:
        return tuple(h for h in self.held if h.grant.dataset in made.touched)

    def own_number(self, table: str, number: int) -> int | None:
        """The number that the provider has for the row that the caller sees as `number`; None where
        there is none. It is not for the caller."""
        (h,) = (one for one in self.held if one.grant.dataset == table)
        if contents.ROW not in h.grant.rules:
            return number
        rules = {name: rule for name, rule in h.grant.rules.items() if name != contents.ROW}
        bare = Opened(self.caller, (replace(h, grant=replace(h.grant, rules=rules)),))
        query = f'SELECT "{contents.ROW}" FROM "{table}" ORDER BY "{contents.ROW}"'
        rows = [row for batch in bare.page(query, 1, number - 1).batches for row in batch]
        return int(rows[0][0]) if rows else None

    def deliver(self, query: str, route: str, page: tuple[int, int] | None = None) -> Delivered:
        """Ask (for a page: limit and offset), read everything, and meter and log it before it is
        handed over."""
        answer = self.page(query, *page) if page else self.ask(query)
        rows = [row for batch in answer.batches for row in batch]
        index = settle(self.caller, answer, route, len(rows), size(rows))
        return Delivered(answer.columns, rows, index, answer.total)


def open_tables(caller: User | None, tables: Iterable[Distribution], purpose: str = "") -> Opened:
    """What `caller` (None: the public) may see of these tables now."""
    return Opened(caller, tuple(grants.held(caller, purpose, clock.now(), tables)))


def deliver(caller: User | None, query: str, *, route: str, purpose: str = "") -> Delivered:
    """The rows of a question about any tables, metered and logged."""
    return _named(caller, query, purpose).deliver(query, route)


def _named(caller: User | None, query: str, purpose: str) -> Opened:
    """Any word of the question may be the name of a table."""
    words = set(re.findall(r"\w+", query.lower()))
    return open_tables(caller, lookups.named(words), purpose)


_METERED = """
INSERT INTO exchange_use (distribution_id, holder, grant_id, day, requests, rows, bytes)
VALUES (%s, %s, %s, %s, 1, %s, %s)
ON CONFLICT (distribution_id, holder, day) DO UPDATE SET requests = exchange_use.requests + 1,
    rows = exchange_use.rows + excluded.rows, bytes = exchange_use.bytes + excluded.bytes
"""


@transaction.atomic
def settle(caller: User | None, answer: Answer, route: str, rows: int, octets: int) -> int:
    """Meter what was delivered and log it; the event's index."""
    today = connection.ops.adapt_datefield_value(clock.today())
    with connection.cursor() as cursor:
        for h in answer.held:
            given = [h.distribution_id, h.holder, h.grant_id, today, rows, octets]
            cursor.execute(_METERED, given)
    return evidence.record(
        "delivery", to=getattr(caller, "username", ""), route=route, rows=rows, bytes=octets,
        under=[{"table": h.grant.dataset, "version": h.version.number, "holder": h.holder,
                "purpose": h.grant.purpose} for h in answer.held],
    )  # fmt: skip


def _files(held: Iterable[Held]) -> dict[str, Sequence[Path]]:
    return {
        h.grant.dataset: contents.paths(h.version) if h.files is None else h.files for h in held
    }


_plans: OrderedDict[tuple[object, ...], Plan] = OrderedDict()
_lock = Lock()
_MOST_PLANS = 1024


def _plan(query: str, held: Sequence[Held]) -> Plan:
    """`plan`, remembered for grants and columns of exactly this content. One with a daily volume is
    planned afresh each time, since what is left of it changes with every delivery."""
    schemas = {h.grant.dataset: h.version.schema() for h in held}
    purpose = held[0].grant.purpose if held else ""
    if any(h.metered for h in held):
        return plan(query, [h.grant for h in held], schemas, purpose, clock.now(), _used(held))
    key = (query, *((repr(h.grant), repr(schemas[h.grant.dataset])) for h in held))
    with _lock:
        if key in _plans:
            _plans.move_to_end(key)
            return _plans[key]
    made = plan(query, [h.grant for h in held], schemas, purpose, clock.now(), Usage())
    with _lock:
        _plans[key] = made
        if len(_plans) > _MOST_PLANS:
            _plans.popitem(last=False)
    return made


def _used(held: Sequence[Held]) -> Usage:
    rows = Use.objects.filter(
        day=clock.today(), holder__in=[h.holder for h in held if h.metered]
    ).values_list("distribution__sql_name", "rows", "bytes")
    used = Usage()
    for name, count, octets in rows:
        used = replace(used, rows={**used.rows, name: count}, bytes={**used.bytes, name: octets})
    return used
