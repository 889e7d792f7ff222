"""The arithmetic of a grant: its base, what the formula gives, what earlier payments leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.policy.model import Cap, Reviewed, Share, Stairs, Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from songhua.policy.award import Binding
    from songhua.policy.evaluate import Scope

Formula = Share | Stairs | Reviewed | Table
OWN_BINDING: dict[str, Binding] = {
    "share": "rate",
    "stairs": "rate",
    "reviewed": "review",
    "table": "external",
}
"""What fixes the amount of each kind of grant where no cap does."""
SEPARATORS = str.maketrans("", "", "+|/_- ")
"""What the words of a key may be joined with, all alike."""


def tidy(table: Mapping[str, int]) -> dict[str, int]:
    """A table of amounts in fen with its keys joined.

    >>> tidy({"主持+国家标准": 100})
    {'主持国家标准': 100}
    """
    return {written.translate(SEPARATORS): fen for written, fen in table.items()}


def round_fen(exact: Fraction, rounding: str) -> int:
    """Whole fen of an exact amount of 0 or more, rounded once: half_up or down.

    >>> from fractions import Fraction
    >>> round_fen(Fraction(5, 2), "half_up"), round_fen(Fraction(5, 2), "down")
    (3, 2)
    """
    return exact.__floor__() if rounding == "down" else (exact * 2 + 1).__floor__() // 2


def base_of(grant: Formula, scope: Scope) -> int | None:
    """What the formula starts from, in fen; None where it is not known yet."""
    match grant:
        case Share() | Stairs():
            return int(scope.names[grant.base])
        case Reviewed():
            known: int | None = scope.names[grant.fact]
            return known
        case Table():
            key = "".join(scope.names[name] or "" for name in grant.key)
            return tidy(scope.names[grant.table] or {}).get(key.translate(SEPARATORS))


def formula(grant: Formula, base: int, rounding: str) -> int:
    """What the formula gives on a base above 0, before any cap.

    >>> steps = Stairs(kind="stairs", base="growth", start=30, first=2, each=20, further=1)
    >>> [formula(steps, base, "half_up") for base in (29, 30, 49, 50, 70)]
    [0, 2, 2, 3, 4]
    """
    match grant:
        case Share():
            return round_fen(base * grant.rate, rounding)
        case Stairs():
            if base < grant.start:
                return 0
            return grant.first + grant.further * ((base - grant.start) // grant.each)
        case _:
            return base


def paid_before(cap: Cap, scope: Scope) -> int:
    """What the same subject was paid before; a payment not given is none."""
    return int(scope.names[cap.prior] or 0) if cap.prior else 0


def left_of(cap: Cap, scope: Scope) -> int:
    """What the cap still leaves. A one-off cap is whole or, once paid, not applicable at all."""
    return max(0, cap.amount - (paid_before(cap, scope) if cap.kind != "one_off" else 0))
