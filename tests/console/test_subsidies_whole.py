"""A whole application, from the draft to the archive, with what may happen on the way."""

from __future__ import annotations

from datetime import date

import pytest

from songhua.console import clock, files
from songhua.console.ledger.services import audit, vouch
from songhua.console.subsidies import models, selectors
from songhua.console.subsidies.models import Application, Recovery
from songhua.console.subsidies.services import (
    amounts,
    decisions,
    drafts,
    evaluations,
    holdings,
    intake,
    letters,
    notices,
    panel,
    payments,
    recoveries,
)
from songhua.documents import render
from songhua.kit.errors import Conflict

from . import bureau
from .bureau import AFTER_NOTICE, DAY, SCENE


@pytest.fixture
def desk(db):
    return bureau.found()


def now(row):
    return Application.objects.get(pk=row.pk)


def test_an_application_is_played_to_its_archive_and_the_chain_is_whole(desk):
    with clock.pinned(DAY):
        row = desk.draft({**SCENE, "total_investment_yuan": "1.00"})
        drafts.attach(desk.firm, row, kind="可研报告", filename="plan.pdf", chunks=[b"plan"])
        drafts.submit(desk.firm, row)
        intake.ask_correction(desk.science, row, reason="投资额有误")
        assert now(row).correct_until == date(2023, 3, 15)
        drafts.edit(desk.firm, row, facts=SCENE, matters=["hall"])
        drafts.submit(desk.firm, row)
        intake.accept(desk.science, row)
        intake.pass_formal(desk.science, row)
        desk.sign_all(row)
        panel.call_experts(desk.science, row)
        desk.score_all(row, "30")
        panel.close_panel(desk.science, row)
        assert now(row).findings == {"shortlisted": True}
        made = amounts.compute(desk.science, row)
        assert (made.award["status"], made.award["amount"]) == ("computed", 240_000_000)
        notice = amounts.propose(desk.science, row)
        assert (notice.starts, notice.ends) == (DAY, date(2023, 3, 10))
        protest = notices.object_to(desk.citizen, row, text="设备并非新购")
        assert list(selectors.open_notices()) == [notice]
        notices.answer(desk.office, protest, upheld=False, text="已核实发票")
    with clock.pinned(AFTER_NOTICE):
        notices.close_notice(desk.science, row)
        decisions.approve(desk.leader, row)
        assert now(row).decision_number == "〔2023〕1号"
        letter = letters.issue(desk.science, row)
        payments.pay(desk.finance, row, amount_yuan="1000000", paid_on=AFTER_NOTICE, bank="工行")
        payments.pay(desk.finance, row, amount_yuan="1400000", paid_on=AFTER_NOTICE)
        payments.close_payments(desk.science, row, reason="已付清")
        evaluations.evaluate(desk.science, row, passed=True, text="供热能耗下降")
        evaluations.archive(desk.science, row)
        back = recoveries.propose(desk.office, row, amount_yuan="400000", reason="审计核减")
        recoveries.order(desk.leader, back, due=date(2023, 6, 1), decision="同意")
        recoveries.repay(desk.finance, back, amount_yuan="150000", received_on=AFTER_NOTICE)
        recoveries.repay(desk.finance, back, amount_yuan="250000", received_on=AFTER_NOTICE)
    assert Recovery.objects.get(pk=back.pk).state == "settled"
    assert now(row).state == "archived"
    assert holdings.granted_fen(now(row)) == 200_000_000
    assert letter.files["pdf"]
    assert audit.verify() == []


def test_an_upheld_objection_starts_a_new_round_in_which_nothing_of_the_old_counts(desk):
    row = desk.at("notice")
    with clock.pinned(DAY):
        protest = notices.object_to(desk.rival, row, text="评审不公")
        notices.answer(desk.science, protest, upheld=True, text="重新评审")
        row = now(row)
        assert (row.state, row.round, row.findings, row.proposed_fen) == (
            "formal_review", 2, {}, None,
        )  # fmt: skip
        intake.pass_formal(desk.science, row)
        desk.sign_all(now(row))
        panel.call_experts(desk.science, row)
        desk.score_all(now(row), "10")
        panel.close_panel(desk.science, row)
        made = amounts.compute(desk.science, row)
    assert now(row).findings == {"shortlisted": False}
    assert (made.award["status"], made.award["amount"]) == ("ineligible", 0)
    assert row.seats.filter(round=1).count() == row.seats.filter(round=2).count() == 3
    assert audit.verify() == []


def test_a_clause_without_a_rate_pays_what_the_review_settled_up_to_its_cap(desk):
    facts = {"applicant_kind": "科技型企业", "chokepoint": True, "mode": "揭榜挂帅"}
    row = desk.at("expert_review", rule="P01", facts=facts)
    with clock.pinned(DAY):
        desk.score_all(row)
        panel.close_panel(desk.science, row, reviewed_amount_yuan="12000000")
        first = amounts.compute(desk.science, row)
        second = amounts.compute(
            desk.science, row, settled={"reviewed_amount_yuan": "3000000"}, reason="复核下调"
        )
    assert (first.award["amount"], first.award["binding"]) == (1_000_000_000, "cap")
    assert (second.award["amount"], second.award["binding"]) == (300_000_000, "review")
    assert row.assessments.count() == 2
    assert audit.verify() == []


def test_where_only_an_open_list_is_undecided_the_unit_decides_up_to_the_ceiling(desk):
    row = desk.at("amount", facts={**SCENE, "field": "智慧渔业"})
    with clock.pinned(DAY):
        made = amounts.compute(desk.science, row)
        assert (made.award["status"], made.award["ceiling"]) == ("needs_review", 240_000_000)
        amounts.propose(desk.science, row, amount_yuan="2000000", reason="属于“等”字所含领域")
    assert now(row).proposed_fen == 200_000_000
    assert audit.verify() == []


@pytest.mark.parametrize(
    ("rule", "facts", "kind", "addressee"),
    [
        ("P05", {"kind": "重大项目", "especially_major": True}, "negotiated", "一事一议"),
        ("P08", {"stage": "初创期", "need": "股权", "pledge_ip": False}, "referral",
         "科技风险投资基金"),
        ("P10", {"dataset": "供热"}, "data_request", ""),
    ],
)  # fmt: skip
def test_a_clause_without_an_amount_opens_a_file_instead(desk, rule, facts, kind, addressee):
    row = desk.draft(facts, rule)
    handler = desk.of(row.unit)
    with clock.pinned(DAY):
        drafts.submit(desk.firm, row)
        intake.accept(handler, row)
        opened = intake.transfer(handler, row)
        intake.conclude(handler, opened, outcome="已办结")
    assert (opened.kind, opened.addressee) == (kind, addressee)
    assert now(row).state == "transferred"
    assert audit.verify() == []


def test_the_decision_is_the_same_bytes_twice_and_says_the_amount_in_capitals(desk):
    row = desk.at("paying")
    with clock.pinned(AFTER_NOTICE):
        report = letters.build(row, "zh")
        assert ("金额大写", "人民币贰佰肆拾万元整") in report.summary
        text = " ".join(p for section in report.sections for p in section.paragraphs)
        assert "救济途径" in text
        one, two = (render(letters.build(now(row), "zh"), ["pdf"])["pdf"] for _ in range(2))
        english = letters.build(row, "en")
    assert one == two
    assert english.sections[0].heading == "1. Basis and reasons"


def test_a_refusal_can_be_issued_with_its_reason(desk):
    row = desk.at("approval")
    with clock.pinned(AFTER_NOTICE):
        decisions.refuse(desk.leader, row, reason="与年度重点不符")
        report = letters.build(now(row), "zh")
        letters.issue(desk.science, row)
    assert "与年度重点不符" in report.sections[0].paragraphs
    assert audit.verify() == []


def test_the_panel_sees_neither_name_nor_code(desk):
    row = desk.at("expert_review", facts={**SCENE, "field": "冰城智能科技有限公司专用"})
    with clock.pinned(DAY):
        drafted = row.attachments.count()
        panel.seat(desk.science, row, desk.first)
        seen = selectors.blind(desk.first, row)
    assert list(selectors.panel(desk.first)) == [row]
    assert list(selectors.applications(desk.first)) == []
    assert desk.firm_subject.name not in str(seen)
    assert bureau.CODE not in str(seen)
    assert seen["facts"]["field"] is None
    assert seen["facts"]["total_investment_yuan"] == "8000000.00"
    assert len(seen["papers"]) == drafted


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (models.Application, {"approved_fen": 1}),
        (models.Application, {"facts": {}}),
        (models.Assessment, {"award": {}}),
        (models.Payment, {"amount_fen": 1}),
        (models.Payment, {"account": "62220"}),
        (models.Seat, {"total": 1}),
        (models.SignOff, {"agreed": False}),
        (models.Budget, {"amount_fen": 1}),
        (models.PublicNotice, {"ends": DAY}),
        (models.Subject, {"credit_code": bureau.OTHER_CODE}),
        (models.Attachment, {"sha256": "0" * 64}),
        (models.Evaluation, {"text": "改"}),
    ],
)
def test_a_figure_changed_behind_the_services_is_found(desk, model, change):
    row = desk.draft()
    drafts.attach(desk.firm, row, kind="可研报告", filename="plan.pdf", chunks=[b"plan"])
    row = desk.carry(row, "paying")
    desk.pay(row, "1")
    with clock.pinned(AFTER_NOTICE):
        letter = letters.issue(desk.science, row)
        payments.close_payments(desk.science, row, reason="完毕")
        evaluations.evaluate(desk.science, row, passed=True, text="好")
    assert audit.verify() == []
    first = model.objects.order_by("pk").first()
    model.objects.filter(pk=first.pk).update(**change)
    found = [finding.subject for finding in audit.verify()]
    assert any(name.startswith(vouch.subject(first)) for name in found)
    model.objects.filter(pk=first.pk).update(**{k: getattr(first, k) for k in change})
    files.path_of(letter.files["pdf"]).unlink()
    assert [f.subject for f in audit.verify()] == [f"{vouch.subject(letter)} pdf"]


def test_nobody_applies_under_a_consultation_draft(desk):
    before = bureau.written()
    with clock.pinned(DAY), pytest.raises(Conflict) as caught:
        drafts.draft(
            desk.firm, desk.firm_subject, policy="pilot_zone", version="draft-2022", rule="P04",
            facts=SCENE, matters=("hall",),
        )  # fmt: skip
    assert caught.value.problems[0].code == "subsidy_not_issued"
    assert bureau.written() == before and not Application.objects.exists()


def test_a_refusal_is_dated_when_it_was_made_whenever_it_is_printed(desk):
    row = desk.at("formal_review")
    with clock.pinned(DAY):
        intake.refuse(desk.science, row, reason="不在支持范围")
    with clock.pinned(AFTER_NOTICE):
        assert letters.build(now(row), "zh").issued_on == DAY
