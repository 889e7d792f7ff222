"""The registry of achievements: two people promote, and matches learn from what people accept."""

from __future__ import annotations

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from songhua.console import clock
from songhua.console.innovation import achievement_selectors
from songhua.console.innovation.models import Achievement, MatchDecision, StagePromotion
from songhua.console.innovation.services import achievement_matches, achievement_registry
from songhua.console.ledger.services import audit, vouch
from songhua.kit.errors import Conflict, InputError, NotAllowed

from .fair import DAY, Fair, found

GIVEN = {"kind": "achievement", "title": "管网泄漏检测", "text": "寒地供热管网泄漏检测传感器",
         "field": "智慧供暖", "stage": "bench", "trl_low": "4"}  # fmt: skip
WANTED = {"kind": "demand", "title": "Поиск утечек", "field": "智慧供暖", "trl_low": "6",
          "text": "Нужен датчик для поиска утечек в тепловой сети", "trl_high": "9"}  # fmt: skip


@pytest.fixture
def fair(db) -> Fair:
    with clock.pinned(DAY):
        yield found()


def enter(fair: Fair, by: str = "firm", **more: str) -> Achievement:
    return achievement_registry.enter(fair.bureau.people[by], **GIVEN | more)


def propose(fair: Fair, row: Achievement, by: str = "firm", **more: str) -> StagePromotion:
    given = {"stage": "pilot", "trl": "6", "statement": "中试完成"} | more
    return achievement_registry.propose(
        fair.bureau.people[by], row, filename="检测报告.pdf", chunks=[b"%PDF"], **given
    )


def client(user, language: str = "zh-hans") -> Client:
    made = Client()
    made.force_login(user)
    made.cookies["songhua_language"] = language
    return made


def read(answer) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_everything_wrong_with_an_entry_is_told_at_once(fair):
    wrong = {"title": " ", "field": "x", "stage": "", "trl_low": "12", "low_yuan": "5",
             "high_yuan": "3"}  # fmt: skip
    with pytest.raises(InputError) as caught:
        enter(fair, **wrong)
    places = {problem.where for problem in caught.value.problems}
    assert places == {"title", "field", "stage", "trl_low", "low_yuan"}
    with pytest.raises(NotAllowed):
        enter(fair, by="office")
    assert not Achievement.objects.exists()


def test_a_stage_is_proposed_by_its_owner_and_confirmed_by_somebody_else(fair):
    row = enter(fair)
    for by in ("rival", "office", "industry"):
        with pytest.raises(NotAllowed):
            propose(fair, row, by=by)
    for more, where in (
        ({"stage": "bench"}, "stage"),
        ({"trl": "3"}, "trl"),
        ({"trl": "x"}, "trl"),
    ):
        with pytest.raises(InputError) as caught:
            propose(fair, row, **more)
        assert caught.value.problems[0].where == where
    made = propose(fair, row)
    with pytest.raises(Conflict):
        propose(fair, row)
    with pytest.raises(NotAllowed):
        achievement_registry.decide(fair.firm, made, confirmed=True, opinion="属实")
    row.refresh_from_db()
    assert (row.stage, row.trl_high) == ("bench", 4), "nothing changes before it is confirmed"
    achievement_registry.decide(fair.office, made, confirmed=True, opinion="属实")
    row.refresh_from_db()
    assert (row.stage, row.trl_low, row.trl_high) == ("pilot", 6, 6)
    with pytest.raises(Conflict):
        achievement_registry.decide(fair.office, made, confirmed=False, opinion="再议")
    assert not list(vouch.unvouched())
    Achievement.objects.update(stage="industrial")
    assert [one.subject for one in vouch.unvouched()] == [vouch.subject(row)]


def test_a_refused_stage_leaves_the_achievement_where_it_was(fair):
    row = enter(fair)
    achievement_registry.decide(fair.office, propose(fair, row), confirmed=False, opinion="不足")
    row.refresh_from_db()
    assert row.stage == "bench"
    assert propose(fair, row).confirmed is None


def test_a_russian_demand_meets_a_chinese_achievement_and_follows_its_promotion(fair):
    row, other = enter(fair), enter(fair, title="玉米", text="玉米育种", field="智慧农业")
    asked = achievement_registry.enter(fair.industry, **WANTED)
    (match,) = achievement_matches.matches(asked)
    assert match.key == str(row.pk)
    assert "=leak" in match.terms
    before = match.features[-2]
    achievement_registry.decide(fair.office, propose(fair, row), confirmed=True, opinion="属实")
    (match,) = achievement_matches.matches(asked)
    assert match.features[-2] == 1.0 > before
    assert achievement_matches.matches(other) == []
    later = enter(fair, title="泄漏定位")
    assert {m.key for m in achievement_matches.matches(asked)} == {str(row.pk), str(later.pk)}


def test_a_decision_is_the_owners_or_the_offices_teaches_and_refers(fair):
    row, asked = enter(fair), achievement_registry.enter(fair.industry, **WANTED)
    other = enter(fair, title="玉米", text="玉米育种")
    judge = achievement_matches.judge
    with pytest.raises(NotAllowed):
        judge(fair.rival, asked, row, accepted=True, reason="合适")
    for wrong in (asked, other):
        with pytest.raises(InputError):
            judge(fair.industry, asked, wrong, accepted=True, reason="合适")
    with pytest.raises(InputError):
        judge(fair.industry, asked, row, accepted=True, reason=" ")
    judge(fair.industry, asked, row, accepted=False, reason="价格")
    assert list(achievement_selectors.decisions(row)) == [], "a refusal is not told to the other"
    judge(fair.office, asked, row, accepted=True, reason="再次协商")
    assert [one.accepted for one in achievement_selectors.decisions(row)] == [True]
    assert achievement_matches.weights().decisions == 1, "the last decision on a pair stands"
    assert MatchDecision.objects.count() == 2
    assert not list(vouch.unvouched())


def test_counts_open_exactly_their_records(fair):
    enter(fair)
    enter(fair, stage="pilot", district="松北区")
    achievement_registry.enter(fair.industry, **WANTED)
    for facet in achievement_selectors.FACETS:
        for value, n in achievement_selectors.counts(facet):
            assert achievement_selectors.achievements({facet: value}).count() == n > 0


def test_the_pages_send_what_the_services_take(fair):
    where = client(fair.firm).post("/achievements/new/", GIVEN).headers["Location"]
    row = Achievement.objects.get()
    asked = achievement_registry.enter(fair.industry, **WANTED)
    assert client(fair.firm).post("/achievements/new/", GIVEN | {"title": ""}).status_code == 422
    upload = SimpleUploadedFile("报告.pdf", b"%PDF")
    proposal = {"stage": "pilot", "trl": "６", "statement": "完成", "file": upload}
    assert client(fair.firm).post(f"{where}propose/", proposal).status_code == 302
    made = row.promotions.get()
    confirmed = {"promotion": made.pk, "confirmed": "1", "opinion": "属实"}
    assert client(fair.firm).post(f"{where}decide/", confirmed).status_code == 403
    assert client(fair.office).post(f"{where}decide/", confirmed).status_code == 302
    assert client(fair.office).post(f"{where}decide/", confirmed).status_code == 409
    assert client(fair.office).post(f"{where}nothing/").status_code == 404
    page = client(fair.industry).get(f"/achievements/{asked.pk}/")
    assert "泄漏 / утечка" in read(page)
    judged = {"found": row.pk, "accepted": "1", "reason": "合适"}
    to = f"/achievements/{asked.pk}/judge/"
    assert client(fair.industry).post(to, judged | {"reason": ""}).status_code == 422
    assert client(fair.industry).post(to, judged).status_code == 302
    assert "转介自" in read(client(fair.firm).get(where))
    assert "referred from" in read(client(fair.firm, "en").get(where))
    file = f"/stage-promotions/{made.pk}/file/"
    for name, seen in (("office", 200), ("leader", 200), ("firm", 200), ("rival", 404),
                       ("industry", 404)):  # fmt: skip
        assert client(fair.bureau.people[name]).get(file).status_code == seen, name
    text = read(client(fair.leader).get("/achievements/?kind=achievement&q=泄漏&stage=pilot"))
    assert GIVEN["title"] in text
    assert WANTED["title"] not in text


def test_the_matcher_follows_another_database(fair):
    row = enter(fair)
    asked = achievement_registry.enter(fair.industry, **WANTED)
    known = achievement_matches.Known()
    item = achievement_matches.item(asked)
    weights = achievement_matches.weights()
    assert known.matches(item, ("achievement",), weights, 5)[0].key == str(row.pk)
    known._read = (known._read[0], "a digest of another log")
    known._matcher.remove(str(row.pk))
    assert known.matches(item, ("achievement",), weights, 5)[0].key == str(row.pk)
    assert audit.head()
