"""Files made in the background: ordered, watched, and fetched in parts where a line breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from songhua.console.exchange import formats
from songhua.console.exchange.models import Distribution, Entry, Parcel
from songhua.console.exchange.services import delivery
from songhua.kit.errors import SonghuaError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator
    from pathlib import Path

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def _said(row: Parcel) -> dict[str, Any]:
    return {
        "id": str(row.uid), "state": row.state, "progress": round(row.progress, 3),
        "form": row.form, "rows": row.rows, "size": row.size, "sha256": row.sha256,
        "receipt": row.receipt, "expires_at": row.expires_at,
        "file": reverse("parcel_file", args=[row.uid]),
    }  # fmt: skip


@require_POST
def parcel_order(request: HttpRequest, table: uuid.UUID) -> JsonResponse:
    """Have a table made into a file."""
    rows = Distribution.objects.select_related("entry", "current")
    found = get_object_or_404(
        rows, uid=table, removed_at=None, current__isnull=False, entry__state=Entry.State.ACTIVE
    )
    form, purpose = request.POST.get("form", "csv"), request.POST.get("purpose", "")
    try:
        row = delivery.order(request.user, found, form, purpose)  # type: ignore[arg-type]
    except SonghuaError as error:
        if any(problem.code == "query_name_unknown" for problem in error.problems):
            raise Http404 from None
        said = [problem.text() for problem in error.problems]
        return JsonResponse({"problems": said}, status=409)
    return JsonResponse(_said(row), status=202)


@require_safe
def parcel(request: HttpRequest, uid: uuid.UUID) -> JsonResponse:
    """How far a file is."""
    return JsonResponse(_said(get_object_or_404(Parcel, uid=uid, created_by=request.user)))


@require_safe
def parcel_file(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    """The file, or the part of it that ``Range`` asks for; its digest is its ``ETag``."""
    try:
        row, file = delivery.fetch(request.user, uid)  # type: ignore[arg-type]
    except SonghuaError:
        raise Http404 from None
    tag = f'"{row.sha256}"'
    part = _part(request, row.size, tag)
    if part is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{row.size}"})
    first, end = part
    answer = StreamingHttpResponse(_pieces(file, first, end), content_type=formats.KINDS[row.form])
    name = row.distribution.sql_name
    for header, value in {
        "Accept-Ranges": "bytes", "ETag": tag, "Content-Length": str(end - first),
        "Content-Disposition": f'attachment; filename="{name}.{row.form}"',
        "X-Songhua-Receipt": str(row.receipt),
    }.items():  # fmt: skip
        answer[header] = value
    if (first, end) != (0, row.size):
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {first}-{end - 1}/{row.size}"
    return answer


def _part(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """The first byte and the one after the last that are wanted; None where there is no such part.
    A part of another file (``If-Range``) or one that cannot be read means the whole."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or request.headers.get("If-Range", tag) != tag or not any(asked.groups()):
        return 0, size
    first, last = asked.groups()
    begin = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    return (begin, end) if begin < end else None


def _pieces(file: Path, first: int, end: int) -> Iterator[bytes]:
    with file.open("rb") as stream:
        stream.seek(first)
        while first < end and (piece := stream.read(min(PIECE, end - first))):
            first += len(piece)
            yield piece
