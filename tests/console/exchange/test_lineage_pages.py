"""Everybody sees the lineage of what they may know of, and not a column more."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from songhua.console import clock
from songhua.console.exchange import lineage_selectors
from songhua.console.exchange.models import Entry, Flow
from songhua.console.exchange.services import declared, door, entries, flows, granting
from songhua.console.ledger.models import Evidence, Indicator, Obligation, Task
from songhua.console.runs.models import Run
from songhua.kit.terms import terms
from songhua.runtime.registry import scenarios

QUERY = 'SELECT station, AVG(ice_cm) AS thick FROM "{t}" WHERE read_on IS NOT NULL GROUP BY station'


@pytest.fixture
def asked(empty_city, table):
    """Opened but for the names of people, granted to the harbour bureau, which has asked."""
    fields = [{"name": c["name"], "title": c["name"], "open": bool(c.get("open"))}
              for c in table.current.columns[1:]]  # fmt: skip
    entries.change(empty_city.weather, table.entry, {"is_open": True, "about": {"fields": fields}})
    granting.grant(
        empty_city.weather, table, empty_city.units["harbour_bureau"],
        {"columns": ["station", "ice_cm", "read_on", "person"], "purpose": "破冰调度"},
    )  # fmt: skip
    flows._noted.clear()
    for who in (empty_city.staff, empty_city.weather):
        query = QUERY.format(t=table.sql_name)
        door.deliver(who, query, route="test")
        flows.note(who, query)
        flows.note(who, query)
    return Entry.objects.get(pk=table.entry_id)


def page(who, route, name):
    return who.get(reverse(route, args=[name])).content.decode()


def test_a_question_is_noted_once_with_all_it_is_made_of(asked):
    made = set(Flow.objects.filter(to="harbour_bureau").values_list("column", "target", "kind"))
    assert made == {
        ("station", "station", "copied"), ("ice_cm", "thick", "aggregated"),
        ("station", "thick", "selected"), ("read_on", "station", "selected"),
        ("read_on", "thick", "selected"),
    } - {("station", "thick", "selected")}  # fmt: skip


def test_the_provider_sees_to_whom_its_columns_went(empty_city, asked):
    text = page(empty_city.client("weather"), "dataset_lineage", "harbour-ice")
    assert "<svg" in text and "港务局" in text and "thick" in text and "person" in text


def test_the_public_sees_neither_closed_columns_nor_who_was_given_what(client, empty_city, asked):
    for who in (client, empty_city.client("enterprise"), empty_city.client("public")):
        for route in ("dataset_lineage", "dataset_lineage_event"):
            text = page(who, route, "harbour-ice")
            for secret in (
                '"field":"person"',
                '"field": "person"',
                ">person<",
                "港务局",
                "harbour_bureau",
                "thick",
            ):
                assert secret not in text


def test_a_department_sees_what_went_to_itself_alone(empty_city, asked):
    text = page(empty_city.client("staff"), "dataset_lineage", "harbour-ice")
    assert "港务局" in text and "气象局" not in text.split("<main")[1].split("</main")[0]


def test_a_dataset_that_may_not_be_known_has_no_lineage(client, empty_city, asked):
    entries.change(empty_city.weather, asked, {"is_open": False})
    assert client.get(reverse("dataset_lineage", args=["harbour-ice"])).status_code == 404
    assert client.get(reverse("dataset_lineage_event", args=["harbour-ice"])).status_code == 404


def test_what_a_scenario_writes_comes_of_what_it_reads(empty_city):
    declared.register()
    entry = Entry.objects.get(name="fever_clinic_measures")
    found = lineage_selectors.of_entry(empty_city.office, entry)
    assert {e.source.dataset for e in found.edges} >= {"scenario:fever_clinic/visits"}
    text = page(empty_city.client("office"), "dataset_lineage", entry.name)
    assert "发热门诊" in text and "<svg" in text
    said = json.loads(page(empty_city.client("office"), "dataset_lineage_event", entry.name))
    assert said["outputs"] and said["eventType"] == "COMPLETE"


def test_a_closed_column_between_hides_what_lies_behind(client, empty_city):
    declared.register()
    entry = Entry.objects.get(name="fever_clinic_measures")
    about = entry.about
    about["fields"] = [f | {"open": f["name"] == "mean"} for f in about["fields"]]
    entries.change(
        empty_city.office, entry, {"is_open": True, "about": about, "tier": "unconditional"}
    )
    text = page(client, "dataset_lineage", entry.name)
    assert "visits" not in text and "stay" not in text.split("<main")[1].split("</main")[0]


def test_an_indicator_comes_of_what_its_evidence_was_computed_from(city):
    scenario = scenarios()["fever_clinic"]
    action = next(a for a in scenario.actions if a.kpis and a.reads)
    kpi = action.kpis[0]
    declared.register()
    task = Task.objects.first()
    indicator = Indicator.objects.first()
    Obligation.objects.filter(pk=task.obligation_id).update(indicator=indicator)
    run = Run.objects.create(
        scenario="fever_clinic", action=action.name, state="done", kpis={kpi: 1.5},
        created_by=city.office, created_at=clock.now(),
    )  # fmt: skip
    Evidence.objects.create(
        task=task, kind="run", run_id=str(run.pk), submitted_by=city.office,
        title=f"{scenario.zh}：{terms(scenario.package)[kpi].zh} 1.5", submitted_at=clock.now(),
    )  # fmt: skip
    found = lineage_selectors.of_indicator(city.office, indicator)
    sources = {e.source.dataset for e in found.edges}
    assert f"action:fever_clinic.{action.name}" in sources
    assert any(name.startswith("scenario:fever_clinic/") for name in sources)
    text = page(city.client("office"), "indicator_lineage", indicator.code)
    assert "<svg" in text and indicator.name_zh in text
    Evidence.objects.update(state="rejected")
    assert lineage_selectors.of_indicator(city.office, indicator).edges == []
