"""Governance is pure: its tests need no Django settings, so they run without Django too."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_settings():
    """Stands in for the console's fixture of the same name."""
