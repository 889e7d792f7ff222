"""Views read the request, call one service or selector, and answer."""

from songhua.console.cooperation.views.panels import contest_panel, contest_panels
from songhua.console.cooperation.views.records import (
    cooperation,
    cooperation_edit,
    cooperation_file,
    cooperation_new,
    cooperation_record,
    cooperation_records,
)
from songhua.console.cooperation.views.steps import cooperation_act
from songhua.console.cooperation.views.tables import (
    cooperation_export,
    cooperation_import,
    cooperation_template,
)

__all__ = [
    "contest_panel", "contest_panels", "cooperation", "cooperation_act", "cooperation_edit",
    "cooperation_export", "cooperation_file", "cooperation_import", "cooperation_new",
    "cooperation_record", "cooperation_records", "cooperation_template",
]  # fmt: skip
