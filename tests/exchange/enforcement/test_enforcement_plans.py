"""What a plan says of itself: what it touches, how much is left, whose it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from songhua.exchange.enforcement import Usage, plan
from songhua.kit.errors import InputError, NotAllowed

from .city import AT, DEVICES, HOMES


def test_the_same_question_gives_the_same_plan(ask):
    query = "SELECT h.owner, d.* FROM homes AS h JOIN devices AS d USING (home_id) ORDER BY 1"
    assert ask(query) == ask(query)
    assert ask(query, grants=(DEVICES, HOMES)).sql == ask(query).sql


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM homes UNION ALL SELECT * FROM homes",
        "SELECT * FROM homes WHERE rooms IN (SELECT rooms FROM homes)",
        "WITH a AS (SELECT * FROM homes) SELECT * FROM a UNION SELECT * FROM homes",
        "SELECT (SELECT max(rooms) FROM homes) FROM homes",
    ],
)
def test_every_mention_of_a_dataset_is_cut(ask, query):
    sql = ask(query).sql
    assert sql.count('FROM "homes" AS "source" WHERE') == query.count("FROM homes") == 2
    assert sql.count('FROM "homes"') == 2


@pytest.mark.parametrize(
    ("query", "touched"),
    [
        ("SELECT count(*) FROM homes", {"homes": ()}),
        ("SELECT ROOMS FROM HOMES", {"homes": ("rooms",)}),
        ("SELECT d.* FROM homes, devices AS d",
         {"homes": (), "devices": ("device_id", "home_id", "reading")}),
        ("SELECT reading FROM devices JOIN homes USING (home_id)",
         {"homes": ("home_id",), "devices": ("home_id", "reading")}),
        ("WITH a AS (SELECT * FROM homes) SELECT rooms FROM a",
         {"homes": ("home_id", "owner", "district", "rooms", "built")}),
    ],
)  # fmt: skip
def test_the_plan_names_every_column_that_it_can_read_and_reads_no_other(ask, query, touched):
    made = ask(query)
    assert made.touched == touched
    for dataset, columns in touched.items():
        filtered = {"district", "income"} if dataset == "homes" else set()
        assert set(made.sources[dataset]) == set(columns) | filtered


def test_a_grant_that_is_not_passed_opens_nothing(ask):
    assert ask("SELECT rooms FROM homes")
    for query in ("SELECT rooms FROM homes", "SELECT reading FROM devices, homes"):
        with pytest.raises(InputError, match="query_name_unknown 'homes'"):
            ask(query, grants=[DEVICES])


def test_purpose_and_days_bind(ask):
    ended = replace(HOMES, valid_until=date(2026, 1, 5))
    for grants, purpose in (([ended], "heating"), ([HOMES], "marketing")):
        with pytest.raises(InputError, match="query_name_unknown"):
            ask("SELECT rooms FROM homes", grants=grants, purpose=purpose)
    with pytest.raises(ValueError, match="zone"):
        ask("SELECT rooms FROM homes", at=datetime(2026, 1, 5))  # noqa: DTZ001


def test_a_grant_that_no_longer_suits_the_catalogue_opens_nothing():
    catalogue = {"homes": {"rooms": "INTEGER", "owner": "TEXT"}}
    # The filter's column is gone: a name of the question's own must not take its place.
    grant = replace(HOMES, columns=frozenset({"rooms"}), rules={}, rows="income < 9")
    query = "SELECT * FROM (SELECT 1 AS income, rooms FROM homes) AS source, homes"
    with pytest.raises(InputError, match="query_name_unknown"):
        plan(query, [grant], catalogue, "heating", AT, Usage())


def test_two_grants_of_one_dataset_must_be_told_apart_and_grantees_never_mix(ask):
    with pytest.raises(InputError, match="query_grants_overlap"):
        ask("SELECT rooms FROM homes", grants=[HOMES, replace(HOMES, rows="")])
    with pytest.raises(InputError, match="query_grantees_mixed"):
        ask("SELECT rooms FROM homes", grants=[HOMES, replace(DEVICES, grantee="other")])


def test_export_needs_every_grant(ask):
    open_homes = replace(HOMES, may_export=True)
    assert ask("SELECT rooms FROM homes", grants=[open_homes, DEVICES]).may_export
    assert not ask("SELECT rooms FROM homes, devices", grants=[open_homes, DEVICES]).may_export


@pytest.mark.parametrize(
    ("query", "ending"),
    [
        ("SELECT rooms FROM homes", "LIMIT 7"),
        ("SELECT rooms FROM homes LIMIT 3", "LIMIT 3"),
        ("SELECT rooms FROM homes LIMIT 99 OFFSET 2", "LIMIT 7 OFFSET 2"),
        ("SELECT rooms FROM homes UNION ALL SELECT rooms FROM homes LIMIT 8", "LIMIT 7"),
    ],
)
def test_no_more_rows_than_the_day_has_left(ask, query, ending):
    grants = [replace(HOMES, daily_rows=10)]
    made = ask(query, grants=grants, used=Usage(rows={"homes": 3}))
    assert made.sql.endswith(ending) and made.most_rows == 7
    assert [reason.code for reason in made.reasons] == ["query_rows_left"]


def test_a_day_that_is_used_up_is_refused(ask):
    bounded = [replace(HOMES, daily_rows=10, daily_bytes=100)]
    for used in (Usage(rows={"homes": 10}), Usage(bytes={"homes": 200})):
        with pytest.raises(NotAllowed, match="query_volume_spent"):
            ask("SELECT rooms FROM homes", grants=bounded, used=used)


def test_names_and_types_of_the_catalogue_are_plain():
    for schema in ({'a" INT); DROP': "TEXT"}, {"a": "TEXT[]"}, {"a": "TEXT); DROP TABLE x"}):
        grant = replace(DEVICES, columns=frozenset(schema), dataset="t")
        with pytest.raises(ValueError, match=r"not served|cannot name"):
            plan("SELECT * FROM t", [grant], {"t": schema}, "heating", AT, Usage())


def test_names_may_be_chinese():
    grant = replace(DEVICES, dataset="住房", columns=frozenset({"面积"}), rows="区 = '道里'")
    catalogue = {"住房": {"面积": "DOUBLE", "区": "TEXT"}}
    made = plan("SELECT 面积 FROM 住房", [grant], catalogue, "heating", AT, Usage())
    assert made.columns == (("面积", "DOUBLE"),)
