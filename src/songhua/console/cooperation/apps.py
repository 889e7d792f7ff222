"""Cooperation: contests, events, partners, shared resources, agreements, funds and referrals."""

from django.apps import AppConfig


class Cooperation(AppConfig):
    name = "songhua.console.cooperation"
    label = "cooperation"

    def ready(self) -> None:
        """Let the audit log vouch for our records, the ledger count them, achievements be matched
        with our funds, and the policy desk see who has priority and send its referrals here."""
        from songhua.console.cooperation import collections, matching, priority, vouched
        from songhua.console.cooperation.services import funding
        from songhua.console.innovation.services import match_sources
        from songhua.console.ledger.services import vouch
        from songhua.console.subsidies.services import neighbours

        vouch.FACTS.update(vouched.FACTS)
        vouch.CHANGING += vouched.CHANGING
        vouch.HOLDING += vouched.HOLDING
        collections.register()
        match_sources.SOURCES["fund"] = matching.SOURCE
        neighbours.PRIORITY.append(priority.notes)
        neighbours.REFERRED.append(funding.receive)
        neighbours.CONCLUDED.append(funding.close)
