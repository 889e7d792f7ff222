"""Networks from CSV tables and from GeoJSON."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import InputError, Problem
from songhua.scenarios.smart_heating.importing.reading import Row, describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.scenarios.smart_heating.importing.description import Description

_TABLE_OF = {"node": "nodes", "pipe": "pipes", "source": "sources", "consumer": "consumers"}
_BEYOND = "…"  # cells beyond the last heading


def from_csv(texts: Mapping[str, str]) -> Description:
    """A network from the texts of the tables nodes, pipes, sources and consumers, with headings.

    Raises `InputError` as `describe` does; rows are counted as a spreadsheet shows them.
    """
    return describe({table: _rows(text) for table, text in texts.items()})


def from_geojson(text: str) -> Description:
    """A network from a FeatureCollection whose features say in `kind` what they are: node, source
    and consumer as points, pipe as a line. Properties are the columns of the CSV tables; x and y
    come from a point, the length has to be said, and a line's bends are only for the eye.

    Raises `InputError` for a text that is no such collection, and as `describe` does.
    """
    document = _document(text)
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise InputError(Problem("type", "importing_no_collection", str(document.get("type"))))
    tables: dict[str, list[Row]] = {table: [] for table in _TABLE_OF.values()}
    left_out: list[Problem] = []
    for number, feature in enumerate(features, 1):
        given = _object(feature)
        cells = dict(_object(given.get("properties")))
        kind = cells.pop("kind", None)
        where = str(cells.get("name") or given.get("id") or f"features[{number - 1}]")
        if not isinstance(kind, str) or kind not in _TABLE_OF:
            left_out.append(Problem(where, "importing_kind_left_out", str(kind)))
            continue
        spot = _object(given.get("geometry")).get("coordinates")
        if kind == "node" and isinstance(spot, list):
            for name, figure in zip(("x", "y", "height_m"), spot, strict=False):
                cells.setdefault(name, figure)
        tables[_TABLE_OF[kind]].append(Row(cells))
    return describe(tables, left_out)


def _rows(text: str) -> list[Row]:
    reader = csv.DictReader(text.removeprefix("\ufeff").splitlines(keepends=True), restkey=_BEYOND)
    return [Row({heading.strip(): cell for heading, cell in row.items()}, reader.line_num)
            for row in reader]  # fmt: skip


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(Problem("GeoJSON", "importing_not_json", str(error))) from None
    return _object(document)


def _object(given: object) -> dict[str, Any]:
    """A JSON object, empty where there is something else."""
    return given if isinstance(given, dict) else {}
