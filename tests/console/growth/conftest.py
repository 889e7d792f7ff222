"""What the tests of growth are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from songhua.console import clock

from .field import DAY, Field, found

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def field(db: None) -> Iterator[Field]:
    """The field, on its day."""
    with clock.pinned(DAY):
        yield found()
