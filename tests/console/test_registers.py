"""Registers: two people for a record, everything of a workbook or nothing, counts that open."""

from __future__ import annotations

import csv
import re
from datetime import date

import pytest

from songhua.console.ledger import counted
from songhua.console.ledger.services import audit
from songhua.console.registers import services
from songhua.console.registers.models import RegisterRecord
from songhua.kit.errors import Conflict, InputError, NotAllowed
from songhua.tables import read, to_xlsx

from .city import codes, on

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "北方合作协议", "day": "2024-01-05", "kind": "abroad", "amount_yuan": "120000.5",
    "partner": "莫斯科某研究所",
}  # fmt: skip


@pytest.fixture
def later():
    with on("2024-02-01"):
        yield


def entered(city, **more):
    answer = city.client("staff").post("/registers/agreements/new/", GIVEN | more)
    assert answer.status_code == 302, answer.content.decode()
    return RegisterRecord.objects.latest("pk")


def test_a_record_counts_once_somebody_else_confirmed_it(city, later):
    row = entered(city)
    assert row.values == {
        "kind": "abroad", "amount_yuan": "120000.50", "partner": "莫斯科某研究所",
    }  # fmt: skip
    assert counted.count("agreements_abroad") == 0
    office = city.client("office")
    assert (
        office.post(f"/register-records/{row.pk}/decide/", {"action": "confirm"}).status_code == 302
    )
    assert counted.count("agreements_abroad") == counted.count("agreements") == 1
    page = office.get("/obligations/OB-003/").content.decode()
    assert re.search(r'data-counts="1" href="/records/agreements_abroad/', page)
    assert "OB-003" in office.get(f"/register-records/{row.pk}/").content.decode()
    services.withdraw(city.office, row, reason="协议作废")
    assert counted.count("agreements_abroad") == 0
    assert audit.verify() == []


def test_nobody_confirms_what_he_entered_and_nothing_is_decided_twice(city, later):
    row = services.enter(
        city.office,
        "agreements",
        {**GIVEN, "day": date.fromisoformat("2024-01-05"), "unit": city.staff.unit},
    )
    with pytest.raises(NotAllowed):
        services.decide(city.office, row, confirmed=True, opinion="")
    other = entered(city, name="另一份")
    with pytest.raises(NotAllowed):
        services.decide(city.staff, other, confirmed=True, opinion="")
    with pytest.raises(InputError):
        services.decide(city.office, other, confirmed=False, opinion=" ")
    services.decide(city.office, other, confirmed=False, opinion="缺附件")
    with pytest.raises(Conflict):
        services.decide(city.office, other, confirmed=True, opinion="")
    with pytest.raises(Conflict):
        services.withdraw(city.office, other, reason="x")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": " "}, ("name", "empty")),
        ({"name": "长" * 201}, ("name", "register_too_long")),
        ({"day": ""}, ("day", "empty")),
        ({"day": "2024-02-30"}, ("day", "not_a_date")),
        ({"day": "2024-02-02"}, ("day", "register_future")),
        ({"zone": "nowhere"}, ("zone", "register_zone_unknown")),
        ({"kind": "secret"}, ("kind", "register_not_listed")),
        ({"kind": ""}, ("kind", "empty")),
        ({"amount_yuan": "1.005"}, ("amount_yuan", "too_many_decimals")),
        ({"amount_yuan": "-1"}, ("amount_yuan", "negative")),
        ({"ends_on": "明天"}, ("ends_on", "not_a_date")),
        ({"partner": "长" * 501}, ("partner", "register_too_long")),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(city, later, wrong, expected):
    answer = city.client("staff").post("/registers/agreements/new/", GIVEN | wrong)
    assert answer.status_code == 422
    assert not RegisterRecord.objects.exists()
    given = GIVEN | wrong
    if expected != ("day", "not_a_date"):
        given["day"] = date.fromisoformat(given["day"]) if given["day"] else None
        with pytest.raises(InputError) as caught:
            services.enter(city.staff, "agreements", given)
        assert codes(caught.value) == [expected]


def test_the_same_record_is_not_entered_twice(city, later):
    entered(city)
    answer = city.client("staff").post("/registers/agreements/new/", GIVEN)
    assert answer.status_code == 422
    assert RegisterRecord.objects.count() == 1


HEADINGS = ["名称", "责任单位", "签订日期", "示范区", "类别", "金额（元）", "到期日", "对方"]


def workbook(*rows):
    return to_xlsx("台账", HEADINGS, rows)


def test_a_workbook_goes_in_whole_and_comes_out_the_same(city, later):
    rows = [
        ("甲协议", "", "2024-01-05", "", "国际合作", "10.00", "2025-01-01", "甲"),
        ("乙协议", "", "2024-01-06", "", "school", "", "", "乙"),
    ]
    assert services.bring(city.staff, "agreements", "a.xlsx", workbook(*rows)) == 2
    text = city.client("office").get("/registers/agreements/csv/").content.decode("utf-8-sig")
    assert next(csv.reader([text.splitlines()[0]])) == HEADINGS
    assert next(csv.reader([text.splitlines()[2]]))[4:] == ["国际合作", "10.00", "2025-01-01", "甲"]
    assert audit.verify() == []
    template = city.client("staff").get("/registers/agreements/template/")
    assert read(template.content, "template.xlsx").cells == [HEADINGS]


def test_a_workbook_with_a_mistake_is_refused_at_its_cells(city, later):
    rows = [
        ("甲协议", "", "2024-01-05", "", "国际合作", "10.00", "", "甲"),
        ("乙协议", "", "2024-03-06", "", "秘密", "", "", "乙"),
    ]
    with pytest.raises(InputError) as caught:
        services.bring(city.staff, "agreements", "a.xlsx", workbook(*rows))
    assert sorted(codes(caught.value)) == [("C3", "register_future"), ("E3", "register_not_listed")]
    assert not RegisterRecord.objects.exists()


def test_numbers_on_the_list_of_registers_open_their_records(city, later):
    for name in ("一", "二"):
        services.decide(city.office, entered(city, name=name), confirmed=True, opinion="")
    entered(city, name="三")
    client = city.client("office")
    page = client.get("/registers/").content.decode()
    links = re.findall(r'data-counts="(\d+)" href="([^"]+)"', page)
    assert [int(n) for n, _ in links] == [2, 1]
    for number, address in links:
        assert f'data-total="{number}"' in client.get(address).content.decode()
