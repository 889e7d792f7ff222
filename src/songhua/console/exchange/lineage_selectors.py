"""The lineage that somebody may see: of the datasets and the columns that they may know of, and of
nothing that lies between. Names of nodes: ``scenario:…`` and ``dataset:…`` are the catalogue's,
``action:…`` the indicators of a scenario, ``indicator:…`` those of the plan, ``to:…`` who was given
something, ``answer:…`` the answers to somebody's questions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from songhua.console.design import say
from songhua.console.exchange import records, selectors
from songhua.console.exchange.models import Entry, Flow, Grant, Use
from songhua.console.exchange.sharing_selectors import SEEING_ALL
from songhua.console.ledger.models import Evidence, Indicator
from songhua.console.people.models import Unit
from songhua.console.runs import selectors as run_selectors
from songhua.exchange.lineage import (
    Edge,
    Node,
    among,
    downstream,
    edges_of_action,
    laid_out,
    upstream,
)
from songhua.kit.terms import terms
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from songhua.exchange.lineage import Picture

VALUE = "value"


@dataclass(frozen=True)
class Lineage:
    """A lineage as it is drawn and listed: what each dataset is called, and where its page is."""

    edges: list[Edge]
    picture: Picture
    names: dict[str, tuple[object, str]]


@cache
def _declared() -> tuple[Edge, ...]:
    """What all scenarios declare; the same as long as the program runs."""
    return tuple(
        edge for s in scenarios().values() for action in s.actions
        for edge in edges_of_action(s, action)
    )  # fmt: skip


def of_entry(user: Any, entry: Entry) -> Lineage:
    """What the columns of a dataset are made of, and what is made of them."""
    seen = _Seen(user, [entry])
    edges = [*_declared(), *_given(user, entry), *_indicators(user)]
    name = key(entry)
    start = [Node(name, column) for column in seen.columns.get(name, ())]
    return _lineage(seen, edges, start)


def of_indicator(user: Any, row: Indicator) -> Lineage:
    """What an indicator of the plan is made of, by the runs that its tasks show as evidence."""
    edges = [*_declared(), *_indicators(user)]
    return _lineage(_Seen(user, []), edges, [Node(f"indicator:{row.code}", VALUE)])


def key(entry: Entry) -> str:
    """The name of a dataset in a lineage."""
    return entry.origin if entry.origin.startswith("scenario:") else f"dataset:{entry.uid}"


def _lineage(seen: _Seen, edges: Iterable[Edge], start: list[Node]) -> Lineage:
    shown = among(edges, seen)
    reached = sorted(upstream(shown, start) | downstream(shown, start))
    datasets = {node.dataset for edge in reached for node in (edge.source, edge.target)}
    return Lineage(reached, laid_out(reached), {name: seen.called(name) for name in datasets})


class _Seen:
    """What somebody may know of: nodes, and what they are called."""

    def __init__(self, user: Any, more: Iterable[Entry]) -> None:
        self._official = selectors.official(user)
        rows = selectors.visible(user).filter(origin__startswith="scenario:")
        stocked = [*selectors.stocked(rows).defer("published", "found_by"), *more]
        self._entries = {key(entry): entry for entry in stocked}
        self.columns = {name: self._shown(entry) for name, entry in self._entries.items()}
        self._units = {unit.code: unit for unit in Unit.objects.all()} if self._official else {}

    def _shown(self, entry: Entry) -> set[str]:
        fields = records.fields_of(entry) or records.fields_from(selectors.tables(entry))
        return {field.name for field in fields if self._official or field.open}

    def __call__(self, node: Node) -> bool:
        if node.dataset in self.columns:
            return node.column in self.columns[node.dataset]
        return self._official and not node.dataset.startswith(("scenario:", "dataset:"))

    def called(self, name: str) -> tuple[object, str]:
        """What people call a dataset, and the name of its page."""
        if name in self._entries:
            entry = self._entries[name]
            return say(entry.title, entry.title_en or entry.title), entry.name
        kind, _, rest = name.partition(":")
        if kind == "action":
            scenario = scenarios()[rest.partition(".")[0]]
            return say("{s}的指标", "Indicators of {s}", s=say(scenario.zh, scenario.en)), ""
        if kind == "indicator":
            row = Indicator.objects.get(code=rest)
            return say(row.name_zh, row.name_en), ""
        unit = self._units.get(rest)
        who = say(unit.name_zh, unit.name_en or unit.name_zh) if unit else say("公众", "the public")
        if kind == "answer":
            return say("给{u}的查询结果", "Answers to {u}", u=who), ""
        return say("已交付{u}", "Delivered to {u}", u=who), ""


def _given(user: Any, entry: Entry) -> Iterator[Edge]:
    """To whom columns of a dataset went: to office and leaders, its department, and to another
    department what went to itself."""
    name, tables = key(entry), selectors.tables(entry)
    if not selectors.official(user):
        return
    all_of_it = user.role in SEEING_ALL or selectors.manages(user, entry)
    own = user.unit.code if user.unit else ""
    for table in tables:
        names = [c["name"] for c in table.current.columns if c["name"] != "_id"]
        opened = [c["name"] for c in table.current.columns if c.get("open")]
        holders = Use.objects.filter(distribution=table).order_by().values_list("holder", "grant")
        grants = Grant.objects.select_related("unit").in_bulk(
            [pk for _, pk in holders if pk is not None]
        )
        for holder, pk in set(holders):
            grant = grants.get(pk)
            to = grant.unit.code if grant else holder.removeprefix("unit:")
            columns = grant.columns if grant else opened if holder == "public" else names
            if all_of_it or to == own:
                for column in columns:
                    yield Edge(Node(name, column), Node(f"to:{to}", column), "copied")
    for flow in Flow.objects.filter(entry=entry):
        if all_of_it or flow.to == own:
            target = Node(f"answer:{flow.to}", flow.target)
            yield Edge(Node(name, flow.column), target, flow.kind)


def _indicators(user: Any) -> Iterator[Edge]:
    """Which figures of runs stand as evidence behind indicators of the plan."""
    if not selectors.official(user):
        return
    rows = Evidence.objects.filter(
        kind=Evidence.Kind.RUN, task__obligation__indicator__isnull=False
    )
    rows = rows.exclude(state=Evidence.State.REJECTED)
    told = list(rows.values_list("run_id", "title", "task__obligation__indicator__code"))
    found = run_selectors.named([run for run, _, _ in told])
    for run_id, title, code in told:
        run = found.get(run_id)
        if run is None or run.scenario not in scenarios():
            continue
        scenario = scenarios()[run.scenario]
        known = terms(scenario.package)
        for kpi in run.kpis:
            if title.startswith(f"{scenario.zh}：{known[kpi].zh} "):
                source = Node(f"action:{run.scenario}.{run.action}", kpi)
                yield Edge(source, Node(f"indicator:{code}", VALUE), "copied")
