"""The peer: bm25s, BM25 with scores computed at indexing, on the tokens that we use."""

from __future__ import annotations

import time
from functools import cache

import bm25s
from draw import drawn

from songhua.engines.matching import tokens

SHOWN = 10


def ranked(records: list, asked: list, limit: int) -> list[list[tuple[int, float]]]:
    """The best (number, score) of each question."""
    made = indexed(records)
    return [best(made, one, limit) for one in asked]


def indexed(records: list) -> bm25s.BM25:
    """Lucene's formula, as ours."""
    made = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    made.index(records, show_progress=False)
    return made


def best(made: bm25s.BM25, asked: list[str], limit: int) -> list[tuple[int, float]]:
    """Of one question; a repeated token counts once, as with us."""
    query = [list(dict.fromkeys(asked))]
    keys, scores = made.retrieve(query, k=limit, show_progress=False, n_threads=0)
    return list(zip(keys[0].tolist(), scores[0].tolist(), strict=True))


@cache
def index(records: int, seed: int) -> bm25s.BM25:
    """The case's records."""
    items = drawn({"seed": seed}, "achievement", records, 0)
    return indexed([tokens(item.text) for item, *_ in items])


def solve(case: dict) -> dict:
    """The ten best scores of every demand."""
    made = index(case["records"], case["seed"])
    asked = [tokens(one[0].text) for one in drawn(case, "demand", case["demands"], 1)]
    best(made, asked[0], SHOWN)
    begun = time.perf_counter()
    found = [best(made, one, SHOWN) for one in asked]
    seconds = time.perf_counter() - begun
    answer = {
        f"demand {n} rank {rank}": score
        for n, one in enumerate(found) for rank, (_, score) in enumerate(one, 1)
    }  # fmt: skip
    return {"seconds": seconds / len(asked), "answer": answer}
