"""The catalogue goes out and comes in: as a workbook, and as linked data."""

from __future__ import annotations

import io
from dataclasses import replace

import pyshacl
import pytest
from django.test import Client
from django.urls import reverse
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF

from songhua.console.exchange import records
from songhua.console.exchange.models import Brought, Entry
from songhua.console.exchange.services import declared, entries, importing
from songhua.console.ledger.services import audit
from songhua.exchange.catalogue import Catalogue, Field, Resource, Tier, write_catalogue
from songhua.exchange.catalogue.cells import read_cells

ICE = Resource(
    code="301002/000017", name="river-ice", title_zh="河冰厚度", provider="市气象局",
    summary_zh="各测站冰厚", tier=Tier.UNCONDITIONAL, cycle="daily", theme="environment",
    licence="cc_by", open=True, keywords=("冰",),
    fields=(Field("station", "测站", open=True), Field("person", "观测人")),
)  # fmt: skip
SNOW = replace(ICE, code="301002/000018", name="snow", title_zh="雪深", open=False)


def bring(city, by="office", *resources):
    data = write_catalogue(Catalogue(resources))
    return importing.bring(city.people[by], "目录.xlsx", data)


def told(row):
    return [(p["code"], p["where"]) for p in row.problems]


def test_a_workbook_is_entered_and_the_same_again_changes_nothing(empty_city):
    row = bring(empty_city, "office", ICE, SNOW)
    assert (row.added, row.changed, row.problems) == (2, 0, [])
    entry = Entry.objects.get(name="river-ice")
    assert entry.is_open and entry.unit.code == "weather_bureau" and entry.state == "active"
    again = bring(empty_city, "office", ICE, replace(SNOW, title_zh="积雪深度"))
    assert (again.added, again.changed) == (0, 1)
    assert Entry.objects.get(name="snow").title == "积雪深度"
    assert audit.verify() == []


def test_what_goes_out_comes_in_as_the_same(empty_city):
    bring(empty_city, "office", ICE, SNOW)
    assert [records.strict(e) for e in Entry.objects.order_by("code")] == [ICE, SNOW]
    content, left_out = importing.workbook(Entry.objects.order_by("code"), "zh")
    assert left_out == 0
    row = importing.bring(empty_city.office, "x.xlsx", content)
    assert (row.added, row.changed, row.problems) == (0, 0, [])


def test_nothing_is_entered_while_anything_is_wrong(empty_city):
    row = bring(empty_city, "office", ICE, replace(SNOW, provider="无此部门"))
    assert told(row) == [("unit_unknown", told(row)[0][1])] and Entry.objects.count() == 0
    assert row.problems[0]["where"].startswith("目录!") and row.problems[0]["row"] == 3
    row = bring(empty_city, "staff", ICE)
    assert [code for code, _ in told(row)] == ["exchange_not_yours"]
    row = importing.bring(empty_city.office, "x.xlsx", b"no workbook")
    assert row.problems and Entry.objects.count() == 0
    assert Brought.objects.count() == 3 and audit.verify() == []


def test_a_name_that_another_dataset_has_is_told_at_its_cell(empty_city):
    bring(empty_city, "office", ICE)
    row = bring(empty_city, "weather", replace(SNOW, name="river-ice"))
    assert [code for code, _ in told(row)] == ["exchange_name_taken"]
    assert Entry.objects.count() == 1


def test_the_problems_can_be_downloaded_by_whoever_brought_them(empty_city):
    who = empty_city.client("weather")
    file = io.BytesIO(write_catalogue(Catalogue((replace(ICE, provider="无此部门"),))))
    file.name = "a.xlsx"
    answer = who.post(reverse("catalogue_import"), {"file": file})
    assert answer.status_code == 422 and "无此部门" in answer.content.decode()
    address = reverse("catalogue_import_errors", args=[Brought.objects.get().pk])
    grids = read_cells(who.get(address).content)
    assert any("目录!" in str(cell) for rows in grids.values() for row in rows for cell in row)
    assert empty_city.client("staff").get(address).status_code == 404
    for route in ("catalogue_template", "catalogue_export"):
        assert "目录" in read_cells(who.get(reverse(route)).content)


def graph(client, form, route="catalogue_dcat", *args):
    answer = client.get(reverse(route, args=[*args, form]))
    text = b"".join(answer.streaming_content)
    kinds = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}
    return Graph().parse(data=text, format=kinds[form])


@pytest.mark.parametrize("part", [1, 250])
def test_all_three_documents_say_the_same_however_they_are_cut(empty_city, monkeypatch, part):
    monkeypatch.setattr("songhua.console.exchange.services.linked.PART", part)
    bring(empty_city, "office", ICE, replace(SNOW, open=True))
    turtle = graph(Client(), "ttl")
    assert len(set(turtle.subjects(RDF.type, DCAT.Dataset))) == 2
    assert len(list(turtle.objects(None, DCAT.dataset))) == 2
    for form in ("jsonld", "rdf"):
        assert isomorphic(turtle, graph(Client(), form))
    one = graph(Client(), "ttl", "dataset_dcat", "river-ice")
    assert [str(x) for x in one.objects(None, DCTERMS.identifier)] == ["301002/000017"]


def test_a_document_is_made_again_when_anything_changes(empty_city, settings):
    bring(empty_city, "office", ICE)
    address = reverse("catalogue_dcat", args=["ttl"])
    first = Client().get(address)
    before = b"".join(first.streaming_content)
    assert Client().get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    assert b"".join(Client().get(address).streaming_content) == before
    entries.change(empty_city.office, Entry.objects.get(), {"title": "江冰厚度"})
    after = Client().get(address, headers={"if-none-match": first["ETag"]})
    assert "江冰厚度" in b"".join(after.streaming_content).decode()
    entries.withdraw(empty_city.office, Entry.objects.get())
    assert "江冰厚度" not in b"".join(Client().get(address).streaming_content).decode()


def test_the_links_of_a_document_lead_somewhere(empty_city):
    bring(empty_city, "office", ICE)
    found = graph(Client(), "ttl")
    for page in found.objects(None, DCAT.landingPage):
        assert Client().get(f"{page}/".replace("http://testserver", "")).status_code == 200
    for node in found.subjects(RDF.type, DCAT.Dataset):
        answer = Client().get(str(node).replace("http://testserver", ""))
        assert (answer.status_code, answer["Location"]) == (302, "/catalogue/dataset/river-ice/")


def test_the_whole_catalogue_conforms_to_dcat_ap(empty_city, table, shared_data):
    """Declared, imported and entered by another catalogue's program with hardly anything said."""
    declared.register()
    bring(empty_city, "office", ICE, SNOW)
    entries.create(empty_city.office, {"name": "bare", "title": "bare", "state": "active"})
    found = graph(empty_city.client("office"), "ttl")
    assert len(set(found.subjects(RDF.type, DCAT.Dataset))) == Entry.objects.count()
    shapes = Graph().parse(shared_data / "exchange" / "dcat-ap-3.0.1-SHACL.ttl")
    holds, _, report = pyshacl.validate(found, shacl_graph=shapes, advanced=True)
    assert holds, report
