"""A token acts as its owner, no more and no longer; guessing is slow, and nothing is logged."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from songhua.console import clock
from songhua.console.api import tokens
from songhua.console.api.models import Token
from songhua.console.ledger.models import AuditEntry
from songhua.console.people.models import User
from songhua.console.people.rights import routes, table
from songhua.kit.errors import InputError

from .city import codes as told
from .programs import Program, codes

ADDRESSES = {
    "{name}": "fever_clinic", "{file}": "datapackage.json", "{number}": "1",
    "{kind}": "partners", "{key}": "firms", "{code}": "agreements",
}  # fmt: skip


def api_routes() -> list[tuple[str, str, str]]:
    """Route, method and an address of every way into the interface that asks for a token."""
    found = []
    for (route, method), line in table().items():
        if route.startswith("api:") and line["public"] != "anyone":
            address = re.sub(r"<(\w+)>", lambda m: ADDRESSES[f"{{{m[1]}}}"], routes()[route])
            found.append((route, method, address))
    return found


@pytest.fixture
def still(monkeypatch):
    """The machine's minute does not end during the test."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)


def test_nothing_is_answered_without_a_token(city):
    for cookies in (None, city.office):
        client = Client()
        if cookies:
            client.force_login(cookies)
        for _, method, address in api_routes():
            tokens.Guesses.objects.all().delete()
            answer = client.generic(method, address, content_type="application/json")
            assert answer.status_code == 401, (method, address)
            assert codes(answer.json()) == [("request", "api_token_needed")]
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_what_is_open_to_anyone_needs_no_token(city):
    opened = [route for route, _ in table() if table()[route, _]["public"] == "anyone"]
    addresses = {routes()[route] for route in opened if route.startswith("api:")}
    whole = [address for address in addresses if "<" not in address]
    assert whole and all(Client().get(address).status_code == 200 for address in whole)


@pytest.mark.parametrize("role", ["leader", "office", "staff", "reviewer", "enterprise", "public"])
def test_a_token_meets_the_same_table_of_rights_as_its_owner(city, settings, role):
    settings.API_RATE = 1000
    program = Program(city.people[role])
    for route, method, address in api_routes():
        status = program.send(method, address.removeprefix("/api/v1/")).status_code
        if table()[route, method][role]:
            assert status in {200, 404, 422}, (route, method, status)
        else:
            assert status == 403, (route, method, status)


def test_a_token_does_only_what_its_scopes_say(city):
    reader, writer = Program(city.office, "read"), Program(city.office, "runs")
    assert reader("GET", "runs")[0] == 200
    assert codes(reader("POST", "runs", {})[1]) == [("token", "api_scope")]
    assert codes(writer("GET", "runs")[1]) == [("token", "api_scope")]
    assert writer("POST", "runs", {})[0] == 422
    assert writer("POST", "decisions", {})[0] == 403


def test_an_ended_token_or_a_stopped_owner_gets_no_answer(city):
    for end in (
        lambda p: tokens.revoke(city.office, p.token),
        lambda p: Token.objects.filter(pk=p.token.pk).update(expires_at=clock.now()),
        lambda p: User.objects.filter(pk=city.office.pk).update(is_active=False),
    ):
        program = Program(city.office)
        assert program("GET", "scenarios")[0] == 200
        end(program)
        assert program("GET", "scenarios")[0] == 401
    User.objects.filter(pk=city.office.pk).update(is_active=True, must_change_password=True)
    assert codes(Program(city.office)("GET", "scenarios")[1]) == [("token", "api_first_password")]


def test_the_rate_of_a_token_is_limited_and_says_when_to_come_back(city, settings, still):
    settings.API_RATE = 3
    program, other = Program(city.office), Program(city.leader)
    assert [program("GET", "scenarios")[0] for _ in range(4)] == [200, 200, 200, 429]
    refused = program.send("GET", "scenarios")
    assert codes(refused.json()) == [("request", "api_too_many")]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert other("GET", "scenarios")[0] == 200


def test_the_rate_begins_anew_with_the_next_minute(city, settings, monkeypatch):
    settings.API_RATE = 1
    now = 1_700_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    program = Program(city.office)
    assert [program("GET", "scenarios")[0] for _ in range(2)] == [200, 429]
    now += int(program.send("GET", "scenarios").headers["Retry-After"])
    assert program("GET", "scenarios")[0] == 200


def test_an_address_that_guesses_must_wait_but_a_true_token_is_let_in(city, still):
    program = Program(city.office)
    guess = {"Authorization": "Bearer songhua_guess"}
    seen = [
        Client().get("/api/v1/scenarios", headers=guess).status_code
        for _ in range(tokens.GUESSES_A_MINUTE + 1)
    ]
    assert seen == [401] * tokens.GUESSES_A_MINUTE + [429]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").get("/api/v1/scenarios", headers=guess)
    assert elsewhere.status_code == 401
    assert program("GET", "scenarios")[0] == 200


def test_a_token_is_shown_once_and_kept_only_as_its_digest(city, caplog):
    client = city.client("office")
    given = {"name": "采集程序", "scopes": ["read", "runs"], "days": "90"}
    with caplog.at_level(0):
        page = client.post(reverse("tokens"), given)
    secret = re.search(r'value="(songhua_[\w-]+)"', page.content.decode())[1]
    assert page.headers["Cache-Control"] == "no-store"
    again = client.get(reverse("tokens")).content.decode()
    assert "采集程序" in again and secret not in again
    answer = Client().get("/api/v1/runs", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    row = Token.objects.get()
    assert row.used_at is not None and row.scopes == ["read", "runs"]
    kept = " ".join(map(str, [*Token.objects.values(), *AuditEntry.objects.values()]))
    assert secret not in kept + caplog.text
    client.post(reverse("token_revoke", kwargs={"pk": row.pk}))
    acts = AuditEntry.objects.filter(subject=f"token:{row.pk}").order_by("seq")
    assert [(a.actor, a.action) for a in acts] == [
        ("office", "token_made"), ("office", "token_revoked")
    ]  # fmt: skip


def test_nobody_ends_anothers_token(city):
    row = Program(city.office).token
    url = reverse("token_revoke", kwargs={"pk": row.pk})
    assert city.client("staff").post(url).status_code == 404
    row.refresh_from_db()
    assert row.revoked_at is None


def test_what_is_wrong_with_a_new_token_is_said_at_once(city):
    with pytest.raises(InputError) as caught:
        tokens.make(city.office, name=" ", scopes=["read", "all"], days="366")
    assert told(caught.value) == [
        ("name", "empty"), ("scopes", "scope_unknown"), ("days", "token_days")
    ]  # fmt: skip
    for days in ("0", "-1", "1.5", "", "9" * 9):
        with pytest.raises(InputError):
            tokens.make(city.office, name="x", scopes=["read"], days=days)
    row, _ = tokens.make(city.office, name="x", scopes=["read"], days="365")
    assert row.expires_at - row.created_at == timedelta(days=365)


def test_the_reference_names_every_address_and_loads_nothing_from_elsewhere(city):
    page = city.client("staff").get(reverse("api_reference")).content.decode()
    for _, method, address in api_routes():
        given = "|".join(rf"\b{value}\b" for value in ADDRESSES.values())
        assert method in page and re.split(rf"/(?:{given})(?:/|$)", address)[0] in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
