"""The rules again, cell by cell in plain Python, to hold the fast checker against."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from stdnum.cn import ric, uscc

PROVINCES = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
             *range(61, 66), 71, 81, 82, 83}  # fmt: skip
NARROWED = {"credit_code", "resident_id", "mobile"}


def defects(text, rules, day):
    """(row, column, rule, code) of every defect of well-formed CSV text."""
    headings, *rows = csv.reader(io.StringIO(text, newline=""))
    kinds = {r["column"]: r["type"] for r in rules if r["rule"] == "type"}
    wide = {r["column"] for r in rules if r["rule"] in NARROWED}
    wide |= {name for name, kind in kinds.items() if kind != "text"}
    found, seen = set(), set()
    for number, cells in enumerate(rows, start=2):
        if not cells:
            continue
        if len(cells) != len(headings):
            found.add((number, None, "structure", "csv_ragged"))
            continue
        row = {}
        for name, cell in zip(headings, cells, strict=True):
            row[name] = read(cell, name in wide, kinds.get(name, "text"))
            if name in wide and row[name]["narrow"] != row[name]["text"]:
                found.add((number, name, "full_width", "quality_full_width"))
        for rule in rules:
            if code := broken(rule, row, day, seen):
                column = rule.get("column") or rule.get("left") or rule["columns"][0]
                found.add((number, column, rule["rule"], code))
    return found


def read(cell, wide, kind):
    text = cell.strip() or None
    narrow = unicodedata.normalize("NFKC", text).strip() if text and wide else text
    return {"text": text, "narrow": narrow, "value": narrow and value(narrow, kind), "kind": kind}


def value(text, kind):
    if kind in ("integer", "number"):
        if re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?", text, re.A) and text.strip("+-"):
            number = Decimal(text.replace(",", ""))
            return number if kind == "number" or number == int(number) else None
        return None
    if kind == "boolean":
        return {"是": True, "有": True, "true": True, "1": True, "yes": True, "y": True,
                "否": False, "无": False, "false": False, "0": False, "no": False,
                "n": False}.get(text.lower())  # fmt: skip
    if kind == "date":
        text = re.sub(r"[ T]+0?0:00(:00)?$", "", text)
        return the_day(text)
    if kind == "datetime":
        found = re.fullmatch(r"(\S+?)(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", text)
        start = found and the_day(found[1])
        hour, minute, second = (int(x or 0) for x in found.groups()[1:]) if found else (0, 0, 0)
        if not start or hour > 23 or minute > 59 or second > 59:
            return None
        clock = timedelta(hours=hour, minutes=minute, seconds=second)
        return datetime.combine(start, time()) + clock
    return text


def the_day(text):
    for shape in (r"(\d{4})-(\d{1,2})-(\d{1,2})", r"(\d{4})/(\d{1,2})/(\d{1,2})",
                  r"(\d{4})\.(\d{1,2})\.(\d{1,2})", r"(\d{4})(\d\d)(\d\d)",
                  r"(\d{4})年(\d{1,2})月(\d{1,2})日"):  # fmt: skip
        if found := re.fullmatch(shape, text, re.A):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                return None
    return None


def broken(rule, row, day, seen):
    """The code of the first thing wrong under a rule; None where there is none."""
    kind = rule["rule"]
    if kind == "unique":
        key = tuple(row[name]["narrow"] for name in rule["columns"])
        if None in key:
            return None
        again = (*rule["columns"], key) in seen
        seen.add((*rule["columns"], key))
        return "row_twice" if again else None
    if kind == "compare":
        left, right = row[rule["left"]]["value"], row[rule["right"]]["value"]
        ok = left is None or right is None or {
            "<=": lambda: left <= right, "<": lambda: left < right, "=": lambda: left == right,
            "!=": lambda: left != right, ">=": lambda: left >= right, ">": lambda: left > right,
        }[rule["operator"]]()  # fmt: skip
        return None if ok else "quality_compare"
    cell = row[rule["column"]]
    if cell["text"] is None:
        return "cell_empty" if kind == "required" else None
    return OTHERS[kind](rule, cell, day) if kind in OTHERS else None


def of_type(rule, cell, day):
    code = {"integer": "int64", "number": "float64"}.get(rule["type"], rule["type"])
    return f"cell_not_{code}" if cell["value"] is None else None


def in_range(rule, cell, day):
    if cell["value"] is None:
        return None
    if "low" in rule and cell["value"] < rule["low"]:
        return "cell_too_low"
    return "cell_too_high" if "high" in rule and cell["value"] > rule["high"] else None


def of_length(rule, cell, day):
    if len(cell["text"]) < rule.get("least", 0):
        return "quality_too_short"
    return "quality_too_long" if len(cell["text"]) > rule["most"] else None


def credit(rule, cell, day):
    code = cell["narrow"].upper()
    if len(code) != 18 or set(code) - set("0123456789ABCDEFGHJKLMNPQRTUWXY"):
        return "quality_credit_code"
    if not re.fullmatch("[0-9]{6}", code[2:8]):
        return "quality_credit_code"
    return None if uscc.calc_check_digit(code[:17]) == code[17] else "uscc_check_digit"


def resident(rule, cell, day):
    number = cell["narrow"].upper()
    old = re.fullmatch("[0-9]{15}", number)
    if not old and not re.fullmatch("[0-9]{17}[0-9X]", number):
        return "quality_resident_id"
    if int(number[:2]) not in PROVINCES:
        return "quality_resident_region"
    birth = the_day("19" + number[6:12] if old else number[6:14])
    if birth is None or not date(1900, 1, 1) <= birth <= day:
        return "quality_resident_birth"
    if old:
        return "quality_resident_old"
    return None if ric.calc_check_digit(number) == number[17] else "quality_resident_check"


OTHERS = {
    "type": of_type,
    "range": in_range,
    "length": of_length,
    "credit_code": credit,
    "resident_id": resident,
    "pattern": lambda r, c, d: None if re.fullmatch(r["pattern"], c["text"]) else "quality_pattern",
    "codes": lambda r, c, d: None if c["text"] in r["codes"] else "cell_choice",
    "mobile": lambda r, c, d: (
        None if re.fullmatch("1[3-9][0-9]{9}", c["narrow"]) else "quality_mobile"
    ),
}
