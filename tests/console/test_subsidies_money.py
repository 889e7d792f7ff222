"""Money: whatever is tried, nothing is paid beyond what was approved, the cap or the budget."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as quick
from hypothesis import strategies as st

from songhua.console import clock
from songhua.console.ledger.services import audit
from songhua.console.subsidies.capitals import capitals
from songhua.console.subsidies.models import Application, Budget, OtherAward, Recovery
from songhua.console.subsidies.services import (
    amounts,
    budgets,
    choices,
    decisions,
    drafts,
    guards,
    holdings,
    payments,
    recoveries,
)
from songhua.kit.errors import Conflict, InputError, NotAllowed, SonghuaError
from songhua.kit.money import yuan
from songhua.tables import read

from . import bureau
from .bureau import AFTER_NOTICE, DAY
from .city import spoken

within = quick(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
APPROVED = 240_000_000


@pytest.fixture
def desk(db):
    return bureau.found()


def now(row):
    return Application.objects.get(pk=row.pk)


class Undo(Exception):
    """Ends an example without leaving anything."""


acts = st.lists(
    st.tuples(
        st.sampled_from(["pay", "pay", "recover", "repay", "offset", "close"]),
        st.one_of(st.integers(1, APPROVED), st.sampled_from([1, APPROVED, APPROVED + 1])),
    ),
    max_size=8,
)


@pytest.fixture
def two_paying(desk):
    """Two approved awards of one subject, on different matters."""
    return desk, desk.at("paying"), desk.at("paying", matters=("rink",))


@within
@given(acts)
def test_no_order_of_acts_pays_or_takes_back_too_much(two_paying, acts):
    desk, first, second = two_paying
    budget = Budget.objects.get()
    with pytest.raises(Undo), transaction.atomic(), clock.pinned(AFTER_NOTICE):
        for name, fen in acts:
            try:
                with transaction.atomic():
                    _try(desk, name, yuan(fen), first, second)
            except SonghuaError as error:
                spoken(error.problems)
            for row in (first, second):
                paid, back = holdings.paid_fen(row), holdings.repaid_fen(row)
                assert 0 <= back <= paid <= APPROVED
                assert recoveries.recoverable(now(row)) >= 0
                assert 0 <= holdings.granted_fen(now(row)) <= APPROVED
            position = holdings.position(budget)
            assert position.committed >= 0
            assert position.free >= 0
            assert position.amount == position.free + position.committed + position.paid
        raise Undo


def _try(desk, name, amount, first, second):
    debt = Recovery.objects.filter(application=first).last()
    if name == "pay":
        desk.pay(first, amount)
    elif name == "recover":
        made = recoveries.propose(desk.office, first, amount_yuan=amount, reason="审计")
        recoveries.order(desk.leader, made, due=AFTER_NOTICE, decision="同意")
    elif name == "close":
        payments.close_payments(desk.science, first, reason="不再拨付")
    elif debt is None:
        return
    elif name == "repay":
        recoveries.repay(desk.finance, debt, amount_yuan=amount, received_on=AFTER_NOTICE)
    else:
        recoveries.offset(desk.finance, debt, second, amount_yuan=amount)


def test_instalments_stop_at_the_approved_fen(desk):
    row = desk.at("paying")
    desk.pay(row, "2399999.99")
    before = bureau.written()
    with pytest.raises(Conflict) as caught:
        desk.pay(row, "0.02")
    assert [(p.code, p.value) for p in caught.value.problems] == [
        ("subsidy_above_approved", "0.01")
    ]
    for wrong in ("0", "-1", "0.001", "NaN", ""):
        with pytest.raises(InputError):
            desk.pay(row, wrong)
    with pytest.raises(InputError), clock.pinned(DAY):
        payments.pay(desk.finance, row, amount_yuan="0.01", paid_on=AFTER_NOTICE)
    assert bureau.written() == before
    desk.pay(row, "0.01")
    assert holdings.position(Budget.objects.get()).committed == 0
    assert audit.verify() == []


def test_a_budget_that_is_not_there_or_too_small_approves_nothing(desk):
    row = desk.at("approval")
    unit = desk.science.unit
    with clock.pinned(AFTER_NOTICE):
        budgets.set_budget(desk.office, unit, 2023, amount_yuan="2399999.99", reason="压减")
        before = bureau.written()
        with pytest.raises(Conflict) as caught:
            decisions.approve(desk.leader, row)
        assert [(p.code, p.value) for p in caught.value.problems] == [
            ("subsidy_guard_within_budget", "2399999.99")
        ]
        spoken(caught.value.problems)
        assert bureau.written() == before
        budgets.set_budget(desk.office, unit, 2023, amount_yuan="2400000", reason="增加")
        decisions.approve(desk.leader, row)
        assert holdings.position(Budget.objects.get()).free == 0
        payments.close_payments(desk.science, row, reason="主体放弃")
    assert holdings.position(Budget.objects.get()).free == APPROVED


def test_the_cap_counts_what_the_desk_granted_before_and_is_asked_again_at_approval(desk):
    facts = {"integrated_mode": True, "applied_rd_institution": False,
             "actual_input_yuan": "60000000"}  # fmt: skip
    first = desk.at("approval", rule="P03a", facts=facts, matters=("tower",))
    second = desk.at("approval", rule="P03a", facts=facts, matters=("annex",))
    assert first.proposed_fen == second.proposed_fen == 600_000_000
    with clock.pinned(AFTER_NOTICE):
        decisions.approve(desk.leader, first)
        with pytest.raises(Conflict) as caught:
            decisions.approve(desk.leader, second)
        assert ("subsidy_guard_within_cap", "4000000.00") in [
            (p.code, p.value) for p in caught.value.problems
        ]
        decisions.send_back(desk.leader, second, reason="超过上限")
        made = amounts.compute(desk.science, second)
    assert (made.award["amount"], made.award["binding"]) == (400_000_000, "prior")


def test_of_two_awards_on_one_matter_only_the_chosen_one_is_approved(desk):
    scene = desk.at("approval", matters=("hall",))
    carrier = {"integrated_mode": True, "applied_rd_institution": False,
               "actual_input_yuan": "30000000"}  # fmt: skip
    with clock.pinned(AFTER_NOTICE):
        rival = desk.at("approval", rule="P03a", facts=carrier, matters=("annex",))
    Application.objects.filter(pk=rival.pk).update(matters=["annex", "hall"])
    approve = decisions.approve
    with clock.pinned(AFTER_NOTICE):
        for row in (scene, rival):
            with pytest.raises(Conflict, match="choice_stands"):
                approve(desk.leader, row)
        with pytest.raises(Conflict, match="subsidy_choice_conflicts"):
            choices.choose(
                desk.firm, desk.firm_subject, policy="pilot_zone",
                chosen=[scene.award_id, rival.award_id],
            )  # fmt: skip
        with pytest.raises(InputError, match="subsidy_award_unknown"):
            choices.choose(desk.firm, desk.firm_subject, policy="pilot_zone", chosen=["x"])
        with pytest.raises(NotAllowed):
            choices.choose(desk.rival, desk.firm_subject, policy="pilot_zone", chosen=[])
        made = choices.choose(
            desk.firm, desk.firm_subject, policy="pilot_zone", chosen=[scene.award_id]
        )
        assert (made.amount_fen, made.best_fen, made.forgone_fen) == (
            APPROVED, 300_000_000, 60_000_000,
        )  # fmt: skip
        assert made.best_sets == [[rival.award_id]]
        with pytest.raises(Conflict, match="choice_stands"):
            approve(desk.leader, rival)
        approve(desk.leader, scene)
        with pytest.raises(Conflict, match="choice_stands"):
            approve(desk.leader, rival)


def test_a_choice_is_asked_again_when_a_change_would_cost_more(desk):
    scene = desk.at("approval")
    with clock.pinned(AFTER_NOTICE):
        other = choices.declare_award(
            desk.firm, desk.firm_subject, source="city", name="市级技改", matters=["hall"],
            amount_yuan="2500000",
        )  # fmt: skip
        choices.choose(desk.firm, desk.firm_subject, policy="pilot_zone", chosen=[scene.award_id])
        choices.update_award(desk.office, other, amount_yuan="2600000", reason="复核")
        with pytest.raises(Conflict, match="choice_stands"):
            decisions.approve(desk.leader, scene)
        made = choices.choose(
            desk.firm, desk.firm_subject, policy="pilot_zone", chosen=[scene.award_id]
        )
        assert made.forgone_fen == 20_000_000
        choices.update_award(desk.office, other, amount_yuan="2500000", reason="复核")
        decisions.approve(desk.leader, scene)  # it costs less than what was accepted
    assert audit.verify() == []


@pytest.mark.parametrize("source", ["province", "state", "district"])
def test_support_beyond_the_city_excludes_nothing(desk, source):
    scene = desk.at("approval")
    with clock.pinned(AFTER_NOTICE):
        choices.declare_award(
            desk.firm, desk.firm_subject, source=source, name="上级奖补", matters=["hall"],
            amount_yuan="9", paid_on=DAY,
        )  # fmt: skip
        decisions.approve(desk.leader, scene)


def test_a_matter_that_the_city_paid_elsewhere_is_not_approved(desk):
    scene = desk.at("approval")
    with clock.pinned(AFTER_NOTICE):
        choices.declare_award(
            desk.firm, desk.firm_subject, source="city", name="市级技改", matters=["hall"],
            amount_yuan="1", paid_on=DAY,
        )  # fmt: skip
        assert holdings.excluded(scene) == [OtherAward.objects.get().award_id]
        with pytest.raises(Conflict, match="choice_stands"):
            decisions.approve(desk.leader, scene)


def test_a_later_award_on_a_paid_matter_proposes_to_take_back(desk):
    row = desk.at("paying")
    desk.pay(row, "1000000")
    with clock.pinned(AFTER_NOTICE):
        later = choices.declare_award(
            desk.office, desk.firm_subject, source="city", name="市级技改", matters=["hall"],
            amount_yuan="3000000", paid_on=AFTER_NOTICE,
        )  # fmt: skip
        proposal = Recovery.objects.get()
        assert [(w["keep"], w["kind"], w["amount"], w["ours"]) for w in proposal.ways] == [
            ([row.award_id], "recovery", 300_000_000, 0),
            ([later.award_id], "recovery", 100_000_000, 100_000_000),
        ]
        choices.update_award(desk.office, later, amount_yuan="3100000", reason="复核")
        assert Recovery.objects.count() == 1
        with pytest.raises(InputError, match="subsidy_way_unknown"):
            recoveries.order(desk.leader, proposal, due=AFTER_NOTICE, decision="同意")
        with pytest.raises(NotAllowed):
            recoveries.order(desk.office, proposal, due=AFTER_NOTICE, decision="同意", way=1)
        recoveries.order(desk.leader, proposal, due=AFTER_NOTICE, decision="同意", way=1)
        with pytest.raises(Conflict, match="subsidy_above_debt"):
            recoveries.repay(
                desk.finance, proposal, amount_yuan="1000000.01", received_on=AFTER_NOTICE
            )
        recoveries.repay(desk.finance, proposal, amount_yuan="1000000", received_on=AFTER_NOTICE)
    assert Recovery.objects.get().state == "settled"
    assert holdings.granted_fen(now(row)) == APPROVED - 100_000_000
    assert audit.verify() == []


def test_nothing_more_is_paid_on_a_matter_that_was_paid_elsewhere_meanwhile(desk):
    row = desk.at("paying")
    with clock.pinned(AFTER_NOTICE):
        later = choices.declare_award(
            desk.firm, desk.firm_subject, source="city", name="市级技改", matters=["hall"],
            amount_yuan="3000000", paid_on=AFTER_NOTICE,
        )  # fmt: skip
        assert not Recovery.objects.exists()
        with pytest.raises(Conflict) as caught:
            desk.pay(row, "1")
        assert [p.code for p in caught.value.problems] == ["subsidy_guard_not_paid_elsewhere"]
        spoken(caught.value.problems)
        with pytest.raises(Conflict, match="subsidy_award_paid"):
            choices.update_award(desk.firm, later, declined=True, reason="放弃")
        choices.update_award(desk.office, later, declined=True, reason="已退回")
        desk.pay(row, "1")
    assert audit.verify() == []


def test_a_debt_is_set_off_against_another_award_of_the_same_organisation(two_paying):
    desk, first, second = two_paying
    desk.pay(first, "2400000")
    with clock.pinned(AFTER_NOTICE):
        made = recoveries.propose(desk.office, first, amount_yuan="500000", reason="审计")
        recoveries.order(desk.leader, made, due=AFTER_NOTICE, decision="同意")
        with pytest.raises(InputError, match="subsidy_same_award"):
            recoveries.offset(desk.finance, made, first, amount_yuan="1")
        before = bureau.written()
        with pytest.raises(Conflict, match="subsidy_above_debt"):
            recoveries.offset(desk.finance, made, second, amount_yuan="500000.01")
        assert (bureau.written(), holdings.paid_fen(second)) == (before, 0)
        recoveries.offset(desk.finance, made, second, amount_yuan="500000")
    assert Recovery.objects.get().state == "settled"
    assert second.payments.get().way == "offset"
    assert audit.verify() == []


def test_the_export_lists_every_payment_of_the_period_and_no_other(desk):
    row = desk.at("paying")
    desk.pay(row, "1000000.05")
    desk.pay(row, "2.10", day=date(2023, 4, 1))
    with clock.pinned(date(2023, 4, 2)):
        with pytest.raises(NotAllowed):
            payments.export(desk.science, DAY, DAY, "csv")
        text = payments.export(desk.finance, DAY, date(2023, 3, 31), "csv").decode("utf-8-sig")
        book = payments.export(desk.office, DAY, date(2023, 4, 1), "xlsx")
    lines = text.splitlines()
    assert len(lines) == 2
    for part in (bureau.CODE, "1000000.05", "〔2023〕1号", "冰城智能科技有限公司", "四（"):
        assert part in lines[1]
    assert len(read(book, "book.xlsx").cells) == 3


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (140950, "壹仟肆佰零玖元伍角"),  # these six from 支付结算办法 annex 1
        (600714, "陆仟零柒元壹角肆分"),
        (168032, "壹仟陆佰捌拾元叁角贰分"),
        (10700053, "壹拾万柒仟元伍角叁分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (32504, "叁佰贰拾伍元零肆分"),
        (0, "零元整"),
        (5, "伍分"),
        (10**11, "壹拾亿元整"),
        (100010001000100, "壹万零壹亿零壹万零壹元整"),
    ],
)
def test_capitals_as_payment_documents_write_them(fen, words):
    assert capitals(fen) == f"人民币{words}"


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_different_amounts_have_different_capitals(one, other):
    assert (capitals(one) == capitals(other)) == (one == other)
    assert "零零" not in capitals(one)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_do_not_overspend():
    desk = bureau.found(budget_yuan="3000000")
    rows = [desk.at("approval"), desk.at("approval", matters=("rink",))]
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def approve(row):
        start.wait()
        try:
            with clock.pinned(AFTER_NOTICE):
                decisions.approve(desk.leader, row)
            outcomes.append("approved")
        except Conflict as error:
            outcomes.append(error.problems[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "subsidy_guard_within_budget"]
    assert holdings.position(Budget.objects.get()).free == 60_000_000
    assert audit.verify() == []


def test_what_the_guards_call_latest_is_of_this_round(desk):
    row = desk.at("notice")
    assert guards.latest(row).award["amount"] == APPROVED
    row.round += 1
    assert guards.latest(row) is None


def test_a_year_that_was_paid_for_once_leaves_a_yearly_cap_for_the_next(desk):
    service = {"year": 2023, "income_yuan": "20000000", "customer_local": True}
    facts = {"platform_kind": "共性技术研发平台", "year": 2023, "services": [service]}
    first = desk.at("paying", rule="P02c", facts=facts, matters=("2023",))
    again = desk.draft(facts, "P02c", ("2023b",))
    later = desk.draft(facts, "P02c", ("2024",))
    again.applied_on, later.applied_on = first.applied_on, date(2024, 1, 5)
    assert drafts.estimate(again, again.applied_on)["reasons"][0]["code"] == "CAP_EXHAUSTED"
    assert holdings.prior_fen(later, guards.Asked(desk.leader, later, "").rule) == 0
