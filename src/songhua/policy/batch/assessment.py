"""The awards of one rule for every row of a frame.

The rows are worked through in parts that stay in the processor's cache, as many at once as polars
has threads. All that status, binding and reasons depend on is found as yes or no, the signs of a
row; `judge` is asked once for each way in which they differ, and its verdict holds for all alike.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import polars as pl

from songhua.kit.errors import require
from songhua.policy.assessment import choose, judge
from songhua.policy.award import Binding, Status
from songhua.policy.batch.grants import base_of, formula, left_of
from songhua.policy.batch.reading import read
from songhua.policy.batch.sheet import Sheet, flags, known
from songhua.policy.evaluate import Scope
from songhua.policy.model import NoMoney, Review, Routes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from polars._typing import PolarsDataType

    from songhua.policy.batch.reading import Applications
    from songhua.policy.batch.sheet import Flags, Whole
    from songhua.policy.model import Policy, Rule

RESULT: dict[str, PolarsDataType] = {
    "status": pl.Enum(get_args(Status)),
    "amount_fen": pl.Int64,
    "ceiling_fen": pl.Int64,
    "binding": pl.Enum(get_args(Binding)),
    "reasons": pl.List(pl.Categorical),
}
_DAY_0 = date(1970, 1, 1)
PART = 2**17
"""Applicants worked through at once by one thread."""
Verdict = tuple[Status, int | None, int | None, Binding, tuple[str, ...]]
"""Status; how often what is due is paid and at most paid: once, never (0), or unknown; binding;
reasons."""
Kind = tuple[tuple[int, ...], tuple[str, ...]]
"""The signs of a row as numbers, and the codes of its bad amounts."""


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
    court = _Court(policy, rule, chosen, given)
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        starts = range(0, max(1, frame.height), PART)
        judged = list(pool.map(lambda first: court.judged(given.part(first, PART)), starts))
        written = list(pool.map(_Answers(court.verdicts).written, judged))
    return pl.concat(written).insert_column(0, frame["applicant"])


@dataclass(frozen=True)
class _Judged:
    """Applicants: what is due to each in fen before it is judged, and which of `kinds` it is."""

    due: NDArray[np.int64]
    kinds: list[Kind]
    which: NDArray[np.int64]


class _Court:
    """One rule under chosen readings, and the verdicts found so far."""

    def __init__(
        self, policy: Policy, rule: Rule, chosen: Mapping[str, str], given: Applications
    ) -> None:
        self.policy, self.rule, self.chosen = policy, rule, chosen
        self.longest = {name: int(of.lengths.max(initial=0)) for name, of in given.items.items()}
        self.verdicts: dict[Kind, Verdict] = {}

    def judged(self, part: Applications) -> _Judged:
        sheet = Sheet(part.frame, part.items, self.longest, self.rule.values, self.chosen)
        due, signs = self._signs(sheet, part)
        columns = _packed(signs, part.frame.height)
        said = [(), *{codes: None for codes in part.bad.values()}]
        if part.bad:
            mark = {codes: place for place, codes in enumerate(said)}
            marks = np.zeros(part.frame.height, dtype=np.int64)
            marks[list(part.bad)] = [mark[codes] for codes in part.bad.values()]
            columns.append(marks)
        numbers, which = _alike(columns)
        kinds: list[Kind] = [(n, said[n[-1]] if part.bad else ()) for n in numbers]
        for place, kind in enumerate(kinds):
            if kind not in self.verdicts:
                row = int(np.argmax(which == place))
                self.verdicts[kind] = self._verdict(sheet, row, part, kind[1])
        return _Judged(due, kinds, which)

    def _signs(self, sheet: Sheet, part: Applications) -> tuple[Whole, list[Flags]]:
        """What is due before it is judged, and all that a verdict depends on, as yes or no."""
        grant, cap, facts = self.rule.grant, self.rule.cap, sheet.facts
        due, signs = np.zeros(facts.height, dtype=np.int64), list(self._days(facts["@on"]))
        for condition in self.rule.conditions:
            if isinstance(condition, Review):
                verdict = facts[condition.fact]
                signs += [known(verdict), flags(verdict)]
            else:
                signs.append(sheet.test(condition.require))
        left = left_of(cap, sheet) if cap else None
        if cap and cap.prior:
            paid = sheet.named(cap.prior)
            signs += [paid > 0, paid >= cap.amount]
        if isinstance(grant, Routes):
            signs += [sheet.test(route.when) for route in grant.routes]
        elif not isinstance(grant, NoMoney):
            base, settled = base_of(grant, sheet, part.tables)
            due = formula(grant, base, sheet)
            signs += [settled, base <= 0]
            if left is not None:
                signs.append(due > left)
                due = np.where(settled, np.minimum(due, left), left)
        return due.astype(np.int64), signs

    def _days(self, on: pl.Series) -> Iterator[Flags]:
        """Whether each day is before the first in force, and whether it is after the last."""
        days, validity = on.cast(pl.Int32).to_numpy(), self.policy.validity
        if validity.starts is not None:
            yield days < (validity.starts - _DAY_0).days
        if validity.ends is not None:
            yield days > (validity.ends - _DAY_0).days

    def _verdict(
        self, sheet: Sheet, row: int, part: Applications, codes: tuple[str, ...]
    ) -> Verdict:
        if codes:
            return "invalid_input", None, None, "none", codes
        facts = sheet.facts.row(row, named=True)
        values = {name: int(whole[row]) for name, whole in sheet.worked_out.items()}
        scope = Scope(facts | part.tables | values, facts, self.chosen)
        award = judge(self.policy, self.rule, facts["@on"], scope)
        once = int(award.status not in ("ineligible", "out_of_force"))
        amount, ceiling = (None if fen is None else once for fen in (award.amount, award.ceiling))
        return award.status, amount, ceiling, award.binding, award.codes


class _Answers:
    """The verdicts as a short table, from which those of every applicant are taken."""

    def __init__(self, verdicts: Mapping[Kind, Verdict]) -> None:
        self.place = {kind: place for place, kind in enumerate(verdicts)}
        rows = list(verdicts.values())
        self.amount, self.ceiling = [row[1] for row in rows], [row[2] for row in rows]
        self.words = pl.DataFrame(
            [(status, binding, reasons) for status, _, _, binding, reasons in rows],
            {name: RESULT[name] for name in ("status", "binding", "reasons")},
            orient="row",
        )

    def written(self, part: _Judged) -> pl.DataFrame:
        kind = np.array([self.place[kind] for kind in part.kinds], dtype=np.int64)[part.which]
        words = self.words[pl.Series(kind.astype(np.uint32))]
        amount = _times(part.due, self.amount, kind)
        ceiling = amount
        if self.ceiling != self.amount:
            ceiling = _times(part.due, self.ceiling, kind)
        return pl.DataFrame(
            [
                words["status"],
                amount.alias("amount_fen"),
                ceiling.alias("ceiling_fen"),
                words["binding"],
                words["reasons"],
            ]
        )


def _times(
    due: NDArray[np.int64], often: Sequence[int | None], kind: NDArray[np.int64]
) -> pl.Series:
    """What is due, as often as the verdict of each kind says; null where that is unknown."""
    fen = pl.Series(due * np.array([times or 0 for times in often], dtype=np.int64)[kind])
    if None not in often:
        return fen
    unknown = np.array([times is None for times in often], dtype=np.bool_)
    return fen.set(pl.Series(unknown[kind]), None)


def _alike(columns: Sequence[NDArray[Any]]) -> tuple[list[tuple[int, ...]], NDArray[np.int64]]:
    """The kinds of row, each by its number in every column, and which kind every row is."""
    found = np.flatnonzero(np.bincount(columns[0]))
    place = np.zeros(2**16, dtype=np.int64)
    place[found] = np.arange(found.size)
    which: NDArray[np.int64] = place[columns[0]]
    kinds: list[tuple[int, ...]] = [(int(number),) for number in found]
    for column in columns[1:]:
        size = int(column.max(initial=0)) + 1
        both, which = np.unique(which * size + column, return_inverse=True)
        kinds = [(*kinds[int(number // size)], int(number % size)) for number in both]
    return kinds, which


def _packed(signs: Sequence[Flags], rows: int) -> list[NDArray[Any]]:
    """The signs as bits of as few whole numbers as hold them, one at least."""
    columns = []
    for start in range(0, max(1, len(signs)), 16):
        column = np.zeros(rows, dtype=np.uint16)
        for place, sign in enumerate(signs[start : start + 16]):
            column |= sign.astype(np.uint16) << place
        columns.append(column)
    return columns
