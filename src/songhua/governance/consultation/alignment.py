"""Which clause of one version became which of the next: by its words first, then by likeness."""

from __future__ import annotations

from collections import Counter, defaultdict
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.governance.consultation.clauses import Clause

ALIKE = 0.5  # Dice coefficient of character pairs above which two clauses are versions of one
ALIKE_SAME_NUMBER = 0.25  # and where they carry the same number


def align(old: Sequence[Clause], new: Sequence[Clause]) -> list[tuple[int, int]]:
    """Pairs of places (in `old`, in `new`), each place at most once, in the order of `new`.

    Clauses with equal words are paired in order, then wherever they went; of the rest the most
    alike, and only where they are alike enough.
    """
    bodies = [_words(c) for c in old], [_words(c) for c in new]
    pairs: dict[int, int] = {}
    for block in SequenceMatcher(None, *bodies, autojunk=False).get_matching_blocks():
        pairs |= {block.b + n: block.a + n for n in range(block.size)}
    places: dict[str, list[int]] = defaultdict(list)
    for place in sorted(set(range(len(old))) - set(pairs.values()), reverse=True):
        places[bodies[0][place]].append(place)
    for place, body in enumerate(bodies[1]):
        if place not in pairs and places[body]:
            pairs[place] = places[body].pop()
    _alike(old, new, pairs)
    return [(pairs[place], place) for place in sorted(pairs)]


def _alike(old: Sequence[Clause], new: Sequence[Clause], pairs: dict[int, int]) -> None:
    """Add to `pairs` what is alike enough, the most alike first."""
    free = set(range(len(old))) - set(pairs.values())
    grams = {place: _pairs_of_characters(_words(old[place])) for place in free}
    homes: dict[str, list[int]] = defaultdict(list)
    for place in sorted(free):
        for gram in grams[place]:
            homes[gram].append(place)
    found = []
    for b, clause in enumerate(new):
        if b in pairs:
            continue
        mine = _pairs_of_characters(_words(clause))
        shared = Counter(place for gram in mine for place in homes.get(gram, ()))
        for a, count in shared.items():
            dice = 2 * count / (len(mine) + len(grams[a]))
            same = old[a].number == clause.number
            if dice >= (ALIKE_SAME_NUMBER if same else ALIKE):
                found.append((-dice, not same, abs(a - b), a, b))
    for *_, a, b in sorted(found):
        if a in free and b not in pairs:
            pairs[b] = a
            free.remove(a)


def _words(clause: Clause) -> str:
    """What a clause says; its number, where it says nothing else; the blank, where it is blank."""
    return clause.body or clause.label or clause.text


def _pairs_of_characters(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(max(len(text) - 1, 1))} - {""}
