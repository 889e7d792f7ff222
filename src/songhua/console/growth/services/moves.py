"""Moves on the ladder: proposed from the figures of a year, decided by the office."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.growth import figures, ladder, selectors
from songhua.console.growth.models import CriterionChange, LadderMove
from songhua.console.growth.services.given import Reader, choice, day, text
from songhua.console.ledger.services import audit, bulk, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.services.rows import append, required
from songhua.governance.cultivation.facts import FACTS, facts
from songhua.governance.cultivation.ladder import default_ladder, movement
from songhua.kit import figures as kit
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Subject

State = LadderMove.State
DECIDED = ("state", "opinion", "decided_by_id", "decided_on")
RUNGS = default_ladder().rungs


def evaluate(actor: User, year: int) -> list[LadderMove]:
    """Propose every promotion and drop that the figures of a whole year call for.

    A proposal that they no longer call for is withdrawn; one that was refused on the same figures
    is not made again. Firms that were moved by a later year's figures are left alone.
    """
    access.demand(actor, Role.OFFICE, Role.STAFF)
    today = clock.today()
    if year > ladder.last_whole_year(today):
        raise InputError(Problem("year", "growth_year_not_over", str(year)))
    with transaction.atomic():
        audit.hold()
        wanted = _called_for(year, today)
        waiting = {
            move.subject_id: move for move in LadderMove.objects.filter(state=State.PROPOSED)
        }
        stale = [m for key, m in waiting.items() if not _same(m, wanted.get(key))]
        _settle(actor, stale, State.WITHDRAWN)
        refused = {
            (m.subject_id, m.year, m.after, audit.canonical(m.figures))
            for m in LadderMove.objects.filter(state=State.REFUSED, year=year)
        }
        made = [
            move for key, move in wanted.items()
            if not _same(waiting.get(key), move)
            and (key, year, move.after, audit.canonical(move.figures)) not in refused
        ]  # fmt: skip
        for move in made:
            move.proposed_by, move.proposed_at = actor, clock.now()
        if made:
            made = LadderMove.objects.bulk_create(made)
            sets: dict[str, dict[str, object]] = {}
            for move in made:
                sets |= vouch.sets(move, *DECIDED)
            audit.record(
                actor, "ladder_evaluated", f"ladder:{year}", bulk=[vouch.bulk(made)], sets=sets
            )
    return made


def _called_for(year: int, today: date) -> dict[int, LadderMove]:
    """The moves of a year by firm, not saved."""
    standard, known = ladder.current(), figures.yearly(today)
    rows = selectors.firms(today).filter(since__year__lte=year).order_by("pk")
    held = selectors.rungs(today)
    ahead = LadderMove.objects.filter(state=State.CONFIRMED, year__gt=year)
    later = set(ahead.annotate(kept=selectors.kept()).values_list("kept", flat=True))
    found = {}
    for firm in rows:
        if firm.pk in later:
            continue
        said = facts(firm.since.year, known.get(firm.pk, {}), year)
        move = movement(standard, held.get(firm.pk) or None, said, year)
        if move.kind in LadderMove.Kind.values:
            found[firm.pk] = LadderMove(
                subject=firm, year=year, kind=move.kind, before=move.before or "",
                after=move.after or "",
                reasons=[{"code": r.code, "values": dict(r.values)} for r in move.reasons],
                figures={name: None if v is None else str(v) for name, v in said.items()},
            )  # fmt: skip
    return found


def _same(one: LadderMove | None, other: LadderMove | None) -> bool:
    names = ("year", "before", "after", "figures")
    return one is not None and other is not None and all(
        getattr(one, name) == getattr(other, name) for name in names
    )  # fmt: skip


def _settle(actor: User, moves: list[LadderMove], state: str, opinion: str = "") -> None:
    if not moves:
        return
    sets: dict[str, dict[str, object]] = {}
    for move in moves:
        move.state, move.opinion = state, opinion
        move.decided_by, move.decided_on = actor, clock.today()
        sets |= vouch.sets(move, *DECIDED)
    bulk.update(moves, ("state", "opinion", "decided_by", "decided_on"))
    years = sorted({move.year for move in moves})
    audit.record(actor, f"ladder_{state}", f"ladder:{years[-1]}", sets=sets)


@transaction.atomic
def decide(
    actor: User, keys: Collection[int], *, confirmed: bool, opinion: str = ""
) -> list[LadderMove]:
    """Confirm proposals, or refuse them with a reason: all of them or none, by the office."""
    access.demand(actor, Role.OFFICE)
    if not confirmed:
        required(opinion=opinion)
    audit.hold()
    rows = list(LadderMove.objects.select_for_update(of=("self",)).filter(pk__in=keys))
    if not rows:
        raise InputError(Problem("moves", "empty"))
    stale = [move for move in rows if move.state != State.PROPOSED]
    if stale:
        raise Conflict([Problem("moves", "growth_decided", str(move)) for move in stale])
    _settle(actor, rows, State.CONFIRMED if confirmed else State.REFUSED, opinion.strip())
    return rows


@transaction.atomic
def set_criterion(actor: User, given: Mapping[str, object]) -> CriterionChange:
    """From a day on, other bounds of a fact for a rung, and the document that says so."""
    access.demand(actor, Role.OFFICE)
    reader = Reader()
    said = {
        "rung": reader.need(choice({rung: rung for rung in RUNGS}), given.get("rung"), "rung"),
        "fact": reader.need(choice({fact: fact for fact in FACTS}), given.get("fact"), "fact"),
        "at_least": reader.read(_bound, given.get("at_least"), "at_least"),
        "at_most": reader.read(_bound, given.get("at_most"), "at_most"),
        "since": reader.need(day, given.get("since"), "since"),
        "basis": reader.need(text(200), given.get("basis"), "basis"),
    }
    least, most = said["at_least"], said["at_most"]
    if least is not None and most is not None:
        reader.demand(least <= most, "at_most", "growth_bounds_crossed", most)
    reader.settle()
    row = CriterionChange(entered_by=actor, entered_at=clock.now(), **said)
    return append(actor, row, "criterion_changed")


def _bound(value: object, where: str) -> Decimal:
    return kit.decimal(value, where, places=4, limit=Decimal(10) ** 15)


def story(subject: Subject) -> list[LadderMove]:
    """What was proposed for a firm and decided, newest first."""
    rows = LadderMove.objects.filter(subject__in=selectors.family(subject))
    return list(rows.select_related("proposed_by", "decided_by").order_by("-year", "-pk"))
