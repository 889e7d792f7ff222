"""Carriers and their firms: moves in and out, addresses, sites; and a workbook whole or not at
all."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from songhua.console import clock
from songhua.console.growth import aid, selectors
from songhua.console.growth.models import Carrier, Place, Sheet, Site, Tenancy
from songhua.console.growth.services import carriers, places, sheets
from songhua.console.growth.services.sheet_kinds import KINDS
from songhua.console.ledger.services import audit, vouch
from songhua.console.subsidies.models import Subject, SubjectFact
from songhua.console.subsidies.services import registry
from songhua.kit.errors import Conflict, InputError, NotAllowed
from songhua.tables import to_xlsx
from tests.console.bureau import CODE

from .field import AT, DAY, SAID, code

SITE = {"kind": "vacant", "name": "学府大厦", "owner": "南岗国资", "area_m2": "5000",
        "since": "2022-05-01"} | AT  # fmt: skip


def test_a_firm_moves_in_once_and_out_once(field):
    home, firm = field.carrier(), field.firm(1)
    stay = field.move_in(home, firm)
    with pytest.raises(Conflict, match="growth_there_already"):
        field.move_in(home, firm, on=DAY)
    with pytest.raises(InputError, match="growth_before_moving_in"):
        carriers.move_out(field.staff, stay, on=date(2022, 1, 1), outcome="left")
    carriers.move_out(field.staff, stay, on=date(2023, 2, 1), outcome="毕业")
    with pytest.raises(Conflict, match="growth_left_already"):
        carriers.move_out(field.staff, stay, on=DAY, outcome="left")
    with pytest.raises(Conflict):
        field.move_in(home, firm, on=date(2023, 1, 1))
    field.move_in(home, firm, on=date(2023, 2, 1))
    days = (date(2022, 5, 31), date(2022, 6, 1), date(2023, 1, 31), date(2023, 2, 1))
    counts = [selectors.tenants(on).count() for on in days]
    assert counts == [0, 1, 1, 1]
    assert audit.verify() == [] and list(vouch.unvouched()) == []


def test_who_may_not_and_what_makes_no_sense(field):
    home, firm = field.carrier(), field.firm(1)
    with pytest.raises(NotAllowed):
        carriers.move_in(field.people["rival"], home, firm, on=DAY)
    carriers.move_in(field.people["firm"], home, firm, on=DAY)
    with pytest.raises(InputError) as caught:
        field.move_in(home, home.subject, on=date(2019, 1, 1))
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"growth_not_a_firm", "growth_before_carrier"}
    with pytest.raises(InputError) as caught:
        carriers.change(field.staff, home, {"stage": "x", "capacity": "-1", "services": ["y"]})
    assert {p.where for p in caught.value.problems} == {"stage", "backing", "capacity", "services"}
    before = Subject.objects.count()
    with pytest.raises(InputError):
        carriers.enter(field.office, SAID | {"stage": ""}, name="空", operator=firm)
    assert Subject.objects.count() == before


def test_two_entries_of_one_firm_are_one_tenant_once_merged(field):
    home, kept, other = field.carrier(), field.firm(1), field.firm(2)
    field.move_in(home, kept)
    field.move_in(home, other)
    assert selectors.tenants(DAY, [home.pk]).count() == 2
    proposal = registry.propose_merge(field.office, kept, other, reason="同一企业")
    registry.decide_merge(field.office, proposal, accepted=True)
    assert list(selectors.tenants(DAY, [home.pk])) == [kept]
    with pytest.raises(Conflict):
        field.move_in(home, kept, on=DAY)


def test_the_firms_of_two_entries_of_one_carrier_are_together_once_merged(field):
    names = ("松江孵化器", "松江孵化器二部", "江北孵化器")
    homes = [field.carrier(name) for name in names]
    for number, home in enumerate(homes):
        field.move_in(home, field.firm(number))
    bare = registry.register(
        field.office, kind="carrier", name="江北", operator=field.bureau.firm_subject
    )
    pairs = ((homes[0].subject, homes[1].subject), (bare, homes[2].subject))
    for kept, other in pairs:
        proposal = registry.propose_merge(field.office, kept, other, reason="同一载体")
        registry.decide_merge(field.office, proposal, accepted=True)
    held = selectors.with_firms(selectors.carriers(DAY), DAY)
    assert {row.pk: row.firms for row in held} == {homes[0].pk: 2, homes[2].pk: 1}
    assert [selectors.tenants(DAY, [home.pk]).count() for home in homes] == [2, 0, 1]


def test_an_ended_firm_is_no_tenant_any_more(field):
    home, firm = field.carrier(), field.firm(1)
    field.move_in(home, firm)
    registry.end(field.office, firm, on=DAY, reason="注销")
    assert selectors.tenants(DAY).count() == 0
    assert selectors.tenants(date(2023, 2, 28)).count() == 1


def test_an_address_counts_from_its_day_on(field):
    firm = field.firm(1)
    field.place(firm)
    field.place(firm, district="松北区", as_of="2023-01-01")

    def district(on: date) -> str | None:
        found = selectors.addresses(on).filter(kept=firm.pk)
        return found.values_list("district", flat=True).first()

    assert [district(date(y, 6, 1)) for y in (2021, 2022)] == [None, "230103"]
    assert district(DAY) == "230109"
    with pytest.raises(InputError) as caught:
        places.put(field.staff, firm, AT | {"district": "海淀区", "lon": "181", "lat": "北"})
    assert {p.where for p in caught.value.problems} == {"district", "lon", "lat"}


def test_a_building_waits_until_it_is_used(field):
    row = places.enter_site(field.staff, SITE)
    with pytest.raises(InputError, match="growth_name_taken"):
        places.enter_site(field.staff, SITE)
    firm = field.firm(1)
    places.open_site(field.staff, row, on=date(2023, 2, 1), used_by=firm)
    days = (date(2022, 4, 30), date(2022, 5, 1), date(2023, 1, 31), date(2023, 2, 1))
    waiting = [selectors.sites(on, "vacant", waiting=True).count() for on in days]
    assert waiting == [0, 1, 1, 0]
    assert selectors.sites(DAY, "vacant", waiting=False).count() == 1
    with pytest.raises(Conflict):
        places.open_site(field.staff, row, on=DAY)
    assert list(vouch.unvouched()) == []


def test_clause_three_sees_the_tenants_of_a_carrier(field):
    home = field.carrier()
    for number in range(2):
        firm = field.firm(number)
        field.figures(firm, y2021=("5000000",), y2022=("12000000",))
        field.move_in(home, firm)
    _, found = aid.proposed(home.subject, DAY)
    missing = {one.rule.id: one.missing for one in found if one.award is None}
    assert missing["P03b"] == ("载体类型",)
    registry.put_fact(field.office, home.subject, name="carrier_kind", value="产业园", as_of=DAY,
                      source="认定文件")  # fmt: skip
    _, found = aid.proposed(home.subject, DAY)
    assert "P03b" not in {one.rule.id for one in found}, "two tenants are fewer than ten"


def test_a_firm_sees_what_it_may_ask_for_and_what_is_missing(field):
    firm = field.firm(1)
    assert aid.proposed(firm, DAY)[1] == []
    facts = {"field": "智慧供热", "shortlisted": True, "government_investment": False,
             "is_investor": True, "total_investment_yuan": "1000000"}  # fmt: skip
    for name, value in facts.items():
        registry.put_fact(field.office, firm, name=name, value=value, as_of=DAY, source="申报")
    found = {one.rule.id: one for one in aid.proposed(firm, DAY)[1]}
    assert found["P04"].award["amount"] == 30_000_000


def book(kind: str, *rows: list) -> bytes:
    return to_xlsx("x", [field.titles[0] for field in KINDS[kind].fields], rows)


CARRIER = ["冰城众创空间", CODE, "众创空间", "社会资本", None, 20, None,
           "创业辅导、办公场地", date(2020, 1, 1)]  # fmt: skip


def bring(field, kind: str, *rows: list) -> Sheet:
    return sheets.bring(field.staff, kind, f"{kind}.xlsx", book(kind, *rows))


def test_workbooks_enter_what_is_new_and_an_export_changes_nothing(field):
    firm = field.firm(1)
    assert bring(field, "carriers", CARRIER).entered == 1
    stay = ["冰城众创空间", firm.credit_code, date(2022, 1, 1), date(2022, 12, 1), "毕业"]
    assert bring(field, "tenancies", stay).entered == 1
    figures = [[firm.credit_code, 2021, 5_000_000, 400_000, None, "年报"],
               [firm.credit_code, 2022, 6_000_000, None, None, "年报"]]  # fmt: skip
    assert bring(field, "figures", *figures).entered == 2
    place = [firm.credit_code, None, "南岗区", 126.63, 45.74, "学府路", date(2022, 1, 1)]
    assert bring(field, "places", place).entered == 1
    own = [None, "冰城众创空间", "230103", 126.64, 45.74, None, date(2022, 1, 1)]
    assert bring(field, "places", own).entered == 1
    site = ["闲置楼宇", "学府大厦", "南岗区", 126.6, 45.7, None, 100, None, date(2022, 1, 1),
            date(2023, 1, 1), firm.credit_code]  # fmt: skip
    assert bring(field, "sites", site).entered == 1
    assert Site.objects.get().used_by == firm
    for kind in KINDS:
        row = sheets.bring(field.staff, kind, "x.xlsx", sheets.workbook(kind))
        assert (row.entered, row.problems) == (0, []), kind
        assert row.same >= 1, kind
    assert audit.verify() == [] and list(vouch.unvouched()) == []


def test_a_workbook_with_faults_names_each_cell_and_enters_nothing(field):
    firm = field.firm(1)
    rows = [
        [firm.credit_code, 2022, 100, None, None, "年报"],
        [code(999), 2022, 100, None, None, "年报"],
        [firm.credit_code, 2021, -5, None, None, "年报"],
        [firm.credit_code, "去年", 100, None, None, None],
    ]
    row = bring(field, "figures", *rows)
    where = [(p["row"], p["column"], p["code"]) for p in row.problems]
    assert where == [
        (4, "C 主营业务收入(元)", "negative"), (5, "B 年度", "not_a_number"),
        (5, "F 来源", "empty"),
    ]  # fmt: skip
    unknown = bring(field, "figures", *rows[:2])
    assert [(p["row"], p["where"][:2], p["code"]) for p in unknown.problems] == [
        (3, "A3", "growth_firm_unknown")
    ]
    assert unknown.problems[0]["column"].startswith("A ")
    assert not SubjectFact.objects.exists()
    assert bring(field, "tenancies", ["没有", firm.credit_code, DAY, None, None]).problems
    assert bring(field, "figures").problems[0]["code"] == "import_without_rows"
    broken = sheets.bring(field.staff, "figures", "x.xlsx", b"PK")
    assert broken.problems and not Tenancy.objects.exists()
    assert audit.verify() == [] and list(vouch.unvouched()) == []


def test_the_pages_take_every_step_of_a_carrier(field, client):
    firm = field.firm(1)
    client.force_login(field.staff)
    given = SAID | {"name": "新载体", "operator": CARRIER[1], "since": "2021-01-01"}
    bad = client.post(reverse("carrier_new"), given | {"operator": "x", "stage": "y"})
    assert bad.status_code == 422
    assert client.post(reverse("carrier_new"), given).status_code == 302
    row = Carrier.objects.get()
    steps = {
        "in": {"code": firm.credit_code, "moved_in": "2022-01-01"},
        "place": AT,
        "change": SAID | {"capacity": "9", "services": ["space"]},
    }
    for action, sent in steps.items():
        answer = client.post(reverse("carrier_act", args=[row.pk, action]), sent)
        assert answer.status_code == 302, (action, answer.content.decode()[:2000])
    row.refresh_from_db()
    assert (row.capacity, row.services, Place.objects.count()) == (9, ["space"], 1)
    again = client.post(reverse("carrier_act", args=[row.pk, "in"]), steps["in"])
    assert again.status_code == 409
    stay = Tenancy.objects.get()
    sent = {"tenancy": stay.pk, "left_on": "2023-01-01", "outcome": "graduated"}
    assert client.post(reverse("carrier_act", args=[row.pk, "out"]), sent).status_code == 302
    page = client.get(reverse("carrier", args=[row.pk])).content.decode()
    assert "毕业" in page and firm.name in page
    assert client.post(reverse("carrier_act", args=[row.pk, "nothing"]), {}).status_code == 404


def test_an_enterprise_sees_its_own_carriers_and_firm_and_no_others(field, client):
    own, firm = field.carrier(), field.firm(1)
    client.force_login(field.people["firm"])
    assert "松江孵化器" in client.get(reverse("carriers")).content.decode()
    mine = reverse("growth_firm", args=[field.bureau.firm_subject.pk])
    assert client.get(mine).status_code == 200
    assert client.get(reverse("growth_firm", args=[firm.pk])).status_code == 404
    client.force_login(field.people["rival"])
    assert "松江孵化器" not in client.get(reverse("carriers")).content.decode()
    assert client.get(reverse("carrier", args=[own.pk])).status_code == 404
    moved = client.post(reverse("carrier_act", args=[own.pk, "in"]), {"code": firm.credit_code})
    assert moved.status_code == 404


def test_a_workbook_comes_and_goes_through_the_pages(field, client):
    client.force_login(field.staff)
    file = SimpleUploadedFile("载体.xlsx", book("carriers", CARRIER))
    answer = client.post(reverse("growth_sheets"), {"kind": "carriers", "file": file})
    assert answer.status_code == 200 and Carrier.objects.count() == 1
    file = SimpleUploadedFile("载体.xlsx", book("carriers", [None, *CARRIER[1:]]))
    answer = client.post(reverse("growth_sheets"), {"kind": "carriers", "file": file})
    assert answer.status_code == 422
    failed = Sheet.objects.exclude(problems=[]).get()
    errors = client.get(reverse("growth_sheet_errors", args=[failed.pk]))
    assert io.BytesIO(errors.content).read(2) == b"PK"
    for kind in KINDS:
        for empty in ("", "?empty=1"):
            assert client.get(reverse("growth_sheet_file", args=[kind]) + empty).status_code == 200
    client.force_login(field.people["industry"])
    assert client.get(reverse("growth_sheet_errors", args=[failed.pk])).status_code == 404
    with clock.pinned(DAY):
        assert client.post(reverse("growth_sheets"), {"kind": "carriers"}).status_code == 422
