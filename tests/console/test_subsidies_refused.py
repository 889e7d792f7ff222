"""Who may not take a step, and when: each refusal says why and leaves nothing behind."""

from __future__ import annotations

import re
from datetime import date, timedelta
from importlib.resources import files

import pytest
from pydantic import ValidationError

from songhua.console import clock
from songhua.console.ledger.services import audit
from songhua.console.people.models import User
from songhua.console.subsidies import selectors, workflow
from songhua.console.subsidies.models import Application, Seat
from songhua.console.subsidies.services import (
    amounts,
    budgets,
    decisions,
    drafts,
    evaluations,
    guards,
    intake,
    notices,
    panel,
    payments,
    recoveries,
)
from songhua.kit.errors import Conflict, InputError, NotAllowed, SonghuaError
from songhua.kit.messages import catalogue

from . import bureau
from .bureau import AFTER_NOTICE, DAY, SCENE
from .city import spoken

POINTS = {"innovation": "40", "feasibility": "30", "benefit": "30"}


@pytest.fixture
def desk(db):
    return bureau.found()


def refused(kind: type[SonghuaError], code: str, row: Application, step) -> None:
    """The step raises `kind` with `code`, in both languages, and nothing is written."""
    before = (bureau.written(), Application.objects.values().get(pk=row.pk))
    with pytest.raises(kind) as caught:
        step(row)
    assert code in [problem.code for problem in caught.value.problems]
    spoken(caught.value.problems)
    assert (bureau.written(), Application.objects.values().get(pk=row.pk)) == before


STRANGERS = [
    ("draft", "rival", lambda who, row: drafts.submit(who, row)),
    ("draft", "office", lambda who, row: drafts.submit(who, row)),
    ("submitted", "industry", lambda who, row: intake.accept(who, row)),
    ("submitted", "firm", lambda who, row: intake.accept(who, row)),
    ("submitted", "leader", lambda who, row: intake.decline(who, row, reason="不")),
    ("formal_review", "office", lambda who, row: intake.pass_formal(who, row)),
    ("joint_review", "science", lambda who, row: intake.sign(who, row, agreed=True)),
    ("joint_review", "industry", lambda who, row: panel.call_experts(who, row)),
    ("expert_review", "first",
     lambda who, row: panel.score(who, row, scores=POINTS, opinion="好")),
    ("expert_review", "firm", lambda who, row: panel.seat(who, row, who)),
    ("amount", "finance", lambda who, row: amounts.compute(who, row)),
    ("amount", "leader", lambda who, row: amounts.propose(who, row)),
    ("notice", "industry", lambda who, row: notices.close_notice(who, row)),
    ("approval", "science", lambda who, row: decisions.approve(who, row)),
    ("approval", "office", lambda who, row: decisions.approve(who, row)),
    ("paying", "science",
     lambda who, row: payments.pay(who, row, amount_yuan="1", paid_on=AFTER_NOTICE)),
    ("paying", "firm",
     lambda who, row: recoveries.propose(who, row, amount_yuan="1", reason="误")),
]  # fmt: skip


@pytest.mark.parametrize(("state", "who", "step"), STRANGERS)
def test_a_step_is_refused_to_whoever_has_not_its_capacity(desk, state, who, step):
    row = desk.at(state)
    with clock.pinned(AFTER_NOTICE):
        actor = desk.people[who]
        refused(NotAllowed, "subsidy_role_forbidden", row, lambda r: step(actor, r))
        assert audit.verify() == []


def test_no_step_but_the_states_own_can_be_taken(desk):
    row = desk.draft()
    with clock.pinned(DAY):
        refused(Conflict, "subsidy_wrong_state", row, lambda r: intake.accept(desk.science, r))
        refused(Conflict, "subsidy_wrong_state", row, lambda r: notices.object_to(
            desk.citizen, r, text="不同意"))  # fmt: skip
        drafts.submit(desk.firm, row)
        again = lambda r: drafts.submit(desk.firm, r)  # noqa: E731
        refused(Conflict, "subsidy_wrong_state", row, again)
        edit = lambda r: drafts.edit(desk.firm, r, facts=SCENE, matters=["x"])  # noqa: E731
        refused(Conflict, "subsidy_wrong_state", row, edit)


def test_nobody_reviews_an_application_of_their_own_unit(desk):
    row = desk.at("submitted")
    row.subject.unit = desk.science.unit
    row.subject.save()
    with clock.pinned(DAY):
        refused(
            NotAllowed, "subsidy_guard_disinterested", row, lambda r: intake.accept(desk.science, r)
        )
    assert desk.draft(matters=("hall2",), subject=row.subject).unit.name_zh == "市工信局"


def test_a_listed_stake_recuses_an_official_and_an_expert(desk):
    row = desk.at("expert_review")
    with clock.pinned(DAY):
        panel.seat(desk.science, row, desk.first)
        panel.list_interest(desk.office, desk.first, desk.firm_subject, reason="曾任顾问")
        assert Seat.objects.get(expert=desk.first).recused
        score = lambda r: panel.score(desk.first, r, scores=POINTS, opinion="好")  # noqa: E731
        refused(NotAllowed, "subsidy_role_forbidden", row, score)
        panel.list_interest(desk.second, desk.second, desk.firm_subject, reason="配偶任职")
        assert panel.seat(desk.science, row, desk.second).recused
        panel.list_interest(desk.office, desk.science, desk.firm_subject, reason="持股")
        refused(
            NotAllowed, "subsidy_guard_disinterested", row,
            lambda r: panel.close_panel(desk.science, r),
        )  # fmt: skip
        with pytest.raises(NotAllowed):
            panel.list_interest(desk.third, desk.fourth, desk.firm_subject, reason="传言")
    assert selectors.panel(desk.first).count() == 0
    assert audit.verify() == []


@pytest.mark.parametrize("field", ["credit_code", "unit"])
def test_an_expert_of_the_applicants_own_is_seated_as_recused(desk, field):
    row = desk.at("expert_review")
    if field == "unit":
        row.subject.unit = desk.industry.unit
        row.subject.save()
        User.objects.filter(pk=desk.first.pk).update(unit=desk.industry.unit)
    else:
        User.objects.filter(pk=desk.first.pk).update(credit_code=bureau.CODE)
    with clock.pinned(DAY):
        expert = User.objects.get(pk=desk.first.pk)
        assert panel.seat(desk.science, row, expert).recused
        assert not panel.seat(desk.science, row, desk.second).recused


def test_a_recused_expert_does_not_count_and_the_panel_must_be_full(desk):
    row = desk.at("expert_review")
    close = lambda r: panel.close_panel(desk.science, r)  # noqa: E731
    with clock.pinned(DAY):
        refused(Conflict, "subsidy_guard_panel_complete", row, close)
        for expert in (desk.first, desk.second, desk.third, desk.fourth):
            panel.seat(desk.science, row, expert)
        for expert in (desk.first, desk.second, desk.third):
            panel.score(expert, row, scores=POINTS, opinion="好")
        refused(Conflict, "subsidy_guard_panel_complete", row, close)
        panel.recuse(desk.fourth, row, reason="同行竞争")
        panel.recuse(desk.third, row, reason="同行竞争")
        refused(Conflict, "subsidy_guard_panel_complete", row, close)
        refused(NotAllowed, "subsidy_role_forbidden", row, lambda r: panel.score(
            desk.third, r, scores=POINTS, opinion="好"))  # fmt: skip


def test_points_are_whole_complete_and_given_once(desk):
    row = desk.at("expert_review")
    with clock.pinned(DAY):
        panel.seat(desk.science, row, desk.first)

        def give(scores, opinion="好"):
            return lambda r: panel.score(desk.first, r, scores=scores, opinion=opinion)

        refused(InputError, "out_of_range", row, give(POINTS | {"benefit": "31"}))
        refused(InputError, "empty", row, give({"innovation": "1"}))
        refused(InputError, "unknown_key", row, give(POINTS | {"charm": "1"}))
        refused(InputError, "empty", row, give(POINTS, " "))
        assert str(panel.score(desk.first, row, scores=POINTS, opinion="好").total) == "100.00"
        refused(Conflict, "subsidy_decided", row, give(POINTS))


def test_a_unit_that_does_not_agree_stops_the_joint_review(desk):
    row = desk.at("joint_review")
    with clock.pinned(DAY):
        refused(InputError, "empty", row, lambda r: intake.sign(desk.industry, r, agreed=False))
        intake.sign(desk.industry, row, agreed=False, opinion="设备重复")
        for asked in row.sign_offs.filter(agreed=None):
            intake.sign(desk.of(asked.unit), row, agreed=True)
        refused(Conflict, "subsidy_guard_all_signed", row, lambda r: panel.call_experts(
            desk.science, r))  # fmt: skip
        refused(Conflict, "subsidy_decided", row, lambda r: intake.sign(
            desk.industry, r, agreed=True))  # fmt: skip
        refused(Conflict, "subsidy_guard_all_signed", row, lambda r: intake.skip_experts(
            desk.science, r))  # fmt: skip
        intake.review_again(desk.science, row, reason="复核设备")
        intake.pass_formal(desk.science, row)
        desk.sign_all(Application.objects.get(pk=row.pk))
        refused(Conflict, "subsidy_guard_needs_no_experts", row, lambda r: intake.skip_experts(
            desk.science, r))  # fmt: skip
        panel.call_experts(desk.science, row)


def test_whoever_scored_signed_or_proposed_does_not_approve_or_pay(desk):
    row = desk.at("approval")
    approve = lambda r: decisions.approve(desk.leader, r)  # noqa: E731
    with clock.pinned(AFTER_NOTICE):
        seat = row.seats.first()
        Seat.objects.filter(pk=seat.pk).update(expert=desk.leader)
        refused(NotAllowed, "subsidy_guard_not_scorer", row, approve)
        Seat.objects.filter(pk=seat.pk).update(expert=seat.expert)
        Application.objects.filter(pk=row.pk).update(proposed_by=desk.leader)
        refused(NotAllowed, "subsidy_guard_not_proposer", row, approve)
        Application.objects.filter(pk=row.pk).update(proposed_by=desk.science)
        decisions.approve(desk.leader, row)
        Application.objects.filter(pk=row.pk).update(approved_by=desk.finance)
        refused(NotAllowed, "subsidy_guard_not_approver", row, lambda r: payments.pay(
            desk.finance, r, amount_yuan="1", paid_on=AFTER_NOTICE))  # fmt: skip


def test_the_notice_runs_its_working_days_and_every_objection_is_answered(desk):
    row = desk.at("notice")
    close = lambda r: notices.close_notice(desk.science, r)  # noqa: E731
    notice = guards.notice_of(row)
    with clock.pinned(DAY):
        protest = notices.object_to(desk.rival, row, text="不实")
        own = notices.object_to(desk.office, row, text="待核")
        silent = lambda r: notices.object_to(desk.rival, r, text=" ")  # noqa: E731
        refused(Conflict, "subsidy_guard_reason", row, silent)
    with clock.pinned(notice.ends):
        refused(Conflict, "subsidy_guard_notice_over", row, close)
    with clock.pinned(notice.ends + timedelta(days=1)):
        late = lambda r: notices.object_to(desk.citizen, r, text="迟到")  # noqa: E731
        refused(Conflict, "subsidy_guard_notice_open", row, late)
        refused(Conflict, "subsidy_guard_objections_answered", row, close)
        mine = lambda r: notices.answer(desk.office, own, upheld=False, text="无")  # noqa: E731
        refused(NotAllowed, "own_submission", row, mine)
        notices.answer(desk.science, own, upheld=False, text="已核")
        notices.answer(desk.office, protest, upheld=False, text="已核")
        twice = lambda r: notices.answer(desk.office, protest, upheld=False, text="x")  # noqa: E731
        refused(Conflict, "subsidy_decided", row, twice)
        notices.close_notice(desk.science, row)
    assert audit.verify() == []


def test_a_year_whose_holidays_are_unknown_opens_no_notice(desk):
    row = desk.at("amount")
    with clock.pinned(DAY):
        amounts.compute(desk.science, row)
    with clock.pinned(date(2031, 5, 5)):
        refused(InputError, "calendar_year_unknown", row, lambda r: amounts.propose(
            desk.science, r))  # fmt: skip


def test_what_experts_and_officials_settle_is_not_the_applicants_to_claim(desk):
    with clock.pinned(DAY):
        for name, code in (("shortlisted", "subsidy_not_yours"), ("colour", "unknown_key")):
            before = bureau.written()
            with pytest.raises(InputError) as caught:
                desk.draft({**SCENE, name: True})
            assert [p.code for p in caught.value.problems] == [code]
            spoken(caught.value.problems)
            assert bureau.written() == before
        with pytest.raises(NotAllowed):
            desk.draft(by="rival")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({**SCENE, "total_investment_yuan": "1.005"}, "policy_amount_finer_than_fen"),
        ({**SCENE, "total_investment_yuan": "-1"}, "policy_amount_negative"),
        ({**SCENE, "is_investor": "yes"}, "policy_fact_not_boolean"),
        ({"field": "智慧供热"}, "policy_fact_missing"),
    ],
)
def test_facts_that_the_engine_cannot_read_are_not_submitted(desk, facts, code):
    row = desk.draft(facts)
    with clock.pinned(DAY):
        refused(InputError, code, row, lambda r: drafts.submit(desk.firm, r))


def test_outside_the_policys_days_nothing_is_submitted(desk):
    row = desk.draft()
    with clock.pinned(date(2024, 1, 1)):
        refused(InputError, "policy_after_expiry", row, lambda r: drafts.submit(desk.firm, r))
    with clock.pinned(date(2023, 12, 31)):
        drafts.submit(desk.firm, row)


def test_a_correction_has_its_time(desk):
    row = desk.at("submitted")
    with clock.pinned(DAY):
        refused(Conflict, "subsidy_guard_reason", row, lambda r: intake.ask_correction(
            desk.science, r, reason=" "))  # fmt: skip
        asked = intake.ask_correction(desk.science, row, reason="缺合同")
    with clock.pinned(asked.correct_until + timedelta(days=1)):
        refused(InputError, "subsidy_correction_late", row, lambda r: drafts.submit(desk.firm, r))
    with clock.pinned(asked.correct_until):
        assert drafts.submit(desk.firm, row).applied_on == DAY


def test_no_amount_is_proposed_that_was_not_computed(desk):
    row = desk.at("amount")
    propose = lambda r: amounts.propose(desk.science, r)  # noqa: E731
    with clock.pinned(DAY):
        refused(Conflict, "subsidy_guard_amount_known", row, propose)
        amounts.compute(desk.science, row)
        typed = lambda r: amounts.propose(desk.science, r, amount_yuan="9")  # noqa: E731
        refused(InputError, "subsidy_amount_computed", row, typed)
        claim = {"shortlisted": True}
        refused(InputError, "unknown_key", row, lambda r: amounts.compute(
            desk.science, r, settled=claim, reason="x"))  # fmt: skip
        refused(InputError, "policy_option_unknown", row, lambda r: amounts.compute(
            desk.science, r, reading={"rounding": "up"}, reason="x"))  # fmt: skip


def test_an_admitted_amount_stays_below_the_ceiling_and_has_a_reason(desk):
    row = desk.at("amount", facts={**SCENE, "field": "智慧渔业"})
    with clock.pinned(DAY):
        amounts.compute(desk.science, row)
        refused(InputError, "subsidy_above_ceiling", row, lambda r: amounts.propose(
            desk.science, r, amount_yuan="2400000.01", reason="等"))  # fmt: skip
        refused(InputError, "empty", row, lambda r: amounts.propose(
            desk.science, r, amount_yuan="1"))  # fmt: skip


def test_nothing_is_archived_before_its_result_passed(desk):
    row = desk.at("paying")
    archive = lambda r: evaluations.archive(desk.science, r)  # noqa: E731
    with clock.pinned(AFTER_NOTICE):
        payments.close_payments(desk.science, row, reason="不再拨付")
        refused(Conflict, "subsidy_guard_evaluated", row, archive)
        evaluations.evaluate(desk.science, row, passed=False, text="未达标")
        refused(Conflict, "subsidy_guard_evaluated", row, archive)


def test_only_the_office_sets_a_budget_and_not_below_what_is_used(desk):
    row = desk.at("paying")
    unit = desk.science.unit
    with clock.pinned(AFTER_NOTICE):
        refused(NotAllowed, "role_may_not", row, lambda r: budgets.set_budget(
            desk.science, unit, 2023, amount_yuan="1", reason="改"))  # fmt: skip
        refused(Conflict, "subsidy_budget_used", row, lambda r: budgets.set_budget(
            desk.office, unit, 2023, amount_yuan="2399999.99", reason="改"))  # fmt: skip
        budgets.set_budget(desk.office, unit, 2023, amount_yuan="2400000", reason="改")
        desk.pay(row, "2400000")
    assert audit.verify() == []


def test_every_word_of_the_workflow_is_spoken_and_every_guard_exists():
    flow = workflow.standard()
    words = [f"subsidy_state_{s}" for s in flow.states]
    words += [f"subsidy_role_{r}" for r in flow.roles]
    words += [f"subsidy_action_{row.action}" for row in flow.transitions]
    words += [f"subsidy_guard_{g}" for row in flow.transitions for g in row.guards]
    assert [word for word in words if word not in catalogue()] == []
    assert {g for row in flow.transitions for g in row.guards} == set(guards.GUARDS)


def test_every_state_is_reached_and_judging_steps_are_all_disinterested():
    flow = workflow.standard()
    reached, edge = set(), {flow.initial}
    while edge:
        reached |= edge
        edge = {row.to for row in flow.transitions if row.source in reached} - reached
    assert reached == set(flow.states)
    own = {"applicant", "anybody", "expert"}  # an expert's stake is judged when seated and scoring
    for row in flow.transitions:
        assert set(row.roles) <= own or "disinterested" in row.guards, row


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("from: draft, ", "from: dream, "),
        ("roles: [leader]", "roles: [mayor]"),
        ("guards: [disinterested, evaluated]", "guards: [is_nice]"),
        ("finance_unit: finance_bureau", "colour: red"),
        ("average: mean ", "average: lucky "),
        ("action: archive, ", "action: evaluate, "),
    ],
)
def test_the_workflow_is_read_strictly(was, becomes):
    source = files("songhua.console.subsidies").joinpath("workflow.yaml").read_text("utf-8")
    assert workflow.parse(source)
    with pytest.raises(ValidationError):
        workflow.parse(_loosely(source, was, becomes))


def _loosely(source: str, was: str, becomes: str) -> str:
    """`source` with `was` replaced once, however many spaces stand between its words."""
    pattern = " +".join(re.escape(word) for word in was.strip().split(" "))
    changed, count = re.subn(pattern, becomes.strip(), source, count=1)
    assert count == 1
    return changed
