"""Opinions that say the same, found exactly: Jaccard similarity of character triples.

The first opinion of a group stands for it, and every other of the group is at least `threshold`
alike to that one; nothing is dropped, and no chain of small steps joins what is unlike. Candidates
are found by the prefix filter of Chaudhuri, Ganti & Kaushik (ICDE 2006) and Bayardo, Ma & Srikant
(WWW 2007), which loses none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from songhua.governance.consultation.masking import without_contacts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

THRESHOLD = Fraction(4, 5)
SIZE = 3
_ASKED = re.compile(
    r"[0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十百千万亿]+(?=[元年月日天人家项倍条%])"
    r"|[不没未非勿]|反对|支持|同意|赞成|取消|删除|增加|减少|提高|降低|延长|缩短"
)


def plain(text: str) -> str:
    """`text` without punctuation, spaces, letter case, full-width forms and contact data."""
    folded = unicodedata.normalize("NFKC", without_contacts(text)).casefold()
    return "".join(filter(str.isalnum, folded))


def shingles(text: str) -> frozenset[str]:
    """The character triples of `plain(text)`; a shorter text is one shingle by itself.

    >>> sorted(shingles("建议提高！")), shingles("好") == {"好"}
    (['建议提', '议提高'], True)
    """
    written = plain(text)
    return frozenset(written[n : n + SIZE] for n in range(max(len(written) - SIZE + 1, 1)))


def likeness(one: frozenset[str], other: frozenset[str]) -> Fraction:
    """Jaccard similarity: what two sets share of what they hold together."""
    shared = len(one & other)
    return Fraction(shared, len(one) + len(other) - shared)


def near_duplicates(
    texts: Sequence[str], threshold: Fraction = THRESHOLD
) -> tuple[tuple[int, ...], ...]:
    """Places of `texts` by group, each place once, groups and places in the order given.

    >>> near_duplicates(["请提高供热补贴标准。", "反对涨价", "请提高供热补贴标准！！"])
    ((0, 2), (1,))
    """
    sets = [shingles(text) for text in texts]
    spread = Counter(shingle for found in sets for shingle in found)
    groups: dict[int, list[int]] = {}
    known: dict[frozenset[str], int] = {}
    homes: dict[str, list[int]] = defaultdict(list)  # shingle: the leaders with it in their prefix
    for place, mine in enumerate(sets):
        if mine not in known:
            keep = len(mine) - ceil(threshold * len(mine)) + 1
            prefix = sorted(mine, key=lambda shingle: (spread[shingle], shingle))[:keep]
            leader = _most_alike(mine, prefix, homes, sets, threshold)
            if leader is None:
                leader, groups[place] = place, []
                for shingle in prefix:
                    homes[shingle].append(place)
            known[mine] = leader
        groups[known[mine]].append(place)
    return tuple(tuple(group) for group in groups.values())


def _most_alike(
    mine: frozenset[str],
    prefix: Sequence[str],
    homes: dict[str, list[int]],
    sets: Sequence[frozenset[str]],
    threshold: Fraction,
) -> int | None:
    found: dict[int, Fraction] = {}
    for leader in {leader for shingle in prefix for leader in homes[shingle]}:
        sizes = sorted((len(mine), len(sets[leader])))
        if sizes[0] >= threshold * sizes[1]:
            found[leader] = likeness(mine, sets[leader])
    alike = [leader for leader in found if found[leader] >= threshold]
    return min(alike, key=lambda leader: (-found[leader], leader), default=None)


def differs(first: str, other: str) -> bool:
    """Whether two texts, however alike, ask for other figures or take another side: what an
    officer must read before one answer is given to both.

    >>> differs("补贴提高到100万元", "补贴提高到500万元"), differs("同意第三条", "同意第三条！")
    (True, False)
    """
    asked = [Counter(_ASKED.findall(unicodedata.normalize("NFKC", without_contacts(text))))
             for text in (first, other)]  # fmt: skip
    return asked[0] != asked[1]


def busiest(instants: Sequence[datetime], within: timedelta) -> tuple[int, datetime | None]:
    """The most of `instants` that fall into any stretch shorter than `within`, and its beginning.

    A group of which many came in a short time is a campaign: opinions all the same, and shown so.
    """
    ordered = sorted(instants)
    best, begins, first = 0, None, 0
    for place, instant in enumerate(ordered):
        while instant - ordered[first] >= within:
            first += 1
        if place - first + 1 > best:
            best, begins = place - first + 1, ordered[first]
    return best, begins
