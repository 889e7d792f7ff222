"""Our side: every optimal set of every applicant, from the plain facts on."""

from __future__ import annotations

import time

from draw import applicants, figures

from songhua.policy.portfolio import Candidate, best_many


def solve(case: dict) -> dict:
    """The best portfolios, with all their ties."""
    drawn = applicants(case)
    begun = time.perf_counter()
    candidates = (
        [Candidate(name, source, fen, frozenset(matters)) for name, source, fen, matters in awards]
        for awards in drawn
    )
    portfolios = best_many(candidates)
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "answer": figures([portfolio.amount for portfolio in portfolios]),
        "work": len(portfolios),
    }
