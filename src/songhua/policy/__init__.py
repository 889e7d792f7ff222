"""A city's policy as data that a jurist can read, and an engine that is exact to the fen.

`bundled` and `load` read versions of a policy, `assess` answers what one rule gives on given
facts, `explain` says it in words, `diff` compares two versions, `attach` brings the official text,
`run_cases` plays worked cases. What may be combined stands in `songhua.policy.portfolio`.
"""

from songhua.policy.assessment import assess
from songhua.policy.award import Award, Reason, Step
from songhua.policy.cases import run_cases
from songhua.policy.difference import diff
from songhua.policy.explanation import explain
from songhua.policy.loading import bundled, check, load
from songhua.policy.model import Policy, Rule
from songhua.policy.quotes import attach

__all__ = [
    "Award",
    "Policy",
    "Reason",
    "Rule",
    "Step",
    "assess",
    "attach",
    "bundled",
    "check",
    "diff",
    "explain",
    "load",
    "run_cases",
]
