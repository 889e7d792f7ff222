"""Figures against the audit log: every append-only row must still say what its entry says.

A service that appends a row records ``facts(row)`` under the row's subject; many rows of one
import are recorded once, as the digest of all their facts. Verification computes both again.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from songhua.console.ledger.models import (
    Acceptance,
    AuditEntry,
    Evidence,
    IndicatorValue,
    MonthlyPlan,
    MonthlyReport,
)
from songhua.console.ledger.services.audit import Finding, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import Model

FACTS: dict[type[Model], tuple[str, ...]] = {
    MonthlyReport: (
        "task_id", "month", "percent", "summary", "reason", "on_time", "supersedes_id",
        "reported_by_id", "reported_at",
    ),
    MonthlyPlan: ("task_id", "month", "percent", "content", "supersedes_id", "reported_by_id"),
    IndicatorValue: ("indicator_id", "month", "value", "reason", "supersedes_id", "reported_by_id"),
    Evidence: ("task_id", "kind", "title", "filename", "sha256", "size", "url", "run_id",
               "inputs_digest", "seed", "submitted_by_id", "submitted_at"),
    Acceptance: ("task_id", "statement", "submitted_by_id", "submitted_at"),
}  # fmt: skip


def subject(row: Model) -> str:
    """How the log names a row, as ``monthlyreport:17``."""
    return f"{row._meta.model_name}:{row.pk}"


def facts(row: Model) -> dict[str, object]:
    """The figures of an append-only row that never change after it is written."""
    return {name: getattr(row, name) for name in FACTS[type(row)]}


def bulk_digest(rows: Iterable[Model]) -> str:
    """One SHA-256 over the facts of many rows, in the order of their keys."""
    total = hashlib.sha256()
    for row in sorted(rows, key=lambda r: r.pk):
        total.update(canonical([subject(row), facts(row)]).encode())
    return total.hexdigest()


def bulk(rows: list[Model]) -> dict[str, object]:
    """What an entry says about rows that were appended together (see `audit.hold`)."""
    keys = [row.pk for row in rows]
    return {
        "model": rows[0]._meta.model_name,
        "first": min(keys),
        "last": max(keys),
        "digest": bulk_digest(rows),
    }


def _changed(name: str) -> Finding:
    return Finding(name, f"{name} 的内容与审计记录不符", f"{name} differs from its audit entry")


def unvouched() -> Iterator[Finding]:
    """Rows whose figures differ from their entry, or that have none; entries whose row is gone."""
    single: dict[str, str] = {}
    ranges: list[tuple[str, int, int, str]] = []
    wanted = [f"{model._meta.model_name}:" for model in FACTS]
    entries = AuditEntry.objects.values_list("subject", "payload")
    for name, payload in entries.iterator(chunk_size=5000):
        try:
            if '"facts":' in payload and name.startswith(tuple(wanted)):
                single[name] = canonical(json.loads(payload)["facts"])
            elif '"bulk":' in payload:
                for bulk in json.loads(payload)["bulk"]:
                    ranges.append((bulk["model"], bulk["first"], bulk["last"], bulk["digest"]))
        except (ValueError, KeyError, TypeError):
            continue  # it was changed: the chain names the entry, and its rows stand alone below
    for model in FACTS:
        own = [r for r in ranges if r[0] == model._meta.model_name]
        yield from _check(model, single, own)


def _check(
    model: type[Model], single: dict[str, str], ranges: list[tuple[str, int, int, str]]
) -> Iterator[Finding]:
    inside: dict[tuple[str, int, int, str], list[Model]] = {r: [] for r in ranges}
    seen: set[str] = set()
    for row in model._default_manager.order_by("pk").iterator(chunk_size=5000):
        name = subject(row)
        seen.add(name)
        if name in single:
            if canonical(json.loads(canonical(facts(row)))) != single[name]:
                yield _changed(name)
            continue
        home = next((r for r in ranges if r[1] <= row.pk <= r[2]), None)
        if home is None:
            yield Finding(name, f"{name} 没有审计记录", f"{name} has no audit entry")
        else:
            inside[home].append(row)
    for home, rows in inside.items():
        if bulk_digest(rows) != home[3]:
            yield _changed(f"{home[0]}:{home[1]}–{home[2]}")
    prefix = f"{model._meta.model_name}:"
    for name in single.keys() - seen:
        if name.startswith(prefix):
            yield Finding(name, f"{name} 已被删除", f"{name} was deleted")
