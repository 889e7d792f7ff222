"""What is read of cooperation. A number and the list that it opens are the same query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from songhua.console import clock
from songhua.console.cooperation import access
from songhua.console.cooperation.models import ContestSeat
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.ledger.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from songhua.console.cooperation.models import Record
    from songhua.console.cooperation.shelf import Kind, Part
    from songhua.console.people.models import User


def rows(user: User, kind: Kind, *, struck: bool = False) -> QuerySet[Any]:
    """The records of a kind that `user` may read, without those struck out unless asked for."""
    seen = access.seen(user, kind)
    found = kind.model._default_manager.select_related("unit", *kind.links)
    if kind.own:  # the names of merged subjects, the codes of those that somebody runs
        found = found.select_related("subject__merged_into", "subject__operator")
    found = found.none() if seen is None else found.filter(seen)
    return found if struck else found.filter(struck=False)


def filtered(found: QuerySet[Any], kind: Kind, given: Mapping[str, str]) -> QuerySet[Any]:
    """Under the filters of an address: a part, a choice, the record it belongs to, words."""
    if part := kind.parts.get(given.get("part", "")):
        found = found.filter(part.where(clock.today()))
    for column in kind.columns:
        value = given.get(column.name, "").strip()
        if not value or column.type not in ("one_of", "link", "subject"):
            continue
        if column.type == "one_of":
            found = found.filter(**{column.name: value})
        elif value.isascii() and value.isdigit() and len(value) < 19:
            found = found.filter(**{column.attribute: int(value)})
        else:
            found = found.none()
    if text := given.get("q", "").strip().replace("\x00", ""):
        found = found.filter(Q(title__icontains=text))
    return found


def parts(user: User, kind: Kind) -> list[tuple[str, Part, int]]:
    """Every part of a kind with how many there are: 1 query each."""
    known, today = rows(user, kind), clock.today()
    return [
        (code, part, known.filter(part.where(today)).count()) for code, part in kind.parts.items()
    ]


def children(user: User, kind: Kind, row: Record) -> list[tuple[Kind, str, list[Any], int]]:
    """The records that lead to this one: of each kind the newest twenty, and how many."""
    found = []
    for key, link in kind.children:
        known = rows(user, BY_KEY[key]).filter(**{link: row})
        found.append((BY_KEY[key], link, list(known[:20]), known.count()))
    return found


def history(row: Record) -> QuerySet[AuditEntry]:
    """Every step of a record, from the log."""
    name = f"{row._meta.model_name}:{row.pk}"
    return AuditEntry.objects.filter(subject=name).order_by("seq")


def seats(user: User) -> QuerySet[ContestSeat]:
    """The panels of contests to which this expert was drawn."""
    return ContestSeat.objects.filter(expert__user=user).select_related("contest").order_by("-pk")


def open_seats(user: User) -> QuerySet[ContestSeat]:
    """Those of them that still sit."""
    return seats(user).filter(contest__state="scoring").exclude(clear=False)
