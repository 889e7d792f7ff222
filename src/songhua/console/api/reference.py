"""The OpenAPI document as a page: what each address takes and answers, in plain tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from songhua.console.design import say

Json = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One value that is sent or answered. `kind` tells its type and its limits."""

    name: str
    place: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True)
class Operation:
    """One method of one address; `status` and `kinds` describe the answer where all goes well."""

    id: str
    method: str
    address: str
    title: str
    about: str
    fields: list[Field]
    status: str
    kinds: list[str]
    answer: list[Field]

    @property
    def call(self) -> str:
        """Method and address."""
        return f"{self.method} {self.address}"


def groups(document: Json) -> dict[str, list[Operation]]:
    """The operations of an OpenAPI document under their tags."""
    found: dict[str, list[Operation]] = {}
    schemas = document["components"]["schemas"]
    for address, methods in document["paths"].items():
        for method, told in methods.items():
            shown = _operation(address, method.upper(), told, schemas)
            found.setdefault(both(told["tags"][0]), []).append(shown)
    return found


def records(document: Json) -> dict[str, list[Field]]:
    """The named records of an OpenAPI document and their fields."""
    schemas = document["components"]["schemas"]
    return {name: _fields(schema, schemas, "") for name, schema in schemas.items()}


def both(text: str) -> str:
    """``中文 / English`` in the reader's language; what has one half only is for its readers."""
    zh, _, en = text.partition(" / ")
    return say(zh, en)


def _operation(address: str, method: str, told: Json, schemas: Json) -> Operation:
    sent = [
        Field(p["name"], p["in"], _kind(p["schema"]), p["required"], both(p.get("description", "")))
        for p in told.get("parameters", ())
    ]
    for kind, content in told.get("requestBody", {}).get("content", {}).items():
        fields = _fields(content["schema"], schemas, kind.partition("/")[2])
        sent += fields or [Field("", "body", kind, True, "")]
    about = both(f" / {told['description']}")
    status, answer = next((s, a) for s, a in told["responses"].items() if int(s) < 300)
    content = answer.get("content", {})
    schema = next(iter(content.values()), {}).get("schema", {})
    return Operation(
        told["operationId"], method, address, both(told["summary"]), about,
        sent, str(status), list(content), _fields(schema, schemas, ""),
    )  # fmt: skip


def _fields(schema: Json, schemas: Json, place: str) -> list[Field]:
    whole = schemas[_named(schema)] if "$ref" in schema else schema
    wanted = whole.get("required", ())
    return [
        Field(name, place, _kind(found), name in wanted, both(found.get("description", "")))
        for name, found in whole.get("properties", {}).items()
    ]


def _named(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _kind(schema: Json) -> str:
    """The type of a value and its limits, in one line."""
    if "$ref" in schema:
        return _named(schema)
    if "anyOf" in schema:
        return " | ".join(_kind(s) for s in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("format") or schema.get("type", "any"))
    if kind == "array":
        return f"{_kind(schema['items'])}[]"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"{{…: {_kind(schema['additionalProperties'])}}}"
    marks = {"minimum": "≥", "maximum": "≤", "maxLength": "≤", "pattern": "~"}
    limits = [f"{mark} {schema[k]}" for k, mark in marks.items() if k in schema]
    return ", ".join([kind, *limits])
