"""A task is closed only on accepted evidence and by somebody other than whoever asked for it."""

from __future__ import annotations

import json

import pytest
from django.utils.html import escape

from songhua.console import files
from songhua.console.ledger.models import Acceptance, AuditEntry, Evidence
from songhua.console.ledger.services import audit, evidence, tasks
from songhua.kit.errors import Conflict, InputError, NotAllowed
from songhua.kit.messages import sentence

from .city import codes, on, spoken

DAY = "2024-03-05"


@pytest.fixture(autouse=True)
def day():
    """One working day for every act of these tests."""
    with on(DAY):
        yield


def _submit(city, code, by="staff"):
    return city.client(by).post(f"/tasks/{code}/submit/", {"statement": "任务完成"})


def _decide(city, code, by="reviewer", passed="1", opinion="同意"):
    return city.client(by).post(f"/tasks/{code}/decide/", {"passed": passed, "opinion": opinion})


def _refused(action: str) -> list[list[str]]:
    entries = AuditEntry.objects.filter(action=f"{action}_refused").order_by("seq")
    return [json.loads(entry.payload)["codes"] for entry in entries]


def test_without_evidence_closing_is_refused_and_the_attempt_is_on_record(city):
    response = _submit(city, "H-2")
    assert response.status_code == 409
    assert escape(sentence("task_guard_has_evidence", "zh")) in response.content.decode()
    assert city.task("H-2").state == "active"
    assert not Acceptance.objects.exists()
    assert _refused("submit") == [["task_guard_has_evidence"]]
    assert _decide(city, "H-2").status_code == 409
    assert city.task("H-2").state == "active"
    assert audit.verify() == []


def test_with_evidence_that_nobody_accepted_closing_is_refused(city):
    city.proof("H-2")
    assert _submit(city, "H-2").status_code == 302
    response = _decide(city, "H-2")
    assert response.status_code == 409
    assert escape(sentence("task_guard_has_accepted_evidence", "zh")) in response.content.decode()
    assert city.task("H-2").state == "closing"
    assert _refused("close") == [["task_guard_has_accepted_evidence"]]


def test_rejected_evidence_counts_for_nothing(city):
    evidence.decide(city.reviewer, city.proof("H-2"), accepted=False, opinion="看不清")
    assert _submit(city, "H-2").status_code == 409


def test_whoever_asked_for_closing_cannot_decide_it(city):
    city.accepted("H-2")
    assert _submit(city, "H-2", by="office").status_code == 302
    response = _decide(city, "H-2", by="office")
    assert response.status_code == 403
    assert city.task("H-2").state == "closing"
    with pytest.raises(NotAllowed) as caught:
        tasks.decide_closing(city.office, city.task("H-2"), passed=True, opinion="同意")
    assert codes(caught.value) == [("task", "task_guard_not_submitter")]
    spoken(caught.value.problems)
    assert len(_refused("close")) == 2
    assert _decide(city, "H-2", by="deputy").status_code == 302
    assert city.task("H-2").state == "closed"


def test_the_unit_that_asked_for_closing_may_not_decide_at_all(city):
    city.accepted("H-2")
    _submit(city, "H-2")
    assert _decide(city, "H-2", by="staff").status_code == 403
    assert _decide(city, "H-2", by="enterprise").status_code == 403
    assert _decide(city, "H-2", by="leader").status_code == 403
    assert city.task("H-2").state == "closing"


def test_while_a_project_beneath_is_open_the_task_stays_open(city):
    city.accepted("H-1")
    _submit(city, "H-1")
    response = _decide(city, "H-1")
    assert response.status_code == 409
    said = escape(sentence("task_guard_all_children_closed", "zh", value=1))
    assert said in response.content.decode()
    city.accepted("P-1")
    assert _submit(city, "P-1", by="enterprise").status_code == 302
    assert _decide(city, "P-1").status_code == 302
    assert _decide(city, "H-1").status_code == 302
    assert [city.task(c).state for c in ("P-1", "H-1")] == ["closed", "closed"]


def test_on_accepted_evidence_somebody_else_closes_the_task(city):
    city.accepted("H-2")
    _submit(city, "H-2")
    assert _decide(city, "H-2").status_code == 302
    task = city.task("H-2")
    assert (task.state, task.light) == ("closed", "blue") and task.closed_at is not None
    row = Acceptance.objects.get()
    assert (row.passed, row.submitted_by, row.decided_by) == (True, city.staff, city.reviewer)
    actions = list(AuditEntry.objects.order_by("-seq").values_list("action", flat=True)[:2])
    assert actions == ["closing_decided", "closing_submitted"]
    assert audit.verify() == []


def test_a_return_asks_for_its_reason_and_the_task_goes_on(city):
    city.accepted("H-2")
    _submit(city, "H-2")
    assert _decide(city, "H-2", passed="", opinion=" ").status_code == 409
    assert _decide(city, "H-2", passed="", opinion="材料不足").status_code == 302
    task = city.task("H-2")
    assert task.state == "active" and task.closed_at is None
    assert Acceptance.objects.get().passed is False
    assert _submit(city, "H-2").status_code == 302
    assert Acceptance.objects.count() == 2


def test_a_closed_task_takes_no_report_no_evidence_and_no_second_closing(city):
    city.accepted("H-2")
    _submit(city, "H-2")
    _decide(city, "H-2")
    with pytest.raises(Conflict):
        city.report("H-2", "2024-02", 16)
    with pytest.raises(Conflict):
        city.proof("H-2")
    assert _submit(city, "H-2").status_code == 409
    assert _decide(city, "H-2").status_code == 409


def test_another_unit_cannot_ask_for_closing(city):
    city.accepted("H-2")
    assert _submit(city, "H-2", by="weather").status_code in {403, 404}
    with pytest.raises(NotAllowed):
        tasks.submit_closing(city.weather, city.task("H-2"), "任务完成")
    assert city.task("H-2").state == "active"


# Evidence.


def test_evidence_is_not_decided_by_its_submitter(city):
    row = city.proof("H-2", by="office")
    response = city.client("office").post(f"/evidence/{row.pk}/decide/", {"accepted": "1"})
    assert response.status_code == 403
    with pytest.raises(NotAllowed) as caught:
        evidence.decide(city.office, row, accepted=True)
    assert codes(caught.value) == [("decided_by", "own_submission")]
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("submitted", None)
    evidence.decide(city.deputy, row, accepted=True)


def test_evidence_is_decided_once_and_a_rejection_says_why(city):
    row = city.proof("H-2")
    response = city.client("reviewer").post(f"/evidence/{row.pk}/decide/", {"accepted": "0"})
    assert response.status_code == 422
    evidence.decide(city.reviewer, row, accepted=False, opinion="与任务无关")
    with pytest.raises(Conflict):
        evidence.decide(city.office, row, accepted=True)
    row.refresh_from_db()
    assert row.state == Evidence.State.REJECTED


def test_evidence_is_kept_byte_for_byte_and_comes_back_as_a_download(city):
    content = bytes(range(256)) * 40
    row = city.proof("H-2", content=content)
    assert files.load(row.sha256) == content and row.size == len(content)
    response = city.client("reviewer").get(f"/evidence/{row.pk}/file/")
    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"].startswith("attachment")
    assert city.client("weather").get(f"/evidence/{row.pk}/file/").status_code == 404


def test_empty_and_oversized_evidence_leaves_nothing(city, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    for content in (b"", b"x" * 1001):
        with pytest.raises(InputError) as caught:
            city.proof("H-2", content=content)
        spoken(caught.value.problems)
    assert not Evidence.objects.exists()
    assert city.task("H-2").evidence_count == 0


def test_an_address_that_is_not_an_address_is_refused(city):
    for url in ("", "javascript:alert(1)", "ftp://x", "https://" + "x" * 600):
        with pytest.raises(InputError) as caught:
            evidence.submit_link(city.staff, city.task("H-2"), title="链接", url=url)
        assert codes(caught.value) == [("url", "not_a_url")]


def test_a_withdrawn_request_can_be_made_again(city):
    city.accepted("H-2")
    tasks.submit_closing(city.staff, city.task("H-2"), "申请验收")
    tasks.act(city.staff, city.task("H-2"), "withdraw", "补充材料")
    assert city.task("H-2").state == "active"
    tasks.submit_closing(city.staff, city.task("H-2"), "再次申请")
    tasks.decide_closing(city.office, city.task("H-2"), passed=True, opinion="符合要求")
    assert city.task("H-2").state == "closed" and audit.verify() == []


def test_a_reopened_task_is_due_again(city):
    city.accepted("H-2")
    tasks.submit_closing(city.staff, city.task("H-2"), "申请验收")
    tasks.decide_closing(city.office, city.task("H-2"), passed=True, opinion="符合要求")
    assert city.task("H-2").closed_at is not None
    tasks.act(city.leader, city.task("H-2"), "reopen", "发现新问题")
    task = city.task("H-2")
    assert (task.state, task.closed_at) == ("active", None) and task.light != "blue"
    assert audit.verify() == []
