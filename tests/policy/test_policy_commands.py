"""The rules on the command line: a line for everything wrong, and the answer in both languages."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from songhua.cli import main

POLICIES = Path(str(files("songhua.programmes"))) / "harbin_2022" / "policies"
CASES = "case_id,rule,base_yuan,expected_amount_yuan\n"
SCENE = {
    "field": "智慧供热",
    "shortlisted": True,
    "government_investment": False,
    "is_investor": True,
    "total_investment_yuan": "10000000.00",
}


@pytest.fixture
def say(capsys):
    """Run `songhua policy …`: the exit code, the lines of the answer, and of the refusal."""

    def run(*arguments):
        code = main(["policy", *map(str, arguments)])
        told = capsys.readouterr()
        return code, told.out.splitlines(), told.err

    return run


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_the_rules_that_ship_pass(say):
    code, lines, _ = say("check")
    assert code == 0
    assert lines[-1].startswith("passed ")
    assert len(lines) == 1


def test_another_policy_answers_its_cases_from_its_folder(say, tmp_path):
    """The same folder under another name, with another threshold: no Python knows it."""
    folder = shutil.copytree(POLICIES / "industry_2021" / "issued", tmp_path / "other")
    rule = folder / "Q1.yaml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("2000万元}", "1000万元}"), "utf-8")
    cases = write(tmp_path / "cases.csv", CASES + "a,Q1,10000000.00,500000.00\n")
    assert say("check", "--policies", folder, "--cases", cases)[:2] == (0, ["passed 1/1"])
    code, lines, _ = say("check", "--cases", cases)
    assert (code, lines[-1], len(lines)) == (1, "passed 0/1", 2)
    assert "a Q1" in lines[0]


def test_a_fault_in_a_file_is_told_with_its_line_and_fails_the_check(say, tmp_path):
    folder = shutil.copytree(POLICIES / "industry_2021", tmp_path / "other")
    rule = folder / "issued" / "Q1.yaml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("rate: 5%", "rate: 5"), "utf-8")
    code, lines, _ = say("check", "--policies", folder)
    assert code == 1
    assert lines[0].startswith("issued/Q1.yaml:16: ")
    assert lines[-1] == "passed 0/1"
    assert say("check", "--cases", tmp_path / "absent.csv")[0] == 1


def test_an_award_is_told_in_both_languages(say, tmp_path):
    facts = write(tmp_path / "facts.json", json.dumps(SCENE))
    code, lines, _ = say("assess", "P04", "--facts", facts, "--on", "2023-03-01")
    assert code == 0
    assert lines[:3] == [
        "status: computed  可以计算 / computed", "amount_yuan: 3000000.00",
        "ceiling_yuan: 3000000.00",
    ]  # fmt: skip
    text = "\n".join(lines)
    assert "总投资额 10,000,000.00元 × 30% = 3,000,000.00元" in text
    assert "Total investment: 10,000,000.00 yuan × 30% = 3,000,000.00 yuan" in text


def test_reasons_are_told_and_unknown_is_not_zero(say, tmp_path):
    facts = write(tmp_path / "facts.json", json.dumps(SCENE | {"shortlisted": None}))
    for rule in ("P04", "issued-2022/P04", "pilot_zone/issued-2022/P04"):
        _, lines, _ = say("assess", rule, "--facts", facts, "--on", "2023-03-01")
        assert lines[1] == "amount_yuan: 未知 / unknown"
        assert any(line.startswith("reason: SHORTLIST_PENDING") for line in lines)


def test_a_reading_changes_the_answer(say, tmp_path):
    half = SCENE | {"total_investment_yuan": "0.05"}
    facts = write(tmp_path / "facts.json", json.dumps(half))
    asked = ("assess", "P04", "--facts", facts, "--on", "2023-03-01")
    assert say(*asked)[1][1] == "amount_yuan: 0.02"
    assert say(*asked, "--reading", "rounding=down")[1][1] == "amount_yuan: 0.01"


@pytest.mark.parametrize(
    "arguments",
    [
        ("assess", "P99", "--facts", "F", "--on", "2023-03-01"),
        ("assess", "P04", "--facts", "F", "--on", "spring"),
        ("assess", "P04", "--facts", "F"),
        ("assess", "P04", "--on", "2023-03-01"),
        ("assess", "P04", "--facts", "absent.json", "--on", "2023-03-01"),
        ("assess", "--facts", "F", "--on", "2023-03-01"),
        ("assess", "a/b/c/P04", "--facts", "F", "--on", "2023-03-01"),
        ("assess", "P04", "--facts", "F", "--on", "2023-03-01", "--reading", "mood=good"),
        ("assess", "P04", "--facts", "LIST", "--on", "2023-03-01"),
        ("diff", "draft-2022"),
        ("diff", "draft-2022", "draft-1999"),
        ("check", "something"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_both_languages(say, tmp_path, arguments):
    known = {
        "F": write(tmp_path / "facts.json", json.dumps(SCENE)),
        "LIST": write(tmp_path / "list.json", "[1]"),
    }
    code, lines, refusal = say(*(known.get(a, a) for a in arguments))
    assert (code, lines) == (1, []) or (code, lines[-1]) == (1, "passed 0/1")
    assert " / " in refusal + "".join(lines)


def test_the_difference_of_two_versions_names_field_and_words(say):
    code, lines, _ = say("diff", "pilot_zone/draft-2022", "issued-2022")
    assert code == 0
    assert "P02a.cap.kind: cumulative → one_off" in lines
    assert say("diff", "issued-2022", "issued-2022")[:2] == (0, [])
