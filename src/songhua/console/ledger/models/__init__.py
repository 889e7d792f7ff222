"""The ledger's records. Figures are appended and superseded, never overwritten."""

from songhua.console.ledger.models.audit import AuditEntry
from songhua.console.ledger.models.months import (
    CalendarYear,
    MonthlyPlan,
    MonthlyReport,
    MonthWindow,
    UnitScore,
)
from songhua.console.ledger.models.oversight import Notice, Trigger
from songhua.console.ledger.models.paper import Document, ImportBatch, OfficialText
from songhua.console.ledger.models.programme import (
    Indicator,
    IndicatorTarget,
    IndicatorValue,
    Obligation,
)
from songhua.console.ledger.models.tasks import Acceptance, Evidence, Task

__all__ = [
    "Acceptance",
    "AuditEntry",
    "CalendarYear",
    "Document",
    "Evidence",
    "ImportBatch",
    "Indicator",
    "IndicatorTarget",
    "IndicatorValue",
    "MonthWindow",
    "MonthlyPlan",
    "MonthlyReport",
    "Notice",
    "Obligation",
    "OfficialText",
    "Task",
    "Trigger",
    "UnitScore",
]
