"""Every register, and each of its subsets, as a collection that the plan counts."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from songhua.console.ledger import counted
from songhua.console.ledger.services.programme import current
from songhua.console.registers.models import RegisterRecord

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


def confirmed(register: str, field: str, values: tuple[str, ...], on: date) -> QuerySet:
    """The confirmed records of a register up to a day; those of a subset where `field` is given."""
    rows = RegisterRecord.objects.filter(
        register=register, state=RegisterRecord.State.CONFIRMED, day__lte=on
    )
    return rows.filter(**{f"values__{field}__in": values}) if field else rows


def _collection(
    key: str, zh: str, en: str, register: str, field: str = "", values: tuple[str, ...] = ()
) -> counted.Collection:
    return counted.Collection(
        key, zh, en, rows=partial(confirmed, register, field, values), name=str,
        day=lambda row: row.day, address=lambda row: reverse("register_record", args=[row.pk]),
    )  # fmt: skip


@cache
def _of(programme: str) -> tuple[counted.Collection, ...]:
    found = []
    for each in current().registers:
        found.append(_collection(each.code, each.name_zh, each.name_en, each.code))
        found += [
            _collection(s.key, s.zh, s.en, each.code, s.field, s.values) for s in each.subsets
        ]
    return tuple(found)


def declared() -> tuple[counted.Collection, ...]:
    """Those of the programme that this console runs."""
    return _of(settings.PROGRAMME)
