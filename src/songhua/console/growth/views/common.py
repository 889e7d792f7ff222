"""What the pages of growth share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from songhua.console import clock
from songhua.console.design.posted import civil
from songhua.console.subsidies.models import Subject
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest


def asked_day(request: HttpRequest) -> date:
    """The day of ``?on=``, else today."""
    given = request.GET.get("on", "")
    return civil(given, "on") if given else clock.today()


def firm_given(code: str, where: str = "firm") -> Subject:
    """The active organisation with a credit code."""
    said = figures.credit_code(code, where)
    row = Subject.objects.filter(credit_code=said).exclude(state=Subject.State.ENDED).first()
    if row is None:
        raise InputError(Problem(where, "growth_firm_unknown", said))
    return row.merged_into or row


def key(text: str) -> int:
    """A number of a row; 404 for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Http404
    return int(text)
