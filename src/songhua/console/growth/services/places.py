"""Where subjects are, buildings that stand empty, projects of the axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.growth.models import Place, Site
from songhua.console.growth.services.carriers import KEEPERS
from songhua.console.growth.services.given import (
    Reader,
    choice,
    day,
    district,
    latitude,
    longitude,
    text,
    whole,
)
from songhua.console.growth.words import choices
from songhua.console.ledger.services import audit, vouch
from songhua.console.subsidies import access
from songhua.console.subsidies.services.rows import append, locked, subject_of
from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Subject

USE = ("opened_on", "used_by_id")
ABOUT = ("district", "lon", "lat", "address", "area_m2", "owner")


@transaction.atomic
def put(actor: User, subject: Subject, given: Mapping[str, object]) -> Place:
    """Where a subject is from a day on."""
    access.demand_own(actor, subject, *KEEPERS)
    reader = Reader()
    located = _located(reader, given)
    as_of = reader.need(day, given.get("as_of"), "as_of")
    reader.demand(as_of is None or as_of <= clock.today(), "as_of", "subsidy_day_future", as_of)
    reader.settle()
    row = Place(
        subject=subject_of(subject), as_of=as_of, entered_by=actor, entered_at=clock.now(),
        **located,
    )  # fmt: skip
    return append(actor, row, "place_entered")


def _located(reader: Reader, given: Mapping[str, object]) -> dict[str, object]:
    return {
        "district": reader.need(district, given.get("district"), "district"),
        "lon": reader.need(longitude, given.get("lon"), "lon"),
        "lat": reader.need(latitude, given.get("lat"), "lat"),
        "address": reader.read(text(200), given.get("address"), "address") or "",
    }


@transaction.atomic
def enter_site(actor: User, given: Mapping[str, object]) -> Site:
    """Enter a building that stands empty, or a project of the axis."""
    access.demand(actor, *KEEPERS)
    audit.hold()
    reader = Reader()
    said = _located(reader, given) | {
        "kind": reader.need(choice(choices("site")), given.get("kind"), "kind"),
        "name": reader.need(text(120), given.get("name"), "name"),
        "area_m2": reader.read(whole, given.get("area_m2"), "area_m2"),
        "owner": reader.read(text(120), given.get("owner"), "owner") or "",
        "since": reader.need(day, given.get("since"), "since"),
    }
    since = said["since"]
    reader.demand(since is None or since <= clock.today(), "since", "subsidy_day_future", since)
    taken = Site.objects.filter(kind=said["kind"], name=said["name"]).exists()
    reader.demand(not taken, "name", "growth_name_taken", said["name"])
    reader.settle()
    row = Site(entered_by=actor, entered_at=clock.now(), **said)
    return append(actor, row, "site_entered", *USE, *ABOUT)


@transaction.atomic
def open_site(actor: User, site: Site, *, on: date, used_by: Subject | None = None) -> Site:
    """The building is in use again, or the project is finished; by whom it is used."""
    access.demand(actor, *KEEPERS)
    row = locked(site)
    if row.opened_on is not None:
        raise Conflict(Problem("opened_on", "growth_open_already", str(row.opened_on)))
    reader = Reader()
    reader.demand(on >= row.since, "opened_on", "growth_before_beginning", on)
    reader.demand(on <= clock.today(), "opened_on", "subsidy_day_future", on)
    reader.settle()
    row.opened_on, row.used_by = on, subject_of(used_by) if used_by else None
    row.save()
    audit.record(actor, "site_opened", vouch.subject(row), sets=vouch.sets(row, *USE))
    return row
