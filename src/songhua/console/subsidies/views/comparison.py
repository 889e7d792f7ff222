"""Two versions of a policy side by side, clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render

from songhua.console.subsidies.clauses import compare
from songhua.console.subsidies.services import engine
from songhua.console.subsidies.views import common

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_not_required
def calculator_compare(request: HttpRequest) -> HttpResponse:
    """The versions named in the address, or the first and the last of the policy shown first."""
    name = request.GET.get("policy", engine.newest(engine.policies()).policy)
    versions = [p for p in engine.policies() if p.policy == name]
    if not versions:
        common.policy_or_404(name, "")
    old = common.policy_or_404(name, request.GET.get("old", versions[0].version))
    new = common.policy_or_404(name, request.GET.get("new", versions[-1].version))
    compared = compare(old, new) if old.version != new.version else []
    context = {
        "policies": {p.policy: p for p in engine.policies()}.values(), "versions": versions,
        "old": old, "new": new, "compared": [c for c in compared if c.changes],
        "same": [c.rule for c in compared if not c.changes],
    }  # fmt: skip
    return render(request, "subsidies/compare.html", context)
