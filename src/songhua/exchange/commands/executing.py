"""The side of the device: each order is carried out once, and answered as often as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.exchange.commands.orders import Acknowledgement, Order

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

EXPIRED = "expired"


class Executor:
    """Gives orders to `act`, which returns why it cannot carry one out, or "".

    What was answered is remembered until the order has expired, so one that comes again gets the
    same answer and nothing happens twice.
    """

    def __init__(self, act: Callable[[Order], str]) -> None:
        self._act = act
        self._answered: dict[str, tuple[datetime, Acknowledgement]] = {}

    def answer(self, message: bytes, now: datetime) -> Acknowledgement:
        """Carry out what `message` orders. Raises `InputError` ``order_unreadable``."""
        order = Order.decoded(message)
        self._answered = {u: held for u, held in self._answered.items() if held[0] > now}
        if order.uid in self._answered:
            return self._answered[order.uid][1]
        if now >= order.expires_at:
            return Acknowledgement(order.uid, False, EXPIRED, now)
        reason = self._act(order)
        given = Acknowledgement(order.uid, not reason, reason, now)
        self._answered[order.uid] = order.expires_at, given
        return given
