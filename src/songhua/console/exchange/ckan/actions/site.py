"""The site itself: whether it lives, and what can be asked of it."""

from __future__ import annotations

from typing import Any

import songhua
from songhua.console.exchange import licences
from songhua.console.exchange.ckan.actions.registry import ACTIONS, Call, action
from songhua.console.exchange.ckan.refusals import Missing


@action(reads=True)
def status_show(call: Call) -> dict[str, Any]:
    """What runs here."""
    return {
        "ckan_version": "2.12.0", "site_title": "songhua", "site_description": "",
        "site_url": f"{call.request.scheme}://{call.request.get_host()}", "error_emails_to": "",
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


@action(reads=True)
def license_list(call: Call) -> list[Any]:
    """The licences that a dataset may name."""
    return [
        {
            "id": one.id, "title": one.title, "url": one.url, "status": "active", "family": "",
            "maintainer": "", "is_generic": str(one.generic),
            "od_conformance": "approved" if one.open else "not reviewed",
            "osd_conformance": "not reviewed", "domain_software": "False",
            "domain_content": str("content" in one.domains),
            "domain_data": str("data" in one.domains),
        }
        for one in licences.known().values()
    ]  # fmt: skip
