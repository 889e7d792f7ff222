"""Opinions: what counts and what does not, once and not twice, and nobody's data where they must
not be."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from songhua.console import clock
from songhua.console.consultation import selectors
from songhua.console.consultation.models import Contact, Opinion
from songhua.console.consultation.services import contacts, notices, opinions
from songhua.console.consultation.services.opinions import Said
from songhua.console.ledger.models import AuditEntry
from songhua.console.ledger.services import audit
from songhua.console.people import robots, visitors
from songhua.kit.errors import Conflict, InputError, NotAllowed
from songhua.kit.time import ZONE

from .conftest import CLOSES, OPENS, UNTIL, at

ANNA = Said("请提高补助。电话13800001234", "5", "person", "张三丰", "13800001234", "z@example.org")


def codes(caught: object) -> list[str]:
    return [problem.code for problem in caught.value.problems]


@pytest.fixture
def no_wait(monkeypatch):
    """A form may be sent at once."""
    monkeypatch.setattr(robots, "SOONEST", 0)


def filled(pk: int, **changed: str) -> dict[str, str]:
    """A form as a person fills it in."""
    asked = robots.ask(pk)
    given = {"form": asked.token, "total": str(asked.one + asked.two), "text": "请提高补助"}
    return given | changed


def speak(client: Client, pk: int, **changed: str):
    return client.post(f"/consultations/{pk}/opinions/new/", filled(pk, **changed))


def test_the_closing_second_counts_on_the_web_and_the_next_does_not(notice, no_wait):
    with at("17:00:00.999999"):
        assert speak(Client(), notice.pk).status_code == 302
    with at("17:00:01"):
        answer = speak(Client(), notice.pk)
    assert answer.status_code == 422 and "已截止" in answer.content.decode()
    assert Opinion.objects.count() == 1


def test_for_other_ways_the_time_of_receipt_counts_whenever_it_is_entered(empty_city, notice):
    with clock.pinned(date(2024, 3, 6)):
        for channel in ("post", "phone", "email"):
            opinions.enter(empty_city.staff, notice, ANNA, channel=channel, received=CLOSES)
        for received in (CLOSES + timedelta(seconds=1), datetime(2024, 2, 19, tzinfo=ZONE)):
            with pytest.raises(InputError):
                opinions.enter(empty_city.staff, notice, ANNA, channel="post", received=received)
        with pytest.raises(InputError):
            opinions.enter(empty_city.staff, notice, ANNA, channel="web", received=CLOSES)
        with pytest.raises(NotAllowed):
            opinions.enter(empty_city.weather, notice, ANNA, channel="post", received=CLOSES)
    assert selectors.heard(notice).by_channel == {"post": 1, "phone": 1, "email": 1}
    entries = AuditEntry.objects.filter(action="opinion_received")
    assert {entry.actor for entry in entries} == {"staff"}


def test_everything_wrong_with_an_opinion_is_said_at_once(notice):
    bad = Said(" ", "99", "crowd", "名" * 101, "1" * 41, "nowhere")
    with pytest.raises(InputError) as caught:
        opinions.speak(notice.pk, bad, form="f", origin="")
    assert codes(caught) == [
        "empty", "opinion_clause", "opinion_sender", "opinion_field_long", "opinion_field_long",
        "opinion_email",
    ]  # fmt: skip
    assert not Opinion.objects.exists() and not Contact.objects.exists()


def test_a_form_sent_twice_counts_once(notice):
    first = opinions.speak(notice.pk, ANNA, form="one", origin="")
    again = opinions.speak(notice.pk, ANNA, form="one", origin="")
    assert again.pk == first.pk and Opinion.objects.count() == 1 == Contact.objects.count()


def test_the_form_lets_people_in_and_says_why_it_refuses(notice, no_wait, monkeypatch):
    client = Client()
    assert speak(client, notice.pk, total="五十").status_code == 422
    assert speak(client, notice.pk, total="x").status_code == 422
    assert speak(client, notice.pk, website="http://spam.example").status_code == 422
    assert speak(client, notice.pk, form="made up").status_code == 422
    other = filled(notice.pk + 1)
    assert client.post(f"/consultations/{notice.pk}/opinions/new/", other).status_code == 422
    monkeypatch.setattr(robots, "SOONEST", 60)
    refused = speak(client, notice.pk, text="写好的内容")
    assert "提交过快" in refused.content.decode() and "写好的内容" in refused.content.decode()
    assert not Opinion.objects.exists()
    monkeypatch.setattr(robots, "SOONEST", 0)
    tens = {10 + n: f"十{word}" for n, word in enumerate(" 一二三四五六七八")}
    words = dict(enumerate("零一二三四五六七八九")) | tens
    given = filled(notice.pk)
    said = given | {"total": words[int(given["total"])]}
    assert client.post(f"/consultations/{notice.pk}/opinions/new/", said).status_code == 302


def test_a_network_is_held_to_its_rate_and_its_neighbour_is_not(notice, no_wait, settings):
    settings.OPINION_RATE = 3
    here, there = Client(REMOTE_ADDR="10.0.0.1"), Client(REMOTE_ADDR="10.0.0.2")
    assert [speak(here, notice.pk).status_code for _ in range(4)] == [302, 302, 302, 422]
    assert speak(there, notice.pk).status_code == 302
    forged = Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "10.9.9.9"})
    assert speak(forged, notice.pk).status_code == 422
    settings.CSRF_TRUSTED_ORIGINS = ["https://example.org"]
    assert speak(forged, notice.pk).status_code == 302
    six = [visitors.origin(f"2001:db8::{tail}") for tail in ("1", "2")]
    assert six[0] == six[1] != visitors.origin("2001:db8:0:1::1")
    with clock.pinned(CLOSES.date() + timedelta(days=1)):
        assert visitors.origin("10.0.0.1") not in Contact.objects.values_list("origin", flat=True)


def test_the_public_never_sees_a_name_a_number_or_anothers_opinion(notice, no_wait):
    row = opinions.speak(notice.pk, ANNA, form="f", origin="")
    page = Client().get(f"/consultations/answer/?receipt={row.receipt.lower()}").content.decode()
    assert "张**" in page and "138****1234" in page
    public = Client().get(f"/consultations/{notice.pk}/").content.decode()
    for secret in ("张三丰", "13800001234", "z@example.org"):
        assert secret not in page and secret not in public
    assert "请提高补助" not in public and "1 条意见" in public


def test_the_log_carries_no_contact_and_no_text_and_vouches_for_both_to_stay(notice):
    row = opinions.speak(notice.pk, ANNA, form="f", origin="mark")
    log = "".join(AuditEntry.objects.values_list("payload", flat=True))
    for secret in ("张三丰", "13800001234", "z@example.org", "请提高补助", "mark"):
        assert secret not in log
    assert not audit.verify()
    Opinion.objects.filter(pk=row.pk).update(text="别的话")
    assert [finding.subject for finding in audit.verify()] == [f"opinion:{row.pk}"]


def test_contacts_are_deleted_on_their_day_and_the_opinion_stays(notice):
    opinions.speak(notice.pk, ANNA, form="f", origin="")
    with clock.pinned(UNTIL - timedelta(days=1)):
        assert contacts.forget() == 0
        assert selectors.participants(notice) == 1
    with clock.pinned(UNTIL):
        assert contacts.forget() == 1
        assert contacts.forget() == 0
        assert selectors.participants(notice) is None
    assert not Contact.objects.exists() and Opinion.objects.get().shown_name == "张**"
    entry = AuditEntry.objects.get(action="contacts_deleted")
    assert entry.payload == '{"count":1}' and not audit.verify()


def test_a_notice_opens_once_closes_later_but_never_earlier(empty_city, notice):
    with pytest.raises(InputError):
        notices.extend(empty_city.staff, notice, closes_at=CLOSES, reason="更多时间")
    later = CLOSES + timedelta(days=3)
    row = notices.extend(empty_city.staff, notice, closes_at=later, reason="更多时间")
    with clock.pinned(CLOSES.date() + timedelta(days=1)):
        assert row.phase == "open"
    with clock.pinned(OPENS), pytest.raises(InputError) as caught:
        draft = notices.create(
            empty_city.office, notice.unit, title="另一个", about="x", text="没有编号。"
        )
        notices.publish(empty_city.office, draft, closes_at=CLOSES, contacts_until=OPENS)
    assert codes(caught) == ["consultation_contacts_early"]


def test_a_notice_is_mended_before_it_is_published_and_never_after(empty_city, notice):
    words = {"title": "新题", "about": "新文", "address": "", "phone": "", "email": ""}
    with pytest.raises(Conflict):
        notices.revise(empty_city.staff, notice, **words)
    draft = notices.create(empty_city.staff, notice.unit, title="旧题", about="x", text="一段。")
    client, step = empty_city.client("staff"), f"/consultations/{draft.pk}/steps/revise/"
    assert client.post(step, words).status_code == 302
    assert client.get(f"/consultations/{draft.pk}/desk/").content.decode().count("新题") >= 2
    refused = client.post(step, {"title": "题" * 201, "about": " "})
    assert refused.status_code == 422 and "公告正文为空" in refused.content.decode()
    draft.refresh_from_db()
    assert draft.title == "新题" and not audit.verify()


def test_what_is_not_published_is_nobodys_business(empty_city, notice):
    draft = notices.create(
        empty_city.staff, notice.unit, title="还在起草", about="x", text="没有编号。"
    )
    stranger = empty_city.client("weather")
    for client in (Client(), stranger):
        assert client.get(f"/consultations/{draft.pk}/").status_code == 404
        assert client.get(f"/consultations/{draft.pk}/redline/").status_code == 404
        assert client.get(f"/consultations/{draft.pk}/opinions/new/").status_code == 404
        assert "还在起草" not in client.get("/consultations/").content.decode()
    assert stranger.get(f"/consultations/{draft.pk}/desk/").status_code == 404
    step = stranger.post(f"/consultations/{draft.pk}/steps/publish/", {})
    assert step.status_code == 404
    assert empty_city.client("staff").get(f"/consultations/{draft.pk}/desk/").status_code == 200
    assert Client().get(f"/api/v1/consultations/{draft.pk}").status_code == 404
    listed = Client().get("/api/v1/consultations").json()["rows"]
    assert [row["title"] for row in listed] == ["港口冰情治理办法"]


@pytest.mark.django_db(transaction=True)
def test_opinions_that_meet_at_the_database_are_all_kept_with_their_own_answers(notice):
    """Of three dozen at once every third is bad: it alone is refused."""
    told: dict[int, object] = {}
    start = threading.Barrier(12)

    def crowd(first: int) -> None:
        start.wait()
        for number in range(first, first + 3):
            text = "" if number % 3 == 0 else f"意见{number}"
            try:
                with at("10:00"):
                    told[number] = opinions.speak(
                        notice.pk, Said(text), form=f"f{number}", origin=""
                    ).text
            except InputError as error:
                told[number] = error.problems[0].code
        connection.close()

    threads = [threading.Thread(target=crowd, args=(n,)) for n in range(0, 36, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {n: "empty" if n % 3 == 0 else f"意见{n}" for n in range(36)}
    kept = set(Opinion.objects.values_list("text", flat=True))
    assert kept == {f"意见{n}" for n in range(36) if n % 3}
    assert Contact.objects.count() == 24 and not audit.verify()
