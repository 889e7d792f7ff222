"""Random applicants, the same on both sides."""

from __future__ import annotations

import random

SOURCES = ("this", "city", "district", "province", "state")

Award = tuple[str, str, int, list[str]]


def applicants(case: dict) -> list[list[Award]]:
    """For each applicant a list of awards: (id, source, amount in fen, matters)."""
    chance = random.Random(case["seed"])
    fewest, most = case["awards"]
    matters = [f"m{number}" for number in range(case["matters"])]
    largest = round(case["most_yuan"] * 100)
    return [
        [
            (
                f"a{number}",
                chance.choice(SOURCES),
                chance.randint(1, largest),
                chance.sample(matters, chance.choice((1, 2))),
            )
            for number in range(chance.randint(fewest, most))
        ]
        for _ in range(case["applicants"])
    ]


def figures(amounts: list[int]) -> dict[str, int]:
    """The sum, and a sum that changes when two applicants' amounts are exchanged."""
    return {
        "total_fen": sum(amounts),
        "weighted_fen": sum((1 + i % 9973) * amount for i, amount in enumerate(amounts)),
    }
