"""Pages about the interface for programs: one's own tokens, and the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from songhua.console import clock
from songhua.console.api import interface
from songhua.console.api import reference as drawn
from songhua.console.api import tokens as service
from songhua.console.api.models import Token
from songhua.console.design import say
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

DAYS = (30, 90, 180, service.MOST_DAYS)


def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a new one is shown once."""
    context = {
        "tokens": Token.objects.filter(owner=request.user), "now": clock.now(),
        "scopes": {code: say(*pair) for code, pair in service.SCOPES.items()}, "days": DAYS,
        "chosen": request.POST.getlist("scopes") or ["read"], "given": request.POST,
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "api/tokens.html", context)
    try:
        row, secret = service.make(
            request.user, name=request.POST.get("name", ""),
            scopes=request.POST.getlist("scopes"), days=request.POST.get("days", ""),
        )  # fmt: skip
    except InputError as error:
        context["problems"] = error.problems
        return render(request, "api/tokens.html", context, status=422)
    answer = render(request, "api/token_made.html", {"token": row, "secret": secret})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    service.revoke(request.user, get_object_or_404(Token, pk=pk, owner=request.user))
    messages.success(request, say("令牌已撤销，立即失效。", "The token is revoked, at once."))
    return redirect("tokens")


def reference(request: HttpRequest) -> HttpResponse:
    """Every address of the interface, drawn from the OpenAPI document."""
    document = interface.document()
    context = {"groups": drawn.groups(document), "records": drawn.records(document)}
    return render(request, "api/reference.html", context)
