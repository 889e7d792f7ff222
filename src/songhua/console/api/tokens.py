"""Tokens: made and revoked by their owner, and asked for at the door."""

from __future__ import annotations

import copy
import hashlib
import secrets
import time
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from songhua.console import clock
from songhua.console.api.models import Guesses, Token
from songhua.console.ledger.services import audit
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.console.people.models import User

SCOPES = {
    "read": ("查看与下载", "Look at and download"),
    "tables": ("上传与删除数据表", "Bring in and drop tables"),
    "runs": ("提交与取消运行", "Ask for and cancel runs"),
    "decisions": ("提出与办理决定", "Propose and act on decisions"),
    "schedules": ("管理定时运行", "Look after schedules"),
    "exchange": ("编目、写入数据表", "Enter datasets and write tables"),
    "evidence": ("提交台账佐证", "Attach evidence to the ledger"),
}
MOST_DAYS = 365
GUESSES_A_MINUTE = 10
_MARK = "songhua_"  # lets a search for leaked keys find ours


class TooMany(Exception):
    """The limit of this minute is reached; `seconds` until the next one."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@transaction.atomic
def make(owner: User, *, name: str, scopes: Sequence[str], days: str) -> tuple[Token, str]:
    """A new token of `owner` and its secret, which nobody can see again."""
    problems = [] if name.strip() else [Problem("name", "empty")]
    if not scopes:
        problems.append(Problem("scopes", "empty"))
    problems += [Problem("scopes", "scope_unknown", s[:60]) for s in scopes if s not in SCOPES]
    if not (days.isdecimal() and len(days) < 4 and 1 <= int(days) <= MOST_DAYS):
        problems.append(Problem("days", "token_days", str(MOST_DAYS)))
    if problems:
        raise InputError(problems)
    secret = _MARK + secrets.token_urlsafe(32)
    now = clock.now()
    row = Token.objects.create(
        owner=owner, name=name.strip()[:60], sha256=_digest(secret),
        scopes=[s for s in SCOPES if s in scopes], created_at=now,
        expires_at=now + timedelta(days=int(days)),
    )  # fmt: skip
    audit.record(
        owner, "token_made", f"token:{row.pk}", name=row.name, scopes=row.scopes,
        expires_at=row.expires_at,
    )  # fmt: skip
    return row, secret


@transaction.atomic
def revoke(owner: User, row: Token) -> None:
    """End a token at once; nothing happens where it is revoked already."""
    now = clock.now()
    if Token.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=now):
        audit.record(owner, "token_revoked", f"token:{row.pk}", name=row.name)


_COUNTED = """
UPDATE api_token SET calls = CASE WHEN minute = %s THEN calls + 1 ELSE 1 END, minute = %s,
    used_at = %s
WHERE sha256 = %s AND revoked_at IS NULL AND expires_at > %s
RETURNING calls, (SELECT role || ' ' || COALESCE(unit_id, 0) FROM people_user
    WHERE id = owner_id AND is_active)
"""


def call(secret: str) -> Token | None:
    """The token with this secret, its call counted; None where none is valid.

    Raises `TooMany` beyond ``SONGHUA_API_RATE`` calls within a minute. One statement counts and
    says what the owner is now, so that all processes share the limit and a revocation, a closed
    account or another role bites at once; the rest of the rows is remembered within the minute.
    """
    minute, digest = int(time.time()) // 60, _digest(secret)
    now = connection.ops.adapt_datetimefield_value(clock.now())
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [minute, minute, now, digest, now])
        found = cursor.fetchone()
    if found is None or found[1] is None:
        return None
    if found[0] > settings.API_RATE:
        raise TooMany(_rest())
    token = copy.copy(_row(digest, found[1], minute))
    token.owner = copy.copy(token.owner)
    return token


@lru_cache(maxsize=1000)
def _row(digest: str, owner: str, minute: int) -> Token:
    """The token and its owner, who was `owner` in this minute."""
    return Token.objects.select_related("owner__unit").get(sha256=digest)


def guessed(address: str) -> None:
    """Count a call without a valid token; `TooMany` for an address that keeps trying. An address
    may be shared, so valid tokens are never refused for it."""
    minute = int(time.time()) // 60
    this = Guesses.objects.filter(address=address, minute=minute)
    if this.filter(count__gte=GUESSES_A_MINUTE).exists():
        raise TooMany(_rest())
    with transaction.atomic():
        Guesses.objects.filter(minute__lt=minute).delete()
        Guesses.objects.get_or_create(address=address, defaults={"minute": minute, "count": 0})
        this.update(count=F("count") + 1)


def _rest() -> int:
    return 60 - int(time.time()) % 60


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
