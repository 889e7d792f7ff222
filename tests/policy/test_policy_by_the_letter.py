"""The clauses of the pilot zone policy once more, by their letter and by hand, in fractions.

Nothing here reads the rules as data: each clause is written out as a plain function of its facts,
and thousands of random applications around every threshold must get the same answer from `assess`.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

import pytest

from songhua.policy import assess, bundled

DRAFT = next(p for p in bundled() if p.version == "draft-2022")
W = 10**6
"""Ten thousand yuan (万元) in fen."""
YI = 10**10
FIRST, LAST = date(2022, 8, 24), date(2023, 12, 31)
DAYS = [FIRST - timedelta(1), FIRST, date(2023, 3, 1), LAST, LAST + timedelta(1)]
BAD = {
    "NaN": ["AMOUNT_NOT_FINITE"],
    "-inf": ["AMOUNT_NOT_FINITE"],
    "一千万": ["AMOUNT_NOT_A_NUMBER"],
    "1e7": ["AMOUNT_NOT_A_NUMBER"],
    "1,000.00": ["AMOUNT_NOT_A_NUMBER"],
    "": ["AMOUNT_NOT_A_NUMBER"],
    "-1.00": ["AMOUNT_NEGATIVE"],
    "0.001": ["AMOUNT_FINER_THAN_FEN"],
    1e7: ["AMOUNT_NOT_DECIMAL_STRING"],
    100: ["AMOUNT_NOT_DECIMAL_STRING"],
}


@dataclass
class Case:
    """What a clause says of some facts, in the order of evaluation: first closed, then open."""

    closed: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    raw: Fraction | None = None
    cap: int = 0
    own: str = "rate"
    prior: int = 0
    one_off: bool = False
    nobody_knows: bool = False
    other: str | None = None

    def shut(self, broken, code):
        if broken:
            self.closed.append(code)

    def judge(self, verdict, refused, pending):
        self.shut(verdict is False, refused)
        self.ask(verdict is None, pending)

    def ask(self, unclear, code):
        if unclear:
            self.open.append(code)

    def answer(self):
        left = self.cap - (0 if self.one_off else self.prior)
        self.shut(self.one_off and self.prior > 0, "ONE_OFF_ALREADY_PAID")
        self.shut(self.cap and left <= 0, "CAP_EXHAUSTED")
        self.shut(self.raw is not None and self.raw <= 0, "ZERO_BASE")
        if self.closed:
            return "ineligible", 0, 0, "none", {*self.closed}
        rounded = None if self.raw is None else math.floor(self.raw + Fraction(1, 2))
        if rounded is None or rounded > left:
            due, binding = left, "prior" if self.prior and not self.one_off else "cap"
        else:
            due, binding = rounded, self.own
        if not self.open:
            return "computed", due, due, binding, set()
        if self.nobody_knows:
            return "needs_review", None, None, "none", {*self.open}
        return "needs_review", None, due, binding, {*self.open}


def amount(rng, *edges, rate=Fraction(1)):
    """Fen: anything, or within three of an edge, of what comes to a cap at `rate`, or of 0."""
    if rng.random() < 0.3:
        return rng.randrange(10 ** rng.randrange(1, 13))
    around = [0, *edges, *(math.ceil(Fraction(edge) / rate) for edge in edges)]
    return max(0, rng.choice(around) + rng.randrange(-3, 4))


def text(fen):
    return f"{fen // 100}.{fen % 100:02d}"


def paid_before(rng, facts, cap):
    """A third has been paid something, another third says nothing."""
    fen = rng.choice([0, 0, amount(rng, cap, cap // 2)])
    if fen or rng.random() < 0.5:
        facts["prior_paid_yuan"] = text(fen)
    return fen


def yes(rng):
    return rng.random() < 0.8


def perhaps(rng):
    return rng.choice([True, True, True, False, None])


def reviewed(rng, facts, cap):
    if rng.random() < 0.25:
        return None
    fen = amount(rng, cap)
    facts["reviewed_amount_yuan"] = text(fen)
    return Fraction(fen)


def p01(rng, reading):
    kind = rng.choice(["科技型企业", "高校", "科研机构", "行业协会"])
    mode, chokepoint = rng.choice(["揭榜挂帅", "揭榜挂帅", "自主攻关"]), yes(rng)
    passed = perhaps(rng)
    facts = {
        "applicant_kind": kind, "chokepoint": chokepoint, "mode": mode, "review_passed": passed,
    }  # fmt: skip
    case = Case(cap=1000 * W, own="review", raw=reviewed(rng, facts, 1000 * W))
    case.shut(not chokepoint, "NOT_CHOKEPOINT")
    case.judge(passed, "REVIEW_NOT_PASSED", "REVIEW_PENDING")
    case.ask(kind == "行业协会", "OPEN_LIST_APPLICANT")
    case.ask(mode == "自主攻关", "OPEN_LIST_MODE")
    case.ask(case.raw is None, "REVIEW_AMOUNT_MISSING")
    return facts, case


def p02a(rng, reading):
    kind = rng.choice(["共性技术研发平台"] * 4 + ["科技创新服务平台", "其他平台"])
    machines = [
        {
            "amount_yuan": text(amount(rng, 5000 * W, 2500 * W)),
            "newly_purchased": yes(rng),
            "for_rd": yes(rng),
            "buyer": rng.choice(["builder", "builder", "builder", "other"]),
        }
        for _ in range(rng.randrange(4))
    ]
    facts = {"platform_kind": kind, "equipment": machines}
    total = sum(
        (Fraction(m["amount_yuan"]) * 100 for m in machines
         if m["newly_purchased"] and m["for_rd"] and m["buyer"] == "builder"),
        Fraction(0),
    )  # fmt: skip
    case = Case(cap=1000 * W, raw=total / 5, prior=paid_before(rng, facts, 1000 * W))
    case.shut(kind != "共性技术研发平台", "WRONG_PLATFORM_KIND")
    return facts, case


def p02b(rng, reading):
    kind = rng.choice(["科技创新服务平台"] * 4 + ["共性技术研发平台"])
    builder = rng.choice(["科技型企业", "高校", "科研机构", "行业协会"])
    spent, shared = amount(rng, 500 * W, rate=Fraction(1, 10)), yes(rng)
    facts = {
        "platform_kind": kind, "builder_kind": builder, "open_shared": shared,
        "actual_investment_yuan": text(spent),
    }  # fmt: skip
    prior = paid_before(rng, facts, 500 * W)
    case = Case(cap=500 * W, raw=Fraction(spent, 10), prior=prior, one_off=True)
    case.shut(kind != "科技创新服务平台", "WRONG_PLATFORM_KIND")
    case.shut(builder == "行业协会", "WRONG_APPLICANT_KIND")
    case.shut(not shared, "NOT_OPEN_SHARED")
    return facts, case


def p02c(rng, reading):
    kind = rng.choice(["共性技术研发平台", "科技创新服务平台", "科技创新服务平台", "孵化器"])
    year = rng.choice([2022, 2023])
    services = [
        {
            "year": rng.choice([2022, 2023]),
            "income_yuan": text(amount(rng, 100 * W, rate=Fraction(1, 10))),
            "customer_local": yes(rng),
        }
        for _ in range(rng.randrange(5))
    ]
    facts = {"platform_kind": kind, "year": year, "services": services}
    counted = [
        Fraction(s["income_yuan"]) * 100 for s in services
        if s["year"] == year and (s["customer_local"] or reading.get("service_income") == "all")
    ]  # fmt: skip
    raw = sum(counted, Fraction(0)) / 10
    case = Case(cap=100 * W, raw=raw, prior=paid_before(rng, facts, 100 * W))
    case.shut(kind == "孵化器", "WRONG_PLATFORM_KIND")
    return facts, case


def p03a(rng, reading):
    mode, institution = yes(rng), yes(rng)
    spent = amount(rng, 1000 * W, rate=Fraction(1, 10))
    facts = {
        "integrated_mode": mode, "applied_rd_institution": institution,
        "actual_input_yuan": text(spent),
    }  # fmt: skip
    case = Case(
        cap=1000 * W, raw=Fraction(spent, 10), prior=paid_before(rng, facts, 1000 * W)
    )  # fmt: skip
    good = (mode and institution) if reading.get("p03a") == "both" else (mode or institution)
    case.shut(not good, "NOT_QUALIFYING_CARRIER")
    return facts, case


def p03b(rng, reading):
    kind = rng.choice(["产业园"] * 3 + ["特色小镇"] * 3 + ["商务楼宇"])
    demo, size = perhaps(rng), rng.choice([0, 3, 9, 10, 10, 11, 14])
    usual = rng.choice([5000 * W, 6000 * W, 4999 * W, 30000 * W, 1000 * W])
    tenants = [
        {
            "revenue_yuan": text(
                usual if rng.random() < 0.8 else amount(rng, 1000 * W, 5000 * W, YI)
            ),
            "prev_revenue_yuan": text(rng.choice([0] * 9 + [1, 2000 * W, amount(rng, 9000 * W)])),
            "new": rng.random() < 0.97,
        }
        for _ in range(size)
    ]
    facts = {"carrier_kind": kind, "demo_effect": demo, "tenants": tenants}
    if yes(rng):
        facts["own_revenue_yuan"] = text(amount(rng, 10 * YI))
    prior = paid_before(rng, facts, 3000 * W) if rng.random() < 0.3 else 0
    new = [
        (Fraction(t["revenue_yuan"]) * 100, Fraction(t["prev_revenue_yuan"]) * 100)
        for t in tenants
        if t["new"]
    ]
    ten = [(now, before) for now, before in new if now >= 1000 * W]
    cohort = new if reading.get("cohort") == "all_new" else ten
    growth = [now - before for now, before in cohort]
    if reading.get("delta") == "positive_only":
        growth = [max(g, Fraction(0)) for g in growth]
    total = sum(growth, Fraction(0))
    case = Case(cap=3000 * W, raw=total / 100, prior=prior, one_off=True)
    case.judge(demo, "NO_DEMO_EFFECT", "DEMO_EFFECT_PENDING")
    every = reading.get("threshold_each") == "every"
    case.shut(every and len(ten) < len(new), "TENANT_BELOW_1000W")
    case.shut(len(ten) < 10, "FEWER_THAN_10_QUALIFYING")
    case.shut(total < 5 * YI, "INCREMENT_BELOW_5YI")
    case.ask(kind == "商务楼宇", "OPEN_LIST_CARRIER")
    case.nobody_knows = kind == "商务楼宇"
    return facts, case


def p04(rng, reading):
    named = ["智能制造", "智慧农业", "智慧教育", "智慧供热", "智慧文旅", "智慧交通", "智慧医疗"]
    what = rng.choice([*named, "智慧体育"])
    accepted, government, investor = perhaps(rng), not yes(rng), yes(rng)
    spent = amount(rng, 500 * W, rate=Fraction(3, 10))
    facts = {
        "field": what, "shortlisted": accepted, "government_investment": government,
        "is_investor": investor, "total_investment_yuan": text(spent),
    }  # fmt: skip
    prior = paid_before(rng, facts, 500 * W)
    case = Case(cap=500 * W, raw=Fraction(spent * 3, 10), prior=prior)
    case.shut(government, "GOVERNMENT_PROJECT")
    case.shut(not investor, "NOT_INVESTOR")
    case.judge(accepted, "NOT_SHORTLISTED", "SHORTLIST_PENDING")
    case.ask(what == "智慧体育", "OPEN_LIST_FIELD")
    return facts, case


def p06a(rng, reading):
    kind = rng.choice(["中外联合创新中心", "国际新型研发机构", "代表处"])
    here, good = yes(rng), perhaps(rng)
    spent = amount(rng, 100 * W, rate=Fraction(1, 2))
    facts = {
        "institution_kind": kind, "located_in_harbin": here, "meets_conditions": good,
        "actual_input_yuan": text(spent),
    }  # fmt: skip
    case = Case(cap=100 * W, raw=Fraction(spent, 2), prior=paid_before(rng, facts, 100 * W))
    case.shut(kind == "代表处", "WRONG_INSTITUTION_KIND")
    case.shut(not here, "NOT_IN_HARBIN")
    case.judge(good, "CONDITIONS_NOT_MET", "CONDITIONS_PENDING")
    return facts, case


def p06b(rng, reading):
    kind = rng.choice(["中外联合创新中心"] * 3 + ["国际新型研发机构"])
    experts = [
        {"work_cost_yuan": text(amount(rng, 100 * W, rate=Fraction(7, 10))), "foreign": yes(rng)}
        for _ in range(rng.randrange(4))
    ]
    facts = {"institution_kind": kind, "experts": experts}
    costs = [Fraction(e["work_cost_yuan"]) * 100 for e in experts if e["foreign"]]
    raw = sum(costs, Fraction(0)) * Fraction(7, 10)
    case = Case(cap=100 * W, raw=raw, prior=paid_before(rng, facts, 100 * W))
    case.shut(kind != "中外联合创新中心", "WRONG_INSTITUTION_KIND")
    return facts, case


def p07(rng, reading):
    talent, basis = perhaps(rng), rng.choice(["研发投入", "经济贡献", "论文数", None])
    facts = {"high_end_talent": talent} | ({"basis": basis} if basis else {})
    raw = reviewed(rng, facts, 100 * W)
    prior = paid_before(rng, facts, 100 * W)
    case = Case(cap=100 * W, own="review", raw=raw, prior=prior)
    case.judge(talent, "NOT_HIGH_END_TALENT", "TALENT_CONDITIONS_PENDING")
    case.shut(basis not in ("研发投入", "经济贡献"), "NO_BASIS_INDICATOR")
    case.ask(raw is None, "REVIEW_AMOUNT_MISSING")
    return facts, case


def p09b(rng, reading):
    here, event = yes(rng), rng.choice(["学术会议", "产业论坛", "创新创业赛事", "展览会"])
    spent = amount(rng, 50 * W, rate=Fraction(1, 2))
    facts = {"in_harbin_org": here, "event_kind": event, "actual_expense_yuan": text(spent)}
    case = Case(cap=50 * W, raw=Fraction(spent, 2))
    case.shut(not here, "NOT_HARBIN_ORG")
    case.ask(event == "展览会", "OPEN_LIST_EVENT")
    return facts, case


CLAUSES = {
    "P01": p01, "P02a": p02a, "P02b": p02b, "P02c": p02c, "P03a": p03a, "P03b": p03b, "P04": p04,
    "P06a": p06a, "P06b": p06b, "P07": p07, "P09b": p09b,
}  # fmt: skip
READINGS = {
    "P02c": {"service_income": ["local_only", "all"]},
    "P03a": {"p03a": ["either", "both"]},
    "P03b": {
        "threshold_each": ["counted", "every"],
        "cohort": ["qualifying", "all_new"],
        "delta": ["net", "positive_only"],
    },
}


def spoil(rng, facts):
    """One amount somewhere in the facts made bad, and the reasons that it gives."""
    records = [facts, *(i for v in facts.values() if isinstance(v, list) for i in v)]
    places = [(r, name) for r in records for name in r if name.endswith("_yuan")]
    if not places:
        return None
    record, name = rng.choice(places)
    record[name] = rng.choice(list(BAD))
    return BAD[record[name]]


@pytest.mark.parametrize("rule", CLAUSES)
def test_every_clause_answers_as_its_letter_does(rule):
    rng = random.Random(f"letter {rule}")
    statuses = set()
    for _ in range(1500):
        declared = READINGS.get(rule, {})
        reading = {name: rng.choice(options) for name, options in declared.items() if yes(rng)}
        facts, case = CLAUSES[rule](rng, reading)
        day = rng.choice([date(2023, 3, 1)] * 6 + DAYS)
        wanted = case.answer()
        if day < FIRST or day > LAST:
            code = "BEFORE_ISSUE_DATE" if day < FIRST else "AFTER_EXPIRY"
            wanted = ("out_of_force", 0, 0, "none", {code})
        if rng.random() < 0.1 and (said := spoil(rng, facts)):
            wanted = ("invalid_input", None, None, "none", set(said))
        found = assess(DRAFT, rule, facts, day, reading)
        given = (found.status, found.amount, found.ceiling, found.binding)
        assert given == wanted[:4], (facts, reading, day, wanted)
        besides = set(case.open) if found.status == "ineligible" else set()
        assert wanted[4] <= set(found.codes) <= wanted[4] | besides, (facts, reading, day)
        statuses.add(found.status)
    assert statuses >= {"computed", "ineligible", "out_of_force"}


@pytest.mark.parametrize("especially_major", [True, False])
@pytest.mark.parametrize(
    ("kind", "way"),
    [("重大项目", None), ("总部", "一企一策"), ("区域总部", "一企一策"), ("other", "")],
)
def test_clause_five_names_a_way_and_never_an_amount(kind, way, especially_major):
    facts = {"kind": kind, "especially_major": especially_major}
    found = assess(DRAFT, "P05", facts, FIRST)
    if way == "":
        assert (found.status, found.amount) == ("ineligible", 0)
        assert found.codes == ("NOT_HEADQUARTERS_OR_MAJOR_PROJECT",)
        return
    assert (found.amount, found.ceiling, found.binding) == (None, None, "none")
    if way or especially_major:
        assert (found.status, found.codes) == ("case_by_case", (way or "一事一议",))
    else:
        assert (found.status, found.codes) == ("external_rule", ("按照相关产业政策执行",))


@pytest.mark.parametrize("pledge", [True, False])
@pytest.mark.parametrize(
    ("stage", "fund"),
    [
        ("初创期", "科技风险投资基金"),
        ("成长期", "科技风险投资基金"),
        ("成熟期", "产业引导基金、创投引导基金"),
        ("头部", "战略性新兴投资基金"),
    ],
)
def test_clause_eight_refers_to_a_fund_or_a_guarantee(stage, fund, pledge):
    for need in ("股权", "担保"):
        facts = {"stage": stage, "need": need, "pledge_ip": pledge}
        found = assess(DRAFT, "P08", facts, LAST)
        assert (found.status, found.amount, found.ceiling) == ("referral", None, None)
        if need == "股权":
            assert found.codes == (fund,)
        else:
            assert found.codes[0] == "政府性融资担保机构"
            assert ("GUARANTEE_WITHOUT_IP_PLEDGE_REVIEW" in found.codes) is not pledge
