"""The match list of a record among many: words find candidates, words and traits rank them, and
each match carries its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.matching.index import Index
from songhua.engines.matching.learning import PRIOR, Weights
from songhua.engines.matching.tokens import tokens
from songhua.engines.matching.traits import FEATURES, traits
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection

CANDIDATES = 200  # the best by BM25, which all features rank again


@dataclass(frozen=True)
class Item:
    """A record as matching sees it. Empty codes and None ranges are unknown; ranges are closed:
    technology readiness levels 1-9, and money in fen."""

    key: str
    kind: str
    text: str
    field: str = ""
    district: str = ""
    trl: tuple[int, int] | None = None
    budget_fen: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        ranges = (("trl", self.trl), ("budget_fen", self.budget_fen))
        problems = [
            Problem(name, "matching_range", f"{span[0]}–{span[1]}")
            for name, span in ranges if span is not None and span[0] > span[1]
        ]  # fmt: skip
        if problems:
            raise InputError(problems)


@dataclass(frozen=True)
class Match:
    """A record that suits another. `score` = constant + Σ `adds`; `terms` say what each shared
    token gives to the features "words" and "concepts", which are their sums."""

    key: str
    score: float
    features: tuple[float, ...]
    adds: dict[str, float]
    terms: dict[str, float]


class Matcher:
    """Records that can be matched, by key."""

    def __init__(self) -> None:
        self._index = Index()
        self._items: dict[str, Item] = {}
        self._kinds: list[str] = []  # of every slot of the index
        self._kind_array: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: str) -> bool:
        return key in self._items

    def add(self, item: Item) -> None:
        """Let a record be found."""
        self._index.add(item.key, tokens(item.text))
        self._items[item.key] = item
        self._kinds.append(item.kind)
        self._kind_array = None

    def remove(self, key: str) -> None:
        """Let a record be found no longer."""
        self._index.remove(key)
        del self._items[key]

    def matches(self, item: Item, kinds: Collection[str], *, limit: int = 10,
                weights: Weights = PRIOR) -> list[Match]:  # fmt: skip
        """The best records of these kinds for `item`, itself left out; the first is the best."""
        if self._kind_array is None:
            self._kind_array = np.array(self._kinds, str)
        asked = list(dict.fromkeys(tokens(item.text)))
        among = np.isin(self._kind_array, list(kinds))
        found = self._index.top(asked, CANDIDATES + 1, among)
        most = sum(map(self._index.idf, asked))  # no document reaches it
        ranked = []
        for key, _ in found:
            if key != item.key:
                terms = {t: part / most for t, part in self._index.shares(asked, key).items()}
                features = (*_parts(terms), *traits(item, self._items[key]))
                ranked.append((_sum(features, weights), key, features, terms))
        ranked.sort(key=lambda one: -one[0])
        return [
            Match(key, total, features, _adds(features, weights), terms)
            for total, key, features, terms in ranked[:limit]
        ]


def _parts(terms: dict[str, float]) -> tuple[float, float]:
    """What shared words give, and what shared concepts of the lexicon give."""
    named = sum(part for token, part in terms.items() if token.startswith("="))
    return sum(terms.values()) - named, named


def _sum(features: tuple[float, ...], weights: Weights) -> float:
    return weights.constant + sum(_adds(features, weights).values())


def _adds(features: tuple[float, ...], weights: Weights) -> dict[str, float]:
    """What each feature gives to the score."""
    return {
        name: weight * value
        for name, weight, value in zip(FEATURES, weights.features, features, strict=True)
    }
