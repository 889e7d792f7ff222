"""What every service asks first: may this person act on this row, and is the row as assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from songhua.console.ledger.models import Task
from songhua.console.ledger.services import audit
from songhua.console.people.models import Role
from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.people.models import User


def locked(task: Task) -> Task:
    """The task as it is now, kept from other writers until the transaction ends.

    The log comes first and the row second, in every service: two writers never wait for each other.
    """
    audit.hold()
    rows = Task.objects.select_related("lead_unit")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=task.pk)


def demand(actor: User, task: Task, *roles: str) -> None:
    """Raise `NotAllowed` unless `actor` has one of `roles` and the row is within its scope:
    staff act for the leading unit, enterprises on their own projects."""
    if actor.role not in roles:
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
    if actor.role == Role.STAFF and actor.unit_id != task.lead_unit_id:
        raise NotAllowed(Problem("unit", "not_your_row", task.code))
    if actor.role == Role.ENTERPRISE and (
        not actor.credit_code or actor.credit_code != task.credit_code
    ):
        raise NotAllowed(Problem("unit", "not_your_row", task.code))


def office_only(actor: User) -> None:
    """Raise `NotAllowed` for anybody but the office."""
    if actor.role != Role.OFFICE:
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
