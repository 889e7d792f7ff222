"""A small yard of cooperation for the tests: the fair's people, and records of every kind."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from songhua.console import clock
from songhua.console.cooperation.services import contests, entering, judging
from songhua.console.cooperation.shelf import BY_KEY

from ..innovation.fair import DAY, Fair, found

if TYPE_CHECKING:
    from songhua.console.cooperation.models import Contest, ContestEntry, Record
    from songhua.console.people.models import User

AFTER, DRAWING, JUDGED = date(2023, 3, 21), date(2023, 3, 22), date(2023, 3, 23)
POINTS = {"冰城智能科技有限公司": "90", "南国机器人有限公司": "70"}
GIVEN: dict[str, dict[str, object]] = {
    "contests": {"title": "寒地人工智能创新创业大赛", "field": "智慧供暖", "text": "人工智能专项",
                 "closes": "2023-03-20T17:00", "prizes": "一等奖 1，二等奖 2"},
    "events": {"title": "国际技术转移大会", "kind": "技术转移大会", "starts": "2023-02-01",
               "ends": "2023-02-03", "place": "国际会展中心", "hosted": "是",
               "international": "是", "spent_fen": "120,000.50"},
    "attendances": {"event": "国际技术转移大会", "title": "乌拉尔联邦大学", "country": "俄罗斯",
                    "people": "3"},
    "partners": {"title": "深圳先进技术研究院", "kind": "institute", "country": "中国",
                 "city": "深圳"},
    "agreements": {"title": "带土移植合作协议", "kind": "shenzhen_harbin",
                   "partner": "深圳先进技术研究院", "subject": "冰城智能科技有限公司",
                   "event": "国际技术转移大会", "signed_on": "2023-02-02",
                   "ends_on": "2023-05-01", "amount_fen": "50000"},
    "duties": {"title": "联合实验室挂牌", "agreement": "带土移植合作协议", "due": "2023-02-20"},
    "resources": {"title": "低温环境舱", "kind": "仪器设备", "partner": "深圳先进技术研究院",
                  "place": "松北区", "open": "是"},
    "bookings": {"resource": "低温环境舱", "title": "启动试验", "starts": "2023-03-02T09:00",
                 "ends": "2023-03-02T12:00"},
    "expert_costs": {"title": "伊万诺夫", "subject": "冰城智能科技有限公司", "country": "俄罗斯",
                     "foreign": "是", "what": "劳务", "amount_fen": "300000",
                     "paid_on": "2023-02-10"},
    "funds": {"title": "科技风险投资基金", "kind": "risk", "manager": "市科创投",
              "since": "2020-01-01", "text": "初创期、成长期人工智能企业"},
    "placements": {"title": "一期出资", "fund": "科技风险投资基金", "kind": "direct",
                   "subject": "冰城智能科技有限公司", "placed_on": "2023-01-10",
                   "public_fen": "1000000", "others_fen": "2500000"},
    "returns": {"placement": "一期出资", "title": "分红", "returned_on": "2023-02-28",
                "amount_fen": "100000.01"},
}  # fmt: skip


class Yard:
    """The fair's people, and records entered through the one way in."""

    def __init__(self, fair: Fair) -> None:
        self.fair = fair

    def __getattr__(self, name: str) -> User:
        return getattr(self.fair, name)

    def enter(self, kind: str, /, by: str = "science", **more: object) -> Any:
        """A record of a kind, with what is said otherwise."""
        given = {k: v for k, v in (GIVEN[kind] | more).items() if v is not None}
        return entering.enter(self.fair.bureau.people[by], BY_KEY[kind], given)

    def all(self) -> dict[str, Record]:
        """One record of every kind that is entered by hand, each on those before it."""
        return {kind: self.enter(kind) for kind in GIVEN}

    def project(self, contest: Contest, by: str = "firm", **more: object) -> ContestEntry:
        """An entry of a contest."""
        given = {"contest": f"#{contest.pk}", "title": f"项目-{by}", "text": "热网智能调度",
                 "people": "王一、赵二"} | more  # fmt: skip
        return entering.enter(self.fair.bureau.people[by], BY_KEY["entries"], given)

    def contest_at(self, state: str) -> Contest:
        """A contest brought to `state`; the firm's project is better than the rival's."""
        with clock.pinned(DAY):
            row = self.enter("contests")
            if state == "draft":
                return row
            contests.publish(self.science, row)
            self.project(row)
            self.project(row, by="rival")
        for reached, day, step in (
            ("open", DAY, lambda: None),
            ("closed", AFTER, lambda: contests.close(self.science, row)),
            ("sealed", AFTER, lambda: contests.seal_list(
                self.science, row, public_source="双色球第2023032期", public_on=DRAWING)),
            ("scoring", DRAWING, lambda: contests.draw_panel(
                self.science, row, public_value="01 08 12 19 25 33 06")),
            ("ranked", JUDGED, lambda: self.judge(row)),
            ("awarded", JUDGED, lambda: judging.award(self.office, row)),
        ):  # fmt: skip
            with clock.pinned(day):
                step()
            row.refresh_from_db()
            assert row.state == reached
            if reached == state:
                return row
        raise AssertionError(state)

    def judge(self, row: Contest) -> None:
        """Every expert who sits declares and scores everything."""
        for seat in row.seats.exclude(clear=False).select_related("expert__user"):
            user = seat.expert.user
            judging.declare(user, row, clear=True)
            for entry in row.entries.filter(struck=False).select_related("subject"):
                points = dict.fromkeys(("innovation", "market", "team"), POINTS[entry.subject.name])
                judging.score(user, row, entry, points=points, opinion="可行")
        judging.rank_entries(self.science, row)


def build() -> Yard:
    """The people, firms and experts."""
    return Yard(found())
