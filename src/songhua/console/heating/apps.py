"""Heating plants: live readings, commands and what came of them."""

from django.apps import AppConfig


class Heating(AppConfig):
    name = "songhua.console.heating"
    label = "heating"

    def ready(self) -> None:
        """Let the audit log vouch for commands and outcomes, and the plan count them."""
        from songhua.console.heating import collections, vouched
        from songhua.console.ledger.services import vouch

        collections.register()
        vouch.FACTS.update(vouched.FACTS)
        vouch.CHANGING += vouched.CHANGING
