"""Requests for shared data: the list, one with its history, its forms and its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange import sharing_selectors as selectors
from songhua.console.exchange.models import Entry
from songhua.console.exchange.services import previewing, sharing, supervising
from songhua.console.exchange.sharing_words import RULES
from songhua.console.exchange.views import sharing_forms as forms
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role
from songhua.governance.sharing import standard
from songhua.kit.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.console.exchange.models import Request
    from songhua.kit.errors import Problem

PAGES = ("edit", "grant")  # steps with a page of their own


def sharing_requests(request: HttpRequest) -> HttpResponse:
    """What my unit asks for, what is asked of it; the office sees all."""
    user, given = request.user, request.GET
    staff = user.role == Role.STAFF
    view = given.get("view", "asked") if staff else "all"
    rows = selectors.turn(user) if view == "turn" else selectors.listed(user, view)
    counted = selectors.states(rows)
    state = given.get("state", "")
    page = cut(rows.filter(state=state) if state else rows, given.get("page", "1"))
    context = {
        "page": page, "lines": selectors.lit(page), "view": view, "state": state,
        "states": counted, "staff": staff,
    }  # fmt: skip
    return render(request, "exchange/sharing.html", context)


def sharing_request_new(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for a dataset in the name of one's unit."""
    entry = get_object_or_404(
        Entry.objects.select_related("unit"), name=name, state=Entry.State.ACTIVE
    )
    return _asking(request, entry)


def sharing_request_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft, or a request that was returned."""
    row = _own(request, pk)
    return _asking(request, row.entry, row)


def _asking(request: HttpRequest, entry: Entry, row: Request | None = None) -> HttpResponse:
    problems: Sequence[Problem] = ()
    given: dict[str, Any] = {} if row is None else _kept(row)
    if request.method == "POST":
        given = request.POST.dict() | {"columns": request.POST.getlist("columns")}
        try:
            found = forms.asked(request.POST)
            with transaction.atomic():  # what cannot be sent yet is not kept twice
                made = (
                    sharing.draft(request.user, entry, found)
                    if row is None
                    else sharing.edit(request.user, row, found)
                )
                if "submit" in request.POST:
                    sharing.take(request.user, made, "submit")
        except (InputError, Conflict) as error:
            problems = error.problems
        else:
            return done(request, say("已保存。", "Saved."), "sharing_request", made.pk)
    context = {"entry": entry, "row": row, "given": given, "problems": problems,
               "columns": selectors.columns(entry)}  # fmt: skip
    return render(request, "exchange/sharing_form.html", context, status=422 if problems else 200)


def _kept(row: Request) -> dict[str, Any]:
    """A request as its form sends it."""
    kept = {name: getattr(row, name) for name in sharing.EDITED}
    days = ("wanted_from", "wanted_until")
    return kept | {name: kept[name].isoformat() if kept[name] else "" for name in days}


def sharing_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked, where it stands, what was granted, what may be done."""
    return _shown(request, _own(request, pk))


def _own(request: HttpRequest, pk: int) -> Request:
    return get_object_or_404(selectors.requests(request.user), pk=pk)


def _shown(
    request: HttpRequest, row: Request, problems: Sequence[Problem] = (), status: int = 200,
    tried: str = "",
) -> HttpResponse:  # fmt: skip
    steps = row.steps.select_related("made_by__unit", "outcome").all()
    grants = row.grants.select_related("distribution", "revoked_by")
    context = {
        "row": row, "steps": steps, "light": selectors.lamp()(row.due_on), "pages": PAGES,
        "deadline": selectors.deadline(row), "offers": sharing.offers(request.user, row),
        "grants": [(grant, selectors.differences(row, grant)) for grant in grants],
        "supervised": supervising.tasks(request.user, row), "problems": problems,
        "given": request.POST, "tried": tried,
        "path": [s for s in standard().states if s in ("draft", "checking", "reviewing", "granted",
                                                       "delivered", "used")],
    }  # fmt: skip
    return render(request, "exchange/sharing_request.html", context, status=status)


@require_POST
def sharing_request_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Take one step; what stands in the way is shown on the page."""
    row, given = _own(request, pk), request.POST
    if not standard().roles_for(action) or action in PAGES:
        raise Http404
    try:
        if action == "feed_back":
            sharing.feed_back(
                request.user, row, given.get("reason", ""), reused=forms.count(given, "reused"),
                papers_saved=forms.count(given, "papers_saved"),
            )  # fmt: skip
        else:
            sharing.take(request.user, row, action, given.get("reason", ""))
    except (InputError, Conflict) as error:
        return _shown(request, _own(request, pk), error.problems, 422, action)
    return done(request, say("已办理。", "Done."), "sharing_request", pk)


@require_POST
def sharing_supervise(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a late request be taken up by the ledger, on a task of the unit that is late."""
    row = _own(request, pk)
    try:
        supervising.supervise(request.user, row, request.POST.get("task", ""))
    except (InputError, Conflict) as error:
        return _shown(request, row, error.problems, 422, "supervise")
    text = say("已转入台账督导。", "The ledger's supervision has taken it up.")
    return done(request, text, "sharing_request", pk)


def sharing_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant what is asked or less, after a look at what the other unit would see."""
    row, user, given = _own(request, pk), request.user, request.POST
    problems: Sequence[Problem] = ()
    previews: Sequence[previewing.Preview] = ()
    if request.method == "POST":
        try:
            terms = forms.granted(given)
            if "preview" in given:
                previews = previewing.preview(user, row, terms)
            else:
                sharing.grant(user, row, terms)
                return done(request, say("已授权。", "Granted."), "sharing_request", pk)
        except (InputError, Conflict) as error:
            problems = error.problems
    context = {
        "row": row, "columns": [_column(column["name"], column, row, given)
                                for column in selectors.columns(row.entry)],
        "rules": list(RULES), "previews": previews, "problems": problems,
        "given": given or _as_asked(row),
    }  # fmt: skip
    return render(request, "exchange/sharing_grant.html", context, status=422 if problems else 200)


def _as_asked(row: Request) -> dict[str, Any]:
    kept = _kept(row)
    return {"rows": row.rows, "valid_from": kept["wanted_from"],
            "valid_until": kept["wanted_until"]}  # fmt: skip


def _column(name: str, column: dict[str, Any], row: Request, given: Any) -> dict[str, Any]:
    """A line of the form: whether it was asked for, is granted, and by which rule."""
    asked = name in row.columns
    return {
        "name": name, "title": column.get("title", ""), "type": column.get("type", ""),
        "asked": asked, "sensitivity": column.get("sensitivity", ""),
        "ticked": name in given.getlist("columns") if given else asked,
        "rule": given.get(f"rule-{name}", ""), "figure": given.get(f"figure-{name}", ""),
    }  # fmt: skip
