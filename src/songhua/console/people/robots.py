"""What stands between a robot and the form, without any service from elsewhere.

A form carries a signed number with the time at which it was shown, asks for a small sum in words,
and holds a field that no person sees. It is taken once, not sooner than a person can write and not
after half a day. All of this is plain text, so it works by keyboard, by voice and without scripts.
It stops what sprays forms; a program written for this page can count, and is held by the limit that
each form has for an address.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from django.core import signing
from django.utils.crypto import salted_hmac

from songhua.governance.consultation.numbering import whole
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

SOONEST, LATEST = 3, 12 * 3600  # seconds
HIDDEN = "website"  # the field that people do not see
_CHINESE = "一二三四五六七八九"
_ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_signer = signing.TimestampSigner(salt="robots.form")


@dataclass(frozen=True)
class Asked:
    """A form as shown: its signed number, and the two numbers to add."""

    token: str
    one: int
    two: int

    @property
    def zh(self) -> str:
        """The sum in Chinese words."""
        return f"{_CHINESE[self.one - 1]}加{_CHINESE[self.two - 1]}等于几？"

    @property
    def en(self) -> str:
        """The sum in English words."""
        return f"What is {_ENGLISH[self.one - 1]} plus {_ENGLISH[self.two - 1]}?"


def ask(form: object) -> Asked:
    """A new form of this name."""
    number = secrets.token_hex(12)
    return Asked(_signer.sign(f"{form}-{number}"), *_addends(number))


def passed(form: object, token: str, total: str, hidden: str) -> str:
    """The number of the form, if a person may well have filled it in; else `InputError`."""
    if hidden:
        raise InputError(Problem("form", "form_robot"))
    try:
        whose, _, number = _signer.unsign(token, max_age=LATEST).partition("-")
        shown = signing.b62_decode(token.rsplit(":", 2)[1])
    except signing.BadSignature:
        raise InputError(Problem("form", "form_expired")) from None
    if whose != str(form):
        raise InputError(Problem("form", "form_expired"))
    if time.time() - shown < SOONEST:
        raise InputError(Problem("form", "form_too_fast", str(SOONEST)))
    try:
        right = whole(figures.plain(total)[:4]) == sum(_addends(number))
    except KeyError:
        right = False
    if not right:
        raise InputError(Problem("total", "form_sum_wrong"))
    return number


def _addends(number: str) -> tuple[int, int]:
    drawn = salted_hmac("robots.sum", number).digest()
    return 1 + drawn[0] % 9, 1 + drawn[1] % 9
