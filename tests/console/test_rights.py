"""No role sees or changes another's rows by guessing an address or a number.

Every route of the console is walked with every role, on a row of the person's own and on one of
somebody else's, and the answers are compared with the declared table ``people/rights.csv``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from songhua.console import clock
from songhua.console.ledger.models import Document, ImportBatch, Notice, Obligation, Task
from songhua.console.ledger.services import evidence, imports, plans, tasks
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people import rights
from songhua.console.people.models import Role, Unit, UnitAlias, User
from songhua.console.people.rights import table
from songhua.console.people.services import create_account
from songhua.console.runs.models import Decision, Run, Schedule, Table
from songhua.runtime.registry import scenarios

DAY = date(2023, 3, 6)


def code(body: str) -> str:
    from stdnum.cn import uscc

    return body + str(uscc.calc_check_digit(body))


OWN_CODE, OTHER_CODE = code("91230199MA1A00004"), code("91230199MA1A00008")


class Town:
    """Two units and two enterprises, each with its own task, evidence, notice, import; the first
    unit works with the toy scenario, and nobody of them with the fever clinic."""

    def __init__(self) -> None:
        load_programme("test")
        self.units = list(Unit.objects.filter(kind="bureau")[:2])
        UnitAlias.objects.create(unit=self.units[0], name=scenarios()["toy"].departments[0])
        hashed = make_password("x")
        self.users: dict[str, User] = {}
        for role in Role.values:
            more: dict[str, object] = {}
            if role == Role.STAFF:
                more["unit"] = self.units[0]
            if role == Role.ENTERPRISE:
                more["credit_code"] = OWN_CODE
            self.users[role] = create_account(
                "test", username=role, name=role, role=role, password_hash=hashed, **more
            )[0]
        self.stranger = create_account(
            "test", username="stranger", name="x", role="staff", unit=self.units[1],
            password_hash=hashed,
        )[0]  # fmt: skip
        self.rows = {
            "unit": self.project("A", self.units[0], OTHER_CODE, self.users["staff"]),
            "own": self.project("B", self.units[1], OWN_CODE, self.stranger),
            "other": self.project("C", self.units[1], OTHER_CODE, self.stranger),
        }
        self.document = {
            name: Document.objects.create(
                kind="monthly_review", period="2023-01", edition=n, issued_by=self.users["office"],
                issued_at=clock.now(), published=name == "open", files={}, audit_head="",
            )
            for n, name in enumerate(("open", "hidden"), 1)
        }  # fmt: skip

    def project(self, name: str, unit: Unit, credit_code: str, staff: User) -> dict[str, object]:
        office = self.users["office"]
        task = tasks.create(
            office, code=f"T-{name}", title=f"任务 {name}", obligation=Obligation.objects.first(),
            lead_unit=unit, start=date(2023, 1, 1), due=date(2023, 12, 31),
            enterprise="企业", credit_code=credit_code,
        )  # fmt: skip
        tasks.act(office, task, "activate")
        plans.submit_plan(staff, task, [(date(2023, 2, 1), Decimal(10), "")])
        proof = evidence.submit_file(
            staff, task, title="佐证", filename="a.txt", chunks=[name.encode()]
        )
        notice = Notice.objects.create(
            task=task, unit=unit, source="task_monitoring", level="reminder",
            opened_on=DAY, due_on=date(2023, 3, 13),
        )  # fmt: skip
        batch = ImportBatch.objects.create(
            kind="reports", filename="a.csv", sha256="0" * 64, size=1, uploaded_by=staff,
            uploaded_at=clock.now(), state="refused",
            problems=[{"where": "x", "code": "empty", "value": "", "row": 1, "column": "x"}],
        )  # fmt: skip
        work = self.work("toy" if name == "A" else "fever_clinic", staff)
        return {"task": task, "evidence": proof, "notice": notice, "batch": batch, "unit": unit,
                "account": staff, **work}  # fmt: skip

    def work(self, name: str, staff: User) -> dict[str, object]:
        scenario = scenarios()[name]
        action, made = scenario.actions[0], {"created_by": staff, "created_at": clock.now()}
        problem = {"where": "x", "code": "empty", "value": "", "row": 1, "column": "x"}
        run = Run.objects.create(scenario=name, action=action.name, state="failed", **made)
        return {
            "scenario": scenario,
            "run": run,
            "table": Table.objects.create(
                scenario=name, dataset=action.reads[0], name="a.csv", state="failed",
                problems=[problem], **made,
            ),
            "decision": Decision.objects.create(
                run=run, text="x", indicator=action.kpis[0], proposed_by=staff,
                proposed_at=clock.now(),
            ),
            "schedule": Schedule.objects.create(
                scenario=name, action=action.name, every="quarter_hour", next_at=clock.now(), **made
            ),
        }  # fmt: skip


@pytest.fixture
def town(db, toy_scenario):
    with clock.pinned(DAY):
        yield Town()


# How each route's address is made from a row, and what is sent to it.
ADDRESSES = {
    "task": lambda r: {"code": r["task"].code},
    "evidence": lambda r: {"pk": r["evidence"].pk},
    "notice": lambda r: {"pk": r["notice"].pk},
    "import_batch": lambda r: {"pk": r["batch"].pk},
    "import_errors": lambda r: {"pk": r["batch"].pk},
    "unit": lambda r: {"code": r["unit"].code},
    "account_edit": lambda r: {"pk": r["account"].pk},
    "table_upload": lambda r: dataset_of(r["scenario"]),
    "table_sample": lambda r: dataset_of(r["scenario"]),
    "run_new": lambda r: action_of(r["scenario"]),
    "schedule_new": lambda r: action_of(r["scenario"]),
    "schedules": lambda r: {"name": r["scenario"].name},
    "table_file": lambda r: {"pk": r["table"].pk, "form": "csv"},
    "table": lambda r: {"pk": r["table"].pk},
    "run": lambda r: {"pk": r["run"].pk},
    "decision": lambda r: {"pk": r["decision"].pk},
    "schedule": lambda r: {"pk": r["schedule"].pk},
}


def dataset_of(scenario) -> dict[str, str]:
    return {"name": scenario.name, "dataset": scenario.inputs[0].name}


def action_of(scenario) -> dict[str, str]:
    return {"name": scenario.name, "action": scenario.actions[0].name}


MISSING = "00000000-0000-4000-8000-000000000000"
FIXED = {
    "obligation": {"code": "OB-001"},
    "records": {"key": "firms"},
    "indicator_lineage": {"code": "firms"},
    "register": {"code": "agreements"}, "register_new": {"code": "agreements"},
    "register_import": {"code": "agreements"},
    "register_export": {"code": "agreements", "form": "csv"},
    "indicator": {"code": "firms"}, "indicator_report": {"code": "firms"},
    "month_approve": {"month": "2023-02"}, "month_close": {"month": "2023-02"},
    "ledger_export": {"form": "csv"}, "import_template": {"kind": "reports"},
    "scenario": {"name": "fever_clinic"}, "run_compare": {}, "token_revoke": {"pk": 1},
    "table_template": {"name": "fever_clinic", "dataset": "visits", "form": "csv"},
    "calculator_rule": {"policy": "pilot_zone", "version": "issued-2022", "rule": "P04"},
    "payments_export": {"form": "csv"},
    # Rows of the desk are walked in test_subsidies_pages; here stands only the door.
    "application_step": {"pk": 1, "action": "submit"},
    "consultation_step": {"pk": 1, "action": "publish"}, "adoption_file": {"pk": 1, "form": "pdf"},
    "challenge_step": {"pk": 1, "action": "submit"},
    "achievement_act": {"pk": 1, "action": "judge"},
    "carrier_act": {"pk": 1, "action": "in"}, "ladder_act": {"action": "evaluate"},
    "growth_sheet_file": {"kind": "carriers"},
    "zone_records": {"code": "innovation_services_zone", "what": "firms"},
    "reach_records": {"what": "firms", "side": "within"},
    "cooperation_act": {"key": "events", "pk": 1, "action": "strike"},
    "cooperation_record": {"key": "events", "pk": 1}, "contest_panel": {"pk": 1},
    "cooperation_edit": {"key": "events", "pk": 1}, "cooperation_file": {"pk": 1},
    "sharing_request_step": {"pk": 1, "action": "submit"}, "sharing_request_new": {"name": "x"},
    "ckan_action": {"name": "status_show"}, "ckan_action_unversioned": {"name": "status_show"},
    "sensorthings_entity": {"rest": "Things"},
    "catalogue_dcat": {"form": "ttl"}, "dataset_dcat": {"name": "x", "form": "ttl"},
    "dataset_file": {"name": "x", "form": "csv"}, "catalogue_import_errors": {"pk": 1},
    "wanted_answer": {"pk": 1}, "parcel": {"uid": MISSING}, "parcel_file": {"uid": MISSING},
    "parcel_order": {"table": MISSING},
    "intake_part": {"pk": 1, "name": "clean.csv"},
    "heating_command": {"pk": 1}, "heating_decide": {"pk": 1}, "heating_outcome": {"pk": 1},
    "heating_evidence": {"pk": 1}, "heating_propose": {"code": "x"},
    "heating_measure": {"code": "x"}, "heating_refunds": {"code": "x", "form": "csv"},
    "log_event": {"index": 1}, "log_receipt": {"index": 1},
    "recovery_act": {"pk": 1, "action": "order"}, "subject_act": {"pk": 1, "action": "choose"},
} | {
    route: {"name": "x"}
    for route in (
        "dataset", "dataset_edit", "dataset_id", "dataset_package", "dataset_rate",
        "dataset_rows", "dataset_table", "dataset_withdraw",
        "dataset_releases", "dataset_release_new",
        "dataset_lineage", "dataset_lineage_event",
    )
} | {
    route: {"key": "events"}
    for route in (
        "cooperation_records", "cooperation_new", "cooperation_import", "cooperation_template",
        "cooperation_export",
    )
} | {
    route: {"pk": 1}
    for route in (
        "application", "application_edit", "paper_new", "paper_file", "letter_issue",
        "letter_file", "panel_application", "panel_score", "objection_new", "objection_answer",
        "case_file_conclude", "consultation", "consultation_desk", "consultation_redline",
        "opinion_new", "subject", "merge_decide", "challenge", "challenge_edit", "bid_new",
        "sharing_request", "sharing_request_edit", "sharing_grant", "sharing_supervise",
        "intake", "intake_accept", "intake_again",
        "subscription_end",
        "sharing_correction_answer", "bid_paper", "milestone_file", "challenge_draw",
        "challenge_panel", "expert", "achievement", "stage_file",
        "carrier", "growth_firm", "growth_place", "growth_sheet_errors", "site_open",
        "register_record", "register_decide", "register_file",
    )
}  # fmt: skip
ROW_ROUTES = (
    "task", "task_act", "task_plan", "task_report", "task_evidence", "task_records", "task_submit",
    "task_decide",
    "task_trigger", "evidence_file", "evidence_decide", "notice_answer", "notice_resolve",
    "import_batch", "import_errors", "unit", "table", "table_upload", "table_sample",
    "table_problems", "table_file", "table_cancel", "table_drop", "run", "run_new", "run_cancel",
    "run_again", "run_attach", "run_propose", "decision_decide", "decision_carry_out",
    "decision_measure", "schedules", "schedule_new", "schedule_switch",
)  # fmt: skip


def arguments(route: str, row: dict[str, object]) -> dict[str, object]:
    for prefix in ADDRESSES:
        if prefix != "task" and (route == prefix or route.startswith(f"{prefix}_")):
            return ADDRESSES[prefix](row)
    return ADDRESSES["task"](row)


def address(town: Town, route: str, row: dict[str, object]) -> str:
    if route.startswith("document_") and route != "document_issue":
        given: dict[str, object] = {"pk": town.document["hidden"].pk}
        return reverse(route, kwargs=given | ({"form": "pdf"} if route.endswith("file") else {}))
    if route in FIXED:
        return reverse(route, kwargs=FIXED[route])
    if route in ROW_ROUTES or route == "account_edit":
        return reverse(route, kwargs=arguments(route, row))
    return reverse(route)


def routes() -> set[str]:
    """The routes for people; those for programs ask for a token and have their own walk."""
    return {name for name in rights.routes() if not name.startswith("api:")}


def ask(who: User | None, method: str, url: str, **more: object) -> int:
    client = Client()
    if who is not None:
        client.force_login(who)
    return client.generic(method, url, **more).status_code


def test_every_route_has_its_line_and_every_line_its_route():
    assert {route for route, _ in table()} == set(rights.routes())


@pytest.mark.parametrize("role", [None, *Role.values])
def test_the_door_opens_exactly_as_declared(town, role):
    """GET and POST on every route: refused (or sent to sign in) exactly where the table says so."""
    wrong = []
    for route in sorted(routes()):
        for method in ("GET", "POST"):
            line = table().get((route, method))
            scope = "" if line is None else line[role or Role.PUBLIC]
            if role is None and scope != "anyone":
                expected = {302, 403}  # to the sign-in page, or refused
            elif role is not None and not scope and (line or {}).get("public") != "anyone":
                expected = {403}
            else:
                expected = {200, 204, 302, 404, 405, 409, 413, 422}
                expected |= (
                    {400, 401} if route == "sensorthings_entity" else set()
                )  # a token, an entity
            row = town.rows["own" if role == Role.ENTERPRISE else "unit"]
            user = town.users[role] if role else None
            got = ask(user, method, address(town, route, row))
            if got not in expected:
                wrong.append(f"{role} {method} {route}: {got}, not in {expected}")
            if role is None and scope != "anyone" and got == 302:
                location = Client().generic(method, address(town, route, row)).headers["Location"]
                if not location.startswith(reverse("sign_in")):
                    wrong.append(f"anonymous {method} {route} → {location}")
    assert not wrong, "\n".join(wrong)


SENT = {
    "task_report": {"month": "2023-02", "percent": "10", "summary": "x"},
    "task_plan": {"percent-2023-03": "20", "reason": "x"},
    "task_evidence": {"title": "x", "url": "https://example.org/x"},
    "task_records": {"collection": "firms"},
    "task_submit": {"statement": "x"},
    "task_act": {"action": "withdraw", "reason": "x"},
    "task_decide": {"passed": "1", "opinion": "x"},
    "evidence_decide": {"accepted": "1"},
    "notice_answer": {"answer": "x"},
    "run_propose": {"text": "x"}, "decision_carry_out": {"note": "x"},
    "decision_measure": {"measured": "1"}, "schedule_switch": {"enabled": "0"},
}  # fmt: skip


def digest() -> list[object]:
    """Everything that a stranger could have changed."""
    from songhua.console.ledger.models import Evidence, MonthlyPlan, MonthlyReport

    return [
        list(Task.objects.order_by("pk").values_list("pk", "state", "actual_percent")),
        list(Evidence.objects.order_by("pk").values_list("pk", "state")),
        list(Notice.objects.order_by("pk").values_list("pk", "answer", "ended_on")),
        MonthlyReport.objects.count(), MonthlyPlan.objects.count(), ImportBatch.objects.count(),
        list(Table.objects.order_by("pk").values_list("pk", "state", "dropped_at")),
        list(Run.objects.order_by("pk").values_list("pk", "state", "cancel_asked")),
        list(Decision.objects.order_by("pk").values_list("pk", "state", "measured")),
        list(Schedule.objects.order_by("pk").values_list("pk", "enabled")),
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["staff", "enterprise"])
def test_other_peoples_rows_are_neither_seen_nor_changed(town, role):
    """On every row route, a row of another unit or enterprise answers 403 or 404 and stays."""
    before, wrong = digest(), []
    for route in ROW_ROUTES:
        for method in ("GET", "POST"):
            scope = table().get((route, method), {}).get(role, "")
            if scope not in {"unit", "own"}:
                continue
            client = Client()
            client.force_login(town.users[role])
            url = reverse(route, kwargs=arguments(route, town.rows["other"]))
            got = client.generic(method, url).status_code
            if method == "POST":
                got = client.post(url, SENT.get(route, {})).status_code
            if got not in {403, 404}:
                wrong.append(f"{role} {method} {route}: {got}")
    assert not wrong, "\n".join(wrong)
    assert digest() == before


@pytest.mark.parametrize("role", ["staff", "enterprise", "public"])
def test_lists_and_exports_hold_only_what_is_in_scope(town, role):
    client = Client()
    client.force_login(town.users[role])
    own = {"staff": {"T-A"}, "enterprise": {"T-B"}, "public": set()}[role]
    for name in ("ledger", "todo", "notices", "ledger_export", "obligation"):
        if not table()[name, "GET"][role]:
            continue
        url = reverse(name, kwargs=FIXED.get(name))
        text = client.get(url).content.decode("utf-8-sig")
        for task in ("T-A", "T-B", "T-C"):
            assert task not in text or task in own, f"{role} sees {task} on {name}"


@pytest.mark.parametrize("role", ["public", "enterprise"])
def test_only_published_documents_are_open(town, role):
    client = Client()
    client.force_login(town.users[role])
    for name, seen in (("hidden", False), ("open", True)):
        row = town.document[name]
        row.files = {"pdf": evidence.files.keep([b"%PDF"], 100)[0]}
        row.save()
        url = reverse("document_file", kwargs={"pk": row.pk, "form": "pdf"})
        assert (client.get(url).status_code == 200) is seen


def test_a_person_who_was_disabled_is_out_at_once(town):
    client = Client()
    client.force_login(town.users["office"])
    assert client.get(reverse("accounts")).status_code == 200
    User.objects.filter(username="office").update(is_active=False)
    assert client.get(reverse("accounts")).status_code == 302


def test_pasting_rows_of_another_unit_saves_nothing(town):
    text = "任务编号\t月份\t完成进度(%)\nT-A\t2023-02\t10\nT-C\t2023-02\t10"
    before = digest()
    with pytest.raises(imports.InputError) as caught:
        imports.take_in_pasted(town.users["staff"], text)
    assert [(p.code, p.row) for p in caught.value.problems] == [("task_unknown", 3)]
    assert digest() == before
