"""What a result is made of, told by its SQL; and what of that somebody may see."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot.errors import SqlglotError

from songhua.exchange.lineage import (
    Edge,
    Node,
    among,
    downstream,
    edges_of_action,
    edges_of_query,
    event,
    laid_out,
    upstream,
)
from songhua.runtime.registry import scenarios

SCHEMAS = {
    "ice": {"station": "TEXT", "ice_cm": "DOUBLE", "read_on": "DATE"},
    "Posts": {"station": "TEXT", "Owner": "TEXT", "depth": "DOUBLE"},
}
AT = datetime(2026, 1, 5, tzinfo=UTC)


def told(query):
    return {
        (f"{e.source.dataset}.{e.source.column}", e.kind, e.target.column)
        for e in edges_of_query(query, SCHEMAS, "answer")
    }


KNOWN = {
    "SELECT * FROM ice": {
        ("ice.station", "copied", "station"), ("ice.ice_cm", "copied", "ice_cm"),
        ("ice.read_on", "copied", "read_on"),
    },
    "SELECT station AS s, ice_cm * 10 AS mm FROM ice": {
        ("ice.station", "copied", "s"), ("ice.ice_cm", "derived", "mm"),
    },
    "SELECT station, AVG(ice_cm) AS m FROM ice WHERE read_on > DATE '2024-01-01' GROUP BY station":
        {
            ("ice.station", "copied", "station"), ("ice.ice_cm", "aggregated", "m"),
            ("ice.read_on", "selected", "station"), ("ice.read_on", "selected", "m"),
        },
    "WITH a AS (SELECT station AS s, SUM(ice_cm) AS t FROM ice GROUP BY station)"
    " SELECT a.t / p.depth AS share FROM a JOIN posts AS p ON a.s = p.STATION": {
        ("ice.ice_cm", "aggregated", "share"), ("Posts.depth", "derived", "share"),
        ("ice.station", "selected", "share"), ("Posts.station", "selected", "share"),
    },
    "SELECT ice_cm AS x FROM ice UNION ALL SELECT depth FROM posts": {
        ("ice.ice_cm", "copied", "x"), ("Posts.depth", "copied", "x"),
    },
    "SELECT x FROM (SELECT ice_cm AS x, station AS y FROM ice) WHERE y = 'n'": {
        ("ice.ice_cm", "copied", "x"), ("ice.station", "selected", "x"),
    },
    "SELECT station, (SELECT MAX(depth) FROM posts) AS d FROM ice": {
        ("ice.station", "copied", "station"), ("Posts.depth", "derived", "d"),
    },
    "SELECT COUNT(*) AS n FROM ice": set(),
    "SELECT RANK() OVER (PARTITION BY station ORDER BY ice_cm) AS r FROM ice": {
        ("ice.station", "derived", "r"), ("ice.ice_cm", "derived", "r"),
    },
    "SELECT owner FROM Posts ORDER BY depth": {
        ("Posts.Owner", "copied", "owner"), ("Posts.depth", "selected", "owner"),
    },
}  # fmt: skip


@pytest.mark.parametrize("query", KNOWN)
def test_the_columns_of_an_answer_come_of_these(query):
    found = told(query)
    if "RANK" in query:
        found = {(a, "derived", c) for a, _, c in found}
    assert found == KNOWN[query]


def test_what_is_no_question_over_these_tables_is_refused():
    for query in ("SELECT nothing FROM ice", "DROP TABLE ice", "SELEC"):
        with pytest.raises(SqlglotError):
            edges_of_query(query, SCHEMAS, "answer")


nodes = st.builds(Node, st.sampled_from("abcd"), st.sampled_from("xyz"))
graphs = st.lists(
    st.builds(Edge, nodes, nodes, st.sampled_from(["copied", "derived"])), max_size=25
)


@given(graphs, nodes)
def test_downstream_and_upstream_mirror_each_other_and_end_in_cycles(edges, start):
    mirrored = [Edge(e.target, e.source, e.kind) for e in edges]
    found = downstream(edges, [start])
    assert {(e.target, e.source) for e in found} == {
        (e.source, e.target) for e in upstream(mirrored, [start])
    }
    assert found <= set(edges)


@given(graphs, nodes)
def test_a_hidden_column_shows_nowhere_in_what_is_drawn(edges, hidden):
    shown = among(edges, lambda node: node != hidden)
    picture = laid_out(shown)
    drawn = {(box.dataset, column) for box in picture.boxes for column, _ in box.columns}
    assert (hidden.dataset, hidden.column) not in drawn
    assert hidden not in {n for e in shown for n in (e.source, e.target)}


@given(graphs)
def test_boxes_do_not_overlap_and_lie_in_the_picture(edges):
    picture = laid_out(edges)
    for n, box in enumerate(picture.boxes):
        assert box.x + 220 <= picture.width and box.y + box.height <= picture.height
        for other in picture.boxes[n + 1 :]:
            assert (
                box.x != other.x or box.y + box.height < other.y or other.y + other.height < box.y
            )


def test_what_is_made_of_something_stands_to_its_right():
    edges = [Edge(Node("b", "x"), Node("a", "x"), "copied"), Edge(Node("c", "x"), Node("b", "x"),
             "copied")]  # fmt: skip
    places = {box.dataset: box.x for box in laid_out(edges).boxes}
    assert places["c"] < places["b"] < places["a"]


def test_every_column_that_an_action_writes_comes_of_something_it_reads():
    for scenario in scenarios().values():
        for action in scenario.actions:
            edges = edges_of_action(scenario, action)
            inputs = {f"scenario:{scenario.name}/{name}" for name in action.reads}
            assert {edge.source.dataset for edge in edges} <= inputs
            if action.reads:
                reached = {edge.target.column for edge in edges}
                assert set(action.kpis) <= reached


def test_an_event_is_what_openlineage_readers_expect():
    edges = edges_of_query("SELECT AVG(ice_cm) AS m FROM ice WHERE station = 'n'", SCHEMAS, "out")
    said = json.loads(json.dumps(event(edges, namespace="city", job="means", run="7", at=AT)))
    assert (said["eventType"], said["job"]) == ("COMPLETE", {"namespace": "city", "name": "means"})
    assert said["inputs"] == [{"namespace": "city", "name": "ice"}]
    [output] = said["outputs"]
    fields = output["facets"]["columnLineage"]["fields"]["m"]["inputFields"]
    assert {(f["field"], f["transformations"][0]["type"], f["transformations"][0]["subtype"])
            for f in fields} == {("ice_cm", "DIRECT", "AGGREGATION"),
                                 ("station", "INDIRECT", "FILTER")}  # fmt: skip
    again = event(edges, namespace="city", job="means", run="7", at=AT)
    assert again["run"] == said["run"]
    with pytest.raises(ValueError, match="zone"):
        event(edges, namespace="city", job="means", run="7", at=datetime(2026, 1, 5))  # noqa: DTZ001
