"""The exchange: catalogue, sharing, delivery and their evidence."""

from django.apps import AppConfig


class Exchange(AppConfig):
    name = "songhua.console.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Let the audit log vouch for our records too."""
        from songhua.console.exchange import vouched
        from songhua.console.ledger.services import vouch

        vouch.FACTS.update(vouched.FACTS)
        vouch.CHANGING += vouched.CHANGING
