"""Contests: which entry wins which prize. Drawing and scoring are those of `challenges`."""

from songhua.governance.contests.prizes import Ranked, allot, priority_until

__all__ = ["Ranked", "allot", "priority_until"]
