"""An entry keeps the rules of the national guide, and a catalogue holds its entries together."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhua.exchange.catalogue import (
    Catalogue,
    CodeTable,
    Field,
    Kind,
    Sensitivity,
    Tier,
    facets,
    parse_code,
    resource_code,
    search_text,
    words,
)
from songhua.exchange.catalogue.columns import columns
from songhua.exchange.enforcement import Grant, Usage, plan
from songhua.kit.errors import InputError

from .entries import CITY, HOMES, READINGS, catalogues

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
FOLDER = files("songhua.exchange.catalogue")


def refused(record, **changes) -> set[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        replace(record, **changes)
    return {(problem.where, problem.code) for problem in caught.value.problems}


@given(
    st.integers(1, 3), st.integers(0, 99), st.integers(0, 999), st.integers(0, 10**12 - 1),
    st.from_regex(r"[0-9]{0,12}", fullmatch=True),
)  # fmt: skip
def test_a_code_says_its_parts(family, item, subject, sequence, detail):
    code = parse_code(resource_code(family, item, subject, sequence, detail))
    assert (int(code.family), int(code.item), int(code.subject)) == (family, item, subject)
    assert (code.detail, int(code.sequence)) == (detail, sequence)


NO_CODES = ("", "307001", "307001-1", "007001/1", "30701/1", "307001/", "٣07001/1")


@pytest.mark.parametrize("code", NO_CODES)
def test_what_is_no_code_is_refused(code):
    with pytest.raises(InputError):
        parse_code(code)
    assert [where for where, _ in refused(HOMES, code=code)] == ["code"]


def test_a_tier_states_its_reason():
    assert refused(HOMES, conditions="") == {("conditions", "catalogue_conditions_missing")}
    denied = {"tier": Tier.DENIED, "open": False, "open_conditions": ""}
    assert refused(HOMES, **denied) == {("legal_basis", "catalogue_legal_basis_missing")}
    assert replace(HOMES, **denied, legal_basis="《统计法》第二十五条").tier is Tier.DENIED


def test_only_what_may_be_shared_is_open():
    basis = {"tier": Tier.DENIED, "legal_basis": "《统计法》第二十五条"}
    assert refused(HOMES, **basis) == {("open", "catalogue_open_denied")}
    assert refused(HOMES, open_conditions="") == {
        ("open_conditions", "catalogue_open_conditions_missing")
    }
    assert refused(HOMES, open=False) == {("open_conditions", "catalogue_open_conditions_idle")}
    assert refused(READINGS, open=True) == {("open", "catalogue_open_without_field")}
    assert [f.name for f in HOMES.open_fields] == ["district", "area_m2"]
    assert READINGS.open_fields == ()


@pytest.mark.parametrize("sensitivity", [s for s in Sensitivity if s is not Sensitivity.GENERAL])
def test_only_general_data_are_open(sensitivity):
    field = Field("x", "项", sensitivity=sensitivity)
    assert refused(field, open=True) == {("open", "catalogue_open_sensitive")}


@FEW
@given(catalogues())
def test_nothing_personal_is_ever_open(catalogue):
    for resource in catalogue:
        assert resource.tier is not Tier.DENIED or not resource.open_fields
        assert all(f.sensitivity is Sensitivity.GENERAL for f in resource.open_fields)


ILLEGIBLE = ("a\x00b", "\x1b", "a\rb", " a", "a\n", "\ud800", "\ufffe", "\u200b\x85")


@pytest.mark.parametrize("text", ILLEGIBLE)
def test_what_no_document_can_hold_is_refused(text):
    assert ("title_zh", "catalogue_text_illegible") in refused(HOMES, title_zh=text)
    assert ("title_zh", "catalogue_text_illegible") in refused(HOMES.fields[0], title_zh=text)


@pytest.mark.parametrize("name", ["", "a b", "住户", "a" * 101, 'a"; DROP', "../x", "A/b"])
def test_names_are_plain(name):
    assert [where for where, _ in refused(HOMES, name=name)] == ["name"]
    assert [where for where, _ in refused(HOMES.fields[0], name=name)] == ["name"]


@given(st.from_regex(r"[a-z0-9_-]{2,20}", fullmatch=True))
def test_every_name_gives_a_table_that_sql_can_call(name):
    assert replace(HOMES, name=name).table.isidentifier()


def test_only_files_without_columns_come_without_fields():
    bare = {"fields": (), "key": ()}
    assert refused(HOMES, **bare) == {("fields", "catalogue_no_fields")}
    assert replace(HOMES, **bare, formats=("pdf", "geojson")).open_fields == ()


def test_limits_belong_to_numbers():
    area = HOMES.fields[2]
    assert refused(area, low=Decimal(6000)) == {("high", "catalogue_limits_crossed")}
    for number in ("NaN", "Infinity", "1e999999", "0e-999999"):
        assert ("low", "catalogue_limit") in refused(area, low=Decimal(number))
    assert refused(area, kind=Kind.DATE) == {
        ("low", "catalogue_limit"),
        ("high", "catalogue_limit"),
    }
    assert refused(area, length=3) == {("length", "catalogue_length")}


def test_all_that_is_wrong_is_said_at_once():
    found = refused(HOMES, title_zh="", theme="x", cycle="", updated=date(2020, 1, 1), key=("x",))
    assert {where for where, _ in found} == {"title_zh", "theme", "cycle", "updated", "key"}


def test_entries_are_held_to_each_other():
    def found(*resources, tables=CITY.code_tables):
        with pytest.raises(InputError) as caught:
            Catalogue(resources, tables)
        return {(problem.where, problem.code) for problem in caught.value.problems}

    assert found(HOMES, HOMES) == {
        ("resources.1.code", "catalogue_code_twice"), ("resources.1.name", "catalogue_name_twice")
    }  # fmt: skip
    twin = replace(READINGS, name="heated-homes")
    other = replace(HOMES, name="heated_homes")
    assert ("resources.1.name", "catalogue_name_twice") in found(other, twin)
    assert found(READINGS) == {
        ("resources.0.related", "catalogue_related_unknown"),
        ("resources.0.fields.0.reference", "catalogue_reference_unknown"),
    }
    assert found(HOMES, tables=()) == {
        ("resources.0.fields.1.code_table", "catalogue_code_table_unknown")
    }
    numbered = replace(HOMES.fields[0], kind=Kind.INTEGER)
    homes = replace(HOMES, fields=(numbered, *HOMES.fields[1:]))
    assert found(homes, READINGS) == {
        ("resources.1.fields.0.reference", "catalogue_reference_kind")
    }
    with pytest.raises(InputError):
        CodeTable("空", ())


def test_catalogues_are_joined_unless_they_contradict():
    half = Catalogue((HOMES,), CITY.code_tables)
    other = Catalogue(
        (replace(READINGS, related=(), fields=READINGS.fields[1:]),), CITY.code_tables
    )
    assert len(half.joined(other)) == 2 and half.joined(other).code_tables == CITY.code_tables
    with pytest.raises(InputError):
        half.joined(half)


def test_numbers_go_on_where_the_catalogue_stands():
    number = CITY.numbering("307001")
    assert number("homes") == HOMES.code and number("new") == "307001/000003"
    assert number("new") == "307001/000003" and number("newer") == "307001/000004"
    assert CITY.numbering("307002")("new") == "307002/000001"


@pytest.mark.parametrize(
    ("cycle", "day", "late"),
    [("daily", 2, 0), ("daily", 3, 1), ("weekly", 8, 0), ("weekly", 9, 1), ("monthly", 1, 0),
     ("irregular", 31, None), ("never", 31, None)],
)  # fmt: skip
def test_an_update_is_late_after_its_cycle(cycle, day, late):
    assert replace(READINGS, cycle=cycle).days_late(date(2026, 3, day)) == late
    assert replace(READINGS, updated=None).days_late(date(2026, 3, day)) is None


@pytest.mark.parametrize("kind", Kind)
def test_the_enforcement_point_takes_the_schemas_as_they_are(kind):
    resource = replace(READINGS, name="2026-readings", fields=(Field("room", "室温", kind=kind),))
    schemas = Catalogue((replace(resource, related=()),)).schemas()
    grant = Grant("bureau", resource.table, frozenset({"room"}), "heat")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    query = f"SELECT room FROM {resource.table}"
    assert plan(query, [grant], schemas, "heat", at, Usage()).columns == (("room", kind.sql),)


@FEW
@given(catalogues())
def test_facets_count_every_resource(catalogue):
    counted = facets(catalogue)
    for facet in ("theme", "provider", "tier", "open", "cycle"):
        assert sum(counted[facet].values()) == len(catalogue)
    for name, count in counted["format"].items():
        assert count == sum(name in resource.formats for resource in catalogue)
    for choices in counted.values():
        assert list(choices.values()) == sorted(choices.values(), reverse=True)


def test_a_resource_is_found_by_what_it_holds_and_not_by_whom_to_call():
    text = search_text(HOMES)
    for part in (
        "供热住户",
        "Heated homes",
        "市住建局",
        "307001/000001",
        "户主",
        "owner",
        "民生服务",
    ):
        assert part in text
    assert "heat@example.cn" not in text and "0451" not in text and "供热科" not in text
    assert text.splitlines()[0] == "供热住户"


def test_lists_and_columns_agree_with_the_records():
    for name, kind in (("tier", Tier), ("kind", Kind), ("sensitivity", Sensitivity)):
        assert list(words(name)) == list(kind)
    for record, sheet, besides in (
        (HOMES, "resources", {"fields"}),
        (HOMES.fields[0], "fields", set()),
    ):
        declared = {column.attribute for column in columns(sheet)} - {"resource"}
        assert declared == vars(record).keys() - besides
    with FOLDER.joinpath("vocabulary.csv").open(encoding="utf-8") as stream:
        lists = {row["list"] for row in csv.DictReader(stream)}
    for name in lists:
        for word in words(name).values():
            assert word.zh and word.en
            if name in ("cycle", "access", "language", "eu_theme"):
                assert word.iri.startswith("http://publications.europa.eu/")
    for theme in words("theme").values():
        assert theme.source and set(theme.detail.split("|")) <= words("eu_theme").keys()


def test_codes_and_sentences_match():
    with FOLDER.joinpath("messages.csv").open(encoding="utf-8") as stream:
        rows = {row["code"]: row for row in csv.DictReader(stream)}
    source = "".join(
        entry.read_text(encoding="utf-8")
        for entry in FOLDER.iterdir()
        if entry.name.endswith(".py")
    )
    used = set(re.findall(r'"(catalogue_[a-z_]+)"', source)) | {
        "catalogue_code_twice", "catalogue_name_twice"  # composed of the attribute's name
    }  # fmt: skip
    assert used == rows.keys()
    for row in rows.values():
        places = [set(re.findall(r"{(\w+)}", row[language])) for language in ("zh", "en")]
        assert places[0] == places[1] and row["zh"] and row["en"] and None not in row, row
