"""The least loss at which a table is anonymous: a search over all ways to climb the ladders.

Every quasi-identifier has a ladder of ever coarser codings, and a node picks one rung of each
(full-domain generalisation: Samarati 2001). Loss is non-uniform entropy (De Waal & Willenborg
1999, as in OLA of El Emam et al. 2009): the bits that the coarser coding no longer tells. It adds
up over columns, so all nodes are ranked before any is tried and the first that holds is the best.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from songhua.exchange.privacy.anonymity import (
    closeness,
    distinct_diversity,
    entropy_diversity,
    equivalence_classes,
)
from songhua.kit.errors import Infeasible, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from songhua.exchange.privacy.anonymity import Codes

MOST_NODES = 20_000
_SLACK = 1e-9  # rounding of shares must not decide


@dataclass(frozen=True)
class Sensitive:
    """The codes of a sensitive column, (rows,), and whether they follow an order."""

    codes: Codes
    ordered: bool


@dataclass(frozen=True)
class Demand:
    """What every class must satisfy: `k` rows, `l_distinct` values, `l_entropy`, and a distance of
    at most `t`, for each sensitive column."""

    k: int
    l_distinct: int = 1
    l_entropy: float = 1.0
    t: float = 1.0


@dataclass(frozen=True)
class Node:
    """A rung of each ladder, the rows that stay (True, (rows,)) and the share of bits lost."""

    rungs: tuple[int, ...]
    kept: NDArray[np.bool_] = field(repr=False)
    loss: float


def search(
    origins: Sequence[Codes],
    ladders: Sequence[Sequence[Codes]],
    sensitive: Mapping[str, Sensitive],
    demand: Demand,
    suppressible: int,
    rows: int,
) -> Node:
    """The node of least loss whose classes satisfy `demand` once at most `suppressible` rows are
    left out; of equal loss, the one that leaves out fewest, then the one that climbs the first
    ladders least.

    `origins` holds the codes of each column as it came, `ladders` those of each rung, all (rows,).
    Raises `Infeasible` with what fails at the top of all ladders; ``privacy_lattice_large``.
    """
    size = prod(map(len, ladders))
    require(size <= MOST_NODES, "columns", "privacy_lattice_large", size)
    best: Node | None = None
    for loss, rungs in _ranked(origins, ladders):
        if best and loss > best.loss + _SLACK:
            break
        columns = [ladder[rung] for ladder, rung in zip(ladders, rungs, strict=True)]
        kept = _kept(columns, sensitive, demand, suppressible, rows)
        if kept is not None and (best is None or kept.sum() > best.kept.sum()):
            best = Node(rungs, kept, loss)
    if best is None:
        tops = [ladder[-1] for ladder in ladders]
        raise Infeasible(list(_reasons(tops, sensitive, demand, suppressible, rows)))
    return best


def _ranked(
    origins: Sequence[Codes], ladders: Sequence[Sequence[Codes]]
) -> list[tuple[float, tuple[int, ...]]]:
    """Every node with its loss, from 0 to 1 (where nothing at all is told), least first."""
    everything = sum(_bits(origin, np.zeros_like(origin)) for origin in origins) or 1.0
    lost = [
        [_bits(origin, rung) / everything for rung in ladder]
        for origin, ladder in zip(origins, ladders, strict=True)
    ]
    nodes = product(*(range(len(ladder)) for ladder in ladders))
    return sorted(
        (sum(each[rung] for each, rung in zip(lost, rungs, strict=True)), rungs) for rungs in nodes
    )


def _bits(fine: Codes, coarse: Codes) -> float:
    """Bits that it takes to tell each row's `fine` code from its `coarse` one, all rows summed."""
    if not len(fine):
        return 0.0
    both = equivalence_classes([fine, coarse], len(fine))
    return float(np.log2(np.bincount(coarse)[coarse] / np.bincount(both)[both]).sum())


def _kept(
    columns: Sequence[Codes],
    sensitive: Mapping[str, Sensitive],
    demand: Demand,
    suppressible: int,
    rows: int,
) -> NDArray[np.bool_] | None:
    """The rows that stay once failing classes are left out, or None where those are too many.

    Leaving rows out moves the table's distribution, so the rest is looked at again.
    """
    kept = np.ones(rows, dtype=np.bool_)
    while True:
        classes = equivalence_classes([column[kept] for column in columns], int(kept.sum()))
        failing = np.zeros(int(classes.max(initial=-1)) + 1, dtype=np.bool_)
        for _, _, fails in _failures(classes, sensitive, kept, demand):
            failing |= fails
            if rows - len(classes) + failing[classes].sum() > suppressible:
                return None
        if not failing.any():
            return kept if kept.any() or not rows else None
        kept[np.flatnonzero(kept)[failing[classes]]] = False


def _failures(
    classes: Codes, sensitive: Mapping[str, Sensitive], kept: NDArray[np.bool_], demand: Demand
) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Each demand in force: the column, the code of its sentence, and which classes fail it."""
    yield "k", "privacy_unreachable_k", np.bincount(classes) < demand.k
    for name, column in sensitive.items():
        codes = column.codes[kept]
        if demand.l_distinct > 1:
            found = distinct_diversity(classes, codes)
            yield name, "privacy_unreachable_l", found < demand.l_distinct
        if demand.l_entropy > 1:
            uncertain = entropy_diversity(classes, codes)
            yield name, "privacy_unreachable_entropy", uncertain < demand.l_entropy - _SLACK
        if demand.t < 1:
            far = closeness(classes, codes, column.ordered)
            yield name, "privacy_unreachable_t", far > demand.t + _SLACK


def _reasons(
    columns: Sequence[Codes],
    sensitive: Mapping[str, Sensitive],
    demand: Demand,
    suppressible: int,
    rows: int,
) -> Iterator[Problem]:
    classes, all_rows = equivalence_classes(columns, rows), np.ones(rows, dtype=np.bool_)
    for name, code, fails in _failures(classes, sensitive, all_rows, demand):
        if fails.any():
            yield Problem(name, code, f"{int(fails[classes].sum())} / {suppressible}")
