"""What is remembered of innovation."""

from songhua.console.innovation.models.achievement import (
    Achievement,
    MatchDecision,
    StagePromotion,
)
from songhua.console.innovation.models.challenge import Challenge
from songhua.console.innovation.models.challenge_bid import Bid, BidPaper
from songhua.console.innovation.models.challenge_contract import (
    ChallengeContract,
    Milestone,
    MilestoneReport,
)
from songhua.console.innovation.models.challenge_panel import (
    ChallengeNotice,
    ChallengeObjection,
    PanelDraw,
    PanelScore,
    PanelSeat,
)
from songhua.console.innovation.models.expert import ExpertProfile, ExpertTie

__all__ = [
    "Achievement", "Bid", "BidPaper", "Challenge", "ChallengeContract", "ChallengeNotice",
    "ChallengeObjection", "ExpertProfile", "ExpertTie", "MatchDecision", "Milestone",
    "MilestoneReport", "PanelDraw", "PanelScore", "PanelSeat", "StagePromotion",
]  # fmt: skip
