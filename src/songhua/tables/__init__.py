"""Tables as offices send them: checked at the door, read exactly, matched by heading.

``check_upload`` → ``read`` → ``match`` or ``unpivot``; ``to_csv``, ``to_xlsx``, ``error_sheet``
and ``annotated_copy`` go the other way.
"""

from songhua.tables.grid import Cell, Grid
from songhua.tables.guard import check_upload
from songhua.tables.limits import Kind, Limits
from songhua.tables.match import match
from songhua.tables.read import read, read_pasted
from songhua.tables.report import annotated_copy, error_sheet
from songhua.tables.rows import Field, Record
from songhua.tables.unpivot import unpivot
from songhua.tables.write import to_csv, to_xlsx

__all__ = [
    "Cell",
    "Field",
    "Grid",
    "Kind",
    "Limits",
    "Record",
    "annotated_copy",
    "check_upload",
    "error_sheet",
    "match",
    "read",
    "read_pasted",
    "to_csv",
    "to_xlsx",
    "unpivot",
]
