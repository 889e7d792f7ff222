"""Who is within ten minutes of a carrier along the roads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from songhua.console.growth import selectors
from songhua.console.growth.models import Layer, Site
from songhua.console.growth.services import layers
from songhua.governance.zones.minutes import minutes_to

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.db.models import QuerySet
    from numpy.typing import NDArray

    from songhua.governance.zones.minutes import Mode, Travel
    from songhua.governance.zones.roads import Roads

MINUTES = 10
Side = Literal["within", "beyond"]


@dataclass(frozen=True)
class Reached:
    """The carriers and firms with an address (n, 2), the minutes from each firm and empty building
    to the nearest carrier, and how long the roads take."""

    layer: Layer
    graph: Roads
    travel: Travel
    services: NDArray[np.float64]
    homes: NDArray[np.float64]
    firms: dict[int, float]
    sites: dict[int, float]

    def keys(self, what: str, limit: float, side: Side) -> list[int]:
        """The firms or buildings that are within `limit` minutes, the limit included, or not."""
        minutes = self.firms if what == "firms" else self.sites
        return [key for key, took in minutes.items() if (took <= limit) == (side == "within")]


def reached(on: date, mode: Mode) -> Reached | None:
    """How far firms and empty buildings are from the nearest carrier; None without roads."""
    layer = selectors.layer(Layer.Kind.ROADS)
    if layer is None:
        return None
    graph = layers.graph(layer)
    _, services = _at(selectors.carriers(on).values("subject"), on)
    firms, firm_places = _at(selectors.firms(on).values("pk"), on)
    waiting = selectors.sites(on, Site.Kind.VACANT, waiting=True)
    sites, site_places = _split(waiting.values_list("pk", "lon", "lat"))
    travel = minutes_to(graph, services, np.concatenate([firm_places, site_places]), mode)
    took = travel.places.tolist()
    return Reached(
        layer, graph, travel, services, firm_places, dict(zip(firms, took, strict=False)),
        dict(zip(sites, took[len(firms) :], strict=True)),
    )  # fmt: skip


def _at(subjects: QuerySet[Any], on: date) -> tuple[list[int], NDArray[np.float64]]:
    """Which of the subjects have an address, and where it is."""
    rows = selectors.addresses(on).filter(kept__in=subjects)
    return _split(rows.values_list("kept", "lon", "lat"))


def _split(rows: Iterable[tuple[int, Any, Any]]) -> tuple[list[int], NDArray[np.float64]]:
    found = list(rows)
    places = np.array([(float(lon), float(lat)) for _, lon, lat in found], dtype=np.float64)
    return [key for key, *_ in found], places.reshape(-1, 2)
