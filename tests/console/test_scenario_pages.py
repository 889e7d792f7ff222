"""The pages of scenarios, made from declarations alone: the toy of another package has them all."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import polars as pl
import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from songhua.console import clock
from songhua.console.ledger.models import Evidence, Obligation, Task
from songhua.console.ledger.services import tasks
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people.models import Unit
from songhua.console.people.services import create_account
from songhua.console.runs.models import Decision, Run, Schedule, Table

from .city import CREDIT_CODE

pytestmark = pytest.mark.django_db

PEOPLE = {
    "office": "office", "leader": "leader", "reviewer": "reviewer", "public": "public",
    "enterprise": "enterprise", "staff": "staff", "stranger": "staff",
}  # fmt: skip


class Bureau:
    """An account of every kind, and a browser for each."""

    def __init__(self) -> None:
        load_programme("test")
        self.unit = Unit.objects.get(name_zh="市科技局")
        units = {"staff": self.unit, "stranger": Unit.objects.exclude(pk=self.unit.pk).first()}
        hashed = make_password("x")
        self.people = {
            name: create_account(
                "test", username=name, name=name, role=role, password_hash=hashed,
                unit=units.get(name),
                credit_code=CREDIT_CODE if role == "enterprise" else "",
            )[0]
            for name, role in PEOPLE.items()
        }  # fmt: skip

    def browser(self, name: str) -> Client:
        client = Client()
        client.force_login(self.people[name])
        return client


@pytest.fixture
def bureau(toy_scenario):
    return Bureau()


@pytest.fixture
def staff(bureau) -> Client:
    return bureau.browser("staff")


def page(client: Client, route: str, *args: object, status: int = 200, **query: object) -> str:
    answer = client.get(reverse(route, args=args), query)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return unescape(answer.content.decode())


def send(client: Client, route: str, *args: object, status: int = 302, **given: object) -> str:
    answer = client.post(reverse(route, args=args), given)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.headers.get("Location", "") or unescape(answer.content.decode())


def upload(client: Client, text: str, name: str = "numbers.csv", status: int = 302) -> str:
    file = SimpleUploadedFile(name, text.encode())
    return send(client, "table_upload", "toy", "numbers", status=status, file=file)


def sampled(client: Client) -> Table:
    send(client, "table_sample", "toy", "numbers")
    row = Table.objects.filter(run=None).latest("pk")
    assert row.state == "done", row.problems
    return row


def ran(client: Client, table: Table, action: str = "count_slowly", **params: object) -> Run:
    given = {f"param-{name}": value for name, value in params.items()}
    given |= {"table-numbers": table.pk, "seed": given.pop("param-seed", 1)}
    send(client, "run_new", "toy", action, **given)
    return Run.objects.latest("pk")


def sheet(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_a_scenario_of_another_package_has_its_card_and_its_page(staff):
    assert "模拟计数" in page(staff, "scenarios")
    text = words(page(staff, "scenario", "toy"))
    for said in ("供测试使用", "实施方案 附件1", "市科技局", "演示", "物件", "weight_kg", "kg",
                 "0 – 1000", "red、blue", "主键", "有条件共享", "慢速计数",
                 "用样例试一试"):  # fmt: skip
        assert said in text, said
    staff.cookies["songhua_language"] = "en"
    assert "Shared on conditions" in page(staff, "scenario", "toy")


@pytest.mark.parametrize("name", ["public", "enterprise", "stranger"])
def test_who_may_not_work_with_it_sees_the_story_and_no_tables_or_runs(bureau, staff, name):
    table = sampled(staff)
    run = ran(staff, table)
    other = bureau.browser(name)
    assert "供测试使用" in page(other, "scenarios")
    text = page(other, "scenario", "toy")
    assert "供测试使用" in text and "numbers-sample.csv" not in text
    assert reverse("table_upload", args=["toy", "numbers"]) not in text
    for route, key in (("run", run.pk), ("table", table.pk)):
        assert other.get(reverse(route, args=[key])).status_code in {403, 404}


@pytest.mark.parametrize("name", ["leader", "reviewer"])
def test_leaders_and_reviewers_read_and_change_nothing(bureau, staff, name):
    table = sampled(staff)
    run = ran(staff, table)
    other = bureau.browser(name)
    text = page(other, "scenario", "toy") + page(other, "run", run.pk)
    text += page(other, "table", table.pk)
    assert 'action="/scenarios' not in text and 'action="/runs' not in text
    for route, args in (
        ("table_drop", [table.pk]), ("run_again", [run.pk]), ("run_propose", [run.pk]),
        ("table_sample", ["toy", "numbers"]), ("run_new", ["toy", "count_slowly"]),
    ):  # fmt: skip
        send(other, route, *args, status=403)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_template_has_the_headings_that_an_upload_is_read_by(staff, form):
    answer = staff.get(reverse("table_template", args=["toy", "numbers", form]))
    if form == "csv":
        heads = answer.content.decode("utf-8-sig").strip().replace('"', "").split(",")
    else:
        heads = sheet(answer.content)[0]
    assert heads == ["编号", "类别", "重量（kg）", "包装日期"]
    upload(staff, ",".join(heads) + "\na,red,2,\n")
    assert Table.objects.get().state == "done"


def test_a_bad_file_shows_each_problem_with_row_column_rule_and_value(staff):
    where = upload(staff, "item,kind,weight_kg\na,red,1\na2,green,2\nb,blue,heavy\n")
    text = words(unescape(staff.get(where).content.decode()))
    assert "发现 2 个问题" in text and "未保存任何一行" in text
    assert "3 kind green" in text and "4 weight_kg heavy" in text and "cell_choice" in text
    row = Table.objects.get()
    listed = sheet(staff.get(reverse("table_problems", args=[row.pk])).content)
    assert len(listed) == 1 + 2
    assert Table.objects.get().rows == 0


def test_an_upload_without_a_file_or_for_no_dataset_is_refused(staff):
    assert "文件为空" in send(staff, "table_upload", "toy", "numbers", status=422)
    send(staff, "table_upload", "toy", "totals", status=404)
    send(staff, "table_upload", "nowhere", "numbers", status=404)


def test_columns_left_out_are_named(staff):
    where = upload(staff, "item,kind,weight_kg,身份证号\na,red,1,x\n")
    assert "未保存：身份证号" in words(unescape(staff.get(where).content.decode()))


def test_a_table_is_paged_and_downloaded_whole(staff):
    lines = [f"item{i:04},{'red' if i % 2 else 'blue'},{i}" for i in range(120)]
    where = upload(staff, "item,kind,weight_kg\n" + "\n".join(lines))
    row = Table.objects.get()
    first, later = page(staff, "table", row.pk), page(staff, "table", row.pk, offset=100)
    assert "item0049" in first and "item0050" not in first
    assert "item0119" in later and "item0099" not in later
    assert "第 101–120 行，共 120 行" in words(later)
    assert "item0119" in page(staff, "table", row.pk, offset=10**9)
    got = {}
    for form in ("csv", "xlsx", "parquet"):
        answer = staff.get(reverse("table_file", args=[row.pk, form]))
        assert answer.status_code == 200
        got[form] = b"".join(answer)
    text = got["csv"].decode("utf-8-sig")
    assert text.count("\n") == 121 and "重量" in text
    assert len(sheet(got["xlsx"])) == 121
    assert pl.read_parquet(BytesIO(got["parquet"])).height == 120
    staff.get(where)


def test_dropping_deletes_the_rows_and_keeps_the_record(staff):
    row = sampled(staff)
    send(staff, "table_drop", row.pk)
    text = page(staff, "table", row.pk)
    assert "记录保留" in text and "预览" not in words(text)
    assert staff.get(reverse("table_file", args=[row.pk, "csv"])).status_code == 404


def test_a_form_says_every_mistake_at_its_field_and_keeps_what_was_typed(staff):
    html = page(staff, "run_new", "toy", "count_slowly")
    assert "还没有可用的表" in html and 'max="3600"' in html and 'step="1"' in html
    sampled(staff)
    html = send(
        staff, "run_new", "toy", "count_slowly", status=422,
        **{"table-numbers": "", "param-seconds": "-5", "param-steps": "many", "seed": "x"},
    )  # fmt: skip
    text = words(html)
    assert "时长（s）不得小于 0" in text and "步数的值“many”不是数字" in text
    assert "随机种子 x 超出范围" in text and "缺少输入表" in text
    assert 'value="-5"' in html and 'value="many"' in html
    assert html.count('aria-invalid="true"') == 4
    assert Run.objects.count() == 0
    staff.cookies["songhua_language"] = "en"
    html = send(
        staff, "run_new", "toy", "count_slowly", status=422, **{"param-seconds": "-5", "seed": "1"}
    )
    assert "Seconds (s) must be at least 0" in words(html)


def test_full_width_digits_and_blank_fields_with_a_default_are_understood(staff):
    run = ran(staff, sampled(staff), seconds="０", steps="", seed="７")
    assert run.params == {"seconds": 0, "steps": 5} and run.seed == 7


def test_a_choice_is_a_list_to_choose_from(staff):
    html = page(staff, "run_new", "toy", "misbehave")
    assert '<option value="infeasible"' in html and 'name="param-how"' in html


def test_a_run_shows_indicators_charts_tables_and_all_that_fixes_it(staff):
    table = sampled(staff)
    run = ran(staff, table)
    html = page(staff, "run", run.pk)
    text = words(html)
    assert "平均重量" in text and "1.333" in text and "data-chart" in html
    assert run.digest in html and run.code in html and table.digest in html
    assert "songhua run toy count_slowly \\ --table numbers=numbers-" in text
    assert "--seed 1" in text and "合计" in text
    again = send(staff, "run_again", run.pk)
    other = Run.objects.latest("pk")
    assert again == reverse("run", args=[other.pk]) and other.digest == run.digest


@pytest.mark.parametrize("how", ["fail", "infeasible", "crash"])
def test_a_failed_run_says_why_and_shows_its_trace_to_the_office_only(bureau, staff, how):
    run = ran(staff, sampled(staff), "misbehave", how=how)
    mine, theirs = page(staff, "run", run.pk), page(bureau.browser("office"), "run", run.pk)
    assert "没有得出结果" in mine and "Traceback" not in mine
    assert ("Traceback" in theirs) is (how == "crash")
    if how == "fail":
        assert "重量（kg）的值 7 超出允许范围" in words(mine)


def test_while_it_lasts_the_page_asks_again_and_then_loads_anew(bureau, staff, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    send(staff, "table_sample", "toy", "numbers")
    table = Table.objects.get()
    html = page(staff, "table", table.pk)
    assert 'hx-trigger="every' in html and 'role="progressbar"' in html
    hx = {"HX-Request": "true"}
    part = staff.get(reverse("table", args=[table.pk]), headers=hx).content.decode()
    assert part.lstrip().startswith("<section") and "<html" not in part
    send(staff, "table_cancel", table.pk)
    answer = staff.get(reverse("table", args=[table.pk]), headers=hx)
    assert answer.headers["HX-Refresh"] == "true"
    run = Run.objects.create(
        scenario="toy", action="count_slowly", created_by=bureau.people["staff"],
        created_at=clock.now(), state="running", progress=0.4,
    )  # fmt: skip
    assert 'aria-valuenow="40"' in page(staff, "run", run.pk)
    send(staff, "run_cancel", run.pk)
    assert "正在取消" in page(staff, "run", run.pk)


def test_two_runs_are_compared(staff):
    table = sampled(staff)
    first, second = ran(staff, table, steps=5), ran(staff, table, steps=6, seed=2)
    html = page(staff, "run_compare", run=[second.pk, first.pk])
    text = words(html)
    assert f"运行 {first.pk} 与 {second.pk} 对比" in text
    assert "步数 5 6 不同" in text and "时长（s） 0 0 相同" in text and "随机种子 1 2 不同" in text
    assert "物件" in text and f'"#{first.pk}' in html and f'"#{second.pk}' in html
    page(staff, "run_compare", run=[first.pk], status=422)


def test_an_indicator_becomes_evidence_of_a_task(bureau, staff):
    office = bureau.people["office"]
    day = clock.today()
    task = tasks.create(
        office, code="T-1", title="任务", obligation=Obligation.objects.first(),
        lead_unit=bureau.unit, start=day, due=day + timedelta(days=90),
    )  # fmt: skip
    tasks.act(office, task, "activate")
    run = ran(staff, sampled(staff))
    assert "T-9" in send(staff, "run_attach", run.pk, status=422, task="T-9", indicator="mean_kg")
    send(staff, "run_attach", run.pk, task="T-1", indicator="mean_kg")
    row = Evidence.objects.get()
    assert (row.run_id, row.seed, row.inputs_digest) == (str(run.pk), 1, run.inputs_digest)
    assert "T-1" in page(staff, "run", run.pk)
    assert reverse("run", args=[run.pk]) in page(staff, "task", "T-1")
    assert Task.objects.get().evidence_count == 1


def test_a_decision_is_proposed_approved_carried_out_and_measured(bureau, staff):
    run = ran(staff, sampled(staff))
    assert "为空" in send(staff, "run_propose", run.pk, status=422, text=" ", indicator="mean_kg")
    send(staff, "run_propose", run.pk, text="照此执行", indicator="mean_kg")
    row = Decision.objects.get()
    leader = bureau.browser("leader")
    decide = reverse("decision_decide", args=[row.pk])
    assert decide in page(leader, "run", run.pk) and decide not in page(staff, "run", run.pk)
    send(staff, "decision_decide", row.pk, status=403, approved="1")
    send(leader, "decision_decide", row.pk, status=422, approved="0", reason="")
    send(leader, "decision_decide", row.pk, approved="1")
    send(leader, "decision_carry_out", row.pk, status=403, note="x")
    send(staff, "decision_carry_out", row.pk, note="已执行完毕")
    assert "不是数字" in send(staff, "decision_measure", row.pk, status=422, measured="多")
    send(staff, "decision_measure", row.pk, measured="1.5")
    text = words(page(staff, "run", run.pk))
    assert "已评估" in text and "预期 1.333 kg · 实测 1.5 kg · 相差 +0.1667" in text


def test_a_schedule_is_made_paused_and_resumed(staff):
    bad = {"param-seconds": "-1", "every": "day", "at": "", "missed": "latest", "seed": "1"}
    html = send(staff, "schedule_new", "toy", "count_slowly", status=422, **bad)
    assert html.count('aria-invalid="true"') >= 1
    good = bad | {"param-seconds": "0", "at": "06:30"}
    send(staff, "schedule_new", "toy", "count_slowly", **good)
    row = Schedule.objects.get()
    assert "每天 06:30" in words(page(staff, "schedules", "toy"))
    send(staff, "schedule_switch", row.pk, enabled="0")
    assert "已暂停" in page(staff, "schedules", "toy")
    send(staff, "schedule_switch", row.pk, enabled="1")
    assert Schedule.objects.get().enabled


def many(bureau, count: int) -> None:
    Run.objects.bulk_create(
        Run(
            scenario="toy", action="count_slowly" if i % 3 else "misbehave",
            created_by=bureau.people["staff" if i % 2 else "office"], created_at=clock.now(),
            state=("done", "failed", "cancelled")[i % 3], params={"steps": i}, kpis={"mean_kg": i},
        )
        for i in range(count)
    )  # fmt: skip


def test_runs_are_filtered_and_paged_from_key_to_key(bureau, staff):
    many(bureau, 120)
    html = page(staff, "runs")
    keys = [int(k) for k in re.findall(r'href="/runs/(\d+)/"', html)]
    newest = Run.objects.latest("pk").pk
    assert keys == list(range(newest, newest - 50, -1))
    older = page(staff, "runs", before=keys[-1])
    assert f'href="/runs/{keys[-1] - 1}/"' in older and f'href="/runs/{keys[-1]}/"' not in older
    back = page(staff, "runs", after=keys[-1] - 1)
    assert f'href="/runs/{keys[-1]}/"' in back and "较早" in back and "较新" not in back
    failed = page(staff, "runs", state="failed", action="count_slowly")
    assert set(re.findall(r'class="tag tag-(\w+)"', failed)) == {"red"}
    person = page(staff, "runs", person=bureau.people["office"].pk)
    assert "staff</div>" not in person
    assert "没有符合条件的运行" in page(staff, "runs", scenario="nowhere")


QUERIES = {"scenarios": 8, "scenario": 6, "runs": 6, "run": 11, "table": 7, "run_new": 6}


def test_pages_make_the_pinned_number_of_queries_however_many_runs_there_are(bureau, staff):
    table = sampled(staff)
    run = ran(staff, table)
    keys = {
        "scenarios": (), "scenario": ("toy",), "runs": (), "run": (run.pk,), "table": (table.pk,),
        "run_new": ("toy", "count_slowly"),
    }  # fmt: skip

    def counted() -> dict[str, int]:
        found = {}
        for route, args in keys.items():
            page(staff, route, *args)
            with CaptureQueriesContext(connection) as made:
                page(staff, route, *args)
            found[route] = len(made)
        return found

    assert counted() == QUERIES
    many(bureau, 300)
    assert counted() == QUERIES


def test_a_table_may_be_larger_than_other_uploads_and_only_for_who_may_bring_one(
    bureau, staff, settings
):
    settings.UPLOAD_MAX_BYTES, settings.TABLE_MAX_BYTES = 1000, 10_000_000
    rows = "".join(f"item{i},red,1\n" for i in range(90_000))
    upload(staff, "item,kind,weight_kg\n" + rows)
    assert Table.objects.get().rows == 90_000
    settings.TABLE_MAX_BYTES = 5000
    upload(staff, rows, status=413)
    settings.TABLE_MAX_BYTES = 10_000_000
    upload(bureau.browser("leader"), rows, status=413)
