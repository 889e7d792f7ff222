"""Files of challenges: papers of opened bids, evidence of milestones, the record of a draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import get_object_or_404

from songhua.console import files
from songhua.console.innovation import challenge_access, challenge_selectors
from songhua.console.innovation.models import MilestoneReport, PanelDraw
from songhua.console.innovation.services.challenge_drawing import record
from songhua.console.people.models import Role

if TYPE_CHECKING:
    from django.http import HttpRequest


def bid_paper(request: HttpRequest, pk: int) -> FileResponse:
    """A paper of an opened bid; to experts without its name."""
    paper = get_object_or_404(challenge_selectors.papers(request.user), pk=pk)
    name = paper.filename
    if request.user.role == Role.REVIEWER:
        suffix = name.rpartition(".")[2][:5] if "." in name else "bin"
        name = f"{paper.bid.label}-{paper.pk}.{suffix}"
    return FileResponse(files.path_of(paper.sha256).open("rb"), as_attachment=True, filename=name)


def milestone_file(request: HttpRequest, pk: int) -> FileResponse:
    """The evidence of a milestone: officials, who asked, and the contractor."""
    rows = MilestoneReport.objects.select_related("milestone__contract__challenge")
    found = get_object_or_404(rows, pk=pk)
    row = get_object_or_404(
        challenge_selectors.challenges(request.user), pk=found.milestone.contract.challenge_id
    )
    mine = challenge_access.capacities(request.user, row)
    if request.user.role not in challenge_selectors.OFFICIALS and not mine & {
        "owner", "contractor",
    }:  # fmt: skip
        raise Http404
    content = files.path_of(found.sha256).open("rb")
    return FileResponse(content, as_attachment=True, filename=found.filename)


@login_not_required
def challenge_draw(request: HttpRequest, pk: int) -> JsonResponse:
    """The record of a draw, with which anybody can draw again: for everybody from the notice on,
    for officials as soon as it is drawn."""
    drawn = PanelDraw.objects.exclude(seed="").select_related("challenge")
    row = get_object_or_404(drawn, pk=pk)
    official = getattr(request.user, "role", "") in challenge_selectors.OFFICIALS
    if not official and row.challenge.state not in challenge_selectors.NAMED:
        raise Http404
    return JsonResponse(record(row), json_dumps_params={"ensure_ascii": False, "indent": 1})
