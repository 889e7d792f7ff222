"""Innovation: open challenges and the registry of experts."""

from django.apps import AppConfig


class Innovation(AppConfig):
    name = "songhua.console.innovation"
    label = "innovation"

    def ready(self) -> None:
        """Let the audit log vouch for our records and files too."""
        from songhua.console.innovation import challenge_vouched
        from songhua.console.ledger.services import vouch

        vouch.FACTS.update(challenge_vouched.FACTS)
        vouch.CHANGING += challenge_vouched.CHANGING
        vouch.HOLDING += challenge_vouched.HOLDING
