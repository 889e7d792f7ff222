"""What is not granted cannot be asked for, by any road, and the answer does not say it exists."""

from __future__ import annotations

import logging

import pytest

from songhua.kit.errors import InputError

ATTACKS = r"""
DROP TABLE homes
DELETE FROM homes
UPDATE homes SET rooms = 0
INSERT INTO homes SELECT * FROM homes
CREATE TABLE x AS SELECT * FROM homes
CREATE MACRO f(a) AS a
CREATE OR REPLACE TEMP VIEW homes AS SELECT 1
ALTER TABLE homes ADD COLUMN x INT
TRUNCATE homes
SELECT rooms FROM homes; DROP TABLE homes
SELECT rooms FROM homes; SELECT illness FROM people
SELECT rooms FROM homes /* ; */ ; COPY homes TO 'x.csv'
COPY homes TO 'x.csv'
COPY (SELECT rooms FROM homes) TO 'x.parquet' (FORMAT parquet)
EXPORT DATABASE 'x'
IMPORT DATABASE 'x'
ATTACH 'x.db' AS x
DETACH x
USE main
INSTALL httpfs
LOAD httpfs
PRAGMA database_list
PRAGMA table_info('homes')
SET enable_external_access = true
SET enable_object_cache = true
RESET lock_configuration
CALL pragma_version()
CHECKPOINT
VACUUM
EXPLAIN SELECT rooms FROM homes
EXPLAIN ANALYZE SELECT rooms FROM homes
DESCRIBE homes
SUMMARIZE homes
SHOW TABLES
SHOW ALL TABLES
PREPARE q AS SELECT rooms FROM homes
EXECUTE q
DEALLOCATE q
BEGIN TRANSACTION
VALUES (1)
SELECT 1
SELECT * FROM people
FROM people
TABLE people
FROM 'homes.parquet'
SELECT * FROM 'homes.parquet'
SELECT * FROM "homes.parquet"
SELECT * FROM '/etc/passwd'
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_csv_auto('/etc/passwd')
SELECT * FROM read_parquet('homes.parquet')
SELECT * FROM parquet_scan('homes.parquet')
SELECT * FROM parquet_metadata('homes.parquet')
SELECT * FROM read_json('x.json')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_blob('/etc/passwd')
SELECT content FROM read_text('/etc/passwd')
SELECT * FROM glob('*')
SELECT * FROM sniff_csv('x.csv')
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('people')
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_columns()
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_secrets()
SELECT * FROM pragma_table_info('people')
SELECT * FROM information_schema.tables
SELECT * FROM information_schema.columns
SELECT * FROM sqlite_master
SELECT * FROM pg_catalog.pg_tables
SELECT * FROM pg_tables
SELECT * FROM duckdb_tables
SELECT * FROM duckdb_views
SELECT * FROM main.homes
SELECT * FROM memory.main.homes
SELECT * FROM range(10)
SELECT * FROM generate_series(1, 10)
SELECT * FROM unnest([1, 2])
SELECT * FROM repeat_row(1, num_rows = 9)
SELECT getenv('HOME') FROM homes
SELECT current_setting('memory_limit') FROM homes
SELECT getvariable('x') FROM homes
SELECT current_user FROM homes
SELECT current_database() FROM homes
SELECT current_schema() FROM homes
SELECT version() FROM homes
SELECT now() FROM homes
SELECT current_date FROM homes
SELECT random() FROM homes
SELECT uuid() FROM homes
SELECT nextval('s') FROM homes
SELECT txid_current() FROM homes
SELECT error(owner) FROM homes
SELECT write_log(owner) FROM homes
SELECT pg_sleep(9) FROM homes
SELECT json_serialize_sql('SELECT 1') FROM homes
SELECT list(owner) FROM homes
SELECT string_agg(owner, ',') FROM homes
SELECT array_agg(owner) FROM homes
SELECT histogram(rooms) FROM homes
SELECT max(owner, 1000) FROM homes
SELECT min(owner, 2) OVER () FROM homes
SELECT arg_max(owner, rooms) FROM homes
SELECT repeat(owner, 1000000) FROM homes
SELECT regexp_matches(owner, '(a+)+$') FROM homes
SELECT hash(homes) FROM homes
SELECT main.sum(rooms) FROM homes
SELECT owner.upper() FROM homes
SELECT unnest([1, 2]) FROM homes
SELECT [x FOR x IN [1, 2]] FROM homes
SELECT list_transform([1], x -> x + 1) FROM homes
SELECT {'a': rooms} FROM homes
SELECT row(rooms) FROM homes
SELECT MAP {'a': rooms} FROM homes
SELECT (rooms, owner) FROM homes
SELECT homes FROM homes
SELECT x.* FROM (SELECT homes AS x FROM homes) AS y
SELECT s.* FROM (SELECT {'a': 1} AS s FROM homes) AS t
SELECT unnest(homes) FROM homes
SELECT COLUMNS(*) FROM homes
SELECT COLUMNS('inc.*') FROM homes
SELECT COLUMNS(c -> c LIKE 'i%') FROM homes
SELECT min(COLUMNS(*)) FROM homes
SELECT * EXCLUDE (rooms) FROM homes
SELECT * REPLACE (income AS rooms) FROM homes
SELECT * RENAME (rooms AS income) FROM homes
SELECT * LIKE '%' FROM homes
SELECT *, income FROM homes
SELECT homes.income FROM homes
SELECT h.income AS rooms FROM homes AS h
SELECT main.homes.income FROM homes
SELECT "income" FROM homes
SELECT "InCoMe" FROM homes
SELECT income AS income FROM homes
SELECT rooms AS income, homes.income FROM homes
SELECT rooms FROM homes WHERE income > 1
SELECT rooms FROM homes ORDER BY income
SELECT rooms FROM homes ORDER BY 7
SELECT count(*) FROM homes GROUP BY income
SELECT rooms FROM homes GROUP BY rooms HAVING max(income) > 1
SELECT rooms FROM homes QUALIFY row_number() OVER (ORDER BY income) = 1
SELECT sum(rooms) OVER (PARTITION BY income) FROM homes
SELECT count(*) FILTER (WHERE income > 1) FROM homes
SELECT CASE WHEN income > 1 THEN 1 END FROM homes
SELECT rooms FROM homes WHERE EXISTS (SELECT 1 FROM devices WHERE devices.reading = homes.income)
SELECT (SELECT income) FROM homes
SELECT (SELECT max(illness) FROM people) FROM homes
SELECT rooms FROM homes WHERE rooms IN (SELECT rooms FROM people)
SELECT rooms FROM homes UNION SELECT rooms FROM people
SELECT rooms FROM homes UNION ALL SELECT income FROM homes
SELECT rooms FROM homes UNION BY NAME SELECT income FROM homes
SELECT rooms FROM homes EXCEPT SELECT rooms FROM people
SELECT * FROM homes JOIN people USING (rooms)
SELECT * FROM homes JOIN devices USING (income)
SELECT * FROM homes JOIN devices ON homes.income = devices.reading
SELECT * FROM homes NATURAL JOIN devices
SELECT * FROM homes POSITIONAL JOIN devices
SELECT * FROM homes ASOF JOIN devices ON homes.rooms >= devices.reading
SELECT * FROM homes, LATERAL (SELECT homes.income) AS x
SELECT * FROM homes, (SELECT homes.income) AS x
SELECT * FROM homes AS x(a, b, c, d, e, f)
SELECT f FROM homes AS x(a, b, c, d, e, f)
SELECT * FROM homes TABLESAMPLE 10%
SELECT * FROM homes AT (VERSION => 1)
SELECT * FROM homes PIVOT (sum(rooms) FOR district IN ('Daoli'))
PIVOT homes ON district USING sum(rooms)
UNPIVOT homes ON rooms
SELECT rowid FROM homes
SELECT filename FROM homes
SELECT file_row_number FROM homes
SELECT #1 FROM homes
SELECT $1 FROM homes
SELECT ? FROM homes
SELECT $key_0_0_inner FROM homes
SELECT @@version FROM homes
SELECT rooms INTO x FROM homes
SELECT rooms FROM homes FOR UPDATE
SELECT rooms FROM homes LIMIT (SELECT max(income) FROM homes)
SELECT rooms FROM homes LIMIT 10%
SELECT rooms FROM homes WHERE rooms IN homes
SELECT rooms::homes FROM homes
SELECT CAST(rooms AS STRUCT(a INT)) FROM homes
SELECT source.income FROM homes
SELECT "source"."income" FROM homes AS source
SELECT present FROM homes
SELECT * FROM "common 1"
WITH homes AS (SELECT 1 AS rooms) SELECT * FROM homes
WITH HOMES AS (SELECT rooms FROM devices) SELECT * FROM homes
WITH a AS (SELECT rooms FROM homes), A AS (SELECT 1) SELECT * FROM a
WITH a AS (SELECT income FROM homes) SELECT * FROM a
WITH a(x) AS (SELECT income FROM homes) SELECT x FROM a
WITH RECURSIVE a AS (SELECT rooms FROM homes UNION ALL SELECT rooms + 1 FROM a) SELECT * FROM a
WITH a AS (SELECT rooms FROM homes), people AS (SELECT * FROM people) SELECT * FROM people
WITH a AS (DELETE FROM homes RETURNING *) SELECT * FROM a
SELECT * FROM (WITH duckdb_tables AS (SELECT 1) SELECT * FROM duckdb_tables), duckdb_tables
SELECT * FROM homes, (WITH sqlite_master AS (SELECT 1) SELECT 1), sqlite_master
SELECT * FROM (WITH pg_tables AS (SELECT rooms FROM homes) SELECT * FROM pg_tables) AS x, pg_tables
SELECT * FROM (WITH people AS (SELECT rooms FROM homes) SELECT * FROM people) AS x, people
SELECT rooms FROM homes WHERE 1 = 1 /**/ UNION /**/ SELECT illness FROM people
SELECT/**/income/**/FROM/**/homes
SELECT rooms FROM homes /*+ x */ , people
SELECT rооms FROM homes
SELECT rooms FROM hоmes
SELECT rooms FROM ｈｏｍｅｓ
SELECT ｉｎｃｏｍｅ FROM homes
SELECT ıncome FROM homes
SELECT rooms FROM homes WHERE owner = '' OR ''='' UNION SELECT illness FROM people --'
SELECT rooms FROM homes WHERE owner = 'a\' OR income > 0 --'
SELECT rooms FROM homes WHERE (SELECT count(*) FROM people) > 0
SELECT U&"\0069ncome" FROM homes
SELECT E'\x41' || income FROM homes
SELECT $$a$$ || income FROM homes
SELECT rooms FROM homes WHERE owner SIMILAR TO '%'
SELECT rooms FROM homes WHERE rooms = ANY (SELECT rooms FROM people)
SELECT rooms FROM homes GROUP BY ROLLUP (rooms)
SELECT rooms FROM homes GROUP BY GROUPING SETS ((rooms), ())
SELECT DISTINCT ON (rooms) owner FROM homes
SELECT TRY(CAST(income AS INT)) FROM homes
SELECT income: rooms, homes.income FROM homes
SELECT (
SELECT rooms FROM homes WHERE
""".strip().splitlines()  # fmt: skip
UNSEEN = (
    "",
    "SELECT rooms FROM homes -- a comment\n, people",
    "SELECT rooms\x00 FROM homes",
    "SELECT rooms FROM homes\u200b",
    "SELECT rooms FROM\u00a0homes\u202e",
    "SELECT " + "(" * 3000 + "rooms" + ")" * 3000 + " FROM homes",
    "SELECT " + "NOT " * 2000 + "TRUE FROM homes",
    "SELECT " + "-(" * 400 + "rooms" + ")" * 400 + " FROM homes",
    "SELECT " + "+".join(["rooms"] * 1500) + " FROM homes",
    "SELECT " + "(SELECT " * 300 + "rooms" + ")" * 300 + " FROM homes",
    "SELECT rooms FROM homes WHERE rooms IN (" + "1," * 6000 + "1)",
)


def refusal(ask, query):
    with pytest.raises(InputError) as refused:
        ask(query)
    return refused.value.problems


@pytest.mark.parametrize("query", [*ATTACKS, *UNSEEN], ids=range(len(ATTACKS) + len(UNSEEN)))
def test_is_refused_before_anything_runs_and_names_nothing_that_was_not_said(ask, query, caplog):
    caplog.set_level(logging.CRITICAL)
    for problem in refusal(ask, query):
        for language in ("zh", "en"):
            text = problem.text(language)
            assert problem.code not in text and "{" not in text
            for hidden in ("income", "illness", "people", "serial", "person_id"):
                assert hidden not in text.lower() or hidden in query.lower()


FORBIDDEN_COLUMNS = (
    "SELECT {} FROM homes",
    "SELECT homes.{} FROM homes",
    "SELECT {} AS {} FROM homes",
    "SELECT rooms FROM homes WHERE {} = 1",
    "SELECT rooms AS {} FROM homes ORDER BY homes.{}",
    "SELECT rooms FROM homes JOIN devices USING ({})",
    "SELECT (SELECT {}) FROM homes",
    "WITH a AS (SELECT {} FROM homes) SELECT {} FROM a",
    "SELECT h.{} FROM homes AS h, devices AS {}",
    'SELECT "{}" FROM homes',
)
FORBIDDEN_TABLES = (
    "SELECT * FROM {}",
    "SELECT rooms FROM homes UNION SELECT rooms FROM {}",
    "SELECT {}.rooms FROM homes",
    "SELECT rooms FROM homes WHERE EXISTS (SELECT * FROM {})",
    "SELECT rooms FROM homes JOIN {} USING (rooms)",
    "WITH a AS (SELECT * FROM {}) SELECT * FROM a",
    "SELECT * FROM (WITH {} AS (SELECT rooms FROM homes) SELECT * FROM {}) AS x, {}",
    'SELECT * FROM "{}" AS homes',
)


@pytest.mark.parametrize("shape", FORBIDDEN_COLUMNS)
def test_a_hidden_column_and_one_that_does_not_exist_have_the_same_answer(ask, shape):
    assert answers(ask, shape, "income") == answers(ask, shape, "nought")


@pytest.mark.parametrize("shape", FORBIDDEN_TABLES)
def test_a_hidden_dataset_and_one_that_does_not_exist_have_the_same_answer(ask, shape):
    assert answers(ask, shape, "people") == answers(ask, shape, "nobody")


def answers(ask, shape, name):
    problems = refusal(ask, shape.replace("{}", name))
    return [p.text(language).replace(name, "{}") for p in problems for language in ("zh", "en")]


def test_a_with_may_bear_the_name_of_a_hidden_dataset_and_learns_nothing(ask):
    shape = "WITH {} AS (SELECT rooms FROM homes) SELECT * FROM {}"
    plans = [ask(shape.replace("{}", name)) for name in ("people", "nobody")]
    assert plans[0].sql.replace("people", "{}") == plans[1].sql.replace("nobody", "{}")
    assert plans[0].touched == {"homes": ("rooms",)}


def test_a_comment_is_not_kept(ask):
    assert "people" not in ask("SELECT rooms /* people */ FROM homes -- ; DROP TABLE people").sql
