"""Pseudonyms as a mark of their own: a table without a single figure still says whose it is."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def owners(
    leaked: Iterable[str], originals: Iterable[str], keys: Mapping[str, bytes]
) -> dict[str, int]:
    """How many of the `leaked` pseudonyms each recipient's key makes of the `originals`, most
    first; recipients with none are left out.

    One is proof: that any of L values agrees by chance with any of N pseudonyms of 256 bits has a
    chance of at most L N / 2**256.

    >>> told = [hmac.new(bytes(32), b"11010519491231002X", "sha256").hexdigest()]
    >>> owners(told, ["11010519491231002X"], {"tax": bytes(32), "housing": b"h" * 32})
    {'tax': 1}
    """
    seen, persons = set(leaked), {each.encode() for each in originals}
    counts = {
        recipient: sum(hmac.digest(key, each, "sha256").hex() in seen for each in persons)
        for recipient, key in keys.items()
    }
    return dict(sorted(((who, n) for who, n in counts.items() if n), key=lambda item: -item[1]))
