"""A field for the tests: Harbin's bureau, a few firms with figures and addresses, two carriers."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from songhua.console import clock
from songhua.console.growth.services import carriers, layers, places
from songhua.console.subsidies.services import registry
from tests.console import bureau

if TYPE_CHECKING:
    from songhua.console.growth.models import Carrier, Layer
    from songhua.console.subsidies.models import Subject

DAY = date(2023, 3, 1)
NANGANG, SONGBEI = "230103", "230109"
SAID = {"stage": "incubator", "backing": "private", "investors": "松江资本", "capacity": "4",
        "area_m2": "3000", "services": ["space", "mentoring"]}  # fmt: skip
AT = {"district": NANGANG, "lon": "126.63", "lat": "45.74", "address": "学府路 1 号",
      "as_of": "2022-01-01"}  # fmt: skip


def code(number: int) -> str:
    """A valid credit code."""
    from stdnum.cn import uscc

    body = f"91230199MA1B{number:05d}"
    return body + str(uscc.calc_check_digit(body))


class Field:
    """The people of the bureau, and what grows."""

    def __init__(self) -> None:
        self.bureau = bureau.found()
        self.people = self.bureau.people
        self.office, self.staff = self.people["office"], self.people["science"]

    def firm(self, number: int, name: str = "", since: date = date(2019, 1, 1)) -> Subject:
        """An enterprise of the registry."""
        return registry.register(
            self.office, kind="enterprise", name=name or f"松江智能{number}",
            credit_code=code(number), since=since,
        )  # fmt: skip

    def figures(self, firm: Subject, **years: tuple[object, ...]) -> None:
        """``y2022=("6000000", "600000")``: revenue and research of a year, in yuan."""
        for year, given in years.items():
            for name, value in zip(("revenue_yuan", "research_yuan"), given, strict=False):
                if value is not None:
                    registry.put_fact(
                        self.office, firm, name=name, value=value, source="年报",
                        as_of=date(int(year[1:]), 12, 31),
                    )  # fmt: skip

    def carrier(self, name: str = "松江孵化器", **more: object) -> Carrier:
        """A carrier run by the bureau's firm."""
        return carriers.enter(
            self.office, SAID | more, name=name, operator=self.bureau.firm_subject,
            since=date(2020, 1, 1),
        )  # fmt: skip

    def move_in(self, carrier: Carrier, firm: Subject, on: date = date(2022, 6, 1)):
        """A firm moves in."""
        return carriers.move_in(self.staff, carrier, firm, on=on)

    def place(self, subject: Subject, **more: str):
        """An address."""
        return places.put(self.staff, subject, AT | more)

    def roads(self) -> Layer:
        """A street of two kilometres to the east of the carriers' address."""
        line = [[126.63 + n * 0.0025 / 2, 45.74] for n in range(21)]
        given = {"kind": "roads", "name": "试验街", "source": "测试", "simulated": "1"}
        return layers.bring(
            self.staff, given, filename="roads.geojson", chunks=[layer("LineString", line)]
        )


def layer(kind: str, at: object) -> bytes:
    """A GeoJSON file of one feature."""
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": at}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def found() -> Field:
    """The field on its day."""
    with clock.pinned(DAY):
        return Field()
