"""Several calls in one: in their order, groups whole or not at all, nobody's rights widened."""

from __future__ import annotations

import json

import pytest

from songhua.console.exchange import models
from songhua.exchange.sensorthings import batch
from songhua.kit.errors import InputError

from .test_sensorthings import ROOT, Program, city, gauges  # noqa: F401

THING = {"name": "泵", "description": "d", "properties": {}}
PLACE = {"name": "p", "description": "d", "encodingType": "application/geo+json",
         "location": {"type": "Point", "coordinates": [126.6, 45.7]}}  # fmt: skip


def sent(program, *requests):
    status, body = program("POST", "$batch", {"requests": list(requests)})
    assert status == 200, body
    return body["responses"]


@pytest.fixture
def own(client, city):  # noqa: F811
    return Program(client, city.weather)


def test_calls_are_answered_in_their_order_each_for_itself(own, gauges):  # noqa: F811
    found = sent(
        own,
        {"id": "a", "method": "get", "url": "Things?$top=1&$select=name"},
        {"id": "b", "method": "get", "url": "Things(999999)"},
        {"id": "c", "method": "post", "url": "Things", "body": THING},
    )
    assert [(r["id"], r["status"]) for r in found] == [("a", 200), ("b", 404), ("c", 201)]
    assert len(found[0]["body"]["value"]) == 1 and found[2]["location"].endswith(")")
    assert models.Thing.objects.filter(name="泵").count() == 1


def test_a_group_is_done_as_a_whole_or_not_at_all(own, gauges):  # noqa: F811
    before = models.Thing.objects.count()
    wrong = {"id": "2", "method": "post", "url": "Things", "body": {"name": ""}}
    good = {"id": "1", "method": "post", "url": "Things", "body": THING}
    together = [one | {"atomicityGroup": "g"} for one in (good, wrong)]
    found = sent(own, *together, good | {"id": "3"})
    assert [(r["id"], r["status"]) for r in found] == [("2", 400), ("3", 201)]
    assert models.Thing.objects.count() == before + 1


def test_a_call_may_speak_of_what_an_earlier_one_made(own, gauges):  # noqa: F811
    found = sent(
        own,
        {"id": "t", "method": "post", "url": "Things", "body": THING, "atomicityGroup": "g"},
        {"id": "l", "method": "post", "url": "$t/Locations", "body": PLACE, "atomicityGroup": "g"},
        {"id": "m", "method": "post", "url": "Locations",
         "body": PLACE | {"Things": [{"@iot.id": "$t"}]}},
        {"id": "r", "method": "get", "url": "$t?$expand=Locations"},
    )  # fmt: skip
    assert [r["status"] for r in found] == [201, 201, 201, 200]
    assert len(found[3]["body"]["Locations"]) >= 1


def test_nobody_may_do_more_in_a_batch_than_one_by_one(client, city, gauges):  # noqa: F811
    for person in (None, city.staff):
        program = Program(client, person)
        stream = gauges[0].pk
        found = sent(
            program,
            {"id": "a", "method": "get", "url": f"Datastreams({stream})/Observations"},
            {"id": "b", "method": "delete", "url": f"Datastreams({stream})"},
            {"id": "c", "method": "get", "url": "Datastreams?$filter=startswith(name,'zqx')"},
        )
        assert [r["status"] for r in found][:2] in ([404, 401], [404, 404])
        assert "zqx" not in json.dumps(found)
    assert models.Datastream.objects.filter(pk=gauges[0].pk).exists()


def test_readings_stand_in_no_group(own, gauges):  # noqa: F811
    [found] = sent(own, {"id": "o", "method": "post", "atomicityGroup": "g",
                         "url": f"Datastreams({gauges[0].pk})/Observations",
                         "body": {"result": 1}})  # fmt: skip
    assert found["status"] == 400


def test_a_multipart_batch_with_a_change_set(client, city, gauges):  # noqa: F811
    own = Program(client, city.weather)
    body = "\r\n".join([
        "--b", "Content-Type: application/http", "", "GET Things?$count=true&$top=0 HTTP/1.1", "",
        "", "--b", "Content-Type: multipart/mixed; boundary=c", "",
        "--c", "Content-Type: application/http", "Content-ID: 1", "",
        "POST Things HTTP/1.1", "Content-Type: application/json", "", json.dumps(THING),
        "--c", "Content-Type: application/http", "Content-ID: 2", "",
        "PATCH $1 HTTP/1.1", "Content-Type: application/json", "", '{"name": "泵二"}',
        "--c--", "--b--", "",
    ])  # fmt: skip
    answer = client.generic(
        "POST", f"{ROOT}/$batch", body.encode(), "multipart/mixed; boundary=b", **own.headers
    )
    assert answer.status_code == 200 and answer["Content-Type"].startswith("multipart/mixed")
    text = answer.content.decode()
    assert text.count("HTTP/1.1 20") == 3 and "Content-ID: 2" in text
    assert models.Thing.objects.filter(name="泵二").count() == 1
    parts = batch.read(answer["Content-Type"], body.encode().replace(b"--b", b"--"
                       + batch.BOUNDARY.encode()))  # fmt: skip
    assert [(p.id, p.method) for p in parts] == [("", "GET"), ("1", "POST"), ("2", "PATCH")]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"requests": 5}', b'{"requests": []}', b'{"requests": [{"url": "x"}]}',
     b'{"requests": [{"method": "TRACE", "url": "x"}]}',
     b'{"requests": [{"id": "1", "method": "GET", "url": "x"},'
     b' {"id": "1", "method": "GET", "url": "x"}]}',
     json.dumps({"requests": [{"method": "GET", "url": "Things"}] * 101}).encode()],
)  # fmt: skip
def test_what_is_no_batch_is_refused(body):
    with pytest.raises(InputError):
        batch.read("application/json", body)


@pytest.mark.parametrize("body", [b"", b"--b--", b"--b\r\n\r\nnothing\r\n--b--", b"x"])
def test_what_is_no_multipart_batch_is_refused(body):
    with pytest.raises(InputError):
        batch.read("multipart/mixed; boundary=b", body)
