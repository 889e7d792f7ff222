"""政策推演: other figures on everyone known; the sums are those of the engine, nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from songhua.console import clock
from songhua.console.ledger.models import AuditEntry

from . import bureau
from .bureau import DAY

if TYPE_CHECKING:
    from songhua.console.subsidies.models import Subject

pytestmark = pytest.mark.django_db
P04 = "/what-if/?policy=pilot_zone&version=issued-2022&rule=P04"


@pytest.fixture
def desk(db):
    return bureau.found()


def read(desk, name: str, address: str, status: int = 200) -> str:
    client = Client()
    client.force_login(getattr(desk, name))
    with clock.pinned(DAY):
        answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def know(desk, subject: Subject, **facts: object) -> None:
    with clock.pinned(DAY):
        for name, value in facts.items():
            bureau.registry.put_fact(
                desk.office, subject, name=name, value=value, as_of=DAY, source="年报"
            )


def test_an_application_and_a_subject_of_the_registry_are_worked_through(desk):
    desk.at("amount")  # 8 million at 30 percent
    rival = bureau.registry.register(
        desk.office, kind="enterprise", name="另一家", credit_code=bureau.OTHER_CODE, since=DAY
    )
    know(desk, rival, **bureau.SCENE | {"total_investment_yuan": "1000000.00"})
    before = AuditEntry.objects.count()
    text = read(desk, "office", P04)
    assert "2,400,000.00元" in text
    assert "评审可能再加" in text
    assert "300,000.00元" in text  # its shortlist is not decided: at most this
    changed = read(desk, "office", f"{P04}&P04.grant.rate=25%25&budget=1000000")
    assert "2,000,000.00元" in changed
    assert "-400,000.00元" in changed  # whose award changes
    assert "-1,000,000.00元" in changed  # left of the budget
    assert AuditEntry.objects.count() == before


def test_who_lacks_a_fact_is_named_and_not_counted_as_nothing(desk):
    know(desk, desk.firm_subject, field="智慧供热")
    text = read(desk, "leader", P04)
    assert "因事实不全或有误未计入 1 个" in text
    assert "没有可推演的主体" in text


@pytest.mark.parametrize("name", ["office", "leader", "science"])
def test_every_rule_with_figures_is_shown_in_both_versions(desk, name):
    for version in ("draft-2022", "issued-2022"):
        for rule in ("P01", "P02a", "P02c", "P03b", "P07", "P09b"):
            address = f"/what-if/?policy=pilot_zone&version={version}&rule={rule}"
            assert "subsidies_" not in read(desk, name, address)


def test_a_figure_that_cannot_be_is_told_and_the_form_stays(desk):
    text = read(desk, "office", f"{P04}&P04.grant.rate=200%25", 422)
    assert 'value="200%"' in text
    assert "budget" in read(desk, "office", f"{P04}&budget=abc", 422)


def test_a_department_works_with_its_own_applications_only(desk):
    desk.at("submitted")
    assert "没有可推演的主体" not in read(desk, "science", P04)
    assert "没有可推演的主体" in read(desk, "industry", P04)


def test_the_public_and_enterprises_have_no_such_page(desk):
    for name in ("firm", "citizen", "first"):
        read(desk, name, P04, 403)
