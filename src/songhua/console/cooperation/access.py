"""Who may do what to which record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from songhua.console.people.models import Role
from songhua.console.subsidies.access import owns
from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.cooperation.models import Record
    from songhua.console.cooperation.shelf import Kind
    from songhua.console.people.models import User

OFFICIALS = (Role.OFFICE, Role.LEADER, Role.STAFF)


def seen(user: User, kind: Kind) -> Q | None:
    """Which records of a kind `user` may read; None for none at all."""
    if user.role in OFFICIALS:
        return Q()
    if user.role != Role.ENTERPRISE:
        return None
    found = kind.open
    if kind.own and user.credit_code:
        code = user.credit_code
        own = Q(subject__credit_code=code) | Q(subject__merged_into__credit_code=code)
        own |= Q(subject__credit_code="", subject__operator__credit_code=code)
        found = own if found is None else found if not found else found | own
    return found


def keeps(user: User, row: Record) -> bool:
    """Whether `user` answers for a record: the office for every one, staff for their unit's."""
    return user.role == Role.OFFICE or (user.role == Role.STAFF and user.unit_id == row.unit_id)


def demand_keeper(user: User, row: Record) -> None:
    """Raise `NotAllowed` unless `user` answers for the record."""
    if not keeps(user, row):
        raise NotAllowed(Problem("unit", "not_your_row", row.title))


def of(user: User, row: Record) -> bool:
    """Whether the record belongs to the user's organisation."""
    subject = getattr(row, "subject", None)
    return subject is not None and owns(user, subject)


def may_enter(user: User, kind: Kind) -> bool:
    """Whether `user` may enter records of a kind."""
    return user.role in kind.by
