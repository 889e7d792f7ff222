"""A small fair of challenges for the tests: the bureau's people, experts with profiles, and a
challenge that can be brought to any state through the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from songhua.console import clock
from songhua.console.innovation.models import Challenge, ExpertProfile
from songhua.console.innovation.services import (
    challenge_bids,
    challenge_contracts,
    challenge_demands,
    challenge_drawing,
    challenge_results,
    challenge_review,
    expert_registry,
)
from songhua.console.subsidies.services import registry

from .. import bureau

if TYPE_CHECKING:
    from songhua.console.innovation.models import Bid
    from songhua.console.people.models import User

DAY = date(2023, 3, 1)
CLOSES = datetime.combine(date(2023, 3, 3), time(17), timezone.get_default_timezone())
OPENING, DRAWING = date(2023, 3, 6), date(2023, 3, 7)
AFTER_NOTICE = date(2023, 3, 15)  # five working days after the seventh of March, and one more
EXPERTS = ("first", "second", "third", "fourth", "fifth", "sixth")
TARGETS = [
    {"name": "低温启动", "unit": "℃", "direction": "at_most", "threshold": "-30"},
    {"name": "识别准确率", "unit": "%", "direction": "at_least", "threshold": "95"},
]
PROMISED = {"低温启动": "-35", "识别准确率": "96.5"}
PLAN = "采用自加热与多模态识别，六个月完成样机。"
METHOD_POINTS = {"fit": "80", "feasibility": "80", "team": "80"}


@dataclass
class Fair:
    """The bureau, the second bidder's subject is registered too; six experts have profiles."""

    bureau: bureau.Bureau

    def __getattr__(self, name: str) -> User:
        return getattr(self.bureau, name)

    def draft(self) -> Challenge:
        """A demand of the industry bureau."""
        return challenge_demands.draft(
            self.industry, title="寒地巡检机器人", problem="冬季低温下巡检困难。",
            field="智慧供暖", budget_yuan="3000000", targets=TARGETS, chokepoint=True,
        )  # fmt: skip

    def bid(self, row: Challenge, by: str = "firm", price: str = "2800000", **more: object) -> Bid:
        """A sealed bid."""
        given = {"plan": PLAN, "people": ["王一"] if by == "firm" else ["赵二"]} | more
        return challenge_bids.bid(
            self.bureau.people[by], row, price_yuan=price, applicant_kind="科技型企业",
            promised=PROMISED, **given,
        )  # fmt: skip

    def at(self, state: str) -> Challenge:
        """A challenge brought to `state`, the firm's bid winning."""
        row = None
        for reached, day, step in self._way():
            with clock.pinned(day):
                row = step(row) or row
            row = Challenge.objects.get(pk=row.pk)
            assert row.state == reached, (row.state, reached)
            if reached == state:
                return row
        raise AssertionError(state)

    def _way(self):
        return [
            ("draft", DAY, lambda _: self.draft()),
            ("submitted", DAY, lambda row: challenge_demands.submit(self.industry, row)),
            ("published", DAY, self._publish),
            ("opened", OPENING, lambda row: challenge_bids.open_bids(self.office, row)),
            ("sealed", OPENING, self._seal),
            ("scoring", DRAWING, self._draw),
            ("ranked", DRAWING, self._score),
            ("notice", DRAWING, lambda r: challenge_results.propose(self.office, r).challenge),
            ("contract", AFTER_NOTICE, lambda r: challenge_results.close_notice(self.office, r)),
            ("running", AFTER_NOTICE, self._sign),
            ("accepted", AFTER_NOTICE, self._accept),
            ("supported", AFTER_NOTICE, self._hand_over),
        ]

    def _publish(self, row: Challenge) -> None:
        challenge_demands.publish(self.office, row, closes=CLOSES)
        self.bid(row)
        self.bid(row, by="rival", price="2600000")

    def _seal(self, row: Challenge) -> None:
        challenge_drawing.seal_list(
            self.office, row, public_source="双色球第2023026期", public_on=DRAWING
        )

    def _draw(self, row: Challenge) -> None:
        challenge_drawing.draw_panel(self.office, row, public_value="01 08 12 19 25 33 06")

    def _score(self, row: Challenge) -> None:
        for expert in self.seated(row):
            challenge_review.declare(expert, row, clear=True)
            for one in row.bids.exclude(label=""):
                points = "80" if one.subject == self.bureau.firm_subject else "70"
                challenge_review.score(
                    expert, row, one, points=dict.fromkeys(METHOD_POINTS, points), opinion="可行"
                )
        challenge_results.rank_bids(self.office, row)

    def seated(self, row: Challenge) -> list[User]:
        """The experts who sit."""
        seats = row.seats.filter(round=row.round).exclude(clear=False)
        return [one.expert.user for one in seats.select_related("expert__user")]

    def _sign(self, row: Challenge) -> None:
        challenge_contracts.sign(
            self.office, row, signed_on=AFTER_NOTICE,
            milestones=[("样机", AFTER_NOTICE + timedelta(90))],
        )  # fmt: skip

    def report(self, row: Challenge, measured: dict[str, str]) -> None:
        """A report of the only milestone, accepted by who asked."""
        made = challenge_contracts.report(
            self.firm, row.contract.milestones.get(), text="样机完成", measured=measured,
            filename="检测报告.pdf", chunks=[b"%PDF"],
        )  # fmt: skip
        challenge_contracts.decide(self.industry, made, accepted=True, opinion="属实")

    def _accept(self, row: Challenge) -> None:
        self.report(row, {"低温启动": "-33", "识别准确率": "95"})
        challenge_contracts.accept(self.office, row)

    def _hand_over(self, row: Challenge) -> None:
        challenge_contracts.hand_over(self.office, row)


def found() -> Fair:
    """The people, the firms, the experts: four of the city and two from outside."""
    made = Fair(bureau.found())
    with clock.pinned(DAY):
        registry.register(
            made.rival, kind="enterprise", name="南国机器人有限公司", since=date(2020, 1, 1),
            credit_code=bureau.OTHER_CODE,
        )  # fmt: skip
        for number, name in enumerate(EXPERTS):
            if name not in made.bureau.people:
                made.bureau.people[name] = bureau.account(name, "reviewer", "")
            expert_registry.put_profile(
                made.office, made.bureau.people[name], organisation=f"第{number}研究所",
                outside=number >= 4, fields=["智慧供暖"] if number != 3 else ["智慧农业"],
            )  # fmt: skip
    return made


def profile(fair: Fair, name: str) -> ExpertProfile:
    """The profile of an expert."""
    return ExpertProfile.objects.get(user=fair.bureau.people[name])
