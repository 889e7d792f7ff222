"""The yard on its day."""

from __future__ import annotations

import pytest

from songhua.console import clock

from ..innovation.fair import DAY
from .yard import Yard, build


@pytest.fixture
def yard(db) -> Yard:
    with clock.pinned(DAY):
        yield build()
