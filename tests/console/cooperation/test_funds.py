"""Funds to the fen, and the referrals of policy clause 八 with their answers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from django.test import Client

from songhua.console.cooperation import boards
from songhua.console.cooperation.models import Placement, Referral
from songhua.console.cooperation.services import costs, entering, funding
from songhua.console.ledger.services import vouch
from songhua.console.subsidies.models import CaseFile
from songhua.console.subsidies.services import drafts, engine, intake
from songhua.console.subsidies.services.registry import known_facts
from songhua.kit.errors import Conflict, InputError, NotAllowed

from ..innovation.fair import DAY

FACTS = {"stage": "初创期", "need": "股权", "pledge_ip": False}
GIVEN = {"title": "天使轮", "kind": "direct", "placed_on": "2023-02-20", "public_fen": "2000000",
         "others_fen": "3000000"}  # fmt: skip


@pytest.fixture
def referral(yard) -> Referral:
    """An application under clause 八 that the unit handling it hands on."""
    transferred(yard)
    return Referral.objects.get()


def transferred(yard) -> CaseFile:
    """The case file of an application under clause 八."""
    row = yard.fair.bureau.draft(facts=FACTS, rule="P08", matters=("融资",))
    drafts.submit(yard.firm, row)
    handler = yard.fair.bureau.of(row.unit)
    intake.accept(handler, row)
    return intake.transfer(handler, row)


@pytest.fixture
def handler(yard, referral):
    """Somebody of the unit that handed it on."""
    return yard.fair.bureau.of(referral.unit)


def test_leverage_and_recovery_are_exact_and_unknown_without_every_amount(yard):
    fund = yard.enter("funds")
    assert boards.of(yard.leader, fund)["leverage"].value is None
    yard.enter("placements")
    shown = boards.of(yard.leader, fund)
    assert shown["leverage"].value == Fraction(5, 2)
    assert shown["recovery"].value is None, "a return that nobody entered is unknown, not 0"
    yard.enter("returns")
    yard.enter("returns", amount_fen="0", title="无分红")
    assert boards.of(yard.leader, fund)["recovery"].value == Fraction(10_000_001, 100_000_000)
    below = yard.enter("funds", title="子基金", kind="sub_fund", parent="科技风险投资基金")
    yard.enter("placements", fund="子基金", title="二期", others_fen="500000")
    assert boards.of(yard.leader, fund)["leverage"].value == Fraction(3, 2)
    assert boards.of(yard.leader, below)["leverage"].value == Fraction(1, 2)
    yard.enter("placements", fund="子基金", title="三期", others_fen="")
    assert boards.of(yard.leader, fund)["leverage"].value is None
    page = Client()
    page.force_login(yard.leader)
    assert "1 笔" in page.get(f"/cooperation/funds/{fund.pk}/").content.decode()


def test_a_fund_is_never_above_itself(yard):
    top = yard.enter("funds")
    yard.enter("funds", title="子", parent="科技风险投资基金")
    given = {"title": "顶", "kind": "risk", "manager": "x", "since": "2020-01-01", "text": "x"}
    with pytest.raises(InputError) as caught:
        entering.change(yard.science, top, given | {"parent": "子"}, reason="试")
    assert caught.value.problems[0].where == "parent"


@pytest.mark.parametrize(
    ("kind", "more", "where"),
    [
        ("placements", {"public_fen": "0"}, "public_fen"),
        ("placements", {"subject": ""}, "subject"),
        ("placements", {"placed_on": "2023-03-02"}, "placed_on"),
        ("returns", {"returned_on": "2023-01-09"}, "returned_on"),
        ("returns", {"amount_fen": "-1"}, "amount_fen"),
    ],
)
def test_what_cannot_be_is_refused(yard, kind, more, where):
    yard.enter("funds")
    if kind == "returns":
        yard.enter("placements")
    with pytest.raises(InputError) as caught:
        yard.enter(kind, **more)
    assert [problem.where for problem in caught.value.problems] == [where]


def test_a_referral_lands_is_supported_and_answers_the_application(yard, referral, handler):
    assert referral.state == "received"
    assert referral.subject == yard.fair.bureau.firm_subject
    fund = yard.enter("funds", by="office", unit="市财政局")
    with pytest.raises(Conflict):
        funding.support(handler, referral, GIVEN)
    with pytest.raises(NotAllowed):
        funding.take(yard.industry, referral, fund=fund)
    funding.take(handler, referral, fund=fund)
    referral.refresh_from_db()
    with pytest.raises(InputError):
        funding.support(yard.finance, referral, GIVEN | {"public_fen": "x"})
    assert Referral.objects.get().state == "taken", "nothing is half done"
    made = funding.support(yard.finance, referral, GIVEN)
    case = CaseFile.objects.get()
    assert (case.outcome, case.concluded_by) == ("科技风险投资基金：天使轮", yard.finance)
    referral.refresh_from_db()
    assert (referral.state, referral.placement) == ("placed", made)
    with pytest.raises(Conflict):
        funding.decline(handler, referral, reason="再议")
    assert Placement.objects.get().public_fen == 200_000_000
    assert not list(vouch.unvouched())


def test_a_referral_that_no_fund_supports_is_answered_with_why(yard, referral, handler):
    page = Client()
    page.force_login(handler)
    address = f"/cooperation/referrals/{referral.pk}/"
    assert "对接基金" in page.get(address).content.decode()
    assert page.post(f"{address}decline/", {"reason": " "}).status_code == 422
    assert page.post(f"{address}decline/", {"reason": "不在投向内"}).status_code == 302
    assert CaseFile.objects.get().outcome == "不在投向内"
    assert page.post(f"{address}decline/", {"reason": "不在投向内"}).status_code == 409
    firm = Client()
    firm.force_login(yard.firm)
    shown = firm.get(address).content.decode()
    assert "不在投向内" in shown
    assert "登记支持" not in shown


def test_what_the_desk_answers_itself_is_closed_here_too(yard, referral, handler):
    intake.conclude(handler, referral.case_file, outcome="企业已自行融资")
    referral.refresh_from_db()
    assert (referral.state, referral.outcome) == ("answered", "企业已自行融资")
    with pytest.raises(Conflict):
        funding.decline(handler, referral, reason="再议")
    assert not list(vouch.unvouched())


def test_a_negotiated_case_is_no_referral(yard):
    made = transferred(yard)
    made.kind = CaseFile.Kind.NEGOTIATED
    funding.receive(yard.science, made)
    assert Referral.objects.count() == 1, "the one that came by the transfer alone"


def test_experts_costs_become_the_facts_of_clause_6(yard):
    firm = yard.fair.bureau.firm_subject
    with pytest.raises(InputError):
        costs.file_facts(yard.science, firm)
    yard.enter("expert_costs")
    yard.enter("expert_costs", amount_fen="100000.10", what="差旅")
    yard.enter("expert_costs", title="王工", foreign="否", country="中国", amount_fen="50000")
    costs.file_facts(yard.science, firm)
    known = known_facts(firm, DAY)
    assert known["experts"] == [
        {"work_cost_yuan": "400000.10", "foreign": True},
        {"work_cost_yuan": "50000.00", "foreign": False},
    ]
    facts = {"institution_kind": "中外联合创新中心", "experts": known["experts"]}
    policy = engine.policy_of("pilot_zone", "draft-2022")
    award = engine.assess(policy, "P06b", facts, DAY, {})
    assert award["status"] == "computed"
    assert award["amount"] == 28_000_007, "70 % of the foreign expert's 400,000.10 yuan, in fen"
