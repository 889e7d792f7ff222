"""The subsidies desk: registry, applications, review, notice, payment."""

from django.apps import AppConfig


class Subsidies(AppConfig):
    name = "songhua.console.subsidies"
    label = "subsidies"

    def ready(self) -> None:
        """Let the audit log vouch for our records and files too."""
        from songhua.console.ledger.services import vouch
        from songhua.console.subsidies import vouched

        vouch.FACTS.update(vouched.FACTS)
        vouch.CHANGING += vouched.CHANGING
        vouch.HOLDING += vouched.HOLDING
        vouch.ISSUED += vouched.ISSUED
