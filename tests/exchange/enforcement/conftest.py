"""A way to ask as the heating bureau."""

from __future__ import annotations

import pytest

from songhua.exchange.enforcement import Usage, plan

from .city import AT, CATALOGUE, DEVICES, HOMES


@pytest.fixture
def ask():
    """Plans a question of the heating bureau."""

    def ask(query, grants=(HOMES, DEVICES), used=None, at=AT, purpose="heating"):
        return plan(query, grants, CATALOGUE, purpose, at, used or Usage())

    return ask
