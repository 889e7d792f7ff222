"""What every form of the ledger does: call the service, thank or list the problems, go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect

from songhua.console.ledger.models import Task
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse


def own_task(request: HttpRequest, code: str) -> Task:
    """The task, if this person may see it; 404 otherwise, so that codes cannot be probed."""
    rows = Task.objects.visible_to(request.user).select_related("lead_unit", "obligation")
    return get_object_or_404(rows, code=code)


def done(request: HttpRequest, text: str, to: str, *args: object) -> HttpResponse:
    """Say that it happened and go to the page named `to`."""
    messages.success(request, text)
    return redirect(to, *args)


def civil(text: str, where: str) -> date:
    """A date from a form field."""
    from datetime import date

    try:
        return date.fromisoformat(figures.plain(text))
    except ValueError as error:
        raise InputError(Problem(where, "not_a_date" if text else "empty", text)) from error
