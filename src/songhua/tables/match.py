"""From a grid to records: one record per row, or every problem at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.tables.header import check, locate
from songhua.tables.rows import Field, Keys, Problems, Record, cell_value, data_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from songhua.tables.grid import Grid


def match(
    grid: Grid,
    fields: Sequence[Field],
    *,
    key: tuple[str, ...],
    allow: Collection[str] = (),
) -> list[Record]:
    """The records under the header of `grid`, or one `InputError` with everything to mend.

    The header (one to three rows) is looked for in the first 15 rows. Columns that belong to no
    field are refused unless their heading is in `allow`. Empty rows, totals and notes are passed
    over; no two records may share the values of `key`.

    >>> from songhua.kit.figures import percent, plain
    >>> from songhua.tables.read import read_pasted
    >>> unit = Field("unit", ("责任单位", "Unit"), lambda cell, where: plain(cell))
    >>> progress = Field("progress", ("完成进度(%)", "Progress"), percent)
    >>> grid = read_pasted("六月\\n责任 单位\\t完成进度（％）\\n科技局\\t３７.5\\n合 计\\t37.5")
    >>> match(grid, [unit, progress], key=("unit",))
    [Record(row=3, values={'unit': '科技局', 'progress': Decimal('37.5')})]
    """
    header = locate(grid, fields)
    check(grid, header, fields, allow)
    columns = {field.name: column for column, field in header.fields.items()}
    owned = [(column, field) for column, field in sorted(header.fields.items())]
    absent = {field.name: None for field in fields if field.name not in columns}
    problems = Problems(grid.name)
    keys = Keys(key)
    records = []
    for number in data_rows(grid, header, header.fields):
        values: dict[str, object] = dict(absent)
        for column, field in owned:
            values[field.name] = cell_value(grid, header, number, column, field, problems)
        record = Record(number + 1, values, columns)
        keys.add(record, problems)
        records.append(record)
    problems.settle()
    return records
