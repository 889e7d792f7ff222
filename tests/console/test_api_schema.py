"""Whatever may be sent, the interface answers as its OpenAPI document says: right status, right
content, never a fault of ours. Schemathesis makes up the requests, sound and unsound."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from songhua.console import clock
from songhua.console.consultation.services import notices
from songhua.console.cooperation.services import entering
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.services import achievement_registry
from songhua.console.wsgi import application

from .programs import Program, asked, work

schemathesis = pytest.importorskip(
    "schemathesis", reason="schemathesis is not installed: made-up requests are not tried"
)
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.generation import GenerationMode  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = 15  # for each address, method and kind of request; about half a minute in all
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip


@pytest.fixture
def known(city, settings):
    """There is something of everything; what it is called, and the secret of somebody who may do
    everything with it."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.API_RATE = 1_000_000
    office = Program(city.office)
    tables = office.inputs()
    run = office("POST", "runs", asked(tables))[1]["id"]
    work()
    office("POST", "runs", asked(tables))
    proposed = {"run": run, "text": "x", "indicator": "stay_mean_min"}
    decision = Program(city.deputy)("POST", "decisions", proposed)[1]["id"]
    every = {"scenario": "fever_clinic", "action": "simulate_waits", "every": "quarter_hour"}
    schedule = office("POST", "schedules", every)[1]["id"]
    now, bureau = clock.now(), city.units["harbour_bureau"]
    notice = notices.create(city.office, bureau, title="x", about="x", text="一、供热。")
    closes, until = now + timedelta(days=1), clock.today() + timedelta(days=9)
    notices.publish(city.office, notice, closes_at=closes, contacts_until=until)
    partner = entering.enter(city.staff, BY_KEY["partners"], {
        "title": "深圳先进技术研究院", "kind": "institute", "country": "中国", "city": "深圳",
    })  # fmt: skip
    achievement = achievement_registry.enter(
        city.staff, kind="achievement", title="管网泄漏检测", text="寒地供热管网泄漏检测传感器",
        field=standard().settings.fields[0], stage="bench",
    )  # fmt: skip
    numbers = {"runs": run, "tables": tables["roster"], "decisions": decision,
               "schedules": schedule, "consultations": notice.pk,
               "cooperation": partner.pk, "achievements": achievement.pk}  # fmt: skip
    return office.secret, numbers, {
        **every, **proposed, "name": "fever_clinic", "dataset": "roster", "task": "H-1",
        "file": "datapackage.json", "tables": tables, "params": {}, "approved": True,
        "key": "firms", "code": "agreements", "kind": "partners",
    }  # fmt: skip


@pytest.fixture
def one_connection(known):
    """A request does not end the transaction of the test, as under Django's own test client (which
    connects the signals again, so this comes after its last use)."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def answers(operation, mode: GenerationMode, secret: str, real: dict[str, object]) -> set[int]:
    """The statuses that made-up requests to one address were answered with, each checked. Often
    enough, what they ask for is really there."""
    headers, seen = {"Authorization": f"Bearer {secret}"}, set()

    @settings(
        max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], database=None,
        derandomize=True, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), aimed=st.booleans())
    def check(case, aimed):
        for sent in (case.path_parameters, case.query, case.body) if aimed else ():
            if isinstance(sent, dict):
                sent.update((name, real[name]) for name in sent if name in real)
        for name in list(case.headers or ()):  # whose site it is decides the server, not the door
            # Where something is aimed at, the key of another request would be a conflict.
            if name.lower() == "host" or (aimed and name == "Idempotency-Key"):
                del case.headers[name]
        response = case.call(headers=headers)
        seen.add(response.status_code)
        case.validate_response(response, checks=CHECKS, headers=headers)

    check()
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_one_that_the_document_declares(known, one_connection, mode):
    secret, numbers, real = known
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    seen = {}
    for found in document.get_all_operations():
        operation = found.ok()
        number = numbers.get(operation.path.split("/")[3])
        seen[operation.label] = answers(operation, mode, secret, {**real, "number": number})
    assert len(seen) >= 20
    if mode is GenerationMode.POSITIVE:  # each address was seen to do what it is for
        never = {label for label, codes in seen.items() if not codes & {200, 201, 204}}
        assert never <= {
            "DELETE /api/v1/tables/{number}",  # it is in use
            "POST /api/v1/runs/{number}/cancel",  # it is over
        }
