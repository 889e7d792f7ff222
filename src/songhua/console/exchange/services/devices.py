"""The registry of devices: entered, changed, taken out; and what of their readings may be seen.

The readings of a dataset's devices are a table of that dataset like any other: the same grants open
it, through the same door. Its rows are those of its own devices in the one telemetry store.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q

from songhua.console import clock
from songhua.console.exchange import grants
from songhua.console.exchange.models import Datastream, Distribution, Version
from songhua.console.exchange.services import contents, entries
from songhua.console.exchange.services.door import Opened
from songhua.console.ledger.services import audit, vouch
from songhua.exchange.telemetry.reading import TelemetryReader
from songhua.exchange.telemetry.registry import Channel, Registry
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from songhua.console.exchange.grants import Held
    from songhua.console.exchange.models import Entry
    from songhua.console.exchange.models.devices import Registered
    from songhua.console.people.models import User

FORM = "SensorThings"
COLUMNS = tuple(
    {"name": name, "type": kind, "open": True}
    for name, kind in (
        ("device_id", "TEXT"), ("metric", "TEXT"), ("ts_utc", "TIMESTAMP"), ("value", "DOUBLE"),
        ("quality", "BIGINT"), ("received_at", "TIMESTAMP"),
    )
)  # fmt: skip
KEPT = ("name", "unit_id")  # what the audit log vouches for of every record, and of datastreams
CHANNEL = ("device_id", "metric", "table_id", "thing_id", "low", "high")
NEEDED = frozenset({"device_id", "metric", "ts_utc", "value"})  # to know of a datastream


def folder() -> Path:
    """Where the telemetry store is."""
    return Path(settings.DATA_DIR) / "telemetry"


def reader() -> TelemetryReader | None:
    """The store's readings; None where nothing was ever written."""
    found = TelemetryReader(folder())
    return found if (found.folder / "manifest.sqlite").exists() else None


def registry() -> Registry:
    """The channels of all devices, as the intake wants them."""
    rows = Datastream.objects.select_related("table__entry")
    return Registry(
        tuple(
            Channel(row.device_id, row.metric, str(row.unit_of_measurement.get("symbol", "")),
                    row.low, row.high, row.table.entry.code or "")
            for row in rows
        )
    )  # fmt: skip


def state() -> str:
    """A text that changes with the registry of channels."""
    found = Datastream.objects.aggregate(n=Count("pk"), last=Max("pk"), at=Max("changed_at"))
    return f"{found['n']} {found['last']} {found['at']}"


def telemetry_table(actor: User | None, entry: Entry) -> Distribution:
    """The table of readings of a dataset, made where it is missing."""
    found = entry.distributions.filter(form=FORM, removed_at=None).first()
    if found is None:
        name = entries.sql_name(entry)
        found = entries.distribute(actor, entry, {"name": FORM, "form": FORM, "sql_name": name})
        contents.create(actor, found, COLUMNS)
        found.refresh_from_db()
    return found


@transaction.atomic
def save(actor: User | None, row: Registered, **links: Iterable[Any]) -> None:
    """Enter or change a record, and what it is linked to. Raises `NotAllowed` for another
    department's, `InputError` ``empty`` and ``channel_twice``."""
    new = row.pk is None
    if new:
        row.created_by, row.unit = actor, row.unit or getattr(actor, "unit", None)
    entries.demand(actor, row.unit)
    if not row.name.strip():
        raise InputError(Problem("name", "empty"))
    if isinstance(row, Datastream):
        _check(actor, row)
    row.changed_at = clock.now()
    row.save()
    for name, linked in links.items():
        getattr(row, name).set(linked)
    kept = vouch.sets(row, *KEPT, *(CHANNEL if isinstance(row, Datastream) else ()))
    if new:
        _tell(actor, row, "device_registered", sets=kept, facts=vouch.facts(row))
    else:
        _tell(actor, row, "device_changed", sets=kept)


def _check(actor: User | None, row: Datastream) -> None:
    entries.demand(actor, row.table.entry.unit)
    same = Datastream.objects.filter(device_id=row.device_id, metric=row.metric)
    if same.exclude(pk=row.pk).exists():
        raise InputError(Problem("metric", "channel_twice", f"{row.device_id} {row.metric}"))
    Registry((Channel(row.device_id, row.metric, "", row.low, row.high),))


@transaction.atomic
def remove(actor: User | None, row: Registered) -> None:
    """Take a record out with the datastreams that cannot be without it. What they have measured
    stays in the store."""
    entries.demand(actor, row.unit)
    if not isinstance(row, Datastream) and hasattr(row, "datastreams"):
        optional = row._meta.model_name == "featureofinterest"
        for stream in row.datastreams.all():
            if optional:
                stream.feature = None
                save(actor, stream)
            else:
                remove(actor, stream)
    _tell(actor, row, "device_removed", sets=vouch.gone(row))
    row.delete()


def _tell(actor: User | None, row: Registered, action: str, **vouched: object) -> None:
    facts: Mapping[str, str] = {"name": row.name}
    if isinstance(row, Datastream):
        facts = {"device_id": row.device_id, "metric": row.metric, "table": str(row.table_id)}
    audit.record(actor or "exchange", action, vouch.subject(row), **facts, **vouched)


def visible(caller: User | None) -> QuerySet[Datastream]:
    """The datastreams of which `caller` may see readings. Where a grant has a condition on the
    rows or rules for columns, those with readings that it opens."""
    found = Distribution.objects.filter(form=FORM, removed_at=None, current__isnull=False)
    tables = found.select_related("entry", "current")
    held = [h for h in grants.held(caller, "", clock.now(), tables) if h.grant.columns >= NEEDED]
    whole = [h.distribution_id for h in held if not h.grant.rows and not h.grant.rules]
    single: list[int] = []
    for h in held:
        if h.distribution_id not in whole:
            single += _with_readings(caller, h)
    return Datastream.objects.filter(Q(table__in=whole) | Q(pk__in=single))


def _with_readings(caller: User | None, h: Held) -> list[int]:
    rows = list(Datastream.objects.filter(table=h.distribution_id))
    query = f'SELECT DISTINCT device_id, metric FROM "{h.grant.dataset}"'
    answer = Opened(caller, (narrowed(h, rows),)).ask(query)
    known = {pair for batch in answer.batches for pair in batch}
    return [row.pk for row in rows if (row.device_id, row.metric) in known]


def opened(
    caller: User | None, rows: Iterable[Datastream], since: datetime | None = None
) -> Opened:
    """The door to the readings of these datastreams, as far as `caller` may see them now; those
    long before `since` may be left out."""
    by_table: dict[int, list[Datastream]] = defaultdict(list)
    for row in rows:
        by_table[row.table_id].append(row)
    tables = Distribution.objects.filter(pk__in=by_table).select_related("entry", "current")
    held = grants.held(caller, "", clock.now(), tables)
    shown = (narrowed(h, by_table[h.distribution_id], since) for h in held)
    return Opened(caller, tuple(shown))


def narrowed(h: Held, rows: Iterable[Datastream], since: datetime | None = None) -> Held:
    """A grant of a table of readings, on the files of the store and for these devices alone."""
    by_metric: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_metric[row.metric].add(row.device_id)
    channels = " OR ".join(
        f"(metric = {_text(metric)} AND device_id IN ({', '.join(map(_text, sorted(devices)))}))"
        for metric, devices in sorted(by_metric.items())
    )
    condition = f"({h.grant.rows}) AND ({channels})" if h.grant.rows else channels
    names = h.grant.columns & {column["name"] for column in COLUMNS}
    store = reader()
    files: list[Path] = []
    if store:
        files = [path for metric in sorted(by_metric) for path in store.files(metric, since)]
    version = Version(number=h.version.number, columns=list(COLUMNS))
    rules = {column: rule for column, rule in h.grant.rules.items() if column in names}
    grant = replace(h.grant, columns=names, rules=rules, rows=condition or "1 = 0")
    return replace(h, grant=grant, version=version, files=tuple(files))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
