"""What may be done to a record: what its form sends, and the service it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from songhua.console.cooperation.models import ContestSeat, Fund
from songhua.console.cooperation.services import (
    bookings,
    contests,
    costs,
    duties,
    entering,
    entries,
    funding,
    judging,
)
from songhua.console.cooperation.views.records import kind_or_404, page, record_or_404
from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.kit.errors import Conflict, Infeasible, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Step = Callable[[HttpRequest, Any], object]


@require_POST
def cooperation_act(request: HttpRequest, key: str, pk: int, action: str) -> HttpResponse:
    """Take one step."""
    kind = kind_or_404(request, key)
    row = record_or_404(request, kind, pk)
    step = STEPS.get((key, action)) or ANY.get(action)
    if step is None:
        raise Http404
    try:
        step(request, row)
    except InputError as error:
        return page(request, kind, record_or_404(request, kind, pk), error.problems, 422)
    except (Conflict, Infeasible) as error:
        return page(request, kind, record_or_404(request, kind, pk), error.problems, 409)
    said = say("已办理。", "Done.")
    if (key, action) in AWAY:
        return done(request, said, "cooperation_records", key)
    return done(request, said, "cooperation_record", key, pk)


def _reason(request: HttpRequest) -> str:
    return str(request.POST.get("reason", ""))


def _plain(service: Callable[..., object]) -> Step:
    return lambda request, row: service(request.user, row)


def _why(service: Callable[..., object]) -> Step:
    return lambda request, row: service(request.user, row, reason=_reason(request))


def _finish(request: HttpRequest, row: Any) -> object:
    given, upload = request.POST, request.FILES.get("file")
    return duties.finish(
        request.user, row, done_on=civil(given.get("done_on", ""), "done_on"),
        result=given.get("result", ""), filename=(upload.name or "file") if upload else "",
        chunks=upload.chunks() if upload else (),
    )  # fmt: skip


def _seal(request: HttpRequest, row: Any) -> object:
    given = request.POST
    return contests.seal_list(
        request.user, row, public_source=given.get("public_source", ""),
        public_on=civil(given.get("public_on", ""), "public_on"),
    )  # fmt: skip


def _unseat(request: HttpRequest, row: Any) -> object:
    seat = get_object_or_404(ContestSeat, contest=row, pk=number(request, "seat"))
    return judging.unseat(request.user, row, seat, reason=_reason(request))


def number(request: HttpRequest, name: str) -> int:
    """The number of a row in a form; 404 where it is none."""
    text = request.POST.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Http404
    return int(text)


def _take(request: HttpRequest, row: Any) -> object:
    if not request.POST.get("fund"):
        raise InputError(Problem("fund", "empty"))
    fund = get_object_or_404(Fund, pk=number(request, "fund"), struck=False)
    return funding.take(request.user, row, fund=fund)


STEPS: dict[tuple[str, str], Step] = {
    ("contests", "publish"): _plain(contests.publish),
    ("contests", "close"): _plain(contests.close),
    ("contests", "cancel"): _why(contests.cancel),
    ("contests", "seal_list"): _seal,
    ("contests", "draw"): lambda request, row: contests.draw_panel(
        request.user, row, public_value=request.POST.get("public_value", "")
    ),
    ("contests", "unseat"): _unseat,
    ("contests", "replace"): _plain(contests.replace),
    ("contests", "new_panel"): _why(contests.new_panel),
    ("contests", "rank"): _plain(judging.rank_entries),
    ("contests", "award"): _plain(judging.award),
    ("entries", "withdraw"): _plain(entries.withdraw),
    ("bookings", "cancel"): _why(bookings.cancel),
    ("duties", "finish"): _finish,
    ("expert_costs", "file"): lambda request, row: costs.file_facts(request.user, row.subject),
    ("referrals", "take"): _take,
    ("referrals", "support"): lambda request, row: funding.support(
        request.user, row, request.POST.dict()
    ),
    ("referrals", "decline"): _why(funding.decline),
}
ANY: dict[str, Step] = {"strike": _why(entering.strike)}
AWAY = {("entries", "withdraw"), ("bookings", "cancel")}  # an enterprise sees these no longer
