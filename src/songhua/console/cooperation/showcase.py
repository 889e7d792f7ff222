"""What the demonstration shows of cooperation: a record of every kind, a contest with its prizes
and one open to entries. All through the real services; all simulated."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from songhua.console import clock
from songhua.console.cooperation.services import contests, duties, judging
from songhua.console.cooperation.services.entering import enter
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.people.models import Role, User

if TYPE_CHECKING:
    from songhua.console.cooperation.models import Contest

UNIT = "science_technology_bureau"
PLACES = (("深圳先进技术研究院", "institute", "中国", "深圳"),
          ("莫斯科国立技术大学", "university", "俄罗斯", "莫斯科"),
          ("乌拉尔联邦大学", "university", "俄罗斯", "叶卡捷琳堡"))  # fmt: skip
AGREEMENTS = ("shenzhen_harbin", "joint_centre", "international")


def show(day: date) -> None:
    """Call after the enterprise is registered and the experts have their profiles
    (`innovation.showcase`)."""
    staff = User.objects.filter(role=Role.STAFF, unit__code=UNIT).order_by("pk")[0]
    firm = User.objects.get(username="enterprise")
    with clock.pinned(day - timedelta(days=80)):
        _cooperate(staff, firm, day)
        _fund(staff, firm, day)
    _contest(staff, firm, day)
    with clock.pinned(day - timedelta(days=2)):
        row = _call(staff, "智慧供暖创新赛（模拟）", day + timedelta(days=20))
        contests.publish(staff, row)


def _cooperate(staff: User, firm: User, day: date) -> None:
    def ago(days: int) -> date:
        return day - timedelta(days=days)

    event = enter(staff, BY_KEY["events"], {
        "title": "哈科会国际技术转移大会（模拟）", "kind": "transfer_meeting", "starts": ago(100),
        "ends": ago(98), "place": "国际会展中心", "hosted": "是", "international": "是",
        "spent_fen": "620000",
    })  # fmt: skip
    enter(staff, BY_KEY["events"], {
        "title": "世界人工智能大会（模拟）", "kind": "waic", "starts": day + timedelta(days=30),
        "ends": day + timedelta(days=32), "place": "上海", "hosted": "否", "international": "是",
    })  # fmt: skip
    for number, ((title, kind, country, city), agreed) in enumerate(
        zip(PLACES, AGREEMENTS, strict=True)
    ):
        name = f"{title}（模拟）"
        partner = enter(staff, BY_KEY["partners"], {
            "title": name, "kind": kind, "country": country, "city": city,
        })  # fmt: skip
        enter(staff, BY_KEY["attendances"], {
            "event": f"#{event.pk}", "title": name, "country": country, "people": 3 + number,
        })  # fmt: skip
        made = enter(staff, BY_KEY["agreements"], {
            "title": f"{city}合作协议（模拟）", "kind": agreed, "partner": f"#{partner.pk}",
            "subject": firm.credit_code, "event": f"#{event.pk}", "signed_on": ago(98),
            "ends_on": day + timedelta(days=40 + 400 * number),
        })  # fmt: skip
        duty = enter(staff, BY_KEY["duties"], {
            "title": f"{city}联合团队到位", "agreement": f"#{made.pk}",
            "due": day + timedelta(days=20 * number - 20),
        })  # fmt: skip
        if number == 1:
            duties.finish(staff, duty, done_on=ago(85), result="团队五人到位（模拟）")
        resource = enter(staff, BY_KEY["resources"], {
            "title": f"{city}共享测试平台（模拟）", "kind": "instrument", "place": "松北区",
            "partner": f"#{partner.pk}", "open": "是",
        })  # fmt: skip
        starts = datetime.combine(day + timedelta(days=3 + number), time(9))
        enter(firm, BY_KEY["bookings"], {
            "resource": f"#{resource.pk}", "title": "低温启动试验（模拟）", "starts": starts,
            "ends": starts + timedelta(hours=8),
        })  # fmt: skip
    enter(staff, BY_KEY["expert_costs"], {
        "title": "外籍专家甲（模拟）", "subject": firm.credit_code, "country": "俄罗斯",
        "foreign": "是", "what": "劳务和差旅", "amount_fen": "300000", "paid_on": ago(90),
    })  # fmt: skip


def _fund(staff: User, firm: User, day: date) -> None:
    risk = enter(staff, BY_KEY["funds"], {
        "title": "科技风险投资基金（模拟）", "kind": "risk", "manager": "市科创投（模拟）",
        "since": "2020-01-01", "text": "初创期、成长期人工智能企业，供热管网和巡检机器人方向。",
    })  # fmt: skip
    cover = enter(staff, BY_KEY["funds"], {
        "title": "科技型企业贷款担保资金（模拟）", "kind": "guarantee",
        "manager": "市科技融资担保（模拟）", "since": "2019-01-01", "text": "知识产权质押担保。",
    })  # fmt: skip
    for title, fund, kind, public, others in (
        ("天使轮（模拟）", risk, "direct", "2000000", "5000000"),
        ("流动资金贷款（模拟）", cover, "guarantee", "1000000", "3000000"),
    ):
        placed = enter(staff, BY_KEY["placements"], {
            "title": title, "fund": f"#{fund.pk}", "kind": kind, "subject": firm.credit_code,
            "placed_on": day - timedelta(days=200), "public_fen": public, "others_fen": others,
        })  # fmt: skip
        enter(staff, BY_KEY["returns"], {
            "placement": f"#{placed.pk}", "title": "首次回收（模拟）", "amount_fen": "150000",
            "returned_on": day - timedelta(days=85),
        })  # fmt: skip


def _call(staff: User, title: str, closes: date) -> Contest:
    return enter(staff, BY_KEY["contests"], {
        "title": title, "field": "智慧供暖", "text": "面向寒地供热的人工智能创新项目。",
        "closes": datetime.combine(closes, time(17)), "prizes": "一等奖 1，二等奖 2",
    })  # fmt: skip


def _contest(staff: User, firm: User, day: date) -> None:
    with clock.pinned(day - timedelta(days=60)):
        row = _call(staff, "人工智能创新创业大赛（模拟）", day - timedelta(days=40))
        contests.publish(staff, row)
        enter(firm, BY_KEY["entries"], {
            "contest": f"#{row.pk}", "title": "热网泄漏声学定位",
            "text": "用声学信号定位供热管网泄漏点。", "people": "甲某、乙某",
        })  # fmt: skip
    with clock.pinned(day - timedelta(days=39)):
        contests.close(staff, row)
        contests.seal_list(
            staff, row, public_source="模拟的公开数值", public_on=day - timedelta(days=38)
        )
    with clock.pinned(day - timedelta(days=37)):
        contests.draw_panel(staff, row, public_value="01 08 12 19 25 33 06")
        for seat in row.seats.select_related("expert__user"):
            judging.declare(seat.expert.user, row, clear=True)
            points = {"innovation": "88", "market": "82", "team": "85"}
            judging.score(
                seat.expert.user, row, row.entries.get(), points=points, opinion="同意（模拟）"
            )
        judging.rank_entries(staff, row)
        judging.award(staff, row)
