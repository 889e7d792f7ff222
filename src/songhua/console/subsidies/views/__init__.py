"""Views read the request, call one service or selector, and answer."""

from songhua.console.subsidies.views.applications import (
    application,
    application_edit,
    application_new,
    application_step,
    applications,
    letter_file,
    letter_issue,
    paper_file,
    paper_new,
)
from songhua.console.subsidies.views.calculator import calculator, calculator_rule
from songhua.console.subsidies.views.combination import calculator_combination
from songhua.console.subsidies.views.comparison import calculator_compare
from songhua.console.subsidies.views.funds import (
    budget_set,
    budgets,
    payments_export,
    recovery_act,
)
from songhua.console.subsidies.views.registry import (
    entitled,
    entitled_draft,
    merge_decide,
    subject,
    subject_act,
    subject_new,
    subjects,
)
from songhua.console.subsidies.views.review import (
    case_file_conclude,
    case_files,
    objection_answer,
    objection_new,
    panel_application,
    panel_score,
    panels,
    public_notices,
)
from songhua.console.subsidies.views.what_if import what_if

__all__ = [
    "application", "application_edit", "application_new", "application_step", "applications",
    "budget_set", "budgets", "calculator", "calculator_combination", "calculator_compare",
    "calculator_rule", "case_file_conclude", "case_files", "entitled", "entitled_draft",
    "letter_file", "letter_issue", "merge_decide", "objection_answer", "objection_new",
    "panel_application", "panel_score", "panels", "paper_file", "paper_new", "payments_export",
    "public_notices", "recovery_act", "subject", "subject_act", "subject_new", "subjects",
    "what_if",
]  # fmt: skip
