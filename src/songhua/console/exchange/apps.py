"""The exchange: catalogue, sharing, delivery and their evidence."""

from django.apps import AppConfig


class Exchange(AppConfig):
    name = "songhua.console.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Let the audit log vouch for our records too, and people's to-do show what waits here."""
        from songhua.console.exchange import (
            collections,
            intake_selectors,
            sharing_selectors,
            vouched,
        )
        from songhua.console.ledger import selectors
        from songhua.console.ledger.services import vouch

        collections.register()
        vouch.FACTS.update(vouched.FACTS)
        vouch.CHANGING += vouched.CHANGING
        selectors.ELSEWHERE += [sharing_selectors.waiting, intake_selectors.waiting]
