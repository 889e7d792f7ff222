"""What of the exchange the plan counts."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from songhua.console.exchange.models import Entry, Grant
from songhua.console.ledger import counted


def _active_grants(on: object) -> Q:
    return (
        Q(made_at__date__lte=on)
        & (Q(revoked_at=None) | Q(revoked_at__date__gt=on))
        & (Q(valid_from=None) | Q(valid_from__lte=on))
        & (Q(valid_until=None) | Q(valid_until__gte=on))
    )


def register() -> None:
    """Datasets by how they may be had, and the grants in force."""
    shared = Entry.objects.filter(state="active")
    for key, zh, en, chosen in (
        ("datasets", "数据目录", "Datasets of the catalogue", shared),
        ("datasets_open", "开放数据集", "Open datasets", shared.filter(is_open=True)),
        ("datasets_of_scenarios", "场景数据集", "Datasets of the scenarios",
         shared.filter(origin__startswith="scenario:")),
    ):  # fmt: skip
        counted.register(counted.Collection(
            key, zh, en, rows=lambda on, chosen=chosen: chosen.filter(created_at__date__lte=on),
            name=lambda row: row.title, day=lambda row: row.created_at.date(),
            address=lambda row: reverse("dataset", args=[row.name]),
        ))  # fmt: skip
    counted.register(counted.Collection(
        "data_grants", "生效的数据共享授权", "Grants of data in force",
        rows=lambda on: Grant.objects.filter(_active_grants(on))
        .select_related("distribution__entry", "unit"),
        name=lambda row: f"{row.distribution.entry.title} → {row.unit}",
        day=lambda row: row.made_at.date(),
        address=lambda row: reverse("dataset", args=[row.distribution.entry.name]),
    ))  # fmt: skip
