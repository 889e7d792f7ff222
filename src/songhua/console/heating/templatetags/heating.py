"""Words of a plant's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from songhua.console.design.bilingual import choose
from songhua.console.heating import words

if TYPE_CHECKING:
    from songhua.console.heating.models import Command

register = template.Library()

STATES = {
    "proposed": ("待审批", "To be decided"), "refused": ("未批准", "Refused"),
    "approved": ("待下发", "Going out"), "sent": ("已下发，待应答", "Sent, not answered"),
    "acknowledged": ("已执行，待实测", "Carried out, to be measured"),
    "rejected": ("设备拒绝", "Rejected by the device"), "timed_out": ("应答超时", "Timed out"),
    "measured": ("已实测", "Measured"),
}  # fmt: skip


@register.simple_tag
def quantity(name: str) -> str:
    """What a quantity is called."""
    return str(words.quantity(name))


@register.simple_tag
def state(command: Command) -> str:
    """How far a command is."""
    return choose(*STATES[command.state])
