"""Scans the XML of a workbook, in chunks and without entities, before any reader allocates for it.

Besides the extent, it keeps what the fast reader drops: which cells are errors and which are shown
as percentages (37.5 % is stored as 0.375, and nothing else tells the two apart).
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from songhua.tables.grid import address
from songhua.tables.limits import Limits, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


@dataclass
class SheetFacts:
    """What the scan of one sheet saw, positions from zero."""

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: set[tuple[int, int]] = field(default_factory=set)


def parse(
    chunks: Iterable[bytes],
    where: str,
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None] | None = None,
) -> None:
    """Feed `chunks` to the handlers. Always read as UTF-8; document types are refused."""

    def doctype(*_: object) -> None:
        raise refuse(where, "upload_doctype")

    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise refuse(where, "upload_xml_damaged", str(error)) from error


def local(name: str) -> str:
    """The name without its prefix.

    >>> local("x:sheetData")
    'sheetData'
    """
    return name.rpartition(":")[2]


def string_lengths(chunks: Iterable[bytes], where: str, limits: Limits) -> array[int]:
    """The length of every shared string, in order."""
    lengths = array("L")

    def start(name: str, _: dict[str, str]) -> None:
        if local(name) == "si":
            if len(lengths) >= limits.max_cells:
                raise refuse(where, "upload_too_many_cells", limits.max_cells)
            lengths.append(0)

    def text(value: str) -> None:
        if lengths:
            lengths[-1] += len(value)

    parse(chunks, where, start, text)
    return lengths


def percent_styles(chunks: Iterable[bytes], where: str) -> frozenset[str]:
    """The style numbers (attribute s of a cell) whose number format shows a percentage."""
    formats = {"9", "10"}
    styles: set[str] = set()
    section, count = "", 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal section, count
        name = local(name)
        if name == "numFmt" and "%" in _QUOTED.sub("", attributes.get("formatCode", "")):
            formats.add(attributes.get("numFmtId", ""))
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            section = name
        elif name == "xf" and section == "cellXfs":
            if attributes.get("numFmtId") in formats:
                styles.add(str(count))
            count += 1

    parse(chunks, where, start)
    return frozenset(styles)


def scan_sheet(
    chunks: Iterable[bytes],
    where: str,
    limits: Limits,
    lengths: Sequence[int] = (),
    percents: frozenset[str] = frozenset(),
) -> SheetFacts:
    """Walk every cell of a sheet; refused as soon as it reaches beyond `limits`.

    Only cells with content count: offices often format whole columns down to row 1048576, and the
    reader ignores those. Cells and rows without an address follow the one before them.
    """
    facts = SheetFacts()
    row = column = -1
    kind = ""
    pending: list[str] = []
    elements = cells = characters = 0
    known: dict[str, int] = {}
    longest = max(lengths, default=0)
    most, last_row, last_column = limits.max_cells, limits.last_row, limits.max_columns

    def settle() -> None:
        nonlocal characters, kind
        text = "".join(pending).strip()
        if kind == "e value":
            facts.errors[row, column] = text[:80]
        elif kind == "s value":
            known_index = text.isascii() and text.isdigit() and len(text) < 10
            index = int(text) if known_index else len(lengths)
            characters += lengths[index] if index < len(lengths) else longest
            if characters > limits.max_unpacked_bytes:
                raise refuse(where, "upload_unpacks_too_large", address(row, column))
        pending.clear()
        kind = ""

    def place(reference: str) -> None:
        nonlocal row, column
        found = _ADDRESS.fullmatch(reference)
        if found is None:
            raise refuse(where, "upload_xml_damaged", reference[:40])
        name, number = found[1], int(found[2]) - 1
        if number < row or number < 0:
            raise refuse(where, "upload_xml_damaged", reference)
        row = number
        if (index := known.get(name)) is None:
            index = -1
            for letter in name:
                index = (index + 1) * 26 + ord(letter) - 65
            known[name] = index
        column = index

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, elements, cells
        elements += 1
        if ":" in name:
            name = local(name)
        if name == "c":
            if kind:
                settle()
            cells += 1
            if cells > most:
                raise refuse(where, "upload_too_many_cells", most)
            if (reference := attributes.get("r")) is not None:
                place(reference)
            else:
                column += 1
            kind = attributes.get("t", "")
            if kind not in ("s", "e"):
                kind = ""
            if percents and attributes.get("s") in percents:
                facts.percents.add((row, column))
        elif name in ("v", "is", "f"):
            if kind and name == "v":
                if kind.endswith("value"):  # a second one: which would the reader take?
                    raise refuse(where, "upload_xml_damaged", address(row, column))
                pending.clear()
                kind += " value"
            if row >= facts.rows:
                facts.rows = row + 1
            if column >= facts.columns:
                facts.columns = column + 1
            if row >= last_row or column >= last_column or facts.rows * facts.columns > most:
                raise refuse(where, "upload_sheet_too_large", address(max(row, 0), max(column, 0)))
        elif name == "row":
            if kind:
                settle()
            number = attributes.get("r")
            if number is None:
                row += 1
            elif number.isascii() and number.isdigit() and row < int(number) <= 1_048_576:
                row = int(number) - 1
            else:
                raise refuse(where, "upload_xml_damaged", number[:40])
            column = -1
        if elements > 4 * most:
            raise refuse(where, "upload_too_many_cells", most)

    def text(value: str) -> None:
        if kind:
            pending.append(value)

    parse(chunks, where, start, text)
    if kind:
        settle()
    return facts
