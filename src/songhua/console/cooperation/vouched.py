"""What the audit log vouches for among records of cooperation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.cooperation.models import (
    ContestScore,
    ContestSeat,
    Duty,
    Prize,
    Referral,
)
from songhua.console.cooperation.shelf import KINDS

if TYPE_CHECKING:
    from django.db.models import Model

ENTERED = ("entered_by_id", "entered_at")
FACTS: dict[type[Model], tuple[str, ...]] = {
    **{kind.model: ENTERED for kind in KINDS},
    Prize: ("title", "entry_id", "contest_id", "subject_id", "rank", "given_on", "priority_until",
            "unit_id", *ENTERED),
    Referral: ("title", "case_file_id", "subject_id", "unit_id", *ENTERED),
    ContestSeat: ("contest_id", "expert_id"),
    ContestScore: ("seat_id", "entry_id", "points", "opinion", "scored_at"),
}  # fmt: skip
CHANGING: tuple[type[Model], ...] = (*(kind.model for kind in KINDS), ContestSeat)
HOLDING: tuple[type[Model], ...] = (Duty,)
