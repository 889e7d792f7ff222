"""Cooperation: contests, events, partners, shared resources, agreements, funds and referrals."""
