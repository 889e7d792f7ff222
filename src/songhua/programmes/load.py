"""A programme from its folder, all or nothing.

A folder holds programme.yaml, units.csv, indicators.yaml (with its cross-checks), obligations.csv,
zones.yaml, districts.csv and defects.yaml. It may hold registers.yaml (registers as data) and
records.csv (which collections of records show which obligations). Whatever is wrong with any of
them is listed in one `InputError`, each problem with its file and line.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem, require
from songhua.programmes import check
from songhua.programmes.model import (
    Crosscheck,
    Defect,
    District,
    Heading,
    Indicator,
    Obligation,
    Programme,
    RecordLink,
    Unit,
    Zone,
)
from songhua.programmes.place import records
from songhua.programmes.read_csv import table
from songhua.programmes.read_yaml import document, listed
from songhua.programmes.registers import Register

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from songhua.programmes.place import Raw


def load(folder: Path | Traversable) -> Programme:
    """The programme in `folder`. Raises `InputError` with every problem of every file."""
    problems: list[Problem] = []

    def rows(name: str, *keys: str) -> list[list[Raw]]:
        return listed(document(folder, name, problems), keys, problems)

    heading_raw = document(folder, "programme.yaml", problems)
    headings = records([heading_raw] if heading_raw else [], Heading, problems)
    unit_rows = table(folder, "units.csv", Unit, problems)
    units = records(unit_rows, Unit, problems)
    indicator_rows, check_rows = rows("indicators.yaml", "indicators", "crosschecks")
    indicators = records(indicator_rows, Indicator, problems)
    crosschecks = records(check_rows, Crosscheck, problems)
    obligations = records(
        table(folder, "obligations.csv", Obligation, problems), Obligation, problems
    )
    has_links = (folder / "records.csv").is_file()
    link_rows = table(folder, "records.csv", RecordLink, problems) if has_links else []
    links = records(link_rows, RecordLink, problems)
    has_registers = (folder / "registers.yaml").is_file()
    register_rows = rows("registers.yaml", "registers")[0] if has_registers else []
    registers = records(register_rows, Register, problems)
    zones = records(rows("zones.yaml", "zones")[0], Zone, problems)
    district_rows = table(folder, "districts.csv", District, problems)
    districts = records(district_rows, District, problems)
    defects = records(rows("defects.yaml", "defects")[0], Defect, problems)

    # A row that failed on another field still declares its code: one slip, one problem.
    unit_codes = {str(raw.values.get("code")) for raw in unit_rows}
    adcodes = {str(raw.values.get("adcode")) for raw in district_rows}
    by_code = {i.it.code: i.it for i in indicators}
    problems += check.unique(units, "code")
    problems += check.unique(indicators, "code")
    problems += check.unique(obligations, "id")
    problems += check.unique(registers, "code")
    problems += check.unique(zones, "code")
    problems += check.unique(districts, "adcode")
    problems += check.unique(defects, "id")
    problems += check.names(units)
    unknown = "programme_unit_unknown"
    problems += check.known(headings, "lead_unit", unit_codes, unknown)
    problems += check.known(indicators, "owner", unit_codes, unknown)
    problems += check.known(obligations, "units", unit_codes, unknown)
    problems += check.known(zones, "units", unit_codes, unknown)
    duties = {o.it.id for o in obligations}
    problems += check.known(links, "obligation", duties, "programme_obligation_unknown")
    problems += check.known(units, "district", adcodes, "programme_district_unknown")
    problems += check.known(zones, "districts", adcodes, "programme_district_unknown")
    known_indicators = {str(raw.values.get("code")) for raw in indicator_rows}
    unknown = "programme_indicator_unknown"
    problems += check.known(obligations, "indicator", known_indicators, unknown)
    problems += check.known(crosschecks, "total", known_indicators, unknown)
    problems += check.known(crosschecks, "parts", known_indicators, unknown)
    problems += check.comparators(indicators)
    problems += check.crosschecks(crosschecks, by_code)
    problems += check.targets(obligations, by_code)
    if problems:
        raise InputError(problems)
    return Programme(
        **dict(headings[0].it),
        units=tuple(r.it for r in units),
        indicators=tuple(r.it for r in indicators),
        crosschecks=tuple(r.it for r in crosschecks),
        obligations=tuple(r.it for r in obligations),
        records=tuple(r.it for r in links),
        registers=tuple(r.it for r in registers),
        zones=tuple(r.it for r in zones),
        districts=tuple(r.it for r in districts),
        defects=tuple(r.it for r in defects),
    )


def bundled(code: str = "harbin_2022") -> Programme:
    """A programme that ships with songhua. Raises `InputError` for an unknown code.

    >>> bundled().city_en
    'Harbin'
    """
    known = re.fullmatch(r"[a-z][a-z0-9_]*", code) is not None
    folder = files("songhua.programmes") / code if known else None
    found = folder is not None and (folder / "programme.yaml").is_file()
    require(found, "code", "programme_unknown", code)
    assert folder is not None
    return load(folder)


def counts(programme: Programme) -> dict[str, int]:
    """How much there is of everything, for the office to compare with its own copy.

    Keys are the collections, ``obligations.<kind>``, ``units.<kind>``, and for each cross-check
    and year ``crosscheck.<total>.<year>``: 1 when the parts add up, else 0.
    """
    found = {
        name: len(getattr(programme, name))
        for name in (
            "units",
            "indicators",
            "crosschecks",
            "obligations",
            "zones",
            "districts",
            "defects",
        )
    }
    for group in ("units", "obligations"):
        kinds = Counter(record.kind for record in getattr(programme, group))
        found |= {f"{group}.{kind}": number for kind, number in sorted(kinds.items())}
    duties = programme.obligations
    found["obligations.unit_not_stated"] = sum(not o.unit_stated for o in duties)
    found["obligations.with_deadline"] = sum(o.deadline is not None for o in duties)
    found["obligations.with_indicator"] = sum(o.indicator is not None for o in duties)
    by_code = {indicator.code: indicator for indicator in programme.indicators}
    for crosscheck in programme.crosschecks:
        for year, holds in check.adds_up(crosscheck, by_code).items():
            found[f"crosscheck.{crosscheck.total}.{year}"] = int(holds)
    return found
