"""The Merkle tree of RFC 6962 §2.1 over an append-only list, with every subtree hash kept.

The hash of each complete subtree is a row, in the order in which subtrees become complete: a leaf,
then every subtree that it closes. A row's place follows from its level and index, so that a root
or a proof over n leaves reads O(log n) rows.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol

from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Digest = Literal["sha256", "sm3"]


class Hasher:
    """SHA-256 (RFC 6962) or SM3 (GM/T 0004) with leaves and nodes kept apart by a first byte.

    >>> Hasher("sha256").leaf(b"").hex()[:16]
    '6e340b9cffb37a98'
    """

    def __init__(self, digest: Digest) -> None:
        require(digest in ("sha256", "sm3"), "digest", "log_digest_unknown", digest)
        self.digest = digest
        self._new: Callable[[bytes], hashlib._Hash] = (
            hashlib.sha256 if digest == "sha256" else partial(hashlib.new, "sm3")
        )

    def empty(self) -> bytes:
        """The root of a tree without leaves: 32 bytes, as all hashes here."""
        return self._new(b"").digest()

    def leaf(self, entry: bytes) -> bytes:
        """H(0x00 || entry)."""
        return self._new(b"\x00" + entry).digest()

    def node(self, left: bytes, right: bytes) -> bytes:
        """H(0x01 || left || right)."""
        return self._new(b"\x01" + left + right).digest()


class Tree(Protocol):
    """What roots and proofs are read from."""

    hasher: Hasher

    @property
    def size(self) -> int:
        """Number of leaves."""

    def node(self, level: int, index: int) -> bytes:
        """Hash over the leaves from ``index << level`` to before ``(index + 1) << level``."""


def rows(leaves: int) -> int:
    """How many complete subtrees, leaves included, the first `leaves` leaves hold.

    >>> [rows(n) for n in range(6)]
    [0, 1, 3, 4, 7, 8]
    """
    return 2 * leaves - leaves.bit_count()


def row(level: int, index: int) -> int:
    """The place among all rows of subtree `index` of `level`.

    >>> row(0, 2), row(2, 0)
    (3, 6)
    """
    return rows(((index + 1) << level) - 1) + level


class Frontier:
    """The right edge of a growing tree: the roots of its largest complete subtrees."""

    def __init__(self, hasher: Hasher, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.hasher, self.size, self.peaks = hasher, size, list(peaks)

    @classmethod
    def of(cls, tree: Tree, size: int) -> Frontier:
        """The right edge that `tree` had at `size` leaves."""
        levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
        peaks = [tree.node(level, (size >> level) - 1) for level in levels]
        return cls(tree.hasher, size, peaks)

    def copy(self) -> Frontier:
        """Another of the same leaves, which grows on its own."""
        return Frontier(self.hasher, self.size, self.peaks)

    def add(self, leaf: bytes) -> list[bytes]:
        """Append a leaf hash; the new rows: the leaf and every subtree that it completes."""
        made, level = [leaf], self.size
        while level & 1:
            made.append(self.hasher.node(self.peaks.pop(), made[-1]))
            level >>= 1
        self.peaks.append(made[-1])
        self.size += 1
        return made

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.peaks:
            return self.hasher.empty()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = self.hasher.node(peak, root)
        return root


def root(tree: Tree, size: int) -> bytes:
    """The root over the first `size` leaves. Raises ``log_size`` beyond the tree."""
    require(0 <= size <= tree.size, "size", "log_size", size)
    return Frontier.of(tree, size).root()


def inclusion(tree: Tree, index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1)."""
    require(0 <= index < size <= tree.size, "index", "log_size", f"{index}/{size}")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_over(tree, middle, high))
            high = middle
        else:
            path.append(_over(tree, low, middle))
            low = middle
    return path[::-1]


def consistency(tree: Tree, first: int, second: int) -> list[bytes]:
    """The proof that `first` leaves are the beginning of `second` (RFC 6962 §2.1.2)."""
    require(0 <= first <= second <= tree.size, "size", "log_size", f"{first}/{second}")
    if first in (0, second):
        return []
    path, low, high = [], 0, second
    while first != high:
        middle = low + _split(high - low)
        if first <= middle:
            path.append(_over(tree, middle, high))
            high = middle
        else:
            path.append(_over(tree, low, middle))
            low = middle
    if low:  # the old tree is not itself a node on the left edge: its last part must be named
        path.append(_over(tree, low, high))
    return path[::-1]


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _over(tree: Tree, low: int, high: int) -> bytes:
    """The hash over leaves low to before high, as the recursion of RFC 6962 cuts them."""
    count = high - low
    if count.bit_count() == 1:
        level = count.bit_length() - 1
        return tree.node(level, low >> level)
    middle = low + _split(count)
    return tree.hasher.node(_over(tree, low, middle), _over(tree, middle, high))
