"""A call comes in, its action is looked up and done, and the answer leaves as CKAN's would."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from songhua.console.api import tokens
from songhua.console.exchange.ckan import actions
from songhua.console.exchange.ckan.refusals import Refusal, of
from songhua.kit.errors import SonghuaError

if TYPE_CHECKING:
    from django.http import HttpRequest

    from songhua.console.people.models import User

JSON = "application/json;charset=utf-8"
SCOPE = "exchange"

log = logging.getLogger("songhua.exchange")


@login_not_required
@csrf_exempt  # who calls is told by the token alone; a session counts for nothing here
def action(request: HttpRequest, name: str) -> HttpResponse:
    """One call of the action interface."""
    found = actions.find(name)
    if found is None:
        return _said(400, f"Bad request - Action name not known: {name}")
    try:
        given = _given(request, found.reads)
    except ValueError as error:
        return _said(400, f"Bad request - JSON Error: {error}")
    help_at = f"{request.scheme}://{request.get_host()}/api/3/action/help_show?name={name}"
    envelope: dict[str, Any] = {"help": help_at}
    try:
        caller = _caller(request, changes=not found.reads)
        envelope |= {"success": True, "result": found.call(actions.Call(caller, given, request))}
    except tokens.TooMany as error:
        answer = _said(429, f"Too many requests: try again in {error.seconds} seconds")
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    except SonghuaError as error:
        return _refused(envelope, of(error))
    except Refusal as error:
        return _refused(envelope, error)
    except Exception:
        log.exception("the action %s failed", name)
        problem = {"__type": "Internal Server Error", "message": "Internal Server Error"}
        return _said(500, envelope | {"success": False, "error": problem})
    return _said(200, envelope)


def _caller(request: HttpRequest, *, changes: bool) -> User | None:
    """Whose token came with the call; None without one. Raises `Refusal` for one that is not
    valid, or may not do this."""
    from songhua.console.exchange.ckan.refusals import Denied

    given = request.headers.get("Authorization") or request.headers.get("X-CKAN-API-Key", "")
    if not given:
        return None
    token = tokens.call(given.removeprefix("Bearer ").strip())
    if token is None:
        tokens.guessed(request.META.get("REMOTE_ADDR", "")[:45])
        raise Denied("the token is not valid")
    if (SCOPE if changes else "read") not in token.scopes:
        raise Denied(f"the token lacks the scope {SCOPE if changes else 'read'}")
    return token.owner


def _given(request: HttpRequest, reads: bool) -> dict[str, Any]:
    """What the call was given: JSON, a form, or (where it only reads) the address. Raises
    `ValueError` for anything else."""
    if request.method == "GET":
        if not reads:
            raise ValueError("Invalid request. Please use POST method for your request")
        return _mixed(request.GET)
    if request.content_type == "multipart/form-data":
        return _mixed(request.POST) | {key: file for key, file in request.FILES.items()}
    body = request.body
    if not body:
        return _mixed(request.GET) if reads else {}
    if request.content_type == "application/x-www-form-urlencoded" and not body.startswith(b"{"):
        return _mixed(request.POST)
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"Error decoding JSON data. Error: {error}") from None
    if not isinstance(given, dict):
        raise ValueError("Request data JSON decoded, but it needs to be a dictionary.")
    return given


def _mixed(fields: Any) -> dict[str, Any]:
    """Fields with their value, or values where there are several."""
    return {key: found[0] if len(found) == 1 else found for key, found in fields.lists()}


def _refused(envelope: dict[str, Any], refusal: Refusal) -> HttpResponse:
    return _said(refusal.status, envelope | {"error": refusal.body, "success": False})


def _said(status: int, body: object) -> HttpResponse:
    text = orjson.dumps(body, default=_number)
    headers = {"Content-Type": JSON, "Content-Length": str(len(text))}
    return HttpResponse(text, status=status, headers=headers)


def _number(value: object) -> orjson.Fragment:
    """An exact figure with all its digits."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)
