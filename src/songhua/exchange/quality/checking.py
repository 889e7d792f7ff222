"""Checks a table against its rules in one pass, in memory that does not grow with the table
(but for the keys that have to be unique)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import polars as pl

from songhua.exchange.quality import rules as r
from songhua.exchange.quality.chunks import Examination, Held
from songhua.exchange.quality.conditions import Setting
from songhua.exchange.quality.defect_file import DEFECTS_FILE, DefectFile
from songhua.exchange.quality.reading import Delimited, Framed
from songhua.exchange.quality.report import Defect, Finding, Report, Result
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import date

    from songhua.exchange.quality.reading import Chunk

LISTED = 100
"""Defects of one kind that a report lists; the file has them all."""


def check(
    source: Path | str | pl.LazyFrame,
    rules: r.Rules,
    *,
    day: date | None = None,
    previous_rows: int | None = None,
    references: Mapping[str, Collection[str] | pl.Series] | None = None,
    folder: Path | None = None,
    listed: int = LISTED,
) -> Report:
    """Everything wrong with a CSV file (UTF-8 or GB18030), a Parquet file or a polars table.

    `day` is the civil day of the check, which `Freshness` needs and birth dates are held against;
    `previous_rows` the rows of the delivery before (None: there was none, and `RowDrop` is not
    checked); `references` the key values of the tables that are referred to. At most `listed`
    defects of each kind are in the report; every one is in ``folder/defects.parquet``, which
    appears only when it is complete. Raises `InputError` where the source is no text table or
    something that a rule needs is not given; whatever is wrong with the table is in the report.
    """
    folder = Path(folder) if folder else None
    if folder is None:
        return Check(source, rules, day, previous_rows, references, listed).run()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".check-") as work:
        report = Check(source, rules, day, previous_rows, references, listed).run(Path(work))
        assert report.defects is not None
        return replace(report, defects=report.defects.replace(folder / DEFECTS_FILE))


class Check:
    """One check, as `check` describes it."""

    def __init__(
        self,
        source: Path | str | pl.LazyFrame,
        rules: r.Rules,
        day: date | None,
        previous_rows: int | None,
        references: Mapping[str, Collection[str] | pl.Series] | None,
        listed: int,
    ) -> None:
        references = references or {}
        problems = tuple(_missing(rules, day, references))
        if problems:
            raise InputError(problems)
        self.rules, self.day, self.previous_rows, self.listed = rules, day, previous_rows, listed
        self.source = _opened(source, rules)
        keys = {name: pl.Series(list(values), dtype=pl.String).unique()
                for name, values in references.items()}  # fmt: skip
        self.examination = Examination(rules, self.source.headings, Setting(day, keys))
        self.flaws = tuple(self._headings())
        self._counts: Counter[tuple[int, str, r.Severity]] = Counter()
        self._examples: dict[tuple[int, str], list[Defect]] = {}
        self._dated = [rule for rule in rules.rules if isinstance(rule, r.Freshness)]
        self._newest: dict[str, date] = {}

    def run(
        self,
        work: Path | None = None,
        seen: Callable[[Chunk, pl.DataFrame], None] = lambda chunk, defects: None,
    ) -> Report:
        """The report, its file of defects in `work`; `seen` gets each chunk and its defects."""
        rows = faulty = 0
        writer = DefectFile(work) if work else None
        for chunk in _ahead(self.source.chunks()):
            frame = self.examination.prepared(chunk)
            defects = self.examination.defects(chunk, frame)
            self._count(defects)
            self._note_newest(frame)
            rows += chunk.frame.height + len(chunk.broken)
            faulty += defects.filter(pl.col("severity") == "error")["row"].n_unique()
            if writer:
                writer.write(defects)
            seen(chunk, defects)
        results = tuple(self._results(rows))
        if writer:
            writer.finish(results)
        return Report(
            self.rules.table, self.rules.department, rows, faulty, self.source.encoding, results,
            writer.path if writer else None,
        )  # fmt: skip

    def _headings(self) -> Iterator[Defect]:
        """What is wrong with the headings; nothing in the table can be relied on then."""
        headings = self.source.headings
        if not headings:
            yield Defect(1, None, "quality_empty", "")
            return
        for name, times in Counter(headings).items():
            if times > 1 and name:
                yield Defect(1, name, "quality_heading_twice", name)
        wanted = dict.fromkeys(name for rule in self.rules.rules for name in r.columns_of(rule))
        for name in wanted:
            if name not in headings:
                yield Defect(1, name, "column_missing", name)

    def _count(self, defects: pl.DataFrame) -> None:
        for (at, code, severity), some in defects.group_by("at", "code", "severity"):
            self._counts[at, code, severity] += some.height
            listed = self._examples.setdefault((at, code), [])
            first = some.sort("row").head(self.listed - len(listed))
            listed += [
                Defect(*line)
                for line in first.select("row", "column", "code", "value", "mended").iter_rows()
            ]

    def _note_newest(self, frame: pl.DataFrame) -> None:
        for rule in filter(self.examination.knows, self._dated):
            days = self.examination.cell(rule.column).value.cast(pl.Date)
            newest = frame.select(days.filter(days <= self.day).max()).item()
            if newest is not None:
                self._newest[rule.column] = max(newest, self._newest.get(rule.column, newest))

    def _results(self, rows: int) -> Iterator[Result]:
        flaws = self.flaws
        if not rows and self.source.headings:
            flaws = (*flaws, Defect(None, None, "no_rows", self.rules.table))
        yield Result("table", (), "completeness", 1, tuple(_grouped(flaws)))
        for at, held in enumerate(self.examination.held):
            yield Result(
                held.rule, held.columns, held.dimension, rows, tuple(self._findings(at, held))
            )
        for rule in self.rules.rules:
            if isinstance(rule, r.Freshness):
                yield self._fresh(rule, rows)
            elif isinstance(rule, r.RowDrop):
                yield self._dropped(rule, rows)
            elif not self.examination.knows(rule):
                yield _result(rule, 0)

    def _findings(self, at: int, held: Held) -> Iterator[Finding]:
        expected = {condition.code: condition.expected for condition in held.conditions}
        for (place, code, severity), count in sorted(self._counts.items()):
            if place == at:
                examples = tuple(self._examples[at, code])
                yield Finding(code, severity, count, expected.get(code, ""), examples)

    def _fresh(self, rule: r.Freshness, rows: int) -> Result:
        if not rows or not self.examination.knows(rule):
            return _result(rule, 0)
        assert self.day is not None
        newest = self._newest.get(rule.column)
        if newest is not None and (self.day - newest).days <= rule.days:
            return _result(rule, 1)
        stale = Defect(None, rule.column, "quality_stale", str(newest or ""))
        return _result(rule, 1, stale, f"≤ {rule.days} d, {self.day}")

    def _dropped(self, rule: r.RowDrop, rows: int) -> Result:
        if not self.previous_rows:
            return _result(rule, 0)
        if (self.previous_rows - rows) * 100 <= rule.most_percent * self.previous_rows:
            return _result(rule, 1)
        dropped = Defect(None, None, "quality_row_drop", f"{self.previous_rows} → {rows}")
        return _result(rule, 1, dropped, f"≤ {rule.most_percent}%")


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, each read while the one before is checked."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk


def _result(
    rule: r.AnyRule, checked: int, defect: Defect | None = None, expected: str = ""
) -> Result:
    """The result of a rule about the table as a whole."""
    dimension = r.DIMENSIONS.get(rule.rule, "validity")
    found = () if defect is None else (
        Finding(defect.code, rule.severity, 1, expected, (defect,)),)  # fmt: skip
    return Result(rule.rule, r.columns_of(rule), dimension, checked, found)


def _grouped(flaws: tuple[Defect, ...]) -> Iterator[Finding]:
    for code in dict.fromkeys(flaw.code for flaw in flaws):
        same = tuple(flaw for flaw in flaws if flaw.code == code)
        yield Finding(code, "error", len(same), "", same)


def _missing(
    rules: r.Rules, day: date | None, references: Mapping[str, object]
) -> Iterator[Problem]:
    """What the rules need and nobody gave."""
    for number, rule in enumerate(rules.rules):
        if isinstance(rule, r.Freshness) and day is None:
            yield Problem(f"rules.{number}", "rule_needs_day", rule.column)
        if isinstance(rule, r.Reference) and rule.table not in references:
            yield Problem(f"rules.{number}", "rule_needs_table", rule.table)


def _opened(source: Path | str | pl.LazyFrame, rules: r.Rules) -> Delimited | Framed:
    if isinstance(source, pl.LazyFrame):
        return Framed(source)
    path = Path(source)
    with path.open("rb") as stream:
        if stream.read(4) == b"PAR1":
            try:
                return Framed(pl.scan_parquet(path, glob=False))
            except pl.exceptions.PolarsError as error:
                raise InputError(Problem(path.name, "parquet_damaged", str(error)[:80])) from error
    return Delimited(path, {name for rule in rules.rules for name in r.columns_of(rule)})
