"""Programs that are told of new versions by a signed message without rows, over HTTP or MQTT; what
they may fetch is decided when they ask, and whether they are told when it is sent. An address
inside our own network is never called, whatever its name says: the name is looked up once, checked,
and that very address is called; redirects are not followed."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import secrets
import socket
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.models import Message, Subscription
from songhua.console.exchange.services import door, notifying
from songhua.console.ledger.services import audit, vouch
from songhua.console.ledger.services.audit import canonical
from songhua.kit.errors import InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.exchange.models import Distribution
    from songhua.console.people.models import User

SECONDS = 5.0
MQTT = "mqtt:"
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 720))  # then it is given up
BATCH = 5  # at a time: the clock of the worker waits for them


@transaction.atomic
def subscribe(caller: User, table: Distribution, url: str) -> Subscription:
    """Have `url`, or a topic of its own at our broker (`url` is `MQTT`), told of every version of
    `table` from now on. Its `secret` is shown once: with it the receiver checks the signature,
    HMAC-SHA256 over the stamp, a dot and the body.

    Raises `NotAllowed` for a table that `caller` may not see, `InputError` for an address that may
    not be called.
    """
    if not sees(caller, table):
        raise NotAllowed(Problem("table", "exchange_table_unknown", str(table.uid)))
    if url == MQTT:
        url += notifying.topic()
    else:
        called(url)
    audit.hold()
    row = Subscription.objects.create(
        distribution=table, url=url, secret=secrets.token_hex(32), created_by=caller,
        created_at=clock.now(),
    )  # fmt: skip
    Message.objects.create(subscription=row, version=table.current.number)  # known already
    audit.record(caller, "subscribed", vouch.subject(row), table=table.sql_name)
    return row


@transaction.atomic
def end(caller: User, row: Subscription) -> None:
    """Tell this program no more."""
    if row.created_by_id != caller.pk:
        raise NotAllowed(Problem("subscription", "exchange_table_unknown", str(row.pk)))
    audit.hold()
    Subscription.objects.filter(pk=row.pk, ended_at=None).update(ended_at=clock.now())
    Message.objects.filter(subscription=row).update(next_at=None)
    audit.record(caller, "unsubscribed", vouch.subject(row))


def tell() -> int:
    """Note the versions that subscribers do not know yet and send what is due; how many were
    received. Harmless twice: a version is noted once, and a receiver knows it by its number."""
    _note()
    due = Message.objects.filter(next_at__lte=clock.now(), subscription__ended_at=None)
    rows = due.select_related("subscription__distribution__entry",
                              "subscription__distribution__current",
                              "subscription__created_by")[:BATCH]  # fmt: skip
    return sum(_send(row) for row in rows)


def _note() -> None:
    for row in Subscription.objects.filter(ended_at=None).select_related("distribution__current"):
        number = row.distribution.current.number if row.distribution.current else 0
        if not row.messages.filter(version__gte=number).exists():
            Message.objects.get_or_create(
                subscription=row, version=number, defaults={"next_at": clock.now()}
            )


def _send(row: Message) -> bool:
    to = row.subscription
    error = ""
    if not sees(to.created_by, to.distribution):
        Message.objects.filter(pk=row.pk).update(next_at=None, error="not granted any more")
        return False
    body = canonical({"table": str(to.distribution.uid), "version": row.version}).encode()
    try:
        error = _deliver(to, body)
    except InputError:
        error = "address not allowed"
    except (OSError, http.client.HTTPException, ValueError) as failure:
        error = type(failure).__name__
    now = clock.now()
    again = now + WAITS[row.attempts] if error and row.attempts < len(WAITS) else None
    Message.objects.filter(pk=row.pk).update(
        attempts=row.attempts + 1, next_at=again, error=error[:60], sent_at=None if error else now
    )
    return not error


def sees(caller: User, table: Distribution) -> bool:
    """Whether somebody may see anything of a table now, for whichever purpose."""
    try:
        return caller.is_active and bool(door.open_tables(caller, [table]).held)
    except InputError:  # it is granted for several purposes
        return True


def _deliver(to: Subscription, body: bytes) -> str:
    """Send it; what went wrong, if anything."""
    stamp = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    code = hmac.new(to.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    if to.url.startswith(MQTT):
        said = canonical({"time": stamp, "signature": code, "body": body.decode()})
        notifying.publish(to.url.removeprefix(MQTT), said.encode())
        return ""
    status = _post(to.url, body, stamp, code)
    return "" if 200 <= status < 300 else f"status {status}"


def called(url: str) -> tuple[str, int, str, str]:
    """The address behind a URL, checked: number, port, name, and the path to ask for. Raises
    `InputError` for one that may not be called."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        name = (parts.hostname or "").encode("idna").decode()
        if parts.scheme not in {"http", "https"} or not name or parts.username:
            raise ValueError(url)
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (ValueError, OSError):
        raise InputError(Problem("url", "exchange_url_unusable", url)) from None
    numbers = [str(each[4][0]) for each in found]
    allowed = getattr(settings, "WEBHOOK_PRIVATE", False)
    if not allowed and not all(_public(number) for number in numbers):
        raise InputError(Problem("url", "exchange_url_private", url))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return numbers[0], port, name, path


def _public(number: str) -> bool:
    address = ipaddress.ip_address(number.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return (inner or address).is_global and not (inner or address).is_multicast


def _post(url: str, body: bytes, stamp: str, code: str) -> int:
    number, port, name, path = called(url)
    connection = http.client.HTTPConnection(name, port, timeout=SECONDS)
    plain = socket.create_connection((number, port), timeout=SECONDS)
    try:
        secure = url.lower().startswith("https:")
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=name)
            if secure
            else plain
        )
        headers = {"Content-Type": "application/json", "X-Songhua-Time": stamp,
                   "X-Songhua-Signature": f"sha256={code}"}  # fmt: skip
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
        plain.close()
