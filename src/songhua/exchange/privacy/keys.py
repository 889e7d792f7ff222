"""Keys that belong to one recipient, drawn from the exchange's single secret."""

from __future__ import annotations

import hmac

from songhua.kit.errors import require


def recipient_key(secret: bytes, recipient: str, use: str) -> bytes:
    """The 32-byte key of `recipient` for one `use` (HMAC-SHA-256 as a key derivation, NIST
    SP 800-108): the same each time, telling nothing of the secret or of another's key.

    Raises ``privacy_secret_short`` for a secret of fewer than 32 bytes.

    >>> keys = {recipient_key(bytes(32), who, "pseudonym") for who in ("tax", "housing", "tax")}
    >>> len(keys)
    2
    """
    require(len(secret) >= 32, "secret", "privacy_secret_short", len(secret))
    return hmac.digest(secret, f"{use}\0{recipient}".encode(), "sha256")
