"""What a simulation has shown: each promise, whether it held, and the figures that say so."""

from __future__ import annotations

import sys
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from songhua.console.ledger.models import Document
    from songhua.console.simulate import City


def pronounce(city: City) -> int:
    """Print what was shown, and whether each promise held."""
    checks = {
        "违规销号被拒 illegal close refused": (
            city.facts.get("illegal_close_ok") == "True", city.facts.get("illegal_close", "")
        ),
        "缺报逐级升级 ladder climbs": _ladder(),
        "更正保留原数 correction keeps the old figure": (
            city.facts.get("correction_ok") == "True", city.facts.get("correction", "")
        ),
        "合计与 SQL 一致 totals equal SQL": _totals(city),
        "审计链完整 audit chain holds": _chain(),
    }  # fmt: skip
    for name, (holds, detail) in checks.items():
        sys.stdout.write(f"{'✓' if holds else '✗'} {name}: {detail}\n")
    sys.stdout.write(f"{len(city.documents)} 份文件 documents\n")
    return 0 if all(holds for holds, _ in checks.values()) else 1


def _ladder() -> tuple[bool, str]:
    from songhua.console.ledger.models import Notice

    top = (
        Notice.objects.filter(level="interview", source="task_monitoring")
        .select_related("task", "raised_from__raised_from")
        .order_by("opened_on", "task__code")
        .first()
    )
    if top is None:
        return False, "no case reached the interview"
    steps = [top.raised_from.raised_from, top.raised_from, top]
    text = " → ".join(f"{n.level} {n.opened_on}" for n in steps)
    holds = [n.level for n in steps] == ["reminder", "supervision", "interview"]
    return holds, f"{top.task.code} {text}"


def compare(city: City, row: Document) -> None:
    """A document's totals against plain SQL on the tables, counted anew at once."""
    from django.db import connection

    from songhua.console.clock import midnight
    from songhua.governance.periods import parse_period

    period = parse_period(row.period)
    end = midnight(period.last + timedelta(days=1)).astimezone(UTC).replace(tzinfo=None)
    begin = midnight(period.first).astimezone(UTC).replace(tzinfo=None)
    given = {
        "first": str(period.first), "last": str(period.last), "begin": str(begin), "end": str(end),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for name, sql in SQL.items():
            cursor.execute(sql, given)
            counted = cursor.fetchone()[0]
            city.compared += 1
            if counted != row.totals[name]:
                city.wrong.append(f"{row.period} {name}: {row.totals[name]} ≠ {counted}")


def _totals(city: City) -> tuple[bool, str]:
    text = "; ".join(city.wrong[:3]) or "all equal"
    return city.compared > 0 and not city.wrong, f"{city.compared} totals compared; {text}"


TASKS = "SELECT count(*) FROM ledger_task WHERE state NOT IN ('draft', 'cancelled')"
NOTICES = "SELECT count(*) FROM ledger_notice WHERE opened_on BETWEEN %(first)s AND %(last)s"
REPORTS = (
    "SELECT count(*) FROM ledger_monthlyreport WHERE is_current"
    " AND month BETWEEN %(first)s AND %(last)s"
)
SQL = {
    "tasks": f"{TASKS} AND start <= %(last)s",
    **{c: f"{TASKS} AND start <= %(last)s AND light = '{c}'"
       for c in ("red", "yellow", "green", "blue", "grey")},
    "reports_in": REPORTS,
    "on_time": f"{REPORTS} AND on_time",
    "evidence": "SELECT count(*) FROM ledger_evidence WHERE submitted_at < %(end)s",
    "closed": "SELECT count(*) FROM ledger_task"
    " WHERE closed_at >= %(begin)s AND closed_at < %(end)s",
    **{n: f"{NOTICES} AND level = '{n}'" for n in ("reminder", "supervision", "interview")},
}  # fmt: skip


def _chain() -> tuple[bool, str]:
    from songhua.console.ledger.services import audit

    findings = audit.verify()
    return not findings, f"{audit.head().partition(':')[0]} entries, {len(findings)} findings"
