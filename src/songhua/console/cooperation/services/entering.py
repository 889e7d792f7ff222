"""One way in for every kind of record, from a form, a spreadsheet or a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.cooperation import access
from songhua.console.cooperation.services.reading import read
from songhua.console.cooperation.services.rules import SETTLE, TROUBLE, after
from songhua.console.cooperation.shelf import BY_KEY, BY_MODEL
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies.access import demand
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.kit.errors import InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.cooperation.models import Record
    from songhua.console.cooperation.shelf import Kind
    from songhua.console.people.models import User


def enter(actor: User, kind: Kind, given: Mapping[str, object]) -> Record:
    """Enter a record. Everything that is wrong with `given` is told at once."""
    demand(actor, *kind.by)
    with transaction.atomic():
        audit.hold()
        row = kind.model(entered_by=actor, entered_at=clock.now())
        _fill(actor, kind, row, given)
        append(actor, row, f"{kind.model._meta.model_name}_entered", *_names(kind))
        after(row)
    return row


def change(actor: User, row: Record, given: Mapping[str, object], *, reason: str) -> Record:
    """Correct a record, by whoever answers for it, with the reason on record."""
    kind = BY_MODEL[type(row)]
    required(reason=reason)
    with transaction.atomic():
        found = _own(actor, kind, row)
        if not kind.changes or getattr(found, "state", "draft") != "draft":
            raise NotAllowed(Problem("record", "cooperation_fixed", found.title))
        _fill(actor, kind, found, given)
        found.save()
        _record(actor, found, "changed", reason, *_names(kind))
    return found


def strike(actor: User, row: Record, *, reason: str) -> Record:
    """Say that a record was entered by mistake: it stays and counts no longer. What others hang
    on is not struck out before they are."""
    kind = BY_MODEL[type(row)]
    required(reason=reason)
    with transaction.atomic():
        found = _own(actor, kind, row)
        hanging = _hanging(found, kind)
        if not kind.changes or hanging or getattr(found, "state", "draft") != "draft":
            raise InputError(
                Problem("record", "cooperation_held", "、".join(hanging) or found.title)
            )
        found.struck = True
        found.save()
        _record(actor, found, "struck", reason, "struck")
    return found


def _own(actor: User, kind: Kind, row: Record) -> Any:
    demand(actor, Role.OFFICE, Role.STAFF)
    found = locked(row)
    access.demand_keeper(actor, found)
    if found.struck:
        raise InputError(Problem("record", "cooperation_struck", found.title))
    return found


def _record(actor: User, row: Record, done: str, reason: str, *names: str) -> None:
    audit.record(
        actor, f"{row._meta.model_name}_{done}", vouch.subject(row), reason=reason,
        sets=vouch.sets(row, *names),
    )  # fmt: skip


def _names(kind: Kind) -> list[str]:
    return [*(column.attribute for column in kind.columns), "unit_id", "struck"]


def _fill(actor: User, kind: Kind, row: Any, given: Mapping[str, object]) -> None:
    """Read every column of `given` into the row, then hold it against the rules of its kind."""
    problems: list[Problem] = []
    for column in kind.writable:
        value = given.get(column.name)
        if value is None or str(value).strip() == "":
            if column.required:
                problems.append(Problem(column.name, "empty"))
            elif column.name != "unit":
                blank = kind.model._meta.get_field(column.name).get_default()
                setattr(row, column.name, blank)
            continue
        try:
            setattr(row, column.name, read(column, value, column.name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    SETTLE.get(kind.key, _unit)(actor, row)
    if found := list(TROUBLE[kind.key](row)) if kind.key in TROUBLE else []:
        raise InputError(found)


def _unit(actor: User, row: Any) -> None:
    """The unit that answers: the one named, or the actor's own; staff answer for their own."""
    if row.unit_id is None:
        row.unit = actor.unit
    if row.unit_id is None:
        raise InputError(Problem("unit", "empty"))
    access.demand_keeper(actor, row)


def _hanging(row: Any, kind: Kind) -> list[str]:
    """The kinds of which records that stand lead to this one."""
    return [
        BY_KEY[key].zh for key, link in kind.children
        if BY_KEY[key].model._default_manager.filter(struck=False, **{link: row}).exists()
    ]  # fmt: skip
