"""The subsidies desk: registry, applications, review, notice, payment."""

from django.apps import AppConfig


class Subsidies(AppConfig):
    name = "songhua.console.subsidies"
    label = "subsidies"

    def ready(self) -> None:
        """Let the audit log vouch for our records and files too, and count what the plan counts."""
        from songhua.console.ledger.services import vouch
        from songhua.console.subsidies import collections, vouched

        collections.register()
        vouch.FACTS.update(vouched.FACTS)
        vouch.CHANGING += vouched.CHANGING
        vouch.HOLDING += vouched.HOLDING
        vouch.ISSUED += vouched.ISSUED
