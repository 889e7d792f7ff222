"""The lineage that a scenario declares: what an action reads and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.exchange.lineage.graph import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.kit.spec import Action, Scenario


def edges_of_action(scenario: Scenario, action: Action) -> list[Edge]:
    """What the columns that an action writes, and its indicators, are made of. A column that is
    read under the same name is taken for the same; every other is declared to come of all that
    the action reads. Datasets are ``scenario:<name>/<dataset>``, indicators columns of
    ``action:<name>.<action>``."""
    read = [node for name in action.reads for node in _columns(scenario, name)]
    written = [node for name in action.writes for node in _columns(scenario, name)]
    figures = [Node(f"action:{scenario.name}.{action.name}", kpi) for kpi in action.kpis]
    return sorted({edge for target in (*written, *figures) for edge in _of(target, read)})


def _columns(scenario: Scenario, name: str) -> list[Node]:
    columns = scenario.dataset(name).columns
    return [Node(f"scenario:{scenario.name}/{name}", column.name) for column in columns]


def _of(target: Node, read: list[Node]) -> Iterator[Edge]:
    same = [node for node in read if node.column == target.column]
    for node in same or read:
        if node.dataset != target.dataset:
            yield Edge(node, target, "copied" if same else "declared")
