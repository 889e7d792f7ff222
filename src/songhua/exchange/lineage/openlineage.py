"""Lineage as an OpenLineage run event, with the column lineage facet.

Source: OpenLineage specification 2-0-2 and ColumnLineageDatasetFacet 1-2-0.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from songhua.exchange.lineage.graph import Edge, Kind

SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACET = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json"
PRODUCER = "urn:songhua:exchange"
TRANSFORMATIONS: dict[Kind, tuple[str, str]] = {
    "copied": ("DIRECT", "IDENTITY"), "derived": ("DIRECT", "TRANSFORMATION"),
    "aggregated": ("DIRECT", "AGGREGATION"), "selected": ("INDIRECT", "FILTER"),
    "declared": ("DIRECT", "TRANSFORMATION"),
}  # fmt: skip


def event(edges: Iterable[Edge], *, namespace: str, job: str, run: str, at: datetime) -> Any:
    """The event that `job` has written the targets of `edges` in the run called `run` (the same
    name gives the same id), finished at the aware instant `at`; plain values for JSON."""
    if at.tzinfo is None:
        raise ValueError("at: an instant with its zone is needed")
    listed = sorted(edges)
    inputs = sorted({edge.source.dataset for edge in listed})
    outputs: dict[str, dict[str, list[Edge]]] = {}
    for edge in listed:
        fields = outputs.setdefault(edge.target.dataset, {})
        fields.setdefault(edge.target.column, []).append(edge)
    return {
        "eventType": "COMPLETE", "eventTime": at.isoformat(), "producer": PRODUCER,
        "schemaURL": SPEC, "job": {"namespace": namespace, "name": job},
        "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{namespace}/{job}/{run}"))},
        "inputs": [{"namespace": namespace, "name": name} for name in inputs],
        "outputs": [
            {"namespace": namespace, "name": name,
             "facets": {"columnLineage": {
                 "_producer": PRODUCER, "_schemaURL": FACET,
                 "fields": {column: {"inputFields": [_input(one, namespace) for one in made]}
                            for column, made in fields.items()}}}}
            for name, fields in outputs.items()
        ],
    }  # fmt: skip


def _input(edge: Edge, namespace: str) -> dict[str, Any]:
    kind, subtype = TRANSFORMATIONS[edge.kind]
    return {
        "namespace": namespace, "name": edge.source.dataset, "field": edge.source.column,
        "transformations": [{"type": kind, "subtype": subtype, "description": edge.kind,
                             "masking": False}],
    }  # fmt: skip
