"""A table as a file: asked through the door, where a grant allows files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from django.conf import settings

from songhua.console.exchange import formats
from songhua.console.exchange.services import door
from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.exchange.models import Distribution
    from songhua.console.people.models import User


@dataclass(frozen=True)
class Export:
    """A file, to be read and closed, and the index of its delivery in the evidence log."""

    file: IO[bytes]
    receipt: int


FORMS = ("csv", "json", "xlsx", "parquet")


def whole(caller: User | None, table: Distribution, form: str, purpose: str = "") -> Export:
    """All rows of a table that `caller` may see, written to a file without a name on disk.

    Raises `NotAllowed` where the grant allows no files, `InputError` where nothing may be seen.
    """
    opened = door.open_tables(caller, [table], purpose)
    answer = opened.ask(f'SELECT * FROM "{table.sql_name}"')
    if not answer.may_export:
        raise NotAllowed(Problem("form", "exchange_export_denied"))
    out = tempfile.TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115 (its reader closes it)
    try:
        rows = formats.write(form, answer.columns, answer.batches, out)
        receipt = door.settle(caller, answer, f"file:{form}", rows, out.tell())
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return Export(out, receipt)
