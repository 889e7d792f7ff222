"""The door: the same words for every wrong guess, a lock after five, and nobody led elsewhere."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client

from songhua.console import clock
from songhua.console.ledger.models import AuditEntry
from songhua.console.people import services
from songhua.console.people.models import User
from songhua.kit.errors import InputError

from .city import PASSWORD, codes, on, spoken


def enter(client: Client, username: str, password: str, **more: str):
    return client.post("/sign-in/", {"username": username, "password": password, **more})


def signed_in(client: Client) -> bool:
    return client.get("/todo/").status_code == 200


def test_the_right_password_opens_the_door(city):
    client = Client()
    response = enter(client, "staff", PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert signed_in(client)
    assert AuditEntry.objects.order_by("-seq").first().action == "sign_in"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(city):
    known = enter(Client(), "staff", "wrong").content.decode()
    unknown = enter(Client(), "nobody", "wrong").content.decode()
    assert "用户名或密码不正确" in known

    def bare(page: str) -> str:
        import re

        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
        return page.replace('value="staff"', "").replace('value="nobody"', "")

    assert bare(known) == bare(unknown)
    assert enter(Client(), "staff", "wrong").status_code == 422


def test_a_disabled_account_is_answered_like_a_wrong_password(city):
    User.objects.filter(username="staff").update(is_active=False)
    response = enter(Client(), "staff", PASSWORD)
    assert response.status_code == 422 and "用户名或密码不正确" in response.content.decode()


def test_after_five_wrong_passwords_the_account_waits_fifteen_minutes(city):
    for _ in range(5):
        assert enter(Client(), "staff", "wrong").status_code == 422
    response = enter(Client(), "staff", PASSWORD)
    assert response.status_code == 422 and "锁定" in response.content.decode()
    assert AuditEntry.objects.filter(action="account_locked").count() == 1
    until = User.objects.get(username="staff").locked_until
    assert timedelta(minutes=14) < until - clock.now() <= timedelta(minutes=15)
    User.objects.filter(username="staff").update(locked_until=clock.now() - timedelta(seconds=1))
    assert enter(Client(), "staff", PASSWORD).status_code == 302
    assert enter(Client(), "weather", PASSWORD).status_code == 302  # others were never locked


def test_four_wrong_passwords_and_a_right_one_begin_the_count_anew(city):
    for _ in range(2):
        for _ in range(4):
            enter(Client(), "staff", "wrong")
        assert enter(Client(), "staff", PASSWORD).status_code == 302
    assert User.objects.get(username="staff").locked_until is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_once_are_all_counted(city):
    start = threading.Barrier(5)

    def guess() -> None:
        try:
            start.wait()
            enter(Client(), "staff", "wrong")
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert User.objects.get(username="staff").locked_until is not None
    assert "锁定" in enter(Client(), "staff", PASSWORD).content.decode()


def test_the_office_unlocks_an_account(city):
    for _ in range(5):
        enter(Client(), "staff", "wrong")
    address = f"/accounts/{city.staff.pk}/"
    assert city.client("staff").post(address, {"active": "1", "unlock": "1"}).status_code == 403
    response = city.client("office").post(address, {"active": "1", "unlock": "1"})
    assert response.status_code == 302
    assert enter(Client(), "staff", PASSWORD).status_code == 302


# First passwords.


@pytest.fixture
def newcomer(city):
    """A new account with its first password, and the browser that signed in with it."""
    user, first = services.create_account(
        city.office, username="new", name="新人", role="staff", unit=city.units["weather_bureau"]
    )
    client = Client()
    response = enter(client, "new", first, next="/todo/")
    assert (response.status_code, response["Location"]) == (302, "/password/")
    return user, first, client


def test_a_first_password_opens_nothing_but_its_own_change(newcomer):
    _, _, client = newcomer
    for page in ("/", "/todo/", "/ledger/", "/obligations/", "/ledger/export.csv", "/wall/"):
        response = client.get(page)
        assert (response.status_code, response["Location"]) == (302, "/password/"), page
    response = client.post("/tasks/W-1/report/", {"month": "2024-01", "percent": "8"})
    assert response["Location"] == "/password/"
    assert client.get("/password/").status_code == 200
    assert client.post("/sign-out/").status_code == 302


def test_once_it_is_changed_the_account_works_and_the_old_password_does_not(newcomer):
    user, first, client = newcomer
    given = {"old": first, "new": "Harbour-wall-9", "again": "Harbour-wall-9"}
    assert client.post("/password/", given).status_code == 302
    assert signed_in(client)
    user.refresh_from_db()
    assert not user.must_change_password
    assert enter(Client(), "new", first).status_code == 422
    assert enter(Client(), "new", "Harbour-wall-9").status_code == 302


def test_a_reset_ends_the_sessions_and_gives_a_new_first_password(city):
    client = Client()
    enter(client, "staff", PASSWORD)
    response = city.client("office").post(
        f"/accounts/{city.staff.pk}/", {"active": "1", "reset": "1"}
    )
    assert response.status_code == 200
    assert not signed_in(client)
    assert enter(Client(), "staff", PASSWORD).status_code == 422
    assert User.objects.get(username="staff").must_change_password


def test_a_disabled_account_is_out_at_once(city):
    client = Client()
    enter(client, "staff", PASSWORD)
    city.client("office").post(f"/accounts/{city.staff.pk}/", {})
    assert not signed_in(client)


def test_the_office_cannot_shut_itself_out(city):
    response = city.client("office").post(f"/accounts/{city.office.pk}/", {})
    assert response.status_code == 422
    city.office.refresh_from_db()
    assert city.office.is_active


@pytest.mark.parametrize(
    ("new", "again", "expected"),
    [
        ("Ab3!", "Ab3!", "password_rule"),
        ("alllowercase", "alllowercase", "password_rule"),
        ("12345678901", "12345678901", "password_rule"),
        ("Password123", "Password123", "password_rule"),
        ("newcomer-Staff1", "newcomer-Staff2", "password_differs"),
        (PASSWORD, PASSWORD, "password_same"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_it_breaks(city, new, again, expected):
    if new == "Password123":
        city.staff.username = "Password123"  # too like the account's own name
    with pytest.raises(InputError) as caught:
        services.change_password(city.staff, PASSWORD, new, again)
    assert expected in {code for _, code in codes(caught.value)}
    spoken([p for p in caught.value.problems if p.code != "password_rule"])
    assert check_password(PASSWORD, User.objects.get(pk=city.staff.pk).password)


def test_the_old_password_is_asked_for(city):
    response = city.client("staff").post(
        "/password/", {"old": "wrong", "new": "Harbour-wall-9", "again": "Harbour-wall-9"}
    )
    assert response.status_code == 422 and "原密码不正确" in response.content.decode()


def test_first_passwords_are_strong_and_never_alike(city):
    firsts = set()
    for number in range(20):
        user, first = services.create_account(
            city.office, username=f"n{number}", name="x", role="leader"
        )
        firsts.add(first)
        assert len(first) >= 12 and services._rules_broken(user, first) == []
        assert first not in AuditEntry.objects.order_by("-seq").first().payload
    assert len(firsts) == 20


def test_a_new_account_says_everything_that_is_wrong_with_it(city):
    before = User.objects.count()
    for given, expected in (
        ({"username": "", "role": "king"}, {"empty", "role_unknown"}),
        ({"username": "staff", "role": "staff"}, {"username_taken", "empty"}),
        ({"username": "e", "role": "enterprise", "credit_code": "1"}, {"uscc_check_digit"}),
    ):
        with pytest.raises(InputError) as caught:
            services.create_account(city.office, name="x", **given)
        assert {code for _, code in codes(caught.value)} == expected
    assert User.objects.count() == before


# Where one is led, and what a page carries.


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example/", "https://evil.example/", "http:evil.example", "/\\evil.example",
     "javascript:alert(1)", "\t//evil.example", "https:///evil.example", "////evil.example"],
)  # fmt: skip
def test_nobody_is_led_to_another_place_after_signing_in(city, wanted):
    response = enter(Client(), "staff", PASSWORD, next=wanted)
    assert (response.status_code, response["Location"]) == (302, "/")


def test_one_is_led_back_to_where_one_wanted_to_go(city):
    response = Client().get("/ledger/?light=red")
    assert response.status_code == 302 and response["Location"].startswith("/sign-in/?next=")
    response = enter(Client(), "staff", PASSWORD, next="/ledger/?light=red")
    assert response["Location"] == "/ledger/?light=red"


def test_a_form_without_its_token_is_refused(city):
    client = Client(enforce_csrf_checks=True)
    assert enter(client, "staff", PASSWORD).status_code == 403
    client.force_login(city.staff)
    for address in ("/sign-out/", "/tasks/H-1/report/", "/imports/upload/", "/ledger/paste/"):
        assert client.post(address, {}).status_code == 403, address
    assert signed_in(client)


def test_signing_out_ends_the_session(city):
    client = Client()
    enter(client, "staff", PASSWORD)
    session = client.cookies["songhua_session"].value
    assert client.get("/sign-out/").status_code in {403, 405}
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/todo/").status_code == 302
    thief = Client()
    thief.cookies["songhua_session"] = session
    assert thief.get("/todo/").status_code == 302


def test_the_session_changes_at_the_door(city):
    client = Client()
    client.get("/sign-in/")
    enter(client, "staff", PASSWORD)
    first = client.cookies["songhua_session"].value
    client.post("/sign-out/")
    enter(client, "staff", PASSWORD)
    cookie = client.cookies["songhua_session"]
    assert cookie.value != first and cookie["httponly"] and cookie["samesite"] == "Lax"


def test_every_answer_carries_the_content_policy(city):
    office, stranger = city.client("office"), Client()
    with on("2024-02-02"):
        answers = [
            stranger.get("/sign-in/"), stranger.get("/"), stranger.get("/live/"),
            stranger.get("/nowhere/"), enter(stranger, "staff", "wrong"),
            stranger.get("/sign-in/", headers={"host": "evil.example"}),
            office.get("/wall/"), office.get("/ledger/export.csv"), office.get("/tasks/none/"),
            office.post("/tasks/H-1/report/", {}), office.post("/tasks/H-1/submit/", {}),
            office.get("/programme/districts.geojson"), city.client("public").get("/ledger/"),
            office.get("/sign-out/"), Client(enforce_csrf_checks=True).post("/sign-in/", {}),
        ]  # fmt: skip
    assert {a.status_code for a in answers} >= {200, 302, 400, 403, 404, 409, 422}
    for answer in answers:
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_our_own_fault_carries_the_content_policy_too(city, monkeypatch):
    from songhua.console.ledger import selectors

    def fail(*given: object) -> None:
        raise RuntimeError("told to nobody")

    monkeypatch.setattr(selectors, "light_counts", fail)
    client = city.client("office", raise_request_exception=False)
    response = client.get("/wall/")
    assert response.status_code == 500
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "told to nobody" not in response.content.decode()
