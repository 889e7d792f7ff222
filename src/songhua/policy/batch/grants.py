"""The arithmetic of a grant on columns: what `policy.grants` says of one application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from songhua.policy.batch.expressions import kind
from songhua.policy.grants import SEPARATORS, tidy
from songhua.policy.model import Reviewed, Share, Stairs, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.policy.batch.expressions import Sheet
    from songhua.policy.grants import Formula
    from songhua.policy.model import Cap

_JOINED = {chr(code): "" for code in SEPARATORS}


def base_of(
    grant: Formula, sheet: Sheet, tables: Mapping[str, Mapping[str, int] | None]
) -> pl.Expr:
    """What the formula starts from, in fen; null where it is not known yet."""
    match grant:
        case Share() | Stairs():
            return sheet.named(grant.base)
        case Reviewed():
            return pl.col(grant.fact)
        case Table():
            rows = tidy(tables[grant.table] or {})
            words = pl.concat_str(
                [pl.col(name).cast(pl.String) for name in grant.key], ignore_nulls=True
            )
            key = words.str.replace_many(_JOINED)
            return key.replace_strict(rows, default=None, return_dtype=pl.Int64)


def formula(grant: Formula, sheet: Sheet) -> pl.Expr:
    """What the formula gives on a ``@base`` above 0, before any cap."""
    base = pl.col("@base")
    match grant:
        case Share(rate=rate):
            up = sheet.chosen["rounding"] == "half_up"
            over, under = rate.numerator * (1 + up), rate.denominator * (1 + up)
            dtype = kind(sheet.most_of(grant.base) * over + under)
            return (base.cast(dtype) * over + rate.denominator * up) // under
        case Stairs(start=start, first=first, each=each, further=further):
            most = sheet.most_of(grant.base)
            wide = base.cast(kind(most + start + first + further * (most // each + 1)))
            climbed = (wide - start) // each * further + first
            return pl.when(wide >= start).then(climbed).otherwise(0)
        case _:
            return base


def paid_before(cap: Cap) -> pl.Expr:
    """What the same subject was paid before; a payment not given is none."""
    return pl.col(cap.prior).fill_null(0) if cap.prior else pl.lit(0, pl.Int64)


def left_of(cap: Cap | None) -> pl.Expr:
    """What the cap still leaves; null without a cap."""
    if cap is None:
        return pl.lit(None, pl.Int64)
    used = paid_before(cap) if cap.kind != "one_off" else pl.lit(0, pl.Int64)
    return (cap.amount - used).clip(lower_bound=0)
