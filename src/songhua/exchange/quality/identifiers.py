"""The check characters of national identifiers, on whole columns at once.

Sources: GB 32100-2015 (unified social credit code), GB 11643-1999 (resident identity number).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE = "^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$"
RESIDENT_ID = "^[0-9]{17}[0-9X]$"
OLD_RESIDENT_ID = "^[0-9]{15}$"
MOBILE = "^1[3-9][0-9]{9}$"
PROVINCES = (
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
    "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64",
    "65", "71", "81", "82", "83",
)  # fmt: skip
"""GB/T 2260 codes of the provinces; 83 begins the residence permits of Taiwan residents."""

_CREDIT_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)], np.int64)
_RESIDENT_WEIGHTS = np.array([pow(2, 17 - i, 11) for i in range(17)], np.int64)
_RESIDENT_CHECKS = np.frombuffer(b"10X98765432", np.uint8)
_VALUES = np.zeros(256, np.int64)
_VALUES[np.frombuffer(CREDIT_CHARACTERS.encode(), np.uint8)] = np.arange(31)


def credit_code_sound(code: pl.Expr) -> pl.Expr:
    """Whether the 18th character is right: with the values 0 to 30 of the characters and the
    weights 3^i mod 31, all 18 add up to a multiple of 31.

    >>> codes = pl.Series(["91110000600037341L", "91110000600037341M", "91110000"])
    >>> pl.select(credit_code_sound(pl.lit(codes))).to_series().to_list()
    [True, False, False]
    """

    def sound(cells: NDArray[np.uint8]) -> NDArray[np.bool_]:
        values = _VALUES[cells]
        sums = values[:, :17] @ _CREDIT_WEIGHTS + values[:, 17]
        sound: NDArray[np.bool_] = np.equal(sums % 31, 0)
        return sound

    return _where(code, CREDIT_CODE, sound)


def resident_id_sound(number: pl.Expr) -> pl.Expr:
    """Whether the 18th character is that of ISO 7064 MOD 11-2.

    >>> numbers = pl.Series(["11010519491231002X", "110105194912310021"])
    >>> pl.select(resident_id_sound(pl.lit(numbers))).to_series().to_list()
    [True, False]
    """

    def sound(cells: NDArray[np.uint8]) -> NDArray[np.bool_]:
        return np.equal(_check_character(cells), cells[:, 17])

    return _where(number, RESIDENT_ID, sound)


def resident_id_from_old(number: pl.Expr) -> pl.Expr:
    """The 18-digit number of the person who had a number of 15 digits; null for other texts.

    >>> pl.select(resident_id_from_old(pl.lit(pl.Series(["110105491231002"])))).item()
    '11010519491231002X'
    """

    def upgraded(series: pl.Series) -> pl.Series:
        old = series.str.contains(OLD_RESIDENT_ID).fill_null(False)
        seventeen = series.filter(old).str.replace(r"^(.{6})", "${1}19")
        checks = pl.Series(
            [chr(c) for c in _check_character(_matrix(seventeen, 17))], dtype=pl.String
        )
        return pl.repeat(None, len(series), dtype=pl.String, eager=True).scatter(
            old.arg_true(), seventeen + checks
        )

    return number.map_batches(upgraded, return_dtype=pl.String, is_elementwise=True)


def _check_character(cells: NDArray[np.uint8]) -> NDArray[np.uint8]:
    digits = cells[:, :17].astype(np.int64) - ord("0")
    return np.take(_RESIDENT_CHECKS, digits @ _RESIDENT_WEIGHTS % 11)


def _where(
    column: pl.Expr, shape: str, sound: Callable[[NDArray[np.uint8]], NDArray[np.bool_]]
) -> pl.Expr:
    """`sound` of the 18 characters of each text of `shape`; another is not sound, null is null."""

    def told(series: pl.Series) -> pl.Series:
        shaped = series.str.contains(shape).fill_null(False)
        answer = np.zeros(len(series), bool)
        answer[shaped.to_numpy()] = sound(_matrix(series.filter(shaped), 18))
        return pl.Series(answer).set(series.is_null(), None)

    return column.map_batches(told, return_dtype=pl.Boolean, is_elementwise=True)


def _matrix(texts: pl.Series, width: int) -> NDArray[np.uint8]:
    """One row of bytes for each of these ASCII texts of `width` characters."""
    joined = texts.str.join("").item() if len(texts) else ""
    return np.frombuffer(joined.encode(), np.uint8).reshape(-1, width)
