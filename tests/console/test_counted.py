"""A number that counts records opens exactly those records, and they can be evidence."""

from __future__ import annotations

import html
import re
from datetime import date
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from stdnum.cn import uscc

from songhua.console.ledger import counted
from songhua.console.ledger.models import AuditEntry
from songhua.console.ledger.services import audit, evidence
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people.models import Role, Unit
from songhua.console.people.services import create_account
from songhua.console.registers import services as registers
from songhua.console.registers.models import RegisterRecord
from songhua.console.subsidies.models import MergeProposal
from songhua.console.subsidies.services import registry
from songhua.kit.errors import InputError, NotAllowed
from songhua.programmes.load import bundled

from .city import OPENED, PASSWORD, codes, on

pytestmark = pytest.mark.django_db


def firm(city, name, number):
    """An enterprise of the registry with a code of its own."""
    body = f"9123010{number:010d}"
    with on("2024-01-02"):
        return registry.register(
            city.office, kind="enterprise", name=name, since=date(2023, 1, 5),
            credit_code=body + uscc.calc_check_digit(body),
        )  # fmt: skip


def listed(client, url):
    """How many records a page says it lists, and how many stand on it."""
    page = client.get(url).content.decode()
    return int(re.search(r'data-total="(\d+)"', page)[1]), page.count("<tr data-record")


def test_every_link_of_the_plan_leads_to_a_collection_once():
    links = [(link.obligation, link.collection) for link in bundled().records]
    assert {collection for _, collection in links} <= set(counted.known())
    assert len(set(links)) == len(links)


def test_every_collection_lists_what_it_counts(city):
    firm(city, "冰城一号", 1)
    with on("2024-01-03"):
        for key, collection in counted.known().items():
            rows = list(collection.rows(OPENED))
            assert counted.count(key) == len(rows)
            assert listed(city.client("office"), counted.address(key)) == (len(rows), len(rows))


def test_two_firms_that_are_one_count_once_wherever_they_are_counted(city):
    firm(city, "冰城一号", 1)
    firm(city, "冰城 一号", 2)
    client = city.client("office")
    with on("2024-01-03"):
        assert listed(client, counted.address("firms")) == (2, 2)
        proposal = MergeProposal.objects.get()
        registry.decide_merge(city.office, proposal, accepted=True, opinion="同一企业")
        assert counted.count("firms") == 1
        assert listed(client, counted.address("firms")) == (1, 1)
        page = client.get("/obligations/OB-001/").content.decode()
        assert re.search(r'data-counts="1" href="/records/firms/', page)


def test_records_become_evidence_of_a_task_and_say_which_they_were(city):
    firm(city, "冰城一号", 1)
    with on("2024-01-03"):
        client = city.client("staff")
        answer = client.post("/tasks/H-1/records/", {"collection": "firms"})
        assert answer.status_code == 302
        row = city.task("H-1").evidence.get()
        assert (row.kind, row.url) == ("records", "/records/firms/?on=2024-01-03")
        assert listed(city.client("office"), row.url) == (1, 1)
        before = row.inputs_digest
        collection = counted.get("firms")
        assert counted.digest(collection, list(collection.rows(date(2024, 1, 3)))) == before
    firm(city, "冰城二号", 2)
    assert counted.digest(collection, list(collection.rows(date(2024, 1, 3)))) != before
    assert audit.verify() == []
    assert AuditEntry.objects.filter(action="evidence_submitted").count() == 1


def test_what_cannot_be_evidence_is_refused_and_nothing_is_kept(city):
    with on("2024-01-03"):
        for key, code in (("firms", "no_records"), ("nothing", "collection_unknown")):
            with pytest.raises(InputError) as caught:
                evidence.submit_records(city.staff, city.task("H-1"), key)
            assert codes(caught.value) == [("collection", code)]
        with pytest.raises(NotAllowed):
            evidence.submit_records(city.enterprise, city.task("P-1"), "firms")
    assert not city.task("H-1").evidence.exists()


def test_an_unknown_collection_or_day_is_an_error_that_says_so(city):
    client = city.client("office")
    assert client.get("/records/nothing/").status_code == 422
    assert client.get("/records/firms/?on=2024-02-31").status_code == 422
    assert city.client("enterprise").get("/records/firms/").status_code == 403


def followed(client, url):
    """Every number of a page that says what it counts: (its address, the number, the list's)."""
    page = client.get(url).content.decode()
    links = re.findall(r'data-counts="(\d+)" href="([^"]+)"', page)
    return [(to, int(n), listed(client, html.unescape(to))[0]) for n, to in links]


@pytest.mark.parametrize("who", ["leader", "office", "staff", "reviewer"])
def test_every_number_of_the_wall_opens_exactly_its_records(city, who):
    firm(city, "冰城一号", 1)
    with on("2024-02-02"):
        city.report("H-1", "2024-01", "8")
        city.report("H-2", "2024-01", "1", reason="迟")
    with on("2024-02-20"):
        found = followed(city.client(who), "/wall/")
    assert [line for line in found if line[1] != line[2]] == []
    assert len(found) >= 8


@pytest.mark.slow
def test_sixty_obligations_of_harbin_and_more_are_reached_from_a_record_made_here(db):
    """A record of every register, a firm, a platform and a talent; each leads to its obligations
    and each of those shows it."""
    load_programme("setup", bundled())
    office, other = (account(name, Role.OFFICE) for name in ("office", "other"))
    client = Client()
    client.force_login(other)
    for register in bundled().registers:
        for number, value in enumerate(register.fields[0].options or (None,)):
            given = {f.code: sample(f) for f in register.fields}
            given |= {register.fields[0].code: value.code} if value else {}
            row = registers.enter(
                office, register.code,
                {"name": f"记录 {number}", "day": OPENED, "unit": Unit.objects.first(), **given},
            )  # fmt: skip
            registers.decide(other, row, confirmed=True, opinion="")
    city = SimpleNamespace(office=office)
    operator = firm(city, "冰城一号", 1)
    for kind in ("platform", "talent"):
        registry.register(office, kind=kind, name=kind, operator=operator, since=OPENED)
    reached = set()
    for row in RegisterRecord.objects.all():
        page = client.get(f"/register-records/{row.pk}/").content.decode()
        reached |= set(re.findall(r"/obligations/(OB-\d+)/", page))
    for key in ("firms", "platforms", "talent"):
        page = client.get(counted.address(key)).content.decode()
        reached |= set(re.findall(r"/obligations/(OB-\d+)/", page))
    assert len(reached) >= 60
    for code in sorted(reached)[::7]:
        page = client.get(f"/obligations/{code}/").content.decode()
        shown = re.findall(r'data-counts="(\d+)" href="(/records/[^"]+)"', page)
        assert any(int(n) for n, _ in shown), code
        assert [listed(client, to)[0] for _, to in shown] == [int(n) for n, _ in shown]


def account(name, role):
    return create_account(
        "setup", username=name, name=name, role=role, password_hash=make_password(PASSWORD)
    )[0]


def sample(field):
    """A lawful value of a register's field."""
    kinds = {"text": "某单位", "figure": "2", "money": "100.00", "day": "2024-01-02"}
    return field.options[0].code if field.options else kinds[field.kind]
