"""What is remembered of cooperation."""

from songhua.console.cooperation.models.contest import (
    Contest,
    ContestEntry,
    ContestScore,
    ContestSeat,
    Prize,
)
from songhua.console.cooperation.models.event import Attendance, CooperationEvent
from songhua.console.cooperation.models.fund import Fund, FundReturn, Placement, Referral
from songhua.console.cooperation.models.partner import Agreement, Duty, Partner
from songhua.console.cooperation.models.record import Record
from songhua.console.cooperation.models.resource import (
    BookedHour,
    Booking,
    ExpertCost,
    SharedResource,
)

__all__ = [
    "Agreement",
    "Attendance",
    "BookedHour",
    "Booking",
    "Contest",
    "ContestEntry",
    "ContestScore",
    "ContestSeat",
    "CooperationEvent",
    "Duty",
    "ExpertCost",
    "Fund",
    "FundReturn",
    "Partner",
    "Placement",
    "Prize",
    "Record",
    "Referral",
    "SharedResource",
]  # fmt: skip
