"""Applications drawn as plain arrays, the same for both sides: whole fen, codes, yes and no.

Amounts crowd around what the rules tell apart: a fen below, on and above each threshold, and
where a rate reaches its cap.
"""

from __future__ import annotations

import numpy as np

MILLION = 10**8
"""A million yuan in fen."""
PLATFORMS = ("共性技术研发平台", "科技创新服务平台")
FIELDS = (
    "智能制造",
    "智慧农业",
    "智慧教育",
    "智慧供热",
    "智慧文旅",
    "智慧交通",
    "智慧医疗",
    "其他",
)
CARRIERS = ("产业园", "特色小镇", "其他")
BUYERS = ("builder", "other")

Arrays = dict[str, np.ndarray]


def money(rng: np.random.Generator, size: int, most: int, edges: tuple[int, ...]) -> np.ndarray:
    """Amounts up to `most` fen, half of them within two fen of one of the `edges`."""
    free = rng.integers(0, most, size)
    near = rng.choice(np.array(edges), size) + rng.integers(-2, 3, size)
    return np.maximum(np.where(rng.random(size) < 0.5, free, near), 0)


def yes(rng: np.random.Generator, size: int, share: float) -> np.ndarray:
    """Yes for a `share`."""
    return rng.random(size) < share


def clause_2a(rng: np.random.Generator, applicants: int) -> tuple[Arrays, Arrays]:
    """Platforms, and one to three machines of each."""
    size = rng.integers(1, 4, applicants)
    items = int(size.sum())
    return {
        "platform_kind": rng.choice(2, applicants, p=[0.9, 0.1]),
        "prior_paid": money(rng, applicants, 3 * MILLION, (0, 10 * MILLION)),
    }, {
        "applicant": np.repeat(np.arange(applicants), size),
        "amount": money(rng, items, 40 * MILLION, (50 * MILLION, 25 * MILLION)),
        "newly_purchased": yes(rng, items, 0.9),
        "for_rd": yes(rng, items, 0.9),
        "buyer": rng.choice(2, items, p=[0.9, 0.1]),
    }


def clause_3b(rng: np.random.Generator, applicants: int) -> tuple[Arrays, Arrays]:
    """Carriers: one in four has 8 to 13 tenants, the others up to three."""
    large = yes(rng, applicants, 0.25)
    size = np.where(large, rng.integers(8, 14, applicants), rng.integers(1, 4, applicants))
    items = int(size.sum())
    return {
        "carrier_kind": rng.choice(3, applicants, p=[0.6, 0.35, 0.05]),
        "demo_effect": yes(rng, applicants, 0.9),
        "prior_paid": np.where(yes(rng, applicants, 0.95), 0, MILLION),
    }, {
        "applicant": np.repeat(np.arange(applicants), size),
        "revenue": money(rng, items, 600 * MILLION, (10 * MILLION, 50 * MILLION, 60 * MILLION)),
        "prev_revenue": money(rng, items, 20 * MILLION, (2, 10 * MILLION)),
        "new": yes(rng, items, 0.95),
    }


def clause_4(rng: np.random.Generator, applicants: int) -> tuple[Arrays, Arrays]:
    """Scenes; there is no list."""
    return {
        "field": rng.choice(8, applicants),
        "shortlisted": yes(rng, applicants, 0.8),
        "government_investment": yes(rng, applicants, 0.1),
        "is_investor": yes(rng, applicants, 0.9),
        "total_investment": money(rng, applicants, 30 * MILLION, (5 * MILLION * 10 // 3,)),
        "prior_paid": money(rng, applicants, 2 * MILLION, (0, 5 * MILLION)),
    }, {}


DRAW = {"P02a": clause_2a, "P03b": clause_3b, "P04": clause_4}


def drawn(case: dict) -> dict[str, tuple[Arrays, Arrays]]:
    """The applications of the three clauses and their items, by rule."""
    rng = np.random.default_rng(case["seed"])
    return {rule: draw(rng, case["applicants"]) for rule, draw in DRAW.items()}


def exact(rule: str, facts: Arrays, items: Arrays) -> np.ndarray:
    """The award in fen by the letter of the clause, in whole numbers; no code of either side.

    -1 where a kind outside an open list leaves the amount to a person.
    """
    prior = facts["prior_paid"]
    if rule == "P04":
        base, left = facts["total_investment"], np.maximum(5 * MILLION - prior, 0)
        due = np.minimum((base * 3 + 5) // 10, left)
        good = ~facts["government_investment"] & facts["is_investor"] & facts["shortlisted"]
        return settled(due, good & (base > 0) & (left > 0), facts["field"] == 7)
    total = np.zeros(prior.size, dtype=np.int64)
    if rule == "P02a":
        counts = items["newly_purchased"] & items["for_rd"] & (items["buyer"] == 0)
        np.add.at(total, items["applicant"][counts], items["amount"][counts])
        left = np.maximum(10 * MILLION - prior, 0)
        due = np.minimum((total * 2 + 5) // 10, left)
        return settled(due, facts["platform_kind"] == 0, np.False_)
    counts = items["new"] & (items["revenue"] >= 10 * MILLION)
    firms = np.bincount(items["applicant"][counts], minlength=prior.size)
    growth = (items["revenue"] - items["prev_revenue"])[counts]
    np.add.at(total, items["applicant"][counts], growth)
    good = facts["demo_effect"] & (prior == 0) & (firms >= 10) & (total >= 500 * MILLION)
    due = np.minimum((total + 50) // 100, 30 * MILLION)
    return settled(due, good, facts["carrier_kind"] == 2)


def settled(due: np.ndarray, good: np.ndarray, by_a_person: np.ndarray) -> np.ndarray:
    """What is due where all is good, 0 elsewhere, -1 where a person decides."""
    return np.where(good, np.where(by_a_person, -1, due), 0)
