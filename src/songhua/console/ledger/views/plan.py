"""The plan: obligations, indicators, the official text, the programme itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger import charts, counted, selectors
from songhua.console.ledger.models import Indicator, Obligation, OfficialText
from songhua.console.ledger.outlook import outlook
from songhua.console.ledger.services import indicators as indicator_service
from songhua.console.ledger.services import programme as programme_service
from songhua.console.people.models import Unit
from songhua.governance.periods import add_months
from songhua.governance.reasons import Reason
from songhua.governance.targets import crosscheck_reason
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from decimal import Decimal

    from django.http import HttpRequest, HttpResponse

KINDS = {
    "target": ("目标", "Target"), "task": ("任务", "Task"), "mechanism": ("机制", "Mechanism"),
    "system": ("系统", "System"), "platform": ("平台", "Platform"), "event": ("活动", "Event"),
}  # fmt: skip
MODULES = {
    "ledger": ("目标任务", "Targets and tasks"), "manufacturing": ("智能制造", "Manufacturing"),
    "agriculture": ("智慧农业", "Agriculture"), "policy": ("政策兑现", "Policy support"),
    "medical": ("智慧医疗", "Health care"), "transport": ("智慧交通", "Transport"),
    "heating": ("智慧供热", "Heating"), "tourism": ("智慧文旅", "Culture and tourism"),
    "exchange": ("数据共享", "Data exchange"), "compute": ("算力", "Computing"),
    "map": ("空间布局", "Zones and map"), "consultation": ("征求意见", "Consultation"),
}  # fmt: skip


def _named(names: dict[str, tuple[str, str]], code: str) -> str:
    """The word for a code; a programme of another city may bring codes of its own."""
    return say(*names.get(code, (code, code)))


def _labelled(row: Obligation) -> Obligation:
    row.kind_name, row.module_name = _named(KINDS, row.kind), _named(MODULES, row.module)
    return row


@vary_on_headers("HX-Request")  # else "back" shows the bare rows from the browser's cache
def obligations(request: HttpRequest) -> HttpResponse:
    """Every obligation of the plan with the state of what answers it."""
    rows = [_labelled(row) for row in selectors.obligations(request.GET)]
    kinds = Obligation.objects.order_by("kind").values_list("kind", flat=True).distinct()
    modules = Obligation.objects.order_by("module").values_list("module", flat=True).distinct()
    context = {
        "rows": rows,
        "total": Obligation.objects.count(),
        "given": request.GET,
        "units": Unit.objects.filter(obligations__isnull=False).distinct(),
        "kinds": [(code, _named(KINDS, code)) for code in kinds],
        "modules": [(code, _named(MODULES, code)) for code in modules],
    }
    template = "ledger/_obligations.html" if request.htmx else "ledger/obligations.html"
    return render(request, template, context)


def obligation(request: HttpRequest, code: str) -> HttpResponse:
    """One obligation: article, units, deadline, evidence asked for, and what answers it."""
    rows = Obligation.objects.select_related("indicator").prefetch_related("units")
    row = _labelled(get_object_or_404(rows, code=code))
    text = OfficialText.objects.first()
    neighbours = Obligation.objects.only("code", "title_zh", "title_en")
    around = list(Obligation.objects.filter(article=row.article).exclude(pk=row.pk))
    context = {
        "row": row,
        "tasks": selectors.answering(row, request.user),
        "collections": counted.showing(row.code),
        "answered_by": row.tasks.count(),
        "passage": text.passages.get(row.code, "") if text else "",
        "around": around,
        "attached": text,
        "previous": neighbours.filter(code__lt=row.code).order_by("-code").first(),
        "next": neighbours.filter(code__gt=row.code).order_by("code").first(),
        "state": outlook(clock.today(), [row.indicator.code])[0] if row.indicator else None,
    }
    return render(request, "ledger/obligation.html", context)


def official_text(request: HttpRequest) -> HttpResponse:
    """Attach the bureau's own copy of the official text."""
    context = {
        "attached": OfficialText.objects.select_related("attached_by").first(),
        "total": Obligation.objects.count(),
        "limit_mb": programme_service.TEXT_LIMIT // 1024**2,
    }
    if request.method == "GET":
        return render(request, "ledger/official_text.html", context)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise InputError(Problem("file", "empty"))
        if upload.size > programme_service.TEXT_LIMIT:
            raise InputError(Problem("file", "file_too_large", "5 MB"))
        row = programme_service.attach_official_text(request.user, upload.name, upload.read())
    except InputError as error:
        context["problems"] = error.problems
        return render(request, "ledger/official_text.html", context, status=422)
    text = say("已附上，{n} 条任务可见原文。", "Attached: {n} obligations show it.",
               n=len(row.passages))  # fmt: skip
    return done(request, text, "obligations")


def indicators(request: HttpRequest) -> HttpResponse:
    """All indicators with targets, latest figures and forecasts."""
    context = {
        "states": outlook(clock.today()),
        "checks": _checks(),
    }
    return render(request, "ledger/indicators.html", context)


def _checks() -> list[dict[str, object]]:
    """The cross-checks (勾稽), each with its result in words."""

    def whole(value: Decimal | None) -> Decimal | None:
        """638.00 as 638."""
        return value if value is None or value % 1 else value.to_integral_value()

    return [
        c | {"said": crosscheck_reason(whole(c["total"]), [whole(part) for part in c["parts"]])}
        for c in indicator_service.crosschecks(clock.today())
    ]


def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: series with forecast and targets, parts, corrections, obligations."""
    return _indicator_page(request, code)


def _indicator_page(
    request: HttpRequest, code: str, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    row = get_object_or_404(Indicator.objects.select_related("owner"), code=code)
    state = outlook(clock.today(), [code])[0]
    context = {
        "state": state,
        "row": row,
        "chart": charts.indicator(state),
        "values": row.values.select_related("reported_by", "supersedes").order_by("-month", "-pk"),
        "obligations": row.obligations.all(),
        "parts": indicator_service.parts(code, clock.today()),
        "checks": [c for c in _checks() if code in {c["rule"].total, *c["rule"].parts}],
        "declared": next(
            (i for i in programme_service.current().indicators if i.code == code), None
        ),
        "method": Reason(state.forecast.method) if state.forecast else None,
        "month": add_months(clock.today(), -1),
        "may_report": indicator_service.may_report(request.user, row),
        "problems": problems,
        "given": request.POST,
    }
    return render(request, "ledger/indicator.html", context, status=status)


@require_POST
def indicator_report(request: HttpRequest, code: str) -> HttpResponse:
    """Report a month's figure, or correct one."""
    row = get_object_or_404(Indicator, code=code)
    try:
        indicator_service.submit(
            request.user, row, request.POST.dict(),
            correction=request.POST.get("correction") == "1",
        )  # fmt: skip
    except InputError as error:
        return _indicator_page(request, code, error.problems, 422)
    return done(request, say("指标数据已提交。", "The figure is filed."), "indicator", code)


def programme(request: HttpRequest) -> HttpResponse:
    """The programme as data: counts, zones, districts, and the defects of its text."""
    row = programme_service.current()
    counts = programme_service.counts_of(row)
    context = {
        "row": row,
        "map_data": charts.zone_map(row),
        "kinds": [
            (say(*names), counts.get(f"obligations.{code}", 0)) for code, names in KINDS.items()
        ],
        "with_deadline": counts.get("obligations.with_deadline"),
        "unit_not_stated": counts.get("obligations.unit_not_stated"),
        "zones": [(zone, [row.unit(code) for code in zone.units]) for zone in row.zones],
        "units": Unit.objects.prefetch_related("aliases"),
    }
    return render(request, "ledger/programme.html", context)
