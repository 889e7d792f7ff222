"""Where a request comes from, and how often its network asks.

Counts are shared by all processes of this machine: they lie in a small file that each of them maps
into its memory, so counting costs no query and waits for nobody. Two who count in the same instant
may lose a page. Networks are told apart by two hashes; one that shares both with another within a
minute is counted with it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import mmap
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.crypto import salted_hmac

from songhua.console import clock

if TYPE_CHECKING:
    from django.http import HttpRequest

SLOTS = 1 << 16  # of each of the two hashes
AREA = 1 + 2 * SLOTS  # numbers: the minute that is counted, then the slots


def address(request: HttpRequest) -> str:
    """Where a request comes from: as our own proxy says where there is one."""
    behind = settings.CSRF_TRUSTED_ORIGINS and request.headers.get("X-Forwarded-For", "")
    return str(behind).rpartition(",")[2].strip() if behind else request.META["REMOTE_ADDR"]


def origin(address: str) -> str:
    """A mark for the network of an address, which says nothing about it tomorrow."""
    try:
        found = ipaddress.ip_address(address)
        width = 64 if found.version == 6 else 32
        address = str(ipaddress.ip_network(f"{found}/{width}", strict=False))
    except ValueError:
        pass
    return salted_hmac("visitors.origin", f"{clock.today()}|{address}").hexdigest()[:24]


def too_many(key: str, minute: int, cost: int) -> bool:
    """Count a request of `key` as `cost` pages; whether that is too many in this minute."""
    counts = _counts(str(settings.DATA_DIR))
    first = (minute % 2) * AREA
    if counts[first] != minute % (1 << 32):
        counts[first + 1 : first + AREA] = memoryview(bytes(8 * SLOTS)).cast("I")
        counts[first] = minute % (1 << 32)
    digest = hashlib.blake2b(key.encode(), digest_size=4).digest()
    one, two = int.from_bytes(digest[:2]), int.from_bytes(digest[2:])
    places = (first + 1 + one, first + 1 + SLOTS + two)
    for place in places:
        counts[place] = min(counts[place] + cost, (1 << 32) - 1)
    return min(counts[place] for place in places) > settings.PORTAL_RATE


@lru_cache(maxsize=8)
def _counts(folder: str) -> memoryview:
    """The counts of this and the last minute, as all processes see them."""
    file = Path(folder) / "visits.bin"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as stream:
        stream.truncate(2 * AREA * 4)
        return memoryview(mmap.mmap(stream.fileno(), 2 * AREA * 4)).cast("I")


def forget() -> None:
    """Begin to count anew."""
    counts = _counts(str(settings.DATA_DIR))
    counts[:] = memoryview(bytes(8 * AREA)).cast("I")
