"""The registry of experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render

from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import ExpertProfile, ExpertTie
from songhua.console.innovation.services import expert_registry
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role, User
from songhua.kit.errors import Conflict, InputError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def experts(request: HttpRequest) -> HttpResponse:
    """Every reviewer, with what is known of them."""
    rows = User.objects.filter(role=Role.REVIEWER).select_related("expert").order_by("pk")
    given = request.GET
    if text := given.get("q", "").strip():
        rows = rows.filter(name__icontains=text)
    if given.get("outside") in ("0", "1"):
        rows = rows.filter(expert__outside=given["outside"] == "1")
    if (field := given.get("field", "")) in standard().settings.fields:
        known = ExpertProfile.objects.only("user_id", "fields")
        rows = rows.filter(pk__in=[one.user_id for one in known if field in one.fields])
    context = {"page": cut(rows, given.get("page", "1")), "given": given,
               "fields": standard().settings.fields}  # fmt: skip
    return render(request, "innovation/experts.html", context)


def expert(request: HttpRequest, pk: int) -> HttpResponse:
    """One expert: the profile, and the ties."""
    user = get_object_or_404(User, pk=pk, role=Role.REVIEWER)
    profile = ExpertProfile.objects.filter(user=user).first()
    given, problems, status = request.POST, (), 200
    if request.method == "POST":
        try:
            if "other" in given and profile is not None:
                on = civil(given["on"], "on") if given.get("on") else None
                expert_registry.put_tie(
                    request.user, profile, kind=given.get("kind", ""), other=given["other"],
                    on=on, source=given.get("source", ""),
                )  # fmt: skip
            else:
                expert_registry.put_profile(
                    request.user, user, organisation=given.get("organisation", ""),
                    organisation_code=given.get("organisation_code", "").strip(),
                    outside=given.get("outside") == "1", fields=given.getlist("fields"),
                    available=given.get("available") == "1",
                )  # fmt: skip
            return done(request, say("已保存。", "Kept."), "expert", pk)
        except (InputError, Conflict) as error:
            problems, status = error.problems, 422
    context = {
        "expert": user, "profile": profile, "problems": problems, "given": given,
        "fields": standard().settings.fields, "kinds": ExpertTie.Kind.values,
        "ties": profile.ties.order_by("-pk") if profile else (),
    }  # fmt: skip
    return render(request, "innovation/expert.html", context, status=status)
