"""Time: instants are UTC and aware; what people write and read is the city's civil time."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# China keeps one zone, without daylight saving since 1991.
ZONE_NAME = "Asia/Shanghai"
ZONE = ZoneInfo(ZONE_NAME)


def instant(text: str) -> datetime:
    """The UTC instant of an ISO 8601 text; without an offset it is the city's time.

    >>> instant("2023-01-05 08:00").isoformat()
    '2023-01-05T00:00:00+00:00'
    """
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=ZONE)).astimezone(UTC)
