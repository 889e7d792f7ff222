"""Subscribers are told of versions by signed messages; nothing inside our network is called."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from songhua.console import clock
from songhua.console.exchange.models import Message
from songhua.console.exchange.services import contents, granting, subscriptions
from songhua.kit.errors import InputError, NotAllowed


@pytest.fixture
def receiver():
    """A program that listens on this machine, and what it was told."""
    told = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(self.server.status)
            self.send_header("Location", "http://169.254.169.254/secret")
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.told = 200, told
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def subscribed(empty_city, table, receiver, settings):
    settings.WEBHOOK_PRIVATE = True
    url = f"http://127.0.0.1:{receiver.server_port}/hook?a=1"
    return subscriptions.subscribe(empty_city.weather, table, url)


def newer(city, table):
    return contents.append(city.weather, table, contents.frame(table.current).head(1).drop("_id"))


def test_a_new_version_is_told_once_signed_and_without_rows(
    empty_city, table, receiver, subscribed
):
    assert subscriptions.tell() == 0 and receiver.told == []
    made = newer(empty_city, table)
    assert (subscriptions.tell(), subscriptions.tell()) == (1, 0)
    [(headers, body)] = receiver.told
    assert json.loads(body) == {"table": str(table.uid), "version": made.number}
    signed = f"{headers['X-Songhua-Time']}.".encode() + body
    code = hmac.new(subscribed.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Songhua-Signature"] == f"sha256={code}"


def test_what_does_not_arrive_is_sent_again_later_and_given_up_at_last(
    empty_city, table, receiver, subscribed
):
    receiver.status = 500
    newer(empty_city, table)
    for _ in range(len(subscriptions.WAITS) + 3):
        subscriptions.tell()
        assert subscriptions.tell() == 0  # not before its time
        Message.objects.exclude(next_at=None).update(next_at=clock.now() - timedelta(seconds=1))
    assert len(receiver.told) == len(subscriptions.WAITS) + 1
    newer(empty_city, table)
    receiver.status = 204
    assert subscriptions.tell() == 1


def test_a_redirect_is_not_followed(empty_city, table, receiver, subscribed):
    receiver.status = 307
    newer(empty_city, table)
    assert subscriptions.tell() == 0 and len(receiver.told) == 1
    assert Message.objects.get(version=table.current.number).error == "status 307"


def test_who_may_not_see_the_table_any_more_is_told_nothing(empty_city, table, receiver, settings):
    settings.WEBHOOK_PRIVATE = True
    url = f"http://127.0.0.1:{receiver.server_port}/"
    with pytest.raises(NotAllowed):
        subscriptions.subscribe(empty_city.staff, table, url)
    row = granting.grant(
        empty_city.weather, table, empty_city.units["harbour_bureau"],
        {"columns": ["station"], "purpose": "破冰调度"},
    )  # fmt: skip
    subscriptions.subscribe(empty_city.staff, table, url)
    granting.revoke(empty_city.weather, row, "用途已结束")
    newer(empty_city, table)
    assert subscriptions.tell() == 0 and receiver.told == []


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://[::1]/", "http://localhost/", "http://10.1.2.3/",
     "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/", "http://0.0.0.0/",
     "http://2130706433/", "http://0x7f.1/", "http://[fd00::1]/", "http://100.64.0.1/",
     "http://224.0.0.1/", "ftp://example.org/", "file:///etc/passwd", "http://u:p@192.168.0.1/",
     "http://", "gopher://10.0.0.1/", "http://[fe80::1%25eth0]/", "http://[2002:a00:1::]/"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(empty_city, table, url):
    with pytest.raises(InputError):
        subscriptions.subscribe(empty_city.weather, table, url)


def test_a_name_that_turns_private_after_it_was_taken_is_not_called(
    empty_city, table, receiver, settings, monkeypatch
):
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    port = receiver.server_port

    def looked_up(*_args, **_more):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(subscriptions.socket, "getaddrinfo", looked_up)
    subscriptions.subscribe(empty_city.weather, table, f"http://turns.example.org:{port}/")
    newer(empty_city, table)
    assert subscriptions.tell() == 0 and receiver.told == []
    assert Message.objects.get(version=table.current.number).error == "address not allowed"
