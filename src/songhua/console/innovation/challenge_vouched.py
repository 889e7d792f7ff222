"""What the audit log vouches for: the figures that never change, and the rows that move on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.innovation.models import (
    Bid,
    BidPaper,
    Challenge,
    ChallengeContract,
    ChallengeNotice,
    ChallengeObjection,
    ExpertProfile,
    ExpertTie,
    Milestone,
    MilestoneReport,
    PanelDraw,
    PanelScore,
    PanelSeat,
)

if TYPE_CHECKING:
    from django.db.models import Model

FACTS: dict[type[Model], tuple[str, ...]] = {
    Challenge: ("unit_id", "subject_id", "created_by_id", "created_at"),
    # Who bids stands in the sealed content alone, so that the log does not tell before the closing.
    Bid: ("challenge_id", "received_at", "receipt", "sha256"),
    BidPaper: ("bid_id", "blind", "filename", "sha256", "size"),
    PanelDraw: ("challenge_id", "round", "text", "tied", "keep", "commitment", "public_source",
                "public_on", "sealed_by_id", "sealed_at"),
    PanelSeat: ("challenge_id", "round", "draw_id", "expert_id"),
    PanelScore: ("seat_id", "bid_id", "points", "opinion", "scored_at"),
    ChallengeNotice: ("challenge_id", "starts", "ends", "published", "opened_by_id", "opened_at"),
    ChallengeObjection: ("notice_id", "text", "made_by_id", "made_at"),
    ChallengeContract: ("challenge_id", "bid_id", "amount_fen", "signed_on", "entered_by_id",
                        "entered_at"),
    Milestone: ("contract_id", "number", "title", "due"),
    MilestoneReport: ("milestone_id", "text", "measured", "filename", "sha256", "size",
                      "submitted_by_id", "submitted_at"),
    ExpertProfile: ("user_id",),
    ExpertTie: ("expert_id", "kind", "other", "on", "source", "entered_by_id", "entered_at"),
}  # fmt: skip
CHANGING: tuple[type[Model], ...] = (
    Challenge, Bid, PanelDraw, PanelSeat, ChallengeObjection, MilestoneReport, ExpertProfile,
)  # fmt: skip
HOLDING: tuple[type[Model], ...] = (Bid, BidPaper, MilestoneReport)
