"""Records that the plan counts, for programs: every collection with its number, and its records."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from songhua.console import clock
from songhua.console.ledger import counted
from songhua.console.ledger.services.programme import current
from songhua.console.registers import services
from songhua.console.registers.models import RegisterRecord
from songhua.console.runs.api.given import Before, Most, Name
from songhua.console.runs.api.rows import page
from songhua.console.runs.api.shown import REFUSALS

router = Router(tags=["记录与台账 / Records and registers"])
Day = Annotated[date | None, Query(None, description="截至哪一天 / As of this day")]
State = Annotated[str | None, Query(None, pattern="^(entered|confirmed|returned|withdrawn)$")]


class CollectionShown(Schema):
    """A collection of records, how many count today, and the obligations that they show."""

    key: str
    zh: str
    en: str
    count: int
    obligations: list[str]


class CollectionList(Schema):
    """Every collection."""

    rows: list[CollectionShown]


class CountedShown(Schema):
    """One counted record and the page about it."""

    id: int
    name: str
    day: date | None
    page: str


class CountedList(Schema):
    """How many records count, a page of them, and the number to go on below."""

    count: int
    rows: list[CountedShown]
    next: int | None


class RegisterRecordShown(Schema):
    """A record of a register; `values` holds the register's own fields as exact text."""

    id: int
    name: str
    unit: str
    day: date
    zone: str
    state: str
    values: dict[str, str]


class RegisterRecordList(Schema):
    """A page of records, and the number to go on below."""

    rows: list[RegisterRecordShown]
    next: int | None


@router.get(
    "/records", url_name="records", response={200: CollectionList, **REFUSALS},
    summary="计入方案的记录集 / Collections that the plan counts",
)  # fmt: skip
def collections(request: HttpRequest) -> dict[str, Any]:
    """Each with how many of its records count today."""
    return {"rows": [
        {"key": key, "zh": each.zh, "en": each.en, "count": counted.count(key),
         "obligations": list(current().served(key))}
        for key, each in sorted(counted.known().items())
    ]}  # fmt: skip


@router.get(
    "/records/{key}", url_name="records_of", response={200: CountedList, **REFUSALS},
    summary="一个数字背后的记录 / The records behind a number",
)  # fmt: skip
def records(
    request: HttpRequest, key: Name, on: Day = None, before: Before = None, most: Most = 50
) -> dict[str, Any]:
    """Exactly the records that a collection counts on a day, newest first."""
    collection = counted.get(key)
    rows = collection.rows(on or clock.today())

    def shown(row: Any) -> dict[str, Any]:
        return {
            "id": row.pk, "name": collection.name(row), "day": collection.day(row),
            "page": collection.address(row),
        }  # fmt: skip

    return {"count": rows.count()} | page(rows, shown, before, most)


@router.get(
    "/registers/{code}", url_name="register", response={200: RegisterRecordList, **REFUSALS},
    summary="一个台账的记录 / The records of a register",
)  # fmt: skip
def register(
    request: HttpRequest, code: Name, state: State = None, before: Before = None,
    most: Most = 50,
) -> dict[str, Any]:  # fmt: skip
    """The records of a register of the programme, newest first."""
    one = services.register_of(code)
    rows = RegisterRecord.objects.filter(register=one.code).select_related("unit")
    return page(rows, _shown, before, most, state=state)


def _shown(row: RegisterRecord) -> dict[str, Any]:
    return {
        "id": row.pk, "name": row.name, "unit": row.unit.name_zh, "day": row.day,
        "zone": row.zone, "state": row.state, "values": row.values,
    }  # fmt: skip
