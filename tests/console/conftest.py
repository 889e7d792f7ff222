"""What the console's tests are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ice_harbour(settings: object) -> None:
    """The console runs the invented programme of Ice Harbour."""
    from .city import ICE_HARBOUR

    settings.PROGRAMME = str(ICE_HARBOUR)


@pytest.fixture
def city(db: None, ice_harbour: None) -> object:
    """Ice Harbour with an account of every role and five active tasks."""
    from . import city

    return city.found()


@pytest.fixture
def empty_city(db: None, ice_harbour: None) -> object:
    """Ice Harbour with an account of every role and no task."""
    from . import city

    return city.people()


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Sessions are cached in the process, and who asked how often; the next test begins without."""
    from django.core.cache import cache

    from songhua.console.people import visitors

    cache.clear()
    visitors.forget()
    yield
