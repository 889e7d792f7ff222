"""A contest from its call to the prizes, judged blind by a panel that anybody can draw again."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from songhua.console import clock
from songhua.console.cooperation import selectors
from songhua.console.cooperation.contest_workflow import standard
from songhua.console.cooperation.models import Contest, ContestEntry, ContestSeat, Prize
from songhua.console.cooperation.services import contests, entries, judging
from songhua.console.cooperation.services.contest_guards import GUARDS
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.innovation.services import expert_registry
from songhua.console.ledger.services import vouch
from songhua.console.subsidies.services import neighbours, registry
from songhua.governance.challenges.draw import draw
from songhua.governance.challenges.seed import candidates_of, digest, seed
from songhua.kit.errors import Conflict, Infeasible, InputError, NotAllowed
from songhua.kit.messages import catalogue

from ..bureau import written
from ..city import spoken
from ..innovation.fair import DAY, profile
from .yard import AFTER, DRAWING, JUDGED


def client(user) -> Client:
    made = Client()
    made.force_login(user)
    return made


def test_every_guard_state_step_and_role_of_the_workflow_has_its_sentence():
    flow = standard()
    assert {guard for row in flow.transitions for guard in row.guards} <= GUARDS.keys()
    words = [f"contest_state_{one}" for one in flow.states]
    words += [f"contest_role_{one}" for one in flow.roles]
    words += [f"contest_action_{row.action}" for row in flow.transitions]
    words += [f"contest_guard_{name}" for name in GUARDS]
    assert set(words) <= catalogue().keys()


def test_a_contest_goes_from_its_call_to_prizes_that_the_policy_desk_sees(yard):
    row = yard.contest_at("awarded")
    firm = yard.fair.bureau.firm_subject
    prizes = {one.subject.name: one.title for one in Prize.objects.all()}
    assert prizes == {"冰城智能科技有限公司": "一等奖", "南国机器人有限公司": "二等奖"}
    assert [one["rank"] for one in row.ranking] == [1, 2]
    assert [one["score"] for one in row.ranking] == ["90.00", "70.00"]
    assert not list(vouch.unvouched())
    with clock.pinned(JUDGED):
        (note,) = neighbours.priority(firm)
        assert (note.until, "一等奖" in note.text) == (date(2025, 3, 23), True)
        page = client(yard.science).get(f"/subjects/{firm.pk}/").content.decode()
        assert "优先扶持" in page
        application = yard.fair.bureau.draft()
        assert note.url in client(yard.office).get(
            f"/applications/{application.pk}/").content.decode()  # fmt: skip
        assert note.url not in client(yard.rival).get("/applications/").content.decode()
    with clock.pinned(date(2025, 3, 24)):
        assert neighbours.priority(firm) == []


def test_priority_follows_a_firm_that_was_merged(yard):
    yard.contest_at("awarded")
    firm = yard.fair.bureau.firm_subject
    twin = registry.register(
        yard.office, kind="enterprise", name="冰城智能科技集团", credit_code="913100007109328220",
        since=date(2020, 1, 1),
    )  # fmt: skip
    merge = registry.propose_merge(yard.office, twin, firm, reason="更名")
    registry.decide_merge(yard.office, merge, accepted=True)
    with clock.pinned(JUDGED):
        assert len(neighbours.priority(twin)) == 1


def test_the_draw_can_be_repeated_from_what_is_published(yard):
    row = yard.contest_at("scoring")
    made = row.draws[-1]
    assert digest(made["secret"]) == made["commitment"]
    assert seed(made["secret"], made["public_value"], made["list"]) == made["seed"]
    assert list(draw(candidates_of(made["list"]), made["seed"])) == made["panel"]
    assert {one.expert.code for one in row.seats.all()} == set(made["panel"])


def test_before_the_draw_the_secret_is_nowhere_in_the_log_or_the_page(yard):
    row = yard.contest_at("sealed")
    assert row.secret
    assert "secret" not in row.draws[-1]
    for entry in selectors.history(row):
        assert row.secret not in entry.payload
    page = client(yard.science).get(f"/cooperation/contests/{row.pk}/").content.decode()
    assert row.secret not in page
    with clock.pinned(AFTER), pytest.raises(Conflict):
        contests.draw_panel(yard.science, row, public_value="早了一天")


def test_entries_close_with_the_closing_second(yard):
    row = yard.contest_at("open")
    with clock.pinned(date(2023, 3, 20), row.closes.astimezone().time().replace(hour=17)):
        yard.project(row, title="最后一秒")
        with pytest.raises(Conflict):
            contests.close(yard.science, row)
    with clock.pinned(AFTER):
        with pytest.raises(Conflict):
            yard.project(row, title="太迟")
        with pytest.raises(Conflict):
            entries.withdraw(yard.firm, row.entries.first())


def test_an_entry_is_the_firms_own_named_once_and_names_nobody(yard):
    row = yard.contest_at("open")
    before = written()
    for more, where in (
        ({"title": "项目-firm"}, "title"),
        ({"title": "新", "text": "由冰城智能科技有限公司研制"}, "text"),
        ({"title": "新", "text": "王 一 主持"}, "text"),
    ):
        with pytest.raises(InputError) as caught:
            yard.project(row, **more)
        assert [problem.where for problem in caught.value.problems] == [where]
        spoken(caught.value.problems)
    for by in ("office", "first", "citizen"):
        with pytest.raises(NotAllowed):
            yard.project(row, by=by)
    assert written() == before
    mine = ContestEntry.objects.get(subject=yard.fair.bureau.firm_subject)
    with pytest.raises(NotAllowed):
        entries.withdraw(yard.rival, mine)
    assert client(yard.rival).get(f"/cooperation/entries/{mine.pk}/").status_code == 404
    entries.withdraw(yard.firm, mine)
    assert yard.project(row).label == ""


def test_an_expert_tied_to_somebody_who_entered_is_never_drawn(yard):
    row = yard.contest_at("closed")
    tied = profile(yard.fair, "first")
    expert_registry.put_tie(yard.office, tied, kind="kinship", other="王一", source="申报")
    with clock.pinned(AFTER):
        contests.seal_list(yard.science, row, public_source="x", public_on=DRAWING)
    row.refresh_from_db()
    assert tied.code not in row.draws[-1]["list"]


def test_where_no_panel_is_lawful_it_says_which_rules_conflict(yard):
    row = yard.contest_at("closed")
    for name in ("fifth", "sixth"):
        expert_registry.put_profile(
            yard.office, yard.fair.bureau.people[name], organisation=name, fields=["智慧供暖"],
            outside=False,
        )  # fmt: skip
    before = written()
    with clock.pinned(AFTER), pytest.raises(Infeasible) as caught:
        contests.seal_list(yard.science, row, public_source="x", public_on=DRAWING)
    spoken(caught.value.problems)
    assert written() == before


def test_an_expert_who_steps_down_is_replaced_and_everybody_must_score(yard):
    row = yard.contest_at("scoring")
    seat = row.seats.first()
    with clock.pinned(JUDGED):
        with pytest.raises(Conflict):
            judging.rank_entries(yard.science, row)
        with pytest.raises(Conflict):
            entry = row.entries.first()
            judging.score(seat.expert.user, row, entry, opinion="好",
                          points={"innovation": 1, "market": 1, "team": 1})  # fmt: skip
        judging.declare(seat.expert.user, row, clear=False, reason="亲属参赛")
        with pytest.raises(NotAllowed):
            judging.declare(seat.expert.user, row, clear=True)
        contests.replace(yard.science, row)
        row.refresh_from_db()
        assert len(row.draws) == 2
        assert seat.expert.code not in row.draws[-1]["panel"]
        yard.judge(row)
    row.refresh_from_db()
    assert row.state == "ranked"
    assert not list(vouch.unvouched())


def test_an_expert_judges_blind_in_the_browser(yard):
    row = yard.contest_at("scoring")
    seat = row.seats.first()
    page = client(seat.expert.user)
    address = f"/contest-panels/{seat.pk}/"
    with clock.pinned(JUDGED):
        before = page.get(address).content.decode()
        assert "冰城智能科技有限公司" in before
        assert "热网智能调度" not in before, "nothing is read before the declaration"
        assert page.post(address, {"clear": "1"}).status_code == 302
        after = page.get(address).content.decode()
        assert "热网智能调度" in after
        entry = row.entries.first()
        given = {"entry": entry.pk, "innovation": "101", "market": "80", "team": "80"}
        assert page.post(address, given).status_code == 422
        given |= {"innovation": "80", "opinion": "好"}
        assert page.post(address, given).status_code == 302
        assert page.post(address, given).status_code == 422, "points are given once"
        assert "已评分" in page.get(address).content.decode()
    other = ContestSeat.objects.exclude(pk=seat.pk).first()
    assert page.get(f"/contest-panels/{other.pk}/").status_code == 404


def test_a_new_panel_has_nobody_of_the_old_one(yard):
    row = yard.contest_at("scoring")
    seated = set(row.draws[-1]["panel"])
    with clock.pinned(JUDGED), pytest.raises(Conflict):
        contests.new_panel(yard.science, row, reason=" ")
    with clock.pinned(JUDGED):
        contests.new_panel(yard.science, row, reason="专家不足")
        contests.seal_list(
            yard.science, row, public_source="x", public_on=date(2023, 3, 24)
        ) if len(seated) < 3 else None
    row.refresh_from_db()
    assert row.state in ("closed", "sealed")
    assert not ContestSeat.objects.filter(contest=row).exclude(clear=False).exists()


def test_another_unit_does_not_hold_the_contest(yard):
    row = yard.contest_at("draft")
    for by in ("industry", "leader", "firm"):
        with pytest.raises(NotAllowed):
            contests.publish(yard.fair.bureau.people[by], row)
    assert selectors.rows(yard.firm, BY_KEY["contests"]).count() == 0
    contests.publish(yard.office, row)
    assert Contest.objects.get().state == "open"
    assert DAY
