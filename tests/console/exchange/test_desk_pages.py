"""The pages of the desk: a request goes its way by forms, the other department's view is previewed,
late steps reach the to-do and the ledger, use and outcome are told, errors in data are answered."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from songhua.console.exchange import metering, sharing_selectors
from songhua.console.exchange.models import Correction, Event, Grant, Request, Use
from songhua.console.exchange.services import corrections, door, granting, sharing
from songhua.console.ledger.models import Notice, Obligation
from songhua.console.ledger.services import audit, tasks
from songhua.kit.errors import Conflict, InputError, NotAllowed

from ..city import on

ASKED = {"purpose": "破冰调度", "basis": "航道管理办法第三条", "columns": ["station", "ice_cm"],
         "rows": "", "wanted_from": "2024-03-01", "wanted_until": "2024-12-01"}  # fmt: skip


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def send(user, url, **given):
    answer = as_(user).post(url, given)
    return answer.status_code, answer.content.decode()


@pytest.fixture
def asked(empty_city, table):
    """Asked on Friday 2024-03-01 and passed by the office: due on 2024-03-15."""
    with on("2024-03-01"):
        url = "/data-requests/new/harbour-ice/"
        assert send(empty_city.staff, url, submit="1", **(ASKED | {"basis": ""}))[0] == 422
        code, _ = send(empty_city.staff, url, submit="1", **ASKED)
        assert code == 302
        row = Request.objects.get()
        assert send(empty_city.office, f"/data-requests/{row.pk}/steps/pass/")[0] == 302
    row.refresh_from_db()
    return row


def test_a_request_goes_from_its_form_to_the_reported_use(empty_city, asked):
    city, url = empty_city, f"/data-requests/{asked.pk}/"
    with on("2024-03-05"):
        code, _ = send(
            city.weather, f"{url}grant/",
            **{"columns": ["station", "ice_cm"], "rows": "ice_cm > 20",
            "rule-station": "mask", "figure-station": "1,1", "valid_from": "2024-03-01",
            "valid_until": "2024-11-01", "daily_rows": "100"},
        )  # fmt: skip
        assert code == 302
        assert send(city.weather, f"{url}steps/deliver/")[0] == 302
        rows = door.deliver(city.staff, "SELECT * FROM harbour_ice ORDER BY _id", route="t").rows
        assert rows == [(1, "n***h", 41.5), (2, "n***h", 40.0)]
        assert send(city.staff, f"{url}steps/feed_back/", reason="两次调度", reused="x")[0] == 422
        sent = {"reason": "两次调度", "reused": "2", "papers_saved": ""}
        assert send(city.staff, f"{url}steps/feed_back/", **sent)[0] == 302
        page = as_(city.staff).get(url).content.decode()
    assert "2024-11-01" in page and "n***h" not in page
    [(grant, differences)] = [
        (g, sharing_selectors.differences(asked, g)) for g in asked.grants.all()
    ]
    assert grant.daily_rows == 100 and not grant.may_export
    assert {d.what: (d.asked, d.granted) for d in differences} == {
        "行条件": ("", "ice_cm > 20"), "止（不含）": ("2024-12-01", "2024-11-01"),
        "station": ("", "掩码（保留前、后位数） 1、1"),
    }  # fmt: skip
    [told] = metering.outcomes(city.office)
    assert (told["reuses"], told["papers"]) == (2, None)  # not told is not 0
    assert audit.verify() == []


def test_the_preview_shows_what_the_other_department_will_see_and_is_logged(empty_city, asked):
    url, given = f"/data-requests/{asked.pk}/grant/", {
        "preview": "1", "columns": ["station", "person"], "rows": "station = 'south'",
        "rule-person": "mask", "figure-person": "1,0", "valid_from": "2030-01-01",
        "daily_rows": "1",
    }  # fmt: skip
    with on("2024-03-05"):
        code, page = send(empty_city.weather, url, **given)
        assert code == 200 and "王*" in page and "赵*" in page
        assert "王五" not in page and "张" not in page
        assert send(empty_city.staff, url, **given)[0] == 403
        assert send(empty_city.office, url, **given)[0] == 403
    assert Grant.objects.count() == 0
    assert Use.objects.get().holder == "unit:weather_bureau"
    assert '"preview"' in bytes(Event.objects.order_by("-index").first().body).decode()


def test_what_is_wrong_with_a_grant_is_told_and_nothing_is_granted(empty_city, asked):
    url, fine = f"/data-requests/{asked.pk}/grant/", {"columns": ["station"]}
    for wrong in (
        {"columns": []}, {"columns": ["height"]}, {"rows": "station = (SELECT 1)"},
        {"rows": "height > 1"}, {"rule-station": "mask", "figure-station": "1"},
        {"rule-station": "prefix", "figure-station": "0"}, {"rule-station": "rot13"},
        {"daily_rows": "0"}, {"daily_rows": "many"}, {"valid_until": "2024-02-31"},
        {"valid_from": "2024-05-01", "valid_until": "2024-05-01"},
    ):  # fmt: skip
        for more in ({}, {"preview": "1"}):
            assert send(empty_city.weather, url, **(fine | wrong | more))[0] == 422, wrong
    assert Grant.objects.count() == 0


def test_only_the_two_departments_the_office_and_the_leaders_see_a_request(empty_city, asked):
    url = f"/data-requests/{asked.pk}/"
    seen = {who: as_(empty_city.people[who]).get(url).status_code for who in empty_city.people}
    allowed = {"staff", "weather", "office", "deputy", "leader"}  # the deputy is of the office too
    assert {who for who, code in seen.items() if code == 200} == allowed
    assert all(code in (403, 404) for who, code in seen.items() if who not in allowed)
    draft = sharing.draft(empty_city.staff, asked.entry, {"purpose": "p"})
    assert as_(empty_city.weather).get(f"/data-requests/{draft.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("day", "light"), [("2024-03-12", "green"), ("2024-03-13", "yellow"), ("2024-03-15", "yellow"),
                       ("2024-03-16", "red")]
)  # fmt: skip
def test_what_is_near_or_over_stands_in_the_to_do(empty_city, asked, day, light):
    with on(day):
        [mine] = sharing_selectors.waiting(empty_city.weather)
        assert (mine.light, mine.due) == (light, date(2024, 3, 15))
        assert (
            f"/data-requests/{asked.pk}/" in as_(empty_city.weather).get("/todo/").content.decode()
        )
        late = sharing_selectors.waiting(empty_city.office)
        assert len(late) == (light == "red")
        assert sharing_selectors.waiting(empty_city.staff) == []


def test_the_office_has_a_late_request_taken_up_on_a_task_of_the_provider(empty_city, asked):
    town, url = empty_city, f"/data-requests/{asked.pk}/supervise/"
    with on("2024-03-01"):
        task = tasks.create(
            town.office, code="T-SHARE", title="数据共享",
            obligation=Obligation.objects.first(),
            lead_unit=town.weather.unit, start=date(2024, 1, 1), due=date(2024, 12, 31),
        )  # fmt: skip
        tasks.act(town.office, task, "activate")
    with on("2024-03-15"):
        assert send(town.office, url, task=task.code)[0] == 422  # still in time
    with on("2024-03-18"):
        assert send(town.weather, url, task=task.code)[0] == 403
        assert send(town.office, url, task="T-NOT-THERE")[0] == 422
        assert send(town.office, url, task=task.code)[0] == 302
        assert send(town.office, url, task=task.code)[0] == 422  # a case is open already
    notice = Notice.objects.get()
    assert (notice.task, notice.level) == (task, "reminder") and f"#{asked.pk}" in str(
        notice.reasons
    )


def test_a_grant_that_nobody_uses_is_found(empty_city, table):
    city = empty_city
    given = {"columns": ["station"], "purpose": "p"}
    with on("2024-03-01"):
        used = granting.grant(city.weather, table, city.staff.unit, given)
        idle = granting.grant(city.weather, table, city.staff.unit, given | {"purpose": "q"})
        later = granting.grant(
            city.weather, table, city.staff.unit,
            given | {"purpose": "r", "valid_from": date(2024, 4, 1)},
        )  # fmt: skip
    with on("2024-03-20"):
        door.deliver(city.staff, "SELECT * FROM harbour_ice", route="t", purpose="p")
    with on("2024-04-10"):
        rows = metering.grants(city.office)
        assert list(metering.unused(rows)) == [idle]
        assert set(metering.unused(rows, 7)) == {used, idle, later}
        [top] = metering.top(date(2024, 3, 1))
        assert (top.unit, top.requests, top.rows) == (city.staff.unit, 1, 4)
        granting.revoke(city.weather, idle, "r")
        assert not metering.unused(metering.grants(city.office))
        assert as_(city.office).get("/grants/?unused=1").status_code == 200
        assert list(metering.grants(city.enterprise)) == []


def test_an_error_in_the_data_is_told_and_answered_once(empty_city, table):
    city = empty_city
    given = {"table": "harbour_ice", "row": "1", "column": "ice_cm", "text": "仪器故障",
             "proposed": "21.25"}  # fmt: skip
    with on("2024-03-01"):
        assert send(city.staff, "/data-corrections/new/", **given)[0] == 422  # not granted
        granting.grant(
            city.weather,
            table,
            city.staff.unit,
            {"columns": ["ice_cm"], "purpose": "p", "rows": "station = 'south'"},
        )
        assert send(city.staff, "/data-corrections/new/", **given)[0] == 302
        answers = {
            send(city.staff, "/data-corrections/new/", **(given | wrong))[1].count("可以看到的")
            for wrong in ({"row": "3"}, {"row": "99"}, {"column": "person"}, {"column": "height"})
        }
        assert answers == {1}  # what is forbidden and what is not there are told alike
        assert send(city.staff, "/data-corrections/new/", **(given | {"text": " "}))[0] == 422
    row = Correction.objects.get()
    assert (row.due_on, row.version, row.accepted) == (date(2024, 3, 15), 2, None)
    assert (row.seen_row, row.row) == (1, 3)  # two rows before it are kept back
    for person, number in ((city.staff, 1), (city.weather, 3)):
        client = Client()
        client.force_login(person)
        assert f"第 {number} 行" in client.get("/data-corrections/").content.decode()
    with on("2024-03-18"):
        assert [w.light for w in sharing_selectors.waiting(city.weather)] == ["red"]
        with pytest.raises(NotAllowed):
            corrections.answer(city.staff, row, accepted=True, text="x")
        with pytest.raises(InputError):
            corrections.answer(city.weather, row, accepted=True, text=" ")
        url = f"/data-corrections/{row.pk}/answer/"
        assert send(city.weather, url, accepted="1", answer="已更正")[0] == 302
        with pytest.raises(Conflict):
            corrections.answer(city.weather, row, accepted=False, text="x")
        assert sharing_selectors.waiting(city.weather) == []
    assert audit.verify() == []
