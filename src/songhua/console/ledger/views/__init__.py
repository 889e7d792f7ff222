"""Views read the request, call one service or selector, and answer."""

from songhua.console.ledger.views.cycle import (
    document_file,
    document_issue,
    document_publish,
    documents,
    month_approve,
    month_close,
    months,
)
from songhua.console.ledger.views.grid import export, grid, paste
from songhua.console.ledger.views.imports import (
    import_batch,
    import_errors,
    import_template,
    import_upload,
    imports,
)
from songhua.console.ledger.views.notices import notice_answer, notice_resolve, notices
from songhua.console.ledger.views.plan import (
    indicator,
    indicator_report,
    indicators,
    obligation,
    obligations,
    official_text,
    programme,
)
from songhua.console.ledger.views.records import records, task_records
from songhua.console.ledger.views.system import (
    audit,
    audit_verify,
    districts_geojson,
    health,
    live,
    set_language,
)
from songhua.console.ledger.views.task import (
    evidence_decide,
    evidence_file,
    task,
    task_act,
    task_decide,
    task_evidence,
    task_new,
    task_plan,
    task_report,
    task_submit,
    task_trigger,
)
from songhua.console.ledger.views.wall import home, todo, unit, wall

__all__ = [
    "audit", "audit_verify", "districts_geojson", "document_file", "document_issue",
    "document_publish", "documents", "evidence_decide", "evidence_file", "export", "grid",
    "health", "home", "import_batch", "import_errors", "import_template", "import_upload",
    "imports", "indicator", "indicator_report", "indicators", "live", "month_approve",
    "month_close", "months", "notice_answer", "notice_resolve", "notices", "obligation",
    "obligations", "official_text", "paste", "programme", "records", "set_language", "task",
    "task_act", "task_decide", "task_evidence", "task_new", "task_plan", "task_records",
    "task_report", "task_submit", "task_trigger", "todo", "unit", "wall",
]  # fmt: skip
