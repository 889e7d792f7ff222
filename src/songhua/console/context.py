"""What every page is given: the programme's name, the navigation, the demonstration note."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html

from songhua.console import clock
from songhua.console.design import say
from songhua.console.ledger.services.programme import current
from songhua.console.ledger.templatetags.ledger import word
from songhua.console.people.rights import may_open

if TYPE_CHECKING:
    from django.http import HttpRequest


class Link(NamedTuple):
    """A line of the navigation: where it leads, its icon, its name in both languages."""

    route: str
    icon: str
    zh: str
    en: str


NAVIGATION: tuple[tuple[str, str, tuple[Link, ...]], ...] = (
    ("总览", "Overview", (
        Link("wall", "home", "领导驾驶舱", "Leader wall"),
        Link("todo", "check", "我的待办", "My to-do"),
    )),
    ("目标任务", "Targets and tasks", (
        Link("ledger", "table", "任务台账", "Task ledger"),
        Link("obligations", "list", "方案任务清单", "Obligations"),
        Link("indicators", "chart", "指标", "Indicators"),
        Link("registers", "list", "专项台账", "Registers"),
        Link("notices", "bell", "提示督办约谈", "Reminders and supervision"),
    )),
    ("调度", "Cycle", (
        Link("months", "clock", "月调度", "Monthly review"),
        Link("documents", "document", "文件", "Documents"),
        Link("imports", "upload", "导入", "Import"),
    )),
    ("场景", "Scenarios", (
        Link("scenarios", "layers", "场景应用", "Scenarios"),
        Link("runs", "settings", "运行记录", "Runs"),
        Link("heating", "chart", "供热调度", "Heating dispatch"),
    )),
    ("政策资金", "Subsidies", (
        Link("calculator", "chart", "政策测算", "Calculator"),
        Link("calculator_combination", "layers", "组合测算", "Combine awards"),
        Link("applications", "flag", "申报办理", "Applications"),
        Link("panels", "edit", "专家评审", "Expert panels"),
        Link("public_notices", "bell", "公示", "Public notices"),
        Link("case_files", "document", "立案事项", "Case files"),
        Link("subjects", "users", "主体名录", "Registry"),
        Link("entitled", "check", "免申即享", "Without applying"),
        Link("budgets", "table", "资金", "Funds"),
        Link("what_if", "chart", "政策推演", "What if"),
    )),
    ("公众参与", "The public", (
        Link("consultations", "edit", "征求意见", "Consultations"),
        Link("opinion_answer", "check", "意见答复查询", "Look up an answer"),
    )),
    ("数据", "Data", (
        Link("datasets", "layers", "数据目录", "Data catalogue"),
        Link("intakes", "upload", "数据接收", "Files brought"),
        Link("quality", "check", "数据质量", "Quality"),
        Link("harvests", "download", "目录采集", "Harvest"),
        Link("subscriptions", "bell", "订阅推送", "Subscriptions"),
        Link("live_readings", "chart", "实时读数", "Live readings"),
        Link("data_wanted", "edit", "我想要的数据", "Data wanted"),
        Link("sharing_requests", "arrow", "共享申请", "Data requests"),
        Link("sharing_corrections", "edit", "数据校核", "Corrections"),
        Link("grants", "chart", "授权与使用", "Grants and use"),
        Link("log", "shield", "存证日志", "Evidence log"),
    )),
    ("创新", "Innovation", (
        Link("challenges", "flag", "揭榜挂帅", "Open challenges"),
        Link("challenge_panels", "edit", "揭榜评审", "Challenge panels"),
        Link("experts", "users", "专家库", "Experts"),
        Link("achievements", "layers", "成果库", "Achievements"),
        Link("cooperation", "link", "合作与基金", "Cooperation and funds"),
        Link("contest_panels", "edit", "赛事评审", "Contest panels"),
    )),
    ("企业培育", "Growth", (
        Link("carriers", "home", "培育载体", "Carriers"),
        Link("growth_firms", "users", "企业成长", "Firms that grow"),
        Link("ladder", "chart", "培育梯队", "The ladder"),
        Link("zones", "map", "示范区和示范带", "Zones and the axis"),
    )),
    ("基础", "Foundations", (
        Link("programme", "map", "实施方案", "Programme"),
        Link("accounts", "users", "账号", "Accounts"),
        Link("tokens", "link", "接口令牌", "API tokens"),
        Link("audit", "shield", "审计", "Audit"),
        Link("health", "heart-pulse", "系统状态", "System health"),
    )),
)  # fmt: skip


UNFOLDED = 16  # so many lines stand on a screen without folding any group


def _navigation(request: HttpRequest) -> list[dict[str, object]]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    parent = PARENTS.get(here, here)
    groups = []
    for zh, en, links in NAVIGATION:
        items = [
            {
                "title": say(link.zh, link.en),
                "url": reverse(link.route),
                "icon": link.icon,
                "current": link.route == parent,
            }
            for link in links
            if may_open(request.user, link.route, "GET")
        ]
        if items:
            here_now = any(item["current"] for item in items)
            groups.append({"title": say(zh, en), "items": items, "open": here_now})
    few = sum(len(group["items"]) for group in groups) <= UNFOLDED
    return [group | {"open": group["open"] or few} for group in groups]


PARENTS = {
    "task": "ledger", "task_new": "ledger", "ledger_paste": "ledger",
    "obligation": "obligations", "official_text": "obligations",
    "indicator": "indicators", "import_batch": "imports", "unit": "wall",
    "scenario": "scenarios", "table": "scenarios", "run_new": "scenarios",
    "heating_command": "heating", "heating_outcome": "heating",
    "schedule_new": "scenarios", "schedules": "scenarios", "run": "runs", "run_compare": "runs",
    "register": "registers", "register_new": "registers", "register_record": "registers",
    "consultation": "consultations", "consultation_new": "consultations",
    "consultation_desk": "consultations", "consultation_redline": "consultations",
    "opinion_new": "consultations",
    "challenge": "challenges", "challenge_new": "challenges", "challenge_edit": "challenges",
    "bid_new": "challenges", "challenge_panel": "challenge_panels", "expert": "experts",
    "achievement": "achievements", "achievement_new": "achievements",
    "carrier": "carriers", "carrier_new": "carriers", "growth_sheets": "carriers",
    "growth_firm": "growth_firms", "cohorts": "ladder", "reach": "zones", "sites": "zones",
    "site_new": "zones", "reach_records": "zones", "zone_records": "zones",
    "cooperation_records": "cooperation", "cooperation_record": "cooperation",
    "cooperation_new": "cooperation", "cooperation_edit": "cooperation",
    "cooperation_import": "cooperation", "contest_panel": "contest_panels",
    "sharing_request": "sharing_requests", "sharing_request_new": "sharing_requests",
    "sharing_request_edit": "sharing_requests", "sharing_grant": "sharing_requests",
    "dataset": "datasets", "dataset_rows": "datasets", "dataset_new": "datasets",
    "dataset_edit": "datasets", "dataset_table": "datasets", "catalogue_import": "datasets",
    "intake": "intakes", "subscription_new": "subscriptions", "dataset_releases": "datasets",
    "dataset_lineage": "datasets", "indicator_lineage": "indicators",
    "account_new": "accounts", "account_edit": "accounts", "api_reference": "tokens",
}  # fmt: skip


def shell(request: HttpRequest) -> dict[str, object]:
    """The frame around every page. Cheap: no query beyond the signed-in user's."""
    programme = current()
    note: str = ""
    if settings.SIMULATED:
        note = say("演示数据（模拟），非真实填报", "Simulated data for demonstration")
    if settings.SIMULATED and settings.TODAY:
        pinned = say("演示日期 {d}", "demonstration date {d}", d=clock.today())
        note = format_html('{} · <span class="nw">{}</span>', note, pinned)
    known = hasattr(request, "user")  # not where a request is refused before anybody looks at it
    signed_in = known and request.user.is_authenticated
    return {
        "programme_name": say(programme.name_zh, programme.name_en),
        "demo_note": note,
        "today": clock.today(),
        "navigation": _navigation(request) if known else [],
        "role_name": word(request.user.role, "role") if signed_in else "",
    }
