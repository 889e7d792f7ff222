"""Several awards at once: the best lawful combination, its ties, and what a choice gives up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render

from songhua.console.subsidies.awards_form import MOST_AWARDS, READINGS, AwardsForm
from songhua.console.subsidies.words import codes
from songhua.kit.errors import InputError
from songhua.policy.choice import choose
from songhua.policy.portfolio import best, conflicts

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SHOWN_SETS = 20


@login_not_required
def calculator_combination(request: HttpRequest) -> HttpResponse:
    """The awards as a form, and what may be taken together. Nothing is kept."""
    given = request.POST if request.method == "POST" else request.GET
    form = AwardsForm(given.dict())
    context: dict[str, object] = {
        "form": form, "sources": codes("source"), "readings": READINGS,
        "full": len(form.rows) >= MOST_AWARDS,
        "added": "add" in given,
    }  # fmt: skip
    status = 200
    try:
        candidates, reading = form.candidates(), form.reading()
        if candidates:
            chosen = form.chosen()
            context |= {
                "found": best(candidates, reading, most_sets=SHOWN_SETS),
                "exclusions": conflicts(candidates, reading),
                "choice": choose(candidates, chosen, reading) if chosen else None,
                "amounts": {c.id: c.amount for c in candidates},
            }
    except InputError as error:
        context["problems"], status = error.problems, 422
    link = form.link()
    context["share"] = request.build_absolute_uri(f"{request.path}?{link}") if link else ""
    answer = render(request, "subsidies/combination.html", context, status=status)
    if request.htmx and link:
        answer["HX-Replace-Url"] = f"{request.path}?{link}"
    return answer
