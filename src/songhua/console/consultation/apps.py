"""The consultation desk: notices, opinions, answers, adoption tables."""

from django.apps import AppConfig


class Consultation(AppConfig):
    name = "songhua.console.consultation"
    label = "consultation"

    def ready(self) -> None:
        """Let the audit log vouch for our records and files too; never for contact data."""
        from songhua.console.consultation import collections
        from songhua.console.consultation.models import (
            AdoptionTable,
            Answer,
            Consultation,
            DraftVersion,
            Opinion,
        )
        from songhua.console.ledger.services import vouch

        collections.register()
        vouch.FACTS[Consultation] = ("unit_id", "created_by_id", "created_at")
        vouch.FACTS[DraftVersion] = (
            "consultation_id",
            "number",
            "sha256",
            "added_by_id",
            "added_at",
        )
        vouch.FACTS[Opinion] = (
            "consultation_id", "version_id", "clause", "text_digest", "channel", "sender",
            "received_at", "entered_by_id", "entered_at",
        )  # fmt: skip
        vouch.FACTS[AdoptionTable] = ("consultation_id", "files", "rows_digest", "audit_head",
                                      "issued_by_id", "issued_at")  # fmt: skip
        vouch.CHANGING += (Consultation, Answer)
        vouch.ISSUED += (AdoptionTable,)
