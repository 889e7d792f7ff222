"""The interface for programs under ``/api/v1/``: how it reads, answers and refuses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer

from songhua.console.api.problems import JSON, refusal, refused
from songhua.console.consultation.api import router as consultations
from songhua.console.cooperation.api import router as cooperation
from songhua.console.growth.api import router as growth
from songhua.console.innovation.api import router as innovation
from songhua.console.middleware import STATUS
from songhua.console.registers.api import router as registers
from songhua.console.runs.api import router
from songhua.kit.errors import InputError, Problem, SonghuaError
from songhua.kit.params import problem

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern

PREFIX = "api/v1/"
ABOUT = (
    "用令牌调用：Authorization: Bearer <令牌>。"
    "拒绝一律以 problems 列出原因。 / Called with a token: Authorization: Bearer <token>. "
    "Every refusal lists its reasons as problems."
)


class _Json(BaseRenderer):
    """Chinese as it is, and instants in ISO 8601."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


class _Strict(Parser):
    """JSON without NaN, lone surrogates or bottomless nesting."""

    def parse_body(self, request: HttpRequest) -> Any:
        return orjson.loads(request.body)


class Bearer(HttpBearer):
    """Says in the OpenAPI document how to come in; `door.ApiDoor` has already let the caller in."""

    def __call__(self, request: HttpRequest) -> object:
        return getattr(request, "token", None)

    def authenticate(self, request: HttpRequest, token: str) -> None:
        """Asked for by the base class, and never called: `__call__` answers before it."""


class _Interface(NinjaAPI):
    def validation_error_from_error_contexts(self, error_contexts: Any) -> Any:
        """What is wrong with path, query and body, in our words."""
        found = [e for c in error_contexts for e in c.pydantic_validation_error.errors()]
        return InputError([problem({**e, "loc": _place(e["loc"])}) for e in found])

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)


def _place(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where in the request, without the name of our own argument."""
    return loc[1:] if loc[:1] == ("body",) and len(loc) > 1 else loc


interface = _Interface(
    title="songhua 松花", version="1", description=ABOUT, urls_namespace="api",
    docs_url=None, openapi_url=None, auth=Bearer(), renderer=_Json(), parser=_Strict(),
)  # fmt: skip
interface.add_router("", router)
interface.add_router("", consultations)
interface.add_router("", cooperation)
interface.add_router("", innovation)
interface.add_router("", growth)
interface.add_router("", registers)


@interface.exception_handler(SonghuaError)
def _refuse(request: HttpRequest, error: SonghuaError) -> HttpResponse:
    status = next(s for kind, s in STATUS.items() if isinstance(error, kind))
    return refusal(status, error.problems)


@interface.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return refused(413)


@interface.exception_handler(HttpError)
def _not_json(request: HttpRequest, error: HttpError) -> HttpResponse:
    return refusal(422, [Problem("body", "api_not_json", str(error.__cause__)[:120])])


@interface.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return refused(404)


@interface.get("/openapi.json", url_name="openapi", auth=None, include_in_schema=False)
def _openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(orjson.dumps(document(), option=orjson.OPT_NON_STR_KEYS), content_type=JSON)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, drawn up once."""
    return interface.get_openapi_schema(path_prefix=PREFIX)


def routes() -> list[URLPattern]:
    """The addresses below ``/api/v1/``; who may call is asked by `door.ApiDoor`."""
    found = [p for p in interface.urls[0] if p.name != "api-root"]
    for pattern in found:
        login_not_required(pattern.callback)
    return found
