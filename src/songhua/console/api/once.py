"""A request with an Idempotency-Key is carried out once, however often it is sent."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone
from ninja import Header

from songhua.console.api.models import Answer
from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

KEPT = timedelta(hours=24)
Key = Annotated[
    str | None,
    Header(
        None, alias="Idempotency-Key", pattern=r"^[!-~]{1,100}$",
        description="同一键、同一内容的请求只执行一次，24 小时内重发得到同样的答复 / The same key "
        "with the same content is carried out once; sent again within 24 hours it is answered "
        "alike",
    ),
]  # fmt: skip


def once(
    request: HttpRequest, key: str | None, facts: object, make: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """The answer of `make`, which is called once for each `key` of this token.

    `facts` is everything that the request asks for. `Conflict` where the key was used for
    something else. A refusal leaves the key free. Of two requests at the same time the second
    waits for the first, because the row of the key and what `make` writes are one transaction.
    """
    if key is None:
        return make()
    asked = hashlib.sha256(
        orjson.dumps([request.method, request.path_info, facts], option=orjson.OPT_SORT_KEYS)
    ).hexdigest()
    now = timezone.now()
    with transaction.atomic():
        Answer.objects.filter(made_at__lt=now - KEPT).delete()
        try:
            with transaction.atomic():
                row = Answer.objects.create(
                    token=request.token, key=key, request_sha256=asked, made_at=now
                )
        except IntegrityError:
            row = Answer.objects.get(token=request.token, key=key)
            if row.request_sha256 != asked:
                raise Conflict(Problem("Idempotency-Key", "api_key_reused", key)) from None
            return row.answer
        row.answer = make()
        row.save(update_fields=["answer"])
    return row.answer
