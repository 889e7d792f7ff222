"""The one door to the exchange's data: a question and the grants of who asks become a plan.

`plan` is a pure function of what it is given and remembers nothing, so a grant that is no longer
passed (revoked, expired) opens nothing from that moment on. Every route (JSON rows, SQL, files,
SensorThings filters, MQTT topics) writes its question as one SELECT and takes it through here:

    grants → `plan` → `Plan` → `execute` → rows

Two parsers look at a question: sqlglot's tree is held against a closed vocabulary and every
dataset in it replaced by what the grant leaves of it; DuckDB then binds the text on empty tables.
From its second step on, `plan` sees only what is granted: what is forbidden and what does not
exist are the same to it, in its answers too.
"""

from songhua.exchange.enforcement.cut import check_grant, columns_for, row_filter
from songhua.exchange.enforcement.deidentify import (
    PLAIN,
    Band,
    Mask,
    Numbered,
    Plain,
    Prefix,
    Pseudonym,
    Year,
)
from songhua.exchange.enforcement.execution import Limits, Readers, execute
from songhua.exchange.enforcement.grants import Grant
from songhua.exchange.enforcement.pages import Pages
from songhua.exchange.enforcement.planning import Plan, plan
from songhua.exchange.enforcement.volume import Usage

__all__ = [
    "PLAIN",
    "Band",
    "Grant",
    "Limits",
    "Mask",
    "Numbered",
    "Pages",
    "Plain",
    "Plan",
    "Prefix",
    "Pseudonym",
    "Readers",
    "Usage",
    "Year",
    "check_grant",
    "columns_for",
    "execute",
    "plan",
    "row_filter",
]
