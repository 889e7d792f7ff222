"""CKAN's side. Its copies are written where CKAN keeps datasets: PostgreSQL, and Solr's index."""

from __future__ import annotations

import json
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import ckan_site
import ckanapi
from work import DATASETS, Bench, copy_of, id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 1000
TABLES = {  # what a copy of each row has of its own
    "package": ("id = %(id)s", "'id', md5('d' || n)::uuid, 'name', 'd-' || lpad(n::text, 5, '0'),"
                " 'title', 'Dataset ' || n"),
    "resource": ("package_id = %(id)s", "'id', md5('r' || t.position || '-' || n)::uuid,"
                 " 'package_id', md5('d' || n)::uuid"),
    "package_tag": ("package_id = %(id)s", "'id', gen_random_uuid(), 'package_id',"
                    " md5('d' || n)::uuid"),
    "package_extra": ("package_id = %(id)s", "'id', gen_random_uuid(), 'package_id',"
                      " md5('d' || n)::uuid"),
    "member": ("table_id = %(id)s", "'id', gen_random_uuid(), 'table_id', md5('d' || n)::uuid"),
}  # fmt: skip


@contextmanager
def running() -> Iterator[ckan_site.Site]:
    """CKAN with the departments of ours."""
    with ckan_site.running() as site:
        client = ckanapi.RemoteCKAN(site.url, apikey=site.token)
        for name, title in (("weather", "气象局"), ("harbour", "港务局")):
            client.action.organization_create(name=name, title=title)
        yield site


def copies(site: ckan_site.Site, template: dict[str, Any]) -> None:
    """Copy rows within the database, and the document within the index."""
    import psycopg

    with psycopg.connect(site.database) as connection:
        there = {row[0] for row in connection.execute("SELECT tablename FROM pg_tables")}
        for table in filter(there.__contains__, TABLES):  # what others refer to comes first
            which, own = TABLES[table]
            connection.execute(
                f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) ||"
                f" jsonb_build_object({own}))).* FROM {table} t,"
                f" generate_series(0, {DATASETS - 1}) n WHERE {which}",
                {"id": template["id"]},
            )
    with psycopg.connect(site.database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    query = quote(f'id:"{template["id"]}"')
    with urllib.request.urlopen(f"{site.solr}/select?q={query}&fl=*") as answer:
        (doc,) = json.load(answer)["response"]["docs"]
    text = json.dumps(doc, ensure_ascii=False)
    for start in range(0, DATASETS, BATCH):
        docs = [
            json.loads(copy_of(text, template, number)) | {"index_id": id_of("i", number)}
            for number in range(start, start + BATCH)
        ]
        request = urllib.request.Request(
            f"{site.solr}/update", json.dumps(docs).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request).close()


_bench = Bench(running, copies, lambda site, _: site.token, "/dataset/{}")


def solve(case: dict[str, Any]) -> dict[str, Any]:
    """A case's seconds and answer. Ends where this machine lacks what CKAN needs."""
    if lacking := ckan_site.missing():
        raise SystemExit(f"beside CKAN: {lacking}; see ckan_site.py")
    return _bench.solve(case)
