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


def test_a_revoked_token_a_closed_account_and_another_role_bite_with_the_next_call(site):
    made = site[0]
    begin = "from songhua.console.api import tokens\n"
    begin += "from songhua.console.people.models import User\n"
    secret = made.inside(
        begin + "row = User.objects.create_user('aide', password=None, role='office')\n"
        "print(tokens.make(row, name='a', scopes=['read', 'exchange'], days='1')[1])"
    ).split()[-1]
    aide = ckanapi.RemoteCKAN(f"http://127.0.0.1:{made.port}", apikey=secret)
    assert aide.action.group_create(name="river", title="松花江")["title"] == "松花江"
    made.inside(begin + "User.objects.filter(username='aide').update(role='reviewer')")
    with pytest.raises(ckanapi.NotAuthorized):
        aide.action.group_patch(id="river", title="x")
    made.inside(begin + "User.objects.filter(username='aide').update(is_active=False)")
    with pytest.raises(ckanapi.NotAuthorized):
        aide.action.package_list()
    made.inside(begin + "User.objects.filter(username='aide').update(is_active=True)")
    assert aide.action.group_list() == ["river"]
    made.inside(
        begin + "from songhua.console.api.models import Token\n"
        "row = Token.objects.get(name='a'); tokens.revoke(row.owner, row)"
    )
    with pytest.raises(ckanapi.NotAuthorized):
        aide.action.group_list()


def test_departments_belong_to_the_programme_and_themes_to_the_office(own, public):
    units = own.action.organization_list()
    assert "weather_bureau" in units
    for action in ("create", "patch", "update", "delete"):
        with pytest.raises(ckanapi.NotAuthorized):
            own.call_action(f"organization_{action}", {"id": "weather_bureau", "name": "x"})
    assert own.action.organization_list() == units
    with pytest.raises(ckanapi.NotAuthorized):
        own.action.group_create(name="lake")
    assert [one["name"] for one in own.action.organization_list_for_user()] == ["weather_bureau"]
    with pytest.raises(ckanapi.NotAuthorized):
        public.action.user_list()


def test_a_department_finds_private_datasets_and_the_public_does_not(own, public):
    own.action.package_create(name="closed", private=True, owner_org="weather_bureau",
                              tags=[{"name": "inner"}])  # fmt: skip
    assert own.action.package_search(q="name:closed")["count"] == 1
    assert own.action.tag_autocomplete(query="inn") == ["inner"]
    assert public.action.package_search(q="name:closed")["count"] == 0
    assert public.action.package_search(fq="private:true")["count"] == 0
    assert public.action.tag_autocomplete(query="inn") == []
    assert public.action.package_autocomplete(q="closed") == []
    with pytest.raises(ckanapi.NotFound):
        public.action.tag_show(id="inner")


def test_sending_a_dataset_back_opens_nothing(own, public):
    own.action.package_create(name="kept", private=True, owner_org="weather_bureau")
    sent = own.action.package_show(id="kept")
    own.action.package_update(**sent | {"title": "new"})
    own.action.package_update(id="kept", name="kept", title="newer")
    assert own.action.package_show(id="kept")["private"] is True
    with pytest.raises(ckanapi.NotFound):
        public.action.package_show(id="kept")
    own.action.package_patch(id="kept", private=False)
    assert public.action.package_show(id="kept")["title"] == "newer"
