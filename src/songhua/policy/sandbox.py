"""What if: a policy with other rates, caps, thresholds or readings on the same applicants.

Every figure is whole fen. The answers are frames of a shape that a chart can draw as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.errors import require
from songhua.policy.batch import assess_batch
from songhua.policy.changes import changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from songhua.policy.model import Policy

COUNTED = ("computed", "ineligible", "needs_review")
PERCENTS = (0, 10, 25, 50, 75, 90, 100)
"""The quantiles told of what is paid, in percent."""


_COUNTS = ("applicants", *COUNTED, "other", "total_fen", "open_fen")
_TEXT = {"rule": pl.String, "side": pl.String}
_FEN = dict.fromkeys(("before_fen", "after_fen", "change_fen"), pl.Int64)
_MOVED = {"rule": pl.String, "applicant": pl.String, **_FEN}


@dataclass(frozen=True)
class Applicants:
    """The applicants of one rule, as `assess_batch` takes them."""

    frame: pl.DataFrame
    on: date | str
    items: Mapping[str, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What the changes do, before and after.

    `rules`: rule, side (before, after), applicants, the number computed, ineligible, needs_review
    and other, total_fen of the known amounts, open_fen that reviews could add at most (as far as
    it is known). `quantiles`: rule, side, percent, amount_fen of the awards above 0. `moved`: rule,
    applicant, before_fen, after_fen, change_fen (null where a side is unknown), of everyone whose
    status or amount changed. `left_fen` is the budget less all known amounts, below 0 where it is
    overdrawn.
    """

    rules: pl.DataFrame
    quantiles: pl.DataFrame
    moved: pl.DataFrame
    left_fen: Mapping[str, int]

    @property
    def gains_and_losses(self) -> pl.DataFrame:
        """By rule: how many gain, lose or become unknown or known, and how much in all."""
        change = pl.col("change_fen")
        return self.moved.group_by("rule", maintain_order=True).agg(
            (change > 0).sum().alias("gain"),
            (change < 0).sum().alias("lose"),
            change.is_null().sum().alias("unknown"),
            change.filter(change > 0).sum().alias("gained_fen"),
            (-change.filter(change < 0)).sum().alias("lost_fen"),
        )


def sandbox(
    policy: Policy,
    applicants: Mapping[str, Applicants],
    budget_fen: int,
    changes: Mapping[str, str],
) -> Outcome:
    """Assess the `applicants` of each rule under `policy` and with `changes` (see `changed`).

    Raises `InputError` as `changed` and `assess_batch` do.
    """
    require(budget_fen >= 0, "budget_fen", "negative", budget_fen)
    sides = {"before": policy, "after": changed(policy, changes)}
    left = dict.fromkeys(sides, budget_fen)
    rules, quantiles, moved = [], [], []
    for rule, some in applicants.items():
        awards = {side: _awards(version, rule, some) for side, version in sides.items()}
        for side, found in awards.items():
            counts = _counts(found)
            left[side] -= counts["total_fen"]
            rules.append({"rule": rule, "side": side, **counts})
            quantiles += [{"rule": rule, "side": side, **row} for row in _quantiles(found)]
        moved.append(_moved(rule, awards["before"], awards["after"]))
    return Outcome(
        pl.DataFrame(rules, _TEXT | dict.fromkeys(_COUNTS, pl.Int64)),
        pl.DataFrame(quantiles, _TEXT | {"percent": pl.Int64, "amount_fen": pl.Int64}),
        pl.concat(moved) if moved else pl.DataFrame(schema=_MOVED),
        left,
    )


def sweep(
    policy: Policy,
    applicants: Mapping[str, Applicants],
    budget_fen: int,
    path: str,
    grid: Iterable[str],
) -> pl.DataFrame:
    """The totals for each value of one figure: the curve of the budget.

    Columns: value (as written in `grid`), the counts of `Outcome.rules` summed over the rules, and
    left_fen.
    """
    known = {rule: _counts(_awards(policy, rule, some)) for rule, some in applicants.items()}
    rows = []
    for value in grid:
        version = changed(policy, {path: value})
        same = version.readings == policy.readings
        counts = [
            known[rule]
            if same and version.rules[rule] is policy.rules[rule]
            else _counts(_awards(version, rule, some))
            for rule, some in applicants.items()
        ]
        summed = {name: sum(count[name] for count in counts) for name in _COUNTS}
        rows.append({"value": value, **summed, "left_fen": budget_fen - summed["total_fen"]})
    schema = {"value": pl.String, **dict.fromkeys((*_COUNTS, "left_fen"), pl.Int64)}
    return pl.DataFrame(rows, schema)


def _awards(policy: Policy, rule: str, some: Applicants) -> pl.DataFrame:
    return assess_batch(policy, rule, some.frame, some.on, items=some.items)


def _counts(awards: pl.DataFrame) -> dict[str, int]:
    by_status = dict(awards["status"].value_counts().iter_rows())
    counts = {status: by_status.get(status, 0) for status in COUNTED}
    open_fen = awards.filter(pl.col("amount_fen").is_null())["ceiling_fen"]
    return {
        "applicants": awards.height,
        **counts,
        "other": awards.height - sum(counts.values()),
        "total_fen": awards["amount_fen"].sum(),
        "open_fen": open_fen.sum(),
    }


def _quantiles(awards: pl.DataFrame) -> list[dict[str, int]]:
    """The smallest award that so many percent of the awards above 0 do not exceed."""
    paid = awards["amount_fen"].filter(awards["amount_fen"] > 0).sort()
    places = {percent: max(0, -(-percent * len(paid) // 100) - 1) for percent in PERCENTS}
    return [{"percent": p, "amount_fen": paid[at]} for p, at in places.items() if len(paid)]


def _moved(rule: str, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    both = before.select("applicant", "status", before_fen="amount_fen").with_columns(
        after.select(now="status", after_fen="amount_fen").get_columns()
    )
    differs = pl.col("before_fen").ne_missing(pl.col("after_fen"))
    return both.filter(differs | (pl.col("status") != pl.col("now"))).select(
        pl.lit(rule).alias("rule"),
        pl.col("applicant").cast(pl.String),
        "before_fen",
        "after_fen",
        (pl.col("after_fen") - pl.col("before_fen")).alias("change_fen"),
    )
