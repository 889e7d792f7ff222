"""Checking proofs with nothing but hashes (RFC 9162 §2.1.3.2 and §2.1.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.exchange.log.tree import Hasher


def verify_inclusion(
    hasher: Hasher, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` leads from the hash `leaf` at `index` to the `root` of `size` leaves."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = hasher.node(part, found)
            here, last = _climb(here, last)
        else:
            found = hasher.node(found, part)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    hasher: Hasher, first: int, second: int, old: bytes, new: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `first` leaves and root `old` is the beginning of that of `second`
    leaves and root `new`."""
    if not 0 <= first <= second:
        return False
    if first in (0, second):
        return not proof and old == (new if first == second else hasher.empty())
    path = [old, *proof] if first.bit_count() == 1 else list(proof)
    if not path:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = path[0]
    for part in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            before, after = hasher.node(part, before), hasher.node(part, after)
            here, last = _climb(here, last)
        else:
            after = hasher.node(after, part)
        here, last = here >> 1, last >> 1
    return last == 0 and before == old and after == new


def _climb(here: int, last: int) -> tuple[int, int]:
    """Past the levels at which this node has no right neighbour."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last
