"""What of the heating plants the plan counts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from songhua.console import clock
from songhua.console.heating.models import Command, HeatingOutcome
from songhua.console.ledger import counted

if TYPE_CHECKING:
    from datetime import date, datetime


def _of(plant: str) -> dict[str, bool]:
    """What is simulated counts only where everything is."""
    return {} if settings.SIMULATED else {f"{plant}__simulated": False}


def _end(on: date) -> datetime:
    return clock.midnight(on + timedelta(days=1))


def register() -> None:
    """Commands whose effect was measured, and indicators computed from telemetry."""
    counted.register(
        counted.Collection(
            "heating_commands", "智慧供暖：已实测的调控指令", "Heating commands measured",
            rows=lambda on: Command.objects.filter(
                state="measured", proposed_at__lt=_end(on), **_of("point__element__plant")
            ).select_related("point__element"),
            name=str, day=lambda row: row.proposed_at.date(),
            address=lambda row: reverse("heating_command", args=[row.pk]),
        ),
        counted.Collection(
            "heating_outcomes", "智慧供暖：供热成效指标", "Heating outcomes from telemetry",
            rows=lambda on: HeatingOutcome.objects.filter(made_at__lt=_end(on), **_of("plant"))
            .select_related("plant"),
            name=str, day=lambda row: row.made_at.date(),
            address=lambda row: reverse("heating_outcome", args=[row.pk]),
        ),
    )  # fmt: skip
