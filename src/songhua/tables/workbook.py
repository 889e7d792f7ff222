"""The parts of an xlsx file that must be known before a reader opens it."""

from __future__ import annotations

import posixpath
import re

from songhua.tables.archive import inflate, members, weigh
from songhua.tables.limits import Limits, refuse
from songhua.tables.sheetxml import (
    SheetFacts,
    local,
    parse,
    percent_styles,
    scan_sheet,
    string_lengths,
)

_MARKS = re.compile(
    rb"[<:](?:sheetData|sst)(?=[\s/>])|<!DOCTYPE|<!ENTITY|macroEnabled|oasis\.opendocument"
)


def inspect(data: bytes, where: str, limits: Limits) -> dict[str, SheetFacts]:
    """Every worksheet by name, checked against `limits`.

    A member is known by what it contains, not by where it lies: whatever holds sheet data is
    scanned, so that no relationship can lead the reader to a sheet that was not.
    """
    marks = weigh(data, where, limits, _MARKS)
    parts = {member.name.casefold(): member for member in members(data, where, limits)}
    seen = set().union(*marks.values()) if marks else set()
    if "mimetype" in parts or b"oasis.opendocument" in marks.get("META-INF/manifest.xml", ()):
        raise refuse(where, "upload_ods")
    if b"macroEnabled" in marks.get("[Content_Types].xml", ()) or "xl/vbaproject.bin" in parts:
        raise refuse(where, "upload_macros")
    if "xl/workbook.xml" not in parts:
        raise refuse(where, "upload_not_workbook")
    if seen & {b"<!DOCTYPE", b"<!ENTITY"}:
        raise refuse(where, "upload_doctype")
    strings = [name for name, found in marks.items() if found & {b"<sst", b":sst"}]
    if len(strings) > 1:
        raise refuse(where, "upload_xml_damaged", strings[1])

    lengths = (
        string_lengths(inflate(data, parts[strings[0].casefold()]), where, limits)
        if strings
        else ()
    )
    styles = parts.get("xl/styles.xml")
    percents = percent_styles(inflate(data, styles), where) if styles else frozenset()
    facts = {
        name.casefold(): scan_sheet(
            inflate(data, parts[name.casefold()]), f"{where} {name}", limits, lengths, percents
        )
        for name, found in marks.items()
        if found & {b"<sheetData", b":sheetData"}
    }
    return {
        name: facts.get(path.casefold(), SheetFacts())
        for name, path in _sheet_paths(data, where, limits).items()
    }


def _sheet_paths(data: bytes, where: str, limits: Limits) -> dict[str, str]:
    """The member of every sheet, by the sheet's name."""
    parts = {member.name.casefold(): member for member in members(data, where, limits)}
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "sheet" and "name" in attributes:
            links = [value for key, value in attributes.items() if key.endswith(":id")]
            sheets[attributes["name"]] = links[0] if links else ""

    def link(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship":
            target = posixpath.join("/xl", attributes.get("Target", ""))
            targets[attributes.get("Id", "")] = posixpath.normpath(target).lstrip("/")

    parse(inflate(data, parts["xl/workbook.xml"]), where, sheet)
    if (links := parts.get("xl/_rels/workbook.xml.rels")) is not None:
        parse(inflate(data, links), where, link)
    return {name: targets.get(link, "") for name, link in sheets.items()}
