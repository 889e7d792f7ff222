"""Simulated records with known relevance: each has a method and an object, and says them in one of
several ways, in Chinese or Russian, between sentences that mean nothing.

An achievement suits a demand by 2 where method and object are the same, by 3 where maturity and
budget suit too, else by 0. These are our simulations, not decisions that people made.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from songhua.engines.matching import Item

FILLER = {
    "zh": ("具有自主知识产权", "已完成实验室验证", "希望与企业共同推进", "可降低运行成本",
           "适合批量推广",
           "团队经验丰富", "通过第三方测试", "面向行业需求", "实施周期较短", "可提供技术服务"),
    "ru": ("имеется патент", "проведены лабораторные испытания", "ищем партнера", "снижает затраты",
           "готово к внедрению", "опытная команда", "пройдены независимые тесты",
           "срок работ небольшой", "возможна техническая поддержка", "решает задачи отрасли"),
}  # fmt: skip
FIELDS = ("智能制造", "智慧农业", "智慧医疗", "智慧供暖")
DISTRICTS = ("道里区", "南岗区", "松北区", "平房区")


@cache
def words() -> dict[str, list[dict[str, list[str]]]]:
    """The ways to say every method and every object."""
    found: dict[str, list[dict[str, list[str]]]] = {"method": [], "object": []}
    with (Path(__file__).parent / "words.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            found[row["part"]].append({code: row[code].split("|") for code in ("zh", "ru")})
    return found


def drawn(case: dict, kind: str, count: int, stream: int) -> list[tuple[Item, int, int]]:
    """Records of a kind, each with the numbers of its method and its object."""
    rng, said = np.random.default_rng((case["seed"], stream)), words()
    return [record(rng, said, kind, f"{kind}{stream}:{n}") for n in range(count)]


def record(rng: np.random.Generator, said: dict, kind: str, key: str) -> tuple[Item, int, int]:
    """One of them: a quarter is Russian, a fifth tells no maturity and no budget."""
    method, thing = (int(rng.integers(len(said[part]))) for part in ("method", "object"))
    language = "ru" if rng.random() < 0.25 else "zh"
    parts = [
        str(rng.choice(said["method"][method][language])),
        str(rng.choice(said["object"][thing][language])),
        *map(str, rng.choice(FILLER[language], rng.integers(2, 6), replace=False)),
    ]
    rng.shuffle(parts)
    low, unknown = int(rng.integers(1, 8)), rng.random() < 0.2
    money = int(rng.integers(10, 500)) * 1_000_000
    demand = kind == "demand"
    item = Item(
        key, kind, "，".join(parts), FIELDS[thing % 4] if rng.random() < 0.9 else "",
        str(rng.choice(DISTRICTS)), None if unknown else (low, min(9, low + 3 if demand else low)),
        None if unknown else (0 if demand else money // 2, money),
    )  # fmt: skip
    return item, method, thing


def grade(demand: tuple[Item, int, int], other: tuple[Item, int, int]) -> int:
    """How well an achievement suits."""
    if demand[1:] != other[1:]:
        return 0
    spans = ((demand[0].trl, other[0].trl), (demand[0].budget_fen, other[0].budget_fen))
    suits = all(
        a is not None and b is not None and max(a[0], b[0]) <= min(a[1], b[1]) for a, b in spans
    )
    return 3 if suits else 2
