"""What the audit log vouches for among achievements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.innovation.models import Achievement, MatchDecision, StagePromotion

if TYPE_CHECKING:
    from django.db.models import Model

FACTS: dict[type[Model], tuple[str, ...]] = {
    Achievement: ("kind", "title", "text", "field", "district", "low_fen", "high_fen", "rights",
                  "unit_id", "subject_id", "created_by_id", "created_at"),
    StagePromotion: ("achievement_id", "stage", "trl", "statement", "filename", "sha256", "size",
                     "proposed_by_id", "proposed_at"),
    MatchDecision: ("asked_id", "found_id", "accepted", "reason", "features", "decided_by_id",
                    "decided_at"),
}  # fmt: skip
CHANGING: tuple[type[Model], ...] = (Achievement, StagePromotion)
HOLDING: tuple[type[Model], ...] = (StagePromotion,)
