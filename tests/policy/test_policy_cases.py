"""Worked cases: those of a jurist in cases/*.yaml, and those of the programme's own files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from songhua.kit.errors import InputError
from songhua.kit.money import yuan
from songhua.policy import assess, bundled, run_cases

CASES = Path(__file__).parent / "cases"
POLICIES = {(p.policy, p.version): p for p in bundled()}


def written_cases():
    for file in sorted(CASES.glob("*.yaml")):
        sheet = yaml.safe_load(file.read_text(encoding="utf-8"))
        policy = POLICIES[sheet["policy"], sheet["version"]]
        for case in sheet["cases"]:
            facts = sheet["usual"][case["rule"]] | case.get("facts", {})
            name = f"{file.stem} {case['rule']} {case['what']}"
            yield pytest.param(policy, case, spread(facts), id=name)


def spread(facts):
    """Groups of tenants as single tenants."""
    if "tenants" not in facts:
        return facts
    tenants = []
    for group in facts["tenants"]:
        one = {key: value for key, value in group.items() if key != "times"}
        tenants += [one] * group["times"]
    return facts | {"tenants": tenants}


@pytest.mark.parametrize(("policy", "case", "facts"), list(written_cases()))
def test_a_case_comes_out_as_the_jurist_wrote_it(policy, case, facts):
    award = assess(
        policy, case["rule"], facts, case.get("day", date(2023, 3, 1)), case.get("reading")
    )
    parts = ("-" if fen is None else yuan(fen) for fen in (award.amount, award.ceiling))
    assert " ".join((award.status, *parts, award.binding)) == case["answer"]
    assert set(case.get("because", ())) <= set(award.codes)
    if "because" not in case and award.status == "computed":
        assert award.codes == ()


def test_every_reason_of_every_rule_is_given_in_some_case():
    given = {
        (policy.policy, code)
        for policy, case, facts in (p.values for p in list(written_cases()))
        for code in assess(
            policy, case["rule"], facts, case.get("day", date(2023, 3, 1)), case.get("reading")
        ).codes
    }
    from songhua.policy.checks import sayings

    declared = {
        (policy.policy, saying.code)
        for policy in POLICIES.values()
        for rule in policy.rules.values()
        for _, saying in sayings(rule)
    }
    assert declared - given == {("pilot_zone", "NO_ROUTE")}, "NO_ROUTE guards routes that are total"


@pytest.mark.parametrize("name", ["policy_oracle_dev.csv", "other_policy_oracle_dev.csv"])
def test_the_worked_cases_of_the_programme(shared_data, name):
    run = run_cases(shared_data / "programme" / name)
    assert run.mismatches == ()
    assert run.passed == run.total > 0


HEAD = (
    "case_id,rule,application_date,reading_json,inputs_json,expected_status,expected_amount_yuan,"
    "expected_ceiling_yuan,expected_binding,expected_reasons_json,expected_sets_json\n"
)


def play(tmp_path, *rows, head=HEAD):
    file = tmp_path / "cases.csv"
    file.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return run_cases(file)


GOOD = 'a,P10,2023-03-01,{},"{""dataset"": ""x""}",non_monetary,,,none,[],'


def test_a_mismatch_is_told_with_what_came_out_and_what_was_expected(tmp_path):
    assert play(tmp_path, GOOD).passed == 1
    run = play(tmp_path, GOOD, GOOD.replace(",,,none,[]", ',1.00,,cap,"[""X""]"'))
    assert (run.passed, run.total) == (1, 2)
    (line,) = run.mismatches
    for part in ("a P10", "amount_yuan None, expected 1.00", "binding none, expected cap", "'X'"):
        assert part in line


@pytest.mark.parametrize(
    "row",
    [
        GOOD.replace("P10", "P99"),
        GOOD.replace("dataset", "data"),
        GOOD.replace("2023-03-01", "spring"),
        GOOD.replace("{}", "{"),
        GOOD.replace("{}", '"{""who"": ""me""}"'),
        GOOD.replace("P10", "PX"),
        "a,P10",
    ],
)
def test_a_case_that_cannot_be_played_is_a_mismatch_and_never_a_crash(tmp_path, row):
    run = play(tmp_path, row, GOOD)
    assert (run.passed, run.total) == (1, 2)


def test_a_file_that_holds_no_cases_is_refused(tmp_path):
    for text in ("", "case_id,rule\na,b\n", "case_id,rule,base_yuan\na,b,1\n"):
        with pytest.raises(InputError):
            play(tmp_path, head=text)
    with pytest.raises(InputError):
        run_cases(tmp_path / "absent.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError):
        run_cases(tmp_path / "binary.csv")


AWARDS = (
    '{"awards": [{"id": "A", "source": "this", "amount_yuan": "3.00", "matters": ["x"]}, '
    '{"id": "B", "source": "city", "amount_yuan": "2.50", "matters": ["x"]}]%s}'
)


@pytest.mark.parametrize(
    ("choice", "day", "answer"),
    [
        ("", "2023-03-01", 'computed,3.00,3.00,optimum,[],"[[""A""]]"'),
        (
            ', "applicant_choice": ["B"]',
            "2023-03-01",
            'computed,2.50,3.00,choice,"[""FORGONE_0.50""]","[[""B""]]"',
        ),
        (
            ', "applicant_choice": ["A", "B"]',
            "2023-03-01",
            'ineligible,0.00,3.00,none,"[""CHOICE_CONFLICTS""]",',
        ),
        (
            ', "applicant_choice": ["C"]',
            "2023-03-01",
            'invalid_input,,,none,"[""UNKNOWN_AWARD_ID""]",',
        ),
        ("", "2024-01-01", 'out_of_force,0.00,0.00,none,"[""AFTER_EXPIRY""]",'),
    ],
)
def test_combinations_are_played_like_rules(tmp_path, choice, day, answer):
    facts = (AWARDS % choice).replace('"', '""')
    run = play(tmp_path, f'a,PX,{day},{{}},"{facts}",{answer}')
    assert run.mismatches == ()
    bad = facts.replace("3.00", "-3.00")
    run = play(tmp_path, f'a,PX,{day},{{}},"{bad}",invalid_input,,,none,"[""AMOUNT_NEGATIVE""]",')
    assert run.mismatches == ()


def test_cost_items_are_played_like_rules(tmp_path):
    facts = (
        '{"clauses": {"P04": {"rate": "3/10", "cap_yuan": "5.00"}, '
        '"P06a": {"rate": "1/2", "cap_yuan": "1.00"}}, "items": ['
        '{"amount_yuan": "4.00", "clauses": ["P06a", "P04"]}, '
        '{"amount_yuan": "2.00", "clauses": ["P06a"]}]}'
    ).replace('"', '""')
    assert play(tmp_path, f'a,PXI,2023-03-01,{{}},"{facts}",computed,2.20,2.20,optimum,[],').passed
