"""Awards in words, the official sentences, and what changed between two versions."""

from __future__ import annotations

from datetime import date

import pytest

from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue
from songhua.policy import assess, attach, bundled, diff, explain

POLICIES = {p.version: p for p in bundled()}
DRAFT, ISSUED, INDUSTRY = (POLICIES[v] for v in ("draft-2022", "issued-2022", "issued"))
DAY = date(2023, 3, 1)
SCENE = {
    "field": "智慧供热",
    "shortlisted": True,
    "government_investment": False,
    "is_investor": True,
    "total_investment_yuan": "10000000.00",
}
PLATFORM = {
    "platform_kind": "共性技术研发平台",
    "equipment": [
        {
            "amount_yuan": "10000000.00",
            "newly_purchased": True,
            "for_rd": True,
            "buyer": "builder",
        }
    ],
}


def tenants(count, revenue):
    return [{"revenue_yuan": revenue, "prev_revenue_yuan": "0", "new": True}] * count


def told(policy, rule, facts, language="zh"):
    return "\n".join(explain(policy, assess(policy, rule, facts, DAY), language))


def test_the_distance_to_each_threshold_is_told():
    facts = {"carrier_kind": "产业园", "demo_effect": True, "tenants": tenants(8, "62500000.00")}
    facts["tenants"] = [*tenants(7, "62500000.00"), *tenants(1, "62499999.99")]
    zh, en = (told(DRAFT, "P03b", facts, language) for language in ("zh", "en"))
    assert "8家，须不低于10家，还差2家" in zh
    assert "还差0.01元" in zh
    assert "2 firms short" in en
    assert "0.01 yuan short" in en


def test_the_way_to_the_amount_is_told():
    zh = told(DRAFT, "P04", SCENE | {"prior_paid_yuan": "4000000.00"})
    for part in (
        "总投资额 10,000,000.00元 × 30% = 3,000,000.00元（四舍五入到分）",
        "上限 5,000,000.00元（每个项目）",
        "此前已获 4,000,000.00元，上限之内余 1,000,000.00元",
        "结果：可以计算；金额：1,000,000.00元；最高可得：1,000,000.00元",
        "金额取决于扣除此前已获后的余额",
    ):
        assert part in zh
    assert "基数再增加" not in zh, "the cap already binds"


def test_the_next_step_of_a_staircase_is_told():
    zh = told(INDUSTRY, "Q2", {"output_growth_yuan": "49999999.99"})
    assert "再增加 0.01元，可多得 100,000.00元" in zh


def test_the_distance_to_the_cap_is_the_least_that_reaches_it():
    zh = told(DRAFT, "P04", SCENE | {"total_investment_yuan": "16666666.64"})
    assert "基数再增加 0.01元，即达到最高 5,000,000.00元" in zh
    reached = assess(DRAFT, "P04", SCENE | {"total_investment_yuan": "16666666.65"}, DAY)
    assert reached.amount == 500_000_000


def test_an_unknown_amount_is_called_unknown_and_not_zero():
    zh = told(DRAFT, "P04", SCENE | {"shortlisted": None})
    assert "须人工审核；金额：未知；最高可得：3,000,000.00元" in zh
    assert "尚待征集评审" in zh


def test_a_clause_that_was_not_seen_says_so():
    assert "正文尚未见到，沿用版本 draft-2022" in told(ISSUED, "P04", SCENE)
    assert "not been seen" in told(ISSUED, "P04", SCENE, "en")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_has_its_sentence(language):
    for rule, facts in (("P04", SCENE), ("P02a", PLATFORM)):
        text = told(DRAFT, rule, facts, language)
        assert "policy_" not in text
        assert "{" not in text
    for code, words in catalogue().items():
        if code.startswith("policy_"):
            assert words["zh"] and words["en"]


def test_the_official_sentences_are_quoted_to_the_letter(shared_data):
    text = (shared_data / "programme" / "harbin_2022_official_text.txt").read_text("utf-8")
    policy = attach(DRAFT, text)
    assert policy.quotes.keys() == {"附则", *DRAFT.rules}
    marks = {
        "P01": "最高1000万元",
        "P02a": "20%",
        "P02b": "最高500万元的一次性补助",
        "P02c": "年度服务实际收入的10%",
        "P03a": "实际投入10%",
        "P03b": "新入驻企业达到10家以上",
        "P04": "总投资额30%",
        "P06a": "实际投入50%",
        "P06b": "70%",
        "P07": "最高100万元资金补助",
        "P09a": "哈政规〔2021〕1号",
        "P09b": "实际支出的50%",
        "附则": "2023年12月31日",
    }
    for rule, mark in marks.items():
        assert mark in policy.quotes[rule]
        assert policy.quotes[rule] in text
    pending = assess(policy, "P04", SCENE | {"shortlisted": None}, DAY)
    assert pending.quote == pending.reasons[0].quote == policy.quotes["P04"]
    assert pending.reasons[0].article == "四"
    late = assess(policy, "P04", SCENE, date(2024, 1, 1))
    assert (late.reasons[0].article, late.reasons[0].quote) == ("附则", policy.quotes["附则"])


def test_another_text_is_not_quoted():
    with pytest.raises(InputError) as caught:
        attach(DRAFT, "附件2\n一、别的文件。只有一句。")
    assert {p.code for p in caught.value.problems} == {"policy_quote_missing"}


def test_the_two_versions_differ_where_the_issued_text_was_seen():
    changes = {(c.rule, c.field): (c.old, c.new) for c in diff(DRAFT, ISSUED).changes}
    assert changes["P01", "departments"] == ("市科技局、市财政局", "市科技局")
    assert changes["P01", "facts.mode.options"] == (
        "揭榜挂帅",
        "揭榜挂帅、产学研联合攻关、自主攻关",
    )
    assert changes["P02a", "cap.kind"] == ("cumulative", "one_off")
    assert changes["P03a", "conditions.REVIEW_NOT_PASSED.fact"] == (None, "review_passed")
    assert {rule for rule, field in changes if field == "carried_from"} == {
        key for key, rule in ISSUED.rules.items() if rule.carried_from
    }
    assert diff(DRAFT, DRAFT).changes == ()


def test_a_changed_rate_and_cap_are_told_as_the_document_writes_them():
    rule = DRAFT.rules["P04"]
    cap = rule.cap.model_copy(update={"amount": 600_000_000})
    new = DRAFT.model_copy(
        update={"rules": DRAFT.rules | {"P04": rule.model_copy(update={"cap": cap})}}
    )
    found = diff(DRAFT, new, {"P04": SCENE | {"total_investment_yuan": "90000000.00"}})
    (change,) = found.changes
    assert (change.rule, change.field) == ("P04", "cap.amount")
    assert (change.old, change.new) == ("5000000.00元", "6000000.00元")
    assert found.money[0].fen == 100_000_000


def test_the_money_between_two_versions():
    facts = {"P02a": PLATFORM | {"prior_paid_yuan": "1000000.00", "review_passed": True}}
    (money,) = diff(DRAFT, ISSUED, facts, DAY).money
    assert (money.old.amount, money.new.amount, money.fen) == (200_000_000, 0, -200_000_000)
    (unknown,) = diff(DRAFT, ISSUED, {"P02a": PLATFORM}, DAY).money
    assert (unknown.new.status, unknown.fen) == ("needs_review", None)
    with pytest.raises(InputError):
        diff(DRAFT, ISSUED, {"P02a": PLATFORM | {"colour": "red"}})
