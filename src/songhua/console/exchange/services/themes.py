"""Themes, under which datasets of several units stand together. The office looks after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.models import Entry, Group
from songhua.console.exchange.services import entries
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.people.models import User

FIELDS = ("title", "description")


def demand(actor: User) -> None:
    """Raise `NotAllowed` for anybody but the office."""
    if actor.role != Role.OFFICE:
        raise NotAllowed(Problem("theme", "exchange_theme_not_yours"))


@transaction.atomic
def create(actor: User, name: str, given: Mapping[str, str]) -> Group:
    """A new theme. Raises `InputError` for its name."""
    demand(actor)
    if not entries.NAME.fullmatch(name):
        raise InputError(Problem("name", "exchange_name", name))
    if Group.objects.filter(name=name).exists():
        raise Conflict(Problem("name", "exchange_name_taken", name))
    row = Group.objects.create(name=name, created_at=clock.now(), **given)
    _tell(actor, row, "theme_created", given)
    return row


@transaction.atomic
def change(actor: User, row: Group, given: Mapping[str, str]) -> Group:
    """Change what `given` names, in every dataset that stands under the theme too."""
    demand(actor)
    for field, value in given.items():
        setattr(row, field, value)
    row.save(update_fields=list(given))
    _tell(actor, row, "theme_changed", given)
    for entry in row.entries.all():
        entries.touch(entry)
    return row


@transaction.atomic
def remove(actor: User, row: Group) -> None:
    """Drop a theme; its datasets stay."""
    demand(actor)
    under = list(row.entries.all())
    _tell(actor, row, "theme_removed", {"name": row.name})
    row.delete()
    for entry in under:
        entries.touch(entry)


@transaction.atomic
def member(actor: User, row: Group, entry: Entry, *, belongs: bool) -> None:
    """Put a dataset under a theme, or take it out."""
    entries.demand(actor, entry.unit)
    (row.entries.add if belongs else row.entries.remove)(entry)
    _tell(actor, row, "theme_members", {"entry": entry.name, "belongs": str(belongs)})
    entries.touch(entry)


def _tell(actor: User, row: Group, action: str, given: Mapping[str, str]) -> None:
    audit.record(actor, action, vouch.subject(row), given=dict(given))
