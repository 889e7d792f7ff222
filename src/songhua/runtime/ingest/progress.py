"""Says how far a long piece of work has come, always from the thread that asked for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_EVERY_S = 0.5


class Progress:
    """Shares from 0 to 1 that never fall."""

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell = tell
        self._last = 0.0
        tell(0.0)

    def reach(self, share: float) -> None:
        """Tell of `share` where it is more than was told before."""
        if share > self._last:
            self._last = share
            self._tell(share)

    def within(self, first: float, last: float) -> Callable[[float], None]:
        """Takes the share of one stage, which lies between `first` and `last` of the whole."""
        return lambda share: self.reach(first + (last - first) * min(share, 1.0))


def watched(work: Callable[[], T], share: Callable[[], float], tell: Callable[[float], None]) -> T:
    """What `work` gives, done in another thread while `share` of it is told twice a second."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        while not wait([running], _EVERY_S).done:
            tell(share())
        return running.result()
