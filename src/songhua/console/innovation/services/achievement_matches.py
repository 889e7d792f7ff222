"""The match list of an achievement or a demand, and the decisions that teach it."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.innovation.models import Achievement, MatchDecision
from songhua.console.innovation.services import match_sources
from songhua.console.innovation.services.achievement_registry import of
from songhua.console.ledger.models import AuditEntry
from songhua.console.people.models import Role
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.engines.matching import Item, Matcher, learn
from songhua.kit.errors import InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

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


def _achievements(keys: Collection[int] | None) -> Iterator[Item]:
    rows = Achievement.objects.all() if keys is None else Achievement.objects.filter(pk__in=keys)
    return map(item, rows.order_by("pk").iterator())


match_sources.SOURCES["achievement"] = match_sources.Source(_achievements)


class Known:
    """The records of this process's matcher. The audit log tells what changed since the last
    question; where it does not continue what was read (another database), all are read again."""

    def __init__(self) -> None:
        self._lock, self._matcher, self._read = Lock(), Matcher(), (0, "")

    def matches(
        self, asked: Item, kinds: Collection[str], weights: Weights, limit: int
    ) -> list[Match]:
        """The match list of a record among all of these kinds."""
        with self._lock:
            self._follow()
            return self._matcher.matches(asked, kinds, limit=limit, weights=weights)

    def _follow(self) -> None:
        entries = AuditEntry.objects.order_by("-seq").values_list("seq", "digest")
        head = entries.first() or (0, "")
        if head == self._read:
            return
        since = self._read[0]
        if since and entries.filter(seq=since).first() == self._read:
            changed: dict[str, set[int]] = {}
            for subject in AuditEntry.objects.filter(seq__gt=since).values_list(
                "subject", flat=True
            ):
                name, _, key = subject.partition(":")
                if key.isdecimal():
                    changed.setdefault(name, set()).add(int(key))
        else:
            self._matcher, changed = Matcher(), None
        for name, source in match_sources.SOURCES.items():
            self._take(name, source, changed)
        self._read = head

    def _take(
        self, name: str, source: match_sources.Source, changed: dict[str, set[int]] | None
    ) -> None:
        """Take in the records of a source: all, or those that changed."""
        keys = None
        if changed is not None:
            keys = set(changed.get(name, ()))
            for other, find in source.told.items():
                keys |= set(find(changed[other])) if other in changed else set()
            if not keys:
                return
            for key in keys:
                found = str(key) if name == "achievement" else f"{name}:{key}"
                if found in self._matcher:
                    self._matcher.remove(found)
        for one in source.items(keys):
            self._matcher.add(one)


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
    asked = item(row)
    return KNOWN.matches(asked, WANTED[asked.kind], weights(), limit)


@dataclass(frozen=True)
class Suited:
    """The records of one kind that suit an achievement, each with its name, its page and why."""

    zh: str
    en: str
    found: list[tuple[str, str, Match]]


def suited(row: Achievement, *, official: bool, limit: int = 5) -> list[Suited]:
    """The firms, carriers and funds that suit an achievement, as far as one may know of them."""
    if row.kind != Achievement.Kind.ACHIEVEMENT:
        return []
    asked, taught, answer = item(row), weights(), []
    for source in match_sources.SOURCES.values():
        for kind, (zh, en) in source.kinds.items() if official or source.open else ():
            rows = KNOWN.matches(asked, (kind,), taught, limit)
            keys = [int(match.key.partition(":")[2]) for match in rows]
            names = source.names(keys)
            found = [(*names[key], match) for key, match in zip(keys, rows, strict=True)]
            answer.append(Suited(zh, en, found))
    return answer


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
