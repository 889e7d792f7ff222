"""A resource for other programs: Frictionless Data Package 2.0 and Table Schema 2.0."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from songhua.exchange.catalogue.fields import Kind
from songhua.exchange.catalogue.resource import TABULAR
from songhua.exchange.catalogue.vocabulary import words

if TYPE_CHECKING:
    from songhua.exchange.catalogue.catalogue import Catalogue
    from songhua.exchange.catalogue.fields import Field
    from songhua.exchange.catalogue.resource import Resource

PACKAGE_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
TABLE_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"

_TYPES = {kind: str(kind) for kind in Kind} | {Kind.MONEY: "number"}


def data_package(resource: Resource, catalogue: Catalogue) -> dict[str, Any]:
    """The package of one resource and a file of each of its formats; `unit`, `sharing`
    and `sensitivity` are our own additions, which the standard allows."""
    schema = table_schema(resource, catalogue)
    package: dict[str, Any] = {
        "$schema": PACKAGE_PROFILE,
        "id": resource.code,
        "name": resource.name,
        "title": _both(resource.title_zh, resource.title_en),
        "description": _both(resource.summary_zh, resource.summary_en, "\n\n"),
        "sharing": str(resource.tier),
        "contributors": [{"title": resource.provider, "roles": ["publisher"]}],
        "resources": [
            {
                "name": f"{resource.name}_{name}",
                "path": f"{resource.name}.{name}",
                "format": name,
                "mediatype": words("format")[name].detail,
                **({"type": "table", "schema": schema} if _is_table(resource, name) else {}),
            }
            for name in resource.formats
        ],
    }
    if resource.keywords:
        package["keywords"] = list(resource.keywords)
    if resource.licence:
        licence = words("licence")[resource.licence]
        package["licenses"] = [{"title": _both(licence.zh, licence.en), "name": licence.code}]
    return package


def _is_table(resource: Resource, name: str) -> bool:
    return bool(resource.fields) and name in TABULAR | {"json"}


def table_schema(resource: Resource, catalogue: Catalogue) -> dict[str, Any]:
    """The Table Schema of `resource`; the values of code tables become enumerations."""
    schema: dict[str, Any] = {
        "$schema": TABLE_PROFILE,
        "fields": [_field(field, resource, catalogue) for field in resource.fields],
        "missingValues": [""],
    }
    if resource.key:
        schema["primaryKey"] = list(resource.key)
    references = [(f.name, *f.reference.split(".")) for f in resource.fields if f.reference]
    if references:
        schema["foreignKeys"] = [
            {"fields": [name], "reference": {"resource": table, "fields": [column]}}
            for name, table, column in references
        ]
    return schema


def _field(field: Field, resource: Resource, catalogue: Catalogue) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": field.required}
    if field.length is not None:
        constraints["maxLength"] = field.length
    for name, limit in (("minimum", field.low), ("maximum", field.high)):
        if limit is not None:
            constraints[name] = _number(limit)
    if field.code_table:
        constraints["enum"] = list(catalogue.tables[field.code_table].values)
    if resource.key == (field.name,):
        constraints["unique"] = True
    described: dict[str, Any] = {
        "name": field.name,
        "type": _TYPES[field.kind],
        "title": _both(field.title_zh, field.title_en),
        "sensitivity": str(field.sensitivity),
        "constraints": constraints,
    }
    if field.unit:
        described["unit"] = field.unit
    return described


def _number(value: Decimal) -> int | float | str:
    """A limit as JSON: a number where that keeps it exactly, else its digits as a text."""
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else f"{value:f}"


def _both(zh: str, en: str, between: str = " / ") -> str:
    return between.join(text for text in (zh, en) if text)
