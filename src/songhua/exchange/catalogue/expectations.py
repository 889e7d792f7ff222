"""What an entry promises of its table, as rules for `songhua.exchange.quality.read_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from songhua.exchange.catalogue.fields import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.exchange.catalogue.catalogue import Catalogue
    from songhua.exchange.catalogue.fields import Field
    from songhua.exchange.catalogue.resource import Resource

_TYPES = {kind: str(kind) for kind in Kind} | {Kind.STRING: "text", Kind.MONEY: "number"}


def quality_rules(resource: Resource, catalogue: Catalogue) -> dict[str, Any]:
    """The rules as plain values: filled, typed, within limits, in their code table or in the field
    referred to (by its name, "homes.home_id"), and with a key that occurs once.

    Whether the update came in time is told by `Resource.days_late`: the entry does not say which
    column dates a row.
    """
    rules = [rule for field in resource.fields for rule in _rules(field, catalogue)]
    if resource.key:
        rules.append({"rule": "unique", "columns": list(resource.key)})
    return {"table": resource.table, "department": resource.provider, "rules": rules}


def _rules(field: Field, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    if field.required:
        yield {"rule": "required", "column": field.name}
    yield {"rule": "type", "column": field.name, "type": _TYPES[field.kind]}
    if field.low is not None or field.high is not None:
        yield {"rule": "range", "column": field.name, "low": field.low, "high": field.high}
    if field.length is not None:
        yield {"rule": "length", "column": field.name, "most": field.length}
    if field.code_table:
        values = catalogue.tables[field.code_table].values
        yield {"rule": "codes", "column": field.name, "codes": list(values)}
    if field.reference:
        yield {"rule": "reference", "column": field.name, "table": field.reference}
