"""Money in whole fen. Yuan are text at the edges; nothing in between is a float."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.kit.figures import decimal

if TYPE_CHECKING:
    from fractions import Fraction


def fen(yuan: object, where: str) -> int:
    """Whole fen from yuan written as a decimal; every defect is an `InputError` naming `where`.

    >>> fen("1,386,684.95", "amount")
    138668495
    """
    return int(decimal(yuan, where).scaleb(2))


def yuan(fen: int) -> str:
    """Fen written as yuan with two decimals.

    >>> yuan(-105), yuan(138668495)
    ('-1.05', '1386684.95')
    """
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02}"


def share(fen: int, rate: Fraction) -> int:
    """`rate` of `fen`, rounded once, half a fen away from zero.

    >>> from fractions import Fraction
    >>> share(1, Fraction(1, 2)), share(-1, Fraction(1, 2)), share(138668495, Fraction(1, 10))
    (1, -1, 13866850)
    """
    exact = abs(fen * rate)
    rounded = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return rounded if fen * rate >= 0 else -rounded
