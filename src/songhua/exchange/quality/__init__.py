"""The quality of a table that a department provides, told defect by defect.

    rules (data) → `check` → `Report` → `score`, `tickets`; `quarantine` splits the rows

A table is read once, in chunks: `reading` cuts its bytes into cells (`scanning`, `encoding`),
`cells` says what each cell means, `conditions` what each rule looks for, `chunks` holds the two
together and `checking` adds up. What is wrong with a table is in its report; an `InputError` means
that there was no table, or no usable rules.
"""

from songhua.exchange.quality.checking import check
from songhua.exchange.quality.quarantining import Quarantine, quarantine
from songhua.exchange.quality.report import Defect, Finding, Report, Result
from songhua.exchange.quality.rulebook import read_rules
from songhua.exchange.quality.rules import Rules
from songhua.exchange.quality.scores import DEFAULT_WEIGHTS, Score, department_scores, score
from songhua.exchange.quality.ticketing import Ticket, tickets

__all__ = [
    "DEFAULT_WEIGHTS",
    "Defect",
    "Finding",
    "Quarantine",
    "Report",
    "Result",
    "Rules",
    "Score",
    "Ticket",
    "check",
    "department_scores",
    "quarantine",
    "read_rules",
    "score",
    "tickets",
]
