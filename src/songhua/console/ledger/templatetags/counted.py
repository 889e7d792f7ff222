"""Numbers that open the records behind them: ``{% load counted %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html

from songhua.console.design import figures
from songhua.console.ledger import counted
from songhua.console.ledger.models import Obligation
from songhua.console.ledger.services.programme import current
from songhua.console.people.rights import may_open

if TYPE_CHECKING:
    from datetime import date

    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def opens(number: int, url: str) -> SafeString:
    """``{% opens rows|length url %}``: a number as the link to a list of just so many rows, which
    says ``data-total`` of itself."""
    shown = figures.figure(number)
    return format_html('<a data-counts="{}" href="{}">{}</a>', number, url, shown) if url else shown


@register.simple_tag(takes_context=True)
def count_of(context: template.Context, key: str, on: date | None = None) -> SafeString:
    """``{% count_of "contests" %}``: how many there are, leading to them where one may see them."""
    request = context.get("request")
    open_to = request is not None and may_open(request.user, "records", "GET")
    return opens(counted.count(key, on), counted.address(key, on) if open_to else "")


@register.inclusion_tag("ledger/_serves.html", takes_context=True)
def serves(context: template.Context, key: str) -> dict[str, object]:
    """``{% serves "contests" %}``: the obligations of the plan that these records show."""
    codes = current().served(key)
    return {
        "user": context.get("user"),
        "request": context.get("request"),
        "obligations": list(Obligation.objects.filter(code__in=codes)) if codes else [],
    }
