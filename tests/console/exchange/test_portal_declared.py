"""What scenarios declare and compute is in the catalogue without anybody typing it."""

from __future__ import annotations

import polars as pl
import pytest

from songhua.console import clock
from songhua.console.exchange.models import Entry, Version
from songhua.console.exchange.services import contents, declared, entries
from songhua.console.ledger.services import audit
from songhua.console.runs.models import Run, Table
from songhua.console.runs.services import work
from songhua.exchange.catalogue import parse_code
from songhua.runtime.registry import scenarios

NAME = "fever_clinic_measures"


def finished(city, mean: float) -> Table:
    """A run that wrote the measures of the fever clinic."""
    run = Run.objects.create(
        scenario="fever_clinic", action="simulate_waits", state="done", created_by=city.office,
        created_at=clock.now(),
    )  # fmt: skip
    rows = pl.DataFrame(
        {"plan": ["current", "proposed"], "measure": ["stay_min"] * 2, "mean": [mean, None],
         "low": [1.0, None], "high": [9.0, None]}
    )  # fmt: skip
    work.store().folder.mkdir(parents=True, exist_ok=True)
    file = work.store().folder / ".incoming-test.parquet"
    rows.write_parquet(file)
    return Table.objects.create(
        scenario="fever_clinic", dataset="measures", name="measures", run=run, state="done",
        rows=2, digest=work.store().take(file), created_by=city.office, created_at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def registered(empty_city):
    declared.register()
    return empty_city


def test_every_declared_dataset_is_entered_once(registered):
    wanted = {f"scenario:{s.name}/{d.name}" for s in scenarios().values() for d in s.datasets}
    rows = Entry.objects.exclude(origin="")
    assert {row.origin for row in rows} == wanted and len(rows) == len(wanted)
    assert all(parse_code(row.code) and row.state == "active" and not row.is_open for row in rows)
    before = list(rows.order_by("pk").values_list("pk", "code", "modified_at"))
    assert declared.register() == 0
    assert list(rows.order_by("pk").values_list("pk", "code", "modified_at")) == before


def test_what_people_decided_stays_when_a_declaration_changes(registered):
    entry = Entry.objects.get(name=NAME)
    about = entry.about | {"declared": "an older one"}
    about["fields"] = [f | {"open": f["name"] == "mean"} for f in about["fields"]]
    entries.change(
        registered.office, entry,
        {"title": "旧", "licence": "cc0", "is_open": True, "about": about, "tier": "unconditional"},
    )  # fmt: skip
    assert declared.register() == 1
    entry.refresh_from_db()
    assert entry.title.startswith("发热门诊") and entry.tier == "conditional"
    assert entry.licence == "cc0" and entry.is_open
    assert [f["name"] for f in entry.about["fields"] if f["open"]] == ["mean"]


def test_the_newest_table_of_a_run_becomes_a_version_once(registered):
    finished(registered, 3.0)
    finished(registered, 5.5)
    assert declared.publish() == 1 and declared.publish() == 0
    version = Version.objects.filter(distribution__entry__name=NAME).latest("pk")
    assert version.rows == 2 and version.keys == ["plan", "measure"]
    assert contents.frame(version)["mean"].to_list() == [5.5, None]
    assert contents.frame(version)["_id"].to_list() == [1, 2]
    finished(registered, 7.0)
    assert declared.publish() == 1
    newest = Version.objects.filter(distribution__entry__name=NAME).latest("pk")
    assert contents.frame(newest)["mean"].to_list() == [7.0, None]
    assert [v.number for v in newest.distribution.versions.all()] == [2, 1]
    ours = ("entry", "version", "distribution")
    assert not [f for f in audit.verify() if f.subject.startswith(ours)]


def test_a_dataset_that_was_taken_down_is_left_alone(registered):
    entries.withdraw(registered.office, Entry.objects.get(name=NAME))
    finished(registered, 3.0)
    assert declared.follow() == {"datasets declared": 0, "run tables published": 0}
