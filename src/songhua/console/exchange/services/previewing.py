"""What a department would see under a grant that is not made yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from songhua.console.exchange.grants import Held, enforced
from songhua.console.exchange.models import Grant
from songhua.console.exchange.services import door, sharing
from songhua.exchange.enforcement import check_grant
from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.exchange.models import Distribution, Request
    from songhua.console.people.models import User

PREVIEWED = 3  # rows


@dataclass(frozen=True)
class Preview:
    """The first rows of a table as a grant would show them."""

    table: Distribution
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def preview(actor: User, request: Request, given: Mapping[str, Any]) -> list[Preview]:
    """What the unit that asks would see under a grant of `given`: through the same enforcement,
    metered and logged as the provider's own look at its data.

    Raises `InputError` with every problem of the grant, `NotAllowed` for all but the provider.
    """
    if "provider" not in sharing.capacities(actor, request):
        raise NotAllowed(Problem("role", "request_role_forbidden", "@request_role_provider"))
    terms = sharing.terms_of(request, given)
    shown = []
    for table in sharing.tables_with(request.entry, terms["columns"]):
        row = Grant(distribution=table, unit=request.unit, **terms)
        check_grant(enforced(row, table.sql_name), table.current.schema())
        # The days and the volume of the grant are not the preview's.
        row.valid_from = row.valid_until = row.daily_rows = row.daily_bytes = None
        holder = f"unit:{request.entry.unit.code}"
        held = Held(enforced(row, table.sql_name), table.current, table.pk, holder, None)
        names = ", ".join('"' + name.replace('"', '""') + '"' for name in terms["columns"])
        query = f'SELECT {names} FROM "{table.sql_name}" ORDER BY _id LIMIT {PREVIEWED}'
        answer = door.Opened(actor, (held,)).deliver(query, "preview")
        shown.append(Preview(table, tuple(name for name, _ in answer.columns), answer.rows))
    return shown
