"""Whoever asks sees what is granted at that moment, and nothing else; it is metered and logged."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from songhua.console import clock
from songhua.console.exchange.models import Event, Use
from songhua.console.exchange.services import contents, door, entries, evidence, granting
from songhua.console.ledger.services import audit
from songhua.exchange.log.verification import verify
from songhua.kit.errors import Conflict, InputError, NotAllowed

ALL = "SELECT * FROM harbour_ice ORDER BY _id"


def see(caller, query=ALL, **more):
    return door.deliver(caller, query, route="test", **more).rows


def grant(city, table, **given):
    return granting.grant(
        city.weather, table, city.units["harbour_bureau"],
        {"columns": ["station", "ice_cm"], "purpose": "破冰调度", **given},
    )  # fmt: skip


def refused(caller, query=ALL, **more):
    with pytest.raises(InputError) as caught:
        see(caller, query, **more)
    return [problem.code for problem in caught.value.problems]


def test_nobody_but_its_own_department_sees_a_table_that_is_not_granted(empty_city, table):
    assert see(empty_city.weather)[0][1:4] == ("north", "张三", 41.5)
    for caller in (None, empty_city.staff, empty_city.office, empty_city.enterprise):
        assert refused(caller) == ["query_name_unknown"]


def test_a_grant_opens_its_columns_and_rows_for_its_purpose(empty_city, table):
    grant(empty_city, table, rows="station = 'north'", rules={"ice_cm": {"rule": "band",
          "width": 10}})  # fmt: skip
    assert see(empty_city.staff) == [(1, "north", 40), (2, "north", 40)]
    assert see(empty_city.staff, purpose="破冰调度") == see(empty_city.staff)
    assert refused(empty_city.staff, purpose="别的用途") == ["query_name_unknown"]
    assert refused(empty_city.staff, "SELECT person FROM harbour_ice") == ["query_name_unknown"]


def test_rows_are_numbered_among_those_that_are_granted(empty_city, table):
    grant(empty_city, table, rows="station = 'south'")
    numbers = "SELECT _id FROM harbour_ice ORDER BY _id"
    assert see(empty_city.staff, numbers) == [(1,), (2,)]
    assert see(empty_city.staff, "SELECT max(_id) AS n FROM harbour_ice") == [(2,)]
    assert see(empty_city.staff, "SELECT station FROM harbour_ice WHERE _id = 1") == [("south",)]
    assert see(empty_city.weather, numbers) == [(1,), (2,), (3,), (4,)]
    opened = door.open_tables(empty_city.staff, [table])
    assert [opened.own_number("harbour_ice", n) for n in (1, 2, 3)] == [3, 4, None]


def test_a_page_is_cut_from_the_same_rows_whoever_asked_before(empty_city, table):
    grant(empty_city, table, rows="station = 'south'")
    asked = "SELECT _id, station FROM harbour_ice ORDER BY _id"
    own, granted = (
        door.open_tables(who, [table]) for who in (empty_city.weather, empty_city.staff)
    )
    for _ in range(2):
        for opened, n in ((own, 4), (granted, 2)):
            whole = opened.deliver(asked, "test").rows
            for limit, offset in ((50, 0), (1, 1), (2, 2), (0, 0), (5, 9), (2000, 1)):
                page = opened.deliver(asked, "test", (limit, offset))
                assert page.rows == whole[offset : offset + limit]
                assert page.total in (None, n)


def test_pages_under_a_volume_are_bound_to_what_is_left_of_it(empty_city, table):
    grant(empty_city, table, daily_rows=3)
    opened = door.open_tables(empty_city.staff, [table])
    asked = "SELECT _id FROM harbour_ice ORDER BY _id"
    assert opened.deliver(asked, "test", (2, 1)).rows == [(2,), (3,)]
    assert opened.deliver(asked, "test", (2, 0)).rows == [(1,)]
    with pytest.raises(NotAllowed):
        opened.deliver(asked, "test", (2, 0))


def test_revocation_and_the_last_day_bite_with_the_next_question(empty_city, table):
    row = grant(empty_city, table)
    assert len(see(empty_city.staff)) == 4
    granting.revoke(empty_city.weather, row, "用途已结束")
    assert refused(empty_city.staff) == ["query_name_unknown"]
    with pytest.raises(Conflict):
        granting.revoke(empty_city.weather, row, "再次")
    today = clock.today()
    grant(empty_city, table, valid_until=today + timedelta(days=1))
    assert len(see(empty_city.staff)) == 4
    with clock.pinned(today + timedelta(days=1)):
        assert refused(empty_city.staff) == ["query_name_unknown"]


def test_open_data_leave_out_what_a_column_keeps_back(empty_city, table):
    entries.change(empty_city.weather, table.entry, {"is_open": True})
    assert see(None)[0] == (1, "north", 41.5, date(2024, 1, 2))
    entries.withdraw(empty_city.weather, table.entry)
    assert refused(None) == refused(empty_city.weather) == ["query_name_unknown"]


def test_what_is_shared_without_conditions_is_for_departments_only(empty_city, table):
    entries.change(empty_city.weather, table.entry, {"tier": "unconditional"})
    assert len(see(empty_city.staff)) == 4
    assert refused(None) == refused(empty_city.enterprise) == ["query_name_unknown"]


def test_a_new_version_is_seen_by_the_same_question(empty_city, table):
    before = see(empty_city.weather)
    contents.change(empty_city.weather, table, lambda rows: rows.filter(rows["_id"] > 2))
    after = see(empty_city.weather)
    assert after == before[2:]
    contents.append(empty_city.weather, table, contents.frame(table.current).head(1).drop("_id"))
    assert [row[0] for row in see(empty_city.weather)] == [3, 4, 5]


def test_two_purposes_have_to_be_told_apart(empty_city, table):
    grant(empty_city, table)
    grant(empty_city, table, purpose="年度统计", columns=["station"])
    assert refused(empty_city.staff) == ["exchange_purpose_needed"]
    assert see(empty_city.staff, purpose="年度统计")[0] == (1, "north")


def test_the_volume_of_a_day_holds_over_several_questions(empty_city, table):
    grant(empty_city, table, daily_rows=5)
    assert len(see(empty_city.staff)) == 4
    assert len(see(empty_city.staff)) == 1
    with pytest.raises(NotAllowed):
        see(empty_city.staff)
    with clock.pinned(clock.today() + timedelta(days=1)):
        assert len(see(empty_city.staff)) == 4


def test_what_is_delivered_is_metered_and_provably_logged(empty_city, table, settings, tmp_path):
    made = grant(empty_city, table)
    index = door.deliver(empty_city.staff, ALL, route="test").receipt
    use = Use.objects.get()
    assert (use.holder, use.grant, use.requests, use.rows) == (f"grant:{made.pk}", made, 1, 4)
    with pytest.raises(Conflict):
        evidence.receipt(index)
    assert evidence.seal() == index + 1 and evidence.seal() == 0
    told = json.loads(evidence.event(index))
    assert told["kind"] == "delivery" and told["rows"] == 4 and told["to"] == "staff"
    key = evidence.signing_key().public
    assert evidence.receipt(index).verify(evidence.event(index), [key]).size == index + 1
    assert verify(evidence.root(), [key]) == []
    assert [row.index for row in Event.objects.all()] == [index]
    assert door.deliver(empty_city.staff, ALL, route="test").receipt == index + 1
    assert audit.verify() == []


def test_an_event_that_was_taken_out_before_sealing_stops_the_log(empty_city, table):
    evidence.seal()
    for _ in range(3):
        index = door.deliver(empty_city.weather, ALL, route="test").receipt
    Event.objects.filter(index=index - 1).delete()
    with pytest.raises(Conflict) as caught:
        evidence.seal()
    assert caught.value.problems[0].code == "exchange_events_missing"


def test_a_seal_that_was_cut_short_is_taken_up_where_the_files_end(empty_city, table):
    from songhua.console.exchange.services.evidence import _begun, _waiting
    from songhua.exchange.log.files import FileStore

    with FileStore(_begun(), write=True) as store:
        store.append(body for _, body in _waiting(0))
        held = store.size
    index = door.deliver(empty_city.weather, ALL, route="test").receipt
    assert index == held and evidence.seal() == 1
    assert evidence.receipt(0).verify(evidence.event(0), [evidence.signing_key().public])
