"""Tables on their way out: whole, in the form asked for, in bounded memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from songhua.console.runs import terms
from songhua.console.runs.services.work import store
from songhua.tables.write import to_csv, to_xlsx

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from songhua.console.runs.models import Table
    from songhua.kit.spec import Dataset, Scenario

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
FORMS = ("csv", "xlsx", "parquet")


def forms(table: Table) -> tuple[str, ...]:
    """The forms that `table` can be had in; a sheet holds only so many rows."""
    from songhua.runtime.browse import MOST_SHEET_ROWS

    return tuple(f for f in FORMS if f != "xlsx" or table.rows <= MOST_SHEET_ROWS)


def whole(scenario: Scenario, table: Table, form: str, *, coded: bool = False) -> HttpResponseBase:
    """All rows of `table`, under the headings of the reader's language, or `coded`: under the
    names that the dataset declares, as programs want them."""
    from songhua.runtime import browse

    path, name = store().path(table.digest), f"{table.dataset}-{table.pk}.{form}"
    if form == "parquet":
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=name, content_type=PARQUET
        )  # fmt: skip
    names, _ = browse.preview(path, offset=0, limit=0)
    headings = names if coded else [terms.label(scenario, n) for n in names]
    if form == "csv":
        answer = StreamingHttpResponse(
            browse.to_csv_chunks(path, headings), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / name
        browse.to_xlsx(path, out, headings)
        # The file lives on, without a name, until it has been sent.
        return FileResponse(out.open("rb"), as_attachment=True, filename=name, content_type=XLSX)


def template(scenario: Scenario, dataset: Dataset, form: str) -> HttpResponse:
    """An empty table with the headings of a dataset."""
    headings = [terms.label(scenario, c.name) for c in dataset.columns]
    if form == "csv":
        return attachment(to_csv(headings, []), f"{dataset.name}.csv", "text/csv; charset=utf-8")
    content = to_xlsx(terms.title(scenario, dataset.name), headings, [])
    return attachment(content, f"{dataset.name}.xlsx", XLSX)


def attachment(content: bytes, name: str, kind: str) -> HttpResponse:
    """A file to keep."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
