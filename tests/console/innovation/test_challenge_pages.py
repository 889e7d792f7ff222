"""The pages of challenges: what each person sees, and what a form sends."""

from __future__ import annotations

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from songhua.console import clock
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import BidPaper, Challenge, PanelSeat
from songhua.console.innovation.services import challenge_bids, challenge_review
from songhua.console.innovation.templatetags import challenges as tags
from songhua.console.innovation.views.challenge_steps import STEPS
from songhua.kit.messages import catalogue

from .fair import AFTER_NOTICE, DAY, DRAWING, OPENING, PLAN, Fair, found, profile


@pytest.fixture
def fair(db) -> Fair:
    return found()


def client(user=None, language: str = "zh-hans") -> Client:
    made = Client()
    if user is not None:
        made.force_login(user)
    made.cookies["songhua_language"] = language
    return made


def read(answer) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_the_public_sees_what_is_published_and_nothing_before(fair):
    hidden, shown = fair.at("submitted"), fair.at("published")
    with clock.pinned(DAY):
        text = read(client().get("/challenges/"))
        assert shown.number in text
        assert text.count("寒地巡检机器人") == 1
        assert client().get(f"/challenges/{hidden.pk}/").status_code == 404
        for language in ("zh-hans", "en"):
            page = read(client(language=language).get(f"/challenges/{shown.pk}/"))
            assert "低温启动" in page
            assert not [word for word in ("冰城", "南国", PLAN) if word in page]


def test_only_who_asks_and_officials_see_a_demand_before_it_is_published(fair):
    row = fair.at("submitted")
    for name, seen in (("industry", True), ("office", True), ("leader", True), ("science", False),
                       ("firm", False), ("first", False), ("citizen", False)):  # fmt: skip
        answer = client(fair.bureau.people[name]).get(f"/challenges/{row.pk}/")
        assert (answer.status_code == 200) is seen, name


def test_bidders_are_named_to_officials_after_the_opening_and_to_all_from_the_notice_on(fair):
    row = fair.at("ranked")
    where = f"/challenges/{row.pk}/"
    with clock.pinned(DRAWING):
        assert "南国机器人" in read(client(fair.office).get(where))
        for user in (None, fair.citizen, fair.industry, fair.first):
            text = read(client(user).get(where))
            assert not [word for word in ("冰城", "南国", PLAN, "80.00") if word in text]
        assert "南国" not in read(client(fair.firm).get(where))
        drawn = f"/challenge-draws/{row.draws.get().pk}/"
        assert client().get(drawn).status_code == 404
        row = fair.at("notice")
        text = read(client().get(f"/challenges/{row.pk}/"))
        assert "冰城智能科技有限公司" in text
        assert "南国" not in text
        answer = client().get(f"/challenge-draws/{row.draws.get().pk}/")
        assert answer.json()["panel"] == row.draws.get().panel


def test_papers_are_the_officials_the_bidders_and_blind_ones_the_experts(fair):
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
        blind, named = BidPaper.objects.all()
        assert client(expert).get(f"/bid-papers/{blind.pk}/").status_code == 404
        answer = client(expert).post(f"/challenge-panels/{seat.pk}/", {"clear": "1"})
        assert answer.status_code == 302
        for user, seen in ((expert, (200, 404)), (fair.office, (200, 200)), (fair.firm, (200, 200)),
                           (fair.rival, (404, 404))):  # fmt: skip
            got = tuple(
                client(user).get(f"/bid-papers/{p.pk}/").status_code for p in (blind, named)
            )
            assert got == seen, user
        headers = client(expert).get(f"/bid-papers/{blind.pk}/").headers["Content-Disposition"]
        assert "JB2023" in headers
        assert "%E5%86%B0" not in headers


def test_the_forms_send_what_the_services_take(fair):
    demand = {"title": "识别", "problem": "说明", "field": "智能制造", "budget_yuan": "100万元",
              "target-0-name": "准确率", "target-0-direction": "above", "target-0-threshold": "9０",
              "target-0-unit": "%"}  # fmt: skip
    with clock.pinned(DAY):
        answer = client(fair.industry).post("/challenges/new/", demand | {"title": ""})
        assert answer.status_code == 422
        assert 'value="准确率"' in answer.content.decode()
        client(fair.industry).post("/challenges/new/", demand)
        row = Challenge.objects.get()
        assert (row.budget_fen, row.targets[0]["threshold"]) == (100_000_000, "90")
        where = f"/challenges/{row.pk}/"
        client(fair.industry).post(f"{where}edit/", demand | {"chokepoint": "1"})
        client(fair.industry).post(f"{where}steps/submit/")
        numbers = {"own_field": "1", "any_field": "2", "outside": "4", "per_unit": "1",
                   "closes_on": "2023-03-03", "closes_at": "17:00"}  # fmt: skip
        assert client(fair.office).post(f"{where}steps/publish/", numbers).status_code == 422
        client(fair.office).post(f"{where}steps/publish/", numbers | {"outside": "1"})
        row.refresh_from_db()
        assert (row.state, row.chokepoint, row.panel["outside"]) == ("published", True, 1)
        assert row.closes.isoformat() == "2023-03-03T09:00:00+00:00"
        bid = {
            "price_yuan": "90万元", "plan": "方案", "people": "王一、李四", "promised-0": "95",
            "applicant_kind": "高校", "blind": SimpleUploadedFile("方案.pdf", b"%PDF"),
        }  # fmt: skip
        assert client(fair.rival).post(f"{where}bid/", bid).status_code == 302
        assert "回执" in read(client(fair.rival).get(where))


def test_an_impossible_panel_is_told_on_the_page(fair):
    row = fair.at("opened")
    for name in ("fifth", "sixth"):
        one = profile(fair, name)
        one.available = False
        one.save()
    given = {"public_source": "双色球", "public_on": "2023-03-07"}
    with clock.pinned(OPENING):
        answer = client(fair.office).post(f"/challenges/{row.pk}/steps/seal_list/", given)
    assert answer.status_code == 409
    assert "市外专家至少 1 名" in read(answer)


def test_an_expert_scores_on_the_page_and_a_stranger_has_none(fair):
    row = fair.at("scoring")
    with clock.pinned(DRAWING):
        expert = fair.seated(row)[0]
        seat = PanelSeat.objects.get(expert__user=expert)
        other = next(e for e in ("first", "second", "third", "fourth", "fifth", "sixth")
                     if fair.bureau.people[e] not in fair.seated(row))  # fmt: skip
        where = f"/challenge-panels/{seat.pk}/"
        assert client(fair.bureau.people[other]).get(where).status_code == 404
        before = read(client(expert).get(where))
        assert PLAN not in before
        assert "南国机器人有限公司" in before
        challenge_review.declare(expert, row, clear=True)
        assert PLAN in read(client(expert).get(where))
        bid = row.bids.exclude(label="").first()
        bad = client(expert).post(where, {"bid": bid.pk, "fit": "101", "opinion": "x"})
        assert bad.status_code == 422
        good = {"bid": bid.pk, "fit": "80", "feasibility": "7５", "team": "60.5", "opinion": "x"}
        assert client(expert).post(where, good).status_code == 302
        assert seat.scores.get().points == {"fit": "80", "feasibility": "75", "team": "60.5"}
        client(expert).post(where, {"clear": "0", "reason": "忽然想起"})
        assert client(expert).get(where).status_code == 404


def test_evidence_is_the_partys_alone(fair):
    row = fair.at("accepted")
    where = f"/milestone-reports/{row.contract.milestones.get().reports.get().pk}/file/"
    with clock.pinned(AFTER_NOTICE):
        for name, seen in (("office", 200), ("industry", 200), ("firm", 200), ("science", 404),
                           ("rival", 404), ("citizen", 403)):  # fmt: skip
            assert client(fair.bureau.people[name]).get(where).status_code == seen, name
        assert "检测报告" not in read(client(fair.rival).get(f"/challenges/{row.pk}/"))


def test_experts_are_entered_and_tied_by_the_office(fair):
    user = fair.first
    where = f"/experts/{user.pk}/"
    form = {"organisation": "工业大学", "outside": "1", "fields": ["其他"], "available": "1"}
    assert client(fair.office).post(where, form).status_code == 302
    assert client(fair.office).post(where, form | {"organisation_code": "1"}).status_code == 422
    tie = {"kind": "kinship", "other": "王一", "source": "本人填报"}
    assert client(fair.office).post(where, tie).status_code == 302
    one = profile(fair, "first")
    assert (one.outside, one.fields, one.ties.get().on) == (True, ["其他"], None)
    assert "工业大学" in read(client(fair.leader).get("/experts/?outside=1&field=其他"))


def test_the_list_asks_no_more_of_the_database_when_it_grows(fair):
    fair.at("published")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client(fair.office).get("/challenges/?q=寒地&field=智慧供暖").status_code == 200
        counts.append(len(queries))
        for _ in range(3):
            fair.at("submitted")
    assert counts[0] == counts[1]


def test_every_word_of_the_workflow_is_spoken_in_both_languages():
    flow = standard()
    known = catalogue()
    for word in (*(f"state_{s}" for s in flow.states), *(f"role_{r}" for r in flow.roles)):
        assert f"challenge_{word}" in known
    for step in flow.transitions:
        assert f"challenge_action_{step.action}" in known
        assert {f"challenge_guard_{guard}" for guard in step.guards} <= known.keys()
    elsewhere = {"edit", "bid", "declare", "score", "uphold"}
    assert {step.action for step in flow.transitions} == set(STEPS) | elsewhere
    with translation.override("en"):
        assert not [f for f in flow.settings.fields if tags.called(f) == f]
