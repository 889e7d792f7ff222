"""The door of every address under ``/api/``: a valid token, or nothing.

Whoever holds the token comes in as its owner, and meets the same table of rights as on a page; a
session counts for nothing here, so no other site can make a browser call us. Reading needs the
scope ``read``; a change needs the scope named as the first part of its address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser

from songhua.console.api import tokens
from songhua.console.api.problems import plain, refusal, refused
from songhua.console.people.rights import may_open
from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

PREFIX = "/api/v1/"
BEARER = "bearer "
FILES = f"{PREFIX}tables"  # the one address that takes something other than JSON


class ApiDoor:
    """Lets in who brings a token, and sees that every refusal leaves as problems."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.user = AnonymousUser()
        return plain(self.get_response(request))

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Find out who is calling before anything of the body is read."""
        if not request.path_info.startswith(PREFIX):
            return None
        route, method = request.resolver_match.view_name, request.method or "GET"
        if may_open(request.user, route, method):
            return None
        try:
            token = tokens.call(_secret(request))
            if token is None:
                tokens.guessed(request.META.get("REMOTE_ADDR", "")[:45])
                return _challenge()
        except tokens.TooMany as error:
            answer = refused(429, str(error.seconds))
            answer.headers["Retry-After"] = str(error.seconds)
            return answer
        if token.owner.must_change_password:
            return refusal(403, [Problem("token", "api_first_password")])
        scope = "read" if method in {"GET", "HEAD"} else request.path_info.split("/")[3]
        if scope not in token.scopes:
            return refusal(403, [Problem("token", "api_scope", scope)])
        request.user, request.token = token.owner, token
        return _media_type(request)


def _secret(request: HttpRequest) -> str:
    given = request.headers.get("Authorization", "")
    return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else ""


def _challenge() -> HttpResponse:
    answer = refused(401)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="songhua"'
    return answer


def _media_type(request: HttpRequest) -> HttpResponse | None:
    """A refusal of a body that is not JSON where JSON is expected."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length == "0" or request.path_info == FILES or request.content_type == "application/json":
        return None
    return refused(415, request.content_type)
