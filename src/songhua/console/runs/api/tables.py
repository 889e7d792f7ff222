"""Tables: brought in as they arrive, looked into, handed out, dropped."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Status

from songhua.console.api.once import Key, once
from songhua.console.api.problems import JSON
from songhua.console.runs import downloads
from songhua.console.runs.api import shown
from songhua.console.runs.api.given import LARGEST, NO_NUL, Before, Most, Name, Number, State
from songhua.console.runs.api.rows import one, page, seen
from songhua.console.runs.api.shown import REFUSALS, RowPage, TablePage, TableShown
from songhua.console.runs.models import Table, Work
from songhua.console.runs.services import tables as service
from songhua.console.runs.services.work import store
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.runtime.registry import scenarios

router = Router(tags=["数据表 / Tables"])
CHUNK = 1024 * 1024
MOST_ROWS = 10_000
FILE = {"schema": {"type": "string", "format": "binary"}}
UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": FILE,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": FILE["schema"]},
                    "required": ["file"],
                }
            },
        },
    }
}
CONTENT = {
    "responses": {
        200: {
            "description": "OK",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                downloads.XLSX: FILE,
                downloads.PARQUET: FILE,
            },
        }
    }
}


@router.get(
    "/tables", url_name="tables", response={200: TablePage, **REFUSALS},
    summary="数据表一览 / List tables",
)  # fmt: skip
def tables(
    request: HttpRequest,
    scenario: Annotated[Name | None, Query(None)],
    dataset: Annotated[Name | None, Query(None)],
    state: Annotated[State | None, Query(None)],
    run: Annotated[Number | None, Query(None, description="由此次运行产生 / Written by this run")],
    before: Before,
    limit: Most,
) -> dict[str, Any]:
    """Those brought in and those written by runs, newest first."""
    rows = seen(request, Table).select_related("created_by")
    return page(
        rows, shown.table, before, limit, scenario=scenario, dataset=dataset, state=state, run=run
    )  # fmt: skip


@router.post(
    "/tables", url_name="tables", response={201: TableShown, **REFUSALS}, openapi_extra=UPLOAD,
    summary="上传数据表 / Bring in a table",
)  # fmt: skip
def table_bring(
    request: HttpRequest,
    scenario: Annotated[Name, Query()],
    dataset: Annotated[Name, Query()],
    filename: Annotated[str, Query("", max_length=200, pattern=NO_NUL)],
    key: Key,
) -> Status:
    """The file as the body, or as `file` of a form; CSV, XLSX or Parquet. It is written to disk as
    it arrives and then checked: ask for the table until its state is done or failed."""
    service.admit(request.user, scenario, dataset)
    chunks, sent_as = _sent(request)
    name = filename or sent_as
    with service.incoming(chunks) as file:

        def bring() -> dict[str, Any]:
            return shown.table(service.enter(request.user, scenario, dataset, name, file))

        return Status(201, once(request, key, [scenario, dataset, name, file.sha256], bring))


def _sent(request: HttpRequest) -> tuple[Iterable[bytes], str]:
    """The content in pieces, and the name that a form gives it."""
    if request.content_type != "multipart/form-data":
        return iter(partial(request.read, CHUNK), b""), ""
    found = request.FILES.get("file")
    if found is None:
        raise InputError(Problem("file", "api_no_file"))
    return found.chunks(CHUNK), str(found.name).replace("\0", "")


@router.get(
    "/tables/{number}", url_name="table", response={200: TableShown, **REFUSALS},
    summary="一张数据表 / One table",
)  # fmt: skip
def table(request: HttpRequest, number: Number) -> dict[str, Any]:
    """State of its check, progress, and each problem with row, column and rule."""
    return shown.table(one(request, Table, number))


@router.delete(
    "/tables/{number}", url_name="table", response={204: None, **REFUSALS},
    summary="删除数据表内容 / Drop a table's rows",
)  # fmt: skip
def table_drop(request: HttpRequest, number: Number) -> Status:
    """The record stays, so that every run still says what it read."""
    service.drop(request.user, one(request, Table, number))
    return Status(204, None)


@router.get(
    "/tables/{number}/rows", url_name="table_rows", response={200: RowPage, **REFUSALS},
    summary="表中的行 / Rows of a table",
)  # fmt: skip
def table_rows(
    request: HttpRequest,
    number: Number,
    offset: Annotated[int, Query(0, ge=0, le=LARGEST)],
    limit: Annotated[int, Query(1000, ge=1, le=MOST_ROWS)],
) -> HttpResponse:
    """Under the names that the dataset declares; instants with their offset."""
    from songhua.runtime.browse import preview

    row = one(request, Table, number)
    columns, found = preview(_kept(row), offset=offset, limit=limit)
    answer = {
        "columns": columns, "rows": [dict(zip(columns, r, strict=True)) for r in found],
        "offset": offset, "total": row.rows,
    }  # fmt: skip
    return HttpResponse(orjson.dumps(answer), content_type=JSON)


@router.get(
    "/tables/{number}/content", url_name="table_content", response=REFUSALS, openapi_extra=CONTENT,
    summary="下载数据表 / Download a table",
)  # fmt: skip
def table_content(
    request: HttpRequest,
    number: Number,
    form: Annotated[Literal["csv", "xlsx", "parquet"], Query("csv", alias="format")],
) -> HttpResponseBase:
    """All rows, sent as they are read."""
    row = one(request, Table, number)
    _kept(row)
    return downloads.whole(scenarios()[row.scenario], row, form, coded=True)


def _kept(row: Table) -> Path:
    """The file of the rows; `Conflict` where there are none yet, or no longer."""
    if row.state != Work.State.DONE or row.dropped_at is not None:
        raise Conflict(Problem("state", "table_not_ready", row.name))
    return store().path(row.digest)
