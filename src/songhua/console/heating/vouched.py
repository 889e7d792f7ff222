"""What the audit log vouches for of a plant's records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.heating.models import Command, HeatingOutcome

if TYPE_CHECKING:
    from django.db.models import Model

FACTS: dict[type[Model], tuple[str, ...]] = {
    Command: ("uid", "point_id", "value", "before", "reason", "proposed_by_id", "proposed_at"),
    HeatingOutcome: ("plant_id", "begins", "ends", "figures", "readings", "digest", "made_by_id",
              "made_at"),
}  # fmt: skip
CHANGING: tuple[type[Model], ...] = (Command, HeatingOutcome)
