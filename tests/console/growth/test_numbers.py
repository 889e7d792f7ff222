"""Every number on these pages opens exactly its records, for every role that sees it, also after
two entries of one firm became one; and programs read the same."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from songhua.console import clock
from songhua.console.api import tokens
from songhua.console.growth.services import carriers, moves, places
from songhua.console.ledger import counted
from songhua.console.subsidies.services import registry

from .field import DAY, SONGBEI
from .test_carriers import SITE

NUMBER = re.compile(r'data-counts="(\d+)" href="([^"]+)"')
TOTAL = re.compile(r'data-total="(\d+)"')
PAGES = ("carriers", "growth_firms", "ladder", "cohorts", "zones", "reach", "sites")


@pytest.fixture
def town(field):
    """Ten firms in every position, two of which are one."""
    firms = [field.firm(n, since=date(2012 + n, 2, 1)) for n in range(10)]
    home = field.carrier()
    field.place(home.subject)
    field.carrier("松北加速器", stage="accelerator", capacity="")
    for number, firm in enumerate(firms):
        field.place(firm, district=SONGBEI) if number % 3 == 0 else field.place(firm)
        field.figures(
            firm, y2020=("5000000", "400000"), y2021=("5000000", "300000"),
            y2022=("9000000", "600000") if number % 2 else ("5000000", "200000"),
        )  # fmt: skip
    stays = [field.move_in(home, firm) for firm in firms[:5]]
    carriers.move_out(field.staff, stays[0], on=date(2023, 1, 1), outcome="graduated")
    registry.end(field.office, firms[9], on=date(2022, 7, 1), reason="注销")
    field.roads()
    for name, opened in (("甲楼", None), ("乙楼", date(2023, 1, 1))):
        row = places.enter_site(field.staff, SITE | {"name": name})
        if opened:
            places.open_site(field.staff, row, on=opened)
    made = moves.evaluate(field.staff, 2022)
    moves.decide(field.office, [move.pk for move in made[:-1]], confirmed=True)
    field.firms = firms
    return field


def followed(user, pages=PAGES) -> dict[str, int]:
    """Every number of the pages, after it was found equal to what its link lists."""
    client, found = Client(), {}
    client.force_login(user)
    for route in pages:
        page = client.get(reverse(route))
        assert page.status_code == 200
        for number, url in NUMBER.findall(page.content.decode()):
            found[url.replace("&amp;", "&")] = int(number)
    for url, number in found.items():
        listed = client.get(url)
        text = listed.content.decode()
        assert listed.status_code == 200, url
        assert int(TOTAL.search(text)[1]) == number, url
        assert text.count("data-record") == number, url
    return found


@pytest.mark.parametrize("role", ["office", "leader", "science"])
def test_every_number_opens_exactly_its_records(town, role):
    found = followed(town.people[role])
    assert len(found) > 50
    assert sum(number > 0 for number in found.values()) > 20


def test_numbers_still_open_their_records_after_two_firms_became_one(town):
    before = followed(town.office)
    kept, other = town.firms[1], town.firms[2]
    proposal = registry.propose_merge(town.office, kept, other, reason="同一企业")
    registry.decide_merge(town.office, proposal, accepted=True)
    after = followed(town.office)
    lower = {url for url in before if after.get(url, 0) < before[url]}
    assert reverse("records", args=["ladder_wings"]) in lower or any("tenants" in u for u in lower)
    assert any("founded" in url for url in lower)


def test_every_collection_of_growth_lists_what_it_counts(town):
    client = Client()
    client.force_login(town.office)
    keys = ("carriers_incubator", "ladder_promotions", "carrier_tenants", "firms_warned",
            "buildings_reused", "startup_zone_tenants", "firms_within_reach")  # fmt: skip
    for key in keys:
        number = counted.count(key, DAY)
        text = client.get(counted.address(key, DAY)).content.decode()
        assert int(TOTAL.search(text)[1]) == number == text.count("data-record"), key
        assert number > 0, key


def test_filters_of_firms_list_just_those(town):
    client = Client()
    client.force_login(town.office)

    def total(asked: str) -> int:
        text = client.get(f"{reverse('growth_firms')}?{asked}").content.decode()
        assert int(TOTAL.search(text)[1]) == text.count("data-record")
        return text.count("data-record")

    assert total("alert=stalled") == 5  # the even ones; the odd ones grew
    assert total("founded=2021") == 1 and total("founded=2021&left=1") == 0
    assert total("q=松江智能3") == 1
    assert total("rung=unicorn") == 0
    assert client.get(f"{reverse('growth_firms')}?founded=x").status_code == 404


def test_the_steps_of_the_ladder_go_through_its_page(town):
    client = Client()
    client.force_login(town.office)
    url = reverse("ladder")
    assert "待确认" in client.get(url).content.decode()
    (waiting,) = moves.LadderMove.objects.filter(state="proposed").values_list("pk", flat=True)
    sent = {"move": waiting, "confirmed": "0"}
    assert client.post(f"{url}decide/", sent).status_code == 422
    assert client.post(f"{url}decide/", sent | {"opinion": "待核"}).status_code == 302
    assert client.post(f"{url}decide/", sent | {"opinion": "待核"}).status_code == 409
    assert client.post(f"{url}evaluate/", {"year": "2030"}).status_code == 422
    assert client.post(f"{url}evaluate/", {"year": "2022"}).status_code == 302
    assert client.post(f"{url}criterion/", {"rung": "wings"}).status_code == 422
    assert client.post(f"{url}nothing/", {}).status_code == 404


def test_programs_read_carriers_stays_moves_sites_and_zones(town):
    _, secret = tokens.make(town.staff, name="x", scopes=["read"], days="9")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    found = {}
    for name in ("carriers", "tenancies", "ladder-moves", "sites", "zones"):
        answer = client.get(f"/api/v1/{name}")
        assert answer.status_code == 200, answer.content
        found[name] = answer.json()["rows"]
    assert {row["firms"] for row in found["carriers"]} == {0, 4}
    assert len(found["tenancies"]) == 5
    assert found["ladder-moves"][0]["state"] == "proposed"
    assert {row["opened_on"] for row in found["sites"]} == {None, "2023-01-01"}
    assert found["zones"][0]["counts"]["vacant"] == 1
    page = client.get("/api/v1/tenancies?most=2").json()
    assert len(page["rows"]) == 2 and page["next"] == page["rows"][-1]["id"]
    with clock.pinned(DAY):
        assert client.get("/api/v1/zones?on=2021-01-01").json()["rows"][0]["counts"]["firms"] == 0
