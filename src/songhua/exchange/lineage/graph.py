"""Columns and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Kind = Literal["copied", "derived", "aggregated", "selected", "declared"]
"""How a column comes of another: as it is, computed, summed up over rows, only by the choice, join
or order of rows; or in a way that is declared as a whole."""


@dataclass(frozen=True, order=True)
class Node:
    """A column of a dataset, or of something else that holds figures."""

    dataset: str
    column: str


@dataclass(frozen=True, order=True)
class Edge:
    """`target` is made of `source`."""

    source: Node
    target: Node
    kind: Kind


def downstream(edges: Iterable[Edge], start: Iterable[Node]) -> set[Edge]:
    """All that is made of `start`, directly or not.

    >>> a, b, c = (Node("t", name) for name in "abc")
    >>> chain = [Edge(a, b, "copied"), Edge(b, c, "derived")]
    >>> len(downstream(chain, [a])), len(downstream(chain, [b])), len(downstream(chain, [c]))
    (2, 1, 0)
    """
    return _followed(edges, start, lambda edge: (edge.source, edge.target))


def upstream(edges: Iterable[Edge], start: Iterable[Node]) -> set[Edge]:
    """All that `start` is made of, directly or not."""
    return _followed(edges, start, lambda edge: (edge.target, edge.source))


def _followed(
    edges: Iterable[Edge], start: Iterable[Node], way: Callable[[Edge], tuple[Node, Node]]
) -> set[Edge]:
    leaving: dict[Node, list[Edge]] = {}
    for edge in edges:
        leaving.setdefault(way(edge)[0], []).append(edge)
    found: set[Edge] = set()
    waiting, known = list(start), set(start)
    while waiting:
        for edge in leaving.get(waiting.pop(), ()):
            found.add(edge)
            following = way(edge)[1]
            if following not in known:
                known.add(following)
                waiting.append(following)
    return found


def among(edges: Iterable[Edge], seen: Callable[[Node], bool]) -> list[Edge]:
    """The edges between nodes that may be seen. What leads through another node is left out too:
    that one thing comes of another would tell of what lies between.

    >>> a, b, c = (Node("t", name) for name in "abc")
    >>> among([Edge(a, b, "copied"), Edge(b, c, "copied")], lambda node: node != b)
    []
    """
    return [edge for edge in edges if seen(edge.source) and seen(edge.target)]
