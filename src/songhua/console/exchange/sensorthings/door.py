"""The addresses of the service: who asks, what for, and how the answer leaves."""

from __future__ import annotations

import base64
import binascii
import logging
import re
import time
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from songhua.console.api import tokens
from songhua.console.exchange.sensorthings import readings, showing, writing
from songhua.console.exchange.sensorthings.kinds import KINDS, OBSERVATIONS, PLURALS
from songhua.console.exchange.sensorthings.showing import Showing
from songhua.console.exchange.sensorthings.world import World
from songhua.console.exchange.services import devices
from songhua.console.people.visitors import address, origin, too_many
from songhua.exchange.sensorthings import batch, options
from songhua.kit.errors import Conflict, NotAllowed, SonghuaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from songhua.console.people.models import User

SCOPE = "exchange"
CONFORMANCE = (
    "datamodel", "resource-path/resource-path-to-entities", "request-data", "create-update-delete",
    "data-array/data-array", "batch-request/batch-request",
)  # fmt: skip
_STEP = re.compile(r"([A-Za-z]+)(?:\((?:([0-9]{1,18})|'([^']{1,60})')\))?")
log = logging.getLogger("songhua.exchange")


class Answer(Exception):
    """What is answered instead: a status and what it says."""

    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status, self.said, self.headers = status, said, headers


MISSING = (404, "Nothing found.")


@login_not_required
@csrf_exempt  # who calls is told by the token alone; a session counts for nothing here
def sensorthings(request: HttpRequest, rest: str = "") -> HttpResponse:
    """One call of the service."""
    return _guarded(rest, lambda: _answer(request, rest.strip("/")))


def _guarded(rest: str, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `work`, or the one that says why there is none."""
    try:
        return work()
    except Answer as answer:
        return _refused(answer.status, answer.said, **answer.headers)
    except tokens.TooMany as error:
        return _refused(429, "Too many requests.", **{"Retry-After": str(error.seconds)})
    except SonghuaError as error:
        said = "; ".join(problem.text("en") for problem in error.problems)
        return _refused(_status(error), said)
    except Exception:
        log.exception("the call %s failed", rest)
        return _refused(500, "Internal Server Error")


def _status(error: SonghuaError) -> int:
    if any(problem.code == "exchange_no_intake" for problem in error.problems):
        return 503
    if isinstance(error, NotAllowed):
        return 403
    return 409 if isinstance(error, Conflict) else 400


def _answer(request: HttpRequest, rest: str) -> HttpResponse:
    reads = request.method in {"GET", "HEAD"}
    caller = _caller(request, reads=reads)
    root = request.build_absolute_uri(reverse("sensorthings")) + "/"
    if not rest:
        return _index(root)
    if rest == "$batch" and request.method == "POST":
        return _batch(request, caller, root)
    body = _body(request) if request.method in {"POST", "PATCH", "PUT"} else None
    return _done(caller, root, str(request.method), rest, request.GET.dict(), body)


def _done(
    caller: User | None, root: str, method: str, rest: str, given: dict[str, str], body: Any
) -> HttpResponse:
    call = _Call(World(caller), root)
    if method in {"GET", "HEAD"}:
        return _said(200, call.read(rest, given))
    if caller is None:
        raise Answer(401, "A token is needed.", **{"WWW-Authenticate": 'Basic realm="songhua"'})
    if method == "POST":
        return call.post(rest, body)
    if method in {"PATCH", "PUT"}:
        return call.patch(rest, body)
    return call.delete(rest)


def _batch(request: HttpRequest, caller: User | None, root: str) -> HttpResponse:
    """Several calls in their order. Of a group all are done, or none from the first that fails."""
    form = request.headers.get("Content-Type", "")
    made: dict[str, tuple[str, Any]] = {}
    replies: list[batch.Reply] = []
    for group, parts in groupby(batch.read(form, request.body), lambda part: part.group):
        if not group:
            replies += [_part(caller, root, part, made) for part in parts]
            continue
        together: list[batch.Reply] = []
        with transaction.atomic():
            for part in parts:
                together.append(_part(caller, root, part, made))
                if together[-1].status >= 400:
                    transaction.set_rollback(True)
                    together = together[-1:]
                    break
        replies += together
    content_type, said = batch.written(form, replies)
    return HttpResponse(said, content_type=content_type)


def _part(
    caller: User | None, root: str, part: batch.Part, made: dict[str, tuple[str, Any]]
) -> batch.Reply:
    """What becomes of one call of a batch; what it made is entered in `made`."""
    part = batch.resolved(part, made)
    address = urlsplit(part.url.removeprefix(root))
    rest, given = unquote(address.path).strip("/"), dict(parse_qsl(address.query))
    if part.group and rest.rpartition("/")[2] in {OBSERVATIONS, "CreateObservations"}:
        said = "Readings are never taken back: they cannot stand in a change set."
        return batch.Reply(part, 400, {"code": 400, "type": "error", "message": said})
    answer = _guarded(rest, lambda: _done(caller, root, part.method, rest, given, part.body))
    body = orjson.loads(answer.content) if answer.content else None
    where = answer.headers.get("Location", "")
    if part.id and isinstance(body, dict) and "@iot.id" in body:
        made[part.id] = (where.removeprefix(root), body["@iot.id"])
    return batch.Reply(part, answer.status_code, body, {"Location": where} if where else {})


class _Call:
    def __init__(self, world: World, root: str) -> None:
        self.world, self.root, self.showing = world, root, Showing(world, root)

    def read(self, rest: str, given: dict[str, str]) -> Any:
        """An entity, a page of them, or a property of one."""
        query, steps = options.read(given), rest.split("/")
        bare = steps[-1] == "$value"
        steps = steps[:-1] if bare else steps
        name = steps[-1] if len(steps) > 1 and steps[-1][0].islower() else ""
        kind, rows, key, one = self._led(steps[:-1] if name else steps)
        if not one:
            if name:
                raise Answer(*MISSING)
            return self._page(kind, rows, query, self.root + rest)
        found = self._entity(kind, rows, key, showing.alone(query))
        if not name:
            return found
        if name not in found:
            raise Answer(*MISSING)
        return found[name] if bare else {name: found[name]}

    def _page(self, kind: str, rows: Any, query: options.Query, address: str) -> Any:
        if kind == OBSERVATIONS:
            return self.showing.observations(rows, query, address)
        return self.showing.collection(kind, rows, query, address)

    def _entity(self, kind: str, rows: Any, key: str, query: options.Query) -> dict[str, Any]:
        if kind == OBSERVATIONS:
            found, _ = readings.ask(self.world, rows, query, one=key)
            if not found:
                raise Answer(*MISSING)
            return self.showing.observation(found[0], query)
        row = rows.first()
        if row is None:
            raise Answer(*MISSING)
        return self.showing.entity(kind, row, query)

    def _led(self, steps: list[str]) -> tuple[str, Any, str, bool]:
        """Where steps lead: a kind, its records (of observations: the datastreams), the key of an
        observation, and whether it is a single entity."""
        name, key = _step(steps[0])
        if name == OBSERVATIONS:
            kind, rows = OBSERVATIONS, self.world.streams
        elif name in PLURALS:
            kind, rows = PLURALS[name], self.world.of(PLURALS[name])
        else:
            raise Answer(*MISSING)
        rows, one = self._keyed(kind, rows, key)
        for step in steps[1:]:
            before = None if kind == OBSERVATIONS and not key else rows.first()
            if before is None or not one:
                raise Answer(*MISSING)
            name, key = _step(step)
            if kind == OBSERVATIONS and name == "Datastream":
                kind = "Datastream"
                continue
            if kind == "Datastream" and name == OBSERVATIONS:
                kind, rows = OBSERVATIONS, self.world.streams.filter(pk=before.pk)
                rows, one = self._keyed(kind, rows, key)
                continue
            link = KINDS[kind].links.get(name) if kind in KINDS else None
            if link is None:
                raise Answer(*MISSING)
            kind, rows = link.kind, self.world.of(link.kind).filter(**{link.back: before.pk})
            rows, one = self._keyed(kind, rows, key)
            one = one or not link.many
        return kind, rows, key, one

    def _keyed(self, kind: str, rows: Any, key: str) -> tuple[Any, bool]:
        if not key:
            return rows, False
        number = key.partition("-")[0] if kind == OBSERVATIONS else key
        if not number.isdecimal():
            raise Answer(*MISSING)
        return rows.filter(pk=int(number)), True

    def post(self, rest: str, body: Any) -> HttpResponse:
        """A new entity, at the end of a path to where it belongs."""
        if rest == "CreateObservations":
            ids = writing.observe(self.world, writing.rows_of(body))
            return _said(201, [self.showing.link("Observation", key) for key in ids])
        *above, last = rest.split("/")
        if above and isinstance(body, dict):
            kind, rows, _, one = self._led(above)
            row = rows.first() if one and kind != OBSERVATIONS else None
            if row is None:
                raise Answer(*MISSING)
            link = KINDS[kind].links.get(last)
            parent: Any = {"@iot.id": row.pk}
            body[kind if last in {"Datastreams", OBSERVATIONS} else KINDS[kind].plural] = (
                parent if last in {"Datastreams", OBSERVATIONS} else [parent]
            )
            if link is None and not (kind == "Datastream" and last == OBSERVATIONS):
                raise Answer(*MISSING)
        if last == OBSERVATIONS:
            if not isinstance(body, dict):
                raise Answer(400, "An observation is an object.")
            key: Any = writing.observe(self.world, [body])[0]
            made: Any = {"@iot.id": key, "@iot.selfLink": self.showing.link("Observation", key)}
        elif last in PLURALS:
            key = writing.create(self.world, PLURALS[last], body).pk
            fresh = World(self.world.caller)
            row = fresh.of(PLURALS[last]).get(pk=key)
            made = Showing(fresh, self.root).entity(PLURALS[last], row, options.Query())
        else:
            raise Answer(*MISSING)
        return _said(201, made, Location=made["@iot.selfLink"])

    def patch(self, rest: str, body: Any) -> HttpResponse:
        """An entity changed."""
        kind, row = self._own(rest)
        writing.change(self.world, kind, row, body)
        fresh = Showing(World(self.world.caller), self.root)
        return _said(200, fresh.entity(kind, row, options.Query()))

    def delete(self, rest: str) -> HttpResponse:
        """An entity taken out."""
        _, row = self._own(rest)
        devices.remove(self.world.caller, row)
        return HttpResponse(status=200)

    def _own(self, rest: str) -> tuple[str, Any]:
        kind, rows, _, one = self._led(rest.split("/"))
        if kind == OBSERVATIONS:
            raise Answer(405, "Readings are kept as they came: they are not changed or removed.")
        row = rows.first() if one else None
        if row is None:
            raise Answer(*MISSING)
        return kind, row


def _step(text: str) -> tuple[str, str]:
    match = _STEP.fullmatch(text)
    if match is None:
        raise Answer(*MISSING)
    return match[1], match[2] or match[3] or ""


def _caller(request: HttpRequest, *, reads: bool) -> User | None:
    """Whose token came with the call, as a bearer's or as the password of any name."""
    given = request.headers.get("Authorization", "")
    if not given:
        now = int(time.time())
        if too_many(origin(address(request)), now // 60, 1):
            raise Answer(429, "Too many requests.", **{"Retry-After": str(60 - now % 60)})
        return None
    scheme, _, secret = given.partition(" ")
    if scheme.lower() == "basic":
        try:
            secret = base64.b64decode(secret).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            secret = ""
    token = tokens.call((secret or scheme).strip())
    if token is None:
        tokens.guessed(request.META.get("REMOTE_ADDR", "")[:45])
        raise Answer(401, "The token is not valid.")
    wanted = "read" if reads else SCOPE
    if wanted not in token.scopes:
        raise Answer(403, f"The token lacks the scope {wanted}.")
    return token.owner


def _body(request: HttpRequest) -> Any:
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Answer(400, "The body is not JSON.") from None


def _index(root: str) -> HttpResponse:
    sets = [*(kind.plural for kind in KINDS.values()), OBSERVATIONS]
    about = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
    return _said(200, {
        "value": [{"name": name, "url": root + name} for name in sets],
        "serverSettings": {"conformance": [about + name for name in CONFORMANCE]},
    })  # fmt: skip


def _said(status: int, body: object, **headers: str) -> HttpResponse:
    return HttpResponse(
        orjson.dumps(body), status=status, content_type="application/json", headers=headers
    )


def _refused(status: int, said: str, **headers: str) -> HttpResponse:
    return _said(status, {"code": status, "type": "error", "message": said}, **headers)
