"""What other portals and programs read of the catalogue is valid, whatever an office wrote."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF

from songhua.exchange.catalogue import (
    Catalogue,
    Registration,
    Tier,
    data_package,
    from_run_output,
    from_scenario,
    quality_rules,
    read_catalogue,
    table_schema,
    words,
    write_catalogue,
)
from songhua.exchange.catalogue.dcat import serialise, to_dcat
from songhua.exchange.quality import check, read_rules
from songhua.kit.errors import InputError
from songhua.scenarios.fever_clinic import scenario

from .entries import CITY, HOMES, READINGS, catalogues

BASE = "https://data.example.cn/catalogue"
SHAPES = Path(__file__).parents[4] / "shared" / "data" / "exchange" / "dcat-ap-3.0.1-SHACL.ttl"
HOSTILE = "https://数据.example.cn/a b/<\u202e>/"
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
FORMS = ("turtle", "json-ld", "xml")


@cache
def shapes() -> Graph:
    if not SHAPES.is_file():
        pytest.skip("the SHACL shapes of DCAT-AP 3.0.1 are not beside this checkout")
    return Graph().parse(SHAPES)


def conforms(graph: Graph) -> tuple[bool, str]:
    import pyshacl

    holds, _, report = pyshacl.validate(graph, shacl_graph=shapes(), advanced=True)
    return holds, report


def declared() -> Catalogue:
    number = Catalogue().numbering("307002")
    return from_scenario(scenario, Registration(number, "health", conditions="按用途申请"))


def test_the_city_conforms_to_dcat_ap():
    holds, report = conforms(to_dcat(CITY.joined(declared()), BASE, "哈尔滨市数据局"))
    assert holds, report


def test_the_shapes_do_find_what_is_missing():
    graph = to_dcat(CITY, BASE, "哈尔滨市数据局")
    graph.remove((None, DCTERMS.description, None))
    assert not conforms(graph)[0]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(catalogues())
@example(Catalogue())
def test_any_catalogue_conforms_to_dcat_ap(catalogue):
    holds, report = conforms(to_dcat(catalogue, BASE, "哈尔滨市数据局"))
    assert holds, report


@FEW
@given(catalogues())
def test_every_form_says_the_same(catalogue):
    graph = to_dcat(catalogue, HOSTILE, "哈尔滨市\"数据局'")
    for form in FORMS:
        document = serialise(graph, form)
        again = Graph().parse(data=document, format=form)
        assert isomorphic(again, graph)
        assert document == serialise(to_dcat(catalogue, HOSTILE, "哈尔滨市\"数据局'"), form)


@FEW
@given(catalogues())
def test_titles_survive_and_only_what_is_open_can_be_downloaded(catalogue):
    graph = to_dcat(catalogue, BASE, "市数据局")
    for resource in catalogue:
        node = URIRef(f"{BASE}/id/{resource.name}")
        assert (node, RDF.type, DCAT.Dataset) in graph
        assert (node, DCTERMS.title, Literal(resource.title_zh, lang="zh")) in graph
        files = list(graph.objects(node, DCAT.distribution))
        assert len(files) == (0 if resource.tier is Tier.DENIED else len(resource.formats))
        downloads = [one for file in files for one in graph.objects(file, DCAT.downloadURL)]
        everyone = resource.open and not resource.open_conditions
        assert len(downloads) == (len(files) if everyone else 0)
        access = str(graph.value(node, DCTERMS.accessRights)).rsplit("/", 1)[1]
        assert (access == "PUBLIC") == everyone
        assert (access == "NON_PUBLIC") == (resource.tier is Tier.DENIED)


@pytest.mark.parametrize(
    ("base", "publisher", "code"),
    [("data.example.cn", "局", "catalogue_base_url"), ("ftp://x", "局", "catalogue_base_url"),
     ("javascript://x", "局", "catalogue_base_url"), (BASE, "", "empty"),
     (BASE, "局\x00", "catalogue_text_illegible")],
)  # fmt: skip
def test_an_address_and_a_publisher_are_needed(base, publisher, code):
    with pytest.raises(InputError) as caught:
        to_dcat(CITY, base, publisher)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_part_of_the_catalogue_is_a_catalogue_too():
    graph = to_dcat([READINGS], BASE, "局")
    assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == 1
    assert not list(graph.objects(None, DCTERMS.relation))


@FEW
@given(catalogues())
@example(CITY)
def test_packages_are_json_and_hold_every_field(catalogue):
    for resource in catalogue:
        package = json.loads(json.dumps(data_package(resource, catalogue)))
        for part in package["resources"]:
            assert ("schema" in part) == (part.get("type") == "table")
            if "schema" in part:
                described = part["schema"]["fields"]
                assert [f["name"] for f in described] == [f.name for f in resource.fields]


def test_a_table_schema_tells_the_rules():
    schema = table_schema(HOMES, CITY)
    home, district, area, owner = schema["fields"]
    assert home["constraints"] == {"required": True, "unique": True}
    assert district["constraints"]["enum"] == ["230102", "230103"]
    assert (area["constraints"]["minimum"], area["constraints"]["maximum"]) == (0, 5000.5)
    assert area["unit"] == "m²" and owner["constraints"]["maxLength"] == 40
    assert schema["primaryKey"] == ["home_id"]
    assert table_schema(READINGS, CITY)["foreignKeys"] == [
        {"fields": ["home_id"], "reference": {"resource": "homes", "fields": ["home_id"]}}
    ]


@FEW
@given(catalogues())
@example(CITY)
def test_every_entry_gives_rules_that_the_quality_check_takes(catalogue):
    for resource in catalogue:
        rules = read_rules(quality_rules(resource, catalogue))
        typed = [rule.column for rule in rules.rules if rule.rule == "type"]
        assert typed == [field.name for field in resource.fields]


def test_the_rules_of_an_entry_find_what_breaks_it(tmp_path):
    table = tmp_path / "homes.csv"
    table.write_text("home_id,district,area_m2,owner\n1,230102,80,A\n1,230199,9000,\n")
    report = check(table, read_rules(quality_rules(HOMES, CITY)))
    broken = {(result.rule, result.columns) for result in report.results if result.count()}
    assert broken == {
        ("unique", ("home_id",)), ("codes", ("district",)), ("range", ("area_m2",)),
        ("required", ("owner",)),
    }  # fmt: skip


def test_every_declared_dataset_appears_by_itself():
    catalogue = declared()
    assert len(catalogue) == len(scenario.datasets)
    for dataset in scenario.datasets:
        entry = catalogue.by_name[f"fever_clinic_{dataset.name}"]
        assert [f.name for f in entry.fields] == [c.name for c in dataset.columns]
        assert entry.provider == "市卫健委" and not entry.open
        for field, column in zip(entry.fields, dataset.columns, strict=True):
            assert (field.low, field.high) == (column.low, column.high)
            allowed = catalogue.tables[field.code_table].values if field.code_table else ()
            assert allowed == column.choices
            assert field.title_zh and field.title_en
    assert read_catalogue(write_catalogue(catalogue)) == catalogue


def test_a_dataset_keeps_its_code_when_it_is_declared_again():
    known = declared()
    again = from_scenario(scenario, Registration(known.numbering("307002"), "health", "按用途申请"))
    assert again == known


def test_what_a_scenario_holds_back_needs_its_conditions():
    with pytest.raises(InputError) as caught:
        from_scenario(scenario, Registration(Catalogue().numbering("307002"), "health"))
    assert caught.value.problems[0].code == "catalogue_conditions_missing"


def test_a_run_says_when_it_wrote_and_where():
    entry = declared().by_name["fever_clinic_measures"]
    written = from_run_output(entry, "r7", date(2026, 3, 1))
    assert (written.source, written.updated) == ("run:r7", date(2026, 3, 1))
    assert written.published == date(2026, 3, 1)
    later = from_run_output(written, "r8", date(2026, 4, 1))
    assert (later.published, later.updated) == (date(2026, 3, 1), date(2026, 4, 1))


def test_formats_have_media_types():
    assert all("/" in word.detail for word in words("format").values())
