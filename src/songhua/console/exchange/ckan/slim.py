"""The short way to the action interface: none of what pages need stands before it.

A call is known by its token alone, is answered in JSON, and is in one language. So sessions,
languages, forms and messages are left out, which takes most of the time of a small answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.handlers.wsgi import WSGIHandler

from songhua.console.exchange.ckan.door import action

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PREFIXES = ("/api/3/action/", "/api/action/")


class Slim(WSGIHandler):
    """Django without middleware: a request, its view, the answer. Hosts are still checked."""

    def load_middleware(self, is_async: bool = False) -> None:
        """None of it."""
        self._middleware_chain = self._answer

    def _answer(self, request: HttpRequest) -> HttpResponse:
        request.get_host()
        name = request.path_info.rpartition("/")[2]
        return action(request, name)


def belongs(path: str) -> bool:
    """Whether an address is one of the interface's."""
    return path.startswith(PREFIXES)
