"""A frame of applications gets, row by row, the very answers that `assess` gives."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from itertools import product

import polars as pl
import pytest

from songhua.kit.errors import InputError
from songhua.kit.money import yuan
from songhua.policy import assess, bundled
from songhua.policy.batch import assess_batch
from songhua.policy.model import ListFact, ScalarFact, Share, Stairs, TableFact
from songhua.policy.values import LARGEST_FEN

DAY = date(2023, 3, 1)
DAYS = [DAY, date(2022, 8, 23), date(2022, 8, 24), date(2023, 12, 31), date(2024, 1, 1)]
DTYPES = {"bool": pl.Boolean, "review": pl.Boolean, "integer": pl.Int64}
BAD = [None, "", "-0.01", "0.001", "-0.001", "NaN", "-inf", "1e3", "1,000", "１", " 1", "1\n", "+1"]
BAD += ["9" * 17, "9" * 25, "10000000000000.01", "1.", ".5", "ınf", "İNF", "-1.005", "0x1", "1.000"]
ODD = ["-0.00", "007.5", "0", "0.1", "10000000000000.00", "0" * 30 + "5.05"]
RULES = [(p, rule) for p in bundled() for rule in p.rules]
NAMES = [f"{p.version}-{rule}" for p, rule in RULES]


def bounds(node, found=None):
    """Every amount and count written in a rule."""
    found = [] if found is None else found
    if isinstance(node, dict):
        for key, part in node.items():
            if key in ("amount", "count", "start", "each") and isinstance(part, int):
                found.append(part)
            bounds(part, found)
    elif isinstance(node, tuple | list):
        for part in node:
            bounds(part, found)
    return found


class Draw:
    """Random applications of one rule, close to everything that the rule tells apart."""

    def __init__(self, rule, seed, bad=0.1):
        self.rule, self.random, self.bad = rule, random.Random(seed), bad
        edges = set(bounds(rule.model_dump()))
        if rule.cap:
            edges.add(rule.cap.amount)
            if isinstance(rule.grant, Share):
                edges |= {rule.cap.amount // rule.grant.rate, LARGEST_FEN}
            if isinstance(rule.grant, Stairs):
                edges |= {rule.grant.start + k * rule.grant.each for k in range(60)}
        self.edges = sorted({int(e) for e in edges} | {0, 10**6})
        self.words = [o for text in self.texts() for o in text] or ["x"]

    def texts(self):
        for fact in self.rule.facts.values():
            for part in fact.fields.values() if isinstance(fact, ListFact) else (fact,):
                if part.type == "text":
                    yield part.options

    def amount(self):
        if self.random.random() < self.bad:
            return self.random.choice(BAD + ODD)
        if self.random.random() < 0.3:
            return yuan(self.random.randrange(10 ** self.random.randrange(1, 13)))
        return yuan(max(0, self.random.choice(self.edges) + self.random.choice([-1, 0, 1, 2, 7])))

    def fact(self, fact):
        pick = self.random.choice
        match fact:
            case ScalarFact(type="amount"):
                return None if not fact.required and self.random.random() < 0.4 else self.amount()
            case ScalarFact(type="integer"):
                return pick([2022, 2023])
            case ScalarFact(type="review"):
                return pick([True, True, False, None])
            case ScalarFact():
                return self.random.random() < 0.7
            case TableFact():
                keys = [a + pick(["+", "", "/"]) + b for a, b in product(*self.texts())]
                return {key: self.amount() for key in keys if self.random.random() < 0.7}
            case ListFact():
                few, many = self.random.randrange(3), self.random.randrange(9, 13)
                size = pick([few, many])
                return [self.item(fact) for _ in range(size)]
            case _:
                return None if not fact.required and pick([0, 1]) else pick([*fact.options, "其他"])

    def item(self, fact):
        draw = {name: self.fact(part) for name, part in fact.fields.items()}
        if self.random.random() < 0.8:  # few bad amounts in a long list, or all lists are bad
            clean = Draw.__new__(Draw)
            clean.__dict__ |= self.__dict__ | {"bad": 0}
            draw = {name: clean.fact(part) for name, part in fact.fields.items()}
        return draw

    def application(self):
        return {name: self.fact(fact) for name, fact in self.rule.facts.items()}


def column(name, fact, values):
    return pl.Series(name, values, dtype=DTYPES.get(fact.type, pl.String))


def frames(rule, applications, days):
    """The applications as `assess_batch` takes them."""
    n = len(applications)
    columns = [pl.Series("applicant", [f"A{i}" for i in range(n)]), pl.Series("day", days, pl.Date)]
    items = {}
    for name, fact in rule.facts.items():
        given = [a[name] for a in applications]
        if isinstance(fact, ListFact):
            owners = [f"A{i}" for i, rows in enumerate(given) for _ in rows]
            rows = [row for rows in given for row in rows]
            fields = [column(k, f, [r[k] for r in rows]) for k, f in fact.fields.items()]
            items[name] = pl.DataFrame([pl.Series("applicant", owners, pl.String), *fields])
        elif isinstance(fact, TableFact):
            if given and given[0] is not None:
                table = {"key": list(given[0]), "yuan": list(given[0].values())}
                items[name] = pl.DataFrame(table, schema={"key": pl.String, "yuan": pl.String})
        else:
            columns.append(column(name, fact, given))
    return pl.DataFrame(columns), items


def tell(found):
    return [
        (r["status"], r["amount_fen"], r["ceiling_fen"], r["binding"], tuple(r["reasons"]))
        for r in found.iter_rows(named=True)
    ]


def one(award):
    return award.status, award.amount, award.ceiling, award.binding, award.codes


def readings(policy, rule):
    declared = policy.readings | rule.readings
    for options in product(*(r.options for r in declared.values())):
        yield dict(zip(declared, options, strict=True))


@pytest.mark.parametrize(("policy", "rule_id"), RULES, ids=NAMES)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_row_of_every_rule_under_every_reading_is_answered_as_assess_does(
    policy, rule_id, seed
):
    rule = policy.rules[rule_id]
    draw = Draw(rule, f"{rule_id}{seed}", bad=0.1 if seed == 1 else 0)
    for reading in readings(policy, rule):
        applications = [draw.application() for _ in range(60)]
        table = next((n for n, f in rule.facts.items() if isinstance(f, TableFact)), None)
        if table:
            applications = [a | {table: applications[0][table]} for a in applications]
        days = [draw.random.choice(DAYS) for _ in applications]
        frame, items = frames(rule, applications, days)
        found = assess_batch(policy, rule_id, frame, "day", reading, items=items)
        expected = [
            one(assess(policy, rule_id, facts, day, reading))
            for facts, day in zip(applications, days, strict=True)
        ]
        assert found["applicant"].to_list() == frame["applicant"].to_list()
        assert tell(found) == expected


def batch(version, rule_id, columns, on=DAY, reading=None, **items):
    policy = next(p for p in bundled() if p.version == version)
    frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(columns)
    return assess_batch(policy, rule_id, frame, on, reading, items=items)


def test_the_random_rows_reach_every_status_and_binding_that_the_rules_have():
    reached = set()
    for policy, rule_id in RULES:
        draw = Draw(policy.rules[rule_id], rule_id, bad=0.03)
        applications = [draw.application() for _ in range(400)]
        frame, items = frames(draw.rule, applications, [DAY] * 400)
        found = assess_batch(policy, rule_id, frame.drop("day"), DAY, items=items)
        reached |= set(found["status"]) | set(found["binding"])
    assert reached >= {
        "computed", "ineligible", "needs_review", "case_by_case", "external_rule", "referral",
        "non_monetary", "invalid_input", "rate", "cap", "prior", "review", "external", "none",
    }  # fmt: skip


Q2 = {"applicant": ["a", "b", "c"]}


def test_amounts_may_be_text_decimals_or_whole_fen():
    texts = ["30000000.00", "29999999.99", None]
    answers = tell(batch("issued", "Q2", Q2 | {"output_growth_yuan": texts}))
    assert [answer[:2] for answer in answers] == [
        ("computed", 2 * 10**7), ("ineligible", 0), ("invalid_input", None),
    ]  # fmt: skip
    exact = pl.Series([Decimal(t) if t else None for t in texts], dtype=pl.Decimal(20, 2))
    assert tell(batch("issued", "Q2", Q2 | {"output_growth_yuan": exact})) == answers
    fen = [3 * 10**9, 3 * 10**9 - 1, None]
    assert tell(batch("issued", "Q2", Q2 | {"output_growth_fen": fen})) == answers


def test_numbers_where_text_belongs_and_fen_out_of_range_are_bad_amounts():
    for given in ([3.0e9, float("nan"), float("inf")], [3, -1, 10**12]):
        found = batch("issued", "Q2", Q2 | {"output_growth_yuan": given})
        policy = next(p for p in bundled() if p.version == "issued")
        expected = [one(assess(policy, "Q2", {"output_growth_yuan": v}, DAY)) for v in given]
        assert tell(found) == expected
    found = batch("issued", "Q2", Q2 | {"output_growth_fen": [-1, None, 10**15 + 1]})
    reasons = [["AMOUNT_NEGATIVE"], ["AMOUNT_NOT_DECIMAL_STRING"], ["AMOUNT_TOO_LARGE"]]
    assert found["reasons"].to_list() == reasons


@pytest.mark.parametrize("fen", [["1", "2", "3"], [1.0, 2.0, 3.0]])
def test_a_column_of_fen_holds_whole_numbers_and_nothing_is_taken_for_yuan(fen):
    with pytest.raises(InputError) as caught:
        batch("issued", "Q2", Q2 | {"output_growth_fen": fen})
    assert [(p.where, p.code) for p in caught.value.problems] == [
        ("output_growth_yuan", "policy_fact_not_integer")
    ]


@pytest.mark.parametrize(
    ("table", "answer"),
    [
        ({"key": ["主持制定+国家标准"], "yuan": ["5.00"]}, ("computed", 500)),
        ({"key": ["主持制定国家标准"], "fen": [500]}, ("computed", 500)),
        ({"key": ["主持制定国家标准"], "fen": [None]}, ("invalid_input", None)),
        ({"key": ["主持制定国家标准"], "fen": [-1]}, ("invalid_input", None)),
        ({"key": ["x"], "fen": [1]}, ("external_rule", None)),
        ({"key": [], "fen": []}, ("external_rule", None)),
        (None, ("external_rule", None)),
    ],
)
def test_another_documents_table_serves_every_applicant(table, answer):
    facts = {"applicant": [1], "role": ["主持制定"], "level": ["国家标准"]}
    schema = {"fen": pl.Int64} if table and "fen" in table else None
    items = {"external_table": pl.DataFrame(table, schema_overrides=schema)} if table else {}
    assert tell(batch("draft-2022", "P09a", facts, **items))[0][:2] == answer


@pytest.mark.parametrize("table", [{"key": ["x"], "fen": ["1"]}, {"key": ["x"]}, {"k": [1]}])
def test_a_table_of_another_form_is_refused(table):
    facts = {"applicant": [1], "role": ["主持制定"], "level": ["国家标准"]}
    with pytest.raises(InputError) as caught:
        batch("draft-2022", "P09a", facts, external_table=pl.DataFrame(table))
    assert [p.code for p in caught.value.problems] == ["policy_table_columns"]


def machines(owners, prices, buyer="builder"):
    n = len(owners)
    yes, columns = [True] * n, {"applicant": owners, "amount_fen": prices}
    flags = {"newly_purchased": yes, "for_rd": yes, "buyer": [buyer] * n}
    return pl.DataFrame(columns | flags, schema_overrides={"amount_fen": pl.Int64})


P02A = {"applicant": [1, 2, 3], "platform_kind": ["共性技术研发平台"] * 3}


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["其他", "共性技术研发平台"])])
def test_texts_may_be_categories_even_where_a_word_of_the_rule_is_not_among_them(dtype):
    kinds = pl.Series(
        "platform_kind", ["共性技术研发平台", "其他", "共性技术研发平台"], dtype=dtype
    )
    frame = pl.DataFrame({"applicant": [1, 2, 3]}).with_columns(kinds)
    bought = machines([1, 2, 3], [100] * 3).with_columns(
        buyer=pl.Series(["other"] * 3, dtype=pl.Enum(["other"]))
    )
    found = batch("draft-2022", "P02a", frame, equipment=bought)
    assert found["reasons"].to_list() == [
        ["ZERO_BASE"], ["WRONG_PLATFORM_KIND", "ZERO_BASE"], ["ZERO_BASE"],
    ]  # fmt: skip


def test_applicants_beyond_one_part_are_answered_in_their_order(monkeypatch):
    policy = next(p for p in bundled() if p.version == "draft-2022")
    draw = Draw(policy.rules["P03b"], "parts", bad=0.03)
    applications = [draw.application() for _ in range(250)]
    frame, items = frames(draw.rule, applications, [DAY] * 250)
    frame, whole = frame.drop("day"), assess_batch(policy, "P03b", frame, "day", items=items)
    for part in (1, 7, 249, 250):
        monkeypatch.setattr("songhua.policy.batch.assessment.PART", part)
        assert assess_batch(policy, "P03b", frame, DAY, items=items).equals(whole)


def test_items_may_stand_in_any_order_and_an_applicant_may_have_none():
    scattered = machines([3, 1, 3, 1, 3], [100, 1, 200, 2, 300])
    found = batch("draft-2022", "P02a", P02A, equipment=scattered)
    assert found["amount_fen"].to_list() == [1, 0, 120]
    assert found["reasons"].to_list() == [[], ["ZERO_BASE"], []]
    none = batch(
        "draft-2022", "P02a", P02A, equipment=machines([], []).cast({"applicant": pl.Int64})
    )
    assert none["status"].to_list() == ["ineligible"] * 3


def test_sums_beyond_64_bits_stay_exact():
    """No list of real purchases is as long, yet no sum may ever wrap around."""
    many = 9300
    found = batch(
        "draft-2022", "P02a", P02A, equipment=machines([2] * many, [LARGEST_FEN] * many)
    )  # fmt: skip
    assert found.row(1, named=True)["amount_fen"] == 10**9
    assert found["binding"].to_list() == ["none", "cap", "none"]


def test_no_applicants_get_no_answers():
    empty = pl.DataFrame(P02A).clear()
    found = batch(
        "draft-2022", "P02a", empty, equipment=machines([], []).cast({"applicant": pl.Int64})
    )
    assert found.shape == (0, 6)


@pytest.mark.parametrize(
    ("change", "where", "code", "row"),
    [
        ({"colour": ["red"] * 3}, "facts", "unknown_key", None),
        ({"platform_kind": [1, 2, 3]}, "platform_kind", "policy_fact_not_text", None),
        ({"platform_kind": ["x", None, "y"]}, "platform_kind", "policy_fact_missing", 2),
        ({"platform_kind": None}, "platform_kind", "policy_fact_missing", None),
        ({"applicant": [1, 2, 1]}, "applicant", "policy_applicant_twice", 3),
        ({"applicant": [1, None, 3]}, "applicant", "policy_fact_missing", 2),
        ({"applicant": [1, 2, 4]}, "equipment.applicant", "policy_applicant_unknown", 2),
        ({"prior_paid_yuan": ["1"] * 3, "prior_paid_fen": [1] * 3}, "prior_paid_yuan",
         "given_twice", None),
    ],
)  # fmt: skip
def test_faults_of_structure_name_the_column_and_its_first_row(change, where, code, row):
    columns = {name: column for name, column in (P02A | change).items() if column is not None}
    with pytest.raises(InputError) as caught:
        batch("draft-2022", "P02a", columns, equipment=machines([1, 3], [5, 5]))
    (problem,) = caught.value.problems
    assert (problem.where, problem.code, problem.row) == (where, code, row)
    for language in ("zh", "en"):
        assert problem.text(language) != problem.code


def test_every_fault_is_told_at_once():
    with pytest.raises(InputError) as caught:
        batch(
            "draft-2022", "P02c", {"applicant": [1], "year": [None], "size": [3]}, "day",
            services=pl.DataFrame({"applicant": [1], "year": ["2023"]}), tenants=pl.DataFrame(),
        )  # fmt: skip
    assert sorted((p.where, p.code) for p in caught.value.problems) == [
        ("facts", "unknown_key"),
        ("items", "unknown_key"),
        ("on", "not_a_date"),
        ("platform_kind", "policy_fact_missing"),
        ("services.customer_local", "policy_fact_missing"),
        ("services.income_yuan", "policy_fact_missing"),
        ("services.year", "policy_fact_not_integer"),
        ("year", "policy_fact_missing"),
    ]


def test_an_unknown_rule_reading_or_option_is_refused_as_for_one_application():
    for rule, reading in (("P99", None), ("P02a", {"mood": "x"}), ("P02a", {"rounding": "x"})):
        with pytest.raises(InputError):
            batch("draft-2022", rule, P02A, DAY, reading)


def test_a_rule_with_more_conditions_than_fit_one_column_of_signs_is_judged_the_same():
    policy = next(p for p in bundled() if p.version == "draft-2022")
    rule = policy.rules["P04"]
    many = tuple(
        condition.model_copy(update={"code": f"{condition.code}_{n}"})
        for n in range(12)
        for condition in rule.conditions[:3]
    )
    longer = rule.model_copy(update={"conditions": many + rule.conditions[3:]})
    policy = policy.model_copy(update={"rules": policy.rules | {"P04": longer}})
    draw = Draw(longer, "many", bad=0.02)
    applications = [draw.application() for _ in range(300)]
    frame, _ = frames(longer, applications, [DAY] * 300)
    found = assess_batch(policy, "P04", frame, "day")
    assert tell(found) == [one(assess(policy, "P04", facts, DAY)) for facts in applications]
