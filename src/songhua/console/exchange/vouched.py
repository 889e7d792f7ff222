"""What the audit log vouches for of the exchange's records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.exchange.models import (
    Brought,
    Correction,
    Datastream,
    Entry,
    FeatureOfInterest,
    Grant,
    Location,
    NoisyRelease,
    ObservedProperty,
    Outcome,
    Request,
    Sensor,
    Step,
    Thing,
    Version,
    Wanted,
)

if TYPE_CHECKING:
    from django.db.models import Model

FACTS: dict[type[Model], tuple[str, ...]] = {
    Entry: ("created_by_id", "created_at"),
    Wanted: ("title", "reason", "created_at"),
    Brought: ("filename", "sha256", "added", "changed", "brought_by_id", "brought_at"),
    Version: ("distribution_id", "number", "parts", "columns", "keys", "rows", "created_by_id",
              "created_at"),
    Request: ("entry_id", "unit_id", "purpose", "created_by_id", "created_at"),
    Step: ("request_id", "action", "state", "reason", "due_on", "made_by_id", "made_at"),
    Grant: ("distribution_id", "unit_id", "request_id", "columns", "rows", "purpose", "valid_from",
            "valid_until", "daily_rows", "daily_bytes", "rules", "may_export", "made_by_id",
            "made_at"),
    NoisyRelease: ("distribution_id", "key", "question", "epsilon", "mechanism", "figures",
                   "made_by_id", "made_at"),
    Outcome: ("step_id", "reused", "papers_saved"),
    Correction: ("distribution_id", "version", "unit_id", "row", "column", "text", "proposed",
                 "due_on", "created_by_id", "created_at"),
}  # fmt: skip
DEVICES: tuple[type[Model], ...] = (
    Thing, Location, Sensor, ObservedProperty, FeatureOfInterest, Datastream,
)  # fmt: skip
FACTS |= {model: ("created_by_id",) for model in DEVICES}
CHANGING: tuple[type[Model], ...] = (Entry, Request, Grant, Correction, *DEVICES)
