"""Subscriptions and releases on their pages, and notices through a real broker."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading

import paho.mqtt.client as mqtt
import pytest
from django.urls import reverse
from paho.mqtt.enums import CallbackAPIVersion

from songhua.console.exchange.models import Message, NoisyRelease, Subscription
from songhua.console.exchange.services import contents, granting, subscriptions
from songhua.exchange.telemetry.broker import Broker, program

TERMS = {"columns": ["station"], "purpose": "破冰调度"}


@pytest.fixture
def granted(empty_city, table):
    unit = empty_city.units["harbour_bureau"]
    return granting.grant(empty_city.weather, table, unit, TERMS)


def newer(city, table):
    return contents.append(city.weather, table, contents.frame(table.current).head(1).drop("_id"))


def test_a_grantee_subscribes_sees_what_became_of_it_and_ends(
    empty_city, table, granted, settings, monkeypatch
):
    settings.WEBHOOK_PRIVATE = True
    who = empty_city.client("staff")
    assert str(table.uid) in who.get(reverse("dataset", args=["harbour-ice"])).content.decode()
    page = who.get(reverse("subscriptions"), {"table": str(table.uid)}).content.decode()
    assert "港口冰厚" in page and "MQTT（" not in page
    given = {"table": str(table.uid), "way": "url", "url": "ftp://x"}
    assert who.post(reverse("subscription_new"), given).status_code == 422
    given["url"] = "http://127.0.0.1:9/hook"
    made = who.post(reverse("subscription_new"), given).content.decode()
    row = Subscription.objects.get()
    assert row.secret in made
    assert row.secret not in who.get(reverse("subscriptions")).content.decode()
    newer(empty_city, table)
    assert subscriptions.tell() == 0
    assert "未送达" in who.get(reverse("subscriptions")).content.decode()
    stranger = empty_city.client("weather")
    assert stranger.post(reverse("subscription_end", args=[row.pk])).status_code == 404
    assert who.post(reverse("subscription_end", args=[row.pk])).status_code == 302
    assert "已结束" in who.get(reverse("subscriptions")).content.decode()


def test_a_table_that_is_not_granted_cannot_be_subscribed_to(empty_city, table):
    who = empty_city.client("staff")
    assert who.get(reverse("subscriptions"), {"table": str(table.uid)}).status_code == 404
    given = {"table": str(table.uid), "way": "url", "url": "http://93.184.216.34/"}
    assert who.post(reverse("subscription_new"), given).status_code == 404


def test_several_purposes_do_not_stop_the_clock(empty_city, table, granted, settings):
    settings.WEBHOOK_PRIVATE = True
    unit = empty_city.units["harbour_bureau"]
    granting.grant(empty_city.weather, table, unit, TERMS | {"purpose": "另一用途"})
    subscriptions.subscribe(empty_city.staff, table, "http://127.0.0.1:9/")
    newer(empty_city, table)
    assert subscriptions.tell() == 0 and Message.objects.latest("pk").attempts == 1


@pytest.mark.skipif(program() is None, reason="mosquitto is not on this machine")
def test_a_notice_comes_by_mqtt_signed_while_the_grant_holds(
    empty_city, table, granted, settings, tmp_path
):
    told, ready, came = [], threading.Event(), threading.Event()
    with Broker(tmp_path / "broker") as broker:
        settings.BROKER = f"mqtt://127.0.0.1:{broker.port}"
        who = empty_city.client("staff")
        given = {"table": str(table.uid), "way": "mqtt"}
        page = who.post(reverse("subscription_new"), given).content.decode()
        row = Subscription.objects.get()
        [topic] = re.findall(r"<code>(songhua-notices/\w+)</code>", page)
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.on_subscribe = lambda *_: ready.set()
        client.on_message = lambda _c, _u, message: (told.append(message.payload), came.set())
        client.connect("127.0.0.1", broker.port)
        client.subscribe(topic, 1)
        client.loop_start()
        assert ready.wait(5)
        made = newer(empty_city, table)
        assert subscriptions.tell() == 1 and came.wait(5)
        said = json.loads(told[0])
        assert json.loads(said["body"]) == {"table": str(table.uid), "version": made.number}
        signed = f"{said['time']}.{said['body']}".encode()
        code = hmac.new(row.secret.encode(), signed, hashlib.sha256).hexdigest()
        assert said["signature"] == code and "north" not in told[0].decode()
        granting.revoke(empty_city.weather, granted, "用途已结束")
        newer(empty_city, table)
        assert subscriptions.tell() == 0
        client.loop_stop()
    assert len(told) == 1
    assert Message.objects.latest("version").error == "not granted any more"


def test_a_broker_that_is_away_is_tried_again_later(empty_city, table, granted, settings):
    settings.BROKER = "mqtt://127.0.0.1:9"
    subscriptions.subscribe(empty_city.staff, table, subscriptions.MQTT)
    newer(empty_city, table)
    assert subscriptions.tell() == 0
    row = Message.objects.latest("pk")
    assert row.error and row.next_at is not None


def test_a_department_releases_a_figure_and_its_budget_is_told(empty_city, table):
    who, address = empty_city.client("weather"), reverse("dataset_releases", args=["harbour-ice"])
    new = reverse("dataset_release_new", args=["harbour-ice"])
    given = {"table": table.pk, "statistic": "mean", "column": "ice_cm", "epsilon": "1",
             "low": "0", "high": "100"}  # fmt: skip
    assert who.post(new, given | {"epsilon": "0"}).status_code == 422
    assert who.post(new, given | {"low": "", "high": ""}).status_code == 422
    assert who.post(new, given).status_code == 302
    row = NoisyRelease.objects.get()
    text = who.get(address).content.decode()
    assert row.figures["mean"] in text and "剩余 2" in text
    assert who.post(new, given | {"epsilon": "2.5"}).status_code == 422
    page = empty_city.client("staff").get(address).content.decode()
    assert row.figures["mean"] in page and new not in page
    assert empty_city.client("staff").post(new, given).status_code == 404
    assert empty_city.client("enterprise").get(address).status_code in {403, 404}


def test_anonymity_is_measured_for_its_department_alone(empty_city, table):
    address = reverse("dataset_releases", args=["harbour-ice"])
    asked = {"table": table.pk, "quasi": ["station"], "hidden": ["ice_cm"]}
    text = empty_city.client("weather").get(address, asked).content.decode()
    assert "<dt>k</dt><dd>2</dd>" in text and "l = 2" in text
    assert "<dt>k</dt>" not in empty_city.client("staff").get(address, asked).content.decode()
