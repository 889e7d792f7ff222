"""The real client of CKAN against the running console: it need not know that this is not CKAN."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import ckanapi
import pytest

from ..processes import Installation, own_database

if TYPE_CHECKING:
    from collections.abc import Iterator

SET_UP = """
from songhua.console.api import tokens
people = city.people()
print(tokens.make(
    people.weather, name="harvester", scopes=["read", "exchange"], days="30")[1])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """A running console in Ice Harbour and the token of the weather bureau's program."""
    with own_database(bool(os.environ.get("SONGHUA_DATABASE_URL"))) as url:
        made = Installation(tmp_path_factory.mktemp("ckan") / "home", url)
        made.environment["SONGHUA_API_RATE"] = "100000"
        made.run("manage", "migrate", "--verbosity", "0")
        secret = made.inside(SET_UP).split()[-1]
        made.web()
        try:
            yield made, secret
        finally:
            made.stop()


@pytest.fixture
def own(site):
    """The weather bureau's program."""
    return ckanapi.RemoteCKAN(f"http://127.0.0.1:{site[0].port}", apikey=site[1])


@pytest.fixture
def public(site):
    """A program without a token."""
    return ckanapi.RemoteCKAN(f"http://127.0.0.1:{site[0].port}")


def test_a_dataset_from_its_making_to_its_end(own, public):
    made = own.action.package_create(
        name="ice-readings", title="冰厚", owner_org="weather_bureau", tags=[{"name": "冰厚"}],
        resources=[{"name": "readings", "url": "http://example.org/a.csv"}],
    )  # fmt: skip
    assert public.action.package_show(id="ice-readings") == made
    assert public.action.package_show(id=made["id"])["title"] == "冰厚"
    resource = made["resources"][0]["id"]
    own.action.datastore_create(
        resource_id=resource, primary_key=["站点"],
        fields=[{"id": "站点", "type": "text"}, {"id": "cm", "type": "numeric"}],
        records=[{"站点": "北", "cm": 41.5}, {"站点": "南", "cm": None}],
    )  # fmt: skip
    found = public.action.datastore_search(resource_id=resource, filters={"站点": "北"})
    assert found["records"] == [{"_id": 1, "站点": "北", "cm": 41.5}] and found["total"] == 1
    own.action.datastore_upsert(
        resource_id=resource, records=[{"站点": "南", "cm": 3}, {"站点": "东", "cm": 7}]
    )
    rows = public.action.datastore_search_sql(sql=f'SELECT sum(cm) AS s FROM "{resource}"')
    assert rows["records"] == [{"s": 51.5}]
    own.action.datastore_records_delete(resource_id=resource, filters={"站点": "北"})
    assert public.action.datastore_search(resource_id=resource, limit=1)["total"] == 2
    own.action.package_delete(id="ice-readings")
    with pytest.raises(ckanapi.NotFound):
        public.action.package_show(id="ice-readings")


def test_refusals_have_the_status_and_type_of_ckan(own, public):
    with pytest.raises(ckanapi.NotFound):
        public.action.package_show(id="nothing")
    with pytest.raises(ckanapi.ValidationError) as caught:
        own.action.package_create(name="Bad Name!", owner_org="weather_bureau")
    assert "name" in caught.value.error_dict
    with pytest.raises(ckanapi.NotAuthorized):
        public.action.package_create(name="ice")
    with pytest.raises(ckanapi.CKANAPIError):
        public.call_action("no_such_action", {})
    own.action.package_create(name="ice", private=True, owner_org="weather_bureau")
    with pytest.raises(ckanapi.NotFound):
        public.action.package_show(id="ice")
