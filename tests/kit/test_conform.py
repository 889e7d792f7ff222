"""A table conforms or every defect is named; what conforms once conforms again, unchanged."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from songhua.kit.conform import SHOWN, conform, examine, schema
from songhua.kit.errors import InputError
from songhua.kit.spec import Column, Dataset

from ..house.refusals import cell_defects, planted
from ..house.tables import random_table

EVERYTHING = Dataset(
    name="everything",
    key=("code",),
    columns=(
        Column("code", pl.String),
        Column("level", pl.Int64, low=-5, high=5),
        Column("depth_m", pl.Float64, low=0, high=1000),
        Column("open", pl.Boolean),
        Column("built_on", pl.Date),
        Column("seen_at", pl.Datetime),
        Column("colour", pl.String, choices=("red", "blue")),
        Column("remark", pl.String, required=False),
        Column("spare_m", pl.Float64, required=False),
    ),
)


def written(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` as people write it: all text, empty where nothing is known."""
    said = {True: "是", False: "否", None: ""}

    def text(value: object) -> str:
        return said[value] if value is None or isinstance(value, bool) else str(value)

    return pl.DataFrame(
        {name: [text(v) for v in frame[name]] for name in frame.columns},
        schema=dict.fromkeys(frame.columns, pl.String),
    )


def problems(dataset: Dataset, frame: pl.DataFrame):
    with pytest.raises(InputError) as caught:
        conform(dataset, frame)
    return caught.value.problems


@given(random_table(EVERYTHING))
def test_what_conforms_is_left_as_it_is(frame):
    assert_frame_equal(conform(EVERYTHING, frame), frame)


@given(random_table(EVERYTHING))
def test_text_and_typed_tables_conform_to_the_same(frame):
    once = conform(EVERYTHING, written(frame))
    assert_frame_equal(once, frame)
    assert_frame_equal(conform(EVERYTHING, once), once)


@given(st.data(), random_table(EVERYTHING))
def test_a_planted_defect_is_found_where_it_is_and_nothing_else(data, frame):
    column = data.draw(st.sampled_from([c for c in EVERYTHING.columns if list(cell_defects(c))]))
    code, value = data.draw(st.sampled_from(list(cell_defects(column))))
    row = data.draw(st.integers(1, frame.height))
    found = problems(EVERYTHING, planted(written(frame), column.name, row, value))
    assert [(p.code, p.row, p.column) for p in found] == [(code, row, column.name)]
    assert found[0].where == f"everything.{column.name}"


@given(random_table(EVERYTHING))
def test_columns_come_in_the_declared_order_and_no_other_is_kept(frame):
    turned = frame.select(reversed(frame.columns)).with_columns(identity_card=pl.lit("secret"))
    assert_frame_equal(conform(EVERYTHING, turned), frame)


@given(random_table(EVERYTHING))
def test_an_optional_column_that_is_not_there_is_unknown(frame):
    found = conform(EVERYTHING, frame.drop("remark", "spare_m"))
    assert found.schema == schema(EVERYTHING)
    assert found["spare_m"].is_null().all()


@given(st.lists(st.tuples(*[st.none() | st.text(max_size=12)] * 9), min_size=1, max_size=4))
def test_any_text_conforms_or_is_explained(cells):
    """Whatever is typed: a table in its types, or problems with sentences. Never a crash."""
    names = [c.name for c in EVERYTHING.columns]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")
    found = examine(EVERYTHING, frame.lazy())
    assert found.frame.collect().schema == schema(EVERYTHING)
    for problem in found.problems:
        assert problem.text("zh") != problem.code != problem.text("en")


def one(dtype: type[pl.DataType], value: object) -> object:
    dataset = Dataset("single", (Column("cell", dtype),))
    return conform(dataset, pl.DataFrame({"cell": [value]})).item()


BEIJING = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize(
    ("dtype", "text", "value"),
    [
        (pl.Int64, "１２", 12),
        (pl.Int64, " 7 ", 7),
        (pl.Int64, "7.0", 7),
        (pl.Int64, "1,234,567", 1234567),
        (pl.Float64, "１，２３４．５", 1234.5),
        (pl.Float64, "-1e-3", -0.001),
        (pl.Boolean, "是", True),
        (pl.Boolean, "ＦＡＬＳＥ", False),
        (pl.Date, "2023/6/3", dt.date(2023, 6, 3)),
        (pl.Date, "2023年6月3日", dt.date(2023, 6, 3)),
        (pl.Date, "20230603", dt.date(2023, 6, 3)),
        (pl.Datetime, "2023-06-30 08:15", dt.datetime(2023, 6, 30, 0, 15, tzinfo=dt.UTC)),
        (pl.Datetime, "2023-06-30T08:15:30+08:00",
         dt.datetime(2023, 6, 30, 8, 15, 30, tzinfo=BEIJING)),
        (pl.Datetime, "2023-06-30T00:15:30Z", dt.datetime(2023, 6, 30, 0, 15, 30, tzinfo=dt.UTC)),
        (pl.Datetime, "2023/6/30", dt.datetime(2023, 6, 30, tzinfo=BEIJING)),
        (pl.String, "　冰城 ", "冰城"),
    ],
)  # fmt: skip
def test_what_offices_write_is_read(dtype, text, value):
    assert one(dtype, text) == value


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        (pl.Int64, "1.5"), (pl.Int64, "9223372036854775808"), (pl.Int64, "1,5"),
        (pl.Float64, "1,5"), (pl.Float64, "12元"), (pl.Boolean, "2"), (pl.Date, "2023-02-29"),
        (pl.Date, "45107"), (pl.Datetime, "24:00"), (pl.Datetime, "2023-06-30 25:00"),
    ],
)  # fmt: skip
def test_what_could_mean_something_else_is_refused(dtype, text):
    dataset = Dataset("single", (Column("cell", dtype),))
    (found,) = problems(dataset, pl.DataFrame({"cell": [text]}))
    assert (found.code, found.value) == (f"cell_not_{dtype.__name__.lower()}", text)


@pytest.mark.parametrize(
    ("dtype", "value", "code"),
    [
        (pl.Int64, 1.5, "cell_not_int64"),
        (pl.Int64, float("nan"), "cell_not_int64"),
        (pl.Int64, float("inf"), "cell_not_int64"),
        (pl.Float64, float("-inf"), "cell_not_finite"),
        (pl.Float64, True, "cell_not_float64"),
        (pl.Date, 45107, "cell_not_date"),
        (pl.String, [1], "cell_not_string"),
        (pl.Float64, None, "cell_empty"),
    ],
)
def test_a_typed_cell_of_another_kind_is_refused(dtype, value, code):
    dataset = Dataset("single", (Column("cell", dtype),))
    assert [p.code for p in problems(dataset, pl.DataFrame({"cell": [value]}))] == [code]


@pytest.mark.parametrize("column", EVERYTHING.columns, ids=lambda c: c.name)
@pytest.mark.parametrize(
    "cell", [b"\xff\xfe", [1], {"a": 1}, dt.timedelta(1), object()], ids=lambda c: type(c).__name__
)
def test_a_cell_that_has_no_text_is_refused_too(column, cell):
    """Parquet files may hold bytes, lists and durations: a problem, never a crash."""
    dataset = Dataset("single", (column,))
    found = problems(dataset, pl.DataFrame({column.name: pl.Series([cell])}))
    assert [(p.code, p.row) for p in found] == [(f"cell_not_{column.dtype.__name__.lower()}", 1)]


def test_a_decimal_is_never_cut_to_a_whole_number():
    dataset = Dataset("single", (Column("cell", pl.Int64),))
    cells = pl.DataFrame({"cell": ["2.00", "1.50"]}).cast(pl.Decimal(10, 2))
    assert [(p.code, p.row) for p in problems(dataset, cells)] == [("cell_not_int64", 2)]


@pytest.mark.parametrize(
    "moment",
    [dt.datetime(1986, 5, 4, 2, 30), dt.datetime(1986, 9, 14, 1, 30)],  # noqa: DTZ001
)
@pytest.mark.parametrize("kind", ["text", "typed"])
def test_an_hour_that_summer_time_took_or_doubled_does_not_crash(moment, kind):
    """China moved its clocks from 1986 to 1991: one hour did not exist, another came twice."""
    dataset = Dataset("single", (Column("cell", pl.Datetime),))
    frame = pl.DataFrame({"cell": [str(moment) if kind == "text" else moment]})
    found = examine(dataset, frame.lazy())
    assert {p.code for p in found.problems} <= {"cell_not_datetime"}


def test_every_missing_column_is_named_at_once():
    found = problems(EVERYTHING, pl.DataFrame({"code": ["a"]}))
    assert [p.column for p in found if p.code == "column_missing"] == [
        "level", "depth_m", "open", "built_on", "seen_at", "colour",
    ]  # fmt: skip


def test_a_table_with_no_declared_column_is_refused_even_where_none_is_required():
    dataset = Dataset("remarks", (Column("remark", pl.String, required=False),))
    found = problems(dataset, pl.DataFrame({"other": ["a"]}))
    assert [(p.code, p.column) for p in found] == [("column_missing", "remark")]


def test_no_rows_are_a_problem_unless_they_may_be_none():
    none = pl.DataFrame(schema=schema(EVERYTHING))
    assert [p.code for p in problems(EVERYTHING, none)] == ["no_rows"]
    assert conform(EVERYTHING, none, may_be_empty=True).height == 0


@pytest.mark.parametrize("count", [SHOWN, SHOWN + 1, 3 * SHOWN])
def test_beyond_a_thousand_problems_their_number_is_said(count):
    dataset = Dataset("single", (Column("cell", pl.Float64, low=0),))
    found = problems(dataset, pl.DataFrame({"cell": [-1.0] * count}))
    assert [p.row for p in found[:SHOWN]] == list(range(1, SHOWN + 1))
    rest = [(p.code, p.value) for p in found[SHOWN:]]
    assert rest == ([] if count == SHOWN else [("more_problems", str(count - SHOWN))])


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_each_row_that_repeats_a_key_is_named(keys):
    dataset = Dataset("single", (Column("cell", pl.Int64),), key=("cell",))
    again = [i + 1 for i, key in enumerate(keys) if key in keys[:i]]
    found = examine(dataset, pl.LazyFrame({"cell": keys})).problems
    assert [(p.code, p.row) for p in found] == [("row_twice", row) for row in again]


def test_beyond_a_thousand_repeated_keys_their_number_is_said():
    dataset = Dataset("single", (Column("cell", pl.Int64),), key=("cell",))
    found = problems(dataset, pl.DataFrame({"cell": [1] * (SHOWN + 6)}))
    assert (found[-1].code, found[-1].value) == ("more_problems", "5")


def test_rows_are_counted_as_their_reader_counts_them():
    dataset = Dataset("single", (Column("cell", pl.Int64),), key=("cell",))
    cells = pl.LazyFrame({"cell": ["1", "x"]})
    twice = pl.LazyFrame({"cell": ["1", "1"]})
    assert [p.row for p in examine(dataset, cells, first_row=2).problems] == [3]
    assert [p.row for p in examine(dataset, twice, first_row=2).problems] == [3]
