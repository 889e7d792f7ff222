"""What the audit log vouches for: the figures that never change, and the rows that move on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.subsidies.models import (
    Application,
    Assessment,
    Attachment,
    Budget,
    CaseFile,
    Choice,
    DecisionLetter,
    Evaluation,
    Interest,
    MergeProposal,
    Objection,
    OtherAward,
    Payment,
    PublicNotice,
    Recovery,
    Repayment,
    Seat,
    SignOff,
    Subject,
    SubjectFact,
)

if TYPE_CHECKING:
    from django.db.models import Model

FACTS: dict[type[Model], tuple[str, ...]] = {
    Subject: ("kind", "credit_code", "registered_by_id", "registered_at"),
    SubjectFact: ("subject_id", "name", "value", "as_of", "source", "entered_by_id", "entered_at"),
    Application: ("subject_id", "policy", "version", "rule", "unit_id", "created_by_id",
                  "created_at"),
    Attachment: ("application_id", "kind", "filename", "sha256", "size", "added_by_id",
                 "added_at"),
    Assessment: ("application_id", "round", "on", "facts", "reading", "award", "made_by_id",
                 "made_at"),
    CaseFile: ("application_id", "kind", "addressee", "opened_by_id", "opened_at"),
    Interest: ("user_id", "subject_id", "reason", "entered_by_id", "entered_at"),
    PublicNotice: ("application_id", "round", "starts", "ends", "published", "opened_by_id",
                   "opened_at"),
    Objection: ("notice_id", "text", "made_by_id", "made_at"),
    OtherAward: ("subject_id", "source", "name", "matters", "entered_by_id", "entered_at"),
    MergeProposal: ("kept_id", "other_id", "reason"),
    SignOff: ("application_id", "round", "unit_id"),
    Seat: ("application_id", "round", "expert_id"),
    Budget: ("unit_id", "year"),
    Choice: ("subject_id", "policy", "reading", "chosen", "candidates", "best_sets", "amount_fen",
             "best_fen", "forgone_fen", "made_by_id", "made_at"),
    Payment: ("application_id", "number", "amount_fen", "way", "paid_on", "payee", "bank",
              "account", "entered_by_id", "entered_at"),
    Recovery: ("application_id", "ways", "reason", "proposed_by_id", "proposed_at"),
    Repayment: ("recovery_id", "amount_fen", "payment_id", "received_on", "entered_by_id",
                "entered_at"),
    Evaluation: ("application_id", "passed", "text", "evidence_id", "run_id", "made_by_id",
                 "made_at"),
    DecisionLetter: ("application_id", "number", "files", "audit_head", "issued_by_id",
                     "issued_at"),
}  # fmt: skip
CHANGING: tuple[type[Model], ...] = (
    Subject, MergeProposal, Application, CaseFile, SignOff, Seat, Objection, OtherAward, Budget,
    Recovery,
)  # fmt: skip
HOLDING: tuple[type[Model], ...] = (Attachment,)
ISSUED: tuple[type[Model], ...] = (DecisionLetter,)
