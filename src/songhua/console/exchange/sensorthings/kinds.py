"""The entities of the standard: their records, properties and how they lead to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from songhua.console.exchange import models

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.exchange.models.devices import Registered


@dataclass(frozen=True)
class Link:
    """A way to another kind: `back` is how the other's records refer to these, `own` how these
    refer to the other's."""

    kind: str
    back: str
    own: str
    many: bool


@dataclass(frozen=True)
class Kind:
    """A kind of entity; `properties` are by their names in the standard."""

    plural: str
    model: type[Registered]
    properties: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)


_COMMON = {"name": "name", "description": "description", "properties": "properties"}
_ENCODED = {"encodingType": "encoding_type"}
_STREAMS = {"Thing": "thing", "Sensor": "sensor", "ObservedProperty": "observed_property",
            "FeatureOfInterest": "feature"}  # fmt: skip


def _streams(kind: str) -> dict[str, Link]:
    return {"Datastreams": Link("Datastream", _STREAMS[kind], "datastreams", many=True)}


KINDS: dict[str, Kind] = {
    "Thing": Kind(
        "Things", models.Thing, _COMMON,
        {"Locations": Link("Location", "things", "locations", many=True), **_streams("Thing")},
    ),
    "Location": Kind(
        "Locations", models.Location, {**_COMMON, **_ENCODED, "location": "location"},
        {"Things": Link("Thing", "locations", "things", many=True)},
    ),
    "Sensor": Kind(
        "Sensors", models.Sensor, {**_COMMON, **_ENCODED, "metadata": "metadata"},
        _streams("Sensor"),
    ),
    "ObservedProperty": Kind(
        "ObservedProperties", models.ObservedProperty, {**_COMMON, "definition": "definition"},
        _streams("ObservedProperty"),
    ),
    "FeatureOfInterest": Kind(
        "FeaturesOfInterest", models.FeatureOfInterest,
        {**_COMMON, **_ENCODED, "feature": "feature"},
        _streams("FeatureOfInterest"),
    ),
    "Datastream": Kind(
        "Datastreams", models.Datastream,
        {**_COMMON, "observationType": "observation_type",
         "unitOfMeasurement": "unit_of_measurement"},
        {name: Link(name, "datastreams", own, many=False)
         for name, own in _STREAMS.items() if name != "FeatureOfInterest"},
    ),
}  # fmt: skip
PLURALS = {kind.plural: name for name, kind in KINDS.items()}
OBSERVATIONS = "Observations"
CHANNEL = {"dataset": "table__entry__name", "device_id": "device_id", "metric": "metric",
           "low": "low", "high": "high"}  # fmt: skip
"""What a datastream's ``properties`` hold beside its own: dataset and channel of its readings."""
