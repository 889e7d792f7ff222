"""The door: what comes in must be the kind of file it says it is, and no larger than it looks."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from songhua.tables.limits import Kind, Limits, refuse
from songhua.tables.workbook import inspect

if TYPE_CHECKING:
    from songhua.tables.sheetxml import SheetFacts

_KINDS: dict[str, Kind] = {".xlsx": "xlsx", ".csv": "csv", ".tsv": "tsv"}
_REFUSED = {
    ".xls": "upload_xls",
    ".et": "upload_xls",
    ".xlsb": "upload_xls",
    ".xlt": "upload_xls",
    ".xlsm": "upload_macros",
    ".xltm": "upload_macros",
    ".ods": "upload_ods",
}
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (b"PK\x03\x04", b"PK\x05\x06", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x89PNG")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|\?xml|html|table|head|meta|body)", re.I)


def check_upload(path_or_bytes: Path | bytes, filename: str, limits: Limits | None = None) -> Kind:
    """The kind of the file, or an `InputError` that says why it is refused and what to do.

    Rows and columns of CSV files are counted while they are read.

    >>> check_upload(b"a,b\\n1,2\\n", "june.csv")
    'csv'
    """
    limits = limits or Limits()
    if isinstance(path_or_bytes, Path):
        _check_size(path_or_bytes.stat().st_size, filename, limits)
        path_or_bytes = path_or_bytes.read_bytes()
    return examine(path_or_bytes, filename, limits)[0]


def examine(data: bytes, filename: str, limits: Limits) -> tuple[Kind, dict[str, SheetFacts]]:
    """As `check_upload`, with what was learned of the sheets on the way."""
    kind = _kind(filename)
    _check_size(len(data), filename, limits)
    if not data:
        raise refuse(filename, "upload_empty")
    if data.startswith(_COMPOUND):
        sealed = "EncryptedPackage".encode("utf-16-le") in data
        raise refuse(filename, "upload_encrypted" if sealed else "upload_xls")
    if kind == "xlsx":
        if not data.startswith(b"PK\x03\x04"):
            raise refuse(filename, "upload_html" if _HTML.match(data) else "upload_not_workbook")
        return kind, inspect(data, filename, limits)
    if data.startswith(_OTHERS):
        raise refuse(filename, "upload_not_text")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(filename, "upload_utf16")
    if (found := _CONTROL.search(data)) is not None:
        raise refuse(filename, "upload_binary", found.start())
    if _HTML.match(data):
        raise refuse(filename, "upload_html")
    return kind, {}


def _check_size(size: int, filename: str, limits: Limits) -> None:
    if size > limits.max_bytes:
        raise refuse(shown(filename), "upload_too_large", f"{limits.max_bytes / 2**20:g} MiB")


def shown(filename: str) -> str:
    """A file name that is safe to print: no control or direction marks, at most 80 characters.

    >>> shown("a" + chr(0x202E) + "xslx.exe")
    'a?xslx.exe'
    """
    return "".join("?" if unicodedata.category(c)[0] == "C" else c for c in filename[:80])


def _kind(filename: str) -> Kind:
    if (
        len(filename.encode("utf-8", "replace")) > 255
        or shown(filename) != filename[:80]
        or any(unicodedata.category(c)[0] == "C" for c in filename)
        or re.search(r'[/\\:*?"<>|]', filename)
        or filename != filename.strip()
        or filename.startswith(".")
    ):
        raise refuse(shown(filename), "upload_name")
    extension = "." + filename.rpartition(".")[2].lower() if "." in filename else ""
    if extension in _REFUSED:
        raise refuse(filename, _REFUSED[extension])
    if extension not in _KINDS:
        raise refuse(filename, "upload_extension", extension)
    return _KINDS[extension]
