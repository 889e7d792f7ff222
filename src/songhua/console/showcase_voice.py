"""What the demonstration shows of the public's voice: a draft that is being asked about. All
through the real services; all simulated."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from songhua.console import clock
from songhua.console.consultation.services import notices, opinions
from songhua.console.people.models import Role, User

UNIT = "science_technology_bureau"
DRAFT = """第一章 总则
第一条 为规范试验区公共数据的授权使用，制定本办法（模拟文本，仅供演示）。
第二条 本办法所称公共数据，是指各部门在履行职责中产生和收集的数据。
第二章 授权与使用
第三条 数据使用单位应当说明用途、依据和期限。
第四条 数据提供部门应当在十个工作日内答复。
第五条 涉及个人信息的，应当先行脱敏。
第三章 附则
第六条 本办法自公布之日起施行。
"""
SAID = (
    ("3", "建议明确用途变更后是否需要重新申请。", "王小明"),
    ("3", "建议明确用途变更后是否需要重新申请！", "李华"),
    ("4", "十个工作日偏长，建议改为五个工作日。", "赵工"),
    ("5", "建议列出脱敏的最低标准。", "某科技公司"),
    ("", "支持出台，希望尽快施行。", ""),
)


def play_consultation(day: date) -> None:
    """A draft published a week ago with a few opinions, still open."""
    actor = User.objects.filter(role=Role.STAFF, unit__code=UNIT).order_by("pk")[0]
    with clock.pinned(day - timedelta(days=7)):
        row = notices.create(
            actor, actor.unit, title="关于征求《公共数据授权使用办法（模拟）》意见的公告",
            about="为演示而编写的草案，欢迎逐条提出意见。", text=DRAFT,
        )  # fmt: skip
        closes = datetime.combine(day + timedelta(days=7), time(17))
        notices.publish(
            actor, row, closes_at=timezone.make_aware(closes),
            contacts_until=day + timedelta(days=90),
        )  # fmt: skip
    places = {clause.number: str(clause.id) for clause in row.versions.get().read()}
    for number, (clause, text, name) in enumerate(SAID):
        said = opinions.Said(text, places.get(f"第{_chinese(clause)}条", ""), name=name)
        with clock.pinned(day - timedelta(days=5), time(9 + number)):
            opinions.speak(row.pk, said, form=f"demonstration-{number}", origin="demonstration")


def _chinese(digit: str) -> str:
    return "〇一二三四五六七八九"[int(digit)] if digit else ""
