"""A scenario's declaration for other programs: JSON Schema of its parameters, Frictionless Table
Schema of its tables, and one Data Package descriptor that names them all.

Names are in both languages, ``中文 / English``; `unit`, `zh`, `en` and `sharing` are our own
additions, which both standards allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from songhua.kit.conform import FALSE, TRUE
from songhua.kit.terms import terms

if TYPE_CHECKING:
    from songhua.kit.spec import Action, Column, Dataset, Scenario
    from songhua.kit.terms import Term

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
PACKAGE_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
TABLE_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
PACKAGE = "datapackage.json"

_TYPES: dict[Any, dict[str, Any]] = {
    pl.Int64: {"type": "integer"},
    pl.Float64: {"type": "number"},
    pl.String: {"type": "string"},
    pl.Boolean: {"type": "boolean", "trueValues": list(TRUE), "falseValues": list(FALSE)},
    pl.Date: {"type": "date", "format": "any"},
    pl.Datetime: {"type": "datetime", "format": "any"},
}


def documents(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """``{file name: document}``: the parameters of each action, and the data package."""
    found = {f"{a.name}.params.schema.json": params_schema(scenario, a) for a in scenario.actions}
    return found | {PACKAGE: data_package(scenario)}


def params_schema(scenario: Scenario, action: Action) -> dict[str, Any]:
    """JSON Schema (2020-12) of the parameters of `action`, each with its term and its unit."""
    schema = action.params.model_json_schema()
    words = terms(scenario.package)
    properties = {
        name: found | _said(words[name]) for name, found in schema.get("properties", {}).items()
    }
    return {
        "$schema": JSON_SCHEMA, **schema, **_said(words[action.name]), "properties": properties
    }  # fmt: skip


def table_schema(scenario: Scenario, dataset: Dataset) -> dict[str, Any]:
    """Frictionless Table Schema (2.0) of `dataset`."""
    words = terms(scenario.package)
    schema: dict[str, Any] = {
        "$schema": TABLE_PROFILE,
        "fields": [_field(c, dataset, words[c.name]) for c in dataset.columns],
        "missingValues": [""],
    }
    if dataset.key:
        schema["primaryKey"] = list(dataset.key)
    return schema


def data_package(scenario: Scenario) -> dict[str, Any]:
    """Frictionless Data Package (2.0) of every table that `scenario` reads or writes."""
    words = terms(scenario.package)
    return {
        "$schema": PACKAGE_PROFILE,
        "name": scenario.name,
        "title": f"{scenario.zh} / {scenario.en}",
        "description": f"{scenario.story_zh}\n\n{scenario.story_en}",
        "zh": scenario.zh,
        "en": scenario.en,
        "resources": [
            {
                "name": d.name,
                "type": "table",
                "path": f"{d.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "sharing": d.sharing,
                **_said(words[d.name]),
                "schema": table_schema(scenario, d),
            }
            for d in scenario.datasets
        ],
    }


def _field(column: Column, dataset: Dataset, term: Term) -> dict[str, Any]:
    whole = column.dtype is pl.Int64
    limits = {"minimum": column.low, "maximum": column.high}
    constraints: dict[str, Any] = {
        "required": column.required,
        **{k: int(v) if whole else v for k, v in limits.items() if v is not None},
    }
    if column.choices:
        constraints["enum"] = list(column.choices)
    if dataset.key == (column.name,):
        constraints["unique"] = True
    return {
        "name": column.name, **_TYPES[column.dtype], **_said(term), "constraints": constraints
    }  # fmt: skip


def _said(term: Term) -> dict[str, str]:
    """What a term says of its name, in both languages."""
    said = {"title": f"{term.label('zh')} / {term.label('en')}", "zh": term.zh, "en": term.en}
    definitions = [d for d in (term.definition_zh, term.definition_en) if d]
    if definitions:
        said["description"] = " / ".join(definitions)
    if term.unit:
        said["unit"] = term.unit
    return said
