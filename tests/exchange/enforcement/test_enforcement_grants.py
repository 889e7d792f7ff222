"""A grant says all that is wrong with it at once; its rules give what they promise."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, date, datetime

import duckdb
import pytest

from songhua.exchange.enforcement import (
    Band,
    Grant,
    Mask,
    Prefix,
    Pseudonym,
    Year,
    check_grant,
    columns_for,
    row_filter,
)
from songhua.kit.errors import InputError

from .city import CATALOGUE, HOMES


def test_every_problem_is_told_at_once():
    with pytest.raises(InputError) as refused:
        Grant(
            "",
            "homes",
            frozenset({"rooms", "Rooms"}),
            "",
            rows="rooms = (SELECT 1)",
            valid_from=date(2026, 1, 2),
            valid_until=date(2026, 1, 2),
            daily_rows=0,
            rules={"owner": Mask(-1)},
        )
    assert [problem.code for problem in refused.value.problems] == [
        "grant_field_empty",
        "grant_field_empty",
        "grant_columns_alike",
        "grant_rows_unreadable",
        "grant_never_in_force",
        "grant_volume_not_positive",
        "grant_rule_without_column",
        "grant_rule_unusable",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        "rooms > (SELECT max(rooms) FROM people)",
        "rooms IN (SELECT 1)",
        "rooms = income",
        "rooms + 1 = 2",
        "upper(owner) = 'A'",
        "homes.rooms = 1",
        "getenv('HOME') = 'x'",
        "rooms",
        "1 = 1",
        "TRUE; DROP TABLE homes",
        "rooms = 1 UNION SELECT 1",
        "rooms = $1",
        "owner LIKE owner",
        "rooms = CAST(rooms AS DATE)",
    ],
)
def test_rows_compare_columns_with_literals_and_do_nothing_else(rows):
    with pytest.raises(InputError):
        Grant("b", "homes", frozenset({"rooms"}), "p", rows)


def test_a_filter_is_read_and_written_anew():
    grant = Grant("b", "homes", frozenset({"rooms"}), "p", "rooms = 1 OR income < -2 -- x")
    assert row_filter(grant) == '"source"."rooms" = 1 OR "source"."income" < -2'
    assert row_filter(Grant("b", "homes", frozenset({"rooms"}), "p")) == "TRUE"


def test_days_are_the_citys_and_the_last_is_not_within():
    grant = Grant(
        "b", "homes", frozenset({"rooms"}), "p",
        valid_from=date(2026, 1, 5), valid_until=date(2026, 1, 6),
    )  # fmt: skip
    # Midnight in Harbin is 16:00 UTC of the day before.
    hours = [(4, 15, 59), (4, 16, 0), (5, 15, 59), (5, 16, 0)]
    held = [grant.in_force(datetime(2026, 1, *hour, tzinfo=UTC)) for hour in hours]
    assert held == [False, True, True, False]


def shown(rule, kind, value):
    grant = Grant("b", "t", frozenset({"c"}), "p", rules={"c": rule})
    sql = f"SELECT {columns_for(grant)['c']} FROM (SELECT CAST(? AS {kind}) AS c) AS source"
    parameters = rule.parameters("key_0")
    sql = sql.replace("?", "$value")
    return duckdb.execute(sql, {"value": value, **parameters}).fetchall()[0][0]


@pytest.mark.parametrize(
    ("rule", "kind", "value", "seen"),
    [
        (Mask(1, 0), "TEXT", "王小明", "王**"),
        (Mask(3, 4), "TEXT", "13812345678", "138****5678"),
        (Mask(1, 1), "TEXT", "李四", "**"),
        (Mask(), "TEXT", "abc", "***"),
        (Mask(1), "TEXT", "", ""),
        (Mask(1), "TEXT", None, None),
        (Prefix(6), "TEXT", "230102003001", "230102"),
        (Prefix(2), "BIGINT", 230102, "23"),
        (Year(), "DATE", date(1998, 12, 31), 1998),
        (Year(), "DATE", None, None),
        (Band(10), "INTEGER", 39, 30),
        (Band(10), "INTEGER", -1, -10),
        (Band(5000), "DECIMAL(12,2)", "12345.67", 10000),
    ],
)
def test_what_is_left_of_a_value(rule, kind, value, seen):
    assert shown(rule, kind, value) == seen


@pytest.mark.parametrize("key", [b"k" * 16, bytes(range(64))])
def test_a_pseudonym_is_the_hmac_of_the_value(key):
    for value in ("230102199001011234", "道里", ""):
        expected = hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
        assert shown(Pseudonym(key), "TEXT", value) == expected
    assert shown(Pseudonym(key), "TEXT", None) is None


def test_a_pseudonym_equals_the_published_vector():
    # RFC 4231, test case 6 uses a longer key; case 1 a key of 20 bytes 0x0b and "Hi There".
    expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert shown(Pseudonym(b"\x0b" * 20), "TEXT", "Hi There") == expected


def test_a_key_is_never_printed(ask):
    grant = Grant(
        "heating bureau", "homes", frozenset({"home_id"}), "heating",
        rules={"home_id": Pseudonym(b"a secret of sixteen bytes")},
    )  # fmt: skip
    made = ask("SELECT home_id FROM homes", grants=[grant])
    assert made.parameters and b"secret" not in repr((grant, made)).encode()


def test_a_grant_is_held_against_its_dataset():
    check_grant(HOMES, CATALOGUE["homes"])
    with pytest.raises(InputError) as refused:
        check_grant(
            Grant("b", "homes", frozenset({"rooms", "nought"}), "p", rows="nil = 1"),
            CATALOGUE["homes"],
        )
    assert [problem.value for problem in refused.value.problems] == ["nought", "nil"]
    wrong_type = Grant("b", "homes", frozenset({"owner"}), "p", rules={"owner": Year()})
    with pytest.raises(InputError, match="grant_does_not_fit"):
        check_grant(wrong_type, CATALOGUE["homes"])
