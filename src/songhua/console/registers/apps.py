"""Registers: their records count towards the plan once they are confirmed."""

from django.apps import AppConfig


class Registers(AppConfig):
    name = "songhua.console.registers"
    label = "registers"

    def ready(self) -> None:
        """Let the audit log vouch for our records and files too, and count what the plan counts."""
        from songhua.console.ledger import counted
        from songhua.console.ledger.services import vouch
        from songhua.console.registers import collections, services
        from songhua.console.registers.models import RegisterRecord

        counted.register_source(collections.declared)
        vouch.FACTS[RegisterRecord] = services.FACTS
        vouch.CHANGING += (RegisterRecord,)
        vouch.HOLDING += (RegisterRecord,)
