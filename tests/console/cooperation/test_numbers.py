"""Every number on our pages opens a list of just so many records."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from songhua.console import clock
from songhua.console.cooperation.services import entering
from songhua.console.cooperation.shelf import KINDS
from songhua.console.ledger import counted
from songhua.console.subsidies.models import Subject
from songhua.console.subsidies.services import registry

from .yard import JUDGED

COUNTED = re.compile(r'data-counts="(\d+)"[^>]*href="([^"]+)"')
TOTAL = re.compile(r'data-total="(\d+)"')


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().replace("&amp;", "&")


def follow(client: Client, address: str) -> int:
    """Follow every number of a page; how many there were."""
    found = COUNTED.findall(read(client, address))
    for said, target in found:
        page = read(client, target.replace("?part", f"{address}?part") if target[0] == "?"
                    else target)  # fmt: skip
        assert TOTAL.findall(page) == [said], (address, target)
        shown = page.count("data-record")
        assert shown == min(int(said), 50), (address, target)
    return len(found)


def addresses(user) -> list[str]:
    from songhua.console.cooperation import selectors

    found = [reverse("cooperation")]
    for kind in KINDS:
        rows = selectors.rows(user, kind)
        if rows.exists():
            found.append(reverse("cooperation_records", args=[kind.key]))
            found.append(reverse("cooperation_record", args=[kind.key, rows.first().pk]))
    return found


@pytest.mark.parametrize("who", ["leader", "science", "firm"])
def test_every_number_opens_exactly_its_records_also_after_a_merge(yard, who):
    yard.all()
    yard.contest_at("awarded")
    mistaken = yard.enter("partners", title="误登单位")
    entering.strike(yard.science, mistaken, reason="误登")
    user = yard.fair.bureau.people[who]
    client = Client()
    client.force_login(user)
    with clock.pinned(JUDGED):
        before = sum(follow(client, address) for address in addresses(user))
        assert before > 20
        rival = Subject.objects.get(name="南国机器人有限公司")
        merge = registry.propose_merge(
            yard.office, yard.fair.bureau.firm_subject, rival, reason="同一企业"
        )
        registry.decide_merge(yard.office, merge, accepted=True)
        after = sum(follow(client, address) for address in addresses(user))
        assert after >= before


def test_collections_count_what_stands_on_a_day_and_open_it(yard):
    yard.all()
    yard.contest_at("awarded")
    client = Client()
    client.force_login(yard.leader)
    wanted = {"contests": 1, "entries": 2, "prizes": 2, "events": 1, "events_international": 1,
              "events_exchange": 0, "partners": 1, "agreements": 1, "funds": 1, "duties": 0,
              "agreements_shenzhen_harbin": 1, "resources_shenzhen": 1, "placements": 1,
              "placements_leveraged": 1, "guarantees": 0, "bookings": 1}  # fmt: skip
    with clock.pinned(JUDGED):
        for key, count in wanted.items():
            assert counted.count(key) == count, key
            page = read(client, counted.address(key))
            assert TOTAL.findall(page) == [str(count)], key
            assert page.count("<tr data-record") == count, key
    assert counted.count("prizes", date(2023, 3, 22)) == 0
    assert counted.count("agreements", date(2023, 2, 1)) == 0
    assert counted.count("agreements", date(2023, 2, 2)) == 1


def test_a_list_asks_the_database_as_often_for_many_records_as_for_few(yard):
    yard.all()
    client = Client()
    client.force_login(yard.leader)
    addresses = ["/cooperation/", "/cooperation/agreements/", "/cooperation/agreements/export.xlsx"]

    def asked() -> list[int]:
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    few = asked()
    for number in range(20):
        yard.enter("agreements", title=f"协议{number}")
    assert asked() == few
