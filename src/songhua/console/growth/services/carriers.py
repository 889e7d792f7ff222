"""Carriers: entered beside their line in the registry, and firms moving in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from songhua.console import clock
from songhua.console.growth import selectors
from songhua.console.growth.models import Carrier, Tenancy
from songhua.console.growth.services.given import Reader, choice, text, whole
from songhua.console.growth.words import choices
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Subject
from songhua.console.subsidies.services.registry import register
from songhua.console.subsidies.services.rows import append, locked, not_future, subject_of
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from songhua.console.people.models import User

KEEPERS = (Role.OFFICE, Role.STAFF)
SAID = ("stage", "backing", "investors", "capacity", "area_m2", "services")
LEFT = ("left_on", "outcome")


def enter(
    actor: User,
    given: Mapping[str, object],
    *,
    name: str,
    operator: Subject | None = None,
    since: date | None = None,
) -> Carrier:
    """Enter a carrier: a new line of the registry, run by `operator`, and what is known of it."""
    said = _said(given)
    with transaction.atomic():
        subject = register(
            actor, kind=Subject.Kind.CARRIER, name=name, operator=operator, since=since
        )
        return _append(actor, subject, said)


def describe(actor: User, subject: Subject, given: Mapping[str, object]) -> Carrier:
    """Say what is known of a carrier that stands in the registry."""
    said = _said(given)
    access.demand_own(actor, subject, *KEEPERS)
    with transaction.atomic():
        row = subject_of(subject)
        if row.kind != Subject.Kind.CARRIER or Carrier.objects.filter(subject=row).exists():
            raise InputError(Problem("subject", "growth_not_a_new_carrier", row.name))
        return _append(actor, row, said)


def _append(actor: User, subject: Subject, said: dict[str, object]) -> Carrier:
    row = Carrier(subject=subject, entered_by=actor, entered_at=clock.now(), **said)
    return append(actor, row, "carrier_entered", *SAID)


@transaction.atomic
def change(actor: User, carrier: Carrier, given: Mapping[str, object]) -> Carrier:
    """Say anew what is known of a carrier."""
    access.demand_own(actor, carrier.subject, *KEEPERS)
    said = _said(given)
    row = locked(carrier)
    for name, value in said.items():
        setattr(row, name, value)
    row.save()
    audit.record(actor, "carrier_changed", vouch.subject(row), sets=vouch.sets(row, *SAID))
    return row


def _said(given: Mapping[str, object]) -> dict[str, object]:
    reader = Reader()
    services = [str(code) for code in given.get("services") or ()]  # type: ignore[attr-defined]
    for code in services:
        reader.read(choice(choices("service")), code, "services")
    said = {
        "stage": reader.need(choice(choices("stage")), given.get("stage"), "stage"),
        "backing": reader.need(choice(choices("backing")), given.get("backing"), "backing"),
        "investors": reader.read(text(200), given.get("investors"), "investors") or "",
        "capacity": reader.read(whole, given.get("capacity"), "capacity"),
        "area_m2": reader.read(whole, given.get("area_m2"), "area_m2"),
        "services": sorted({choices("service").get(code, code) for code in services}),
    }
    reader.settle()
    return said


@transaction.atomic
def move_in(actor: User, carrier: Carrier, firm: Subject, *, on: date) -> Tenancy:
    """A firm of the registry moves into a carrier. The same firm is not there twice at a time."""
    access.demand_own(actor, carrier.subject, *KEEPERS)
    home = locked(carrier)
    firm = subject_of(firm)
    reader = Reader()
    reader.demand(firm.kind == Subject.Kind.ENTERPRISE, "firm", "growth_not_a_firm", firm.name)
    reader.demand(on >= home.subject.since, "moved_in", "growth_before_carrier", on)
    reader.demand(on <= clock.today(), "moved_in", "subsidy_day_future", on)
    reader.settle()
    stays = selectors.stays().filter(home=home.pk, kept=firm.pk)
    if stays.filter(Q(left_on=None) | Q(left_on__gt=on)).exists():
        raise Conflict(Problem("firm", "growth_there_already", firm.name))
    row = Tenancy(carrier=home, firm=firm, moved_in=on, entered_by=actor, entered_at=clock.now())
    return append(actor, row, "tenant_moved_in", *LEFT)


@transaction.atomic
def move_out(actor: User, tenancy: Tenancy, *, on: date, outcome: str) -> Tenancy:
    """A firm leaves: graduated, moved elsewhere, or closed."""
    access.demand_own(actor, tenancy.carrier.subject, *KEEPERS)
    row = locked(tenancy)
    if row.left_on is not None:
        raise Conflict(Problem("left_on", "growth_left_already", str(row.left_on)))
    reader = Reader()
    ended = reader.need(choice(choices("outcome")), outcome, "outcome")
    reader.demand(on >= row.moved_in, "left_on", "growth_before_moving_in", on)
    reader.settle()
    not_future(on, clock.today(), "left_on")
    row.left_on, row.outcome = on, ended or ""
    row.save()
    audit.record(actor, "tenant_moved_out", vouch.subject(row), sets=vouch.sets(row, *LEFT))
    return row
