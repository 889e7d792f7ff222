"""The messages between a dispatcher's console and a plant: an order and its acknowledgement.

JSON, UTF-8. An order: uid, device_id, quantity, value, issued_at, expires_at. An acknowledgement:
uid, accepted, reason, at. Instants are ISO 8601 with their zone; a value is a finite number.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from types import UnionType

LONGEST = 10_000
"""Bytes of a message; longer ones are not read."""


@dataclass(frozen=True)
class Order:
    """Set `quantity` of `device_id` to `value`. The same `uid` is the same order, however often it
    comes; after `expires_at` nobody carries it out any more."""

    uid: str
    device_id: str
    quantity: str
    value: float
    issued_at: datetime
    expires_at: datetime

    def encoded(self) -> bytes:
        """The order as a message."""
        return _encoded(self)

    @classmethod
    def decoded(cls, message: bytes) -> Order:
        """Read a message. Raises `InputError` ``order_unreadable``."""
        kinds: dict[str, type | UnionType] = {"value": float | int}
        return cls(**_decoded(cls, message, kinds))


@dataclass(frozen=True)
class Acknowledgement:
    """What the device made of an order: carried out, or the reason why not."""

    uid: str
    accepted: bool
    reason: str
    at: datetime

    def encoded(self) -> bytes:
        """The acknowledgement as a message."""
        return _encoded(self)

    @classmethod
    def decoded(cls, message: bytes) -> Acknowledgement:
        """Read a message. Raises `InputError` ``order_unreadable``."""
        return cls(**_decoded(cls, message, {"accepted": bool}))


def _encoded(row: Order | Acknowledgement) -> bytes:
    return json.dumps(asdict(row), default=datetime.isoformat, ensure_ascii=False).encode()


def _decoded(kind: type, message: bytes, kinds: dict[str, type | UnionType]) -> dict[str, Any]:
    try:
        if len(message) > LONGEST:
            raise ValueError("long")
        found = json.loads(message)
        return {f.name: _field(f.name, found[f.name], kinds.get(f.name, str)) for f in fields(kind)}
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        shown = message[:80].decode(errors="replace")
        raise InputError(Problem(kind.__name__, "order_unreadable", shown)) from error


def _field(name: str, given: Any, kind: type | UnionType) -> Any:
    if not isinstance(given, kind) or (isinstance(given, bool) and kind is not bool):
        raise TypeError(name)
    value: Any = given
    if name.endswith("at"):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(name)
        return at
    if name == "value":
        value = float(value)
        if not math.isfinite(value):
            raise ValueError(name)
    return value
