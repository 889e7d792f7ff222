"""The public calculator: the clauses of a policy, and what one of them gives. Nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render

from songhua.console import clock
from songhua.console.design.posted import civil
from songhua.console.subsidies.forms import FactsForm
from songhua.console.subsidies.services import engine
from songhua.console.subsidies.views import common
from songhua.kit.errors import InputError, Problem
from songhua.policy import assess

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from songhua.policy import Award, Policy, Rule

NEAREST = ("policy_step_short", "policy_step_next", "policy_step_to_cap")


@login_not_required
def calculator(request: HttpRequest) -> HttpResponse:
    """The clauses of one version of a policy, in plain words."""
    policies = engine.policies()
    named = (request.GET.get("policy"), request.GET.get("version"))
    shown = next((p for p in policies if (p.policy, p.version) == named), engine.newest(policies))
    clauses: dict[str, list[Rule]] = {}
    for rule in shown.rules.values():
        clauses.setdefault(rule.article, []).append(rule)
    context = {"policies": policies, "policy": shown, "clauses": clauses, "today": clock.today()}
    return render(request, "subsidies/calculator.html", context)


@login_not_required
def calculator_rule(request: HttpRequest, policy: str, version: str, rule: str) -> HttpResponse:
    """The facts of a rule as a form, and what the engine says of them.

    A link carries the facts in its query string. A long list is sent by POST, which keeps
    nothing either; it answers every keystroke, and its buttons lengthen the lists.
    """
    found, asked = common.rule_or_404(policy, version, rule)
    given = request.POST if request.method == "POST" else request.GET
    form = FactsForm(found, asked, given.dict(), common.usual_day(found))
    award = _award(form, found) if form.touched or "compute" in given else None
    editing = request.method == "POST" and "compute" not in given
    if editing:  # what is not filled in yet is no mistake
        for name in form.wanting:
            form.errors.pop(name, None)
    link = form.link()
    context = {
        "form": form, "policy": found, "rule": asked, "award": award, "link": link,
        "share": request.build_absolute_uri(f"{request.path}?{link}") if link else "",
        "nearest": [s for s in award.steps if s.code in NEAREST] if award else (),
        "steps": [s for s in award.steps if s.code not in NEAREST] if award else (),
        "others": [p for p in engine.policies() if p.policy == policy and p.version != version
                   and rule in p.rules],
        "added": given.get("add", "").partition("-")[0],
    }  # fmt: skip
    wrong = bool(form.errors) and not editing
    answer = render(
        request, "subsidies/calculator_rule.html", context, status=422 if wrong else 200
    )
    if request.htmx and link:
        answer["HX-Replace-Url"] = f"{request.path}?{link}"
    return answer


def _award(form: FactsForm, policy: Policy) -> Award | None:
    """What the engine says; None where the form has faults, which it then shows."""
    try:
        day = civil(str(form.data.get("on", "")), "on")
        award = assess(policy, form.rule.id, form.facts(), day, form.reading())
    except InputError as error:
        form.refuse(error.problems)
        return None
    if award.status != "invalid_input":
        return award
    form.refuse(Problem(r.where or "", f"policy_{r.code.lower()}") for r in award.reasons)
    return None
