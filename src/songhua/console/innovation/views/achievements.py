"""The registry of achievements and demands: the list, one with its matches, and its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import files
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.innovation import achievement_selectors
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import Achievement, StagePromotion
from songhua.console.innovation.services import achievement_matches, achievement_registry
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

FORM = ("kind", "title", "text", "field", "district", "stage", "trl_low", "trl_high", "low_yuan",
        "high_yuan", "rights")  # fmt: skip


def achievements(request: HttpRequest) -> HttpResponse:
    """All of them under filters, with how many there are of each stage."""
    rows = achievement_selectors.achievements(request.GET)
    context = {
        "page": cut(rows, request.GET.get("page", "1")), "given": request.GET,
        "stages": achievement_selectors.counts("stage"), "fields": standard().settings.fields,
        "districts": [name for name, _ in achievement_selectors.counts("district")],
        "kinds": Achievement.Kind.values,
        "entering": request.user.role in (Role.STAFF, Role.ENTERPRISE),
    }  # fmt: skip
    return render(request, "innovation/achievements.html", context)


def achievement_new(request: HttpRequest) -> HttpResponse:
    """Enter an achievement or a demand."""
    given, problems, status = request.POST, (), 200
    if request.method == "POST":
        try:
            made = achievement_registry.enter(
                request.user, **{name: given.get(name, "") for name in FORM}
            )
            return done(request, say("已登记。", "Entered."), "achievement", made.pk)
        except InputError as error:
            problems, status = error.problems, 422
    context = {
        "given": given, "problems": problems, "fields": standard().settings.fields,
        "kinds": Achievement.Kind.values, "stages": achievement_registry.STAGES,
    }  # fmt: skip
    return render(request, "innovation/achievement_form.html", context, status=status)


def achievement(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, its promotions, and its match list with the reasons."""
    return _page(request, get_object_or_404(Achievement, pk=pk))


def _page(
    request: HttpRequest, row: Achievement, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    found = achievement_matches.matches(row)
    rows = Achievement.objects.select_related("unit", "subject__merged_into")
    by_key = rows.in_bulk([int(match.key) for match in found])
    own, office = achievement_registry.of(request.user, row), request.user.role == Role.OFFICE
    later = achievement_registry.STAGES.index(row.stage) + 1 if row.stage else 0
    context = {
        "row": row, "problems": problems, "given": request.POST, "own": own, "office": office,
        "judging": own or office, "taught": achievement_matches.weights().decisions,
        "suited": achievement_matches.suited(
            row, official=request.user.role != Role.ENTERPRISE
        ),
        "matches": [(match, by_key[int(match.key)]) for match in found],
        "decisions": achievement_selectors.decisions(row),
        "promotions": row.promotions.select_related("proposed_by", "decided_by"),
        "reading": own or request.user.role in (Role.OFFICE, Role.LEADER),
        "later": achievement_registry.STAGES[later:] if row.stage else (),
    }  # fmt: skip
    return render(request, "innovation/achievement.html", context, status=status)


@require_POST
def achievement_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Propose or decide a stage, accept or refuse a match."""
    row = get_object_or_404(Achievement, pk=pk)
    if action not in ACTS:
        raise Http404
    try:
        ACTS[action](request, row)
    except InputError as error:
        return _page(request, row, error.problems, 422)
    except Conflict as error:
        return _page(request, row, error.problems, 409)
    return done(request, say("已办理。", "Done."), "achievement", pk)


def _propose(request: HttpRequest, row: Achievement) -> None:
    given, upload = request.POST, request.FILES.get("file")
    if upload is None:
        raise InputError(Problem("file", "empty"))
    achievement_registry.propose(
        request.user, row, stage=given.get("stage", ""), trl=given.get("trl", ""),
        statement=given.get("statement", ""), filename=upload.name or "", chunks=upload.chunks(),
    )  # fmt: skip


def _decide(request: HttpRequest, row: Achievement) -> None:
    given = request.POST
    achievement_registry.decide(
        request.user, get_object_or_404(row.promotions, pk=_key(given.get("promotion", ""))),
        confirmed=given.get("confirmed") == "1", opinion=given.get("opinion", ""),
    )  # fmt: skip


def _judge(request: HttpRequest, row: Achievement) -> None:
    given = request.POST
    achievement_matches.judge(
        request.user, row, get_object_or_404(Achievement, pk=_key(given.get("found", ""))),
        accepted=given.get("accepted") == "1", reason=given.get("reason", ""),
    )  # fmt: skip


def _key(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Http404
    return int(text)


ACTS = {"propose": _propose, "decide": _decide, "judge": _judge}


def stage_file(request: HttpRequest, pk: int) -> FileResponse:
    """The evidence of a promotion: officials and the owner."""
    row = get_object_or_404(StagePromotion.objects.select_related("achievement"), pk=pk)
    officials = (Role.OFFICE, Role.LEADER)
    if request.user.role not in officials and not achievement_registry.of(
        request.user, row.achievement
    ):
        raise Http404
    content = files.path_of(row.sha256).open("rb")
    return FileResponse(content, as_attachment=True, filename=row.filename)
