"""The arithmetic of a grant on columns: what `policy.grants` says of one application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from songhua.policy.batch.sheet import known, roomy, whole
from songhua.policy.grants import SEPARATORS, tidy
from songhua.policy.model import Reviewed, Share, Stairs, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.policy.batch.sheet import Flags, Sheet, Whole
    from songhua.policy.grants import Formula
    from songhua.policy.model import Cap

_JOINED = {chr(code): "" for code in SEPARATORS}


def base_of(
    grant: Formula, sheet: Sheet, tables: Mapping[str, Mapping[str, int] | None]
) -> tuple[Whole, Flags]:
    """What the formula starts from, in fen, and whether that is known yet."""
    match grant:
        case Share() | Stairs():
            base = sheet.named(grant.base)
            return base, np.ones(base.size, dtype=np.bool_)
        case Reviewed():
            amounts = sheet.facts[grant.fact]
        case Table():
            rows = tidy(tables[grant.table] or {})
            names = [pl.col(name).cast(pl.String) for name in grant.key]
            key = pl.concat_str(names, ignore_nulls=True).str.replace_many(_JOINED)
            found = key.replace_strict(rows, default=None, return_dtype=pl.Int64)
            amounts = sheet.facts.select(found.alias("@")).to_series()
    return whole(amounts), known(amounts)


def formula(grant: Formula, base: Whole, sheet: Sheet) -> Whole:
    """What the formula gives on a `base` above 0, before any cap."""
    match grant:
        case Share(rate=rate):
            up = sheet.chosen["rounding"] == "half_up"
            over, under = rate.numerator * (1 + up), rate.denominator * (1 + up)
            most = sheet.most_of(grant.base) * over + under
            return (roomy(base, most) * over + rate.denominator * up) // under
        case Stairs(start=start, first=first, each=each, further=further):
            most = sheet.most_of(grant.base)
            wide = roomy(base, most + start + first + further * (most // each + 1))
            return np.where(wide >= start, (wide - start) // each * further + first, 0)
        case _:
            return base


def left_of(cap: Cap, sheet: Sheet) -> Whole | int:
    """What the cap still leaves; a payment not given is none."""
    if cap.prior is None or cap.kind == "one_off":
        return cap.amount
    left: Whole = np.maximum(cap.amount - sheet.named(cap.prior), 0)
    return left
