"""Records of cooperation for programs: what the holder of a token may see, of every kind."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from songhua.console.cooperation import selectors, shown
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.runs.api.given import Before, Most, Name, Number
from songhua.console.runs.api.rows import page
from songhua.console.runs.api.shown import REFUSALS

router = Router(tags=["合作与基金 / Cooperation"])
KindName = Literal[tuple(BY_KEY)]
Part = Annotated[
    Name | None, Query(None, description="清单的一部分，如 overdue / A part of the list")
]


class RecordShown(Schema):
    """A record: its columns by name, money in yuan as text, links as numbers."""

    id: int
    title: str
    unit: str
    state: str | None
    values: dict[str, Any]


class RecordList(Schema):
    """A page of records, and the number to go on below."""

    rows: list[RecordShown]
    next: int | None


@router.get(
    "/cooperation/{kind}", url_name="cooperation_records",
    response={200: RecordList, **REFUSALS}, summary="一类记录一览 / List records of a kind",
)  # fmt: skip
def cooperation_records(
    request: HttpRequest, kind: KindName, part: Part = None, before: Before = None, most: Most = 50
) -> dict[str, Any]:
    """The records of a kind that you may see, newest first."""
    shelf = BY_KEY[kind]
    found = selectors.filtered(selectors.rows(request.user, shelf), shelf, {"part": part or ""})
    return page(found, lambda row: shown.plain(shelf, row), before, most)


@router.get(
    "/cooperation/{kind}/{number}", url_name="cooperation_record",
    response={200: RecordShown, **REFUSALS}, summary="一条记录 / One record",
)  # fmt: skip
def cooperation_record(request: HttpRequest, kind: KindName, number: Number) -> dict[str, Any]:
    """One record of a kind."""
    shelf = BY_KEY[kind]
    return shown.plain(shelf, get_object_or_404(selectors.rows(request.user, shelf), pk=number))
