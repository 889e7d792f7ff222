"""What the desk remembers."""

from songhua.console.subsidies.models.application import (
    Application,
    Assessment,
    Attachment,
    CaseFile,
)
from songhua.console.subsidies.models.money import (
    Budget,
    DecisionLetter,
    Evaluation,
    Payment,
    Recovery,
    Repayment,
)
from songhua.console.subsidies.models.portfolio import Choice, OtherAward
from songhua.console.subsidies.models.registry import MergeProposal, Subject, SubjectFact
from songhua.console.subsidies.models.review import (
    Interest,
    Objection,
    PublicNotice,
    Seat,
    SignOff,
)

__all__ = [
    "Application",
    "Assessment",
    "Attachment",
    "Budget",
    "CaseFile",
    "Choice",
    "DecisionLetter",
    "Evaluation",
    "Interest",
    "MergeProposal",
    "Objection",
    "OtherAward",
    "Payment",
    "PublicNotice",
    "Recovery",
    "Repayment",
    "Seat",
    "SignOff",
    "Subject",
    "SubjectFact",
]
