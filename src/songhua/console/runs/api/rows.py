"""The records that the holder of a token may see, and pages of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404

from songhua.console.runs import access

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest


def seen(request: HttpRequest, model: type[Model], through: str = "") -> QuerySet[Any]:
    """The rows of `model` whose scenario this person may read; `through` leads to it."""
    readable = access.readable(request.user)
    return model._default_manager.filter(**{f"{through}scenario__in": readable})


def one(request: HttpRequest, model: type[Model], number: int, through: str = "") -> Any:
    """The row with this number; `Http404` where there is none for this person."""
    return get_object_or_404(seen(request, model, through), pk=number)


def page(
    rows: QuerySet[Any],
    show: Callable[[Any], dict[str, Any]],
    before: int | None,
    most: int,
    **wanted: object,
) -> dict[str, Any]:
    """The newest `most` of `rows` numbered below `before`, where every `wanted` value holds."""
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: most + 1])
    more = len(found) > most
    return {
        "rows": [show(row) for row in found[:most]],
        "next": found[most - 1].pk if more else None,
    }
