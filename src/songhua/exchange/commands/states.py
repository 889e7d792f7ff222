"""What may become of a command, and when it is sent again.

    proposed → approved → sent → acknowledged → measured
             ↘ refused       ↘ rejected (by the device), timed_out (nobody answered)

An approved command is sent at once and again after `WAITS` until it is answered or has expired;
whoever sent it may die at any moment, for the device carries out each order once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from songhua.kit.errors import Conflict, Problem

NEXT = {
    "proposed": {"approved", "refused"},
    "approved": {"sent", "timed_out"},
    "sent": {"sent", "acknowledged", "rejected", "timed_out"},
    "acknowledged": {"measured"},
}
"""The states that may follow each state; the others are ends."""
OPEN = frozenset({"approved", "sent"})
"""The states of the outbox: approved, and not answered yet."""
VALID = timedelta(minutes=5)
"""How long after its approval an order may be carried out."""
WAITS = tuple(timedelta(seconds=s) for s in (10, 10, 20, 40, 60))
"""From one attempt to the next; the last one repeats."""


def follow(state: str, wanted: str) -> str:
    """`wanted`, where it may follow `state`. Raises `Conflict` ``order_state`` otherwise.

    >>> follow("proposed", "approved")
    'approved'
    """
    if wanted not in NEXT.get(state, ()):
        raise Conflict(Problem("state", "order_state", state))
    return wanted


def again_at(sent_at: datetime, attempts: int) -> datetime:
    """When a command that was sent for the `attempts`-th time at `sent_at` is sent again."""
    return sent_at + WAITS[min(attempts, len(WAITS)) - 1]
