"""意见采纳情况表: 序号、反馈人、意见、是否采纳、理由, published only when it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

OUTCOMES = ("adopted", "partly", "not_adopted")


@dataclass(frozen=True)
class Row:
    """One opinion, or `count` opinions that say the same, and what became of it. `sender` is
    masked; `outcome` is one of `OUTCOMES`, "" where nobody has decided."""

    number: int
    sender: str
    opinion: str
    count: int
    outcome: str
    reason: str
    approved: bool


def refuse_incomplete(rows: Sequence[Row], heard: int) -> None:
    """Raise `Conflict` with everything that keeps the table from being published: an opinion that
    is in no row, a row without a decision, without a reason, or not approved by another person."""
    problems = [
        Problem(str(row.number), code)
        for row in rows
        for lacking, code in (
            (row.outcome not in OUTCOMES, "adoption_undecided"),
            (not row.reason.strip(), "adoption_unreasoned"),
            (not row.approved, "adoption_unapproved"),
        )
        if lacking
    ]
    if (left := heard - sum(row.count for row in rows)) != 0:
        problems.append(Problem("opinions", "adoption_opinions_left", str(left)))
    if problems:
        raise Conflict(problems)
