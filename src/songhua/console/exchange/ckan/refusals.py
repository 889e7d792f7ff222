"""How the interface says no: a status, a type and what is wrong, as CKAN's clients expect it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from songhua.kit.errors import SonghuaError


class Refusal(Exception):
    """A call that is not carried out. `body` is the answer's ``error``."""

    status = 400
    kind = ""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__(str(body))
        self.body = {**body, "__type": self.kind}


class Invalid(Refusal):
    """What was sent cannot be taken; by field, what is wrong with it."""

    status = 409
    kind = "Validation Error"

    def __init__(self, **fields: Sequence[Any] | Mapping[str, Any] | str) -> None:
        super().__init__(fields)


class Missing(Refusal):
    """There is no such thing, or the caller may not know of it."""

    status = 404
    kind = "Not Found Error"

    def __init__(self, said: str = "") -> None:
        super().__init__({"message": f"Not found: {said}" if said else "Not found"})


class Denied(Refusal):
    """The caller may not do this."""

    status = 403
    kind = "Authorization Error"

    def __init__(self, said: str = "") -> None:
        super().__init__({"message": f"Access denied: {said}" if said else "Access denied"})


class Unsearchable(Refusal):
    """A search of which the words cannot be read."""

    status = 409
    kind = "Search Error"

    def __init__(self, said: str) -> None:
        super().__init__({"message": f"Search error: {said}"})


class BadSearch(Refusal):
    """A search that is asked for in a way that there is not."""

    status = 400
    kind = "Search Query Error"

    def __init__(self, said: str) -> None:
        super().__init__({"message": f"Search Query is invalid: {said}"})


FIELDS = {"code": "resource_code", "summary": "notes", "unit": "owner_org", "columns": "fields",
          "keys": "primary_key"}  # fmt: skip


def of(error: SonghuaError) -> Refusal:
    """The house's own error as a refusal: what it says of each field, in English."""
    from songhua.kit.errors import NotAllowed

    if isinstance(error, NotAllowed):
        return Denied("; ".join(problem.text("en") for problem in error.problems))
    said: dict[str, list[str]] = {}
    for problem in error.problems:
        where = problem.where.partition("[")[0]
        field = FIELDS.get(where, where)
        said.setdefault(field, []).append(problem.text("en"))
    if "query" in said:
        return Invalid(message="; ".join(said.pop("query")), **said)
    return Invalid(**said)
