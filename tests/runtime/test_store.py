"""What is kept comes back, and the same rows are the same file."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.runtime.store import Store

COLUMNS = {"task": "VARCHAR", "percent": "DECIMAL(5,2)", "missing": "INTEGER"}


def test_same_rows_same_file_and_unknown_stays_unknown(tmp_path):
    store = Store(tmp_path)
    rows = [("任务甲", Decimal("37.50"), 0), ('a "quoted", line\nbreak', None, None)]
    first, again = store.put(COLUMNS, rows), store.put(COLUMNS, rows)
    assert first == again
    assert store.query("SELECT * FROM t", {"t": [first]}) == rows
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"{first}.parquet"]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_any_text_survives(tmp_path_factory, words):
    store = Store(tmp_path_factory.mktemp("store"))
    digest = store.put({"word": "VARCHAR"}, [(w,) for w in words])
    assert [w for (w,) in store.query("SELECT * FROM t", {"t": [digest]})] == words


def test_the_connection_reads_nothing_else(tmp_path):
    store = Store(tmp_path)
    digest = store.put({"n": "INTEGER"}, [(1,)])
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    import duckdb
    import pytest

    with pytest.raises(duckdb.PermissionException):
        store.query(f"SELECT * FROM read_csv('{tmp_path}/secret.csv')", {"t": [digest]})
