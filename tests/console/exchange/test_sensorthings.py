"""The SensorThings service: entities, queries, and that nothing shows that may not be seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import polars as pl
import pytest

from songhua.console.api import tokens
from songhua.console.exchange import models
from songhua.console.exchange.services import devices, entries, granting
from songhua.exchange.telemetry.decoding import READING
from songhua.exchange.telemetry.store import TelemetryStore

from . import sensing

ROOT = "/api/sta/v1.1"
AT = datetime(2024, 1, 5, 8, tzinfo=UTC)


class Program:
    """Calls the service with a person's token, or without one."""

    def __init__(self, client, person=None):
        self.client, self.headers = client, {}
        if person is not None:
            secret = tokens.make(person, name="p", scopes=["read", "exchange"], days="1")[1]
            self.headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}

    def __call__(self, method, path, body=None, **options):
        query = "&".join(f"${k}={quote(str(v))}" for k, v in options.items())
        found = self.client.generic(
            method, f"{ROOT}/{path}{'?' if query else ''}{query}",
            json.dumps(body) if body is not None else "", "application/json", **self.headers,
        )  # fmt: skip
        return found.status_code, json.loads(found.content) if found.content else None

    def get(self, path, **options):
        status, body = self("GET", path, **options)
        assert status == 200, body
        return body

    def names(self, path, **options):
        return [row["name"] for row in self.get(path, **options)["value"]]


@pytest.fixture
def city(empty_city, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    settings.API_RATE = settings.PORTAL_RATE = 10**6
    return empty_city


@pytest.fixture
def gauges(city):
    """Three gauges: two of a dataset on conditions, one of another; five readings each."""
    levels, secret = sensing.dataset(city.weather), sensing.dataset(city.weather, "secret-levels")
    places = [(levels, "north"), (levels, "south"), (secret, "zqx-hidden")]
    rows = [sensing.stream(city.weather, entry, device) for entry, device in places]
    readings = [(r.device_id, r.metric, AT + timedelta(hours=h), float(h), 0, AT)
                for r in rows for h in range(5)]  # fmt: skip
    with TelemetryStore(devices.folder(), devices.registry()) as held:
        held.write(pl.DataFrame(readings, schema=READING, orient="row"))
    return rows


@pytest.fixture
def own(city, client):
    return Program(client, city.weather)


def deep(device="tower"):
    """A thing with everything inside it."""
    return {
        "name": "望江塔", "description": "", "properties": {"floors": 3},
        "Locations": [{"name": "江边", "description": "", "encodingType": "application/geo+json",
                       "location": {"type": "Point", "coordinates": [126.6, 45.8]}}],
        "Datastreams": [{
            "name": "气温", "description": "", "observationType": "OM_Measurement",
            "unitOfMeasurement": {"name": "Celsius", "symbol": "°C", "definition": "ucum:Cel"},
            "properties": {"dataset": "air", "device_id": device, "metric": "air_c", "high": 60,
                           "shade": True},
            "Sensor": {"name": "温度计", "description": "", "encodingType": "text/html",
                       "metadata": "x"},
            "ObservedProperty": {"name": "气温", "definition": "https://example.org/t",
                                 "description": ""},
        }],
    }  # fmt: skip


def test_a_thing_with_all_inside_it_is_made_changed_and_removed(city, own):
    sensing.dataset(city.weather, "air")
    status, made = own("POST", "Things", deep())
    assert status == 201, made
    key = made["@iot.id"]
    found = own.get(
        f"Things({key})", expand="Locations,Datastreams($expand=Sensor,ObservedProperty)"
    )
    stream = found["Datastreams"][0]
    assert found["properties"] == {"floors": 3} and found["Locations"][0]["name"] == "江边"
    assert stream["properties"] == {"dataset": "air", "device_id": "tower", "metric": "air_c",
                                    "high": 60.0, "shade": True}  # fmt: skip
    assert (stream["Sensor"]["name"], stream["ObservedProperty"]["name"]) == ("温度计", "气温")
    assert [c.high for c in devices.registry().channels] == [60.0]
    assert own("PATCH", f"Things({key})", {"name": "塔"})[1]["name"] == "塔"
    patch = [{"op": "replace", "path": "/properties/floors", "value": 4}]
    assert own("PATCH", f"Things({key})", patch)[1]["properties"] == {"floors": 4}
    assert own("PATCH", f"Datastreams({stream['@iot.id']})", {"properties": {"high": 50}})[0] == 200
    assert [c.high for c in devices.registry().channels] == [50.0]
    assert own("DELETE", f"Things({key})")[0] == 200
    assert own("GET", f"Things({key})")[0] == 404
    assert models.Datastream.objects.count() == 0


def test_a_creation_that_fails_inside_leaves_nothing(city, own):
    sensing.dataset(city.weather, "air")
    body = deep()
    del body["Datastreams"][0]["Sensor"]
    assert own("POST", "Things", body)[0] == 400
    assert models.Thing.objects.count() == models.ObservedProperty.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name eq 'north level_m'", ["north level_m"]),
        ("name ne 'north level_m'", ["south level_m", "zqx-hidden level_m"]),
        (
            "startswith(name,'so') or substringof('qx', name)",
            ["south level_m", "zqx-hidden level_m"],
        ),
        ("not endswith(name, 'level_m')", []),
        ("Thing/name eq '水尺 south' and Sensor/name eq '压力式水位计'", ["south level_m"]),
        ("not (Thing/name eq '水尺 south')", ["north level_m", "zqx-hidden level_m"]),
        ("properties/device_id gt 'o'", ["south level_m", "zqx-hidden level_m"]),
        ("properties/dataset eq 'secret-levels'", ["zqx-hidden level_m"]),
        ("properties/low eq -5 and name lt 't'", ["north level_m", "south level_m"]),
    ],
)
def test_datastreams_are_found_by_filters(own, gauges, text, found):
    assert own.names("Datastreams", filter=text, orderby="name") == found


def test_filters_lead_through_many_as_well(own, gauges):
    assert own.names("Things", filter="Datastreams/name eq 'south level_m'") == ["水尺 south"]
    assert len(own.names("Things", filter="not (Datastreams/name eq 'south level_m')")) == 2


def test_pages_lead_to_each_other_until_all_is_seen(own, gauges):
    first = own.get("Datastreams", top=2, count="true", orderby="name desc", select="name,id")
    assert (
        first["@iot.count"] == 3 and [set(r) for r in first["value"]] == [{"name", "@iot.id"}] * 2
    )
    path = first["@iot.nextLink"].split("/api/sta/v1.1/")[1]
    last = own.get(path)
    assert [r["name"] for r in first["value"] + last["value"]] == [
        "zqx-hidden level_m", "south level_m", "north level_m"]  # fmt: skip
    assert "@iot.nextLink" not in last


def test_observations_come_from_the_store(own, gauges):
    path = f"Datastreams({gauges[0].pk})/Observations"
    found = own.get(path, orderby="phenomenonTime desc", top=2, count="true")
    assert found["@iot.count"] == 5 and [o["result"] for o in found["value"]] == [4.0, 3.0]
    assert found["value"][0]["phenomenonTime"] == "2024-01-05T12:00:00Z"
    key = found["value"][0]["@iot.id"]
    assert (
        own.get(f"Observations('{key}')", expand="Datastream")["Datastream"]["name"]
        == "north level_m"
    )
    assert own.get(f"Observations('{key}')/Datastream")["@iot.id"] == gauges[0].pk
    assert own.get(f"Observations('{key}')/result") == {"result": 4.0}
    assert own("DELETE", f"Observations('{key}')")[0] == 405
    assert own.get("Observations", count="true", top=0)["@iot.count"] == 15


@pytest.mark.parametrize(
    ("text", "results"),
    [
        ("result gt 2 and Datastream/id eq {0}", [3.0, 4.0]),
        ("result le 0", [0.0, 0.0, 0.0]),
        ("phenomenonTime ge 2024-01-05T20:00:00+08:00", [4.0, 4.0, 4.0]),
        ("phenomenonTime lt 2024-01-05T09:00:00Z and not (Datastream/id eq {1})", [0.0, 0.0]),
        ("Datastream/Thing/name eq '水尺 south' and (result eq 1 or result eq 3)", [1.0, 3.0]),
        ("Datastream/name eq 'nobody'", []),
    ],
)
def test_observations_are_found_by_filters(own, gauges, text, results):
    made = text.format(*(row.pk for row in gauges))
    found = own.get("Observations", filter=made)["value"]
    assert [o["result"] for o in found] == results


def test_observations_as_arrays_and_within_expansions(own, gauges):
    found = own.get("Observations", resultFormat="dataArray", filter="result lt 2", select="result")
    assert [(a["components"], a["dataArray"]) for a in found["value"]] == [
        (["result"], [[0.0], [1.0]])
    ] * 3
    things = own.get("Things", expand="Datastreams/Observations($top=1;$orderby=result desc)")
    assert [t["Datastreams"][0]["Observations"][0]["result"] for t in things["value"]] == [4.0] * 3


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("Nothing", {}, 404), ("Things(99)", {}, 404), ("Things('x')", {}, 404),
        ("Things(1)/Nothing", {}, 404), ("Things)(", {}, 404), ("Things//x", {}, 404),
        ("Observations('1-x')", {}, 404), ("Observations('99999999999-1')", {}, 404),
        ("Datastreams", {"filter": "nothing eq 1"}, 400),
        ("Datastreams", {"filter": "name eq 1"}, 400),
        ("Datastreams", {"filter": "Observations/result gt 1"}, 400),
        ("Datastreams", {"expand": "Nothing"}, 400), ("Datastreams", {"select": "nothing"}, 400),
        ("Datastreams", {"orderby": "unit"}, 400), ("Datastreams", {"top": "x"}, 400),
        ("Datastreams", {"filter": "table__entry__unit eq 'x'"}, 400),
        ("Observations", {"filter": "value gt 1"}, 400),
        ("Observations", {"filter": "result eq 'x'"}, 400),
        ("Observations", {"filter": "result eq 1e999"}, 400),
        ("Observations", {"orderby": "value"}, 400),
        ("Observations", {"filter": "device_id eq 'x'"}, 400),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_as_the_standard_says(own, gauges, path, options, status):
    found, body = own("GET", path, **options)
    assert (found, body["code"], body["type"]) == (status, status, "error")


def test_writing_needs_a_token_and_the_right(city, own, gauges, client):
    body, stream = {"name": "x", "description": ""}, f"Datastreams({gauges[0].pk})"
    assert Program(client)("POST", "Things", body)[0] == 401
    entries.change(city.weather, gauges[0].table.entry, {"is_open": True})
    other = Program(client, city.staff)
    assert other.get(stream)["name"] == "north level_m"
    for method, path, sent in (("PATCH", stream, body), ("DELETE", stream, None),
                               ("POST", f"{stream}/Observations", {"result": 1})):  # fmt: skip
        assert other(method, path, sent)[0] == 403
    assert other("DELETE", f"Datastreams({gauges[2].pk})")[0] == 404


def test_without_an_intake_an_observation_is_refused(own, gauges):
    status, body = own("POST", f"Datastreams({gauges[0].pk})/Observations", {"result": 1.5})
    assert status == 503 and "songhua intake" in body["message"]


HIDDEN = "zqx-hidden"
QUESTIONS = (
    ("Datastreams", {}), ("Things", {}), ("Sensors", {}), ("ObservedProperties", {}),
    ("Locations", {}), ("FeaturesOfInterest", {}), ("Observations", {"count": "true"}),
    ("Datastreams", {"count": "true", "top": 0}), ("Datastreams", {"skip": 1, "top": 1}),
    ("Things", {"expand": "Datastreams/Observations"}), ("Things", {"count": "true"}),
    ("Things", {"filter": "Datastreams/name gt 'z'"}),
    ("Things", {"filter": "not (Datastreams/name gt 'z')"}),
    ("ObservedProperties", {"expand": "Datastreams($count=true)"}),
    ("ObservedProperties", {"filter": f"Datastreams/Thing/name eq '水尺 {HIDDEN}'"}),
    ("Sensors", {"filter": f"Datastreams/properties/device_id eq '{HIDDEN}'"}),
    ("Datastreams", {"filter": f"ObservedProperty/Datastreams/name eq '{HIDDEN} level_m'"}),
    ("Datastreams", {"orderby": "name desc", "top": 1}),
    ("Datastreams", {"filter": "properties/dataset eq 'secret-levels'"}),
    ("Observations", {"filter": f"Datastream/name eq '{HIDDEN} level_m'"}),
    ("Observations", {"filter": "not (Datastream/name eq 'x')", "orderby": "result desc"}),
    ("Observations", {"resultFormat": "dataArray"}),
)  # fmt: skip


@pytest.mark.parametrize("who", ["public", "granted", "enterprise"])
def test_what_is_hidden_changes_no_answer(city, gauges, client, who):
    """A hidden gauge that shares sensor and property with one that is seen is as none."""
    hidden, shown = gauges[2], gauges[0]
    models.Datastream.objects.filter(pk=hidden.pk).update(
        sensor=shown.sensor, observed_property=shown.observed_property)  # fmt: skip
    columns = ["device_id", "metric", "ts_utc", "value", "quality"]
    if who == "granted":
        granting.grant(city.weather, shown.table, city.units["harbour_bureau"],
                       {"columns": columns, "purpose": "调度"})  # fmt: skip
    else:
        entries.change(city.weather, shown.table.entry, {"is_open": True})
    asker = Program(client, {"granted": city.staff, "enterprise": city.enterprise}.get(who))
    alone = [(f"Datastreams({hidden.pk})", {}), (f"Things({hidden.thing_id})/Datastreams", {}),
             (f"Observations('{hidden.pk}-1704441600000000')", {}),
             (f"Sensors({shown.sensor_id})/Datastreams({hidden.pk})", {})]  # fmt: skip
    with_it = [asker("GET", path, **options) for path, options in (*QUESTIONS, *alone)]
    assert all(status == 200 for status, _ in with_it[: len(QUESTIONS)])
    assert all(status == 404 for status, _ in with_it[len(QUESTIONS) :])
    assert HIDDEN not in json.dumps([b for (p, _), (_, b) in zip(QUESTIONS, with_it, strict=False)])
    assert sum(len(body["value"]) for _, body in with_it[: len(QUESTIONS)]) > 10
    thing = hidden.thing
    hidden.delete()
    thing.delete()
    assert [asker("GET", path, **options) for path, options in (*QUESTIONS, *alone)] == with_it


def test_a_revoked_grant_shows_nothing_any_more(city, gauges, client):
    row = granting.grant(
        city.weather, gauges[0].table, city.units["harbour_bureau"],
        {"columns": ["device_id", "metric", "ts_utc", "value"], "purpose": "调度",
         "rows": "device_id = 'south'"},
    )  # fmt: skip
    other = Program(client, city.staff)
    assert other.names("Datastreams") == ["south level_m"]
    assert len(other.get("Observations")["value"]) == 5
    granting.revoke(city.weather, row, "用途已结束")
    assert other.names("Datastreams") == [] == other.get("Observations")["value"]
