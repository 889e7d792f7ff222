"""The awards of one rule for every row of a frame."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, get_args

import numpy as np
import polars as pl

from songhua.kit.errors import require
from songhua.policy.assessment import choose, judge
from songhua.policy.award import Binding, Status
from songhua.policy.batch.expressions import Sheet
from songhua.policy.batch.grants import base_of, formula, left_of, paid_before
from songhua.policy.batch.reading import read
from songhua.policy.evaluate import Scope
from songhua.policy.model import NoMoney, Review, Routes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from numpy.typing import NDArray
    from polars._typing import PolarsDataType

    from songhua.policy.award import Award
    from songhua.policy.batch.reading import Applications
    from songhua.policy.model import Policy, Rule

RESULT: dict[str, PolarsDataType] = {
    "status": pl.Enum(get_args(Status)),
    "amount_fen": pl.Int64,
    "ceiling_fen": pl.Int64,
    "binding": pl.Enum(get_args(Binding)),
    "reasons": pl.List(pl.Categorical),
}
_VERDICT: dict[str, PolarsDataType] = {
    "status": RESULT["status"],
    "amount": pl.Int8,
    "ceiling": pl.Int8,
    "binding": RESULT["binding"],
    "reasons": RESULT["reasons"],
}


def assess_batch(
    policy: Policy,
    rule_id: str,
    frame: pl.DataFrame,
    on: date | str,
    reading: Mapping[str, str] | None = None,
    *,
    items: Mapping[str, pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """`assess` for every row of `frame`, in its order: the same answers, all exact.

    `frame` has a column ``applicant`` (no two alike) and one for each fact, by its name; `on` is
    the day of application or the name of its column. An amount is text in yuan, judged as
    `assess` judges it (decimals are judged as their text), or whole fen as integers in a column
    named in fen: ``prior_paid_fen`` for the fact ``prior_paid_yuan``. A list fact is a frame of
    its own in `items`, one row an item, with the column ``applicant``; a table of another document
    is one with the columns ``key`` and ``yuan`` or ``fen``, the same for every applicant.

    Columns of the result: applicant, status, amount_fen and ceiling_fen (null is unknown), binding,
    reasons (the codes in the order judged).

    Raises `InputError` for what `assess` raises it for, naming the column and its first row: a
    column unknown, missing or of another type, a fact that must be known and is null, an item of
    no applicant, an applicant twice, a rule or reading that is not there.
    """
    require(rule_id in policy.rules, "rule", "policy_rule_unknown", str(rule_id)[:80])
    rule = policy.rules[rule_id]
    chosen = choose(policy, rule, reading or {})
    given = read(rule, frame, on, items or {})
    sheet = Sheet(given.frame.with_row_index("@row"), given.items, rule.values, chosen)
    _due(rule, sheet, given)
    judged = _judged(policy, rule, sheet, given)
    return _written(judged, given.bad, frame)


def _due(rule: Rule, sheet: Sheet, given: Applications) -> None:
    """Add ``@base``, ``@raw`` before the cap, and ``@left`` of it; null where there is none."""
    base = raw = pl.lit(None, pl.Int64)
    if not isinstance(rule.grant, NoMoney | Routes):
        base = base_of(rule.grant, sheet, given.tables)
        raw = formula(rule.grant, sheet)
    sheet.frame = sheet.frame.with_columns(base.alias("@base"), left_of(rule.cap).alias("@left"))
    sheet.frame = sheet.frame.with_columns(raw.alias("@raw"))


def _signs(policy: Policy, rule: Rule, sheet: Sheet) -> Iterator[pl.Expr]:
    """All that status, binding and reasons depend on, as yes or no."""
    validity = policy.validity
    if validity.starts is not None:
        yield pl.col("@on") < validity.starts
    if validity.ends is not None:
        yield pl.col("@on") > validity.ends
    for condition in rule.conditions:
        if isinstance(condition, Review):
            yield pl.col(condition.fact).is_null()
            yield pl.col(condition.fact)
        else:
            yield sheet.test(condition.require)
    if rule.cap is not None:
        yield paid_before(rule.cap) > 0
        yield pl.col("@left") == 0
    if isinstance(rule.grant, Routes):
        yield from (sheet.test(route.when) for route in rule.grant.routes)
    elif not isinstance(rule.grant, NoMoney):
        yield pl.col("@base").is_null()
        yield pl.col("@base") <= 0
        yield pl.col("@raw") > pl.col("@left")


def _judged(policy: Policy, rule: Rule, sheet: Sheet, given: Applications) -> pl.DataFrame:
    """The answers by ``@row``; rows with the same signs are judged by the first of them."""
    signs = _packed(list(_signs(policy, rule, sheet)))
    value = pl.min_horizontal("@raw", "@left").fill_null(0)
    found = sheet.frame.select("@row", value.alias("@value"), **signs)
    if given.bad:
        found = found.filter(~pl.col("@row").is_in(list(given.bad)))
    first, which = _alike([found[name].to_numpy() for name in signs])
    verdicts = []
    for row in sheet.frame[found["@row"].gather(first)].to_dicts():
        scope = Scope(row | given.tables, row, sheet.chosen)
        verdicts.append(_verdict(judge(policy, rule, row["@on"], scope)))
    verdict = pl.DataFrame(verdicts, _VERDICT, orient="row")[which]
    return pl.DataFrame(
        [
            found["@row"],
            verdict["status"],
            (found["@value"] * verdict["amount"]).cast(pl.Int64).alias("amount_fen"),
            (found["@value"] * verdict["ceiling"]).cast(pl.Int64).alias("ceiling_fen"),
            verdict["binding"],
            verdict["reasons"],
        ]
    )


def _alike(columns: list[NDArray[np.uint16]]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """The first row of each kind of row, and the kind of every row."""
    kinds = np.flatnonzero(np.bincount(columns[0]))
    number = np.zeros(2**16, dtype=np.uint32)
    number[kinds] = np.arange(kinds.size)
    which = number[columns[0]]
    for column in columns[1:]:
        both = which.astype(np.int64) * 2**16 + column
        which = np.unique(both, return_inverse=True)[1].astype(np.uint32)
    first = np.zeros(int(which.max()) + 1 if which.size else 0, dtype=np.int64)
    first[which[::-1]] = np.arange(which.size)[::-1]
    return first, which


def _verdict(award: Award) -> tuple[object, ...]:
    """How often what is due is paid and at most paid: once, never (0), or unknown."""
    once = int(award.status not in ("ineligible", "out_of_force"))
    amount, ceiling = (None if fen is None else once for fen in (award.amount, award.ceiling))
    return award.status, amount, ceiling, award.binding, award.codes


def _packed(signs: list[pl.Expr]) -> dict[str, pl.Expr]:
    """The signs as bits of as few columns as hold them, one at least."""
    no = pl.lit(0, pl.UInt16)
    bits = [
        pl.when(sign).then(pl.lit(2 ** (place % 16), pl.UInt16)).otherwise(no)
        for place, sign in enumerate(signs)
    ]
    starts = range(0, max(1, len(bits)), 16)
    return {f"@signs{start}": reduce(or_, bits[start : start + 16], no) for start in starts}


def _written(
    judged: pl.DataFrame, bad: Mapping[int, list[str]], frame: pl.DataFrame
) -> pl.DataFrame:
    """The answers in the order of the applicants, those with bad amounts among them."""
    if bad:
        rows = [(row, "invalid_input", None, None, "none", codes) for row, codes in bad.items()]
        schema: dict[str, PolarsDataType] = {"@row": pl.UInt32, **RESULT}
        judged = pl.concat([judged, pl.DataFrame(rows, schema, orient="row")]).sort("@row")
    return judged.drop("@row").insert_column(0, frame["applicant"])
