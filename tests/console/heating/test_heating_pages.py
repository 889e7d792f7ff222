"""The page shows what is measured to whom the exchange opens it, and says that it is simulated."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from songhua.console.exchange.services import entries
from songhua.console.heating import alarms, selectors
from songhua.console.heating.models import Command, ControlPoint, HeatingOutcome
from songhua.console.heating.services import commands, outcomes
from songhua.console.ledger import counted
from songhua.console.ledger.models import Obligation
from songhua.console.ledger.services import audit
from songhua.console.ledger.services import tasks as task_service
from songhua.kit.errors import Conflict, InputError, NotAllowed

from .conftest import keep


def page(client, person, address="/heating/", status=200, **more):
    client.force_login(person)
    found = client.get(address, **more)
    assert found.status_code == status, found.content.decode()[:2000]
    return found.content.decode("utf-8-sig")


def private(plant, city):
    """The plant's readings are its department's alone."""
    entries.change(
        city.weather, plant.table.entry,
        {"is_open": False, "tier": "conditional", "basis": "供热调度"},
    )  # fmt: skip


@pytest.fixture
def task(empty_city):
    row = task_service.create(
        empty_city.office, code="H-1", title="智慧供暖", obligation=Obligation.objects.first(),
        lead_unit=empty_city.weather.unit, start=datetime(2024, 1, 1, tzinfo=UTC).date(),
        due=datetime(2030, 12, 31, tzinfo=UTC).date(),
    )  # fmt: skip
    task_service.act(empty_city.office, row, "activate")
    return row


def test_before_anything_is_registered_or_measured_the_page_says_so(empty_city, client, request):
    assert "没有可以查看的供热系统" in page(client, empty_city.office)
    request.getfixturevalue("plant")
    text = page(client, empty_city.weather)
    assert "尚无读数" in text and "模拟数据" in text


def test_the_page_shows_the_plant_and_says_that_it_is_simulated(empty_city, running, client):
    text = page(client, empty_city.weather)
    for word in ("冰港供热", "模拟数据", "热源", "换热站", "水压图", "室温分布", "能量账", "报警"):
        assert word in text, word
    assert text.count("<circle") > 8 and "提出设定值" in text
    for part, gone in (("live", "水压图"), ("charts", "报警")):
        text = page(client, empty_city.weather, f"/heating/?part={part}", HTTP_HX_REQUEST="true")
        assert "<html" not in text and gone not in text
    client.cookies["songhua_language"] = "en"
    assert "simulated data" in page(client, empty_city.weather)


def test_who_may_not_see_the_readings_sees_no_plant(empty_city, running, client):
    assert "冰港供热" in page(client, empty_city.office)  # a simulated one is open
    private(running, empty_city)
    for person in (empty_city.office, empty_city.leader, empty_city.staff):
        assert "冰港供热" not in page(client, person)
    assert "冰港供热" in page(client, empty_city.weather)
    point = ControlPoint.objects.first()
    row = commands.propose(None, point, (point.low + point.high) / 2, "x")
    page(client, empty_city.leader, f"/heating/commands/{row.pk}/", 404)
    page(client, empty_city.staff, f"/heating/{running.code}/refunds.csv", 404)


def test_the_heat_books_close(running):
    lines = {line.name[1]: line for line in selectors.Live(running).books()}
    assert lines["Given by sources"].mwh > 0
    assert abs(lines["Unexplained"].mwh) < 1e-3 * lines["Given by sources"].mwh


def test_a_setpoint_is_proposed_and_approved_on_the_pages(empty_city, running, colleague, client):
    point = ControlPoint.objects.filter(quantity="valve_percent").first()
    client.force_login(empty_city.weather)
    given = {"point": point.pk, "value": "40", "reason": "过热"}
    assert client.post("/heating/city/commands/", given).status_code == 302
    row = Command.objects.get()
    assert row.before is not None and row.value == 40
    assert client.post(f"/heating/commands/{row.pk}/decide/", {"approved": "1"}).status_code == 403
    assert "另一名调度员" in page(client, empty_city.weather, f"/heating/commands/{row.pk}/")
    client.force_login(colleague)
    assert "批准并下发" in page(client, colleague, f"/heating/commands/{row.pk}/")
    client.post(f"/heating/commands/{row.pk}/decide/", {"approved": "1"})
    row.refresh_from_db()
    assert row.state == "approved" and row.expires_at > row.issued_at
    for bad in ({"point": "x", "value": "1", "reason": "x"}, {"point": point.pk, "value": "101",
                "reason": "x"}, {}):  # fmt: skip
        assert client.post("/heating/city/commands/", bad).status_code == 422


def test_indicators_become_evidence_once(empty_city, running, task, settings):
    now = datetime.now(UTC)
    row = outcomes.compute(empty_city.weather, running, now - timedelta(hours=3), now)
    assert row.figures["heat_mwh"] > 0 and 0 <= row.figures["comfort_share"] <= 1
    assert row.readings > 100 and len(row.digest) == 64
    again = outcomes.compute(empty_city.weather, running, row.begins, row.ends)
    assert (again.figures, again.digest) == (row.figures, row.digest)
    for person in (empty_city.office, empty_city.staff):
        with pytest.raises(NotAllowed):
            outcomes.submit(person, row, task)
    given = outcomes.submit(empty_city.weather, row, task)
    assert given.task == task and given.kind == "file" and "模拟" in given.title
    with pytest.raises(Conflict):
        outcomes.submit(empty_city.weather, row, task)
    text = outcomes.table(HeatingOutcome.objects.get(pk=row.pk)).decode("utf-8-sig")
    assert "模拟数据" in text and row.digest in text and "kWh/(m²·HDD)" in text
    assert [f for f in audit.verify() if "outcome" in f.subject] == []
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert counted.count("heating_outcomes", tomorrow) == 0  # what is simulated does not count,
    settings.SIMULATED = True
    assert counted.count("heating_outcomes", tomorrow) == 2  # but in a city that is so whole


@pytest.mark.parametrize("days", [0, -1, 201])
def test_intervals_that_are_none_are_refused(empty_city, plant, days):
    now = datetime.now(UTC)
    with pytest.raises(InputError):
        outcomes.compute(empty_city.weather, plant, now - timedelta(days=days), now)


def test_the_outcome_s_page_submits_it(empty_city, running, task, client):
    client.force_login(empty_city.weather)
    today = datetime.now(UTC).date()
    given = {"begins": str(today - timedelta(days=1)), "ends": str(today + timedelta(days=2))}
    assert client.post("/heating/city/outcomes/", given).status_code == 302
    row = HeatingOutcome.objects.get()
    text = page(client, empty_city.weather, f"/heating/outcomes/{row.pk}/")
    assert "供暖度日数" in text and "H-1" in text and "—" in text  # 3 of 24 hours are too few
    assert client.post(f"/heating/outcomes/{row.pk}/evidence/", {"task": "H-1"}).status_code == 302
    assert "供热成效指标" in page(client, empty_city.weather, "/tasks/H-1/")
    assert client.post("/heating/city/outcomes/", {"begins": "x"}).status_code == 422


def test_cold_rooms_are_exported_for_refunds(empty_city, running, client):
    room = running.elements.filter(kind="room").first()
    at = datetime.now(UTC) - timedelta(hours=20)
    keep([{"device_id": room.device_id, "metric": "room_c", "value": 16.5,
           "ts_utc": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}])  # fmt: skip
    today = datetime.now(UTC).date()
    span = f"?begins={today - timedelta(days=2)}&ends={today + timedelta(days=2)}"
    text = page(client, empty_city.weather, f"/heating/city/refunds.csv{span}")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = [row for row in rows if row["测点"] == room.name]
    assert found and found[0]["最低室温 ℃"] == "16.5" and found[0]["数据说明"] == "模拟数据"
    client.force_login(empty_city.weather)
    assert client.get(f"/heating/city/refunds.xlsx{span}").content[:2] == b"PK"
    assert client.get(f"/heating/city/refunds.pdf{span}").status_code == 422
    assert client.get("/heating/city/refunds.csv").status_code == 422


def test_alarms_name_their_cause(running):
    """What cannot be is called by its name; what is not read is silent, not zero."""
    station = running.elements.filter(kind="station").first()
    at = datetime.now(UTC)
    for metric, value, word in (
        ("valve_percent", 100.0, "一次侧供热不足"), ("primary_return_c", 170.0, "传感器"),
        ("supply_kpa", 2000.0, "超压"), ("return_kpa", 10.0, "定压"),
        ("secondary_supply_c", 5.0, "传感器"),
    ):  # fmt: skip
        at += timedelta(seconds=1)
        keep([{"device_id": station.device_id, "metric": metric, "value": value,
               "ts_utc": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}])  # fmt: skip
        live = selectors.Live(running)
        causes = [str(a.cause) for a in live.alarms if a.element == station]
        assert any(word in cause for cause in causes), (metric, causes)
    graves = [alarm.light == alarms.GRAVE for alarm in live.alarms]
    assert graves == sorted(graves, reverse=True)
    later = (at + timedelta(minutes=4)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    plant = running.elements.get(kind="plant")
    live = selectors.Live(running)
    assert not [a for a in live.alarms if "无读数" in str(a.seen)]
    keep([{"device_id": plant.device_id, "metric": "outdoor_c", "value": 1.0, "ts_utc": later}])
