"""Layers of the map: roads, the axis, the boundaries of zones, from GeoJSON files."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock, files
from songhua.console.growth.models import Layer
from songhua.console.growth.services.given import Reader, choice, text
from songhua.console.growth.words import choices
from songhua.console.ledger.services import audit
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.services.rows import append
from songhua.governance.zones.areas import square_metres
from songhua.governance.zones.layers import AREAS, LINES, read_layer
from songhua.governance.zones.roads import roads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from songhua.console.people.models import User
    from songhua.governance.zones.layers import Feature
    from songhua.governance.zones.roads import Roads

Kind = Layer.Kind
SHAPES = {Kind.ROADS: LINES, Kind.AXIS: LINES, Kind.ZONE: AREAS}


def bring(
    actor: User, given: Mapping[str, str], *, filename: str, chunks: Iterable[bytes]
) -> Layer:
    """Take in a layer. It is measured: lines by their length, areas by their square metres."""
    access.demand(actor, Role.OFFICE, Role.STAFF)
    reader = Reader()
    kind = reader.need(choice(choices("layer")), given.get("kind"), "kind")
    said = {
        "name": reader.need(text(120), given.get("name"), "name"),
        "source": reader.need(text(200), given.get("source"), "source"),
        "zone": given.get("zone", "") if kind == Kind.ZONE else "",
    }
    known = {zone.code for zone in current().zones}
    reader.demand(kind != Kind.ZONE or said["zone"] in known, "zone", "growth_zone_unknown",
                  said["zone"])  # fmt: skip
    reader.settle()
    measured: dict[str, int] = {}
    sha256, size = files.keep(
        chunks, settings.UPLOAD_MAX_BYTES, lambda path: measured.update(_measured(path, kind))
    )
    with transaction.atomic():
        audit.hold()
        row = Layer(
            kind=kind, simulated=given.get("simulated") == "1", sha256=sha256, size=size,
            filename=filename.replace("\\", "/").rpartition("/")[2][-200:], entered_by=actor,
            entered_at=clock.now(), **said, **measured,
        )  # fmt: skip
        return append(actor, row, "layer_brought")


def _measured(path: Path, kind: str) -> dict[str, int]:
    features = read_layer(path.read_bytes(), SHAPES[Kind(kind)])
    if kind == Kind.ZONE:
        return {"features": len(features), "area_m2": round(square_metres(features))}
    length = float(roads(features).metres.sum())
    return {"features": len(features), "length_m": round(length)}


def content(layer: Layer) -> tuple[Feature, ...]:
    """What a layer draws; the same file is read once."""
    return _content(files.path_of(layer.sha256), layer.kind)


@lru_cache(maxsize=8)
def _content(path: Path, kind: str) -> tuple[Feature, ...]:
    return read_layer(path.read_bytes(), SHAPES[Kind(kind)])


def graph(layer: Layer) -> Roads:
    """The road graph of a layer; the same file is read once."""
    return _graph(files.path_of(layer.sha256), layer.kind)


@lru_cache(maxsize=2)
def _graph(path: Path, kind: str) -> Roads:
    return roads(_content(path, kind))
