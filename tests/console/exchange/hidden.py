"""A city of two worlds that look alike to whoever may see a part of them, and many ways to ask.

Two versions of a table differ only in what is hidden: values of closed columns, rows that no grant
opens, and how many there are. Whoever may not see these must get the same answer in both. And a
closed column must be told from one that does not exist by nobody.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from songhua.console.exchange.models import Distribution
from songhua.console.exchange.services import contents, entries

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from django.test import Client

CLOSED, ABSENT = "payroll_no", "phantom_no"  # as long as each other: positions in texts stay
MARK = "zqxmark"  # begins every hidden value, and nothing else does
TABLE = "harbour_watch"
COLUMNS = [
    {"name": "station", "type": "TEXT", "open": True},
    {"name": "ice_cm", "type": "DOUBLE", "open": True},
    {"name": "read_on", "type": "DATE", "open": True},
    {"name": CLOSED, "type": "TEXT", "open": False},
]
SEEN = [("north", 40.5, "2024-01-02"), ("north", None, "2024-01-03"), ("north", 12.0, "2024-01-05")]


@dataclass
class Worlds:
    """One table, and the versions that take turns in it."""

    table: Distribution
    versions: tuple[Any, Any]

    def enter(self, number: int) -> None:
        """Make one of the worlds the present one."""
        Distribution.objects.filter(pk=self.table.pk).update(current=self.versions[number])


def build(city: Any, *, rows: bool = True) -> Worlds:
    """The two worlds: three rows of the north that a grant opens; 2 or 5 more that it does not, or
    none: of open data every row is open."""
    entry = entries.create(
        city.weather,
        {"name": "harbour-watch", "title": "港口值守", "unit": city.units["weather_bureau"],
         "tier": "conditional", "state": "active",
         "about": {"fields": [{"name": c["name"], "open": c["open"]} for c in COLUMNS]}},
    )  # fmt: skip
    table = entries.distribute(city.weather, entry, {"name": "rows", "sql_name": TABLE})
    contents.create(city.weather, table, COLUMNS)
    versions = tuple(
        _version(city, table, _rows(hidden, rows))
        for hidden in (["aa", "bb"], ["cc", "dd", "ee", "ff", "gg"])
    )
    for each in versions:  # when and as which number it was published is no secret: make it alike
        each.created_at = versions[0].created_at
        each.save()
    return Worlds(table, versions)


def _version(city: Any, table: Distribution, made: pl.DataFrame) -> Any:
    return contents.change(city.weather, table, lambda _: made)


def _rows(hidden: list[str], rows: bool) -> pl.DataFrame:
    seen = [(*row, f"{MARK}_{hidden[0]}_{at}") for at, row in enumerate(SEEN)]
    unseen = [
        (f"{MARK}_{h}", 77000.0 + ord(h[0]), "2031-03-03", f"{MARK}_{h}") for h in hidden if rows
    ]
    # What is hidden stands before and between: where it is, and how much, must not show either.
    mixed = [*unseen[:-1], seen[0], *unseen[-1:], *seen[1:]]
    frame = pl.DataFrame(mixed, schema=["station", "ice_cm", "read_on", CLOSED], orient="row")
    return frame.with_columns(
        pl.col("read_on").str.to_date(), pl.int_range(1, pl.len() + 1).alias("_id")
    )


@dataclass(frozen=True)
class Question:
    """One request of one route: an action with its arguments, or the address of a page."""

    route: str
    given: dict[str, Any]

    def text(self) -> str:
        """What was asked, as one text."""
        return self.route + json.dumps(self.given, ensure_ascii=False)

    def renamed(self) -> Question:
        """The same about a column that does not exist."""
        given = json.loads(json.dumps(self.given).replace(CLOSED, ABSENT))
        return Question(self.route.replace(CLOSED, ABSENT), given)


_CHANGING = re.compile(
    r'"(?:metadata_modified|last_modified|_start|_next)": ?"[^"]*"|"songhua_receipt": ?\d+'
    r'|csrf[^>]*>|nonce="[^"]*"|"X-CSRFToken": "\w+"|第 \d+ 版|编号 [\d,]+|chart-\d+'
)


def answer(client: Client, question: Question, **headers: str) -> tuple[int, str]:
    """The status and text of an answer, without what differs from call to call."""
    if question.route.startswith("/"):
        found = client.get(question.route, question.given, **headers)
    else:
        found = client.post(
            f"/api/3/action/{question.route}", json.dumps(question.given),
            content_type="application/json", **headers,
        )  # fmt: skip
    body = b"".join(found) if found.streaming else found.content
    return found.status_code, _CHANGING.sub("", body.decode("utf-8", "replace"))


def targeted(uid: str, entry: str) -> Iterator[Question]:
    """Every route, and the tricks that are known to have opened other systems."""
    search, sql = "datastore_search", "datastore_search_sql"
    for more in (
        {},
        {"fields": CLOSED},
        {"fields": ["station", CLOSED]},
        {"fields": "*"},
        {"filters": {CLOSED: f"{MARK}_aa"}},
        {"filters": {CLOSED: {"gt": MARK}}},
        {"filters": {"station": f"{MARK}_aa"}},
        {"filters": {"ice_cm": {"gt": 70000}}},
        {"q": MARK},
        {"q": {CLOSED: MARK}},
        {"q": f"{MARK}_aa_0"},
        {"full_text": MARK},
        {"sort": CLOSED},
        {"sort": f"station, {CLOSED} desc"},
        {"sort": f"_id, ({CLOSED})"},
        {"distinct": True, "fields": CLOSED},
        {"distinct": True, "fields": "station"},
        {"limit": 0},
        {"offset": 3},
        {"offset": 4},
        {"limit": 1, "offset": 2},
        {"records_format": "csv"},
        {"records_format": "tsv"},
        {"records_format": "lists"},
        {"include_total": True, "filters": {"read_on": "2031-03-03"}},
        {"fields": f'station", "{CLOSED}'},
        {"sort": f'station", "{CLOSED}'},
        {"filters": {f'station" IS NOT NULL OR "{CLOSED}': "x"}},
        {"filters": {"station": f"' OR {CLOSED} LIKE '{MARK}%"}},
        {"filters": {"ice_cm": f"1 OR {CLOSED} IS NOT NULL"}},
        {"filters": {"read_on": f"' || {CLOSED} || '"}},
        {"filters": [CLOSED]},
        {"fields": {"a": CLOSED}},
        {"limit": CLOSED},
    ):
        yield Question(search, {"resource_id": uid, **more})
    for text in _sql():
        yield Question(sql, {"sql": text})
        yield Question(sql, {"sql": text.replace(TABLE, f'"{uid}"')})
    for key in ("id", "resource_id"):
        yield Question("datastore_info", {key: uid})
    for action, given in (
        ("package_show", {"id": entry}),
        ("resource_show", {"id": uid}),
        ("package_search", {"q": CLOSED}),
        ("package_search", {"q": MARK}),
        ("package_search", {"fq": f"fields:{CLOSED}", "facet.field": [CLOSED]}),
        ("package_search", {"facet.field": ["tags", "organization", "res_format"]}),
        ("package_search", {"sort": f"{CLOSED} desc"}),
        ("package_autocomplete", {"q": CLOSED}),
        ("resource_search", {"query": f"name:{CLOSED}"}),
        ("resource_search", {"query": f"{CLOSED}:{MARK}"}),
        ("tag_list", {"query": MARK}),
        ("tag_search", {"query": CLOSED}),
        ("current_package_list_with_resources", {}),
        ("package_list", {}),
        ("resource_view_list", {"id": uid}),
        ("status_show", {}),
        ("datastore_upsert", {"resource_id": uid, "records": [{CLOSED: "x"}]}),
        ("datastore_create", {"resource_id": uid, "fields": [{"id": CLOSED, "type": "text"}]}),
        ("datastore_records_delete", {"resource_id": uid, "filters": {CLOSED: f"{MARK}_aa"}}),
        ("datastore_delete", {"resource_id": uid, "filters": {CLOSED: MARK}}),
    ):
        yield Question(action, given)


def _sql() -> Iterator[str]:
    c, t, m = CLOSED, TABLE, MARK
    yield from (
        f"SELECT * FROM {t}",
        f"SELECT {c} FROM {t}",
        f"SELECT {c} AS station FROM {t}",
        f"SELECT x.{c} FROM {t} AS x",
        f'SELECT "{c.upper()}" FROM {t}',
        f"SELECT {t} FROM {t}",
        f"SELECT COUNT(*) FROM {t}",
        f"SELECT COUNT({c}) FROM {t}",
        f"SELECT SUM(ice_cm) FROM {t}",
        f"SELECT COUNT(*) FROM {t} WHERE {c} LIKE '{m}%'",
        f"SELECT 1 FROM {t} WHERE {c} IS NULL",
        f"SELECT CASE WHEN {c} LIKE '{m}_a%' THEN 1 ELSE 0 END FROM {t}",
        f"SELECT station FROM {t} ORDER BY {c}",
        f"SELECT MAX(station) FROM {t} GROUP BY {c}",
        f"SELECT station FROM {t} GROUP BY station HAVING MAX({c}) > '{m}'",
        f"WITH w AS (SELECT * FROM {t}) SELECT {c} FROM w",
        f"WITH {t} AS (SELECT 1 AS a) SELECT * FROM {t}",
        f"SELECT * FROM (SELECT {c} FROM {t}) AS s",
        f"SELECT (SELECT MAX({c}) FROM {t})",
        f"SELECT EXISTS(SELECT 1 FROM {t} WHERE station LIKE '{m}%')",
        f"SELECT station FROM {t} WHERE EXISTS (SELECT 1 FROM {t} AS b WHERE b.{c} > {t}.station)",
        f"SELECT a.station FROM {t} AS a JOIN {t} AS b ON a.{c} = b.{c}",
        f"SELECT a.station FROM {t} AS a NATURAL JOIN {t} AS b",
        f"SELECT * FROM {t} a JOIN {t} b USING ({c})",
        f"SELECT ROW_NUMBER() OVER (ORDER BY {c}) FROM {t}",
        f"SELECT COUNT(*) OVER () FROM {t}",
        f"SELECT LEAD(station) OVER (ORDER BY _id) FROM {t}",
        f"SELECT RANK() OVER (PARTITION BY {c}) FROM {t}",
        f"SELECT MAX(_id), MIN(_id) FROM {t}",
        f"SELECT station FROM {t} UNION SELECT {c} FROM {t}",
        f"SELECT station FROM {t} EXCEPT SELECT {c} FROM {t}",
        f"SELECT COLUMNS('.*') FROM {t}",
        f"SELECT * EXCLUDE (station) FROM {t}",
        f"SELECT * REPLACE ({c} AS station) FROM {t}",
        f"SELECT CAST(station AS INTEGER) FROM {t}",
        f"SELECT 1/(ice_cm - 77097) FROM {t}",
        f"SELECT error({c}) FROM {t}",
        f"SELECT error(station) FROM {t} WHERE ice_cm > 70000",
        f"SELECT CAST(station AS DATE) FROM {t} WHERE station LIKE '{m}%'",
        f"SELECT station FROM {t} WHERE CAST(station AS BIGINT) > 0 OR TRUE",
        f"DESCRIBE {t}",
        f"SUMMARIZE {t}",
        f"PRAGMA table_info('{t}')",
        "SHOW TABLES",
        f"EXPLAIN SELECT * FROM {t}",
        "SELECT * FROM information_schema.columns",
        "SELECT * FROM duckdb_columns()",
        "SELECT * FROM duckdb_views()",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT * FROM read_parquet('*.parquet')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM 'x.parquet'",
        f"SELECT getvariable('{c}')",
        f"SELECT * FROM query('SELECT {c} FROM {t}')",
        f"SELECT * FROM query_table('{t}')",
        f"COPY {t} TO '/tmp/x'",
        f"SELECT * FROM {t}; SELECT {c} FROM {t}",
        f"SELECT /* {c} */ 1 FROM {t} --",
        f"SELECT to_json({t}) FROM {t}",
        f"SELECT struct_pack(a := {c}) FROM {t}",
        f"SELECT list({c}) FROM {t}",
        f"SELECT UNNEST([{c}]) FROM {t}",
        f"SELECT * FROM {t} USING SAMPLE 50%",
        f"SELECT approx_count_distinct({c}) FROM {t}",
        f"PIVOT {t} ON {c} USING COUNT(*)",
        f"UNPIVOT {t} ON {c} INTO NAME n VALUE v",
        f"FROM {t} SELECT {c}",
        f"SELECT station FROM {t} QUALIFY ROW_NUMBER() OVER (ORDER BY {c}) = 1",
        f"SELECT * FROM {t} LIMIT (SELECT COUNT({c}) FROM {t})",
        f"SELECT station FROM {t} LIMIT (SELECT COUNT(*) FROM {t} WHERE ice_cm > 70000)",
        f"SELECT s.{c} FROM {t}, LATERAL (SELECT {t}.{c}) AS s",
        f"SELECT file_row_number, filename FROM {t}",
        f"SELECT rowid FROM {t}",
    )


_SELECTED = (
    "*",
    "station",
    CLOSED,
    "COUNT(*)",
    f"COUNT(DISTINCT {CLOSED})",
    "MAX(ice_cm)",
    "SUM(_id)",
    f"MIN({CLOSED})",
    f"LENGTH({CLOSED})",
    f"COALESCE(station, {CLOSED})",
    "AVG(ice_cm)",
    f"station || {CLOSED}",
    "STRING_AGG(station, ',')",
    f"SUBSTR({CLOSED}, 1, 8)",
    "MAX(read_on)",
)
_WHERE = (
    "TRUE",
    f"station LIKE '{MARK}%'",
    f"{CLOSED} >= '{MARK}_b'",
    "ice_cm > 70000",
    "_id > 3",
    "read_on > DATE '2030-01-01'",
    "station <> 'north'",
    f"{CLOSED} IS NOT NULL",
    "NOT (_id < 4)",
    f"station IN (SELECT station FROM {TABLE} WHERE ice_cm > 70000)",
    f"(SELECT COUNT(*) FROM {TABLE} WHERE ice_cm > 70000) > 0",
    "CAST(station AS BIGINT) = 1",
    f"station = (SELECT MAX({CLOSED}) FROM {TABLE})",
    "1 / (ice_cm - 77099) IS NOT NULL",
)
_FROM = (
    TABLE,
    f"{TABLE} AS z",
    f"(SELECT * FROM {TABLE}) AS z",
    f"{TABLE} TABLESAMPLE RESERVOIR(100%)",
    f"(SELECT *, ROW_NUMBER() OVER (ORDER BY _id DESC) AS n FROM {TABLE}) AS z",
    f"(SELECT * FROM {TABLE} UNION ALL SELECT * FROM {TABLE}) AS z",
    f"{TABLE} AS z LEFT JOIN (SELECT _id AS other FROM {TABLE}) AS o ON o.other > z._id",
)
_TAIL = (
    "",
    " ORDER BY 1",
    f" ORDER BY {CLOSED}",
    " LIMIT 2",
    " OFFSET 3",
    " ORDER BY _id DESC",
    " GROUP BY ALL",
    " GROUP BY station",
    " ORDER BY ice_cm DESC NULLS LAST",
)


def drawn(rng: random.Random) -> Question:
    """A question put together by chance."""
    asked = (
        f"SELECT {', '.join(rng.choices(_SELECTED, k=rng.randint(1, 2)))} FROM {rng.choice(_FROM)}"
    )
    where = f"{rng.choice(_WHERE)} {rng.choice(('AND', 'OR'))} {rng.choice(_WHERE)}"
    text = f"{asked} WHERE {where}{rng.choice(_TAIL)}"
    if rng.random() < 0.2:
        text = f"WITH w AS ({text}) SELECT COUNT(*) FROM w"
    return Question("datastore_search_sql", {"sql": text})
