"""Figures against the audit log: every row must still say what its entries say.

A service that appends a row records ``facts(row)`` under the row's subject; many rows of one
import are recorded once, as the digest of all their facts. What may change later (a state, a
decision, an answer) is recorded as ``sets(row, …)`` each time, and the last one must still hold.
Verification computes all of them again.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from songhua.console import files
from songhua.console.ledger.models import (
    Acceptance,
    AuditEntry,
    Document,
    Evidence,
    IndicatorValue,
    MonthlyPlan,
    MonthlyReport,
    Notice,
    Task,
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
CHANGING: tuple[type[Model], ...] = (Task, Notice, Evidence, Acceptance)
HOLDING: tuple[type[Model], ...] = (Evidence,)  # rows with the `sha256` of a kept file, or ""
ISSUED: tuple[type[Model], ...] = (Document,)  # rows with `files` by format and an `audit_head`


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


def sets(row: Model, *names: str) -> dict[str, dict[str, object]]:
    """What an entry says that it set: ``{subject: {field: value}}``, to be merged with others."""
    return {subject(row): {name: getattr(row, name) for name in names}}


def gone(row: Model) -> dict[str, None]:
    """What an entry says, in place of `sets`, of a row that it takes out for good."""
    return {subject(row): None}


def _changed(name: str) -> Finding:
    return Finding(name, f"{name} 的内容与审计记录不符", f"{name} differs from its audit entry")


def unvouched() -> Iterator[Finding]:
    """Rows whose figures differ from their entry, or that have none; entries whose row is gone."""
    single: dict[str, str] = {}
    ranges: list[tuple[str, int, int, str]] = []
    wanted = [f"{model._meta.model_name}:" for model in FACTS]
    present: dict[str, dict[str, object]] = {}
    entries = AuditEntry.objects.values_list("subject", "payload")
    for name, payload in entries.order_by("seq").iterator(chunk_size=5000):
        try:
            if '"sets":' in payload:
                for row, values in json.loads(payload)["sets"].items():
                    if values is None:
                        present.pop(row, None)
                        single.pop(row, None)
                    else:
                        present.setdefault(row, {}).update(values)
            if '"facts":' in payload and name.startswith(tuple(wanted)):
                single[name] = canonical(json.loads(payload)["facts"])
            elif '"bulk":' in payload:
                for bulk in json.loads(payload)["bulk"]:
                    ranges.append((bulk["model"], bulk["first"], bulk["last"], bulk["digest"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # it was changed: the chain names the entry, and its rows stand alone below
    for model in FACTS:
        own = [r for r in ranges if r[0] == model._meta.model_name]
        yield from _check(model, single, own)
    for model in CHANGING:
        yield from _check_present(model, present)


def printed_anchors() -> list[str]:
    """The end of the log as printed on every issued document."""
    return [document.audit_head for document in _issued()]


def _issued() -> Iterator[Any]:
    for model in ISSUED:
        yield from model._default_manager.order_by("pk")


def damaged_files() -> Iterator[Finding]:
    """Evidence and issued documents whose content is gone or no longer has its digest."""
    kept = [
        (subject(row), row.sha256)
        for model in HOLDING
        for row in model._default_manager.exclude(sha256="")
    ]
    for document in _issued():
        kept += [(f"{subject(document)} {form}", sha) for form, sha in document.files.items()]
    for name, sha256 in kept:
        if files.damaged(sha256):
            yield Finding(
                name,
                f"{name} 的文件缺失或内容被改动",
                f"the file of {name} is missing or was changed",
            )


def _check_present(model: type[Model], present: dict[str, dict[str, object]]) -> Iterator[Finding]:
    prefix = f"{model._meta.model_name}:"
    recorded = {name: values for name, values in present.items() if name.startswith(prefix)}
    for row in model._default_manager.order_by("pk").iterator(chunk_size=5000):
        values = recorded.pop(subject(row), {})
        now = {name: getattr(row, name, None) for name in values}
        if json.loads(canonical(now)) != values:
            yield _changed(subject(row))
    for name in recorded:
        yield Finding(name, f"{name} 已被删除", f"{name} was deleted")


def _check(
    model: type[Model], single: dict[str, str], ranges: list[tuple[str, int, int, str]]
) -> Iterator[Finding]:
    ranges = sorted(ranges, key=lambda r: r[1])
    begins = [first for _, first, *_ in ranges]
    inside: dict[tuple[str, int, int, str], list[Model]] = {r: [] for r in ranges}
    seen: set[str] = set()
    for row in model._default_manager.order_by("pk").iterator(chunk_size=5000):
        name = subject(row)
        seen.add(name)
        if name in single:
            if canonical(json.loads(canonical(facts(row)))) != single[name]:
                yield _changed(name)
            continue
        # The last range that begins at or before the row: ranges of one model never overlap.
        place = bisect_right(begins, row.pk) - 1
        home = ranges[place] if place >= 0 and row.pk <= ranges[place][2] else None
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
