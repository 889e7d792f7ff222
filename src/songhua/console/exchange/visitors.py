"""Holds back whoever asks for more than people read: `SONGHUA_PORTAL_RATE` pages of the catalogue
a minute for each network without an account, counted in the memory of each web process."""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render

from songhua.console.consultation.challenge import origin
from songhua.console.consultation.views.public import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

MOST = 20_000  # networks remembered
_seen: OrderedDict[str, tuple[int, int]] = OrderedDict()
_lock = Lock()


def mark(request: HttpRequest) -> str:
    """Where a request comes from: the person, or a mark of the network that lasts a day."""
    who = request.user
    return f"user:{who.pk}" if who.is_authenticated else origin(address(request))


def too_many(key: str, minute: int, cost: int) -> bool:
    """Count a request of `key` as `cost` pages; whether that is too many in this minute."""
    with _lock:
        then, count = _seen.pop(key, (minute, 0))
        count = cost + (count if then == minute else 0)
        _seen[key] = (minute, count)
        if len(_seen) > MOST:
            _seen.popitem(last=False)
    return count > settings.PORTAL_RATE


def held_back(view: Callable[..., HttpResponse], cost: int = 1) -> Callable[..., HttpResponse]:
    """A view that answers 429 to a network without an account that asks too often; each request
    counts as `cost` pages."""

    @wraps(view)
    def within(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        now = int(time.time())
        if not request.user.is_authenticated and too_many(mark(request), now // 60, cost):
            answer = render(request, "exchange/busy.html", status=429)
            answer["Retry-After"] = str(60 - now % 60)
            return answer
        return view(request, *args, **more)

    return within
