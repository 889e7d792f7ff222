"""The site itself: whether it lives, and what can be asked of it."""

from __future__ import annotations

from typing import Any

import songhua
from songhua.console.exchange.ckan.actions.registry import ACTIONS, Call, action
from songhua.console.exchange.ckan.refusals import Missing


@action(reads=True)
def status_show(call: Call) -> dict[str, Any]:
    """What runs here."""
    return {
        "ckan_version": "2.12.0", "site_title": "songhua", "site_description": "",
        "site_url": f"{call.request.scheme}://{call.request.get_host()}", "error_emails_to": None,
        "locale_default": "zh_Hans_CN", "extensions": ["datastore"], "songhua": songhua.__version__,
    }  # fmt: skip


@action(reads=True)
def site_read(call: Call) -> bool:
    """Whether the catalogue may be read at all."""
    return True


@action(reads=True)
def help_show(call: Call) -> str:
    """What an action does."""
    found = ACTIONS.get(call.text("name"))
    if found is None:
        raise Missing()
    return found.help
