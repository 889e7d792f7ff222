"""The match list of an achievement or a demand, and the decisions that teach it."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.innovation.models import Achievement, MatchDecision
from songhua.console.innovation.services.achievement_registry import of
from songhua.console.ledger.models import AuditEntry
from songhua.console.people.models import Role
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.engines.matching import Item, Matcher, learn
from songhua.kit.errors import InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.people.models import User
    from songhua.engines.matching import Match, Weights

WANTED = {"achievement": ("demand",), "demand": ("achievement",)}


def item(row: Achievement) -> Item:
    """A record as the matcher takes it."""
    return Item(
        str(row.pk), row.kind, f"{row.title}\n{row.text}", row.field, row.district,
        _span(row.trl_low, row.trl_high), _span(row.low_fen, row.high_fen),
    )  # fmt: skip


def _span(low: int | None, high: int | None) -> tuple[int, int] | None:
    return None if low is None or high is None else (low, high)


class Known:
    """The records of this process's matcher. The audit log tells what changed since the last
    question; where it does not continue what was read (another database), all are read again."""

    def __init__(self) -> None:
        self._lock, self._matcher, self._read = Lock(), Matcher(), (0, "")

    def matches(self, asked: Item, weights: Weights, limit: int) -> list[Match]:
        """The match list of a record among all of the other kind."""
        with self._lock:
            self._follow()
            return self._matcher.matches(asked, WANTED[asked.kind], limit=limit, weights=weights)

    def _follow(self) -> None:
        entries = AuditEntry.objects.order_by("-seq").values_list("seq", "digest")
        head = entries.first() or (0, "")
        if head == self._read:
            return
        since = self._read[0]
        if since and entries.filter(seq=since).first() == self._read:
            names = AuditEntry.objects.filter(seq__gt=since, subject__startswith="achievement:")
            keys = {int(name.partition(":")[2]) for name in names.values_list("subject", flat=True)}
            rows = Achievement.objects.filter(pk__in=keys)
        else:
            self._matcher, rows = Matcher(), Achievement.objects.all()
        for row in rows.order_by("pk").iterator():
            if str(row.pk) in self._matcher:
                self._matcher.remove(str(row.pk))
            self._matcher.add(item(row))
        self._read = head


KNOWN = Known()


def weights() -> Weights:
    """What the decisions so far teach; of several on one pair the last: 1 query."""
    rows = MatchDecision.objects.order_by("pk")
    last = {
        (one, other): (features, accepted)
        for one, other, features, accepted in rows.values_list(
            "asked_id", "found_id", "features", "accepted"
        )
    }
    return learn([f for f, _ in last.values()], [accepted for _, accepted in last.values()])


def matches(row: Achievement, limit: int = 10) -> list[Match]:
    """The best records of the other kind, with why."""
    return KNOWN.matches(item(row), weights(), limit)


@transaction.atomic
def judge(
    actor: User, asked: Achievement, found: Achievement, *, accepted: bool, reason: str
) -> MatchDecision:
    """Accept a match of one's own record, which refers it to the other side, or refuse it; the
    office may for everybody."""
    if actor.role != Role.OFFICE and not of(actor, asked):
        raise NotAllowed(Problem("achievement", "not_your_row", asked.title))
    required(reason=reason)
    row = locked(asked)
    if found.kind not in WANTED[row.kind]:
        raise InputError(Problem("found", "achievement_no_match", found.title))
    shown = next((one for one in matches(row, limit=200) if one.key == str(found.pk)), None)
    if shown is None:
        raise InputError(Problem("found", "achievement_no_match", found.title))
    made = MatchDecision(
        asked=row, found=found, accepted=accepted, reason=reason.strip(),
        features=list(shown.features), decided_by=actor, decided_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "match_accepted" if accepted else "match_refused")
