"""The connection that runs a plan sees what the plan needs, stops in time, and quotes no value."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from songhua.exchange.enforcement import Limits, execute
from songhua.kit.errors import InputError, NotAllowed

from .city import DEVICES, HOMES


@pytest.fixture
def files(tmp_path):
    path = tmp_path / "homes.parquet"
    duckdb.execute(
        "COPY (SELECT * FROM (VALUES"
        " ('1', '王小明', 'Daoli', 2, DATE '1998-05-01', 100),"
        " ('2', '12', 'Daoli', 3, DATE '2001-01-01', 200),"
        " ('x', 'SECRET', 'Nangang', 4, DATE '2002-01-01', 300),"
        " ('y', 'SECRET', 'Daoli', 5, DATE '2003-01-01', 9999)"
        f") AS t(home_id, owner, district, rooms, built, income)) TO '{path}' (FORMAT parquet)"
    )
    many = tmp_path / "devices.parquet"
    duckdb.execute(
        "COPY (SELECT 'd' || i AS device_id, '1' AS home_id, CAST(i AS INTEGER) AS reading,"
        f" 'SECRET' AS serial FROM range(20000) AS r(i)) TO '{many}' (FORMAT parquet)"
    )
    return {"homes": [path], "devices": [many]}


def rows(plan, files, limits=None):
    return [row for batch in execute(plan, files, limits) for row in batch]


def test_gives_granted_rows_and_de_identified_columns(ask, files):
    made = ask("SELECT owner, rooms FROM homes ORDER BY rooms")
    assert rows(made, files) == [("王**", 2), ("1*", 3)]


def test_several_files_are_one_table_and_none_is_an_empty_one(ask, files):
    made = ask("SELECT count(*) FROM homes")
    assert rows(made, {"homes": files["homes"] * 2}) == [(4,)]
    assert rows(made, {"homes": []}) == [(0,)]


@pytest.mark.parametrize("condition", ["CAST(home_id AS INTEGER) > 0", "home_id::INTEGER + 1 > 0"])
def test_a_condition_is_never_tried_on_rows_outside_the_grant(ask, files, condition):
    # Homes x and y would fail to convert, and so tell that they exist.
    made = ask(f"SELECT rooms FROM homes WHERE {condition} ORDER BY 1")
    assert rows(made, files) == [(2,), (3,)]
    joined = condition.replace("home_id", "homes.home_id")
    grouped = ask(f"SELECT count(*) FROM homes JOIN devices ON {joined}")
    assert rows(grouped, files) == [(40000,)]


def test_the_grants_filter_stays_beneath_the_questions(ask, files):
    made = ask("SELECT rooms FROM homes WHERE CAST(home_id AS INTEGER) > 0")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW homes AS FROM '{files['homes'][0]}'")
        steps = connection.execute(f"EXPLAIN {made.sql}").fetchall()[0][1]
    # Without the limit between them the optimizer may test both at once, in any order.
    assert steps.index("CAST(home_id") < steps.index("LIMIT") < steps.index("district=")


def test_an_error_quotes_no_value(ask, files):
    made = ask("SELECT CAST(owner AS INTEGER) FROM homes")
    with pytest.raises(InputError) as refused:
        rows(made, files)
    assert [p.code for p in refused.value.problems] == ["query_failed"]
    assert "王" not in str(refused.value) and refused.value.__suppress_context__


def test_a_long_question_is_stopped(ask, files):
    made = ask(
        "SELECT sum(a.reading * b.reading % 7) FROM devices AS a, devices AS b, devices AS c"
    )
    with pytest.raises(InputError, match="query_too_slow"):
        rows(made, files, Limits(seconds=0.2))


def test_a_question_too_large_is_stopped(ask, files):
    made = ask("SELECT a.device_id || b.device_id AS x FROM devices AS a, devices AS b ORDER BY 1")
    with pytest.raises(InputError, match="query_too_large"):
        rows(made, files, Limits(memory="40MiB"))


def test_batches_are_of_the_size_asked_for(ask, files):
    made = ask("SELECT reading FROM devices")
    sizes = [len(batch) for batch in execute(made, files, Limits(batch_rows=9000))]
    assert sizes == [9000, 9000, 2000]


def test_the_bytes_of_a_day_are_kept(ask, files):
    grants = [replace(DEVICES, daily_bytes=5000)]
    made = ask("SELECT device_id FROM devices", grants=grants)
    seen = []
    with pytest.raises(NotAllowed, match="query_volume_spent"):
        for batch in execute(made, files, Limits(batch_rows=500)):
            seen += batch
    assert 0 < sum(len(name) for (name,) in seen) <= 5000


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT serial FROM devices",
        "SELECT income, owner, built FROM homes",
        "SELECT * FROM people",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO 'never-written.csv'",
        "ATTACH 'never-written.db' AS x",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '99GB'",
    ],
)
def test_text_that_slipped_past_the_plan_would_find_the_doors_shut(ask, files, sql):
    made = ask("SELECT reading, rooms FROM devices, homes", grants=(HOMES, DEVICES))
    with pytest.raises(InputError, match="query_failed"):
        rows(replace(made, sql=sql), files)
