"""Where columns go when somebody asks in SQL: noted once for each question."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from songhua.console import clock
from songhua.console.exchange.models import Distribution, Flow

if TYPE_CHECKING:
    from songhua.console.people.models import User

PUBLIC = "public"
LONGEST = 100  # characters of a column of an answer
MOST_NOTED = 4096

log = logging.getLogger("songhua.exchange")
_noted: OrderedDict[tuple[str, str], None] = OrderedDict()
_lock = Lock()


def note(caller: User | None, query: str) -> None:
    """Note of which columns the answer to `query`, which has been given to `caller`, is made. What
    cannot be told is left out: the answer is not held up for it."""
    from sqlglot.errors import SqlglotError

    to = caller.unit.code if caller and caller.unit else PUBLIC
    if not _new((to, query)):
        return
    words = set(re.findall(r"\w+", query.lower()))
    tables = Distribution.objects.filter(sql_name__in=words, current__isnull=False)
    try:
        _keep(to, query, list(tables.select_related("current")))
    except SqlglotError:
        log.info("the lineage of a question could not be told")


def _new(key: tuple[str, str]) -> bool:
    """Whether a question is asked for the first time, as far as this process remembers."""
    with _lock:
        if key in _noted:
            return False
        _noted[key] = None
        if len(_noted) > MOST_NOTED:
            _noted.popitem(last=False)
    return True


def _keep(to: str, query: str, tables: list[Distribution]) -> None:
    from songhua.exchange.lineage import edges_of_query

    schemas = {str(table.sql_name): table.current.schema() for table in tables}
    entries = {str(table.sql_name): table.entry_id for table in tables}
    now = clock.now()
    Flow.objects.bulk_create(
        (
            Flow(entry_id=entries[edge.source.dataset], column=edge.source.column, to=to,
                 target=edge.target.column[:LONGEST], kind=edge.kind, first_at=now)
            for edge in edges_of_query(query, schemas, "answer")
        ),
        ignore_conflicts=True,
    )  # fmt: skip
