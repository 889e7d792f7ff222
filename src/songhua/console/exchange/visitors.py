"""Holds back whoever asks for more than people read: `SONGHUA_PORTAL_RATE` pages of the catalogue
a minute for each network without an account."""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from songhua.console.people.visitors import address, origin, too_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


def mark(request: HttpRequest) -> str:
    """Where a request comes from: the person, or a mark of the network that lasts a day."""
    who = request.user
    return f"user:{who.pk}" if who.is_authenticated else origin(address(request))


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
