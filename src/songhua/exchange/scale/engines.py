"""The engines behind one door, each with the two tables that the questions are about.

DuckDB reads the telemetry store's Parquet files where they lie; so does Spark, on as many machines
as it has; PostgreSQL has them in tables of the same names, which `load` fills.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ibis.expr.types import Table

READINGS, DEVICES = "scale_readings", "scale_devices"
COLUMNS = {
    "device_id": "string", "metric": "string", "ts_us": "int64", "value": "float64",
    "quality": "int64",
}  # fmt: skip
REGISTER = {"device_id": "string", "district": "string", "expected_s": "int64"}

_SQL = {
    "string": "text", "large_string": "text", "string_view": "text", "int64": "bigint",
    "double": "double precision",
}  # fmt: skip


class Engine:
    """An open engine. `close` it, or use it in a ``with``."""

    def __init__(self, url: str = "duckdb://") -> None:
        """``duckdb://``, ``postgresql://…`` or ``spark://…`` (``spark://local[2]`` for one within
        this process). Raises ``scale_engine_unknown``."""
        scheme = url.partition("://")[0]
        self.kind = "postgresql" if scheme == "postgres" else scheme
        opened = {"duckdb": _duckdb, "postgresql": _postgresql, "spark": _spark}.get(self.kind)
        if opened is None:
            raise InputError(Problem("engine", "scale_engine_unknown", url[:80]))
        self.backend: Any = opened(url)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the engine go."""
        if self.kind == "spark":
            self.backend._session.stop()
        else:
            self.backend.disconnect()

    def files(self, readings: Sequence[Path], devices: Sequence[Path]) -> tuple[Table, Table]:
        """The tables in Parquet files: readings as the telemetry store writes them (``ts_utc`` an
        instant), and the register."""
        return self._stored(readings), self._read(devices, "scale_devices_files").select(*REGISTER)

    def _stored(self, paths: Sequence[Path]) -> Table:
        table = self._read(paths, "scale_readings_files")
        micros = _micros(self.kind, table)
        return table.mutate(ts_us=micros, quality=table.quality.cast("int64")).select(*COLUMNS)

    def _read(self, paths: Sequence[Path], name: str) -> Table:
        if self.kind == "postgresql":
            raise InputError(Problem("engine", "scale_engine_no_files", self.kind))
        return self.backend.read_parquet([str(path) for path in paths], table_name=name)

    def load(self, readings: Any, devices: Any) -> tuple[Table, Table]:
        """The tables, filled from two pyarrow tables of `COLUMNS` and `REGISTER`. On PostgreSQL
        they are temporary: gone when the engine is closed."""
        for name, rows in ((READINGS, readings), (DEVICES, devices)):
            if self.kind == "spark":
                frame = self.backend._session.createDataFrame(rows.to_pandas())
                frame.createOrReplaceTempView(name)
            elif self.kind == "duckdb":
                self.backend.con.register(name, rows)
            else:
                schema = ", ".join(f"{field.name} {_SQL[str(field.type)]}" for field in rows.schema)
                columns = ", ".join(rows.column_names)
                with self.backend.con.cursor() as cursor:
                    cursor.execute(f"CREATE TEMPORARY TABLE {name} ({schema})")
                    with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                        for batch in rows.to_batches():
                            for row in zip(*batch.to_pydict().values(), strict=True):
                                copy.write_row(row)
        return self.backend.table(READINGS), self.backend.table(DEVICES)


def _micros(kind: str, table: Table) -> Any:
    """The instant as microseconds since 1970: the one thing that each engine says in its own
    way, since a cast would drop what is finer than a second."""
    import ibis

    name = "epoch_us" if kind == "duckdb" else "unix_micros"

    def micros(at):  # type: ignore[no-untyped-def]
        """Of the engine's own."""

    made: Any = ibis.udf.scalar.builtin(
        micros, name=name, signature=((table.ts_utc.type(),), "int64")
    )
    return made(table.ts_utc)


def _duckdb(url: str) -> Any:
    import ibis

    return ibis.duckdb.connect()


def _postgresql(url: str) -> Any:
    import ibis

    return ibis.connect(url)


def _spark(url: str) -> Any:
    import ibis
    from pyspark.sql import SparkSession

    master = url.removeprefix("spark://")
    master = master if master.startswith("local") else url
    session = (
        SparkSession.builder.master(master)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.ansi.enabled", "false")
        .getOrCreate()
    )
    return ibis.pyspark.connect(session)
