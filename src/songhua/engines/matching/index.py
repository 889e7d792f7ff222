"""BM25 over documents that come and go.

score(q, d) = Σ over terms t of both: idf(t) · f / (f + k1 (1 - b + b |d| / mean |d|)), with f the
count of t in d and idf(t) = ln(1 + (N - n + 1/2) / (n + 1/2)) where n of the N documents hold t.
Source: S. Robertson, H. Zaragoza, The Probabilistic Relevance Framework (2009), in the form that
Lucene uses, without the constant factor k1 + 1.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.matching.postings import Postings
from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from songhua.engines.matching.postings import Counted

K1, B = 1.5, 0.75
YOUNG_SHARE = 8  # the young part joins the old one once it is an eighth of all


class Index:
    """Documents by key. Adding and removing cost a document's own length; what was added since
    the last question is sorted when the next one is asked."""

    def __init__(self) -> None:
        self._terms: dict[str, int] = {}
        self._keys: list[str] = []
        self._slots: dict[str, int] = {}
        self._documents: list[Counted] = []
        self._lengths: list[float] = []
        self._alive: list[bool] = []
        self._holding: list[int] = []  # documents alive that hold each term
        self._length = 0.0
        self._old = self._young = Postings.of([], 0, 0)
        self._in_old = self._in_young = 0  # how many slots each part covers
        self._norms: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: str) -> bool:
        return key in self._slots

    def add(self, key: str, tokens: Iterable[str]) -> None:
        """A new document."""
        require(key not in self, "key", "matching_key_twice", key)
        counted = Counter(tokens)
        for token in counted:
            if token not in self._terms:
                self._terms[token] = len(self._terms)
                self._holding.append(0)
        terms = [self._terms[token] for token in counted]
        for term in terms:
            self._holding[term] += 1
        counts = np.fromiter(counted.values(), np.float32, len(counted))
        self._slots[key] = len(self._keys)
        self._keys.append(key)
        self._documents.append((np.array(terms, np.int32), counts))
        self._lengths.append(float(counts.sum()))
        self._alive.append(True)
        self._length += self._lengths[-1]
        self._norms = None

    def remove(self, key: str) -> None:
        """A document goes; its slot stays empty."""
        require(key in self, "key", "matching_key_unknown", key)
        slot = self._slots.pop(key)
        self._alive[slot] = False
        for term in self._documents[slot][0].tolist():
            self._holding[term] -= 1
        self._length -= self._lengths[slot]
        self._norms = None

    def idf(self, token: str) -> float:
        """The weight of a token, 0 where no document holds it."""
        held = self._holding[self._terms[token]] if token in self._terms else 0
        return float(np.log1p((len(self) - held + 0.5) / (held + 0.5))) if held else 0.0

    def scores(self, tokens: Iterable[str]) -> NDArray[np.float32]:
        """One score per slot; a removed document has -1. A repeated token counts once."""
        norms = self._settled()
        found = np.zeros(len(norms), np.float32)
        for token in dict.fromkeys(tokens):
            if weight := self.idf(token):
                for part in (self._old, self._young):
                    slots, counts = part.holding(self._terms[token])
                    found[slots] += np.float32(weight) * (counts / (counts + norms[slots]))
        found[~np.array(self._alive, bool)] = -1
        return found

    def top(self, tokens: Iterable[str], limit: int,
            among: NDArray[np.bool_] | None = None) -> list[tuple[str, float]]:  # fmt: skip
        """The `limit` best (key, score), the earlier added first where scores are level; none
        that shares nothing. `among` says for each slot whether it may be found."""
        scores = self.scores(tokens)
        if among is not None:
            scores[~among] = -1
        count = min(limit, int((scores > 0).sum()))
        if not count:
            return []
        least = np.partition(scores, -count)[-count]
        best = np.flatnonzero(scores >= least)
        best = best[np.argsort(-scores[best], kind="stable")][:count]
        return [(self._keys[slot], float(scores[slot])) for slot in best]

    def shares(self, tokens: Iterable[str], key: str) -> dict[str, float]:
        """What each shared token adds to the score of a document, the weightiest first."""
        require(key in self, "key", "matching_key_unknown", key)
        slot = self._slots[key]
        terms, counts = self._documents[slot]
        held = dict(zip(terms.tolist(), counts.tolist(), strict=True))
        norm = float(self._settled()[slot])
        found = {
            token: self.idf(token) * count / (count + norm)
            for token in dict.fromkeys(tokens) if (count := held.get(self._terms.get(token, -1)))
        }  # fmt: skip
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def _settled(self) -> NDArray[np.float32]:
        """The length norm of every slot; the parts cover every document afterwards."""
        if self._norms is not None:
            return self._norms
        count, terms = len(self._keys), len(self._terms)
        if (count - self._in_old) * YOUNG_SHARE > count:
            self._old = Postings.of(self._documents, 0, terms)
            self._young, self._in_old = Postings.of([], 0, 0), count
        elif self._in_old + self._in_young < count:
            self._young = Postings.of(self._documents[self._in_old :], self._in_old, terms)
        self._in_young = count - self._in_old
        mean = self._length / max(len(self), 1)
        lengths = np.array(self._lengths, np.float32)
        self._norms = (K1 * (1 - B + B * lengths / (mean or 1))).astype(np.float32)
        return self._norms
