"""Refusals as programs read them: one shape, with the sentence in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from django.http import HttpResponse

from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http.response import HttpResponseBase

JSON = "application/json; charset=utf-8"
# What Django answers with a page, and the sentence that takes the page's place.
CODES = {
    400: "api_request_unreadable",
    401: "api_token_needed",
    403: "api_not_allowed",
    404: "api_not_found",
    405: "api_method",
    413: "api_too_large",
    415: "api_media_type",
    429: "api_too_many",
}


def spelled(problem: Problem) -> dict[str, Any]:
    """A problem with its sentences."""
    return {
        "where": problem.where,
        "code": problem.code,
        "value": problem.value,
        "row": problem.row,
        "column": problem.column,
        "zh": problem.text("zh"),
        "en": problem.text("en"),
    }


def refusal(status: int, problems: Iterable[Problem]) -> HttpResponse:
    """The answer that lists `problems`."""
    content = orjson.dumps({"problems": [spelled(p) for p in problems]})
    return HttpResponse(content, status=status, content_type=JSON)


def refused(status: int, value: str = "") -> HttpResponse:
    """The answer for a `status` that needs no more words than its own."""

    return refusal(status, [Problem("request", CODES.get(status, "api_broken"), value)])


def plain(response: HttpResponseBase) -> HttpResponseBase:
    """`response`, or the same refusal as problems where it is a page for people."""
    if response.status_code < 400 or response.headers.get("Content-Type") == JSON:
        return response
    told = refused(response.status_code)
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            told.headers[name] = response.headers[name]
    return told
