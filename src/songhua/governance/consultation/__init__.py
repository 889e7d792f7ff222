"""征求意见: a draft as clauses, what changed between versions, who was heard and what they got.

Pure functions on texts, instants and counts. Who speaks, who decides and where it is kept is the
console's.
"""

from songhua.governance.consultation.adoption import OUTCOMES, Row, refuse_incomplete
from songhua.governance.consultation.clauses import Clause, parse
from songhua.governance.consultation.closing import CHANNELS, Phase, in_time, phase
from songhua.governance.consultation.likeness import THRESHOLD, busiest, differs, near_duplicates
from songhua.governance.consultation.masking import (
    mask_email,
    mask_name,
    mask_organisation,
    mask_phone,
    mask_text,
)
from songhua.governance.consultation.redline import Change, Piece, apply, redline
from songhua.governance.consultation.statistics import Heard, Statistics, statistics

__all__ = [
    "CHANNELS", "OUTCOMES", "THRESHOLD", "Change", "Clause", "Heard", "Phase", "Piece", "Row",
    "Statistics", "apply", "busiest", "differs", "in_time", "mask_email", "mask_name",
    "mask_organisation", "mask_phone", "mask_text", "near_duplicates", "parse", "phase",
    "redline", "refuse_incomplete", "statistics",
]  # fmt: skip
