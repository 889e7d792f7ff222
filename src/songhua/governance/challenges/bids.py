"""Sealed bids: what was offered cannot be read before the closing instant, nor changed after it.

A bid is kept encrypted (AES-256-GCM, NIST SP 800-38D) beside a commitment, the digest of a nonce
and the content. The bidder holds the commitment as a receipt; whoever opens the bid checks it.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from datetime import datetime

NONCE_BYTES, SALT_BYTES = 12, 16


def still_open(now: datetime, closes: datetime) -> bool:
    """Whether a bid that arrives at `now` counts: the whole closing second does.

    >>> from datetime import datetime, UTC
    >>> closes = datetime(2023, 3, 1, 17, tzinfo=UTC)
    >>> [still_open(closes.replace(second=s, microsecond=u), closes) for s, u in ((0, 9), (1, 0))]
    [True, False]
    """
    return now.replace(microsecond=0) <= closes


def commitment(content: bytes, salt: bytes) -> str:
    """The receipt: SHA-256 of the salt and the content, as lower-case hexadecimal."""
    return sha256(salt + content).hexdigest()


def seal(content: bytes, key: bytes) -> tuple[bytes, str]:
    """The content encrypted under a `key` of 32 bytes, and its commitment."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    receipt = commitment(content, salt)
    return nonce + AESGCM(key).encrypt(nonce, salt + content, receipt.encode()), receipt


def unseal(sealed: bytes, key: bytes, receipt: str, now: datetime, closes: datetime) -> bytes:
    """The content, after the closing instant.

    Raises `Conflict` ``bid_sealed`` while bids are still taken, and `InputError` ``bid_damaged``
    where the sealed bytes, the key or the receipt are not those of the sealing.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if still_open(now, closes):
        raise Conflict(Problem("bid", "bid_sealed", closes.isoformat()))
    try:
        plain = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], receipt.encode())
    except (InvalidTag, ValueError) as error:
        raise InputError(Problem("bid", "bid_damaged", receipt[:12])) from error
    return plain[SALT_BYTES:]
