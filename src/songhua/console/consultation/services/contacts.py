"""Contact data are kept to their date and no longer."""

from __future__ import annotations

from django.db import transaction

from songhua.console import clock
from songhua.console.consultation.models import Consultation, Contact
from songhua.console.ledger.services import audit, vouch


@transaction.atomic
def forget() -> int:
    """Delete the contacts of consultations whose day has come. Returns how many; the log says
    how many of which consultation, and nothing of what they held."""
    audit.hold()
    total = 0
    for row in Consultation.objects.filter(
        contacts_until__lte=clock.today(), opinions__contact__isnull=False
    ).distinct():
        count, _ = Contact.objects.filter(opinion__consultation=row).delete()
        audit.record("clock", "contacts_deleted", vouch.subject(row), count=count)
        total += count
    return total
