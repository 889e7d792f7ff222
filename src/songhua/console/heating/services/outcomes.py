"""What an interval of heating came to, from the stored telemetry, and its way into the ledger."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.heating import access, readings
from songhua.console.heating.indicators import season
from songhua.console.heating.models import Command, HeatingOutcome
from songhua.console.heating.words import INDICATORS, shown
from songhua.console.ledger.services import audit, vouch
from songhua.console.ledger.services import evidence as ledger
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.tables.write import to_csv

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from songhua.console.heating.models import Plant
    from songhua.console.ledger.models import Evidence, Task
    from songhua.console.people.models import User

LONGEST = timedelta(days=200)
READ = {"heat_mw": "source", "makeup_kg_per_s": "plant", "outdoor_c": "plant", "room_c": "room"}


def check(begins: datetime, ends: datetime) -> None:
    """Raise `InputError` ``heating_interval`` for an interval that cannot be read."""
    if not timedelta(0) < ends - begins <= LONGEST:
        raise InputError(Problem("begins", "heating_interval", f"{begins} – {ends}"))


def compute(actor: User, plant: Plant, begins: datetime, ends: datetime) -> HeatingOutcome:
    """Compute the indicators of an interval and keep them.

    Raises `NotAllowed` for another department's plant, `InputError` ``heating_interval`` and
    ``heating_no_readings``.
    """
    access.demand(actor, plant)
    check(begins, ends)
    elements = list(plant.elements.all())
    tables = {
        metric: readings.history(metric, [e for e in elements if e.kind == kind], begins, ends)
        for metric, kind in READ.items()
    }
    count = sum(table.height for table in tables.values())
    if not count:
        raise InputError(Problem("begins", "heating_no_readings", f"{begins} – {ends}"))
    sources = {e.device_id: e.co2_kg_per_mwh for e in elements if e.kind == "source"}
    area = next((e.area_m2 for e in elements if e.kind == "plant"), None)
    figures = season(tables, sources, area, begins, ends)
    return _keep(actor, HeatingOutcome(
        plant=plant, begins=begins, ends=ends, figures=figures, readings=count,
        digest=_digest(tables), made_by=actor, made_at=clock.now(),
    ))  # fmt: skip


@transaction.atomic
def _keep(actor: User, row: HeatingOutcome) -> HeatingOutcome:
    audit.hold()
    row.save(force_insert=True)
    audit.record(
        actor, "heating_outcome", vouch.subject(row), facts=vouch.facts(row),
        sets=vouch.sets(row, "evidence_id"),
    )  # fmt: skip
    return row


def _digest(tables: dict[str, pl.DataFrame]) -> str:
    """SHA-256 of the readings as text, so that anybody can check what was counted."""
    total = hashlib.sha256()
    for metric, table in sorted(tables.items()):
        total.update(metric.encode())
        total.update(table.write_csv().encode())
    return total.hexdigest()


@transaction.atomic
def submit(actor: User, outcome: HeatingOutcome, task: Task) -> Evidence:
    """Give the indicators, what they rest on and the commands of the time as evidence of `task`,
    once. Raises what the ledger raises, and `Conflict` ``heating_evidence_given``."""
    access.demand(actor, outcome.plant)
    audit.hold()
    row = (
        HeatingOutcome.objects.select_for_update(of=("self",))
        .select_related("plant")
        .get(pk=outcome.pk)
    )
    if row.evidence_id is not None:
        raise Conflict(Problem("evidence", "heating_evidence_given"))
    said = "（模拟数据）" if row.plant.simulated else ""
    row.evidence = ledger.submit_file(
        actor, task, title=f"供热成效指标 {row}{said}"[:200],
        filename=f"heating-{row.plant.code}-{row.pk}.csv", chunks=[table(row)],
    )  # fmt: skip
    row.save(update_fields=["evidence"])
    audit.record(
        actor, "heating_evidence_submitted", vouch.subject(row), evidence=row.evidence_id,
        sets=vouch.sets(row, "evidence_id"),
    )  # fmt: skip
    return row.evidence


def table(row: HeatingOutcome) -> bytes:
    """The outcome as CSV: indicators, what they rest on, and the commands that were measured."""
    rows: list[list[object]] = [["供热系统", row.plant.title, ""]]
    if row.plant.simulated:
        rows.append(["数据说明", "模拟数据，非真实供热", ""])
    rows += [["起", row.begins, ""], ["止", row.ends, ""], ["读数条数", row.readings, "条"],
             ["读数摘要 SHA-256", row.digest, ""]]  # fmt: skip
    for name, word in INDICATORS.items():
        value = shown(name, row.figures[name])
        rows.append([word.zh, None if value is None else round(value, word.places), word.unit])
    for command in measured(row):
        rows.append([f"指令 {command}", command.seen, f"{command.decided_by} 批准"])
    return to_csv(["项目", "数值", "单位或说明"], rows)  # type: ignore[arg-type]


def measured(row: HeatingOutcome) -> list[Command]:
    """The commands of the interval whose effect was seen."""
    found = Command.objects.filter(
        point__element__plant=row.plant, state="measured", answered_at__gte=row.begins,
        answered_at__lt=row.ends,
    )  # fmt: skip
    return list(found.select_related("point__element", "decided_by").order_by("pk"))
