"""The datasets of another catalogue come here, change here, and go here as they do there. The other
catalogue is a running console of ours, asked as CKAN would be."""

from __future__ import annotations

import pytest
from django.urls import reverse

from songhua.console.exchange.models import Entry, Harvest
from songhua.console.exchange.services import entries, harvesting
from songhua.console.exchange.services.harvest import Source, harvest
from songhua.console.ledger.services import audit
from songhua.kit.errors import InputError, NotAllowed

from .test_ckan import own, site  # noqa: F401

DATASET = {
    "name": "snow", "title": "雪深", "notes": "每日", "owner_org": "weather_bureau",
    "license_id": "cc-by", "author": "A", "tags": [{"name": "降雪"}],
    "extras": [{"key": "spatial", "value": "城区"}],
    "resources": [{"name": "a", "url": "http://example.org/a.csv", "format": "CSV"}],
}  # fmt: skip


@pytest.fixture
def there(own, site):  # noqa: F811
    """Its client, and how we ask it; without datasets of earlier tests."""
    for name in own.action.package_list():
        own.action.package_delete(id=name)
    return own, Source(f"http://127.0.0.1:{site[0].port}/")


def taken(city, source):
    return harvest(city.weather, source, city.units["weather_bureau"])


def test_datasets_come_change_and_go(empty_city, there):
    client, source = there
    made = client.action.package_create(**DATASET | {"name": "snow-1"})
    client.action.package_create(**DATASET | {"name": "snow-2", "title": "二"})
    done = taken(empty_city, source)
    assert (done.created, done.failed) == (2, {})
    row = Entry.objects.get(name="snow-1")
    assert (row.title, row.keywords, row.licence, row.origin) == (
        "雪深", ["降雪"], "cc-by", source.origin
    )  # fmt: skip
    assert row.extras == {"author": "A", "extras": [{"key": "spatial", "value": "城区"}]}
    assert [(d.name, d.form) for d in row.distributions.all()] == [("a", "CSV")]
    assert taken(empty_city, source).same == 2
    kept, new = made["resources"][0] | {"name": "b"}, {"name": "c", "url": "http://e.org/c.csv"}
    client.action.package_patch(id="snow-1", title="积雪", resources=[kept, new])
    client.action.package_delete(id="snow-2")
    done = taken(empty_city, source)
    assert (done.created, done.changed, done.same, done.withdrawn) == (0, 1, 0, 1)
    row.refresh_from_db()
    assert row.title == "积雪"
    assert [d.name for d in row.distributions.filter(removed_at=None)] == ["b", "c"]
    assert Entry.objects.get(name="snow-2").state == "deleted"
    assert audit.verify() == []


def test_one_that_cannot_be_taken_does_not_stop_the_others_and_is_tried_again(empty_city, there):
    client, source = there
    unit = empty_city.units["weather_bureau"]
    entries.create(empty_city.weather, {"name": "snow-3", "title": "自有", "unit": unit})
    made = client.action.package_create(**DATASET | {"name": "snow-3"})
    client.action.package_create(**DATASET | {"name": "snow-4"})
    done = taken(empty_city, source)
    assert done.created == 1 and list(done.failed) == [made["id"]]
    entries.change(empty_city.weather, Entry.objects.get(title="自有"), {"name": "own-snow"})
    done = taken(empty_city, source)
    assert (done.created, done.same, done.failed) == (1, 1, {})


def test_nothing_goes_where_the_source_does_not_answer(empty_city, there):
    client, source = there
    client.action.package_create(**DATASET | {"name": "snow-5"})
    taken(empty_city, source)
    for url in ("http://127.0.0.1:9", f"{source.url}nowhere", "file:///etc"):
        with pytest.raises(InputError) as caught:
            taken(empty_city, Source(url))
        assert caught.value.problems[0].code == "exchange_harvest_source"
    assert Entry.objects.get(name="snow-5").state == "active"


def test_nobody_harvests_for_another_department(empty_city, there):
    with pytest.raises(NotAllowed):
        harvest(empty_city.staff, there[1], empty_city.units["weather_bureau"])


def test_a_visit_leaves_a_record_of_what_came_of_it(empty_city, there, settings):
    client, source = there
    client.action.package_create(**DATASET | {"name": "snow-7"})
    unit = empty_city.units["weather_bureau"]
    row = harvesting.now(source, unit)
    assert (row.state, row.counts["created"], row.failed) == ("done", 1, {})
    settings.WEBHOOK_PRIVATE = True
    who = empty_city.client("office")
    page = reverse("harvests")
    assert who.post(page, {"url": source.url, "unit": "weather_bureau"}).status_code == 302
    assert harvesting.next_one() and harvesting.next_one() == ""
    assert Harvest.objects.first().counts["same"] == 1
    assert "未变 1" in who.get(page).content.decode()
    broken = harvesting.now(Source("http://127.0.0.1:9/"), unit)
    assert broken.state == "failed" and broken.problems
    assert "没有按目录接口应答" in who.get(page).content.decode()
    assert audit.verify() == []


def test_the_page_calls_no_address_in_our_own_network_and_is_the_offices_alone(empty_city):
    page, given = reverse("harvests"), {"url": "http://127.0.0.1/", "unit": "weather_bureau"}
    assert empty_city.client("office").post(page, given).status_code == 422
    given["url"] = "file:///etc/passwd"
    assert empty_city.client("office").post(page, given).status_code == 422
    assert empty_city.client("weather").post(page, given).status_code == 403
    assert not Harvest.objects.exists()
