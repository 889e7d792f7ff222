"""What the city's scenarios declare and compute, in the catalogue by itself.

Every declared dataset is an entry. What the declaration says is written when it is new or has
changed; what people decided since (whether it is open, its licence, its contact) stays. The newest
finished table of a dataset that runs write becomes a version of the entry's table.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction

from songhua.console.exchange import records
from songhua.console.exchange.models import Entry
from songhua.console.exchange.services import contents, entries
from songhua.console.people.models import Unit, UnitAlias
from songhua.console.runs import selectors as runs
from songhua.exchange.catalogue import Registration, from_scenario
from songhua.exchange.catalogue.codes import parse_code
from songhua.kit.errors import Conflict
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from pathlib import Path

    from songhua.console.exchange.models import Distribution
    from songhua.console.runs.models import Table
    from songhua.exchange.catalogue import Catalogue, Resource
    from songhua.kit.spec import Scenario

CATEGORY = "201001"  # 主题信息资源, 试验区场景
CONDITIONS = "向数据提供部门提出共享申请，说明用途和依据，经审核授权后使用。"
BASIS = "《中华人民共和国个人信息保护法》《中华人民共和国数据安全法》：含个人信息或重要数据。"
DECLARED = ("title", "title_en", "summary", "tier", "basis", "keywords")
ABOUT = ("summary_en", "fields", "code_tables", "key", "formats", "methods")

log = logging.getLogger("songhua.exchange")


def follow() -> dict[str, int]:
    """Register what is declared and publish what runs have written; how many of each. Doing it
    again changes nothing."""
    return {"datasets declared": register(), "run tables published": publish()}


def register() -> int:
    """Enter, or bring up to date, every dataset that a scenario declares; how many."""
    number, changed = _numbering(), 0
    for scenario in scenarios().values():
        unit = unit_called(scenario.departments[0])
        found = from_scenario(scenario, Registration(number, "", CONDITIONS, BASIS))
        changed += sum(_register(resource, found, unit) for resource in found)
    return changed


def unit_called(name: str) -> Unit | None:
    """The department that the plan or an office calls so."""
    unit = Unit.objects.filter(name_zh=name).first()
    alias = UnitAlias.objects.filter(name=name).select_related("unit").first() if not unit else None
    return alias.unit if alias else unit


@transaction.atomic
def _register(resource: Resource, catalogue: Catalogue, unit: Unit | None) -> bool:
    declared = records.given(resource, catalogue.tables)
    digest = hashlib.sha256(
        orjson.dumps([{n: declared[n] for n in DECLARED}, resource.fields, unit and unit.code],
                     default=str, option=orjson.OPT_SORT_KEYS)
    ).hexdigest()  # fmt: skip
    entry = Entry.objects.filter(origin=resource.source).first()
    if entry is None:
        declared |= {"unit": unit, "origin": resource.source, "state": Entry.State.ACTIVE}
        declared["about"]["declared"] = digest
        entries.create(None, declared)
        return True
    if entry.about.get("declared") == digest:
        return False
    said = {name: declared[name] for name in DECLARED} | {"unit": unit}
    about = {name: declared["about"][name] for name in ABOUT}
    about["fields"] = _still_open(entry, about["fields"])
    said["about"] = entry.about | about | {"declared": digest}
    said["is_open"] = entry.is_open and declared["tier"] != Entry.Tier.DENIED
    entries.change(None, entry, said)
    return True


def _still_open(entry: Entry, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The declared fields with what people decided of those that were there before."""
    decided = {f.name: f for f in records.fields_of(entry)}
    return [
        f | {"open": decided[f["name"]].open, "sensitivity": str(decided[f["name"]].sensitivity)}
        if f["name"] in decided else f
        for f in fields
    ]  # fmt: skip


def _numbering() -> Any:
    """Gives a declared dataset the code that it has, or the next free one."""
    rows = Entry.objects.filter(code__startswith=f"{CATEGORY}/")
    codes = dict(rows.values_list("name", "code"))
    last = max((int(parse_code(code).sequence) for code in codes.values()), default=0)

    def number(name: str) -> str:
        nonlocal last
        if name not in codes:
            last += 1
            codes[name] = f"{CATEGORY}/{last:06}"
        return codes[name]

    return number


def publish() -> int:
    """Take over the newest table of every dataset that runs write; how many were new."""
    taken = 0
    for scenario in scenarios().values():
        written = {name for action in scenario.actions for name in action.writes}
        sources = {f"scenario:{scenario.name}/{name}": name for name in written}
        rows = Entry.objects.filter(origin__in=sources, state=Entry.State.ACTIVE)
        newest = runs.newest_outputs(scenario.name) if rows else {}
        for entry in rows:
            name = sources[entry.origin]
            if name in newest:
                taken += _publish(scenario, entry, newest[name])
    return taken


def _publish(scenario: Scenario, entry: Entry, table: Table) -> bool:
    made = entry.distributions.filter(removed_at=None, extras__has_key="run").first()
    if made is not None and made.extras.get("digest") == table.digest:
        return False
    file = runs.rows_of(table)
    if not file.exists():  # dropped meanwhile
        return False
    try:
        _adopt(scenario, entry, made, table, file)
    except Conflict:  # another worker was quicker
        log.info("%s was published by another worker", entry.name)
        return False
    return True


@transaction.atomic
def _adopt(
    scenario: Scenario, entry: Entry, made: Distribution | None, table: Table, file: Path
) -> None:
    said = {"run": table.run_id, "digest": table.digest}
    if made is None:
        given = {"name": entry.title, "form": "Parquet", "sql_name": entries.sql_name(entry)}
        made = entries.distribute(None, entry, given)
    declared = scenario.dataset(table.dataset)
    columns = [column_of(field) for field in records.fields_of(entry)]
    contents.adopt(None, made, columns, file, declared.key)
    entries.redistribute(None, made, {"extras": said})


def column_of(field: Any) -> dict[str, Any]:
    """A field of the catalogue as a column of a table."""
    return {
        "name": field.name, "type": records.TYPES[field.kind], "title": field.title_zh,
        "title_en": field.title_en, "unit": field.unit, "open": field.open,
    }  # fmt: skip
