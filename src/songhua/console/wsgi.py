"""What the web server runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhua.console.settings")
_pages = get_wsgi_application()

from songhua.console.exchange.ckan.slim import Slim, belongs  # noqa: E402 (needs the apps)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse

_actions = Slim()


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Pages by the long way, programs of the catalogue by the short one."""
    app = _actions if belongs(environ.get("PATH_INFO", "")) else _pages
    return app(environ, start_response)
