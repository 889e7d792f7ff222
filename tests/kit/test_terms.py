"""A term is declared once and is called by its name and unit in both languages."""

from __future__ import annotations

import pytest

from songhua.kit.terms import Term, terms


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [("min", "候诊（min）", "Wait (min)"), ("1", "候诊", "Wait"), ("", "候诊", "Wait")],
)
def test_a_label_shows_its_unit_where_there_is_one(unit, zh, en):
    term = Term("wait", unit, "候诊", "Wait", "定义", "Definition", "")
    assert (term.label("zh"), term.label("en")) == (zh, en)
    assert (term.definition("zh"), term.definition("en")) == ("定义", "Definition")


def test_terms_are_found_by_name(toy_scenario):
    found = terms(toy_scenario.package)
    assert found["weight_kg"].label("zh") == "重量（kg）"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\nitem,", "\nkind,,又一次,Again,重复,Again,\nitem,", "declared twice"),
        ("name,unit", "name,measure", "measure"),
    ],
)
def test_a_term_declared_twice_or_in_other_columns_is_a_fault_of_ours(install_toy, old, new, said):
    toy = install_toy("terms.csv", old, new)
    with pytest.raises((ValueError, TypeError), match=said):
        terms(toy.package)
