"""What the demonstration shows of innovation: experts, achievements and demands, and a challenge
that is open to bids. All through the real services; all simulated."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from songhua.console import clock
from songhua.console.innovation.services import (
    achievement_matches,
    achievement_registry,
    challenge_demands,
    expert_registry,
)
from songhua.console.people.models import Role, User
from songhua.console.people.services import create_account

UNIT = "science_technology_bureau"
EXPERTS = (
    ("reviewer", "第一研究所", False), ("reviewer2", "第二研究所", False),
    ("reviewer3", "南方大学", True), ("reviewer4", "第四研究所", False),
    ("reviewer5", "远东研究院", True),
)  # fmt: skip
ACHIEVEMENTS = (
    ("管网泄漏声学定位", "用埋地传感器的声学信号定位供热管网泄漏点。", "智慧供暖", "pilot", "6"),
    ("寒地巡检机器人", "可在零下三十度连续工作四小时的巡检机器人。", "智能制造", "bench", "4"),
    ("水稻长势遥感识别", "用卫星与无人机影像识别水稻长势和病虫害。", "智慧农业", "maturing", "7"),
    ("发热门诊影像分诊", "肺部影像自动分诊，缩短候诊时间。", "智慧医疗", "incubation", "8"),
)
DEMANDS = (
    ("快速发现供热管网泄漏", "希望用传感器在一小时内发现并定位泄漏。", "智慧供暖", "6", "9"),
    ("Дистанционный контроль посевов", "Нужен мониторинг полей по спутниковым снимкам.",
     "智慧农业", "5", "9"),
)  # fmt: skip
TARGETS = [{"name": "低温启动", "unit": "℃", "direction": "at_most", "threshold": "-30"}]


def show(day: date) -> None:
    """Experts and their fields; achievements of the demonstration's enterprise, demands of a
    bureau, one match accepted; a challenge published a week ago."""
    office = User.objects.filter(role=Role.OFFICE).order_by("pk")[0]
    staff = User.objects.filter(role=Role.STAFF, unit__code=UNIT).order_by("pk")[0]
    firm = User.objects.get(username="enterprise")
    with clock.pinned(day - timedelta(days=90)):
        _experts(office)
    with clock.pinned(day - timedelta(days=30)):
        for title, text, field, stage, level in ACHIEVEMENTS:
            achievement_registry.enter(
                firm, kind="achievement", title=f"{title}（模拟）", text=text, field=field,
                stage=stage, trl_low=level, district="松北区",
            )  # fmt: skip
        asked = [
            achievement_registry.enter(
                staff, kind="demand", title=f"{title}（模拟）", text=text, field=field,
                trl_low=low, trl_high=high,
            )
            for title, text, field, low, high in DEMANDS
        ]  # fmt: skip
        best = achievement_matches.matches(asked[0], limit=1)[0]
        found = type(asked[0]).objects.get(pk=int(best.key))
        achievement_matches.judge(office, asked[0], found, accepted=True, reason="指标相符（模拟）")
    _challenge(office, staff, day)


def _experts(office: User) -> None:
    for name, organisation, outside in EXPERTS:
        user = User.objects.filter(username=name).first()
        if user is None:
            usual = User.objects.get(username="reviewer")
            user = create_account(
                "setup", username=name, name=f"{name}（模拟）", role=Role.REVIEWER, unit=None,
                password_hash=usual.password,
            )[0]  # fmt: skip
        expert_registry.put_profile(
            office, user, organisation=f"{organisation}（模拟）", outside=outside,
            fields=["智慧供暖", "智能制造"],
        )  # fmt: skip


def _challenge(office: User, staff: User, day: date) -> None:
    with clock.pinned(day - timedelta(days=7)):
        row = challenge_demands.draft(
            staff, title="寒地巡检机器人（模拟）", problem="冬季低温下管廊巡检困难。",
            field="智能制造", budget_yuan="3000000", targets=TARGETS, chokepoint=True,
        )  # fmt: skip
        challenge_demands.submit(staff, row)
        closes = timezone.make_aware(datetime.combine(day + timedelta(days=14), time(17)))
        challenge_demands.publish(office, row, closes=closes)
