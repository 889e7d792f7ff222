"""Innovation: open challenges and the registry of experts."""

from django.apps import AppConfig


class Innovation(AppConfig):
    name = "songhua.console.innovation"
    label = "innovation"

    def ready(self) -> None:
        """Let the audit log vouch for our records and files, and the ledger count them."""
        from songhua.console.innovation import achievement_vouched, challenge_vouched, collections
        from songhua.console.ledger.services import vouch

        for vouched in (achievement_vouched, challenge_vouched):
            vouch.FACTS.update(vouched.FACTS)
            vouch.CHANGING += vouched.CHANGING
            vouch.HOLDING += vouched.HOLDING
        collections.register()
