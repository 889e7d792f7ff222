"""The catalogue's datasets: entered, changed, shown, taken down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange import documents
from songhua.console.exchange.models import Distribution, Entry
from songhua.console.exchange.services import contents, evidence, opening
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.console.people.models import Unit, User

NAME = re.compile(r"[a-z0-9_-]{2,100}")
FIELDS = (
    "uid", "name", "code", "title", "title_en", "summary", "unit", "tier", "basis", "is_open",
    "theme", "cycle", "licence", "keywords", "about", "extras", "origin", "state",
)  # fmt: skip


def demand(actor: User | None, unit: Unit | None) -> None:
    """Raise `NotAllowed` unless `actor` may look after the datasets of `unit`: its own people and
    the office. None is the exchange itself."""
    own = actor is None or actor.role == Role.OFFICE
    if not own and (actor.role != Role.STAFF or unit is None or actor.unit_id != unit.pk):
        raise NotAllowed(Problem("unit", "exchange_not_yours", str(unit or "")))


@transaction.atomic
def create(
    actor: User | None, given: Mapping[str, Any], ways: Iterable[Mapping[str, Any]] = ()
) -> Entry:
    """A new dataset and the `ways` in which it is had. Raises `InputError` with every problem of
    what was given."""
    demand(actor, given.get("unit"))
    audit.hold()
    now = clock.now()
    row = Entry(created_by=actor, created_at=now, modified_at=now)
    _fill(row, given)
    parts = [
        Distribution(entry=row, position=position, created_at=now, modified_at=now, **way)
        for position, way in enumerate(ways)
    ]
    groups = sorted(given.get("groups", ()), key=lambda group: group.name)
    row.published = documents.package(row, parts, groups)
    row.save(force_insert=True)
    Distribution.objects.bulk_create(parts)
    if groups:
        row.groups.set(groups)
    _tell(actor, row, "entry_created", distributions=[part.pk for part in parts])
    return row


@transaction.atomic
def change(actor: User | None, entry: Entry, given: Mapping[str, Any]) -> Entry:
    """Change what `given` names and leave the rest."""
    row = Entry.objects.select_for_update().get(pk=entry.pk)
    demand(actor, row.unit)
    if "unit" in given:
        demand(actor, given["unit"])
    audit.hold()
    before = _bared(row)
    _fill(row, given)
    if _bared(row) not in (None, before):
        _demand_harmless(actor, row)
    row.modified_at = clock.now()
    if "groups" in given:
        row.groups.set(given["groups"])
    row.published = _package(row)
    row.save()
    _tell(actor, row, "entry_changed")
    return row


def _bared(row: Entry) -> object:
    """What has to be looked at anew where it changes: what is said of an open dataset's people;
    None for one that is not open."""
    return (opening.said(row), opening.classes(row)) if opening.public(row) else None


def _demand_harmless(actor: User | None, row: Entry) -> None:
    """Raise `InputError` with everything against opening a dataset to everybody."""
    if problems := contents.obstacles(row):
        raise InputError(problems)
    evidence.record(
        "opening_checked", dataset=row.name, by=actor.username if actor else "",
        **opening.said(row),
    )  # fmt: skip


def withdraw(actor: User | None, entry: Entry) -> Entry:
    """Take a dataset down. Its record stays; no table of it can be read any more."""
    return change(actor, entry, {"state": Entry.State.DELETED})


def purge(actor: User, entry: Entry) -> None:
    """Take a dataset down for good and let its name go: the office alone, and only what nobody was
    ever granted."""
    if actor.role != Role.OFFICE:
        raise NotAllowed(Problem("dataset", "exchange_not_yours", entry.name))
    if entry.requests.exists() or entry.distributions.filter(grants__isnull=False).exists():
        raise Conflict(Problem("dataset", "exchange_entry_used", entry.name))
    name = f"purged-{entry.uid}"
    change(actor, entry, {"state": Entry.State.PURGED, "name": name, "code": None})


@transaction.atomic
def distribute(actor: User | None, entry: Entry, given: Mapping[str, Any]) -> Distribution:
    """Add a way in which the dataset is had."""
    demand(actor, entry.unit)
    audit.hold()
    last = entry.distributions.order_by("-position").values_list("position", flat=True).first()
    now = clock.now()
    row = Distribution.objects.create(
        entry=entry, position=0 if last is None else last + 1, created_at=now, modified_at=now,
        **given,
    )  # fmt: skip
    audit.record(actor or "exchange", "distribution_added", vouch.subject(row), entry=entry.pk)
    touch(entry)
    return row


@transaction.atomic
def redistribute(actor: User | None, row: Distribution, given: Mapping[str, Any] | None) -> None:
    """Change a way in which a dataset is had; None takes it away."""
    demand(actor, row.entry.unit)
    if given is None and row.grants.filter(revoked_at=None).exists():
        raise Conflict(Problem("resource", "exchange_entry_used", row.name))
    now = clock.now()
    changed = {"removed_at": now, "sql_name": None} if given is None else given
    audit.record(
        actor or "exchange", "distribution_changed", vouch.subject(row), entry=row.entry_id,
        given={key: str(value) for key, value in changed.items()},
    )  # fmt: skip
    Distribution.objects.filter(pk=row.pk).update(**changed, modified_at=now)
    touch(row.entry)


def touch(entry: Entry) -> None:
    """Write anew what programs are shown of a dataset, after anything of it changed."""
    row = Entry.objects.select_related("unit").get(pk=entry.pk)
    row.modified_at = clock.now()
    row.published = _package(row)
    Entry.objects.filter(pk=row.pk).update(published=row.published, modified_at=row.modified_at)


def _package(row: Entry) -> str:
    return documents.package(row, row.distributions.filter(removed_at=None), row.groups.all())


def sql_name(entry: Entry) -> str:
    """A name for a table of `entry` that SQL can say and nobody has."""
    stem = re.sub(r"\W", "_", entry.name)[:80]
    stem = stem if stem.isidentifier() else f"t_{stem}"
    taken = set(
        Distribution.objects.filter(sql_name__startswith=stem).values_list("sql_name", flat=True)
    )
    return next(
        name
        for number in range(1, len(taken) + 2)
        if (name := stem if number == 1 else f"{stem}_{number}") not in taken
    )


def _fill(row: Entry, given: Mapping[str, Any]) -> None:
    for field in FIELDS:
        if field in given:
            setattr(row, field, given[field])
    problems = list(_problems(row))
    if problems:
        raise InputError(problems)
    row.found_by = " ".join(_words(row)).lower()


def _problems(row: Entry) -> Iterable[Problem]:
    if not NAME.fullmatch(row.name or ""):
        yield Problem("name", "exchange_name", row.name)
    elif Entry.objects.filter(name=row.name).exclude(pk=row.pk).exists():
        yield Problem("name", "exchange_name_taken", row.name)
    if row.code and Entry.objects.filter(code=row.code).exclude(pk=row.pk).exists():
        yield Problem("code", "exchange_code_taken", row.code)
    if not row.title:
        yield Problem("title", "empty")
    if row.tier not in Entry.Tier.values:
        yield Problem("tier", "exchange_tier", str(row.tier))
    if row.tier == Entry.Tier.DENIED and not row.basis.strip():
        yield Problem("basis", "exchange_denial_needs_basis")
    if row.tier == Entry.Tier.DENIED and row.is_open:
        yield Problem("is_open", "exchange_denied_not_open")


def _words(row: Entry) -> Iterable[str]:
    yield from (row.name, row.code or "", row.title, row.title_en, row.summary, *row.keywords)
    if row.unit:
        yield from (row.unit.name_zh, row.unit.name_en)
    fields = row.about.get("fields", []) if isinstance(row.about, dict) else []
    # The public searches open datasets: a field that is kept back must not be found by its name.
    shown = [f for f in fields if f.get("open") or not row.is_open]
    yield from (str(f.get(key, "")) for f in shown for key in ("name", "title", "title_en"))


def _tell(actor: User | None, row: Entry, action: str, **more: object) -> None:
    audit.record(
        actor or "exchange", action, vouch.subject(row), facts=vouch.facts(row),
        sets=vouch.sets(row, "state", "tier", "is_open", "basis"), **more,
    )  # fmt: skip
    evidence.record(
        action, dataset=row.name, code=row.code or "", state=row.state, tier=row.tier,
        open=row.is_open, by=actor.username if actor else "",
    )  # fmt: skip
