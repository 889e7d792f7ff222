"""A challenge goes from demand to support, sealed, blind, lawful and on record."""

from __future__ import annotations

import json
from datetime import date, time

import pytest
from django.core import serializers

from songhua.console import clock, files
from songhua.console.innovation import challenge_access, challenge_selectors
from songhua.console.innovation.models import Bid, BidPaper, Challenge, PanelDraw, PanelSeat
from songhua.console.innovation.services import (
    challenge_bids,
    challenge_contracts,
    challenge_demands,
    challenge_drawing,
    challenge_results,
    challenge_review,
    expert_registry,
)
from songhua.console.ledger.models import AuditEntry
from songhua.console.ledger.services import audit
from songhua.console.subsidies.models import Payment
from songhua.console.subsidies.services import (
    amounts,
    decisions,
    drafts,
    intake,
    notices,
    panel,
    payments,
)
from songhua.governance.challenges.draw import draw
from songhua.governance.challenges.seed import candidates_of, check, digest, seed
from songhua.kit.errors import Conflict, Infeasible, InputError, NotAllowed

from ..bureau import account, written
from .fair import (
    AFTER_NOTICE,
    CLOSES,
    DAY,
    DRAWING,
    METHOD_POINTS,
    OPENING,
    PLAN,
    Fair,
    found,
    profile,
)


@pytest.fixture
def fair(db) -> Fair:
    return found()


def codes(caught) -> set[str]:
    return {problem.code for problem in caught.value.problems}


def test_the_whole_way_ends_in_a_payment_under_clause_one_that_links_back(fair):
    row = fair.at("supported")
    application = row.application
    assert (application.rule, application.state) == ("P01", "draft")
    assert application.findings == {"review_passed": True, "reviewed_amount_yuan": "2800000.00"}
    assert row.number in application.matters[0]
    with clock.pinned(AFTER_NOTICE):
        drafts.submit(fair.firm, application)
        intake.accept(fair.science, application)
        intake.pass_formal(fair.science, application)
        fair.bureau.sign_all(application)
        intake.skip_experts(fair.science, application)
        amounts.compute(fair.science, application)
        amounts.propose(fair.science, application)
    paid_on = date(2023, 4, 3)
    with clock.pinned(paid_on):
        notices.close_notice(fair.science, application)
        decisions.approve(fair.leader, application)
        payments.pay(fair.finance, application, amount_yuan="2800000", paid_on=paid_on)
    assert Payment.objects.get().application.challenge == row
    assert audit.verify() == []


def test_before_the_closing_second_nobody_reads_a_bid_anywhere(fair):
    row = fair.at("published")
    with clock.pinned(DAY):
        paper = ("冰城智能.txt", True, "自加热".encode())
        made = fair.bid(row, papers=[paper])
    raw = serializers.serialize("json", Bid.objects.all())
    log = "\n".join(AuditEntry.objects.values_list("payload", flat=True))
    kept = b"".join(files.load(one.sha256) for one in Bid.objects.all())
    for secret in (PLAN, "2800000", "王一", "自加热"):
        assert secret not in raw + log
        assert secret.encode() not in kept
    assert "firm" not in AuditEntry.objects.filter(action="bid_sealed").values_list(
        "actor", flat=True
    )
    with clock.pinned(CLOSES.date(), time(17, 0, 0)):
        for name in ("office", "leader", "firm", "rival", "industry", "first"):
            user = fair.bureau.people[name]
            assert not challenge_selectors.opened(user, row).exists()
            assert not challenge_selectors.papers(user).exists()
        with pytest.raises(Conflict) as caught:
            challenge_bids.open_bids(fair.office, row)
        assert "challenge_guard_closed" in codes(caught)
        late = fair.bid(row)
    with clock.pinned(CLOSES.date(), time(17, 0, 1)):
        with pytest.raises(Conflict) as caught:
            fair.bid(row)
        assert codes(caught) == {"challenge_guard_still_open"}
        challenge_bids.open_bids(fair.office, row)
    late.refresh_from_db()
    made.refresh_from_db()
    assert late.content["plan"] == PLAN
    assert (made.content, made.label) == (None, "")
    assert audit.verify() == []


def test_of_each_bidder_the_last_bid_counts_and_its_papers_are_whole(fair):
    row = fair.at("published")
    with clock.pinned(DAY):
        papers = [("a.pdf", True, b"blind"), ("执照.pdf", False, b"named")]
        last = fair.bid(row, price="2500000", papers=papers)
    with clock.pinned(OPENING):
        challenge_bids.open_bids(fair.office, row)
    opened = challenge_selectors.opened(fair.office, row)
    assert {one.content["price_yuan"] for one in opened} == {"2500000.00", "2600000.00"}
    assert sorted(one.label for one in opened) == ["JB2023-001-01", "JB2023-001-02"]
    papers = BidPaper.objects.filter(bid=last)
    assert [files.load(one.sha256) for one in papers] == [b"blind", b"named"]


def test_a_bid_changed_on_disk_or_on_the_row_stops_the_opening(fair):
    row = fair.at("published")
    one = row.bids.first()
    path = files.path_of(one.sha256)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    before = written()
    with clock.pinned(OPENING), pytest.raises(InputError) as caught:
        challenge_bids.open_bids(fair.office, row)
    assert codes(caught) == {"bid_damaged"}
    assert written() == before
    path.write_bytes(whole)
    Bid.objects.filter(pk=one.pk).update(submitted_by=fair.rival)
    with clock.pinned(OPENING), pytest.raises(InputError):
        challenge_bids.open_bids(fair.office, row)


def test_a_plan_that_names_its_bidder_or_breaks_the_list_is_refused_at_once(fair):
    row = fair.at("published")
    before = written()
    with clock.pinned(DAY), pytest.raises(InputError) as caught:
        challenge_bids.bid(
            fair.firm, row, price_yuan="3000000.01", plan="冰城智能科技有限公司的王一提出方案",
            people=["王一"], applicant_kind="个人", promised={"低温启动": "x"},
        )  # fmt: skip
    assert codes(caught) == {"challenge_above_budget", "challenge_applicant_kind", "empty",
                             "challenge_plan_names", "not_a_number"}  # fmt: skip
    assert written() == before


def test_who_asks_cannot_bid_and_staff_cannot_publish(fair):
    row = fair.at("submitted")
    with clock.pinned(DAY), pytest.raises(NotAllowed):
        challenge_demands.publish(fair.industry, row, closes=CLOSES)
    with clock.pinned(DAY):
        own = challenge_demands.draft(
            fair.firm, title="x", problem="y", field="其他", budget_yuan="1", chokepoint=False,
            targets=[{"name": "a", "unit": "", "direction": "below", "threshold": "0"}],
        )  # fmt: skip
        challenge_demands.submit(fair.firm, own)
        challenge_demands.publish(fair.office, own, closes=CLOSES)
        with pytest.raises(NotAllowed):
            fair.bid(Challenge.objects.get(pk=own.pk))


def test_a_demand_that_is_wrong_is_told_everything_at_once(fair):
    bad = [{"name": "a", "unit": "", "direction": "more", "threshold": "NaN"},
           {"name": "b", "unit": "", "direction": "below", "threshold": "-1.5"},
           {"name": "b", "unit": "", "direction": "below", "threshold": "1"}]  # fmt: skip
    with clock.pinned(DAY), pytest.raises(InputError) as caught:
        challenge_demands.draft(fair.industry, title=" ", problem="", field="渔业",
                                budget_yuan="0", targets=bad, chokepoint=False)  # fmt: skip
    assert codes(caught) == {
        "empty", "challenge_field_unknown", "subsidy_amount_zero", "challenge_direction",
        "not_finite", "challenge_target_twice",
    }  # fmt: skip
    row = fair.at("submitted")
    with clock.pinned(DAY), pytest.raises(InputError):
        challenge_demands.publish(fair.office, row, closes=clock.now())


def test_the_draw_can_be_made_again_from_its_public_record(fair):
    row = fair.at("scoring")
    made = json.loads(json.dumps(challenge_drawing.record(row.draws.get())))
    check(made["secret"], made["commitment"])
    assert digest(made["list"]) == made["list_sha256"]
    again = seed(made["secret"], made["public_value"], made["list"])
    assert again == made["seed"]
    assert list(draw(candidates_of(made["list"]), again)) == made["panel"]
    assert len(made["panel"]) == row.seats.count() == 3


def test_the_public_value_must_be_of_a_later_day_and_is_not_taken_before(fair):
    row = fair.at("opened")
    with clock.pinned(OPENING), pytest.raises(InputError) as caught:
        challenge_drawing.seal_list(fair.office, row, public_source="x", public_on=OPENING)
    assert codes(caught) == {"challenge_public_day_past"}
    row = fair.at("sealed")
    with clock.pinned(OPENING), pytest.raises(Conflict) as caught:
        challenge_drawing.draw_panel(fair.office, row, public_value="1")
    assert codes(caught) == {"challenge_guard_public_day"}


def test_ties_of_every_kind_keep_experts_off_and_an_impossible_panel_is_told(fair):
    row = fair.at("opened")
    with clock.pinned(OPENING):
        for name, kind, other in (
            ("first", "co_authorship", "赵 二"), ("second", "contract", "南国机器人有限公司"),
            ("third", "kinship", "王一"),
        ):  # fmt: skip
            expert_registry.put_tie(fair.office, profile(fair, name), kind=kind, other=other,
                                    on=date(2022, 1, 1), source="知网")  # fmt: skip
        panel.list_interest(fair.office, fair.fourth, fair.bureau.firm_subject, reason="顾问")
        bound = challenge_drawing.candidates(row).tied
        assert {e: kinds for e, (kinds,) in bound.items()} == {
            profile(fair, "first").code: "co_authorship",
            profile(fair, "second").code: "contract", profile(fair, "third").code: "kinship",
            profile(fair, "fourth").code: "recusal",
        }  # fmt: skip
        before = written()
        with pytest.raises(Infeasible) as caught:
            challenge_drawing.seal_list(fair.office, row, public_source="x", public_on=DRAWING)
    assert "panel_infeasible" in codes(caught)
    assert all("{" not in p.text(lang) for p in caught.value.problems for lang in ("zh", "en"))
    assert written() == before


def test_who_works_for_a_bidder_or_for_who_asks_is_tied_by_code_or_by_name(fair):
    row = fair.at("opened")
    with clock.pinned(OPENING):
        for name, organisation, code in (
            ("first", "冰城（智能）科技有限公司", ""), ("second", "别名", fair.firm.credit_code),
            ("third", "市工信局", ""),
        ):  # fmt: skip
            expert_registry.put_profile(fair.office, fair.bureau.people[name],
                                        organisation=organisation, organisation_code=code,
                                        fields=["智慧供暖"])  # fmt: skip
        bound = challenge_drawing.candidates(row).tied
    assert set(bound) == {profile(fair, name).code for name in ("first", "second", "third")}


def test_a_recused_expert_is_replaced_by_the_same_seed_and_the_others_stay(fair):
    row = fair.at("scoring")
    gone, *stay = fair.seated(row)
    with clock.pinned(DRAWING):
        with pytest.raises(Conflict):
            challenge_drawing.replace(fair.office, row)
        with pytest.raises(InputError):
            challenge_review.declare(gone, row, clear=False)
        challenge_review.declare(gone, row, clear=False, reason="师生")
        with pytest.raises(NotAllowed):
            challenge_review.declare(gone, row, clear=True)
        challenge_drawing.replace(fair.office, row)
    now = fair.seated(row)
    assert len(now) == 3
    assert set(stay) < set(now)
    assert gone not in now
    first, second = PanelDraw.objects.order_by("pk")
    assert (first.seed, first.commitment) == (second.seed, second.commitment)
    assert list(draw(candidates_of(second.text), second.seed, second.keep)) == second.panel
    assert audit.verify() == []


def test_who_enters_the_registry_after_the_seed_is_known_is_not_drawn(fair):
    """Otherwise whoever keeps the registry could add the very expert that the seed would draw."""
    row = fair.at("scoring")
    listed = {one.id for one in candidates_of(row.draws.get().text).experts}
    with clock.pinned(DRAWING):
        for number in range(40):
            late = account(f"late{number}", "reviewer", "")
            expert_registry.put_profile(fair.office, late, organisation=f"新所{number}",
                                        outside=True, fields=["智慧供暖"])  # fmt: skip
        challenge_review.declare(fair.seated(row)[0], row, clear=False, reason="师生")
        made = challenge_drawing.replace(fair.office, row)
    assert set(made.panel) <= listed


def test_where_nobody_is_left_the_review_begins_anew_with_another_seed(fair):
    row = fair.at("scoring")
    with clock.pinned(DRAWING):
        slow, diligent, *_ = fair.seated(row)
        challenge_review.declare(diligent, row, clear=True)
        for one in row.bids.exclude(label=""):
            challenge_review.score(diligent, row, one, points=METHOD_POINTS, opinion="可行")
        seats = {one.expert.user: one for one in row.seats.all()}
        with pytest.raises(Conflict) as caught:
            challenge_review.unseat(fair.office, row, seats[diligent], reason="x")
        assert codes(caught) == {"challenge_seat_scored"}
        challenge_review.unseat(fair.office, row, seats[slow], reason="逾期未评")
        for name in ("first", "second", "third", "fourth", "fifth", "sixth"):
            tie = {"kind": "kinship", "other": "王一", "source": "申报"}
            if fair.bureau.people[name] not in fair.seated(row):
                expert_registry.put_tie(fair.office, profile(fair, name), **tie)
        with pytest.raises(Infeasible):
            challenge_drawing.replace(fair.office, row)
        row = challenge_drawing.new_round(fair.office, row, reason="专家不足")
    assert (row.state, row.round) == ("opened", 2)
    assert audit.verify() == []


def test_experts_read_only_after_declaring_and_never_a_name(fair):
    row = fair.at("published")
    with clock.pinned(DAY):
        fair.bid(row, papers=[("冰城.pdf", True, b"b"), ("执照.pdf", False, b"n")])
    with clock.pinned(OPENING):
        challenge_bids.open_bids(fair.office, row)
        fair._seal(row)
    with clock.pinned(DRAWING):
        fair._draw(row)
        expert = fair.seated(row)[0]
        seat = PanelSeat.objects.get(expert__user=expert)
        assert challenge_selectors.blind(seat) == []
        assert not challenge_selectors.papers(expert).exists()
        one = row.bids.exclude(label="").first()
        with pytest.raises(Conflict):
            challenge_review.score(expert, row, one, points=METHOD_POINTS, opinion="x")
        seat = challenge_review.declare(expert, row, clear=True)
    seen = challenge_selectors.blind(seat)
    assert [one.label for one in seen] == ["JB2023-001-01", "JB2023-001-02"]
    for name in ("冰城", "南国", "王一", "赵二", fair.firm.credit_code):
        assert all(name not in f"{b.label}{b.plan}{b.promised}{b.price_yuan}" for b in seen)
    assert [p.blind for p in challenge_selectors.papers(expert)] == [True]
    assert challenge_selectors.organisations(row) == sorted(
        ["冰城智能科技有限公司", "南国机器人有限公司", "市工信局"]
    )


def test_points_are_given_once_whole_and_ranked_by_the_method(fair):
    row = fair.at("ranked")
    assert [one["rank"] for one in row.ranking["bids"]] == [1, 2]
    assert [one["exact"] for one in row.ranking["bids"]] == ["80", "70"]
    assert row.ranking["alpha"] == "1.00"
    row = fair.at("scoring")
    expert = fair.seated(row)[0]
    one = row.bids.exclude(label="").first()
    with clock.pinned(DRAWING):
        challenge_review.declare(expert, row, clear=True)
        with pytest.raises(InputError) as caught:
            challenge_review.score(expert, row, one, points={"fit": "101"}, opinion="")
        assert codes(caught) == {"empty", "out_of_range"}
        challenge_review.score(expert, row, one, points=METHOD_POINTS, opinion="可行")
        with pytest.raises(Conflict):
            challenge_review.score(expert, row, one, points=METHOD_POINTS, opinion="可行")
        with pytest.raises(Conflict) as caught:
            challenge_results.rank_bids(fair.office, row)
        assert codes(caught) == {"challenge_guard_panel_done"}


def test_an_upheld_objection_brings_a_new_panel_and_the_old_scores_stay(fair):
    row = fair.at("notice")
    with clock.pinned(DRAWING):
        made = challenge_results.object_to(fair.citizen, row, text="指标虚假")
        with pytest.raises(Conflict):
            challenge_results.close_notice(fair.office, row)
        challenge_results.answer(fair.office, made, upheld=True, text="属实")
    row.refresh_from_db()
    assert (row.state, row.round, row.winner, row.ranking) == ("opened", 2, None, {})
    with clock.pinned(DRAWING):
        challenge_drawing.seal_list(fair.office, row, public_source="x", public_on=AFTER_NOTICE)
    with clock.pinned(AFTER_NOTICE):
        fair._draw(row)
        fair._score(row)
    assert row.seats.count() == 6
    assert audit.verify() == []


def test_nothing_is_accepted_before_it_is_measured_and_met(fair):
    row = fair.at("running")
    with clock.pinned(AFTER_NOTICE):
        with pytest.raises(Conflict) as caught:
            challenge_contracts.accept(fair.office, row)
        assert codes(caught) == {"challenge_guard_milestones_accepted",
                                 "challenge_guard_targets_met"}  # fmt: skip
        fair.report(row, {"低温启动": "-29.9", "识别准确率": ""})
        with pytest.raises(Conflict) as caught:
            challenge_contracts.accept(fair.office, row)
        (problem,) = caught.value.problems
        assert problem.value == "低温启动、识别准确率"
        with pytest.raises(Conflict):
            fair.report(row, {"低温启动": "-31"})
        challenge_contracts.fail(fair.office, row, reason="未达标")
    row.refresh_from_db()
    assert row.state == "failed"


def test_a_report_is_the_contractors_and_may_be_given_back(fair):
    row = fair.at("running")
    milestone = row.contract.milestones.get()
    given = {"text": "x", "filename": "a.txt", "chunks": [b"a"]}
    with clock.pinned(AFTER_NOTICE):
        with pytest.raises(NotAllowed):
            challenge_contracts.report(fair.rival, milestone, measured={}, **given)
        with pytest.raises(InputError):
            challenge_contracts.report(fair.firm, milestone, measured={"颜色": "1"}, **given)
        made = challenge_contracts.report(fair.firm, milestone, measured={}, **given)
        with pytest.raises(NotAllowed):
            challenge_contracts.decide(fair.firm, made, accepted=True, opinion="好")
        challenge_contracts.decide(fair.industry, made, accepted=False, opinion="补测")
        fair.report(row, {"低温启动": "-31", "识别准确率": "97"})
    assert challenge_access.capacities(fair.firm, row) >= {"contractor"}
