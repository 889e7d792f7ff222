"""The real client of SensorThings and a real Mosquitto with the running console and its intake."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import frost_sta_client as frost
import pytest
import requests
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from frost_sta_client.model.ext.unitofmeasurement import UnitOfMeasurement

from songhua.console.exchange.services import intake_mqtt
from songhua.exchange.telemetry import broker
from songhua.exchange.telemetry.reading import TelemetryReader

from ..processes import Installation, own_database
from . import sensing

if TYPE_CHECKING:
    from collections.abc import Iterator

SET_UP = """
from songhua.console.api import tokens
from songhua.console.exchange.services import entries
people = city.people()
entries.create(people.weather, {"name": "ice-gauges", "title": "冰厚", "tier": "conditional",
               "unit": people.units["weather_bureau"], "state": "active"})
for who in (people.weather, people.staff):
    print(tokens.make(who, name="sensors", scopes=["read", "exchange"], days="30")[1])
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(broker.program() is None, reason="Mosquitto is not installed here"),
]


class Site:
    """The running console with its intake and broker."""

    def __init__(self, home: Installation, mosquitto: broker.Broker, secrets: list[str]) -> None:
        self.home, self.mosquitto = home, mosquitto
        self.address = f"http://127.0.0.1:{home.port}/api/sta/v1.1"
        self.own, self.other = (self.client(secret) for secret in secrets)
        self.start()

    def client(self, secret: str) -> frost.SensorThingsService:
        return frost.SensorThingsService(self.address, frost.AuthHandler("token", secret))

    def start(self) -> None:
        duty = self.home.folder / "telemetry" / intake_mqtt.DUTY
        duty.unlink(missing_ok=True)  # of one that was killed
        self.intake = self.home.start(
            "intake", "--broker", f"mqtt://127.0.0.1:{self.mosquitto.port}"
        )
        sensing.wait(duty.exists, 60)

    def refused(self) -> int:
        """How many readings of unknown devices were refused."""
        store = TelemetryReader(self.home.folder / "telemetry")
        return store.counts().get("reading_device_unknown", 0)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("sensors")
    with (
        own_database(bool(os.environ.get("SONGHUA_DATABASE_URL"))) as url,
        broker.Broker(folder / "mosquitto") as mosquitto,
    ):
        home = Installation(folder / "home", url)
        home.environment["SONGHUA_API_RATE"] = "100000"
        home.run("manage", "migrate", "--verbosity", "0")
        secrets = home.inside(SET_UP).split()[-2:]
        home.web()
        try:
            yield Site(home, mosquitto, secrets)
        finally:
            home.stop()


def made(site: Site, device: str) -> tuple[frost.Thing, frost.Datastream]:
    """A thing with a datastream, entered by the client at once."""
    stream = frost.Datastream(
        name=f"{device} 冰厚", description="ice", observation_type="OM_Measurement",
        unit_of_measurement=UnitOfMeasurement("centimetre", "cm", "ucum:cm"),
        properties={"dataset": "ice-gauges", "device_id": device, "metric": "ice_cm"},
        sensor=frost.Sensor("雷达", "radar", "text/html", metadata="https://example.org/r"),
        observed_property=frost.ObservedProperty("ice_cm", "https://example.org/ice", "thickness"),
    )  # fmt: skip
    place = frost.Location("码头", "quay", "application/geo+json",
                           location={"type": "Point", "coordinates": [126.6, 45.8]})  # fmt: skip
    thing = frost.Thing(
        f"冰尺 {device}", "gauge", {"zone": "A"}, locations=[place], datastreams=[stream]
    )
    site.own.create(thing)
    streams = site.own.datastreams().query().filter(f"properties/device_id eq '{device}'").list()
    return thing, streams.entities[0]


def results(service, stream, **more):
    asked = service.observations().query().filter(f"Datastream/id eq {stream.id}")
    return [o.result for o in asked.orderby("phenomenonTime", "ASC").list().entities]


def test_the_client_creates_queries_changes_and_deletes(site):
    thing, stream = made(site, "gauge-a")
    found = site.own.things().find(thing.id)
    assert (found.name, found.properties) == ("冰尺 gauge-a", {"zone": "A"})
    assert [p.name for p in found.get_locations().query().list().entities] == ["码头"]
    thing.name = "冰尺 甲"
    site.own.update(thing)
    site.own.patch(thing, [{"op": "add", "path": "/properties/berth", "value": 7}])
    again = (
        site.own.things().query().filter("name eq '冰尺 甲'").expand("Datastreams/Sensor").list()
    )
    assert [t.properties for t in again.entities] == [{"zone": "A", "berth": 7}]
    assert again.entities[0].datastreams.entities[0].sensor.name == "雷达"
    site.own.delete(stream)
    site.own.delete(thing)
    with pytest.raises(requests.HTTPError) as caught:
        site.own.things().find(thing.id)
    assert caught.value.response.status_code == 404


def test_observations_of_the_client_are_stored_once_and_seen(site):
    _, stream = made(site, "gauge-b")
    now = datetime.now(UTC).replace(microsecond=0)
    site.own.create(frost.Observation(now.isoformat(), 41.5, datastream=stream))
    array = DataArrayValue()
    array.datastream = stream
    array.components = {array.Property.PHENOMENON_TIME, array.Property.RESULT}
    for hours in (2, 1, 0):  # the last is one that is stored already
        at = (now - timedelta(hours=hours)).isoformat()
        array.add_observation(frost.Observation(at, 41.5 - hours, datastream=stream))
    sent = DataArrayDocument()
    sent.add_data_array_value(array)
    assert len(site.own.observations().create(sent)) == 3
    assert results(site.own, stream) == [39.5, 40.5, 41.5]
    listed = site.own.observations().query().top(2).list()
    assert len(list(listed)) == 3  # by the link to the next page
    assert results(site.other, stream) == []
    assert site.other.datastreams().query().list().entities == []


@pytest.mark.parametrize("ahead, value", [(timedelta(days=1), 1.0), (timedelta(0), "text")])
def test_what_cannot_be_true_is_refused_with_its_reason(site, ahead, value):
    device = f"gauge-{value}"
    _, stream = made(site, device)
    with pytest.raises(requests.HTTPError) as caught:
        at = (datetime.now(UTC) + ahead).isoformat()
        site.own.create(frost.Observation(at, value, datastream=stream))
    assert caught.value.response.status_code == 400
    assert results(site.own, stream) == []


def test_what_devices_publish_is_seen_and_what_nobody_registered_is_counted(site):
    _, stream = made(site, "gauge-c")
    with sensing.publisher(site.mosquitto.port) as publish:

        def sent():
            publish(sensing.reading("gauge-c", "ice_cm", 30.0, 600))
            return results(site.own, stream)

        assert set(sensing.wait(sent)) == {30.0}
        before = site.refused()
        publish(sensing.reading("nobody", "ice_cm", 1.0))
        sensing.wait(lambda: site.refused() == before + 1)


def test_without_its_intake_the_console_refuses_and_after_a_kill_nothing_is_lost(site):
    _, stream = made(site, "gauge-d")
    now = datetime.now(UTC).replace(microsecond=0)
    site.own.create(frost.Observation(now.isoformat(), 1.0, datastream=stream))
    site.home.kill(site.intake)
    with sensing.publisher(site.mosquitto.port) as publish:
        publish(sensing.reading("gauge-d", "ice_cm", 2.0, 1))
    with pytest.raises(requests.HTTPError) as caught:
        site.own.create(
            frost.Observation((now - timedelta(hours=1)).isoformat(), 0.0, datastream=stream)
        )
    assert caught.value.response.status_code == 503
    site.start()
    sensing.wait(lambda: len(results(site.own, stream)) >= 2)
    assert sorted(results(site.own, stream)) == [1.0, 2.0]  # what was refused came to nobody
    site.intake.send_signal(signal.SIGTERM)
    assert site.intake.wait(10) == 0
    with pytest.raises(requests.HTTPError) as caught:
        site.own.create(frost.Observation(now.isoformat(), 1.0, datastream=stream))
    assert caught.value.response.status_code == 503
