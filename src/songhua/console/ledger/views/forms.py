"""What the views of a task share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from songhua.console.ledger.models import Task

if TYPE_CHECKING:
    from django.http import HttpRequest


def own_task(request: HttpRequest, code: str) -> Task:
    """The task, if this person may see it; 404 otherwise, so that codes cannot be probed."""
    rows = Task.objects.visible_to(request.user).select_related("lead_unit", "obligation")
    return get_object_or_404(rows, code=code)
