"""The places of a table where a mark can sit, told from the figures alone.

A figure counted in steps is a pair of neighbours (2h, 2h + 1) and a choice of one of them: the
least bit. The pair is the unit, whatever row or table it stands in, so units survive sorting,
sampling and the loss of other columns. The bit of each recipient is drawn with a probability that
belongs to the unit (Tardos 2003, arcsine), so that recipients who compare their copies cannot
compose one that points at none of them.
"""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from songhua.exchange.privacy.keys import recipient_key
from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    import polars as pl
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_CUTOFF = 0.01  # no unit's probability is nearer to 0 or 1 in angle: one unit must not decide


@dataclass(frozen=True)
class Mark:
    """A column that may carry the mark: each figure may move by one `step`, and stays within
    `low` and `high` where those are given. Raises ``watermark_step``.

    >>> from decimal import Decimal
    >>> Mark("reading_m3", Decimal("0.01")).decimals
    2
    """

    column: str
    step: Decimal
    low: Decimal | None = None
    high: Decimal | None = None

    def __post_init__(self) -> None:
        require(self.step.is_finite() and self.step > 0, self.column, "watermark_step", self.step)

    @property
    def decimals(self) -> int:
        """Decimals that a multiple of the step has."""
        exponent = self.step.normalize().as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0


def ticks(column: pl.Series, mark: Mark) -> tuple[Ints, NDArray[np.bool_]]:
    """Each figure counted in steps, (rows,), and where there is a figure to count. Zero and its
    neighbour are left alone: nothing must not become something."""
    import polars as pl

    if column.dtype.is_integer() and mark.step == mark.step.to_integral_value():
        values = column.cast(pl.Int64, strict=False)
        usable = values.is_not_null().to_numpy()
        counted = values.fill_null(0).to_numpy() // int(mark.step)
    else:
        floats = column.cast(pl.Float64, strict=False).fill_null(math.nan).to_numpy()
        scaled = floats / float(mark.step)
        limit = 2**22 if column.dtype == pl.Float32 else 2**50  # beyond, neighbours look alike
        usable = np.isfinite(scaled) & (np.abs(scaled) < limit)
        counted = np.rint(np.where(usable, scaled, 0)).astype(np.int64)
    return counted, usable & (counted >> 1 != 0)


@dataclass(frozen=True)
class Code:
    """The exchange's secret as a source of units' probabilities and recipients' bits."""

    secret: bytes

    def probabilities(self, column: str, units: Ints) -> Floats:
        """The chance of a 1 at each unit, (units,): arcsine between the cutoffs."""
        angle = self._uniform("watermark probability", "", column, units)
        edge = math.asin(math.sqrt(_CUTOFF))
        return np.asarray(np.sin(edge + angle * (math.pi / 2 - 2 * edge)) ** 2)

    def bits(self, recipient: str, column: str, units: Ints, chance: Floats) -> NDArray[np.bool_]:
        """The recipient's bit at each unit, 1 with its `chance`, (units,)."""
        return np.asarray(self._uniform("watermark bit", recipient, column, units) < chance)

    def _uniform(self, use: str, recipient: str, column: str, units: Ints) -> Floats:
        key, head = recipient_key(self.secret, recipient, use), column.encode() + b"\0"
        drawn = b"".join(
            hmac.digest(key, head + unit.to_bytes(8, "big", signed=True), "sha256")[:8]
            for unit in units.tolist()
        )
        return np.frombuffer(drawn, dtype=">u8") / 2.0**64


def check_marks(marks: Sequence[Mark], frame: pl.DataFrame, keys: Sequence[str]) -> None:
    """Marks are for figures of no declared key, which can be a step apart in their type. Raises
    ``watermark_column``."""
    for mark in marks:
        given = mark.column in frame.columns and mark.column not in keys
        sound = given and mark.decimals <= _decimals(frame[mark.column].dtype)
        require(sound, mark.column, "watermark_column")


def _decimals(kind: Any) -> int:
    """How many decimals a type can hold; -1 where it holds no figures."""
    if kind.is_float():
        return 15
    if kind.is_decimal():
        return int(kind.scale)
    return 0 if kind.is_integer() else -1
