"""The registry says which devices there are; their readings are seen by whoever may see them."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from songhua.console import archive, clock
from songhua.console.exchange.models import Datastream, Sensor, Thing
from songhua.console.exchange.services import devices, entries, granting, intake_mqtt
from songhua.console.ledger.services import audit
from songhua.exchange.telemetry.decoding import READING
from songhua.exchange.telemetry.store import TelemetryStore
from songhua.kit.errors import Conflict, InputError, NotAllowed

from . import sensing

AT = datetime(2024, 1, 5, 8, tzinfo=UTC)


@pytest.fixture
def gauges(empty_city, tmp_path, settings):
    """Two datastreams of one dataset, with three readings each."""
    settings.DATA_DIR = tmp_path
    entry = sensing.dataset(empty_city.weather)
    rows = [sensing.stream(empty_city.weather, entry, f"gauge-{n}") for n in (1, 2)]
    store(rows)
    return rows


def store(rows):
    readings = [
        (row.device_id, row.metric, AT + timedelta(hours=h), float(10 * row.pk + h), 0, AT)
        for row in rows for h in range(3)
    ]  # fmt: skip
    frame = pl.DataFrame(readings, schema=READING, orient="row")
    with TelemetryStore(devices.folder(), devices.registry()) as held:
        assert held.write(frame).stored == len(readings)


def seen(caller, rows):
    opened = devices.opened(caller, rows)
    names = [h.grant.dataset for h in opened.held]
    return [
        row
        for name in names
        for row in opened.deliver(f"SELECT device_id, value FROM {name} ORDER BY 1, 2", "test").rows
    ]


def grant(city, row, **more):
    return granting.grant(
        city.weather, row.table, city.units["harbour_bureau"],
        {"columns": ["device_id", "metric", "ts_utc", "value"], "purpose": "调度", **more},
    )  # fmt: skip


def test_the_channels_are_those_of_the_registry(gauges):
    assert [c.device_id for c in devices.registry().channels] == ["gauge-1", "gauge-2"]
    before = devices.state()
    devices.remove(None, gauges[0])
    assert devices.state() != before
    assert [c.device_id for c in devices.registry().channels] == ["gauge-2"]


def test_its_own_department_sees_all_and_a_stranger_nothing(empty_city, gauges):
    assert list(devices.visible(empty_city.weather)) == gauges
    assert len(seen(empty_city.weather, gauges)) == 6
    for caller in (None, empty_city.staff, empty_city.enterprise, empty_city.office):
        assert list(devices.visible(caller)) == []
        assert seen(caller, gauges) == []


def test_only_the_readings_of_the_datastreams_asked_for_leave(empty_city, gauges):
    assert {device for device, _ in seen(empty_city.weather, gauges[:1])} == {"gauge-1"}


def test_a_grant_on_rows_opens_the_datastreams_of_those_rows_until_it_is_revoked(
    empty_city, gauges
):
    row = grant(empty_city, gauges[0], rows="device_id = 'gauge-2'")
    assert list(devices.visible(empty_city.staff)) == gauges[1:]
    assert {device for device, _ in seen(empty_city.staff, gauges)} == {"gauge-2"}
    granting.revoke(empty_city.weather, row, "用途已结束")
    assert list(devices.visible(empty_city.staff)) == [] == seen(empty_city.staff, gauges)


def test_a_grant_without_the_value_opens_no_datastream(empty_city, gauges):
    grant(empty_city, gauges[0], columns=["device_id", "metric"])
    assert list(devices.visible(empty_city.staff)) == []


def test_open_readings_are_everybody_s_until_the_dataset_is_taken_down(empty_city, gauges):
    entry = gauges[0].table.entry
    entries.change(empty_city.weather, entry, {"is_open": True})
    assert list(devices.visible(None)) == gauges
    entries.withdraw(empty_city.weather, entry)
    assert list(devices.visible(None)) == []


def test_nobody_enters_or_removes_devices_of_another_department(empty_city, gauges):
    for work in (
        lambda: devices.remove(empty_city.staff, gauges[0]),
        lambda: sensing.stream(empty_city.staff, gauges[0].table.entry, "gauge-3"),
        lambda: devices.save(empty_city.enterprise, Thing(name="x")),
    ):
        with pytest.raises(NotAllowed):
            work()
    assert Datastream.objects.count() == 2


def test_a_device_s_metric_is_registered_once(empty_city, gauges):
    with pytest.raises(InputError) as caught:
        sensing.stream(empty_city.weather, gauges[0].table.entry, "gauge-1")
    assert [p.code for p in caught.value.problems] == ["channel_twice"]


def test_a_sensor_goes_with_its_datastreams_and_the_readings_stay(empty_city, gauges):
    devices.remove(empty_city.weather, gauges[0].sensor)
    assert list(Datastream.objects.all()) == gauges[1:] and Sensor.objects.count() == 1


def test_without_an_intake_readings_are_refused(gauges):
    with pytest.raises(Conflict) as caught:
        intake_mqtt.send([(gauges[0], datetime.now(UTC), 1.0)])
    assert [p.code for p in caught.value.problems] == ["exchange_no_intake"]


@pytest.mark.parametrize("broker", ["", "localhost", "http://x", "mqtt://", "mqtt://h:99999"])
def test_a_broker_s_address_is_checked_and_its_password_not_repeated(gauges, broker):
    with pytest.raises(InputError) as caught:
        intake_mqtt.listen(
            broker.replace("://", "://me:secret@") if broker == "http://x" else broker
        )
    assert caught.value.problems[0].code == "exchange_broker" and "secret" not in str(caught.value)


def test_the_audit_log_vouches_for_devices_until_they_are_taken_out(empty_city, gauges):
    assert audit.verify() == []
    Datastream.objects.filter(pk=gauges[0].pk).update(device_id="swapped")
    assert [f.subject for f in audit.verify()] == [f"datastream:{gauges[0].pk}"]
    Datastream.objects.filter(pk=gauges[0].pk).update(device_id=gauges[0].device_id)
    devices.remove(empty_city.weather, gauges[0])
    assert audit.verify() == []
    Datastream.objects.filter(pk=gauges[1].pk).delete()
    found = {f.subject for f in audit.verify()}
    assert f"datastream:{gauges[1].pk}" in found
    Thing.objects.create(name="smuggled in", changed_at=clock.now())
    assert any(f.subject.startswith("thing:") for f in audit.verify())


@pytest.mark.django_db(transaction=True)
def test_a_backup_holds_the_readings_and_not_the_broker_s_password(gauges, tmp_path, settings):
    folder = devices.folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "duty.json").write_text("mqtt://user:secret@host")
    with closing(sqlite3.connect(folder / "manifest.sqlite")) as base:
        base.executescript("pragma journal_mode=wal; create table t (x); insert into t values (7)")
        archive.backup(tmp_path / "out.tar")
    with tarfile.open(tmp_path / "out.tar") as made:
        names = made.getnames()
        (tmp_path / "copy.sqlite").write_bytes(made.extractfile("telemetry/manifest.sqlite").read())
    assert "telemetry/duty.json" not in names and "telemetry/manifest.sqlite-wal" not in names
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy:
        assert copy.execute("select x from t").fetchall() == [(7,)]
