"""What the audit log vouches for of growth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.growth.models import (
    Carrier,
    CriterionChange,
    LadderMove,
    Layer,
    Place,
    Sheet,
    Site,
    Tenancy,
)

if TYPE_CHECKING:
    from django.db.models import Model

ENTERED = ("entered_by_id", "entered_at")
FACTS: dict[type[Model], tuple[str, ...]] = {
    Carrier: ("subject_id", *ENTERED),
    Tenancy: ("carrier_id", "firm_id", "moved_in", *ENTERED),
    CriterionChange: ("rung", "fact", "at_least", "at_most", "since", "basis", *ENTERED),
    LadderMove: ("subject_id", "year", "kind", "before", "after", "reasons", "figures",
                 "proposed_by_id", "proposed_at"),
    Place: ("subject_id", "district", "lon", "lat", "address", "as_of", *ENTERED),
    Site: ("kind", "name", "since", *ENTERED),
    Layer: ("kind", "zone", "name", "source", "simulated", "filename", "sha256", "size",
            "features", "area_m2", "length_m", *ENTERED),
    Sheet: ("kind", "filename", "sha256", "entered", "same", "problems", "brought_by_id",
            "brought_at"),
}  # fmt: skip
CHANGING: tuple[type[Model], ...] = (Carrier, Tenancy, LadderMove, Site)
HOLDING: tuple[type[Model], ...] = (Layer,)
