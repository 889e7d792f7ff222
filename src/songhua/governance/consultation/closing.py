"""Until when an opinion counts: to the end of the closing second, by the civil time of the city.

Where a notice closes at 17:00:00, an opinion received at 17:00:00 counts and one received at
17:00:01 does not; a fraction of a second belongs to its second. What counts is when it was
received: on the web when it reached the server, by post, telephone and e-mail the time that the
officer who took it in has entered.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from songhua.kit.errors import Problem, require
from songhua.kit.time import ZONE

Phase = Literal["draft", "open", "closed", "answered"]
CHANNELS = ("web", "post", "phone", "email")
_SECOND = timedelta(seconds=1)


def in_time(received: datetime, closes: datetime) -> bool:
    """Whether an opinion received at this instant counts. Both are aware, in any zone.

    >>> closes = datetime(2022, 7, 18, 17, tzinfo=ZONE)
    >>> in_time(closes.replace(microsecond=999_999), closes), in_time(closes + _SECOND, closes)
    (True, False)
    """
    require(received.tzinfo is not None and closes.tzinfo is not None, "received", "no_zone")
    return received < closes.replace(microsecond=0) + _SECOND


def phase(
    now: datetime, published: datetime | None, closes: datetime | None, answered: datetime | None
) -> Phase:
    """Where a consultation stands: it closes by itself, whether or not anybody looks."""
    if answered is not None:
        return "answered"
    if published is None or closes is None:
        return "draft"
    return "open" if in_time(now, closes) else "closed"


def refusal(
    received: datetime, now: datetime, published: datetime | None, closes: datetime | None
) -> Problem | None:
    """Why an opinion received then, and entered now, does not count; None if it does."""
    if published is None or closes is None or received < published:
        return Problem("received", "opinion_before_opening")
    if not in_time(received, closes):
        shown = closes.astimezone(ZONE)
        return Problem("received", "opinion_after_closing", f"{shown:%Y-%m-%d %H:%M:%S}")
    if received > now:
        return Problem("received", "opinion_from_the_future", f"{received.astimezone(ZONE):%F %T}")
    return None
