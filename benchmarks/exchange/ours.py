"""Our side: tokens, grants, metering and the evidence log are on, as they always are."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import our_site
from work import DATASETS, Bench

COPIES = """
import sys
sys.path.insert(0, {here!r})
import django
django.setup()
from django.db import transaction
from songhua.console.exchange.models import Distribution, Entry
from work import copy_of, id_of, name_of
template, made = {template!r}, []
first = Entry.objects.get(name=template["name"])
parts = list(first.distributions.all())
for number in range({datasets}):
    row = Entry.objects.get(pk=first.pk) if not made else Entry(
        **{{f.attname: getattr(first, f.attname) for f in Entry._meta.fields}})
    row.pk, row._state.adding = None, True
    row.uid, row.name, row.title = id_of("d", number), name_of(number), f"Dataset {{number}}"
    row.published = copy_of(first.published, template, number)
    row.found_by = copy_of(first.found_by, template, number).lower()
    made.append(row)
with transaction.atomic():
    Entry.objects.bulk_create(made, batch_size=500)
    Distribution.objects.bulk_create(
        (Distribution(uid=id_of(f"r{{part.position}}-", number), entry=row, name=part.name,
                      position=part.position, form=part.form, url=part.url, extras=part.extras,
                      created_at=part.created_at, modified_at=part.modified_at)
         for number, row in enumerate(made) for part in parts), batch_size=500)
"""
READER = """
import django
django.setup()
from songhua.console.api import tokens
from songhua.console.exchange.models import Distribution
from songhua.console.exchange.services import granting
from songhua.console.people.models import Unit, User
table = Distribution.objects.get(uid={table!r})
harbour = Unit.objects.get(code="harbour")
columns = [c["name"] for c in table.current.columns if c["name"] != "_id"]
granting.grant(User.objects.get(username="admin"), table, harbour,
               {{"columns": columns, "purpose": "bench"}})
reader = User.objects.create_user("reader", password=None, role="staff", unit=harbour)
print(tokens.make(reader, name="bench", scopes=["read"], days="30")[1])
"""


def copies(site: our_site.Site, template: dict[str, Any]) -> None:
    """Copy the rows of a dataset, and what programs are shown of it."""
    here = str(Path(__file__).parent)
    site.inside(COPIES.format(here=here, template=template, datasets=DATASETS))


def reader(site: our_site.Site, table: str) -> str:
    """A program of another department, to which the table was granted."""
    return site.inside(READER.format(table=table)).split()[-1]


PAGE = "/catalogue/dataset/{}/"
bench = Bench(our_site.running, copies, reader, PAGE)
unlogged = Bench(
    partial(our_site.running, (str(Path(__file__).with_name("without_log.py")),)),
    copies, reader, PAGE,
)  # fmt: skip


def solve(case: dict[str, Any]) -> dict[str, Any]:
    """A case's seconds and answer."""
    return _slowdown(case) if case["kind"] == "slowdown" else bench.solve(case)


def _slowdown(case: dict[str, Any]) -> dict[str, Any]:
    """The same calls with the evidence log and, of another server, without it, by turns; the
    quickest turns are compared, for whatever else the machine does makes a turn slower."""
    rows = case | {"kind": "rows"}
    turns = [
        [side.solve(rows)["seconds"] for side in (bench, unlogged)] for _ in range(case["turns"])
    ]
    logged, bare = map(min, zip(*turns, strict=True))
    note = f"{100 * (logged / bare - 1):.0f} % more than without the log"
    return {"seconds": logged, "answer": {}, "note": note}
