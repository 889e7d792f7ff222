"""Who drafts a consultation and answers it: its unit and the office. Leaders read and approve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.people.models import Role
from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.consultation.models import Consultation
    from songhua.console.people.models import Unit, User


def drafts_for(user: User, unit: Unit) -> bool:
    """Whether `user` may work on a consultation of `unit`."""
    return user.role == Role.OFFICE or (user.role == Role.STAFF and user.unit_id == unit.pk)


def approves(user: User) -> bool:
    """Whether `user` may approve what others decided."""
    return user.role in (Role.OFFICE, Role.LEADER)


def demand_drafter(user: User, row: Consultation) -> None:
    """Raise `NotAllowed` unless `user` may work on this consultation."""
    if not drafts_for(user, row.unit):
        raise NotAllowed(Problem("unit", "not_your_row", row.title))
