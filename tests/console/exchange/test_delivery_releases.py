"""Nothing about people is opened unseen, and what is told with noise is paid for once."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from songhua.console.exchange.services import contents, door, entries, releases
from songhua.exchange.privacy.deidentification import Policy
from songhua.exchange.privacy.questions import Question
from songhua.kit.errors import Conflict, InputError, NotAllowed


def ask(epsilon, **more):
    return Question(dataset="x", version="0", statistic="count", epsilon=epsilon, **more)


def codes(caught):
    return {problem.code for problem in caught.value.problems}


def test_a_table_without_people_is_opened_and_one_with_them_is_not(empty_city, table):
    assert releases.open_to_all(empty_city.weather, table.entry).is_open
    phone = pl.DataFrame({"station": [f"电话1380013800{n}" for n in range(4)]})
    entries.change(empty_city.weather, table.entry, {"is_open": False})
    rows = contents.frame(table.current).drop("_id").with_columns(phone["station"])
    contents.append(empty_city.weather, table, rows)
    with pytest.raises(InputError) as caught:
        releases.open_to_all(empty_city.weather, table.entry)
    assert codes(caught) & {"opening_identifier", "opening_suspected"}


def test_people_who_stand_out_are_an_obstacle(empty_city, table):
    with pytest.raises(InputError) as caught:
        releases.open_to_all(empty_city.weather, table.entry, ["station", "read_on"])
    assert codes(caught) == {"opening_k"}
    with pytest.raises(InputError) as caught:
        releases.open_to_all(empty_city.weather, table.entry, ["person"])
    assert "privacy_column_unknown" in codes(caught)


def test_the_same_question_is_answered_the_same_and_paid_once(empty_city, table):
    first = releases.tell_with_noise(empty_city.weather, table, ask("1.0"))
    again = releases.tell_with_noise(empty_city.weather, table, ask("1.00"))
    assert first == again and releases.budget_left(table) == releases.EPSILON - 1
    with pytest.raises(Conflict) as caught:
        releases.tell_with_noise(empty_city.weather, table, ask("2.5"))
    assert codes(caught) == {"budget_exceeded"}
    contents.append(empty_city.weather, table, contents.frame(table.current).drop("_id"))
    releases.tell_with_noise(empty_city.weather, table, ask("2"))  # a new version is no new budget
    assert releases.budget_left(table) == Decimal(0)


def test_only_its_department_spends_the_budget(empty_city, table):
    for other in (empty_city.staff, empty_city.enterprise):
        with pytest.raises(NotAllowed):
            releases.tell_with_noise(other, table, ask("1"))


def test_a_copy_without_people_is_a_table_of_its_own(empty_city, table):
    policy = Policy(
        columns={"station": ("keep", "hide"), "ice_cm": ("band 50",)},
        quasi_identifiers=("station",), k=2, suppressed_at_most=0,
    )  # fmt: skip
    made, report = releases.deidentified(empty_city.weather, table, policy, "脱敏版")
    assert report.risk.k == 2 and made.entry == table.entry and made.pk != table.pk
    rows = door.deliver(empty_city.weather, f"SELECT * FROM {made.sql_name}", route="test")
    assert {name for name, _ in rows.columns} == {"_id", "station", "ice_cm"}
