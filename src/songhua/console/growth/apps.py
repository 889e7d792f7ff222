"""Growth: carriers, the ladder of firms, cohorts, zones and what is within reach."""

from django.apps import AppConfig


class Growth(AppConfig):
    name = "songhua.console.growth"
    label = "growth"

    def ready(self) -> None:
        """Let the audit log vouch for our records and files, and count what the plan counts."""
        from songhua.console.growth import collections, vouched
        from songhua.console.ledger.services import vouch

        collections.register()
        vouch.FACTS.update(vouched.FACTS)
        vouch.CHANGING += vouched.CHANGING
        vouch.HOLDING += vouched.HOLDING
