"""Programs bring tables, ask for runs and act on them, within their owner's rights; whatever they
send is answered, and what is sent twice is done once."""

from __future__ import annotations

import http.client
import io
import json
import os
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from songhua.console.api import interface
from songhua.console.api.models import Answer
from songhua.console.api.once import KEPT
from songhua.console.ledger.models import AuditEntry, Evidence
from songhua.console.ledger.services import audit
from songhua.console.people.models import UnitAlias
from songhua.console.runs.models import Decision, Run, Schedule, Table
from songhua.console.runs.services import work as work_service
from songhua.runtime.registry import scenarios
from songhua.runtime.schema import documents
from songhua.tables import read

from .processes import Installation, own_database
from .programs import SAMPLE, Program, asked, codes, work


@pytest.fixture(autouse=True)
def wide(settings):
    """Jobs wait until a test lets them be done; the limit of calls is not in the way."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.API_RATE = 100_000


@pytest.fixture
def office(city):
    return Program(city.office)


@pytest.fixture
def done(office):
    """A run that was brought to its end through the interface alone."""
    status, run = office("POST", "runs", asked(office.inputs()))
    assert status == 201, run
    work()
    status, run = office("GET", f"runs/{run['id']}")
    assert run["state"] == "done", run
    return run


def test_a_scenario_is_told_as_it_is_declared(office):
    declared = scenarios()["fever_clinic"]
    (line,) = [s for s in office("GET", "scenarios")[1]["rows"] if s["name"] == declared.name]
    assert (line["zh"], line["usable"]) == (declared.zh, True)
    status, told = office("GET", "scenarios/fever_clinic")
    assert status == 200
    assert [d["name"] for d in told["datasets"]] == [d.name for d in declared.datasets]
    assert [d["name"] for d in told["datasets"] if d["is_input"]] == [
        d.name for d in declared.inputs
    ]
    assert {a["name"]: a["kpis"] for a in told["actions"]} == {
        a.name: list(a.kpis) for a in declared.actions
    }
    for file in told["files"]:
        got = office("GET", f"scenarios/fever_clinic/schema/{file}")[1]
        assert got == json.loads(json.dumps(documents(declared)[file]))
    assert "发热门诊" in office.send("GET", "scenarios").content.decode(), "Chinese stays readable"


def test_a_run_from_table_to_result(office, done):
    assert done["progress"] == 1 and done["kpis"]["stay_mean_min"] > 0
    assert set(done["outputs"]) == {"waits_by_hour", "measures"}
    kept = {t.name: t.digest for t in Table.objects.filter(run=done["id"])}
    assert {n: t["digest"] for n, t in done["outputs"].items()} == kept
    listed = office("GET", f"tables?run={done['id']}")[1]["rows"]
    assert {t["name"]: t["digest"] for t in listed} == kept
    assert done["provenance"]["inputs"] == {n: t["digest"] for n, t in done["inputs"].items()}
    assert audit.verify() == []


def test_a_table_comes_out_as_it_went_in(office):
    number = office.bring("roster")
    assert codes(office("GET", f"tables/{number}/content")[1]) == [("state", "table_not_ready")]
    work()
    sent = pl.read_csv((SAMPLE / "roster.csv").read_bytes())
    content = {
        form: office.send("GET", f"tables/{number}/content?format={form}").getvalue()
        for form in ("csv", "parquet", "xlsx")
    }
    assert pl.read_csv(content["csv"]).equals(sent)
    assert pl.read_parquet(io.BytesIO(content["parquet"])).equals(sent)
    head, *rows = read(content["xlsx"], "roster.xlsx").cells
    assert (head, [tuple(row) for row in rows]) == (sent.columns, sent.rows())


def test_rows_are_read_in_pages(office):
    number = office.bring("visits")
    work()
    whole = pl.read_csv((SAMPLE / "visits.csv").read_bytes())
    rows, offset = [], 0
    while True:
        page = office("GET", f"tables/{number}/rows?offset={offset}&limit=1000")[1]
        assert page["total"] == whole.height
        if not page["rows"]:
            break
        rows += page["rows"]
        offset += len(page["rows"])
    assert [r["visit_id"] for r in rows] == whole["visit_id"].to_list()
    assert rows[0]["arrived_at"].endswith("+08:00") and rows[0]["scan_min"] is None
    for bad in ("limit=10001", "limit=0", "offset=-1", f"offset={2**63}", "limit=ten"):
        assert office("GET", f"tables/{number}/rows?{bad}")[0] == 422, bad
    assert office("GET", f"tables/{number}/rows?offset={2**63 - 1}")[1]["rows"] == []


def test_a_bad_table_is_told_cell_by_cell_in_both_languages(office):
    bad = b"resource,hour,on_duty\ndoctor,24,1\nnurse,1,x\n"
    number = office.bring("roster", bad)
    work()
    status, told = office("GET", f"tables/{number}")
    assert (status, told["state"], told["rows"]) == (200, "failed", 0)
    assert [(p["row"], p["column"], p["code"]) for p in told["problems"]] == [
        (2, "hour", "cell_too_high"), (3, "resource", "cell_choice"),
        (3, "on_duty", "cell_not_int64"),
    ]  # fmt: skip
    assert all(p["zh"] and p["en"] for p in told["problems"])
    status, answer = office("POST", "runs", asked({"visits": number, "roster": number}))
    assert status == 422
    assert codes(answer) == [("visits", "table_not_found"), ("roster", "table_not_ready")]


def test_a_form_may_carry_the_file(office):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../r\xc3\xb6ster.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n" + (SAMPLE / "roster.csv").read_bytes() + b"\r\n--x--\r\n"
    )
    path, kind = "tables?scenario=fever_clinic&dataset=roster", "multipart/form-data; boundary=x"
    status, made = office("POST", path, body, kind=kind)
    assert (status, made["name"]) == (201, "röster.csv")
    work()
    assert office("GET", f"tables/{made['id']}")[1]["rows"] == 48
    empty = body.replace(b'"file"', b'"other"')
    assert codes(office("POST", path, empty, kind=kind)[1]) == [("file", "api_no_file")]
    cut = office("POST", path, body[:90], kind=kind)
    assert cut[0] in {400, 422} and cut[1]["problems"]


def test_a_refused_upload_leaves_nothing(office, settings):
    settings.TABLE_MAX_BYTES = 1000
    path = "tables?scenario=fever_clinic&dataset=visits"
    for status, code, content in ((422, "file_empty", b""), (422, "file_too_large", b"x" * 1001)):
        got = office("POST", path, content, kind="application/octet-stream")
        assert (got[0], codes(got[1])) == (status, [("file", code)])
    wrong = office("POST", "tables?scenario=fever_clinic&dataset=waits_by_hour", b"x", kind="a/b")
    assert codes(wrong[1]) == [("dataset", "table_unknown")]
    assert not Table.objects.exists() and list(work_service.uploads().glob("*")) == []


def test_everything_wrong_with_a_run_is_said_at_once(office):
    given = asked({"visits": 1, "rooster": 2}, seed=2**63 - 1)
    given["params"] = {"replications": 1, "turnaround_mim": 5}
    status, answer = office("POST", "runs", given)
    assert status == 422
    assert sorted(codes(answer)) == [
        ("replications", "param_at_least"), ("rooster", "table_unknown"),
        ("roster", "table_missing"), ("turnaround_mim", "param_unknown"),
        ("visits", "table_not_found"),
    ]  # fmt: skip
    for change, code in (
        ({"seed": 2**63}, "param_at_most"), ({"seed": -1}, "param_at_least"),
        ({"seed": 1.5}, "param_whole"), ({"extra": 1}, "param_unknown"),
        ({"scenario": "no\0"}, "param_invalid"), ({"scenario": "none"}, "scenario_unknown"),
        ({"action": "none"}, "action_unknown"),
    ):  # fmt: skip
        status, answer = office("POST", "runs", asked({}, **change))
        assert (status, codes(answer)[0][1]) == (422, code), (change, answer)
    assert not Run.objects.exists()


@pytest.mark.parametrize("body", [
    b"{", b"[]", b"null", b"\xff\xfe", b'{"seed": NaN}', b'"\\ud800"', b"[" * 100_000,
    b'{"seed": 1' + b"0" * 5000 + b"}", b"1" * 100_000,
])  # fmt: skip
def test_a_body_that_is_no_request_is_refused_with_a_reason(office, body):
    status, answer = office("POST", "runs", body)
    assert status == 422
    assert codes(answer)


def test_only_json_is_taken_where_json_is_expected(office):
    got = office("POST", "runs", b"seed=1", kind="application/x-www-form-urlencoded")
    assert (got[0], codes(got[1])) == (415, [("request", "api_media_type")])
    large = office("POST", "runs", b" " * (6 * 1024 * 1024))
    assert (large[0], codes(large[1])) == (413, [("request", "api_too_large")])


def test_unknown_addresses_and_methods_are_refused_as_problems(office):
    for method, path, status in (
        ("GET", "nowhere", 404), ("GET", "runs/999", 404), ("GET", "runs/x", 422),
        ("GET", f"runs/{2**63}", 422), ("GET", "runs/%00", 422), ("DELETE", "runs/1", 403),
        ("GET", "scenarios/none", 404), ("GET", "scenarios/fever_clinic/schema/..", 404),
        ("GET", "runs?state=lost", 422), ("GET", "runs?limit=999999999999999999999", 422),
    ):  # fmt: skip
        got, answer = office(method, path)
        assert (got, bool(codes(answer))) == (status, True), (method, path, got)


def test_runs_are_listed_in_pages_of_any_size_without_gap_or_repeat(office):
    tables = office.inputs()
    made = [office("POST", "runs", asked(tables, seed=n))[1]["id"] for n in range(7)]
    for size in (1, 3, 7, 8):
        seen, before = [], ""
        while before is not None:
            page = office("GET", f"runs?limit={size}{before and f'&before={before}'}")[1]
            seen += [run["id"] for run in page["rows"]]
            before = page["next"]
        assert seen == made[::-1]
    assert office("GET", "runs?state=done")[1]["rows"] == []
    assert len(office("GET", "runs?scenario=fever_clinic&action=simulate_waits")[1]["rows"]) == 7


def test_listing_runs_takes_as_many_queries_as_there_are_few(office):
    tables = office.inputs()
    counts = []
    for number in (2, 10):
        for seed in range(number):
            office("POST", "runs", asked(tables, seed=seed))
        with CaptureQueriesContext(connection) as queries:
            office("GET", "runs")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_a_waiting_run_is_cancelled_once(office):
    run = office("POST", "runs", asked(office.inputs()))[1]["id"]
    status, told = office("POST", f"runs/{run}/cancel")
    assert (status, told["state"]) == (200, "cancelled")
    status, answer = office("POST", f"runs/{run}/cancel")
    assert (status, codes(answer)) == (409, [("state", "work_is_over")])


def test_a_run_asked_again_gives_the_same_digests(office, done):
    status, again = office("POST", f"runs/{done['id']}/again")
    assert (status, again["provenance"]["digest"]) == (201, done["provenance"]["digest"])
    work()
    again = office("GET", f"runs/{again['id']}")[1]
    assert again["kpis"] == done["kpis"]
    assert [t["digest"] for t in again["outputs"].values()] == [
        t["digest"] for t in done["outputs"].values()
    ]


def test_a_dropped_table_is_gone_and_its_record_stays(office, done):
    number = done["inputs"]["visits"]["table"]
    assert office("DELETE", f"tables/{number}") == (204, None)
    assert office("GET", f"tables/{number}")[1]["dropped_at"] is not None
    assert office("GET", f"tables/{number}/rows")[0] == 409
    assert office("GET", f"runs/{done['id']}")[1]["inputs"]["visits"]["table"] == number


def test_a_decision_from_proposal_to_measure(city, office, done):
    leader = Program(city.leader)
    given = {"run": done["id"], "text": "按建议排班", "indicator": "stay_mean_min"}
    status, made = office("POST", "decisions", given)
    assert (status, made["state"], made["expected"]) == (
        201, "proposed", done["kpis"]["stay_mean_min"]
    )  # fmt: skip
    address = f"decisions/{made['id']}"
    assert office("POST", f"{address}/decide", {"approved": True})[0] == 403
    assert leader("POST", f"{address}/decide", {"approved": False})[0] == 422
    assert leader("POST", f"{address}/decide", {"approved": True})[1]["state"] == "approved"
    assert office("POST", f"{address}/measure", {"value": 1})[0] == 409
    assert office("POST", f"{address}/carry-out", {"note": "已执行"})[0] == 200
    told = office("POST", f"{address}/measure", {"value": 12.5})[1]
    assert (told["state"], told["measured"], told["decided_by"]) == ("measured", 12.5, "leader")
    assert office("GET", f"decisions?run={done['id']}&state=measured")[1]["rows"] == [told]
    assert audit.verify() == []


def test_an_indicator_becomes_evidence_of_a_task(office, done):
    given = {"run": done["id"], "indicator": "stay_mean_min", "task": "H-1"}
    status, made = office("POST", "evidence", given)
    assert status == 201, made
    row = Evidence.objects.get(pk=made["id"])
    assert (row.task.code, row.run_id, row.seed) == ("H-1", str(done["id"]), 7)
    assert made["inputs_digest"] == done["provenance"]["inputs_digest"]
    assert office("POST", "evidence", {**given, "task": "none"})[0] == 404
    assert office("POST", "evidence", {**given, "indicator": "none"})[0] == 422


def test_a_schedule_is_made_and_switched(office):
    given = {
        "scenario": "fever_clinic", "action": "simulate_waits", "every": "day", "at": "06:30",
    }  # fmt: skip
    status, made = office("POST", "schedules", given)
    assert (status, made["at"], made["enabled"]) == (201, "06:30", True)
    told = office("POST", f"schedules/{made['id']}/switch", {"enabled": False})[1]
    assert told["enabled"] is False and office("GET", "schedules")[1]["rows"] == [told]
    assert office("POST", "schedules", {**given, "at": None})[0] == 422
    assert office("POST", "schedules", {**given, "at": "24:00"})[0] == 422
    assert Schedule.objects.count() == 1


def test_a_department_works_with_its_own_scenarios_only(city, office, done):
    staff, number = Program(city.staff), done["outputs"]["measures"]["table"]
    paths = ("scenarios/fever_clinic", f"runs/{done['id']}", f"tables/{number}/content")
    assert staff("GET", "scenarios")[1]["rows"] == staff("GET", "runs")[1]["rows"] == []
    assert [staff("GET", path)[0] for path in paths] == [404] * 3
    assert staff("POST", f"runs/{done['id']}/again")[0] == 404
    assert staff("DELETE", f"tables/{number}")[0] == 404
    content = (SAMPLE / "roster.csv").read_bytes()
    path = "tables?scenario=fever_clinic&dataset=roster"
    assert staff("POST", path, content, kind="text/csv")[0] == 403
    UnitAlias.objects.create(unit=city.staff.unit, name="市卫健委")
    assert [staff.send("GET", path).status_code for path in paths] == [200] * 3
    assert staff("POST", path, content, kind="text/csv")[0] == 201
    leader = Program(city.leader)
    assert leader("GET", f"runs/{done['id']}")[0] == 200
    assert leader("POST", f"runs/{done['id']}/again")[0] == 403


def test_the_same_key_does_the_same_thing_once(office):
    tables, key = office.inputs(), {"Idempotency-Key": "order-1"}
    first = office("POST", "runs", asked(tables), **key)
    entries = AuditEntry.objects.count()
    assert office("POST", "runs", asked(tables), **key) == first
    assert AuditEntry.objects.count() == entries and Run.objects.count() == 1
    status, answer = office("POST", "runs", asked(tables, seed=8), **key)
    assert (status, codes(answer)) == (409, [("Idempotency-Key", "api_key_reused")])
    assert office("POST", f"runs/{first[1]['id']}/again", **key)[0] == 409
    assert Run.objects.count() == 1
    Answer.objects.update(made_at=Answer.objects.get().made_at - KEPT)
    assert office("POST", "runs", asked(tables), **key)[1]["id"] != first[1]["id"]


def test_a_refusal_leaves_the_key_free_to_send_the_mended_request(office):
    tables, key = office.inputs(), {"Idempotency-Key": "order-2"}
    assert office("POST", "runs", asked({}), **key)[0] == 422
    assert office("POST", "runs", asked(tables), **key)[0] == 201


def test_keys_of_two_tokens_have_nothing_to_do_with_each_other(city, office):
    tables, key = office.inputs(), {"Idempotency-Key": "order-3"}
    other = Program(city.deputy)
    made = {p("POST", "runs", asked(tables), **key)[1]["id"] for p in (office, other)}
    assert len(made) == 2


@pytest.mark.parametrize("key", ["", "x" * 101, "键", "a b"])
def test_a_key_that_cannot_be_kept_is_refused(office, key):
    assert office("POST", "schedules", {}, **{"Idempotency-Key": key})[0] == 422


def test_an_upload_sent_twice_is_kept_once(office):
    key = {"Idempotency-Key": "upload-1"}
    assert office.bring("roster", **key) == office.bring("roster", **key)
    assert Table.objects.count() == 1
    assert len(list(work_service.uploads().iterdir())) == 1
    path = "tables?scenario=fever_clinic&dataset=roster&filename=roster.csv"
    assert office("POST", path, b"other", kind="text/csv", **key)[0] == 409
    assert len(list(work_service.uploads().iterdir())) == 1


SETTING = """
from songhua.console.api import tokens
from songhua.console.runs.services import supervise, tables
office = city.people().office
for name in ("visits", "roster"):
    tables.sample(office, "fever_clinic", name)
    supervise.next_work()
print(tokens.make(office, name="x", scopes=["read", "runs"], days="1")[1])
"""


@pytest.mark.slow
def test_of_requests_sent_at_the_same_time_one_makes_the_run(tmp_path):
    """On a real server with two processes of four threads."""
    with own_database(bool(os.environ.get("SONGHUA_DATABASE_URL"))) as url:
        it = Installation(tmp_path / "city", url)
        try:
            it.run("manage", "migrate", "--verbosity", "0")
            secret = it.inside(SETTING).strip()
            it.web("--processes", "2")
            tables = {"visits": 1, "roster": 2}
            headers = {
                "Authorization": f"Bearer {secret}", "Content-Type": "application/json",
                "Idempotency-Key": "at-once",
            }  # fmt: skip

            def send(_: int) -> tuple[int, bytes]:
                connection = http.client.HTTPConnection("127.0.0.1", it.port, timeout=60)
                connection.request("POST", "/api/v1/runs", json.dumps(asked(tables)), headers)
                answer = connection.getresponse()
                return answer.status, answer.read()

            with ThreadPoolExecutor(16) as pool:
                answers = list(pool.map(send, range(32)))
            assert {status for status, _ in answers} == {201}, answers
            assert len({json.loads(content)["id"] for _, content in answers}) == 1
            assert it.inside(
                "from songhua.console.runs.models import Run; print(Run.objects.count())"
            ) == "1\n"  # fmt: skip
        finally:
            it.stop()


def test_the_document_declares_every_refusal_and_the_way_in():
    document = interface.document()
    assert document["openapi"].startswith("3.1")
    for address, methods in document["paths"].items():
        if address.startswith("/api/v1/consultations"):  # open to anyone
            assert all("security" not in told for told in methods.values())
            continue
        for method, told in methods.items():
            assert told["security"] == [{"Bearer": []}], address
            assert {401, 403, 404, 409, 422, 429} <= set(told["responses"]), (method, address)
            assert all(half in told["summary"] for half in (" / ",)), address
    made = [told for m in document["paths"].values() for told in m.values()
            if 201 in told["responses"]]  # fmt: skip
    assert len(made) == 6
    for told in made:
        assert "Idempotency-Key" in {p["name"] for p in told["parameters"]}, told["summary"]


def test_records_come_out_as_the_models_hold_them(office, done):
    for model, path in ((Run, "runs"), (Table, "tables"), (Decision, "decisions")):
        told = office("GET", path)[1]["rows"]
        assert [row["id"] for row in told] == list(model.objects.values_list("pk", flat=True))
