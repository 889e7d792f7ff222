"""Which of our records the plan counts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from songhua.console import clock
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.ledger.counted import Collection
from songhua.console.ledger.counted import register as count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from songhua.console.cooperation.models import Record
    from songhua.console.cooperation.shelf import Kind

DAY = timedelta(days=1)
MADE: dict[str, list[Collection]] = {}  # of each kind of record


def register() -> None:
    """Make them known to the ledger."""
    for kind, one in _all():
        MADE.setdefault(kind, []).append(one)
        count(one)


def serving(kind: Kind, row: Record) -> list[str]:
    """The collections that count a record today: 1 query each."""
    found = MADE.get(kind.key, ())
    return [one.key for one in found if one.rows(clock.today()).filter(pk=row.pk).exists()]


def _all() -> Iterator[tuple[str, Collection]]:
    yield from (
        _of("contests", "published_at", where=~Q(state__in=("draft", "void"))),
        _of("entries", "entered_at"),
        _of("prizes", "given_on"),
        _of("events", "starts"),
        _of("events", "starts", "events_international", "国际科技合作交流活动",
            "International events", Q(international=True)),
        _of("events", "starts", "events_exchange", "参加的产业交流平台活动",
            "Conferences attended", Q(kind__in=("waic", "conference"))),
        _of("partners", "entered_at"),
        _of("agreements", "signed_on"),
        _agreements("province_city_university", "省市校合作协议",
                    "Agreements of province, city and university"),
        _agreements("school_enterprise", "校企合作协议", "Agreements of university and firm"),
        _agreements("shenzhen_harbin", "深哈合作项目", "Shenzhen-Harbin agreements"),
        _agreements("offshore_incubator", "离岸孵化器协议", "Offshore incubator agreements"),
        _of("duties", "done_on"),
        _of("resources", "entered_at"),
        _of("resources", "entered_at", "resources_shenzhen", "深哈共享资源",
            "Resources shared with Shenzhen", Q(partner__city="深圳")),
        _of("bookings", "starts"),
        _of("expert_costs", "paid_on"),
        _of("funds", "since"),
        _of("placements", "placed_on"),
        _of("placements", "placed_on", "placements_leveraged", "带动社会资本的投资和担保",
            "Placements with other people's money", Q(others_fen__gt=0)),
        _of("placements", "placed_on", "guarantees", "贷款担保", "Guarantees",
            Q(kind="guarantee")),
        _of("returns", "returned_on"),
        _of("referrals", "entered_at"),
    )  # fmt: skip


def _of(
    kind: str, since: str, key: str = "", zh: str = "", en: str = "", where: Q | None = None
) -> tuple[str, Collection]:
    """The records of a kind that stand, from the day (or the instant) `since` on."""
    shelf = BY_KEY[kind]
    instant = since.endswith("_at") or kind == "bookings"

    def rows(on: date) -> Any:
        up_to = (f"{since}__lt", clock.midnight(on + DAY)) if instant else (f"{since}__lte", on)
        found = shelf.model._default_manager.filter(where or Q(), Q(up_to), struck=False)
        return found.order_by("-pk")

    return kind, Collection(
        key or kind, zh or shelf.zh, en or shelf.en, rows, name=str,
        day=_day(since) if instant else lambda row: getattr(row, since),
        address=lambda row: reverse("cooperation_record", args=[kind, row.pk]),
    )  # fmt: skip


def _day(since: str) -> Callable[[Any], date]:
    return lambda row: timezone.localtime(getattr(row, since)).date()


def _agreements(code: str, zh: str, en: str) -> tuple[str, Collection]:
    return _of("agreements", "signed_on", f"agreements_{code}", zh, en, Q(kind=code))
