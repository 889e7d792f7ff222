"""All defects of a table in one Parquet file, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from songhua.exchange.quality.chunks import DEFECTS

if TYPE_CHECKING:
    from pathlib import Path

    from songhua.exchange.quality.report import Result

DEFECTS_FILE = "defects.parquet"
_WHOLE = ("table", "freshness", "row_drop")


class DefectFile:
    """The file of all defects, written chunk by chunk."""

    def __init__(self, work: Path) -> None:
        import pyarrow.parquet as pq

        self.path = work / DEFECTS_FILE
        self._schema = pl.DataFrame(schema=DEFECTS).drop("at").to_arrow().schema
        self._file = pq.ParquetWriter(self.path, self._schema)

    def write(self, defects: pl.DataFrame) -> None:
        """Add a chunk's defects, row by row."""
        if defects.height:
            table = defects.sort("row", "at", maintain_order=True).drop("at").to_arrow()
            self._file.write_table(table.cast(self._schema))

    def finish(self, results: tuple[Result, ...]) -> None:
        """Add the defects of the table as a whole, and close."""
        lines = [
            (-1, d.row, d.column, result.rule, d.code, finding.severity, d.value, d.mended)
            for result in results
            if result.rule in _WHOLE
            for finding in result.findings
            for d in finding.examples
        ]
        self.write(pl.DataFrame(lines, DEFECTS, orient="row"))
        self._file.close()
