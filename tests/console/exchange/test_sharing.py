"""A request from one department to another: who may do what, by when, and what it opens."""

from __future__ import annotations

from datetime import date

import pytest

from songhua.console.exchange.services import door, sharing
from songhua.console.ledger.services import audit
from songhua.kit.errors import Conflict, InputError, NotAllowed

from ..city import on

ASKED = {"purpose": "破冰调度", "basis": "航道管理办法第三条", "columns": ["station", "ice_cm"]}
SEEN = "SELECT * FROM harbour_ice ORDER BY _id"


def see(caller):
    return door.deliver(caller, SEEN, route="test").rows


@pytest.fixture
def asked(empty_city, table):
    with on("2024-03-01"):
        row = sharing.draft(empty_city.staff, table.entry, ASKED)
        return sharing.take(empty_city.staff, row, "submit")


def test_from_request_to_use_and_revocation(empty_city, asked):
    city = empty_city
    assert (asked.state, asked.due_on) == ("checking", date(2024, 3, 5))
    with on("2024-03-04"):
        row = sharing.take(city.office, asked, "pass")
    assert row.due_on == date(2024, 3, 18)
    with on("2024-03-11"):
        with pytest.raises(InputError):
            see(city.staff)
        sharing.grant(city.weather, row, {"columns": ["station", "ice_cm"]})
        assert see(city.staff)[0] == (1, "north", 41.5)
        row = sharing.take(city.weather, row, "deliver")
        row = sharing.take(city.staff, row, "feed_back", "用于 3 次破冰调度，免提交材料 2 份")
        row = sharing.take(city.weather, row, "revoke", "数据停止更新")
        with pytest.raises(InputError):
            see(city.staff)
    assert [step.action for step in row.steps.all()] == [
        "submit", "pass", "grant", "deliver", "feed_back", "revoke"
    ]  # fmt: skip
    assert audit.verify() == []


def test_nobody_takes_a_step_that_is_anothers(empty_city, asked):
    city = empty_city
    for actor, action in ((city.staff, "pass"), (city.weather, "pass"), (city.leader, "pass"),
                          (city.weather, "withdraw")):  # fmt: skip
        with pytest.raises(NotAllowed):
            sharing.take(actor, asked, action, "理由")
    with pytest.raises(Conflict):
        sharing.take(city.staff, asked, "feed_back", "还没有")
    row = sharing.take(city.office, asked, "pass")
    for actor in (city.staff, city.office):
        with pytest.raises(NotAllowed):
            sharing.grant(actor, row, {"columns": ["station"]})


def test_a_refusal_can_be_disputed_and_reviewed_again(empty_city, asked):
    city = empty_city
    row = sharing.take(city.office, asked, "pass")
    with pytest.raises(Conflict):
        sharing.take(city.weather, row, "refuse")
    row = sharing.take(city.weather, row, "refuse", "含个人信息")
    row = sharing.take(city.staff, row, "dispute", "所需字段不含个人信息")
    row = sharing.take(city.office, row, "settle", "字段不含个人信息")
    assert row.state == "reviewing" and row.due_on


def test_an_empty_request_and_an_unknown_column_are_told(empty_city, table):
    city = empty_city
    row = sharing.draft(city.staff, table.entry, {"purpose": "破冰"})
    with pytest.raises(Conflict) as caught:
        sharing.take(city.staff, row, "submit")
    assert caught.value.problems[0].code == "request_says_nothing"
    row = sharing.edit(city.staff, row, ASKED | {"columns": ["height"]})
    row = sharing.take(city.office, sharing.take(city.staff, row, "submit"), "pass")
    with pytest.raises(InputError) as caught:
        sharing.grant(city.weather, row, {"columns": ["height"]})
    assert caught.value.problems[0].code == "request_columns_nowhere"
    assert row.grants.count() == 0


def test_the_day_after_the_last_one_of_every_grant_the_request_has_expired(empty_city, asked):
    city = empty_city
    row = sharing.take(city.office, asked, "pass")
    with on("2024-03-11"):
        sharing.grant(city.weather, row, {"columns": ["station"],
                      "valid_until": date(2024, 6, 1)})  # fmt: skip
    with on("2024-05-31"):
        assert sharing.expire() == 0 and see(city.staff)
    with on("2024-06-01"):
        assert sharing.expire() == 1
        with pytest.raises(InputError):
            see(city.staff)
    row.refresh_from_db()
    assert row.state == "expired" and audit.verify() == []


def test_where_the_working_days_of_the_year_are_unknown_nothing_is_guessed(empty_city, asked):
    with on("2031-12-20"), pytest.raises(InputError) as caught:
        sharing.take(empty_city.office, asked, "pass")
    assert caught.value.problems[0].code == "calendar_year_unknown"
    asked.refresh_from_db()
    assert asked.state == "checking"
