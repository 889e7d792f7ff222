"""The pages of the subsidies desk: the public calculator, and what each person may do and see."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from django.test import Client

from songhua.console import clock
from songhua.console.subsidies.awards_form import AwardsForm
from songhua.console.subsidies.forms import FactsForm, amount_text
from songhua.console.subsidies.services import engine
from songhua.policy import assess

from . import bureau
from .bureau import DAY

RULES = [(p.policy, p.version, rule) for p in engine.policies() for rule in p.rules]
SCENE = {
    "fact-field": "智慧供热", "fact-government_investment": "no", "fact-is_investor": "yes",
    "fact-shortlisted": "yes", "fact-total_investment_yuan": "800万元",
}  # fmt: skip
P04 = "/calculator/pilot_zone/issued-2022/P04/"


def read(answer) -> str:
    """What a person reads of a page."""
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [
        ("1,386,684.95 元", "1386684.95"), ("１６６６．６万元", "16666000"), ("0.5亿", "50000000"),
        ("1386.68495万元", "13866849.5"), ("1e6", "1e6"), ("-3", "-3"), ("三百万", "三百万"),
        ("0.001", "0.001"), ("¥12", "12"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them_and_never_guessed(typed, yuan):
    assert amount_text(typed) == yuan


@pytest.mark.parametrize(("policy", "version", "rule"), RULES)
def test_every_rule_has_its_form_in_both_languages_without_signing_in(db, policy, version, rule):
    client, where = Client(), f"/calculator/{policy}/{version}/{rule}/"
    declared = engine.rule_of(policy, version, rule)
    with clock.pinned(DAY):
        assert declared.zh in read(client.get(where))
        client.cookies["songhua_language"] = "en"
        page = client.get(where)
    assert declared.en in read(page)
    for name, fact in declared.facts.items():
        prefix = f"fact-{name}-0-" if fact.type in ("list", "table") else f"fact-{name}"
        assert f'name="{prefix}' in page.content.decode()


def test_the_result_stands_with_its_reasons_steps_and_distance_in_both_languages(db):
    client = Client()
    with clock.pinned(DAY):
        chinese = read(client.post(P04, SCENE | {"compute": "1"}))
        client.cookies["songhua_language"] = "en"
        english = read(client.post(P04, SCENE | {"compute": "1"}))
    assert "2,400,000.00元" in chinese
    assert "合 240 万元" in chinese
    assert "基数再增加 8,666,666.65元" in chinese
    assert "2,400,000.00 yuan" in english
    assert "of the cap" not in english


def test_what_is_open_shows_the_ceiling_and_never_a_zero(db):
    with clock.pinned(DAY):
        text = read(Client().post(P04, SCENE | {"fact-shortlisted": "", "compute": "1"}))
    assert "最高 2,400,000.00元" in text
    assert "金额未知" in text
    assert "须人工审核" in text


def test_every_bad_fact_is_told_at_its_field(db):
    bad = {
        "fact-carrier_kind": "产业园", "fact-tenants-0-revenue_yuan": "NaN",
        "fact-tenants-0-prev_revenue_yuan": "0.001", "fact-tenants-0-new": "yes",
        "fact-tenants-4-revenue_yuan": "-5", "fact-tenants-4-prev_revenue_yuan": "0",
        "fact-tenants-4-new": "no", "compute": "1",
    }  # fmt: skip
    with clock.pinned(DAY):
        answer = Client().post("/calculator/pilot_zone/draft-2022/P03b/", bad)
    page, text = answer.content.decode(), read(answer)
    assert answer.status_code == 422
    for field in ("0-revenue_yuan", "0-prev_revenue_yuan", "1-revenue_yuan"):
        assert f'id="id_fact-tenants-{field}_error"' in page
    assert "入驻企业第 2 项的当年主营业务收入（元）为负数" in text


def test_a_day_that_is_no_day_and_a_reading_that_is_none_are_told(db):
    wrong = SCENE | {"on": "soon", "compute": "1"}
    answer = Client().post(P04, wrong)
    assert answer.status_code == 422
    assert 'id="id_on_error"' in answer.content.decode()
    answer = Client().post(P04, SCENE | {"reading-rounding": "up", "compute": "1"})
    assert 'id="id_reading-rounding_error"' in answer.content.decode()


def test_a_day_out_of_force_is_answered_as_such(db):
    text = read(Client().post(P04, SCENE | {"on": "2024-01-01", "compute": "1"}))
    assert "不在有效期内" in text
    assert "政策已经失效" in text


def test_rows_are_added_and_taken_away_without_a_script(db):
    where = "/calculator/pilot_zone/draft-2022/P03b/"
    names = re.compile(r'name="fact-tenants-(\d+)-revenue_yuan"')
    one = {"fact-tenants-0-revenue_yuan": "1", "fact-tenants-7-revenue_yuan": "8"}
    client = Client()
    with clock.pinned(DAY):
        longer = client.post(where, one | {"add": "tenants-10"}).content.decode()
        shorter = client.post(where, one | {"remove": "tenants-0"}).content.decode()
    assert len(names.findall(longer)) == 12
    assert names.findall(shorter) == ["0"]
    assert 'value="8"' in shorter
    assert 'value="1" maxlength' not in shorter
    assert client.post(where, one | {"add": "tenants-1000000"}).status_code == 200


def test_a_link_brings_back_the_facts_and_the_result(db):
    client = Client()
    with clock.pinned(DAY):
        sent = client.post(P04, SCENE | {"compute": "1", "reading-rounding": "down"})
        link = html.unescape(re.search(r'id="share" readonly value="([^"]+)"', sent.content.decode())[1])
    again = client.get(link.removeprefix("http://testserver"))
    assert "2,400,000.00元" in read(again)
    assert "reading-rounding=down" in link
    assert "csrf" not in link


def test_a_link_that_would_be_too_long_is_not_offered(db):
    rows = {
        f"fact-tenants-{n}-{field}": "12345678.90"
        for n in range(150)
        for field in ("revenue_yuan", "prev_revenue_yuan")
    }
    news = {f"fact-tenants-{n}-new": "yes" for n in range(150)}
    given = rows | news | {"fact-carrier_kind": "产业园", "compute": "1"}
    with clock.pinned(DAY):
        text = read(Client().post("/calculator/pilot_zone/draft-2022/P03b/", given))
    assert "内容太长，不能做成链接" in text
    assert "新入驻企业：150家" in text.replace("的", "") or "150家" in text


def test_the_form_gives_the_engine_what_the_worked_cases_hold():
    """Every dev case, typed into the form as a person would, gives the award of the engine."""
    cases = Path(__file__).parents[3] / "shared" / "data" / "programme" / "policy_oracle_dev.csv"
    if not cases.exists():
        pytest.skip("the worked cases are not here")
    import csv

    played = 0
    with cases.open(encoding="utf-8-sig") as stream:
        for case in csv.DictReader(stream):
            policy = engine.policy_of("pilot_zone", "draft-2022")
            facts, rule = json.loads(case["inputs_json"]), policy.rules.get(case["rule"])
            if rule is None or not all(_typable(facts, fact) for fact in [rule.facts]):
                continue
            reading = json.loads(case["reading_json"] or "{}")
            if not set(reading) <= set(policy.readings | rule.readings):
                continue
            day = clock.date.fromisoformat(case["application_date"])
            given = {"on": str(day)} | {f"reading-{k}": v for k, v in reading.items()}
            form = FactsForm(policy, rule, given | _typed(facts), day)
            assert form.reading().items() >= reading.items()
            ours = assess(policy, rule.id, form.facts(), day, form.reading())
            theirs = assess(policy, rule.id, facts, day, reading)
            assert (ours.status, ours.amount, ours.codes) == (
                theirs.status, theirs.amount, theirs.codes,
            ), case["case_id"]  # fmt: skip
            played += 1
    assert played >= 30


def _typable(facts, declared) -> bool:
    """Whether a form can hold these facts: no bare numbers for amounts, no null for what is not
    a review."""
    for name, fact in declared.items():
        value = facts.get(name)
        if fact.type == "list":
            if not value or not all(_typable(item, fact.fields) for item in value):
                return False
        elif fact.type == "amount" and (name in facts) and not (isinstance(value, str) and value):
            return False
    return True


def _typed(facts, prefix="fact-") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in facts.items():
        if isinstance(value, list):
            for row, item in enumerate(value):
                found |= _typed(item, f"{prefix}{name}-{row}-")
        elif isinstance(value, dict):
            for row, (key, amount) in enumerate(value.items()):
                found |= {f"{prefix}{name}-{row}-key": key, f"{prefix}{name}-{row}-amount_yuan": amount}
        elif isinstance(value, bool):
            found[f"{prefix}{name}"] = "yes" if value else "no"
        else:
            found[f"{prefix}{name}"] = "" if value is None else str(value)
    return found


AWARDS = {
    "award-1-name": "甲", "award-1-source": "this", "award-1-amount": "300万元", "award-1-matters": "厅",
    "award-2-name": "乙", "award-2-source": "city", "award-2-amount": "3500000", "award-2-matters": "厅、馆",
    "award-3-name": "丙", "award-3-source": "this", "award-3-amount": "500000", "award-3-matters": "馆",
    "award-4-name": "丁", "award-4-source": "province", "award-4-amount": "1", "award-4-matters": "厅",
}  # fmt: skip


def test_the_best_combination_its_ties_the_conflicts_and_the_price_of_a_choice(db):
    text = read(Client().post("/calculator/combination/", AWARDS | {"award-3-chosen": "1"}))
    assert "3,500,001.00元" in text
    assert "并列 2 组" in text
    assert "甲 × 乙" in text
    assert "丁 ×" not in text
    assert "少得 3,000,001.00元" in text
    clash = AWARDS | {"award-1-chosen": "1", "award-2-chosen": "1"}
    assert "不能同时领取" in read(Client().post("/calculator/combination/", clash))


def test_a_bad_award_is_told_by_its_row_and_an_unknown_amount_stays_unknown(db):
    bad = Client().post("/calculator/combination/", AWARDS | {"award-2-amount": "很多"})
    assert bad.status_code == 422
    assert "第 2 项的金额不是金额" in read(bad)
    unknown = read(Client().post("/calculator/combination/", AWARDS | {"award-2-amount": ""}))
    assert "至少 3,500,001.00元" in unknown
    twice = Client().post("/calculator/combination/", AWARDS | {"award-2-name": "甲"})
    assert twice.status_code == 422
    assert len(AwardsForm({f"award-{n}-name": "x" for n in range(99)}).rows) == 25


def test_versions_are_compared_clause_by_clause_with_the_changes_marked(db):
    answer = Client().get("/calculator/compare/?policy=pilot_zone")
    page, text = answer.content.decode(), read(answer)
    assert 'id="rule-P02a"' in page
    assert "compare-changed" in page
    assert "1000万元，一次性" in text
    assert 'id="rule-P09c"' not in page  # carried over, so nothing of it changed
    assert Client().get("/calculator/compare/?old=x").status_code == 404
    assert "只有一个版本" in read(Client().get("/calculator/compare/?policy=industry_2021"))


def test_an_unknown_clause_is_not_found(db):
    assert Client().get("/calculator/pilot_zone/issued-2022/P99/").status_code == 404
    assert Client().get("/calculator/pilot_zone/none/P04/").status_code == 404


def test_the_calculator_writes_nothing_down(desk):
    before = bureau.written()
    Client().post(P04, SCENE | {"compute": "1"})
    assert bureau.written() == before


@pytest.fixture
def desk(db):
    return bureau.found()
