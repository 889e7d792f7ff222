"""Our side: BM25 alone, whole match lists, and their quality before and after learning."""

from __future__ import annotations

import statistics
import time
from functools import cache

import jieba
import numpy as np
from bm25s_peer import ranked
from draw import drawn, grade

from songhua.engines.matching import PRIOR, Index, Matcher, learn, ndcg, tokens

SHOWN = 10
ACCEPTED = {3: 0.9, 2: 0.5, 0: 0.02}  # how often simulated people accept, by grade


def solve(case: dict) -> dict:
    """Seconds of a list, and what to compare."""
    return {"bm25": bm25, "lists": lists, "quality": quality}[case["part"]](case)


@cache
def index(records: int, seed: int) -> Index:
    """Only words, as the peer has them."""
    made = Index()
    for item, *_ in drawn({"seed": seed}, "achievement", records, 0):
        made.add(item.key, tokens(item.text))
    return made


@cache
def matcher(records: int, seed: int) -> Matcher:
    """Whole records."""
    made = Matcher()
    for item, *_ in drawn({"seed": seed}, "achievement", records, 0):
        made.add(item)
    return made


def bm25(case: dict) -> dict:
    """The ten best scores of every demand."""
    known = index(case["records"], case["seed"])
    asked = [tokens(one[0].text) for one in drawn(case, "demand", case["demands"], 1)]
    known.top(asked[0], SHOWN)
    begun = time.perf_counter()
    found = [known.top(one, SHOWN) for one in asked]
    seconds = time.perf_counter() - begun
    answer = {
        f"demand {n} rank {rank}": score
        for n, one in enumerate(found) for rank, (_, score) in enumerate(one, 1)
    }  # fmt: skip
    return {"seconds": seconds / len(asked), "answer": answer, "work": 1}


def lists(case: dict) -> dict:
    """The median list: tokens, candidates, traits, weights and reasons."""
    known = matcher(case["records"], case["seed"])
    asked = [one[0] for one in drawn(case, "demand", case["demands"], 1)]
    known.matches(asked[0], ["achievement"])
    times = []
    for one in asked:
        begun = time.perf_counter()
        known.matches(one, ["achievement"], limit=SHOWN)
        times.append(time.perf_counter() - begun)
    note = f"worst of {len(times)} in this run {1000 * max(times):.0f} ms"
    return {"seconds": statistics.median(times), "answer": {"lists": len(times)}, "note": note}


def quality(case: dict) -> dict:
    """nDCG@10 of demands not learned from; seconds are those of all lists."""
    records = drawn(case, "achievement", case["records"], 0)
    by_key = {one[0].key: one for one in records}
    known = matcher(case["records"], case["seed"])
    taught = decisions(known, by_key, drawn(case, "demand", case["demands"], 2))
    asked = drawn(case, "demand", case["demands"], 1)
    peers = ranked(
        [list(jieba.cut(item.text)) for item, *_ in records],
        [list(jieba.cut(one[0].text)) for one in asked], SHOWN,
    )  # fmt: skip
    begun = time.perf_counter()
    ways = {
        name: [[m.key for m in known.matches(d[0], ["achievement"], weights=w)] for d in asked]
        for name, w in (("learned", taught), ("not learned", PRIOR))
    }
    seconds = time.perf_counter() - begun
    ways["bm25s on jieba words"] = [[records[i][0].key for i, _ in one] for one in peers]
    all_grades = [[grade(one, other) for other in records] for one in asked]
    said = []
    for name, keys in ways.items():
        found = [
            ndcg([grade(one, by_key[key]) for key in row], every)
            for one, row, every in zip(asked, keys, all_grades, strict=True)
        ]
        russian = [v for v, one in zip(found, asked, strict=True) if "а" < one[0].text[0] < "я"]
        said.append(f"{name} {np.nanmean(found):.3f} (Russian demands {np.nanmean(russian):.3f})")
    note = f"nDCG@10, simulated: {', '.join(said)}"
    return {"seconds": seconds, "answer": {"lists": len(asked)}, "note": note}


def decisions(known: Matcher, by_key: dict, demands: list) -> object:
    """Weights after simulated people decided on lists: they accept a match by its grade's odds."""
    rng, features, accepted = np.random.default_rng(3), [], []
    for one in demands:
        for match in known.matches(one[0], ["achievement"], limit=SHOWN):
            features.append(match.features)
            accepted.append(rng.random() < ACCEPTED[grade(one, by_key[match.key])])
    return learn(features, accepted)
