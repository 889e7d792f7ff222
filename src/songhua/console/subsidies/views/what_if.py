"""What if: other figures of a rule on everyone whom the desk knows. Nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from songhua.console.subsidies import what_if as answers
from songhua.console.subsidies.services import engine
from songhua.console.subsidies.views import common
from songhua.kit import money
from songhua.kit.errors import InputError
from songhua.kit.figures import plain
from songhua.policy.changes import changed

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def what_if(request: HttpRequest) -> HttpResponse:
    """The figures of a rule as a form, and what other ones would give."""
    given, policies = request.GET, engine.policies()
    named = (given.get("policy"), given.get("version"))
    policy = next((p for p in policies if (p.policy, p.version) == named), engine.newest(policies))
    rules = answers.rules_with_figures(policy)
    rule = next((r for r in rules if r.id == given.get("rule")), rules[0])
    figures = answers.figures_of(rule)
    typed = {f.path: plain(given.get(f.path, "")) or f.written for f in figures}
    swept = [f for f in figures if not f.options and f.written != "0"]
    vary = next((f for f in swept if f.path == given.get("vary")), swept[0])
    context: dict[str, object] = {
        "policies": policies, "policy": policy, "rules": rules, "rule": rule,
        "figures": [(f, typed[f.path]) for f in figures], "swept": swept, "vary": vary,
        "budget": given.get("budget", ""),
    }  # fmt: skip
    try:
        budget = money.fen(plain(given["budget"]), "budget") if given.get("budget") else 0
        changes = {f.path: typed[f.path] for f in figures if typed[f.path] != f.written}
        day = common.usual_day(policy)
        found = answers.answer(request.user, policy, rule, day, budget, changes)
    except InputError as error:
        context["problems"] = error.problems
        return render(request, "subsidies/what_if.html", context, status=422)
    context |= {"found": found, "day": day, "changed": bool(changes), "budget_fen": budget}
    if found.anybody:
        context["distribution"] = answers.distribution(found)
        after = changed(policy, changes)
        context["curve"] = answers.curve(after, rule.id, found, budget, vary.path)
    return render(request, "subsidies/what_if.html", context)
