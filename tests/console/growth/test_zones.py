"""Zones count what lies in them and open just that; ten minutes are ten minutes of road; layers
are measured."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from songhua.console.growth import collections, reach, zones
from songhua.console.growth.models import Layer, Site
from songhua.console.growth.services import layers, places
from songhua.console.ledger.services import audit, vouch
from songhua.kit.errors import InputError

from .field import AT, DAY, NANGANG, SONGBEI, layer
from .test_carriers import SITE

STARTUPS = collections.STARTUPS
CORE = {"kind": "zone", "zone": collections.CORE, "name": "核心区", "source": "测绘"}


def counts(field, on: date = DAY) -> dict[tuple[str, str], int]:
    return {
        (row.zone.code, what): number
        for row in zones.table(on, field.office)
        for what, number, _ in row.counts
    }


def test_a_zone_counts_what_lies_in_its_districts_on_the_day(field):
    inside, outside, nowhere = field.firm(1), field.firm(2), field.firm(3)
    field.place(inside)
    field.place(outside, district=SONGBEI)
    home = field.carrier()
    field.place(home.subject)
    for firm in (outside, nowhere):
        field.move_in(home, firm)
    places.enter_site(field.staff, SITE)
    found = counts(field)
    assert found[STARTUPS, "firms"] == found[collections.CORE, "firms"] == 1
    assert found[STARTUPS, "carriers"] == 1
    assert found[STARTUPS, "tenants"] == 2, "the firms of its carriers, wherever they sit"
    assert found[STARTUPS, "vacant"] == 1 and found[STARTUPS, "reused"] == 0
    assert sum(found.values()) == 6
    assert counts(field, date(2021, 6, 1))[STARTUPS, "firms"] == 0


def test_a_zone_that_is_none_is_not_found(field, client):
    client.force_login(field.office)
    for code, what in (("nowhere", "firms"), (STARTUPS, "dragons")):
        assert client.get(reverse("zone_records", args=[code, what])).status_code == 404


def test_ten_minutes_on_foot_end_after_eight_hundred_metres_of_road(field):
    assert reach.reached(DAY, "walk") is None
    field.roads()
    home = field.carrier()
    field.place(home.subject)
    near, far = field.firm(1), field.firm(2)
    field.place(near, lon="126.6400")  # 776 m to the east
    field.place(far, lon="126.6405")  # 815 m
    field.firm(3)
    places.enter_site(field.staff, SITE | {"lon": "126.6500"})
    found = reach.reached(DAY, "walk")
    assert found.keys("firms", 10, "within") == [near.pk]
    assert found.keys("firms", 10, "beyond") == [far.pk]
    assert len(found.keys("vacant", 10, "beyond")) == 1
    by_car = reach.reached(DAY, "drive")
    assert set(by_car.keys("firms", 10, "within")) == {near.pk, far.pk}


def test_layers_are_measured_kept_and_the_newest_is_used(field):
    street = field.roads()
    assert street.length_m == pytest.approx(1940, abs=3)
    given = {"kind": "axis", "name": "主轴", "source": "测绘"}
    with pytest.raises(InputError, match="zones_other_geometry"):
        layers.bring(field.staff, given, filename="a.json", chunks=[layer("Point", [1, 2])])
    with pytest.raises(InputError) as caught:
        layers.bring(field.staff, {"kind": "zone", "zone": "x"}, filename="a", chunks=[b"{}"])
    assert {p.where for p in caught.value.problems} == {"name", "source", "zone"}
    ring = [[126.50, 45.82], [126.52, 45.82], [126.52, 45.83], [126.50, 45.83], [126.50, 45.82]]
    for scale in (1, 2):
        wider = [[x, 45.82 + (y - 45.82) * scale] for x, y in ring]
        made = layers.bring(
            field.staff, CORE, filename="core.json", chunks=[layer("Polygon", [wider])]
        )
    zone = zones.zone_of(collections.CORE)
    assert zones.core_check(zone, made.area_m2) == (1_530_000, Decimal("125.8"))
    assert zones.core_check(zones.zone_of(STARTUPS), 5) is None
    assert Layer.objects.filter(kind="zone").count() == 2
    assert audit.verify() == [] and list(vouch.unvouched()) == []
    assert list(vouch.damaged_files()) == []


def test_layers_sites_and_places_come_through_the_pages(field, client):
    client.force_login(field.staff)
    file = SimpleUploadedFile("core.geojson", layer("Polygon", [[[0, 0], [1, 0], [1, 1]]]))
    assert client.post(reverse("layer_new"), CORE | {"file": file}).status_code == 422
    assert client.post(reverse("layer_new"), CORE).status_code == 422
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    file = SimpleUploadedFile("core.geojson", layer("Polygon", [ring]))
    assert client.post(reverse("layer_new"), CORE | {"file": file}).status_code == 302
    assert client.post(reverse("site_new"), SITE | {"district": "x"}).status_code == 422
    assert client.post(reverse("site_new"), SITE).status_code == 302
    sent = {"opened_on": "2023-02-01", "used_by": field.firm(1).credit_code}
    url = reverse("site_open", args=[Site.objects.get().pk])
    assert client.post(url, sent | {"used_by": "x"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 409
    firm = field.firm(2)
    url = reverse("growth_place", args=[firm.pk])
    assert client.post(url, AT | {"lat": ""}).status_code == 422
    assert client.post(url, AT | {"district": NANGANG}).status_code == 302
    page = client.get(reverse("zones")).content.decode()
    assert page.count("<svg viewBox") == 2 and "深哈" in page


def test_reach_asks_for_a_number_of_minutes(field, client):
    client.force_login(field.office)
    assert "还没有道路图层" in client.get(reverse("reach")).content.decode()
    field.roads()
    assert client.get(reverse("reach") + "?minutes=soon").status_code == 422
    assert client.get(reverse("reach") + "?minutes=5&mode=drive").status_code == 200
