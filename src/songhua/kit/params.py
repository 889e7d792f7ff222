"""Parameters: small, frozen, and strict about what they are given."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


class Params(BaseModel):
    """Base of every set of parameters. A misspelt name or a NaN is a problem, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


P = TypeVar("P", bound=Params)

# pydantic's word for what is wrong → ours, whose sentence `messages.csv` holds.
_CODES = {
    "missing": "param_missing",
    "extra_forbidden": "param_unknown",
    "greater_than_equal": "param_at_least",
    "greater_than": "param_above",
    "less_than_equal": "param_at_most",
    "less_than": "param_below",
    "finite_number": "not_finite",
    "literal_error": "param_choice",
    "enum": "param_choice",
    "int_from_float": "param_whole",
    "json_invalid": "param_json",
}
_LIMITS = ("ge", "gt", "le", "lt", "expected")


def parse(kind: type[P], given: Mapping[str, object]) -> P:
    """A `kind` made from plain values (also text, as forms send), or every reason it cannot be."""
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        raise InputError([problem(found) for found in error.errors()]) from error


def problem(found: Any) -> Problem:
    """What pydantic found wrong (an entry of `ValidationError.errors`), in our words."""
    where = ".".join(map(str, found["loc"])) or "params"
    kind = str(found["type"])
    code = _CODES.get(kind)
    if code is None:
        code = "not_a_number" if kind.startswith(("int", "float", "decimal")) else "param_invalid"
    limit = next((found["ctx"][k] for k in _LIMITS if k in found.get("ctx", {})), None)
    value = limit if limit is not None else found["input"] if kind != "missing" else ""
    if code == "param_invalid":
        value = found["msg"]
    return Problem(where, code, str(value)[:120])


def choices(kind: type[Params], name: str) -> tuple[Any, ...]:
    """The values a parameter may take, where its type lists them; else nothing.

    >>> class P(Params):
    ...     how: Literal["fast", "exact"] = "fast"
    >>> choices(P, "how")
    ('fast', 'exact')
    """
    annotation = kind.model_fields[name].annotation
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(a for a in get_args(annotation) if a is not type(None))
    return get_args(annotation) if get_origin(annotation) is Literal else ()
