"""The audit log, the state of the system, and what every page needs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language
from django_tasks_db.models import DBTaskResult

import songhua
from songhua.console import clock
from songhua.console.ledger import selectors
from songhua.console.ledger.models import AuditEntry, ImportBatch, MonthlyReport, Task
from songhua.console.ledger.services import audit as service
from songhua.console.ledger.services import calendar as calendar_service
from songhua.console.ledger.services.programme import outlines
from songhua.governance.periods import add_months

if TYPE_CHECKING:
    from django.http import HttpRequest

set_language = login_not_required(django_set_language)


@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    """Whether the web process and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def audit(request: HttpRequest) -> HttpResponse:
    """The log, newest first; filters by action, actor, subject."""
    rows = AuditEntry.objects.order_by("-seq")
    for name in ("action", "actor", "subject"):
        if value := request.GET.get(name, "").strip():
            rows = rows.filter(**{name: value})
    context = {
        "page": selectors.page(rows, request.GET.get("page", "1")),
        "head": service.head(),
        "given": request.GET,
    }
    return render(request, "ledger/audit.html", context)


@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Verify the whole chain now."""
    findings = service.verify()
    context = {"findings": findings, "head": service.head()}
    return render(request, "ledger/audit_verified.html", context)


def health(request: HttpRequest) -> HttpResponse:
    """Records, queue, disk, calendar: what an operator looks at first."""
    disk = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else "/")
    waiting = DBTaskResult.objects.filter(status="READY").count()
    failed = DBTaskResult.objects.filter(status="FAILED").count()
    context = {
        "version": songhua.__version__,
        "database": connection.vendor,
        "counts": {
            "tasks": Task.objects.count(),
            "reports": MonthlyReport.objects.count(),
            "audit": AuditEntry.objects.count(),
            "imports": ImportBatch.objects.count(),
        },
        "disk_free_gb": disk.free / 1e9,
        "disk_percent": round(100 * disk.used / disk.total),
        "waiting": waiting,
        "failed": failed,
        "last_clock": AuditEntry.objects.filter(action="daily_clock").order_by("-seq").first(),
        "calendar_until": calendar_service.known_until(clock.today().year),
        # From November on the clocks soon count days of the next year.
        "calendar_wanted": add_months(clock.today(), 2).year,
    }
    return render(request, "ledger/health.html", context)


@login_not_required
@cache_control(max_age=3600, private=True)
def districts_geojson(request: HttpRequest) -> HttpResponse:
    """The outlines of the programme's districts."""
    return HttpResponse(outlines(), content_type="application/geo+json")
