"""A table comes in from any format as the same rows, or everything wrong with it is said."""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue
from songhua.kit.spec import Column, Dataset
from songhua.kit.terms import Term
from songhua.kit.time import ZONE
from songhua.runtime.browse import preview, quality, to_csv_chunks, to_xlsx
from songhua.runtime.ingest import ingest, opening

DATASET = Dataset(
    "readings",
    (
        Column("station", pl.String),
        Column("time", pl.Datetime),
        Column("supply_c", pl.Float64, low=-50, high=200),
        Column("meters", pl.Int64, required=False),
        Column("day", pl.Date, required=False),
        Column("working", pl.Boolean, required=False),
        Column("remark", pl.String, required=False),
    ),
    key=("station", "time"),
)
TERMS = {
    name: Term(name, unit, zh, en, "", "", "")
    for name, unit, zh, en in (
        ("station", "", "换热站", "Station"),
        ("time", "", "时刻", "Time"),
        ("supply_c", "℃", "供水温度", "Supply temperature"),
        ("meters", "m", "管长", "Length"),
        ("day", "", "日期", "Day"),
        ("working", "", "是否运行", "Working"),
        ("remark", "", "备注", "Remark"),
    )
}
NAMES = [column.name for column in DATASET.columns]
LABELS = [TERMS[name].label("zh") for name in NAMES]
ROWS = [
    ["甲站", "2023-01-05 08:00", "61.5", "1,200", "2023/1/5", "是", "一切，正常"],
    ["乙站", "2023年1月5日", "６０", "", "", "否", 'says "ok"\nthen leaves'],
]
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")


def text_of(rows, delimiter=",", **options):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, **options).writerows(rows)
    return out.getvalue()


def take(folder: Path, content: bytes | str, filename="table.csv", dataset=DATASET, **options):
    source = folder / "source"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    work = Path(mkdtemp(dir=folder))
    found = ingest(source, filename, dataset, TERMS, work, **options)
    left = sorted(path.name for path in work.iterdir())
    assert found.path is None or found.path.name == f"{found.digest}.parquet"
    assert found.path is not None or (left == [] and found.problems and found.digest == "")
    for problem in found.problems:
        assert problem.code in catalogue(), problem.code
    return found


def codes(found):
    return [(p.row, p.column, p.code) for p in found.problems]


def sheet(rows, dates="yyyy-mm-dd hh:mm:ss"):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page, style = book.add_worksheet(), book.add_format({"num_format": dates})
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(r, c, value, style)
                elif isinstance(value, str):
                    page.write_string(r, c, value)
                elif value is not None:
                    page.write(r, c, value)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_text_is_read_in_any_encoding_with_any_mark(tmp_path, encoding, delimiter, newline):
    text = text_of([NAMES, *ROWS], delimiter, lineterminator=newline) + newline * 3
    found = take(tmp_path, text.encode(encoding))
    assert (found.problems, found.rows, found.columns_left_out) == ((), 2, ())
    assert found.encoding == ("utf-8" if "utf-8" in encoding else found.encoding)
    names, rows = preview(found.path, offset=0, limit=9)
    assert names == NAMES
    assert rows[0] == (
        "甲站", datetime(2023, 1, 5, 8, tzinfo=ZONE), 61.5, 1200, date(2023, 1, 5), True,
        "一切，正常",
    )  # fmt: skip
    assert rows[1][4] is None and rows[1][6] == 'says "ok"\nthen leaves'
    assert rows[0][1].utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "headings",
    [
        ["换热站", "时刻", "供水温度"],
        ["Station", "TIME", "supply temperature"],
        ["　换 热站", "ｔｉｍｅ", "供水温度（℃）"],
        ["station", "Time", "Supply temperature (°C)"],
    ],
)
def test_a_column_answers_to_its_code_and_its_labels(tmp_path, headings):
    found = take(tmp_path, text_of([headings, ["甲", "2023-01-01", "1"]]))
    assert found.problems == ()


def test_a_column_does_not_answer_to_another_unit(tmp_path):
    found = take(
        tmp_path, text_of([["station", "time", "供水温度（K）"], ["甲", "2023-01-01", "1"]])
    )
    assert found.columns_left_out == ("供水温度（K）",)
    assert codes(found) == [(None, "supply_c", "column_missing")]


def test_titles_above_the_headings_and_blank_rows_keep_the_row_numbers(tmp_path):
    rows = [
        ["2023年供热记录", "", ""], ["", "", ""], ["换热站", "时刻", "供水温度"],
        ["甲", "2023-01-01", "1"], [], ["乙", "2023-01-01", "热"], ["", " ", ""],
    ]  # fmt: skip
    assert codes(take(tmp_path, text_of(rows))) == [(6, "供水温度", "cell_not_float64")]
    assert codes(take(tmp_path, sheet(rows))) == [(6, "供水温度", "cell_not_float64")]


def test_everything_wrong_is_said_at_once(tmp_path):
    rows = [
        ["换热站", "time", "supply_c", ""],
        ["甲", "2023-01-01", "1", ""],
        ["甲", "2023-13-01", "900", "x"],
        ["", "2023-01-01"],
        ["#N/A", "2023-01-01", "nan", "", "y"],
    ]
    assert set(codes(take(tmp_path, text_of(rows)))) == {
        (3, "time", "cell_not_datetime"), (3, "supply_c", "cell_too_high"),
        (3, "D", "table_untitled_column"), (4, None, "csv_ragged"), (4, "换热站", "cell_empty"),
        (4, "supply_c", "cell_empty"), (5, None, "csv_ragged"), (5, "换热站", "table_cell_error"),
        (5, "supply_c", "cell_not_finite"),
    }  # fmt: skip


def test_a_missing_column_does_not_hide_the_cells(tmp_path):
    found = take(tmp_path, text_of([["station", "supply_c"], ["甲", "hot"]]))
    assert codes(found) == [(None, "time", "column_missing"), (2, "supply_c", "cell_not_float64")]


def test_doubled_and_missing_headings(tmp_path):
    twice = take(tmp_path, text_of([["换热站", "station", "time", "supply_c"], list("abcd")]))
    assert (1, "换热站", "table_duplicate_columns") in codes(twice)
    none = take(tmp_path, text_of([["甲", "2023-01-01", "1"]]))
    assert [p.code for p in none.problems] == ["table_no_header"]
    bare = take(tmp_path, text_of([["station", "time", "supply_c"]]))
    assert [p.code for p in bare.problems] == ["no_rows"]


def test_a_repeated_key_is_named_with_its_row(tmp_path):
    row = ["甲", "2023-01-01", "1"]
    found = take(tmp_path, text_of([NAMES[:3], row, ["乙", *row[1:]], [], row]))
    assert codes(found) == [(5, "station", "row_twice")]


def test_many_problems_are_counted_not_listed(tmp_path):
    rows = [[f"s{n}", "2023-01-01", "x"] for n in range(2500)]
    found = take(tmp_path, text_of([NAMES[:3], *rows]))
    assert len(found.problems) == 1001
    assert (found.problems[-1].code, found.problems[-1].value) == ("more_problems", "1500")
    same = [["甲", "2023-01-01", "1"]] * 2501
    found = take(tmp_path, text_of([NAMES[:3], *same]))
    assert [p.row for p in found.problems[:-1]] == list(range(3, 1003))
    assert found.problems[-1].value == "1500"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "upload_empty"),
        (b"station,time\n\x00\x01\x02,1\n", "upload_binary"),
        (b"<html><table><tr><td>station</td></tr></table></html>", "upload_html"),
        (b"%PDF-1.7 ...", "upload_not_text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
         "upload_encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "upload_xls"),
        (b"PK\x03\x04" + bytes(60), "upload_zip_damaged"),
        (b"PAR1" + bytes(60), "parquet_damaged"),
        (b'station,time,supply_c\n"a"b,1,2\n', "table_csv_quotes"),
        (b'station,time,supply_c\n"a,1,2\n' + b"b,1,2\n" * 9, "table_csv_quotes"),
        (b"station,time,supply_c\n" + b"a" * 2**21, "csv_line_too_long"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("filename", ["a.csv", "a.xlsx", "a.parquet", "no extension"])
def test_what_is_no_table_is_refused_whatever_it_is_called(tmp_path, content, code, filename):
    found = take(tmp_path, content, filename)
    assert code in [p.code for p in found.problems]
    for problem in found.problems:
        assert problem.text("zh") != problem.code != problem.text("en")


def test_undecodable_bytes_are_located(tmp_path):
    good = "station,time,supply_c\n甲乙丙丁戊,2023-01-01,1\n".encode()
    found = take(tmp_path, good + b"\xff\xff,2023-01-01,1\n")
    assert [(p.code, p.value, p.row) for p in found.problems] == [
        ("table_encoding", str(len(good)), 3)
    ]
    cut = take(tmp_path, good + "站".encode()[:2])  # GB18030 could read this, and would lie
    assert [p.code for p in cut.problems] == ["table_encoding"]


@pytest.mark.slow
def test_bytes_split_between_chunks_are_one_character(tmp_path):
    lines = "".join(f"站{n},2023-01-01,1\n" for n in range(120_000))
    text = "station,time,supply_c\n" + lines
    digests = {take(tmp_path, text.encode(e)).digest for e in ("utf-8", "gb18030", "utf-16")}
    assert len(digests) == 1 and "" not in digests


def test_excel_dates_serials_errors_and_lost_digits(tmp_path):
    head = ["换热站", "时刻", "供水温度（℃）", "管长", "日期"]
    good = sheet([head, ["甲", datetime.fromisoformat("2023-01-05 08:00"), 61.25, 7, 44931]])
    found = take(tmp_path, good, "report.csv")
    assert preview(found.path, offset=0, limit=1)[1][0][:5] == (
        "甲", datetime(2023, 1, 5, 8, tzinfo=ZONE), 61.25, 7, date(2023, 1, 5),
    )  # fmt: skip
    bad = take(tmp_path, sheet([head, [1e17, datetime.fromisoformat("2023-01-05"), 1, 1e17, None]]))
    assert set(codes(bad)) == {(2, "换热站", "table_long_number"), (2, "管长", "table_long_number")}
    energy = Dataset("energy", (Column("supply_c", pl.Float64),))
    assert take(tmp_path, sheet([["supply_c"], [1e17]]), dataset=energy).problems == ()


def test_gb18030_that_happens_to_be_utf_8_is_read_as_chinese(tmp_path):
    found = take(tmp_path, "station,time,supply_c\n站1,2023-01-01,1\n".encode("gb18030"))
    assert found.encoding == "gb18030"
    assert preview(found.path, offset=0, limit=1)[1][0][0] == "站1"
    degrees = "station,time,supply_c\n5°,2023-01-01,1\nХарбин,2023-01-01,1\n".encode()
    assert take(tmp_path, degrees).encoding == "utf-8"


def test_parquet_columns_are_cast_and_nested_ones_refused(tmp_path):
    frame = pl.DataFrame(
        {
            "换热站": pl.Series(["甲", "甲"], dtype=pl.Categorical),
            "Time": [
                datetime.fromisoformat("2023-01-05 08:00"),
                datetime.fromisoformat("2023-01-05 09:00"),
            ],
            "supply_c": pl.Series([1, 2], dtype=pl.UInt8),
            "day": [datetime.fromisoformat("2023-01-05"), None],
            "extra": [[1], [2]],
        }
    )
    out = io.BytesIO()
    frame.write_parquet(out)
    found = take(tmp_path, out.getvalue())
    assert (found.problems, found.columns_left_out) == ((), ("extra",))
    text = text_of([["station", "time", "supply_c", "day"],
                    ["甲", "2023-01-05 08:00", "1", "2023-01-05"],
                    ["甲", "2023-01-05 09:00", "2", ""]])  # fmt: skip
    assert take(tmp_path, text).digest == found.digest
    for nested in (pl.col("supply_c").implode().over("Time"), pl.struct("supply_c")):
        out = io.BytesIO()
        frame.with_columns(nested.alias("supply_c")).write_parquet(out)
        assert [(p.code, p.column) for p in take(tmp_path, out.getvalue()).problems] == [
            ("parquet_nested", "supply_c")
        ]


def test_damaged_parquet_is_refused(tmp_path):
    out = io.BytesIO()
    pl.DataFrame({"station": [f"s{n}" for n in range(5000)]}).write_parquet(out)
    whole = out.getvalue()
    assert [p.code for p in take(tmp_path, whole[:-20]).problems] == ["parquet_damaged"]
    changed = bytearray(whole)
    changed[40:2000] = random.Random(1).randbytes(1960)
    assert "parquet_damaged" in [p.code for p in take(tmp_path, bytes(changed)).problems]


def test_progress_never_falls_and_ends_at_one(tmp_path):
    seen: list[float] = []
    rows = [[f"s{n}", "2023-01-01", "1"] for n in range(20_000)]
    take(tmp_path, text_of([NAMES[:3], *rows]), progress=seen.append, memory_mb=4)
    assert seen == sorted(set(seen)) and seen[0] == 0.0 and seen[-1] == 1.0 and len(seen) > 5


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MOST_ROWS", 1)
    found = take(tmp_path, text_of([NAMES, *ROWS]))
    assert [p.code for p in found.problems] == ["table_too_many_rows"]


def test_a_full_disk_is_not_the_users_fault(tmp_path, monkeypatch):
    def full(*_, **__):
        raise pl.exceptions.ComputeError("parquet: No space left on device (os error 28)")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(OSError, match="No space"):
        take(tmp_path, text_of([NAMES, *ROWS]))
    (work,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert list(work.iterdir()) == []


WORDS = st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z"]), min_size=1).filter(
    lambda text: not text.startswith("#")
)
MOMENTS = st.datetimes(
    datetime.fromisoformat("1992-01-01"), datetime.fromisoformat("2090-01-01")
).map(lambda t: t.replace(microsecond=0))
RECORDS = st.lists(
    st.tuples(
        WORDS,
        MOMENTS,
        st.integers(-50_000, 200_000).map(lambda n: n / 1000),
        st.none() | st.integers(-(10**14), 10**14),
        st.none() | st.dates(date(1960, 1, 1), date(2090, 1, 1)),
        st.none() | st.booleans(),
        st.none() | WORDS,
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda row: (row[0].strip(), row[1]),
)


def forms(rows):
    """The same table as text in each encoding, as a workbook and as Parquet."""
    schema = {c.name: pl.Datetime("us") if c.dtype is pl.Datetime else c.dtype
              for c in DATASET.columns}  # fmt: skip
    from songhua.tables import to_csv
    from songhua.tables.write import to_xlsx as written

    text = to_csv(LABELS, [[str(v) if isinstance(v, float) else v for v in row] for row in rows])
    for encoding in ENCODINGS:
        yield text.decode("utf-8-sig").encode(encoding)
    yield written("t", LABELS, [[str(v) if isinstance(v, float) else v for v in r] for r in rows])
    yield sheet([LABELS, *rows])
    out = io.BytesIO()
    pl.DataFrame(rows, schema, orient="row").write_parquet(out)
    yield out.getvalue()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(RECORDS)
def test_the_same_rows_give_the_same_digest_from_every_format(rows):
    with TemporaryDirectory() as name:
        found = [take(Path(name), content) for content in forms(rows)]
        assert [f.problems for f in found] == [()] * len(found)
        assert len({f.digest for f in found}) == 1 and found[0].rows == len(rows)
        path, out = found[0].path, Path(name) / "out.xlsx"
        assert take(Path(name), b"".join(to_csv_chunks(path, LABELS))).digest == found[0].digest
        to_xlsx(path, out, LABELS)
        assert take(Path(name), out.read_bytes()).digest == found[0].digest


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(RECORDS, st.data())
def test_a_planted_defect_is_found_where_it_stands(rows, data):
    row = data.draw(st.integers(0, len(rows) - 1))
    name, bad, code = data.draw(
        st.sampled_from(
            [("supply_c", "200.5", "cell_too_high"), ("supply_c", "-51", "cell_too_low"),
             ("supply_c", "温", "cell_not_float64"), ("meters", "1.5", "cell_not_int64"),
             ("supply_c", "1,5", "cell_not_float64"), ("day", "2023-02-30", "cell_not_date"),
             ("time", "noon", "cell_not_datetime"), ("working", "maybe", "cell_not_boolean"),
             ("station", "", "cell_empty")]
        )
    )  # fmt: skip
    texts = [["" if v is None else str(v) for v in values] for values in rows]
    texts[row][NAMES.index(name)] = bad
    with TemporaryDirectory() as folder:
        for content in (text_of([LABELS, *texts]).encode(), sheet([LABELS, *texts])):
            assert codes(take(Path(folder), content)) == [
                (row + 2, LABELS[NAMES.index(name)], code)
            ]


def test_quality_says_what_each_column_holds(tmp_path):
    found = take(tmp_path, text_of([NAMES, *ROWS]))
    by_name = {q.name: q for q in quality(found.path, DATASET)}
    assert quality(found.path, DATASET) == list(by_name.values())
    supply, meters, time = by_name["supply_c"], by_name["meters"], by_name["time"]
    assert (supply.rows, supply.empty, supply.low, supply.high, supply.mean) == (
        2,
        0,
        60,
        61.5,
        60.75,
    )
    assert (meters.empty, meters.distinct, meters.examples) == (1, 1, (1200,))
    assert time.low == datetime(2023, 1, 4, 16, tzinfo=UTC) and time.mean is None
    assert by_name["station"].examples == ("甲站", "乙站")


def test_exports_show_city_time_and_run_nothing(tmp_path):
    found = take(tmp_path, text_of([NAMES[:3], ["=1+1", "2023-01-05T00:00:00Z", "1.5"]]))
    said = b"".join(to_csv_chunks(found.path, NAMES)).decode()
    assert said.startswith("\ufeff")
    assert said.splitlines()[1] == '"\'=1+1","2023-01-05 08:00:00",1.5,"","","",""'


def test_a_sheet_that_cannot_hold_the_rows_is_refused(tmp_path, monkeypatch):
    from songhua.runtime import browse

    found = take(tmp_path, text_of([NAMES, *ROWS]))
    monkeypatch.setattr(browse, "MOST_SHEET_ROWS", 1)
    with pytest.raises(InputError) as caught:
        to_xlsx(found.path, tmp_path / "out.xlsx", NAMES)
    assert caught.value.problems[0].code == "export_too_many_rows"
    assert "Parquet" in caught.value.problems[0].text("zh")


def test_preview_reads_from_the_middle(tmp_path):
    rows = [[f"s{n}", "2023-01-01", "1"] for n in range(500)]
    found = take(tmp_path, text_of([NAMES[:3], *rows]))
    assert [r[0] for r in preview(found.path, offset=250, limit=2)[1]] == ["s250", "s251"]
    assert preview(found.path, offset=500, limit=5)[1] == []


def test_a_choice_may_be_written_by_its_label(tmp_path):
    on_duty = Dataset("duty", (Column("who", pl.String, choices=("doctor", "nurse")),))
    terms = {"doctor": Term("doctor", "", "医生", "Doctor", "", "", "")}
    source = tmp_path / "duty.csv"
    source.write_text("who\n医生\n Doctor \ndoctor\nnurse\n", encoding="utf-8")
    found = ingest(source, "duty.csv", on_duty, terms, tmp_path)
    assert found.path is not None, found.problems
    assert [row for (row,) in preview(found.path, offset=0, limit=9)[1]] == [
        "doctor", "doctor", "doctor", "nurse",
    ]  # fmt: skip
    source.write_text("who\n护士\n", encoding="utf-8")
    assert codes(ingest(source, "duty.csv", on_duty, terms, tmp_path)) == [
        (2, "who", "cell_choice")
    ]
